"""What is said once to one address and is good once, for a while: a code that joins another chat."""

import hmac
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from storage.schema import ticket

Purpose = Literal["link"]


def issue(tx: Connection, purpose: Purpose, key: str, at: Row[Any], now: datetime, lasts: timedelta) -> None:
    """Kept by its digest `key` alone, for the address `at` and the person who has it."""
    row = {"purpose": purpose, "digest": key, "address": at.id, "person": at.person}
    tx.execute(ticket.insert().values(**row, issued=now, expires=now + lasts))


def issued(tx: Connection, purpose: Purpose, person: int, since: datetime) -> int:
    """How many this person has had since then."""
    theirs = (ticket.c.purpose == purpose, ticket.c.person == person, ticket.c.issued > since)
    return int(tx.execute(select(func.count()).where(*theirs)).scalar_one())


def void(tx: Connection, purpose: Purpose, person: int, now: datetime) -> None:
    """Those that this person has and has not used are worth nothing from now on."""
    theirs = (ticket.c.purpose == purpose) & (ticket.c.person == person) & (ticket.c.expires > now)
    tx.execute(ticket.update().where(theirs, ticket.c.taken.is_(None)).values(expires=now))


def at(tx: Connection, id: int) -> Row[Any]:
    return tx.execute(select(ticket).where(ticket.c.id == id)).one()


def find(tx: Connection, purpose: Purpose, key: str, now: datetime) -> Row[Any] | None:
    """The one that is still good. Each is compared whole, so that how long it takes tells nothing of a wrong one."""
    fresh = select(ticket).where(ticket.c.purpose == purpose, ticket.c.expires > now, ticket.c.taken.is_(None))
    alike = [row for row in tx.execute(fresh) if hmac.compare_digest(row.digest, key)]
    return alike[0] if alike else None


def take(tx: Connection, id: int, now: datetime) -> bool:
    """The update is the lock: False when it was used before, or is too old."""
    free = (ticket.c.id == id) & ticket.c.taken.is_(None) & (ticket.c.expires > now)
    return bool(tx.execute(ticket.update().where(free).values(taken=now)).rowcount)
