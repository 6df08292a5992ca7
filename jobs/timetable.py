"""What runs when. APScheduler only knocks, and appears here and nowhere else; what is due is asked of the database."""

from collections.abc import Callable, Mapping
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from jobs import digest, heartbeat, notices, picture, promises, remind, warn
from storage import runs

EVERY = 20  # seconds between two knocks


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """One round: promises, reminders, warnings, the digest, notices. Notes a round that put any down; how many."""
    running = remind.rounds(tx, catalogues) if calendar.awake(now) else []
    put = heartbeat.knock(tx, catalogues, calendar, now) + picture.knock(tx, catalogues, calendar, now)
    put += sum(job(tx, running, calendar, now) for job in (promises.knock, remind.knock, warn.knock))
    put += digest.knock(tx, catalogues, calendar, now) + notices.knock(tx, catalogues, calendar, now)
    if put:
        runs.note(tx, "knock", now, put)
    return put


def next_moment(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> datetime:
    """When the timetable has something to do next."""
    ahead = (remind.next_moment(tx, catalogues, calendar, now), promises.next_moment(tx, calendar, now))
    return min([digest.next_moment(calendar, now), *(at for at in ahead if at)])


def start(knocking: Callable[[], object]) -> BackgroundScheduler:
    """Knocks every few seconds, however late: a missed knock is made up for by the next."""
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler = BackgroundScheduler(timezone=HANOI, job_defaults=defaults)
    scheduler.add_job(knocking, "interval", seconds=EVERY)
    scheduler.start()
    return scheduler
