"""The timetable's own pulse: when it last knocked, and what it slept through."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import remind
from storage import outbox, people, settings, slots

BEAT = "heartbeat"  # the setting that holds the moment of the last knock
SELDOM = timedelta(minutes=1)  # it is written no more often
GAP = timedelta(minutes=10)  # a silence longer than this is one in which something may have been missed


def last(tx: Connection) -> datetime | None:
    beat = settings.get(tx, BEAT)
    return datetime.fromisoformat(beat) if beat else None


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """After a silence TCCB is told, once, of the steps that fell into it and are stale; how many envelopes."""
    before = last(tx)
    if before and abs(now - before) < SELDOM:
        return 0
    settings.keep(tx, BEAT, now.isoformat())
    missed = list(_missed(tx, catalogues, calendar, before, now)) if before and now - before > GAP else []
    return _tell(tx, missed, now) if missed else 0


def _missed(
    tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, before: datetime, now: datetime
) -> Iterator[dict[str, object]]:
    for here in remind.timed(tx, catalogues):
        for at, step in days.due_steps(here.plan, calendar):
            stale = before < at and now - at > timedelta(days=step.stale_after)
            if stale and step.id not in here.held and not slots.holders(tx, here.campaign, here.mark(step)):
                yield {"kind": "ladder.missed_step", "facts": {"step": step.id, "at": at.isoformat()}}


def _tell(tx: Connection, missed: list[dict[str, object]], now: datetime) -> int:
    put = 0
    for person in sorted({row.person for row in people.serving(tx, "tccb")}):
        if to := people.reach(tx, person):
            say = {"kind": "ladder.missed", "facts": {"items": missed}, "options": []}
            outbox.put(tx, to, [say], outbox.BULK, now, about="heartbeat")
            put += 1
    return put
