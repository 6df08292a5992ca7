"""Who talks to us, for which units, and where each can be reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from storage.db import insert_new, narrowed
from storage.prepared import Prepared
from storage.schema import address, duty, person, unit

ROLES = ("focal", "head", "tccb", "evaluator", "viewer")


@dataclass(frozen=True)
class Duty:
    unit: str
    role: str
    unit_name: str


def address_of(tx: Connection, channel: str, account: str, chat: str, now: datetime) -> int:
    """Whoever writes to us from there can be reached there (again)."""
    where = {"over": channel, "by": account, "there": chat}
    if (known := HEARD.first(tx, where | {"moment": now})) is not None:
        return int(known.id)
    fresh = {"rank": 0, "seen": now, "wrong_codes": 0}
    insert_new(tx, address, channel=channel, account=account, chat=chat, **fresh)
    return int(tx.execute(PLACE, where).scalar_one())


def address_at(tx: Connection, channel: str, account: str, chat: str) -> int | None:
    return tx.execute(PLACE, {"over": channel, "by": account, "there": chat}).scalar_one_or_none()


HERE = and_(
    address.c.channel == bindparam("over"), address.c.account == bindparam("by"), address.c.chat == bindparam("there")
)
HEARD = Prepared(address.update().where(HERE).values(refused=None, seen=bindparam("moment")).returning(address.c.id))
PLACE = select(address.c.id).where(HERE)


def found(tx: Connection, id: int) -> Row[Any] | None:
    """An address by the number that somebody has typed, if there is one."""
    return tx.execute(select(address).where(address.c.id == id)).one_or_none()


def at(tx: Connection, id: int) -> Row[Any]:
    """An address with its person: `person` is None when a stranger writes."""
    return AT.one(tx, {"which": id})


WHO: list[Any] = [address, person.c.name, person.c.phone, person.c.position, person.c.language, person.c.joined]
AT = Prepared(select(*WHO).outerjoin(person).where(address.c.id == bindparam("which")))


def duties(tx: Connection, whom: int) -> tuple[Duty, ...]:
    return tuple(Duty(row.unit, row.role, row.name) for row in DUTIES.all(tx, {"whom": whom}))


OF_UNITS = select(duty.c.unit, duty.c.role, unit.c.name).join(unit, unit.c.id == duty.c.unit)
DUTIES = Prepared(OF_UNITS.where(duty.c.person == bindparam("whom"), duty.c.until.is_(None)).order_by(duty.c.id))


def serving(tx: Connection, *roles: str, units: Collection[str] | None = None) -> Sequence[Row[Any]]:
    """Everyone with such a duty now, for these units or for any: person, name, phone, unit, role."""
    return narrowed(tx, SERVING, duty.c.unit, units, {"roles": roles})


def serves(tx: Connection, whom: int, *roles: str) -> Sequence[Row[Any]]:
    """As `serving`, of one person."""
    return tx.execute(SERVES, {"roles": roles, "whom": whom}).all()


SERVES_AS: list[Any] = [duty.c.person, person.c.name, person.c.phone, duty.c.unit, duty.c.role]
SERVING = select(*SERVES_AS).join(person)
SERVING = SERVING.where(duty.c.role.in_(bindparam("roles", expanding=True)), duty.c.until.is_(None))
SERVING = SERVING.where(person.c.left.is_(None)).order_by(duty.c.person, duty.c.unit)
SERVES = SERVING.where(duty.c.person == bindparam("whom"))


def join(tx: Connection, name: str, unit: str, role: str, now: datetime, phone: str | None = None) -> int:
    """A new person with their first duty; returns the person."""
    row = {"name": name, "phone": phone, "language": "", "joined": now}  # as the office speaks, until they choose
    whom = int(tx.execute(person.insert().values(**row).returning(person.c.id)).scalar_one())
    assign(tx, whom, unit, role, now)
    return whom


def assign(tx: Connection, whom: int, unit: str, role: str, now: datetime) -> None:
    held = and_(duty.c.person == whom, duty.c.unit == unit, duty.c.role == role, duty.c.until.is_(None))
    if tx.execute(select(duty.c.id).where(held)).first() is None:
        tx.execute(duty.insert().values(person=whom, unit=unit, role=role, since=now))


def resign(tx: Connection, whom: int, unit: str, role: str, now: datetime) -> bool:
    """Their duty ends; False when they do not hold it."""
    held = and_(duty.c.person == whom, duty.c.unit == unit, duty.c.role == role, duty.c.until.is_(None))
    return bool(tx.execute(duty.update().where(held).values(until=now)).rowcount)


def named(tx: Connection, whom: int) -> str:
    return str(tx.execute(select(person.c.name).where(person.c.id == whom)).scalar_one())


def rename(tx: Connection, whom: int, name: str) -> None:
    tx.execute(person.update().where(person.c.id == whom).values(name=name))


def set_phone(tx: Connection, whom: int, phone: str) -> None:
    tx.execute(person.update().where(person.c.id == whom).values(phone=phone or None))


def phone_of(tx: Connection, whom: int) -> str | None:
    phone: str | None = tx.execute(select(person.c.phone).where(person.c.id == whom)).scalar_one()
    return phone


def speak(tx: Connection, whom: int, language: str) -> None:
    tx.execute(person.update().where(person.c.id == whom).values(language=language))


def link(tx: Connection, id: int, whom: int, one_more: datetime | None = None) -> None:
    """This address is theirs from now on, after the ones they had. `one_more`: when it came to those."""
    last = tx.execute(select(func.coalesce(func.max(address.c.rank), -1)).where(address.c.person == whom)).scalar_one()
    tx.execute(address.update().where(address.c.id == id).values(person=whom, rank=last + 1, wrong_codes=0, held=None))
    if one_more:
        tx.execute(address.update().where(address.c.id == id).values(linked=one_more))


def newer(tx: Connection, at: Row[Any], since: datetime) -> list[Row[Any]]:
    """The addresses of this person that have come since, and after the one they speak from."""
    later = [one for one in addresses(tx, at.person) if one.linked and one.linked > since]
    return [one for one in later if at.linked is None or one.linked > at.linked]


def hold(tx: Connection, id: int, whom: int) -> None:
    """Nobody's until it is decided on: whoever writes from there is a stranger who can't come in."""
    tx.execute(address.update().where(address.c.id == id).values(person=None, rank=0, held=whom))


def addresses(tx: Connection, whom: int) -> list[Row[Any]]:
    """All of this person's, in the order in which they are tried."""
    return list(THEIRS.all(tx, {"whom": whom}))


