"""Whom the office expects: the list of people that was last read, by which those who come in are known."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from catalogue.staff import Member
from catalogue.text import bare
from storage import settings
from storage.schema import enrolment, invitation, member

AUTOMATIC = ("focal", "head")  # whoever evaluates or sees the whole office is let in by a person
RULE = "members.admit"


@dataclass(frozen=True)
class Changes:
    """What a new list does to the one before."""

    added: tuple[Member, ...] = ()
    changed: tuple[tuple[Member, Member], ...] = ()  # as it was, as it will be
    gone: tuple[Member, ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.changed, self.gone))


def admits(tx: Connection) -> bool:
    """Whether those on the list are let in without asking TCCB."""
    return settings.get(tx, RULE) is not False


def let_in(tx: Connection, at_once: bool) -> None:
    settings.keep(tx, RULE, at_once)


def current(tx: Connection) -> list[Member]:
    return [_member(row) for row in tx.execute(select(member).where(member.c.gone.is_(None)).order_by(member.c.id))]


def apply(tx: Connection, wanted: Iterable[Member], now: datetime) -> Changes:
    """Makes the list what was asked; who is not on it any more is let in by TCCB alone, and loses nothing else."""
    was, will = {one.key: one for one in current(tx)}, {one.key: one for one in wanted}
    added = tuple(one for key, one in will.items() if key not in was)
    changed = tuple((was[key], one) for key, one in will.items() if key in was and was[key] != one)
    gone = tuple(one for key, one in was.items() if key not in will)
    for one in [*gone, *(old for old, _ in changed)]:
        here = [member.c[field.name] == getattr(one, field.name) for field in fields(one)]
        tx.execute(member.update().where(*here, member.c.gone.is_(None)).values(gone=now))
    for one in [*added, *(new for _, new in changed)]:
        row = {field.name: getattr(one, field.name) for field in fields(one)}
        tx.execute(member.insert().values(**row, since=now))
    return Changes(added, changed, gone)


def known(tx: Connection, unit: str, role: str, name: str, phone: str) -> Member | None:
    """The one of that unit and role with this number or, where none is told or none is listed, of that name."""
    here = (member.c.unit == unit) & (member.c.role == role) & member.c.gone.is_(None)
    there = [_member(row) for row in tx.execute(select(member).where(here))]
    by_phone = [one for one in there if phone and one.phone == phone]
    alike = [one for one in there if bare(one.name) == bare(name) and not (phone and one.phone)]
    same = [one for one in alike if one.name.casefold() == name.casefold()]
    found = by_phone or same or alike  # marks may be missing, where they are not needed to tell two apart
    return found[0] if len(found) == 1 else None


def listed(tx: Connection, unit: str, role: str) -> bool:
    here = (member.c.unit == unit) & (member.c.role == role) & member.c.gone.is_(None)
    return tx.execute(select(member.c.id).where(here)).first() is not None


def let_in_since(tx: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Who was let in by the list in that time: name, unit, role."""
    by_list = (enrolment.c.verdict == "approved") & enrolment.c.decided_by.is_(None)
    within = (enrolment.c.decided > since) & (enrolment.c.decided <= until) & (invitation.c.role != "tccb")
    query = select(enrolment.c.name, invitation.c.unit, invitation.c.role).join(invitation)
    return list(tx.execute(query.where(by_list, within).order_by(enrolment.c.id)))


def _member(row: Row[Any]) -> Member:
    return Member(row.unit, row.role, row.name, row.phone, row.email)
