"""What the clockwork has done: a row for every run, so that one that did not happen is noticed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.schema import run


def note(tx: Connection, job: str, started: datetime, enqueued: int) -> None:
    tx.execute(run.insert().values(job=job, started=started, ended=started, enqueued=enqueued))


def last(tx: Connection, job: str) -> datetime | None:
    when: datetime | None = tx.execute(select(func.max(run.c.started)).where(run.c.job == job)).scalar_one()
    return when


def newest(tx: Connection, count: int) -> list[Row[Any]]:
    return list(tx.execute(select(run).order_by(run.c.id.desc()).limit(count)))
