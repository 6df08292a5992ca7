"""What the clockwork has done: every run leaves its trace, so that one that did not happen is noticed."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from storage.schema import outbox, run

LINKED = timedelta(minutes=10)  # a longer silence between two runs shows as two rows


def note(
    tx: Connection,
    job: str,
    now: datetime,
    enqueued: int,
    planned: int | None = None,
    skipped: Mapping[str, int] | None = None,
) -> None:
    """A row for a run that put something down; those after it that have nothing to put down share one row.

    `planned`: how many people a step concerned; `skipped`: why → how many of them got nothing.
    """
    found = {"ended": now, "planned": planned, "skipped": dict(skipped) if skipped else None}
    before = tx.execute(BEFORE, {"of": job}).one_or_none()
    if before and not enqueued and _goes_on(before, planned, now):
        tx.execute(run.update().where(run.c.id == before.id).values(rounds=before.rounds + 1, **found))
    else:
        tx.execute(run.insert().values(job=job, started=now, enqueued=enqueued, rounds=1, **found))


BEFORE = select(run).where(run.c.job == bindparam("of")).order_by(run.c.id.desc()).limit(1)


def _goes_on(before: Row[Any], planned: int | None, now: datetime) -> bool:
    """Another quiet run, soon after; whether anybody was concerned at all tells one stretch from the next."""
    linked = before.ended is not None and timedelta(0) <= now - before.ended < LINKED
    return linked and not before.enqueued and before.rounds is not None and bool(before.planned) == bool(planned)


def last(tx: Connection, job: str) -> datetime | None:
    when: datetime | None = tx.execute(select(func.max(run.c.started)).where(run.c.job == job)).scalar_one()
    return when


def newest(tx: Connection, count: int, job: str = "knock") -> list[Row[Any]]:
    return list(tx.execute(select(run).where(run.c.job == job).order_by(run.c.id.desc()).limit(count)))


@dataclass(frozen=True)
class Run:
    """One row, with what has become of its envelopes since: outcome → how many; "" those that still wait."""

    started: datetime
    ended: datetime
    rounds: int
    planned: int
    enqueued: int
    skipped: Mapping[str, int]
    outcomes: Mapping[str, int]


def of_reminders(tx: Connection, count: int) -> list[Run]:
    """The last of them, the newest first."""
    rows = newest(tx, count, "remind")
    became = _outcomes(tx, [row.started for row in rows if row.enqueued])
    return [
        Run(
            row.started,
            row.ended or row.started,
            row.rounds or 1,
            row.planned or 0,
            row.enqueued or 0,
            row.skipped or {},
            became.get(row.started, {}),
        )
        for row in rows
    ]


def _outcomes(tx: Connection, moments: Collection[datetime]) -> dict[datetime, Counter[str]]:
    """Of the envelopes of each run: they were made at its very moment."""
    here = outbox.c.about.startswith("remind:") & outbox.c.made.in_(moments)
    found: dict[datetime, Counter[str]] = {}
    for row in tx.execute(select(outbox.c.made, outbox.c.outcome).where(here)) if moments else ():
        found.setdefault(row.made, Counter())[(row.outcome or "").partition(":")[0]] += 1
    return found
