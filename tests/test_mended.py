"""A warning is closed by one message when it is over, and only then."""

import pytest

from catalogue.model import Answer
from storage import schema
from tests.house import World

SHORT, MET = Answer.fraction(45, 60), Answer.fraction(59, 60)


@pytest.fixture
def warned(house: World) -> World:
    house.go("2024-11-25 10:00")
    house.seat("my", "focal", "HKL-DV")
    report(house, SHORT)
    assert house.knock("2024-11-26 08:30") == 1
    return house


def report(house: World, answer: Answer) -> int:
    return house.report("HKL-DV", "M08", answer, house.address("my").person)


def test_once_over_it_is_said_once_and_the_warning_forgotten(warned: World) -> None:
    report(warned, MET)
    assert [warned.knock(f"2024-11-26 {hour}") for hour in ("08:31", "08:32", "17:00")] == [1, 0, 0]
    assert warned.kinds() == ["due.warn", "due.mended"]
    assert warned.rows(schema.warned) == []


def test_a_figure_taken_back_is_nothing_reached(warned: World) -> None:
    report(warned, Answer("no_data_yet"))
    for moment in ("2024-11-26 09:00", "2024-11-27 09:00"):
        warned.knock(moment)
    assert "due.mended" not in warned.kinds()
    assert len(warned.rows(schema.warned)) == 1


def test_short_again_before_it_is_sent_it_is_moot(warned: World) -> None:
    report(warned, MET)
    warned.knock("2024-11-26 09:00")
    report(warned, SHORT)
    warned.deliver()
    assert warned.outcomes()[-1] == "moot"


def test_who_was_never_warned_is_told_nothing(house: World) -> None:
    house.seat("my", "focal", "HKL-DV")
    house.knock("2024-12-03 08:30")  # a step "short", to a unit that only owes
    report(house, MET)
    assert house.knock("2024-12-04 09:00") == 0
