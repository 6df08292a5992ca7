"""Where a unit stands: what it owes, what it has said, what it falls short of."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from catalogue import load, target
from catalogue.calendar import HANOI
from catalogue.model import Answer, Indicator
from catalogue.shortfall import Shortfall, assess
from catalogue.standing import CellState, Reported, Standing, needs_a_person, office_answers

BOOK = load.all()["2024-qd55"]
NOW = datetime(2024, 11, 25, 9, tzinfo=HANOI)


def said(measure: str, answer: Answer, stage: str = "waiting") -> Reported:
    return Reported(1, measure, answer, date(2024, 11, 25), NOW, 1, "An", stage)  # type: ignore[arg-type]


def standing(*reports: Reported, codes: tuple[str, ...] = ("NQ01.1", "NQ02.1", "NQ01.6.2")) -> Standing:
    return Standing(BOOK, "CCKL", "Chi cục Kiểm lâm", codes, {one.measure: one for one in reports})


def test_two_indicators_of_one_measure_are_asked_once_in_printed_order() -> None:
    assert standing(codes=("NQ01.6.2", "NQ02.1", "NQ01.1")).measures == ("M01", "M08")


def test_only_the_units_own_indicators_are_judged() -> None:
    one = standing(codes=("NQ02.1",))
    assert [row.code for row in one.judged("M01")] == ["NQ02.1"]
    assert [row.code for row in standing().rows(["M08", "M01"])] == ["NQ01.6.2", "NQ01.1", "NQ02.1"]


@pytest.mark.parametrize(
    ("report", "owed"),
    [
        (said("M08", Answer.fraction(58, 60)), ("M01",)),
        (said("M08", Answer.fraction(58, 60), "accepted"), ("M01",)),
        (said("M08", Answer.fraction(58, 60), "returned"), ("M01", "M08")),
        (said("M08", Answer("no_data_yet")), ("M01", "M08")),
        (said("M08", Answer("na")), ("M01",)),
        (said("M08", Answer("not_applicable")), ("M01",)),
    ],
)
def test_what_is_owed(report: Reported, owed: tuple[str, ...]) -> None:
    one = standing(report)
    assert one.owed == owed
    assert one.complete is False
    assert one.silent is False


def test_late_is_what_came_after_the_day_of_the_deadline() -> None:
    one = standing(said("M01", Answer.fraction(39, 50)))
    assert [replace(one, deadline=date(2024, 11, day)).late("M01") for day in (24, 25, 26)] == [True, False, False]
    assert not replace(one, deadline=date(2024, 11, 24)).late("M08")


def test_silent_is_who_has_said_nothing_of_something_asked() -> None:
    assert standing().silent
    assert not standing(codes=()).silent
    assert standing(codes=()).complete


def test_falls_short_of_one_target_and_reaches_the_other() -> None:
    one = replace(standing(said("M01", Answer.fraction(39, 50))), explained={"M01": "đường truyền"})
    (short,) = one.shortfalls
    assert (short.indicator.code, short.lacking.gap, short.lacking.more) == ("NQ02.1", Fraction(2), 1)
    assert short.answer == Answer.fraction(39, 50)
    assert short.explained == "đường truyền"


def test_a_reason_given_for_another_measure_explains_nothing() -> None:
    one = replace(standing(said("M01", Answer.fraction(39, 50))), explained={"M08": "đường truyền"})
    assert one.shortfalls[0].explained == ""


def test_gaps_change_with_the_figure_and_are_empty_without_a_shortfall() -> None:
    less, more = (standing(said("M01", Answer.fraction(n, 50))) for n in (38, 39))
    assert less.gaps != more.gaps
    assert less.gaps == standing(said("M01", Answer.fraction(38, 50))).gaps
    assert len(less.gaps) == 64
    assert standing(said("M01", Answer.fraction(50, 50))).gaps == ""


# How a row stands.

ROW = BOOK.by_code["NQ02.1"]
WORDED = replace(ROW, target=target.read("Thường xuyên", "%"))
WHOLE = replace(ROW, target=target.read("100", "%"), measure="M16")
HALF = Answer.fraction(39, 50)


@pytest.mark.parametrize(
    ("row", "report", "state"),
    [
        (replace(ROW, code="NQ01.9"), said("M01", HALF), CellState("off")),
        (ROW, None, CellState("missing")),
        (replace(ROW, measure=None), said("M01", HALF), CellState("missing")),
        (ROW, said("M01", Answer("no_data_yet")), CellState("no_data_yet")),
        (ROW, said("M01", Answer("no_data_yet"), "returned"), CellState("returned")),
        (ROW, said("M01", Answer("na")), CellState("waiting", "na")),
        (ROW, said("M01", Answer("not_applicable"), "accepted"), CellState("accepted", "not_applicable")),
        (replace(ROW, target=None), said("M01", HALF), CellState("waiting")),
        (ROW, said("M01", Answer.fraction(50, 50), "accepted"), CellState("accepted", "met")),
        (ROW, said("M01", HALF), CellState("waiting", "short", assess(HALF, ROW, BOOK.measures["M01"]))),
        (WHOLE, said("M16", HALF), CellState("waiting", "lost", assess(HALF, WHOLE, BOOK.measures["M16"]))),
        (WORDED, said("M01", HALF), CellState("waiting", "judged")),
        (WORDED, replace(said("M01", HALF), judged="met"), CellState("waiting", "met")),
        (
            WORDED,
            replace(said("M01", HALF), judged="short"),
            CellState("waiting", "short", Shortfall(Fraction(0), None, None, None, True)),
        ),
    ],
)
def test_how_a_row_stands(row: Indicator, report: Reported | None, state: CellState) -> None:
    assert standing(*filter(None, [report])).state(row) == state


def test_only_what_arithmetic_cannot_say_needs_a_person() -> None:
    measure = BOOK.measures["M01"]
    assert needs_a_person(HALF, WORDED, measure)
    assert not needs_a_person(HALF, ROW, measure)
    assert not needs_a_person(Answer("na"), WORDED, measure)


def test_what_a_person_made_of_it_is_asked_only_where_arithmetic_says_nothing() -> None:
    one = standing(replace(said("M01", HALF), judged="short"))
    assert one.lacking(ROW) == assess(HALF, ROW, BOOK.measures["M01"])


def test_a_figure_that_became_nothing_arose_lacks_nothing_whatever_was_made_of_it() -> None:
    assert standing(replace(said("M01", Answer("na")), judged="short")).lacking(WORDED) is None


def test_cases_still_to_be_decided_count_for_their_own_measure() -> None:
    one, measure = standing(said("M16", HALF)), BOOK.measures["M16"]
    assert replace(one, pending={"M16": 20}).lacking(WHOLE) == assess(HALF, WHOLE, measure, 20)
    assert assess(HALF, WHOLE, measure, 20) != assess(HALF, WHOLE, measure)
    assert replace(one, pending={"M01": 20}).lacking(WHOLE) == assess(HALF, WHOLE, measure)


def test_the_office_s_figure_is_made_of_what_is_owed_and_not_open_again() -> None:
    here = standing(said("M01", HALF))
    stands = [here, standing(), standing(said("M01", Answer.fraction(1, 2), "returned")), standing(said("M08", HALF))]
    assert office_answers(stands, "M01") == (HALF,)
    assert office_answers([replace(here, indicators=("NQ01.6.2",))], "M01") == ()
