"""Who may look at the board page: a link that opens once, then a session until it ends; kept only as digests."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.db import insert_new
from storage.schema import address, person, pressed, visit

TO_OPEN = timedelta(minutes=15)  # a link that nobody opened by then is worth nothing
LASTS = timedelta(hours=10)  # a working day: whoever comes back tomorrow asks for another link


def issue(tx: Connection, at: int, whom: int, now: datetime) -> str:
    """A new link's token, said once, to the address `at` of this person."""
    token = secrets.token_urlsafe(24)
    row = {"person": whom, "address": at, "ticket": digest(token), "issued": now, "expires": now + TO_OPEN}
    tx.execute(visit.insert().values(**row))
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def openable(tx: Connection, token: str, now: datetime) -> bool:
    return tx.execute(select(visit.c.id).where(_fresh(token, now))).first() is not None


def open(tx: Connection, token: str, now: datetime) -> str | None:
    """The session that begins; the update is the lock: None for a link that was used, ran out or never was."""
    session = secrets.token_urlsafe(32)
    begun = {"opened": now, "session": digest(session), "until": now + LASTS}
    opened = tx.execute(visit.update().where(_fresh(token, now)).values(**begun)).rowcount
    return session if opened else None


def _fresh(token: str, now: datetime) -> Any:
    return (visit.c.ticket == digest(token)) & visit.c.opened.is_(None) & (visit.c.expires > now)


def at(tx: Connection, session: str, now: datetime) -> Row[Any] | None:
    """id, person and address of whoever holds this session, as long as it lasts and they are with us."""
    columns: list[Any] = [visit.c.id, visit.c.person, visit.c.address]
    query = select(*columns).join(person, person.c.id == visit.c.person).join(address, address.c.id == visit.c.address)
    held = (visit.c.session == digest(session)) & (visit.c.until > now) & visit.c.ended.is_(None)
    theirs = (address.c.person == visit.c.person) & person.c.left.is_(None)
    return tx.execute(query.where(held, theirs)).one_or_none()


def end(tx: Connection, session: str, now: datetime) -> None:
    tx.execute(visit.update().where(visit.c.session == digest(session)).values(ended=now))


def end_all(tx: Connection, whom: int, now: datetime) -> None:
    """Every session of this person, and every link that they have not opened."""
    theirs = (visit.c.person == whom) & visit.c.ended.is_(None)
    tx.execute(visit.update().where(theirs).values(ended=now, expires=now))


def press(tx: Connection, id: int, key: str, now: datetime) -> bool:
    """False when this form of theirs was sent before: a double click does nothing twice."""
    return insert_new(tx, pressed, visit=id, key=key, at=now)
