"""Which campaigns there are, and who owes what in each."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from catalogue.model import Catalogue, Plan
from catalogue.office import Office
from storage.db import narrowed
from storage.prepared import Prepared
from storage.schema import assignment, campaign, extension


def open(tx: Connection, catalogue: str, year: int, plan: Plan, now: datetime) -> int | None:
    """A new campaign; None when this catalogue has one in that year already."""
    same = (campaign.c.catalogue == catalogue) & (campaign.c.year == year)
    if tx.execute(select(campaign.c.id).where(same)).first():
        return None
    row = {"catalogue": catalogue, "year": year, "deadline": plan.deadline, "evaluation": plan.evaluation}
    row["first"] = plan.deadline
    return int(tx.execute(campaign.insert().values(**row, opened=now).returning(campaign.c.id)).scalar_one())


def running(tx: Connection) -> list[Row[Any]]:
    """Those not locked yet, the nearest deadline first."""
    return list(tx.execute(RUNNING))


RUNNING = select(campaign).where(campaign.c.locked.is_(None)).order_by(campaign.c.deadline)


def taking(tx: Connection) -> list[Row[Any]]:
    """Those for which figures may still come: the running ones, and the locked ones that let a unit in again."""
    return list(tx.execute(TAKING))


LET_IN = select(extension.c.id).where(extension.c.campaign == campaign.c.id, extension.c.given >= campaign.c.locked)
TAKING = select(campaign).where(campaign.c.locked.is_(None) | LET_IN.exists()).order_by(campaign.c.deadline)


def every(tx: Connection) -> list[Row[Any]]:
    return list(EVERY.all(tx, {}))


EVERY = Prepared(select(campaign).order_by(campaign.c.year, campaign.c.id))


def at(tx: Connection, id: int) -> Row[Any]:
    return tx.execute(AT, {"which": id}).one()


AT = select(campaign).where(campaign.c.id == bindparam("which"))


def set_deadlines(tx: Connection, id: int, deadline: date, evaluation: date) -> None:
    tx.execute(campaign.update().where(campaign.c.id == id).values(deadline=deadline, evaluation=evaluation))


def set_joint(tx: Connection, id: int, joint: str) -> None:
    """ "both": every office that a row names must accept its figures; "lead": the first of them is enough."""
    tx.execute(campaign.update().where(campaign.c.id == id).values(joint=joint))


def lock(tx: Connection, id: int, now: datetime | None) -> None:
    tx.execute(campaign.update().where(campaign.c.id == id).values(locked=now))


def extend(tx: Connection, id: int, unit: str, until: date, reason: str, by: int | None, now: datetime) -> None:
    row = {"campaign": id, "unit": unit, "deadline": until, "reason": reason, "person": by, "given": now}
    tx.execute(extension.insert().values(**row))


def extensions(tx: Connection, id: int) -> dict[str, Row[Any]]:
    """Unit → the newest extension that it was given."""
    return {row.unit: row for row in EXTENSIONS.all(tx, {"which": id})}


EXTENSIONS = Prepared(select(extension).where(extension.c.campaign == bindparam("which")).order_by(extension.c.id))


def deadlines(tx: Connection, row: Row[Any]) -> dict[str, date]:
    """Unit → its own deadline, of those that have more time than the campaign gives to all."""
    return {unit: given.deadline for unit, given in extensions(tx, row.id).items() if given.deadline > row.deadline}


def reopened(tx: Connection, row: Row[Any], today: date) -> dict[str, date]:
    """Of a locked campaign: the units that were let in again since, and until when."""
    return {unit: one.deadline for unit, one in let_in(tx, row).items() if one.deadline >= today}


def let_in(tx: Connection, row: Row[Any]) -> dict[str, Row[Any]]:
    """Unit → the newest extension, of those given since the campaign was locked."""
    given = extensions(tx, row.id).items() if row.locked else ()
    return {unit: one for unit, one in given if one.given >= row.locked}


def plan(row: Row[Any], catalogue: Catalogue, deadline: date | None = None) -> Plan:
    """The rhythm of the campaign, or of a unit with a deadline of its own; once locked, nothing is asked after it."""
    steps = tuple(step for step in catalogue.steps if step.days <= 0) if row.locked else catalogue.steps
    return Plan(deadline or row.deadline, row.evaluation, steps)


def assign(tx: Connection, id: int, catalogue: Catalogue, office: Office) -> int:
    """Who owes what, as the appendix says; what TCCB has decided already stays. Returns the number of new rows."""
    decided = set(tx.execute(select(assignment.c.unit, assignment.c.indicator).where(assignment.c.campaign == id)))
    rows = [
        {"campaign": id, "unit": unit.id, "indicator": leaf.code, "origin": "appendix"}
        for leaf in catalogue.leaves
        for unit in office.units
        if leaf.owed_by(unit.id, unit.type, unit.name) and (unit.id, leaf.code) not in decided
    ]
    if rows:
        tx.execute(assignment.insert(), rows)
    return len(rows)


def exempt(tx: Connection, id: int, unit: str, indicators: Collection[str], reason: str) -> None:
    """What the unit no longer owes, and why."""
    _settle(tx, id, unit, indicators, "exempt", reason)


def oblige(tx: Connection, id: int, unit: str, indicators: Collection[str], reason: str) -> None:
    """An exemption is taken back."""
    _settle(tx, id, unit, indicators, "restored", reason)


def _settle(tx: Connection, id: int, unit: str, indicators: Collection[str], origin: str, reason: str) -> None:
    here = (assignment.c.campaign == id) & (assignment.c.unit == unit) & assignment.c.indicator.in_(indicators)
    tx.execute(assignment.update().where(here).values(origin=origin, reason=reason[:400]))


def duties(tx: Connection, id: int, unit: str | Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Unit → the indicators that it owes, exemptions left out; of one unit, of these, or of all."""
    found: dict[str, list[str]] = {}
    for row in narrowed(tx, OWED, assignment.c.unit, unit, {"which": id}):
        found.setdefault(row.unit, []).append(row.indicator)
    return {unit: tuple(codes) for unit, codes in found.items()}


OWED = select(assignment.c.unit, assignment.c.indicator)
OWED = OWED.where(assignment.c.campaign == bindparam("which"), assignment.c.origin != "exempt")
