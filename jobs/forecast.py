"""Which reminders are still to come, if nothing more were reported, and what a change does to them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection

from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Step, Whom
from jobs import remind
from jobs.remind import Knock, Round
from storage import people, slots, units


class Coming(NamedTuple):
    """One step for one kind of duty, and whom it would reach."""

    at: datetime
    here: Round
    step: Step
    role: Whom
    knocks: list[Knock]


def coming(
    tx: Connection, running: Sequence[Round], calendar: Calendar, now: datetime, day: date | None = None
) -> Iterator[Coming]:
    """In the order in which they fall: on that day, what has gone by of it too; or from now on.

    Nobody is named who will have had as many by then as the plan allows.
    """
    serving, parents = cache(lambda role: people.serving(tx, role)), cache(lambda on: units.parents(tx, on))
    told: dict[int, remind.Told] = defaultdict(dict)
    for row in slots.every(tx, {here.campaign for here in running}):
        told[row.person][row.campaign, row.step] = row.taken.date()
    for at, here, step, role in _falling(running, calendar):
        gone = at <= now  # shown as it was planned
        if (gone and at.date() != day) or (day and at.date() > day):
            continue
        meant = remind.reached(here, step, serving(role), parents(at.date()), at)
        found = [one for one in meant if gone or not remind.enough(one, running, told[one.person])]
        for one in found if not gone else ():
            told[one.person][here.campaign, here.mark(step)] = at.date()
        if day in (None, at.date()):
            yield Coming(at, here, step, role, found)


def _falling(running: Sequence[Round], calendar: Calendar) -> list[tuple[datetime, Round, Step, Whom]]:
    found = [
        (at, here, step, role)
        for here in running
        for at, step in days.due_steps(here.plan, calendar)
        for role in step.to
        if here.since is None or at > here.since
    ]
    return sorted(found, key=lambda one: one[0])


Ahead = frozenset[tuple[int, int, str, datetime]]  # person, campaign, step, moment


def ahead(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> Ahead:
    found = coming(tx, remind.rounds(tx, catalogues), calendar, now)
    return frozenset((knock.person, one.here.campaign, one.step.id, one.at) for one in found for knock in one.knocks)


@dataclass(frozen=True)
class Moved:
    """What a change does to the reminders still to come: one that moves is cancelled and planned anew."""

    cancelled: Ahead
    planned: Ahead


def moved_by(
    change: Callable[[], None],
    tx: Connection,
    catalogues: Mapping[str, Catalogue],
    calendar: Calendar,
    now: datetime,
) -> Moved:
    """Makes the change, and compares."""
    before = ahead(tx, catalogues, calendar, now)
    change()
    after = ahead(tx, catalogues, calendar, now)
    return Moved(before - after, after - before)
