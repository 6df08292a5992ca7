"""Files that prove a figure: each belongs to a report, and goes on to the next one that says the same."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.db import insert_new
from storage.schema import file, proof


def add(tx: Connection, report: int, kept: int, by: int, now: datetime) -> None:
    """`kept`: our number of the file."""
    insert_new(tx, proof, report=report, file=kept, person=by, given=now)


def carry(tx: Connection, before: int, report: int) -> None:
    """What proved the report before proves this one."""
    for row in tx.execute(select(proof).where(proof.c.report == before)).all():
        add(tx, report, row.file, row.person, row.given)


def of(tx: Connection, reports: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Report → its files, in the order in which they came: id, name, mime, size (bytes), digest."""
    found: dict[int, list[Row[Any]]] = {}
    columns: list[Any] = [proof.c.report, file.c.id, file.c.name, file.c.mime, file.c.size, file.c.digest]
    query = select(*columns).join(file).where(proof.c.report.in_(reports)).order_by(file.c.id)
    for row in tx.execute(query) if reports else ():
        found.setdefault(row.report, []).append(row)
    return found
