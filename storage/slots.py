"""A step of a plan reaches a person once: the unique key decides, not the scheduler."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from catalogue.calendar import HANOI
from storage.db import insert_new, put, put_changed
from storage.schema import slot, warned


def take(tx: Connection, campaign: int, step: str, person: int, now: datetime) -> bool:
    return insert_new(tx, slot, campaign=campaign, step=step, person=person, taken=now)


def give_back(tx: Connection, campaign: int, step: str, person: int) -> None:
    """It did not reach them after all, and may come again."""
    here = (slot.c.campaign == campaign) & (slot.c.step == step) & (slot.c.person == person)
    tx.execute(slot.delete().where(here))


def taken(tx: Connection, campaign: int) -> set[tuple[str, int]]:
    return {(row.step, row.person) for row in tx.execute(select(slot).where(slot.c.campaign == campaign))}


def holders(tx: Connection, campaign: int, step: str) -> set[int]:
    """The persons who have had this step."""
    return set(tx.execute(HOLDERS, {"which": campaign, "of": step}).scalars())


HOLDERS = select(slot.c.person).where(slot.c.campaign == bindparam("which"), slot.c.step == bindparam("of"))


def taken_since(tx: Connection, since: datetime) -> int:
    """How many steps have been told to a person since then."""
    return int(tx.execute(select(func.count()).select_from(slot).where(slot.c.taken > since)).scalar_one())


def reminded_on(tx: Connection, day: date, but: str = "-") -> set[int]:
    """Who has had a message from the timetable that day; `but`: how the names of steps begin that don't count."""
    begin, end = (datetime.combine(day, moment, HANOI) for moment in (time.min, time.max))
    that_day = slot.c.taken.between(begin, end) & ~slot.c.step.startswith(but)
    return set(tx.execute(select(slot.c.person).where(that_day)).scalars())


def newest(tx: Connection, person: int, begins: str) -> datetime | None:
    """When the person last had a step whose name begins so."""
    theirs = (slot.c.person == person) & slot.c.step.startswith(begins, autoescape=True)
    when: datetime | None = tx.execute(select(func.max(slot.c.taken)).where(theirs)).scalar_one()
    return when


def told_to(tx: Connection, person: int) -> dict[tuple[int, str], date]:
    """(campaign, step) of all that the person has been told → the day."""
    return {(row.campaign, row.step): row.taken.date() for row in tx.execute(THEIRS, {"whom": person})}


def every(tx: Connection, campaigns: Collection[int]) -> Sequence[Row[Any]]:
    """All that anybody has been told in these: person, campaign, step, taken."""
    columns: list[Any] = [slot.c.person, slot.c.campaign, slot.c.step, slot.c.taken]
    return tx.execute(select(*columns).where(slot.c.campaign.in_(campaigns))).all()


THEIRS = select(slot).where(slot.c.person == bindparam("whom"))


def warned_of(tx: Connection, campaign: int) -> dict[str, tuple[str, datetime]]:
    """Unit → the shortfalls (a digest) that it was last warned of, and when."""
    rows = tx.execute(select(warned).where(warned.c.campaign == campaign))
    return {row.unit: (row.gaps, row.at) for row in rows}


def warn(tx: Connection, campaign: int, unit: str, gaps: str, now: datetime) -> bool:
    """False when the unit has been told the same before, by whomever."""
    return put_changed(tx, warned, {"campaign": campaign, "unit": unit}, "gaps", gaps=gaps, at=now)


def forget_warning(tx: Connection, campaign: int, unit: str) -> bool:
    """False when somebody else has forgotten it first."""
    return bool(tx.execute(warned.delete().where(warned.c.campaign == campaign, warned.c.unit == unit)).rowcount)


def told(tx: Connection, campaign: int, unit: str, gaps: str, now: datetime) -> None:
    """The unit has been told of its shortfalls on another occasion: that counts as a warning."""
    put(tx, warned, {"campaign": campaign, "unit": unit}, gaps=gaps, at=now)
