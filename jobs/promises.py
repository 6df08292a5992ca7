"""A promise is checked at its hour: whoever still owes what they promised is told so, once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from catalogue.calendar import Calendar
from jobs import remind
from storage import campaigns, outbox, people, promises, slots

KIND = "due.promise"


def knock(tx: Connection, running: Iterable[remind.Round], calendar: Calendar, now: datetime) -> int:
    """One envelope for each broken promise, on the day of its hour or, at night, when the office opens."""
    if not calendar.awake(now):
        return 0
    put = 0
    serving = {(row.unit, row.person) for row in people.serving(tx, "focal")}
    for here in running:
        for (unit, person), due in here.promises.items():
            today = due <= now and calendar.next_awake(due).date() == now.date()
            owed = unit in here.standings and here.standings[unit].owed and (unit, person) in serving
            to = people.reach(tx, person) if today and owed else None
            if to and slots.take(tx, here.campaign, f"promise:{unit}:{due:%d%m%H%M}", person, now):
                say = {"kind": KIND, "facts": {"campaign": here.campaign, "unit": unit, "due": due.isoformat()}}
                outbox.put(tx, to, [say | {"options": []}], outbox.BULK, now, about=f"promise:{here.campaign}/{unit}")
                put += 1
    return put


def next_moment(tx: Connection, calendar: Calendar, now: datetime) -> datetime | None:
    """When the next promise is checked."""
    made = [row.due for one in campaigns.running(tx) for row in promises.newest(tx, one.id).values()]
    return min((calendar.next_awake(due) for due in made if due > now), default=None)
