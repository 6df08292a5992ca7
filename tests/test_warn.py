"""A unit that falls short is told so: once per change, with its words, and never on top of a reminder."""

import pytest

from catalogue.model import Answer
from jobs import warn
from storage import people, schema
from tests.house import Far, World, run
from tests.test_storage import at_once

SHORT, WORSE, MET = Answer.fraction(45, 60), Answer.fraction(40, 60), Answer.fraction(58, 60)


@pytest.fixture
def short(house: World) -> World:
    """An reported too little on the day before the first step; nothing else of theirs is open."""
    an = house.seat("an", "focal", "HKL-DV")
    house.go("2024-11-20 10:00")
    house.report("HKL-DV", "M08", SHORT, an)
    return house


def warnings(house: World) -> list[str]:
    house.deliver()
    return [
        message.chat for message in house.far.sent if "chưa đạt" in message.part.text or "thiếu" in message.part.text
    ]


def test_whoever_falls_short_is_warned_the_day_after_with_what_is_lacking(short):
    assert short.knock("2024-11-21 08:30") == 1
    short.deliver()
    (text,) = short.far.texts("an")
    assert "NQ01.6.2" in text
    assert "20" in text  # percentage points short of 95
    assert short.kinds() == [warn.KIND]


@pytest.mark.parametrize(
    ("moment", "warns"),
    [
        ("2024-11-20 17:00", False),  # the card has told it the same day
        ("2024-11-21 08:29", False),
        ("2024-11-21 08:30", True),
        ("2024-11-21 17:59", True),
        ("2024-11-21 18:00", False),
        ("2024-11-23 09:00", False),  # a Saturday
    ],
)
def test_a_warning_comes_in_office_hours_from_the_day_after(short, moment, warns):
    assert short.knock(moment) == warns


def test_the_same_shortfall_is_told_once(short):
    short.knock("2024-11-21 08:30")
    for day in ("2024-11-21 09:00", "2024-11-22 08:30", "2024-11-25 08:30", "2024-11-29 08:30"):
        assert short.knock(day) == 0


def test_a_clock_that_jumps_back_and_forth_warns_once(short):
    for moment in ("2024-11-21 09:00", "2024-11-25 09:00", "2024-11-21 09:00", "2024-11-22 09:00", "2024-11-25 10:00"):
        short.knock(moment)
    assert short.kinds().count(warn.KIND) == 1


def test_another_shortfall_is_told_but_not_within_a_week(short):
    short.knock("2024-11-21 08:30")
    short.go("2024-11-25 10:00")
    short.report("HKL-DV", "M08", WORSE, 1)
    assert short.knock("2024-11-27 08:30") == 0
    assert short.knock("2024-11-28 08:30") == 1
    assert short.knock("2024-11-29 08:30") == 0


def test_whoever_meets_the_target_is_not_warned(short):
    short.report("HKL-DV", "M08", MET, 1)
    assert short.knock("2024-11-21 08:30") == 0


def test_what_was_mended_between_the_knock_and_the_message_is_not_told(short):
    short.knock("2024-11-21 08:30")
    short.report("HKL-DV", "M08", MET, 1)
    short.deliver()
    assert (short.outcomes(), short.far.sent) == (["moot"], [])


def test_nobody_is_warned_on_a_day_with_a_reminder_and_a_reminder_of_shortfalls_is_a_warning(house: World):
    an = house.seat("an", "focal", "HKL-DV", "HKL-MV")
    house.go("2024-11-25 10:00")
    house.report("HKL-DV", "M08", SHORT, an)
    assert house.knock("2024-11-26 08:30") == 1  # T-14, of HKL-MV
    assert house.kinds() == ["due.remind"]
    assert house.knock("2024-11-27 08:30") == 1
    assert house.kinds() == ["due.remind", "due.warn"]
    house.go("2024-12-02 10:00")
    house.report("HKL-MV", "M08", SHORT, an)
    assert house.knock("2024-12-03 08:30") == 1  # T-7 speaks of shortfalls itself
    assert house.kinds()[2:] == ["due.remind"]
    assert house.knock("2024-12-04 08:30") == 0


def test_two_units_of_one_person_are_one_warning(house: World):
    an = house.seat("an", "focal", "HKL-DV", "HKL-MV")
    house.go("2024-11-20 10:00")
    for unit in ("HKL-DV", "HKL-MV"):
        house.report(unit, "M08", SHORT, an)
    assert house.knock("2024-11-21 08:30") == 1
    house.deliver()
    (text,) = house.far.texts("an")
    assert "Đồng Văn" in text
    assert "Mèo Vạc" in text


def test_every_focal_point_of_a_unit_is_warned(short):
    short.seat("my", "focal", "HKL-DV")
    assert short.knock("2024-11-21 08:30") == 2
    assert sorted(warnings(short)) == ["an", "my"]


def test_a_unit_whose_people_can_t_be_reached_is_warned_when_they_can(short):
    address = short.address("an").id
    short.do(people.refused, address, "blocked")
    assert short.knock("2024-11-21 08:30") == 0
    assert short.rows(schema.warned) == []
    short.hear("an", "xin chào")
    assert short.knock("2024-11-22 08:30") == 1


def test_several_processes_that_knock_at_once_warn_once(house: World):
    units = ["HKL-DV", "HKL-MV", "HKL-YM", "HKL-QBA"]
    house.go("2024-11-20 10:00")
    for unit in units:
        house.report(unit, "M08", SHORT, house.seat(unit, "focal", unit))
    house.go("2024-11-21 08:30")
    processes, put = [house.another(Far()) for _ in range(4)], []
    at_once(*[lambda process=process: put.append(run(process.knock())) for process in processes])
    assert sum(put) == len(units)
    assert sorted(warnings(house)) == sorted(units)


def test_figures_are_told_to_the_unit_s_own_people_alone(short):
    short.seat("other", "focal", "HKL-MV")
    short.seat("hanh", "tccb", "TCCB")
    short.knock("2024-11-21 08:30")
    assert warnings(short) == ["an"]
    assert len(short.far.sent) == 1
