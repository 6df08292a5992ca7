"""Targets of several conditions, the stricter of two rows, and what the cases still pending can do: by brute force."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import load, shortfall, target
from catalogue.model import Answer, Indicator, Measure, Target
from catalogue.target import MET, Span, span_of

BOOK = load.all()["2024-qd55"]
M01, M16 = BOOK.measures["M01"], BOOK.measures["M16"]


def row(raw: str, code: str = "X.1") -> Indicator:
    return Indicator(code, "1", "1", "…", 1, unit="%", target=target.read(raw, "%"), measure="M01")


def both(*parts: str) -> Target:
    return Target(" và ".join(parts), "composite", ">=", parts=tuple(target.read(part, "%") for part in parts))


@pytest.mark.parametrize(
    ("parts", "span"),
    [
        ((">= 40", "<= 60"), Span(Fraction(40), Fraction(60))),
        (("<= 60", ">= 40"), Span(Fraction(40), Fraction(60))),
        ((">= 40", ">= 50"), Span(Fraction(50))),
        ((">= 50", "> 50"), Span(Fraction(50), open_low=True)),
        (("> 50", ">= 50"), Span(Fraction(50), open_low=True)),
        (("<= 60", "< 60"), Span(None, Fraction(60), open_high=True)),
        (("< 60", "<= 60"), Span(None, Fraction(60), open_high=True)),
        (("<= 70", "<= 60"), Span(None, Fraction(60))),
        ((">= 0", "<= 60"), Span(Fraction(0), Fraction(60))),
        ((">= 40",), Span(Fraction(40))),
    ],
)
def test_what_satisfies_several_conditions_satisfies_each(parts: tuple[str, ...], span: Span) -> None:
    assert span_of(both(*parts)) == span


def test_conditions_that_no_number_satisfies_have_no_bounds() -> None:
    assert span_of(both("Thường xuyên", "khoảng 80%")) is None
    assert span_of(both("Thường xuyên", ">= 80")) == Span(Fraction(80))


def test_several_days_are_bounds_for_a_day_and_none_for_a_number() -> None:
    days = both("trước ngày 10/12/2024", "đến ngày 30/11/2024")
    assert span_of(days, date(2024, 11, 1)) == Span(high=Fraction(date(2024, 11, 30).toordinal()))
    assert span_of(days) is None


@settings(deadline=None)
@given(st.integers(1, 25), st.data(), st.sampled_from([(">= 40", "<= 60"), ("> 40", "< 60"), (">= 75", "< 80")]))
def test_a_shortfall_between_two_bounds_is_exact(m: int, data: st.DataObject, parts: tuple[str, ...]) -> None:
    n, wanted = data.draw(st.integers(0, m)), both(*parts)
    low = span_of(wanted)
    assert low and low.low is not None
    ways = [k for k in range(m + 1) if 0 <= n + k <= m and reaches(n + k, m, wanted)]
    fewer = [k for k in range(m + 1) if n - k >= 0 and reaches(n - k, m, wanted)]
    wanting = ways if Fraction(100 * n, m) <= low.low else fewer
    assert shortfall.needed_fixed(n, m, wanted) == (min(wanting) if wanting else None)


def reaches(n: int, m: int, wanted: Target) -> bool:
    return m > 0 and target.judge(Fraction(100 * n, m), wanted) == MET


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.data(), st.sampled_from([">= 75", "> 75", "100", "<= 20", "< 20"]))
def test_of_the_pending_cases_so_many_have_to_turn_out_well(
    m: int, pending: int, data: st.DataObject, raw: str
) -> None:
    n, wanted = data.draw(st.integers(0, m)), target.read(raw, "%")
    floor = raw[0] in ">1"
    ends = [(good, n + good if floor else n + pending - good) for good in range(pending + 1)]
    enough = [good for good, end in ends if reaches(end, m + pending, wanted)]
    assert shortfall.needed_pool(n, m, pending, wanted) == (min(enough) if enough else None)


@pytest.mark.parametrize(
    ("answer", "codes", "governs"),
    [
        (Answer.fraction(39, 50), ("NQ01.1", "NQ02.1"), "NQ02.1"),
        (Answer.fraction(39, 50), ("NQ02.1", "NQ01.1"), "NQ02.1"),
        (Answer.fraction(30, 50), ("NQ01.1", "NQ02.1"), "NQ02.1"),
        (Answer.fraction(50, 50), ("NQ02.1", "NQ01.1"), "NQ02.1"),
        (Answer("na"), ("NQ01.1", "NQ02.1"), "NQ02.1"),
        (Answer.fraction(1, 2), ("NQ01.1", "NQ01.6H"), "NQ01.1"),
    ],
)
def test_the_stricter_row_governs(answer: Answer, codes: tuple[str, ...], governs: str) -> None:
    found = shortfall.governing((BOOK.by_code[code] for code in codes), answer, M01)
    assert found and found.code == governs


def test_of_two_ceilings_the_lower_governs_and_of_nothing_nobody() -> None:
    rows = (row("<= 20", "X.1"), row("<= 10", "X.2"))
    for answer in (Answer.fraction(30, 100), Answer.fraction(15, 100), Answer.fraction(5, 100)):
        found = shortfall.governing(rows, answer, M01)
        assert found and found.code == "X.2"
    assert shortfall.governing((), Answer.fraction(1, 2), M01) is None
    judged = row("Hoàn thành tốt nhiệm vụ", "X.3")
    assert shortfall.governing((judged, rows[0]), Answer.fraction(5, 100), M01) == rows[0]


@pytest.mark.parametrize(
    ("raw", "percent", "measure", "possible"),
    [
        ("100", "99", M16, False),
        ("100", "99", M01, True),
        ("98", "97", M16, True),
        ("<= 0", "5", M16, False),
        ("<= 5", "6", M16, True),
    ],
)
def test_a_bare_percentage_says_only_whether_it_can_still_be_mended(
    raw: str, percent: str, measure: Measure, possible: bool
) -> None:
    found = shortfall.assess(Answer.of_percent(Fraction(percent)), row(raw), measure)
    assert found and found.possible is possible
    assert (found.more, found.more_fixed, found.more_growing) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "kps", "outcome"),
    [
        ("met", "exclude", "met"),
        ("not_met", "exclude", "short"),
        ("na", "exclude", None),
        ("na", "achieved", "met"),
        ("na", "zero", "short"),
        ("no_data_yet", "achieved", None),
        ("not_applicable", "achieved", None),
    ],
)
def test_answers_without_a_figure(kind: str, kps: str, outcome: str | None) -> None:
    measure = replace(M16, kps=kps)  # type: ignore[arg-type]
    verdict = target.judge_answer(Answer(kind), row("98"), measure)  # type: ignore[arg-type]
    assert (verdict.outcome if verdict else None) == outcome
    assert target.judge_answer(Answer(kind), replace(row("98"), target=None), measure) is None  # type: ignore[arg-type]
