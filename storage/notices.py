"""Notices, whom they were for, and who has acknowledged them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from storage.schema import enclosure, file, notice, person, recipient


def add(tx: Connection, title: str, body: str, audience: object, author: int, now: datetime) -> int:
    row = {"title": title, "body": body, "audience": audience, "author": author, "made": now}
    return int(tx.execute(notice.insert().values(**row).returning(notice.c.id)).scalar_one())


def address_to(tx: Connection, id: int, people: dict[int, str]) -> None:
    """`people`: person → the unit they receive it for."""
    tx.execute(recipient.insert(), [{"notice": id, "person": whom, "unit": unit} for whom, unit in people.items()])


def enclose(tx: Connection, id: int, files: Sequence[int]) -> None:
    """Files that go along with it."""
    if files:
        tx.execute(enclosure.insert(), [{"notice": id, "file": number} for number in files])


def enclosed(tx: Connection, id: int) -> list[Row[Any]]:
    """id, name, mime, size of what goes along with it."""
    query = select(file).join(enclosure, enclosure.c.file == file.c.id).where(enclosure.c.notice == id)
    return list(tx.execute(query.order_by(file.c.id)))


def at(tx: Connection, id: int) -> Row[Any] | None:
    return tx.execute(select(notice).where(notice.c.id == id)).one_or_none()


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(notice).order_by(notice.c.id.desc())))


def newest(tx: Connection) -> Row[Any] | None:
    return tx.execute(select(notice).order_by(notice.c.id.desc())).first()


def unacknowledged(tx: Connection, whom: int) -> list[Row[Any]]:
    """What this person has not acknowledged yet, newest first."""
    return list(tx.execute(OPEN, {"whom": whom}))


OPEN = select(notice).join(recipient).where(recipient.c.person == bindparam("whom"), recipient.c.acknowledged.is_(None))
OPEN = OPEN.order_by(notice.c.id.desc())


def acknowledge(tx: Connection, id: int, whom: int, verbatim: str, now: datetime) -> bool:
    """False when it was acknowledged before, or was not for them."""
    open = and_(recipient.c.notice == id, recipient.c.person == whom, recipient.c.acknowledged.is_(None))
    return bool(tx.execute(recipient.update().where(open).values(acknowledged=now, verbatim=verbatim)).rowcount)


def about(id: int) -> str:
    """How the envelopes of a notice are marked in the outbox."""
    return f"notice:{id}"


def recipients(tx: Connection, id: int) -> list[Row[Any]]:
    """Per recipient: person, name, phone, unit, acknowledged, verbatim; by unit."""
    columns = [recipient.c.person, person.c.name, person.c.phone, recipient.c.unit]
    columns += [recipient.c.acknowledged, recipient.c.verbatim]
    return list(tx.execute(select(*columns).join(person).where(recipient.c.notice == id).order_by(recipient.c.unit)))


def count(tx: Connection, id: int) -> tuple[int, int]:
    """Recipients, and how many of them have acknowledged."""
    query = select(func.count(), func.count(recipient.c.acknowledged)).where(recipient.c.notice == id)
    all, acknowledged = tx.execute(query).one()
    return int(all), int(acknowledged)
