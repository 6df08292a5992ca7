"""Each night, what has been kept long enough goes."""

from dataclasses import asdict
from datetime import datetime, time

from sqlalchemy import Connection

from storage import audit, purging, settings
from storage.audit import Who
from storage.purging import Keep, Purged

FROM = time(2, 0)  # after the night's copy
DAY = "purge.day"  # the setting: the last day on which it was done


def knock(tx: Connection, keep: Keep, now: datetime) -> None:
    """Once a day, by whichever process comes first."""
    today = now.date().isoformat()
    if now.time() >= FROM and settings.get(tx, DAY) != today:
        settings.keep(tx, DAY, today)
        run(tx, keep, Who(None, "clock"), now)


def run(tx: Connection, keep: Keep, who: Who, now: datetime) -> Purged:
    """Noted in the book where there was anything."""
    gone = purging.purge(tx, keep, now.date())
    if gone:
        audit.note(tx, who, "purge", "office", now, became=asdict(gone))
    return gone
