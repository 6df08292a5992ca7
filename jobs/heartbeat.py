"""The timetable's own pulse: when it last knocked, and what it slept through."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Step
from jobs import remind
from jobs.remind import Round
from storage import inbox, outbox, people, settings, slots, units

BEAT = "heartbeat"  # the setting that holds the moment of the last knock
SELDOM = timedelta(minutes=1)  # it is written no more often
LONGEST = timedelta(hours=1)  # that anything of ours waits for its next try
SOON = timedelta(minutes=3)  # longer than whoever has it in hand may take
GAP = timedelta(minutes=10)  # a silence longer than this is one in which something may have been missed
LATE = timedelta(hours=1)  # what is sent so long after its hour is told to TCCB

log = logging.getLogger(__name__)


def last(tx: Connection) -> datetime | None:
    beat = settings.get(tx, BEAT)
    return datetime.fromisoformat(beat) if beat else None


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """After a silence TCCB is told, once, of the steps that fell into it: what is lost, and what is sent late.

    Returns the number of envelopes.
    """
    before = last(tx)
    if before and abs(now - before) < SELDOM:
        return 0
    settings.keep(tx, BEAT, now.isoformat())
    if before and before - now > SELDOM:
        _clock_put_back(tx, before, now)
    slept = list(_slept_through(tx, catalogues, calendar, before, now)) if before and now - before > GAP else []
    wanted = set(_wanted(tx, remind.rounds(tx, catalogues), {one.key for one in slept}, now)) if slept else set()
    lost = [one for one in slept if one.key in wanted and not one.still_sent]
    late = [one for one in slept if one.key in wanted and one.still_sent]
    return _tell(tx, "ladder.missed", lost, now) + _tell(tx, "ladder.late", late, now)


@dataclass(frozen=True)
class Slept:
    """A step whose moment fell into the silence. `still_sent`: it is the newest still, and not stale."""

    here: Round
    step: Step
    at: datetime
    still_sent: bool

    @property
    def key(self) -> tuple[int, str]:
        return self.here.campaign, self.here.mark(self.step)


def _clock_put_back(tx: Connection, before: datetime, now: datetime) -> None:
    """What was put off by the clock that ran ahead would wait until this one has come so far."""
    log.warning("the clock was put back from %s to %s", before.isoformat(), now.isoformat())
    for box in (outbox, inbox):
        if count := box.bring_forward(tx, now + LONGEST, now + SOON):
            log.warning("%s: %s that waited for the clock go on", box.__name__, count)


def _slept_through(
    tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, before: datetime, now: datetime
) -> Iterator[Slept]:
    for here in remind.timed(tx, catalogues):
        for at, step in days.due_steps(here.plan, calendar):
            if not before < at <= now - LATE or step.id in here.held:
                continue
            still = any(remind.due(here.plan, calendar, now, role, here.since) == step for role in step.to)
            if not slots.holders(tx, here.campaign, here.mark(step)):
                yield Slept(here, step, at, still)


def _wanted(
    tx: Connection, running: list[Round], slept: set[tuple[int, str]], now: datetime
) -> Iterator[tuple[int, str]]:
    """Those of the steps that would have reached somebody."""
    parents = units.parents(tx, now.date())
    for here in running:
        for step in here.plan.steps:
            key = here.campaign, here.mark(step)
            if key in slept and any(remind.reached(here, step, people.serving(tx, *step.to), parents, now)):
                yield key


def _tell(tx: Connection, kind: str, steps: list[Slept], now: datetime) -> int:
    items = [{"kind": "ladder.missed_step", "facts": {"step": one.step.id, "at": one.at.isoformat()}} for one in steps]
    say = {"kind": kind, "facts": {"items": items}, "options": []}
    to = [to for _, to in people.desk(tx)] if items else []
    return outbox.put_all(tx, to, [say], outbox.BULK, now, "heartbeat")
