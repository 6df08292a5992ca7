"""Codes by which people come in, once each, and who of them waits for approval."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.schema import address, enrolment, invitation

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that a tired eye takes for something else
LENGTH = 8  # 40 bits: at five guesses an hour a stranger needs longer than the office will exist
VALID = timedelta(days=30)
PATIENCE, LOCKED = 5, timedelta(hours=1)


def issue(
    tx: Connection, unit: str, role: str, now: datetime, name: str | None = None, hands_over: int | None = None
) -> str:
    """A new code, said once and kept only as its digest."""
    code = new_code("NH")
    row: dict[str, Any] = {"unit": unit, "role": role, "name": name, "issued": now, "expires": now + VALID}
    row["hands_over"] = hands_over
    tx.execute(invitation.insert().values(digest=digest(code), **row))
    return code


def new_code(prefix: str) -> str:
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(code: str) -> str:
    """Case, spaces and hyphens do not matter."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()


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


def ask(tx: Connection, address: int, invitation: int, name: str, now: datetime) -> int:
    row = {"address": address, "invitation": invitation, "name": name, "asked": now}
    return int(tx.execute(enrolment.insert().values(**row).returning(enrolment.c.id)).scalar_one())


def waiting(tx: Connection, *where: Any) -> list[Row[Any]]:
    """Who waits for approval, oldest first: id, address, name, unit, role."""
    columns = [enrolment.c.id, enrolment.c.address, enrolment.c.name, invitation.c.unit, invitation.c.role]
    query = select(*columns).join(invitation).where(enrolment.c.decided.is_(None), *where)
    return list(tx.execute(query.order_by(enrolment.c.id)))


def waiting_at(tx: Connection, id: int) -> Row[Any]:
    """One enrolment with the unit and the role of its invitation, decided or not."""
    columns = [enrolment.c.id, enrolment.c.address, enrolment.c.name, invitation.c.unit, invitation.c.role]
    columns += [invitation.c.hands_over]
    return tx.execute(select(*columns).join(invitation).where(enrolment.c.id == id)).one()


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
