"""Telling a unit that it falls short: once per change, never on a day on which it is reminded anyway."""

from collections.abc import Collection, Mapping
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
    about: dict[int, list[tuple[int, str]]] = {}
    to = _reached(tx, now)
    for here in remind.rounds(tx, catalogues):
        for unit in _warned(tx, here, to, now):
            for person in to[unit]:
                about.setdefault(person, []).append((here.campaign, unit))
    for person, units in about.items():
        say = {"kind": KIND, "facts": {"about": [list(pair) for pair in units]}, "options": []}
        outbox.put(tx, to[units[0][1]][person], [say], outbox.BULK, now, about=f"warn:{units[0][0]}:{units[0][1]}")
    return len(about)


def _reached(tx: Connection, now: datetime) -> dict[str, dict[int, Row[Any]]]:
    """Unit → its focal points → where each can be told today: not who is reminded today anyway."""
    reminded, found = slots.reminded_on(tx, now.date()), dict[str, dict[int, Row[Any]]]()
    for row in people.serving(tx, "focal"):
        if row.person not in reminded and (to := people.reach(tx, row.person)):
            found.setdefault(row.unit, {})[row.person] = to
    return found


def _warned(tx: Connection, here: remind.Round, to: Collection[str], now: datetime) -> list[str]:
    """The units that are to be told now, each marked as told, in an order that is the same for everybody who marks."""
    before = slots.warned_of(tx, here.campaign)
    news = {unit: one for unit, one in here.standings.items() if unit in to and _news(one, before.get(unit), now)}
    return [unit for unit in sorted(news) if slots.warn(tx, here.campaign, unit, news[unit].gaps, now)]


def _news(standing: Standing, before: tuple[str, datetime] | None, now: datetime) -> bool:
    """Short, in another way than the unit was last told, and known since before today: the card told it today."""
    newest = max((said.given for said in standing.reported.values()), default=now)
    if not standing.shortfalls or newest.date() >= now.date():
        return False
    return before is None or (before[0] != standing.gaps and now - before[1] >= SELDOM)
