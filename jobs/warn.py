"""Telling a unit that it falls short, once per change, and that it does so no more; never besides a reminder."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from catalogue.calendar import Calendar
from catalogue.standing import Standing
from jobs import remind
from storage import absences, outbox, people, slots

KIND, MENDED = "due.warn", "due.mended"
WARNED = "warn:"
AT = time(8, 30)
SELDOM = timedelta(days=7)
Reached = Mapping[str, Mapping[int, Row[Any]]]
About = dict[int, list[tuple[int, str]]]


def knock(tx: Connection, running: Iterable[remind.Round], calendar: Calendar, now: datetime) -> int:
    """One envelope to each focal point of units that fall short in a new way, one where that is over; how many."""
    if not calendar.awake(now) or now.time() < AT:
        return 0
    to = _reached(tx, now)
    short, mended = About(), About()
    for here in running:
        for units, about in ((_warned(tx, here, to, now), short), (_mended(tx, here, to), mended)):
            for unit in units:
                for person in to[unit]:
                    about.setdefault(person, []).append((here.campaign, unit))
    return _put(tx, KIND, short, to, now) + _put(tx, MENDED, mended, to, now)


def _put(tx: Connection, kind: str, about: About, to: Reached, now: datetime) -> int:
    for person, units in about.items():
        slots.take(tx, units[0][0], f"{WARNED}{now:%Y-%m-%d}", person, now)  # no reminder follows on the same day
        say = {"kind": kind, "facts": {"about": [list(pair) for pair in units]}, "options": []}
        outbox.put(tx, to[units[0][1]][person], [say], outbox.BULK, now, about=f"warn:{units[0][0]}:{units[0][1]}")
    return len(about)


def _reached(tx: Connection, now: datetime) -> Reached:
    """Unit → its focal points → where each can be told today: not who is reminded today anyway."""
    reminded, found = slots.reminded_on(tx, now.date(), but=WARNED), dict[str, dict[int, Row[Any]]]()
    reachable, away = people.reachable(tx), absences.away(tx)
    for row in people.serving(tx, "focal"):
        told = row.person in reminded or absences.is_away(away, row.person, now.date())
        if not told and (to := reachable.get(row.person)):
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


def _mended(tx: Connection, here: remind.Round, to: Collection[str]) -> list[str]:
    """The units that were warned and fall short no more; what they were warned of is forgotten."""
    over = [unit for unit in slots.warned_of(tx, here.campaign) if unit in to and is_mended(here.standings.get(unit))]
    return [unit for unit in sorted(over) if slots.forget_warning(tx, here.campaign, unit)]


def is_mended(standing: Standing | None) -> bool:
    """Nothing is short; and nothing was taken back or returned, which would only hide it."""
    return bool(standing and not standing.shortfalls and not any(said.owed for said in standing.reported.values()))
