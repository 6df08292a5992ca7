"""A copy of everything, each night, in files of which the last fourteen are kept."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from storage import copying, settings
from storage.db import alone

FROM = time(1, 30)  # in the night; a machine that is off then does it when it is back
KEEP = 14  # files, one a day
BEGUN, DONE = (
    "backup.begun",
    "backup.done",
)  # settings: the day that somebody has in hand; the moment of the last whole one
LATE = timedelta(days=2)  # without a whole one: somebody has to look


def claim(tx: Connection, now: datetime) -> bool:
    """Whether today's copy is to be made now, and by us: one process of many gets a yes, once."""
    if now.time() < FROM or settings.get(tx, BEGUN) == now.date().isoformat():
        return False
    alone(tx, "backup")
    if settings.get(tx, BEGUN) == now.date().isoformat():
        return False
    settings.keep(tx, BEGUN, now.date().isoformat())
    return True


def make(engine: Engine, folder: Path, day: date) -> copying.Copied:
    """Today's file; those of days too long ago go once it is there. Raises what `copying.backup` raises."""
    copied = copying.backup(engine, folder / f"nhachan-{day.isoformat()}.db")
    for old in sorted(folder.glob("nhachan-????-??-??.db"))[:-KEEP]:
        old.unlink()
    return copied


def done(tx: Connection, now: datetime) -> None:
    settings.keep(tx, DONE, now.isoformat())


def last(tx: Connection) -> datetime | None:
    """When the last whole copy was made."""
    when = settings.get(tx, DONE)
    return datetime.fromisoformat(when) if when else None
