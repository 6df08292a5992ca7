"""Files that prove a figure: each belongs to a report, and goes on to the next one that says the same."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from storage.db import insert_new
from storage.prepared import Prepared
from storage.schema import file, proof


def add(tx: Connection, report: int, kept: int, by: int, now: datetime) -> None:
    """`kept`: our number of the file."""
    insert_new(tx, proof, report=report, file=kept, person=by, given=now)


def carry(tx: Connection, before: int, report: int) -> None:
    """What proved the report before proves this one."""
    for row in BEFORE.all(tx, {"which": before}):
        add(tx, report, row.file, row.person, row.given)


BEFORE = Prepared(select(proof).where(proof.c.report == bindparam("which")))


def of(tx: Connection, reports: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Report → its files, in the order in which they came: id, name, mime, size (bytes), digest."""
    found: dict[int, list[Row[Any]]] = {}
    for row in tx.execute(OF, {"which": list(reports)}) if reports else ():
        found.setdefault(row.report, []).append(row)
    return found


COLUMNS: list[Any] = [proof.c.report, file.c.id, file.c.name, file.c.mime, file.c.size, file.c.digest]
OF = select(*COLUMNS).join(file).where(proof.c.report.in_(bindparam("which", expanding=True))).order_by(file.c.id)