THEIRS = Prepared(select(address).where(address.c.person == bindparam("whom")).order_by(address.c.rank, address.c.id))


def prefer(tx: Connection, id: int, whom: int) -> None:
    """This address of theirs is tried first from now on, the others in the order they had."""
    order = sorted((one.id for one in addresses(tx, whom)), key=lambda each: each != id)
    for rank, each in enumerate(order):
        tx.execute(address.update().where(address.c.id == each).values(rank=rank))


def retire(tx: Connection, id: int) -> None:
    """Nobody's any more. Whoever writes from there again is a stranger with a fresh page; what was said is kept."""
    chat = tx.execute(select(address.c.chat).where(address.c.id == id)).scalar_one()
    gone = {"chat": f"-{id} {chat}"[:128], "person": None, "held": None, "rank": 0, "refused": "removed"}
    tx.execute(address.update().where(address.c.id == id).values(**gone))


def chat_of(tx: Connection, whom: int, channel: str) -> str | None:
    """Where this person has talked to us over that channel, if they have."""
    theirs = select(address.c.chat).where(address.c.person == whom, address.c.channel == channel)
    return tx.execute(theirs.order_by(address.c.rank, address.c.id)).scalars().first()


def reach(tx: Connection, whom: int | None) -> Row[Any] | None:
    """The first of a person's addresses that has not refused us; nobody is reached nowhere."""
    if whom is None:
        return None  # in SQL it would be every stranger's address
    return tx.execute(REACH, {"whom": whom}).first()


REACH = select(address).where(address.c.person == bindparam("whom"), address.c.refused.is_(None))
REACH = REACH.order_by(address.c.rank, address.c.id)


def desk(tx: Connection) -> list[tuple[int, Row[Any]]]:
    """Everybody at TCCB who can be reached: the person, and where."""
    members = sorted({row.person for row in serving(tx, "tccb")})
    return [(member, to) for member in members if (to := reach(tx, member))]


def reachable(tx: Connection) -> dict[int, Row[Any]]:
    """Person → the first of their addresses that has not refused us, of all who have one."""
    found: dict[int, Row[Any]] = {}
    for row in tx.execute(REACHABLE).all():
        found.setdefault(row.person, row)
    return found


REACHABLE = select(address).where(address.c.person.is_not(None), address.c.refused.is_(None))
REACHABLE = REACHABLE.order_by(address.c.rank, address.c.id)


def refused(tx: Connection, id: int, why: str) -> None:
    tx.execute(address.update().where(address.c.id == id).values(refused=why[:200]))


def unreachable(tx: Connection) -> list[Row[Any]]:
    """People in office whose every address has refused us: person, name, phone, unit."""
    open = select(address.c.person).where(address.c.refused.is_(None), address.c.person.is_not(None))
    query = select(person.c.id, person.c.name, person.c.phone, duty.c.unit).join(duty, duty.c.person == person.c.id)
    query = query.where(person.c.left.is_(None), duty.c.until.is_(None), person.c.id.not_in(open))
    return list(tx.execute(query.order_by(person.c.id)))
