"""Working days of Viet Nam, quiet hours, and when each step of the appendix really falls."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import calendar, load
from catalogue.calendar import HANOI, Calendar
from catalogue.model import Plan

VIET_NAM = Calendar()
CATALOGUE = load.all()["2024-qd55"]

OFF = {
    "New Year": ["2024-01-01", "2025-01-01", "2026-01-01", "2027-01-01"],
    "Tết 2024": ["2024-02-08", "2024-02-09", "2024-02-12", "2024-02-13", "2024-02-14"],
    "Tết 2025": ["2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31"],
    "Tết 2026": ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"],
    "Tết 2027": ["2027-02-04", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10"],
    "Giỗ Tổ": ["2024-04-18", "2025-04-07", "2026-04-27", "2027-04-16"],
    "30/4, 1/5": ["2024-04-30", "2024-05-01", "2025-04-30", "2026-05-01", "2027-05-03"],
    "in exchange": ["2024-04-29", "2025-05-02", "2026-08-31"],
    "Quốc khánh": ["2024-09-02", "2024-09-03", "2025-09-01", "2026-09-02", "2027-09-03"],
    "weekends": ["2024-12-07", "2024-12-08", "2026-12-05", "2026-12-06"],
}
WORKED = [
    "2024-02-07",
    "2024-02-15",
    "2024-05-04",
    "2025-04-26",
    "2026-08-22",
    "2024-12-10",
    "2026-12-10",
    "2027-12-10",
]


@pytest.mark.parametrize("day", [day for days in OFF.values() for day in days])
def test_knows_days_off(day: str) -> None:
    assert not VIET_NAM.working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", WORKED)
def test_knows_working_days_and_saturdays_worked_in_exchange(day: str) -> None:
    assert VIET_NAM.working_day(date.fromisoformat(day))


def test_names_holidays_in_vietnamese() -> None:
    assert "Tết" in VIET_NAM.holiday(date(2026, 2, 17))
    assert VIET_NAM.holiday(date(2026, 12, 5)) == VIET_NAM.holiday(date(2026, 12, 10)) == ""


def test_the_offices_own_list_wins() -> None:
    own = Calendar({date(2026, 12, 9): "Đại hội"}, frozenset({date(2026, 12, 5), date(2026, 9, 2)}))
    assert not own.working_day(date(2026, 12, 9)) and own.holiday(date(2026, 12, 9)) == "Đại hội"
    assert own.working_day(date(2026, 12, 5)) and own.working_day(date(2026, 9, 2))
    assert VIET_NAM.holiday(date(2026, 9, 2)) and own.holiday(date(2026, 9, 2)) == ""
    assert own.before(date(2026, 12, 9)) == date(2026, 12, 8)


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_the_nearest_working_day_is_one_and_none_is_nearer(day: date) -> None:
    before, after = VIET_NAM.before(day), VIET_NAM.after(day)
    assert before <= day <= after
    assert VIET_NAM.working_day(before) and VIET_NAM.working_day(after)
    between = (before + timedelta(days=n) for n in range(1, (after - before).days))
    assert not any(VIET_NAM.working_day(found) for found in between)


def test_an_office_that_never_opens_is_told_so() -> None:
    closed = Calendar({date(2026, 1, 1) + timedelta(days=n): "" for n in range(365)})
    with pytest.raises(ValueError, match="ngày làm việc"):
        closed.after(date(2026, 6, 1))


@pytest.mark.parametrize(
    ("moment", "awake", "next_awake"),
    [
        ("2026-12-10T07:29:59", False, "2026-12-10T07:30"),
        ("2026-12-10T07:30", True, "2026-12-10T07:30"),
        ("2026-12-10T17:59:59", True, "2026-12-10T17:59:59"),
        ("2026-12-10T18:00", False, "2026-12-11T07:30"),
        ("2026-12-11T23:00", False, "2026-12-14T07:30"),
        ("2026-12-12T10:00", False, "2026-12-14T07:30"),
        ("2026-02-13T18:30", False, "2026-02-23T07:30"),
        ("2024-05-04T10:00", True, "2024-05-04T10:00"),
    ],
)
def test_sleeps_at_night_and_on_days_off(moment: str, awake: bool, next_awake: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=HANOI)
    assert VIET_NAM.awake(now) == awake
    assert VIET_NAM.next_awake(now) == datetime.fromisoformat(next_awake).replace(tzinfo=HANOI)


def test_hours_are_those_of_hanoi_whatever_the_clock_says() -> None:
    assert VIET_NAM.awake(datetime.fromisoformat("2026-12-10T01:00+00:00"))
    assert not VIET_NAM.awake(datetime.fromisoformat("2026-12-10T08:00+14:00"))


@contextmanager
def machine_in_new_york() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


def test_hours_are_those_of_hanoi_wherever_the_machine_stands() -> None:
    evening = datetime(2026, 12, 10, 19, tzinfo=HANOI)
    with machine_in_new_york():
        assert not VIET_NAM.awake(evening)
        assert VIET_NAM.next_awake(evening) == datetime(2026, 12, 11, 7, 30, tzinfo=HANOI)


# Each step's real day and hour.

DAYS = {
    2024: "26/11 03/12 06/12 06/12 09/12 09/12 10/12 10/12 11/12 11/12 13/12 13/12",
    2025: "26/11 03/12 05/12 05/12 09/12 09/12 10/12 10/12 11/12 11/12 15/12 15/12",
    2026: "26/11 03/12 07/12 07/12 09/12 09/12 10/12 10/12 11/12 11/12 14/12 14/12",
    2027: "26/11 03/12 07/12 07/12 09/12 09/12 10/12 10/12 13/12 13/12 13/12 13/12",
}
STEPS = "T-14 T-7 T-3 T-3-head T-1 T-1-head T-0 T-0-head T+1 T+1-head T+3 T+3-tccb"


@pytest.mark.parametrize("year", DAYS)
def test_every_step_has_its_real_day_and_hour(year: int) -> None:
    due = calendar.due_steps(CATALOGUE.plan(year), VIET_NAM)
    assert " ".join(step.id for _, step in due) == STEPS
    assert " ".join(f"{moment:%d/%m}" for moment, _ in due) == DAYS[year]
    assert {f"{moment:%H:%M}" for moment, step in due if step.id != "T-0-head"} == {"08:30"}
    assert all(VIET_NAM.awake(moment) for moment, _ in due)


AROUND = {  # deadline → T-14 T-7 T-3 T-1 T-0 T+1 T+3
    "2024-02-16": "02/02 07/02 07/02 15/02 16/02 19/02 19/02",  # Tết 08/02 to 14/02
    "2025-02-03": "20/01 24/01 24/01 24/01 03/02 04/02 06/02",  # Tết 27/01 to 31/01
    "2026-02-24": "10/02 13/02 13/02 23/02 24/02 25/02 27/02",  # Tết 16/02 to 20/02
    "2027-02-12": "29/01 03/02 03/02 11/02 12/02 15/02 15/02",  # Tết 04/02 to 10/02
    "2025-04-08": "25/03 01/04 04/04 04/04 08/04 09/04 11/04",  # Giỗ Tổ, a Monday
    "2027-04-19": "05/04 12/04 15/04 15/04 19/04 20/04 22/04",  # Giỗ Tổ, a Friday
    "2024-05-06": "22/04 26/04 03/05 04/05 06/05 07/05 09/05",  # off from 27/04 to 01/05, Saturday 04/05 worked
    "2025-05-05": "21/04 28/04 29/04 29/04 05/05 06/05 08/05",  # off from 30/04, Friday 02/05 in exchange
    "2026-05-04": "20/04 24/04 29/04 29/04 04/05 05/05 07/05",  # Giỗ Tổ on Sunday 26/04, and the Monday for it
    "2025-09-03": "20/08 27/08 29/08 29/08 03/09 04/09 08/09",  # Quốc khánh 01/09 and 02/09
    "2026-09-03": "20/08 27/08 28/08 28/08 03/09 04/09 07/09",  # Monday 31/08 in exchange for Saturday 22/08
}


@pytest.mark.parametrize("deadline", AROUND)
def test_steps_around_holidays_fall_on_working_days(deadline: str) -> None:
    day = date.fromisoformat(deadline)
    focal = tuple(step for step in CATALOGUE.steps if step.to == ("focal",))
    due = calendar.due_steps(Plan(day, day, focal), VIET_NAM)
    assert " ".join(f"{moment:%d/%m}" for moment, _ in due) == AROUND[deadline]
    assert {f"{moment:%H:%M}" for moment, _ in due} == {"08:30"}


def test_the_offices_own_list_moves_steps_either_way() -> None:
    """It works on the Saturday, and is closed on the Monday."""
    own = Calendar({date(2024, 12, 9): "nghỉ"}, frozenset({date(2024, 12, 7)}))
    days = {step.id: f"{moment:%d/%m}" for moment, step in calendar.due_steps(CATALOGUE.plan(2024), own)}
    assert (days["T-3"], days["T-1"]) == ("07/12", "07/12")


def test_a_step_on_saturday_moves_to_friday_four_days_before() -> None:
    plan = CATALOGUE.plan(2024)
    step = next(step for step in plan.steps if step.id == "T-3")
    assert calendar.moment(step, plan, VIET_NAM) == datetime(2024, 12, 6, 8, 30, tzinfo=HANOI)


@settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2027, 12, 1)))
def test_no_step_crosses_the_deadline(deadline: date) -> None:
    plan = Plan(deadline, deadline, CATALOGUE.steps)
    for moment, step in calendar.due_steps(plan, VIET_NAM):
        assert (moment.date() > deadline) == (step.days > 0)


def test_steps_pushed_together_keep_their_order() -> None:
    monday = Plan(date(2026, 12, 14), date(2026, 12, 14), CATALOGUE.steps)
    due = calendar.due_steps(monday, VIET_NAM)
    together = [step.id for moment, step in due if moment.date() == date(2026, 12, 11)]
    assert together == ["T-3", "T-3-head", "T-1", "T-1-head"]
