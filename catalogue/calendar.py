"""Working days, holidays, quiet hours, and when the steps of a plan fall."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from catalogue.model import Plan, Step

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OPENS, CLOSES = time(7, 30), time(18)
LONGEST_BREAK = 60
"""Days; no office is closed for longer, so a search ends there."""


@dataclass(frozen=True)
class Calendar:
    """Viet Nam's public holidays, corrected by the office's own list, which wins.

    `holidays`: further days off and why; `working`: days worked although they are a weekend or a holiday.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    working: frozenset[date] = frozenset()

    def working_day(self, day: date) -> bool:
        if day in self.working or day in self.holidays:
            return day in self.working
        holidays, worked = _public(day.year)
        return day in worked or (day.weekday() < 5 and day not in holidays)

    def holiday(self, day: date) -> str:
        """What the day off is called; "" for a working day and for a plain weekend."""
        return "" if self.working_day(day) else self.holidays.get(day) or _public(day.year)[0].get(day, "")

    def before(self, day: date) -> date:
        """That day if it is a working day, else the nearest one before it."""
        return self._nearest(day, -1)

    def after(self, day: date) -> date:
        """That day if it is a working day, else the nearest one after it."""
        return self._nearest(day, 1)

    def awake(self, now: datetime) -> bool:
        """Whether an unasked message may be sent: 07:30 to 18:00 on a working day."""
        here = now.astimezone(HANOI)
        return OPENS <= here.time() < CLOSES and self.working_day(here.date())

    def next_awake(self, now: datetime) -> datetime:
        """Now, or when the office next opens."""
        if self.awake(now):
            return now
        here = now.astimezone(HANOI)
        day = here.date() if here.time() < OPENS else here.date() + timedelta(days=1)
        return datetime.combine(self.after(day), OPENS, HANOI)

    def _nearest(self, day: date, way: int) -> date:
        days = (day + timedelta(days=way * n) for n in range(LONGEST_BREAK))
        for found in days:
            if self.working_day(found):
                return found
        raise ValueError(f"Không có ngày làm việc nào trong {LONGEST_BREAK} ngày quanh ngày {day:%d/%m/%Y}.")


def moment(step: Step, plan: Plan, calendar: Calendar) -> datetime:
    """When a step is due. On a day off it moves away from the deadline: "overdue" is never said too early."""
    day = plan.deadline + timedelta(days=step.days)
    return datetime.combine(calendar.after(day) if step.days > 0 else calendar.before(day), step.at, HANOI)


def due_steps(plan: Plan, calendar: Calendar) -> tuple[tuple[datetime, Step], ...]:
    """Every step with its moment, oldest first; of those that days off push together, the one meant later is last."""
    timed = ((moment(step, plan, calendar), step) for step in plan.steps)
    return tuple(sorted(timed, key=lambda due: (due[0], due[1].days)))


@cache
def _public(year: int) -> tuple[Mapping[date, str], frozenset[date]]:
    """The year's public holidays, and the weekends that are worked in exchange for a day off."""
    from holidays import country_holidays  # takes a quarter of a second, and most commands never ask

    found = country_holidays("VN", years=year, language="vi")
    return dict(found), frozenset(found.weekend_workdays)
