"""Notices, whom they were for, and who has acknowledged them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from storage import settings
from storage.prepared import Prepared
from storage.schema import enclosure, file, notice, person, recipient

SECOND_OFFICER = "notice.second_officer"  # the setting: from so many recipients on, somebody else has to let it go


def add(
    tx: Connection, title: str, body: str, audience: object, author: int, now: datetime, **more: object
) -> Row[Any]:
    """Not sent yet. `more`: due, held, again, corrects."""
    row = {"title": title, "body": body, "audience": audience, "author": author, "made": now, **more}
    return tx.execute(notice.insert().values(**row).returning(notice)).one()


def address_to(tx: Connection, id: int, people: Mapping[int, str]) -> None:
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


def note(tx: Connection, id: int, /, **new: object) -> None:
    """What has become of it: sent, released, recalled, replaced, repeated."""
    tx.execute(notice.update().where(notice.c.id == id).values(**new))


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(notice).order_by(notice.c.id.desc())))


def newest(tx: Connection) -> Row[Any] | None:
    return tx.execute(select(notice).order_by(notice.c.id.desc())).first()


STANDS = and_(notice.c.recalled.is_(None), notice.c.replaced.is_(None))
HELD = select(notice).where(notice.c.held.is_not(None), notice.c.recalled.is_(None)).order_by(notice.c.id)
RIPE = select(notice).where(notice.c.sent.is_(None), notice.c.held.is_(None), notice.c.due <= bindparam("moment"))
RIPE = RIPE.where(notice.c.recalled.is_(None)).order_by(notice.c.id)
TO_REPEAT = select(notice).where(notice.c.again <= bindparam("moment"), notice.c.sent.is_not(None))
TO_REPEAT = TO_REPEAT.where(notice.c.repeated.is_(None), STANDS).order_by(notice.c.id)


def held(tx: Connection) -> list[Row[Any]]:
    """What waits for a second officer."""
    return list(tx.execute(HELD))


def ripe(tx: Connection, now: datetime) -> list[Row[Any]]:
    """What was to go out at an hour that has come."""
    return list(tx.execute(RIPE, {"moment": now}))


def to_repeat(tx: Connection, now: datetime) -> list[Row[Any]]:
    """What is to be said once more to those who have not acknowledged it."""
    return list(tx.execute(TO_REPEAT, {"moment": now}))


def sent_since(tx: Connection, since: datetime) -> list[Row[Any]]:
    """What has gone out of late, and stands."""
    return list(tx.execute(LATELY, {"moment": since}))


LATELY = select(notice).where(notice.c.sent >= bindparam("moment"), STANDS).order_by(notice.c.id)


def unacknowledged(tx: Connection, whom: int) -> list[Row[Any]]:
    """What this person has not acknowledged yet, newest first."""
    return list(OPEN.all(tx, {"whom": whom}))


THEIRS = (recipient.c.person == bindparam("whom"), recipient.c.acknowledged.is_(None))
OPEN = Prepared(select(notice).join(recipient).where(*THEIRS, STANDS).order_by(notice.c.id.desc()))


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


def second_officer(tx: Connection) -> int | None:
    """From how many recipients on a notice needs somebody beside its author to let it go; None: it never does."""
    found: int | None = settings.get(tx, SECOND_OFFICER)
    return found


def second_officer_from(tx: Connection, n: int | None) -> None:
    settings.keep(tx, SECOND_OFFICER, n)


def circles(tx: Connection) -> dict[str, dict[str, Any]]:
    """Audiences kept under a name: name → audience, what."""
    found: dict[str, dict[str, Any]] = settings.get(tx, "notice.circles") or {}
    return found


def keep_circle(tx: Connection, name: str, aim: Mapping[str, Any]) -> None:
    settings.keep(tx, "notice.circles", circles(tx) | {name: dict(aim)})
