"""Codes by which people come in, once each, and who of them waits for approval."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from storage.schema import address, duty, enrolment, invitation, unit

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that a tired eye takes for something else
LENGTH = 8  # 40 bits: at five guesses an hour a stranger needs longer than the office will exist
VALID = timedelta(days=30)
PATIENCE, LOCKED = 5, timedelta(hours=1)


def issue(
    tx: Connection, unit: str, role: str, now: datetime, name: str | None = None, hands_over: int | None = None
) -> str:
    """A new code, said once and kept only as its digest."""
    code = new_code("NH")
    _add(tx, code, unit, role, now, name=name, hands_over=hands_over)
    return code


def _add(tx: Connection, code: str, unit: str, role: str, now: datetime, **more: Any) -> None:
    row = {"digest": digest(code), "unit": unit, "role": role, "issued": now, "expires": now + VALID}
    tx.execute(invitation.insert().values(**row, **more))


@dataclass(frozen=True)
class Printed:
    """A code as it stands on a sheet."""

    unit: str
    code: str
    expires: datetime


def addressed(tx: Connection, all: bool, today: date) -> dict[str, str]:
    """Whom a sheet is for, in the office's order: the units of that day that nobody reports for, or all of them."""
    held = select(duty.c.unit).where(duty.c.role == "focal", duty.c.until.is_(None))
    there = or_(unit.c.closed.is_(None), unit.c.closed > today)
    query = select(unit.c.id, unit.c.name).where(there if all else and_(there, unit.c.id.not_in(held)))
    return {row.id: row.name for row in tx.execute(query.order_by(unit.c.position, unit.c.id))}


def print_for(tx: Connection, units: Iterable[str], key: str, now: datetime, renew: bool = False) -> tuple[int, int]:
    """Each of these units has a code for its focal point that can be printed; with `renew` a new one, and none of the
    unused ones is good any more. How many are new, and how many were withdrawn."""
    wanted = list(units)
    open = _open(tx, wanted, now)
    if renew:
        for row in open:
            revoke(tx, row.id, now)
    there = set() if renew else {row.unit for row in open if _printable(row, key)}
    fresh = [each for each in wanted if each not in there]
    for each in fresh:
        seed = secrets.token_hex(16)
        _add(tx, _grown(seed, key), each, "focal", now, seed=seed)
    return len(fresh), len(open) if renew else 0


def printed(tx: Connection, units: Iterable[str], key: str, now: datetime) -> Mapping[str, Printed]:
    """Unit → its newest code that nobody has used and that can be printed."""
    rows = [row for row in _open(tx, units, now) if _printable(row, key)]
    return {row.unit: Printed(row.unit, _grown(row.seed, key), row.expires) for row in rows}


def _open(tx: Connection, units: Iterable[str], now: datetime) -> list[Row[Any]]:
    """The unused ones for the focal points of these units, oldest first; none by which somebody hands over."""
    open = and_(invitation.c.taken.is_(None), invitation.c.revoked.is_(None), invitation.c.expires > now)
    theirs = and_(invitation.c.unit.in_(list(units)), invitation.c.role == "focal", invitation.c.hands_over.is_(None))
    return list(tx.execute(select(invitation).where(open, theirs).order_by(invitation.c.id)))


def _printable(row: Row[Any], key: str) -> bool:
    """Not one that was said once, nor one from before the house had another key."""
    return bool(row.seed) and digest(_grown(row.seed, key)) == row.digest


def _grown(seed: str, key: str) -> str:
    """The code of this seed: neither the database nor the key alone gives it."""
    grown = hmac.new(key.encode(), f"invitation {seed}".encode(), hashlib.sha256).digest()
    return "NH-" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in grown[:LENGTH])


