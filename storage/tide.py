"""What has come since somebody last looked: how far each book has grown, and which units it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from storage.schema import appraisal, assignment, audit, explanation, extension, inbox, outbox, report

BOOKS = {"report": report, "appraisal": appraisal, "explanation": explanation, "extension": extension, "audit": audit}


@dataclass(frozen=True)
class Tide:
    """The last row of each book; the audit's own seal tells one history from another."""

    report: int
    appraisal: int
    explanation: int
    extension: int
    audit: int
    seal: str


def now(tx: Connection) -> Tide:
    columns = [_last(table).label(name) for name, table in BOOKS.items()]
    seal = select(audit.c.link).order_by(audit.c.id.desc()).limit(1).scalar_subquery()
    row = tx.execute(select(*columns, seal.label("seal"))).one()
    ends: dict[str, int] = {name: getattr(row, name) or 0 for name in BOOKS}
    return Tide(**ends, seal=row.seal or "")


def _last(table: Any) -> Any:
    return select(func.max(table.c.id)).scalar_subquery()


def touched(tx: Connection, campaign: int, since: Tide) -> set[str]:
    """The units of which something was said or decided since then."""
    return set(_units(tx, campaign, since))


def _units(tx: Connection, campaign: int, since: Tide) -> Iterator[str]:
    for name in ("report", "explanation", "extension"):
        book = BOOKS[name]
        grown = (book.c.campaign == campaign, book.c.id > getattr(since, name))
        yield from tx.execute(select(book.c.unit).where(*grown)).scalars()
    judged = select(report.c.unit).join(appraisal, appraisal.c.report == report.c.id)
    yield from tx.execute(judged.where(report.c.campaign == campaign, appraisal.c.id > since.appraisal)).scalars()
    about = select(audit.c.subject).where(audit.c.id > since.audit, audit.c.subject.startswith(f"{campaign}/"))
    yield from (subject.split("/")[1] for subject in tx.execute(about).scalars())


def duties(tx: Connection, campaign: int) -> tuple[tuple[str, int], ...]:
    """How many rows are owed, by where that comes from: another count is another list of duties."""
    query = select(assignment.c.origin, func.count()).where(assignment.c.campaign == campaign)
    rows = tx.execute(query.group_by(assignment.c.origin).order_by(assignment.c.origin))
    return tuple((str(origin), int(count)) for origin, count in rows)


def stir(tx: Connection) -> tuple[int, ...]:
    """Another one whenever something has come in, gone out or been decided: what a page that is open asks for."""
    heard = select(func.count()).where(inbox.c.settled.is_(None)).scalar_subquery()
    leaving = select(func.count()).where(outbox.c.settled.is_(None)).scalar_subquery()
    ends = (_last(table) for table in (audit, report, appraisal, inbox, outbox))
    columns: list[Any] = [*ends, heard, leaving]
    return tuple(value or 0 for value in tx.execute(select(*columns)).one())
