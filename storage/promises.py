"""When somebody said that they would send. Nothing is overwritten; of a person and a unit the newest counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.schema import promise


def make(tx: Connection, campaign: int, unit: str, person: int, due: datetime, now: datetime) -> None:
    row = {"campaign": campaign, "unit": unit, "person": person, "due": due, "made": now}
    tx.execute(promise.insert().values(**row))


def newest(tx: Connection, campaign: int) -> dict[tuple[str, int], Row[Any]]:
    """(unit, person) → the newest promise, oldest first."""
    query = select(promise).where(promise.c.campaign == campaign).order_by(promise.c.id)
    found: dict[tuple[str, int], Row[Any]] = {}
    for row in tx.execute(query):
        found.pop((row.unit, row.person), None)
        found[row.unit, row.person] = row
    return found
