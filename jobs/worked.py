"""Which reminder worked: of the people told of each step, how many reported within a day."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from catalogue.model import Catalogue
from storage import worked

WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Effect:
    """One step over one channel: reminders that went out, and those that were answered in time."""

    step: str  # as marked in the slots
    channel: str
    told: int
    answered: int


def effects(tx: Connection, campaign: int, catalogue: Catalogue) -> list[Effect]:
    """In the order of the plan; what TCCB sent by hand comes last."""
    given, told, answered = worked.given(tx, campaign), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in worked.told(tx, campaign):
        told[one.step, one.channel] += 1
        answered[one.step, one.channel] += _reported(given.get(one.person, []), one.at)
    order = {step.id: (step.days, step.at, at) for at, step in enumerate(catalogue.steps)}
    last = (max((days for days, _, _ in order.values()), default=0) + 1,)

    def place(key: tuple[str, str]) -> tuple[object, ...]:
        return (order.get(key[0].partition("@")[0], last), *key)

    return [Effect(*key, told[key], answered[key]) for key in sorted(told, key=place)]


def _reported(given: list[datetime], told: datetime) -> bool:
    """Whether the first report since that moment came within a day."""
    first = bisect_left(given, told)
    return first < len(given) and given[first] - told <= WITHIN
