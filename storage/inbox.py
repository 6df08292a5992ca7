"""The only way in: kept before anything is done about it, answered in the order it came."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, func, select

from storage.db import insert_new, oldest_open
from storage.prepared import Prepared
from storage.schema import address, inbox

NEXT = Prepared(oldest_open(inbox, [inbox.c.id], bindparam("most", type_=Integer), inbox.c.awaits.is_(None)))


TOO_MANY = "set aside: too many"


def keep(
    tx: Connection,
    address: int,
    external_id: str,
    said: dict[str, Any],
    now: datetime,
    awaits: datetime | None = None,
    outcome: str | None = None,
) -> bool:
    """False when it is here already: what is said twice is heard once. `awaits`: when its file is to be fetched;

    `outcome`: what became of it, where nothing else is to be done.
    """
    row = {"address": address, "external_id": external_id, "said": said, "heard": now, "tries": 0, "awaits": awaits}
    return insert_new(tx, inbox, **row, settled=now if outcome else None, outcome=outcome)


def next(tx: Connection, most: int = 1) -> Sequence[Row[Any]]:
    """The oldest open messages, each of an address that has none open before it, locked until the commit."""
    return NEXT.all(tx, {"most": most})


def awaited(tx: Connection, now: datetime) -> bool:
    """Whether any message waits for its file: asked often, so nothing is locked for it."""
    return tx.execute(AWAITED, {"by": now}).first() is not None


AWAITED = select(inbox.c.id).where(inbox.c.settled.is_(None), inbox.c.awaits <= bindparam("by")).limit(1)


def awaiting(tx: Connection, channel: str, account: str, now: datetime, lease: timedelta, limit: int) -> list[Row[Any]]:
    """Messages whose file is to be fetched now, out of everyone else's reach for the lease."""
    there = address.c.id == inbox.c.address, address.c.channel == channel, address.c.account == account
    due = select(inbox).where(*there, inbox.c.settled.is_(None), inbox.c.awaits <= now).order_by(inbox.c.id)
    rows = list(tx.execute(due.limit(limit).with_for_update(skip_locked=True, of=inbox)))
    if rows:
        ours = inbox.update().where(inbox.c.id.in_([row.id for row in rows]))
        tx.execute(ours.values(awaits=now + lease, fetches=func.coalesce(inbox.c.fetches, 0) + 1))
    return rows


def await_again(tx: Connection, id: int, when: datetime) -> None:
    tx.execute(inbox.update().where(inbox.c.id == id).values(awaits=when))


def bring_forward(tx: Connection, after: datetime, to: datetime) -> int:
    """Files that are to be fetched after that moment are fetched at the other; how many messages wait for them."""
    late = inbox.update().where(inbox.c.settled.is_(None), inbox.c.awaits > after)
    return int(tx.execute(late.values(awaits=to)).rowcount)


def fetched(tx: Connection, id: int, said: dict[str, Any]) -> bool:
    """The message may be answered now. False: somebody else has fetched its file meanwhile."""
    still = (inbox.c.id == id) & inbox.c.awaits.is_not(None)
    return bool(tx.execute(inbox.update().where(still).values(said=said, awaits=None)).rowcount)


def settle(tx: Connection, id: int, now: datetime, outcome: str) -> None:
    SETTLE.changes(tx, {"which": id, "moment": now, "became": outcome[:400]})


DONE = inbox.update().values(settled=bindparam("moment"), outcome=bindparam("became"))
SETTLE = Prepared(DONE.where(inbox.c.id == bindparam("which")))


def stumbled(tx: Connection, id: int) -> None:
    tx.execute(inbox.update().where(inbox.c.id == id).values(tries=inbox.c.tries + 1))


def queue(tx: Connection) -> tuple[int, datetime | None]:
    """How many messages wait to be answered, and since when the longest has."""
    count, since = tx.execute(select(func.count(), func.min(inbox.c.heard)).where(inbox.c.settled.is_(None))).one()
    return int(count), since


def parked(tx: Connection, since: datetime, how: str = "parked") -> int:
    """Messages that tripped us and got an apology, or were set aside as too many: somebody has to look."""
    given_up = (inbox.c.settled > since) & inbox.c.outcome.like(f"{how}%")
    return int(tx.execute(select(func.count()).where(given_up)).scalar_one())
