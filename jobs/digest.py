"""The day's summary for TCCB: at 16:30 on working days while a campaign runs."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from storage import campaigns, outbox, people, slots

KIND = "due.digest"
AT = time(16, 30)
AFTERWARDS = timedelta(days=7)  # how long after the evaluation day it still comes
FIRST = timedelta(days=1)  # how far the first summary looks back
UNREGISTERED = timedelta(days=14)  # before the units' deadline: for which of them nobody reports, while there is time


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """One envelope a day to each of TCCB, about every campaign that runs."""
    if not calendar.awake(now) or now.time() < AT:
        return 0
    rows = _told_of(tx, now)
    put = 0
    for person, to in people.desk(tx):
        since = slots.newest(tx, person, "digest:")
        if about := [row.id for row in rows if slots.take(tx, row.id, f"digest:{now:%Y-%m-%d}", person, now)]:
            first = [row.id for row in rows if row.id in about and _tells_once(tx, row, person, calendar, now)]
            facts = {"campaigns": about, "unregistered": first, "since": (since or now - FIRST).isoformat()}
            say = {"kind": KIND, "facts": facts, "options": []}
            outbox.put(tx, to, [say], outbox.BULK, now, about=f"digest:{about[0]}")
            put += 1
    return put


def comes(tx: Connection, now: datetime) -> bool:
    """Whether there will be a summary in these days."""
    return bool(_told_of(tx, now))


def _told_of(tx: Connection, now: datetime) -> list[Row[Any]]:
    return [row for row in campaigns.running(tx) if now.date() <= row.evaluation + AFTERWARDS]


def _tells_once(tx: Connection, row: Row[Any], person: int, calendar: Calendar, now: datetime) -> bool:
    """Whether this is the first summary, from two weeks before the deadline on, to say who is not registered."""
    if not calendar.before(row.deadline - UNREGISTERED) <= now.date() <= row.deadline:
        return False
    return slots.take(tx, row.id, f"unregistered:{row.deadline}", person, now)


def next_moment(calendar: Calendar, now: datetime) -> datetime:
    """When the next summary is due."""
    today = datetime.combine(calendar.after(now.date()), AT, HANOI)
    return today if today > now else datetime.combine(calendar.after(now.date() + timedelta(days=1)), AT, HANOI)
