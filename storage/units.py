"""The office's units: a tree with types, closed from a date but never forgotten."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from catalogue.office import Office, Unit
from storage.schema import unit


def office(tx: Connection, today: date | None = None) -> Office:
    """The units that there are on that day; all that ever were, without one."""
    rows = tx.execute(select(unit).order_by(unit.c.position, unit.c.id))
    return Office(_unit(row) for row in rows if today is None or row.closed is None or row.closed > today)


def names(tx: Connection) -> dict[str, str]:
    return {row.id: row.name for row in tx.execute(NAMES).all()}


def open_names(tx: Connection) -> dict[str, str]:
    """Of those that have not been closed: nothing is asked of the others, and they are counted no more."""
    return {row.id: row.name for row in tx.execute(OPEN).all()}


NAMES = select(unit.c.id, unit.c.name)
OPEN = NAMES.where(unit.c.closed.is_(None))


def parents(tx: Connection, today: date) -> dict[str, str | None]:
    """Of the units that there are on that day: unit → the one above it."""
    return {row.id: row.parent for row in tx.execute(PARENTS, {"today": today}).all()}


PARENTS = select(unit.c.id, unit.c.parent)
PARENTS = PARENTS.where(or_(unit.c.closed.is_(None), unit.c.closed > bindparam("today", type_=unit.c.closed.type)))


def listed(tx: Connection, today: date) -> list[Row[Any]]:
    """The units that there are on that day, in the office's order: id, name, type, parent."""
    open = or_(unit.c.closed.is_(None), unit.c.closed > today)
    query = select(unit.c.id, unit.c.name, unit.c.type, unit.c.parent).where(open)
    return list(tx.execute(query.order_by(unit.c.position, unit.c.id)))


def apply(tx: Connection, wanted: Office, today: date) -> None:
    """Makes the office what was asked: new units come, changed ones change, missing ones close today."""
    known = set(tx.execute(select(unit.c.id)).scalars())
    for position, new in enumerate(wanted.units):
        row: dict[str, object] = {"name": new.name, "type": new.type, "parent": new.parent or None, "closed": None}
        row |= {"abbreviations": list(new.abbreviations), "position": position}
        if new.id in known:
            tx.execute(unit.update().where(unit.c.id == new.id).values(**row))
        else:
            tx.execute(unit.insert().values(id=new.id, **row))
    gone = known - {new.id for new in wanted.units}
    tx.execute(unit.update().where(unit.c.id.in_(gone), unit.c.closed.is_(None)).values(closed=today))


def _unit(row: Row[tuple[object, ...]]) -> Unit:
    return Unit(row.id, row.name, row.type, row.parent or "", tuple(row.abbreviations), "")
