"""Telling a unit that it falls short: once per change, never on a day on which it is reminded anyway."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from catalogue.standing import Standing
from jobs import remind
from storage import outbox, people, slots

KIND = "due.warn"
AT = time(8, 30)
SELDOM = timedelta(days=7)


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """One envelope to each focal point of units whose shortfalls have changed since they were last warned."""
    if not calendar.awake(now) or now.time() < AT:
        return 0
    about, at = dict[int, list[tuple[int, str]]](), dict[int, Row[Any]]()
    focal = _focal(tx, now)
    for here in remind.rounds(tx, catalogues):
        for unit, reached in _warned(tx, here, focal, now):
            for person, to in reached.items():
                at[person] = to
                about.setdefault(person, []).append((here.campaign, unit))
    for person, units in about.items():
        slots.take(tx, units[0][0], f"warn:{now:%Y-%m-%d}", person, now)  # so that no reminder follows on the same day
        say = {"kind": KIND, "facts": {"about": [list(pair) for pair in units]}, "options": []}
        outbox.put(tx, at[person], [say], outbox.BULK, now, about=f"warn:{units[0][0]}:{units[0][1]}")
    return len(about)


def _focal(tx: Connection, now: datetime) -> dict[str, list[int]]:
    """Unit → its focal points, but for those who have been reminded or warned today."""
    already, found = slots.reminded_on(tx, now.date()), dict[str, list[int]]()
    for row in people.serving(tx, "focal"):
        if row.person not in already:
            found.setdefault(row.unit, []).append(row.person)
    return found


def _warned(
    tx: Connection, here: remind.Round, focal: Mapping[str, list[int]], now: datetime
) -> Iterator[tuple[str, dict[int, Row[Any]]]]:
    """The units that are to be told now, each marked as told, with where its people can be reached.

    In an order that is the same for everybody who marks.
    """
    before = slots.warned_of(tx, here.campaign)
    news = [unit for unit, one in here.standings.items() if unit in focal and _news(one, before.get(unit), now)]
    for unit in sorted(news):
        reached = {person: to for person in focal[unit] if (to := people.reach(tx, person))}
        if reached and slots.warn(tx, here.campaign, unit, here.standings[unit].gaps, now):
            yield unit, reached


def _news(standing: Standing, before: tuple[str, datetime] | None, now: datetime) -> bool:
    """Short, in another way than the unit was last told, and known since before today: the card told it today."""
    newest = max((said.given for said in standing.reported.values()), default=now)
    if not standing.shortfalls or newest.date() >= now.date():
        return False
    return before is None or (before[0] != standing.gaps and now - before[1] >= SELDOM)
