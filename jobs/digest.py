"""The day's summary for TCCB: at 16:30 on working days while a campaign runs."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from storage import campaigns, outbox, people, slots

KIND = "due.digest"
AT = time(16, 30)
AFTERWARDS = timedelta(days=7)  # how long after the evaluation day it still comes


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """One envelope a day to each of TCCB, about every campaign that runs."""
    if not calendar.awake(now) or now.time() < AT:
        return 0
    running = [row.id for row in campaigns.running(tx) if now.date() <= row.evaluation + AFTERWARDS]
    put = 0
    for person in sorted({member.person for member in people.serving(tx, "tccb")}):
        to = people.reach(tx, person)
        if to and (about := [id for id in running if slots.take(tx, id, f"digest:{now:%Y-%m-%d}", person, now)]):
            outbox.put(tx, to, [{"kind": KIND, "facts": {"campaigns": about}, "options": []}], outbox.BULK, now,
                       about=f"digest:{about[0]}")  # fmt: skip
            put += 1
    return put


def next_moment(calendar: Calendar, now: datetime) -> datetime:
    """When the next summary is due."""
    today = datetime.combine(calendar.after(now.date()), AT, HANOI)
    return today if today > now else datetime.combine(calendar.after(now.date() + timedelta(days=1)), AT, HANOI)
