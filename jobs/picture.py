"""When the day of the units' deadline is over, the state is frozen: one picture, its digest in the audit."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from storage import audit, campaigns, snapshots
from storage.audit import Who

CLOCKWORK = Who(None, "clock")


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """At any hour, as it stood at midnight however late we are; puts no envelope down."""
    for row in campaigns.running(tx):
        if row.deadline < now.date() and (digest := snapshots.take(tx, row.id, row.deadline, now)):
            audit.note(tx, CLOCKWORK, "snapshot", f"{row.id}/{row.deadline}", now, became=digest)
    return 0