def new_code(prefix: str) -> str:
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(code: str) -> str:
    """Case, spaces and hyphens do not matter."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()


def issued(tx: Connection, of: str = "") -> list[Row[Any]]:
    """All that were ever issued, for a unit or for any, the newest first, and by whom each was taken (`by`)."""
    columns: list[Any] = [invitation, enrolment.c.name.label("by"), enrolment.c.verdict]
    query = select(*columns).outerjoin(enrolment, enrolment.c.invitation == invitation.c.id)
    return list(tx.execute((query.where(invitation.c.unit == of) if of else query).order_by(invitation.c.id.desc())))


def unused(tx: Connection, now: datetime, of: str = "", number: int = 0) -> list[Row[Any]]:
    """Those that still let somebody in: the one of that number, or all of a unit."""
    open = and_(invitation.c.taken.is_(None), invitation.c.revoked.is_(None), invitation.c.expires > now)
    which = invitation.c.id == number if number else invitation.c.unit == of
    return list(tx.execute(select(invitation).where(open, which).order_by(invitation.c.id)))


def revoke(tx: Connection, id: int, now: datetime) -> None:
    tx.execute(invitation.update().where(invitation.c.id == id).values(revoked=now))


def find(tx: Connection, code: str) -> Row[Any] | None:
    return tx.execute(select(invitation).where(invitation.c.digest == digest(code))).one_or_none()


def wrong(tx: Connection, who: Row[Any], now: datetime) -> None:
    """One more wrong code from this address; after a few it has to wait."""
    count = who.wrong_codes + 1
    locked = now + LOCKED if count >= PATIENCE else None
    new = {"wrong_codes": 0 if locked else count, "locked_until": locked}
    tx.execute(address.update().where(address.c.id == who.id).values(**new))


def take(tx: Connection, id: int, now: datetime) -> bool:
    """The update is the lock: False when somebody was quicker."""
    free = (invitation.c.id == id) & invitation.c.taken.is_(None)
    return bool(tx.execute(invitation.update().where(free).values(taken=now)).rowcount)


def ask(
    tx: Connection, address: int, invitation: int, name: str, now: datetime, phone: str = "", called: str = ""
) -> int:
    row: dict[str, Any] = {"address": address, "invitation": invitation, "name": name, "asked": now}
    row |= {"phone": phone or None, "called": called[:100] or None}
    return int(tx.execute(enrolment.insert().values(**row).returning(enrolment.c.id)).scalar_one())


ASKED: list[Any] = [enrolment.c.id, enrolment.c.address, enrolment.c.name, enrolment.c.phone, enrolment.c.called]
ASKED += [invitation.c.unit, invitation.c.role, invitation.c.hands_over]


def waiting(tx: Connection, *where: Any) -> list[Row[Any]]:
    """Who waits for approval, oldest first."""
    query = select(*ASKED).join(invitation).where(enrolment.c.decided.is_(None), *where)
    return list(tx.execute(query.order_by(enrolment.c.id)))


def waiting_at(tx: Connection, id: int) -> Row[Any]:
    """One enrolment with the unit and the role of its invitation, decided or not."""
    return tx.execute(select(*ASKED).join(invitation).where(enrolment.c.id == id)).one()


def withdraw(tx: Connection, hands_over: int, now: datetime) -> bool:
    """Those that take this person's duty over and that nobody has used; False when there is none."""
    open = (invitation.c.hands_over == hands_over) & invitation.c.taken.is_(None) & (invitation.c.expires > now)
    return bool(tx.execute(invitation.update().where(open).values(expires=now)).rowcount)


def asked_from(tx: Connection, address: int) -> Row[Any] | None:
    return next(iter(waiting(tx, enrolment.c.address == address)), None)


def decide(tx: Connection, id: int, verdict: str, by: int | None, now: datetime, reason: str | None = None) -> bool:
    """False when it was decided before."""
    open = (enrolment.c.id == id) & enrolment.c.decided.is_(None)
    new = {"verdict": verdict, "decided": now, "decided_by": by, "reason": reason and reason[:400]}
    return bool(tx.execute(enrolment.update().where(open).values(**new)).rowcount)
