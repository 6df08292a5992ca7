"""Telling a unit that it falls short: once per change, never on a day on which it is reminded anyway."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from catalogue.standing import Standing
from jobs import remind
from storage import outbox, people, slots

KIND = "due.warn"
AT = time(8, 30)
SELDOM = timedelta(days=7)


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """One envelope to each focal point of a unit whose shortfalls have changed since it was last warned."""
    if not calendar.awake(now) or now.time() < AT:
        return 0
    reminded, put = slots.reminded_on(tx, now.date()), 0
    focal = people.serving(tx, "focal")
    for here in remind.rounds(tx, catalogues):
        warned = slots.warned_of(tx, here.campaign)
        for unit in [unit for unit, standing in here.standings.items() if _news(standing, warned.get(unit), now)]:
            for row in focal:
                if row.unit == unit and row.person not in reminded and (to := people.reach(tx, row.person)):
                    say = {"kind": KIND, "facts": {"campaign": here.campaign, "unit": unit}, "options": []}
                    outbox.put(tx, to, [say], outbox.BULK, now, about=f"warn:{here.campaign}:{unit}")
                    slots.warn(tx, here.campaign, unit, here.standings[unit].gaps, now)
                    put += 1
    return put


def _news(standing: Standing, before: tuple[str, datetime] | None, now: datetime) -> bool:
    """Short, in another way than the unit was last told, and known since before today: the card told it today."""
    newest = max((said.given for said in standing.reported.values()), default=now)
    if not standing.shortfalls or newest.date() >= now.date():
        return False
    return before is None or (before[0] != standing.gaps and now - before[1] >= SELDOM)
