"""When somebody said that they would send. Nothing is overwritten; of a person and a unit the newest counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from storage.schema import promise


def make(tx: Connection, campaign: int, unit: str, person: int, due: datetime, now: datetime) -> None:
    row = {"campaign": campaign, "unit": unit, "person": person, "due": due, "made": now}
    tx.execute(promise.insert().values(**row))


def newest(tx: Connection, campaign: int) -> dict[tuple[str, int], Row[Any]]:
    """(unit, person) → the newest promise, oldest first."""
    found: dict[tuple[str, int], Row[Any]] = {}
    for row in tx.execute(MADE, {"which": campaign}):
        found.pop((row.unit, row.person), None)
        found[row.unit, row.person] = row
    return found


MADE = select(promise).where(promise.c.campaign == bindparam("which")).order_by(promise.c.id)
