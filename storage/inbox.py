"""The only way in: kept before anything is done about it, answered in the order it came."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.db import insert_new, oldest_open
from storage.schema import inbox


def keep(tx: Connection, address: int, external_id: str, said: dict[str, Any], now: datetime) -> bool:
    """False when this message is here already: what is said twice is heard once."""
    return insert_new(tx, inbox, address=address, external_id=external_id, said=said, heard=now, tries=0)


def next(tx: Connection) -> Row[Any] | None:
    """The oldest open message of an address that has none open before it, locked until the commit."""
    return tx.execute(oldest_open(inbox, [inbox.c.id], 1)).one_or_none()


def settle(tx: Connection, id: int, now: datetime, outcome: str) -> None:
    tx.execute(inbox.update().where(inbox.c.id == id).values(settled=now, outcome=outcome[:400]))


def stumbled(tx: Connection, id: int) -> None:
    tx.execute(inbox.update().where(inbox.c.id == id).values(tries=inbox.c.tries + 1))


def parked(tx: Connection, since: datetime) -> int:
    """Messages that tripped us and got an apology: somebody has to look."""
    given_up = (inbox.c.settled > since) & inbox.c.outcome.like("parked%")
    return int(tx.execute(select(func.count()).where(given_up)).scalar_one())
