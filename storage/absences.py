"""Who is away, and until when. Of one person the newest counts; whoever is back early ends it."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, select

from storage.schema import absence


def begin(tx: Connection, person: int, until: date, now: datetime) -> None:
    end(tx, person, now)
    tx.execute(absence.insert().values(person=person, until=until, told=now))


def end(tx: Connection, person: int, now: datetime) -> bool:
    """False when they were not away."""
    open = (absence.c.person == person) & absence.c.ended.is_(None) & (absence.c.until >= now.date())
    return bool(tx.execute(absence.update().where(open).values(ended=now)).rowcount)


def away(tx: Connection) -> dict[int, date]:
    """Person → the last day on which they are away; days gone by are among them."""
    return {row.person: row.until for row in tx.execute(AWAY)}


def is_away(away: Mapping[int, date], person: int, day: date) -> bool:
    return person in away and day <= away[person]


AWAY = select(absence.c.person, absence.c.until).where(absence.c.ended.is_(None)).order_by(absence.c.id)
