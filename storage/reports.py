"""What units answered. Nothing is overwritten; the newest counts, and is kept in `cell` for speed."""

from collections.abc import Collection
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from catalogue.model import Answer, AnswerKind
from catalogue.standing import REOPENED, Reported
from storage.db import narrowed, put
from storage.prepared import adding
from storage.schema import appraisal, cell, explanation, pending, person, report

WAITING, RETURNED, ACCEPTED = "waiting", "returned", "accepted"
AGREED = "agreed"  # by one of the offices that must all accept
CONTESTED, AFFIRMED = "contested", "affirmed"  # by the unit, of what was entered on its behalf


def add(
    tx: Connection,
    at: dict[str, Any],
    answer: Answer,
    as_of: date,
    verbatim: str,
    now: datetime,
    evidence: str = "",
    on_behalf: bool = False,
) -> int:
    """`at`: campaign, unit, measure, person, channel. Returns the report."""
    row = {**at, **as_row(answer), "as_of": as_of, "verbatim": verbatim, "given": now, "evidence": evidence or None}
    row["on_behalf"] = on_behalf or None
    id = int(ADD.one(tx, row).id)
    put(tx, cell, {name: at[name] for name in ("campaign", "unit", "measure")}, report=id, state=WAITING, judged=None)
    return id


ADD = adding(report)


def newest(tx: Connection, campaign: int, unit: str | Collection[str] | None = None) -> list[tuple[str, Reported]]:
    """(unit, the newest report of a measure), of one unit, of these, or of all."""
    rows = narrowed(tx, NEWEST, cell.c.unit, unit, {"which": campaign})
    about = [row.id for row in rows if row.state in REOPENED or row.on_behalf]
    told = verdicts(tx, about) if about else {}
    return [(row.unit, _reported(row, told.get(row.id, []))) for row in rows]


COLUMNS: list[Any] = [report, cell.c.state, cell.c.judged, person.c.name.label("by_name")]
NEWEST = select(*COLUMNS).join(cell, cell.c.report == report.c.id).join(person, person.c.id == report.c.person)
NEWEST = NEWEST.where(cell.c.campaign == bindparam("which"))


def history(tx: Connection, campaign: int, unit: str, measure: str) -> list[Row[Any]]:
    """Everything ever reported there, oldest first, with who said it."""
    here = (report.c.campaign == campaign) & (report.c.unit == unit) & (report.c.measure == measure)
    return list(
        tx.execute(select(report, person.c.name.label("by_name")).join(person).where(here).order_by(report.c.id))
    )


def counted(tx: Connection, campaign: int, units: Collection[str]) -> dict[tuple[str, str], list[tuple[date, int]]]:
    """(unit, measure) → (as of, total), of everything reported with a total, oldest first."""
    columns = [report.c.unit, report.c.measure, report.c.as_of, report.c.denominator]
    query = select(*columns).where(report.c.campaign == campaign, report.c.denominator.is_not(None))
    found: dict[tuple[str, str], list[tuple[date, int]]] = {}
    for row in tx.execute(query.where(report.c.unit.in_(units)).order_by(report.c.id)) if units else ():
        found.setdefault((row.unit, row.measure), []).append((row.as_of, row.denominator))
    return found


def every(tx: Connection, campaign: int) -> list[Row[Any]]:
    """All that was ever reported in it, oldest first."""
    return list(tx.execute(select(report).where(report.c.campaign == campaign).order_by(report.c.id)))


def answers(tx: Connection, campaign: int, measure: str) -> dict[str, Answer]:
    """Unit → the newest answer on one measure, those returned or contested left out."""
    columns = [cell.c.unit, report.c.kind, report.c.numerator, report.c.denominator, report.c.percent]
    query = select(*columns).join(cell, cell.c.report == report.c.id)
    query = query.where(cell.c.campaign == campaign, cell.c.measure == measure, cell.c.state.not_in(REOPENED))
    return {row.unit: as_answer(row) for row in tx.execute(query)}


def verdicts(tx: Connection, ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Report → what was decided of it, oldest first: verdict, reason, given, by_name."""
    columns: list[Any] = [
        appraisal.c.report,
        appraisal.c.verdict,
        appraisal.c.reason,
        appraisal.c.given,
        appraisal.c.offices,
        appraisal.c.outcome,
    ]
    columns.append(person.c.name.label("by_name"))
    query = select(*columns).join(person).where(appraisal.c.report.in_(ids))
    found: dict[int, list[Row[Any]]] = {}
    for row in tx.execute(query.order_by(appraisal.c.id)):
        found.setdefault(row.report, []).append(row)
    return found


def told_by(tx: Connection, campaign: int, unit: str) -> dict[str, list[Row[Any]]]:
    """Measure → everything that the unit ever reported of it, oldest first, with who said it."""
    query = select(report, person.c.name.label("by_name")).join(person)
    found: dict[str, list[Row[Any]]] = {}
    for row in tx.execute(query.where(report.c.campaign == campaign, report.c.unit == unit).order_by(report.c.id)):
        found.setdefault(row.measure, []).append(row)
    return found


def explain(tx: Connection, at: dict[str, Any], reason: str, now: datetime) -> None:
    """Why the unit falls short; `at`: campaign, unit, measure, person."""
    tx.execute(explanation.insert().values(**at, reason=reason, given=now))


def explained(tx: Connection, campaign: int, unit: str | Collection[str] | None = None) -> dict[tuple[str, str], str]:
    """(unit, measure) → the newest reason given."""
    rows = narrowed(tx, EXPLAINED, explanation.c.unit, unit, {"which": campaign})
    return {(row.unit, row.measure): row.reason for row in rows}


EXPLAINED = select(explanation).where(explanation.c.campaign == bindparam("which")).order_by(explanation.c.id)


def explained_at(tx: Connection, campaign: int, unit: str, measure: str) -> datetime | None:
    """When the newest reason was given."""
    here = (explanation.c.campaign == campaign) & (explanation.c.unit == unit) & (explanation.c.measure == measure)
    given: datetime | None = tx.execute(select(func.max(explanation.c.given)).where(here)).scalar_one()
    return given


def tell_pending(tx: Connection, at: dict[str, Any], cases: int, now: datetime) -> None:
    """How many cases are still to be decided; `at`: campaign, unit, measure, person."""
    tx.execute(pending.insert().values(**at, cases=cases, given=now))


def still_pending(
    tx: Connection, campaign: int, unit: str | Collection[str] | None = None
) -> dict[tuple[str, str], int]:
    """(unit, measure) → the cases last told, where that was with its newest report or after it."""
    rows = narrowed(tx, PENDING, pending.c.unit, unit, {"which": campaign})
    return {(row.unit, row.measure): row.cases for row in rows}


BEHIND = (cell.c.campaign == pending.c.campaign) & (cell.c.unit == pending.c.unit)
PENDING = select(pending).join(cell, BEHIND & (cell.c.measure == pending.c.measure))
PENDING = PENDING.join(report, report.c.id == cell.c.report).order_by(pending.c.id)
PENDING = PENDING.where(pending.c.campaign == bindparam("which"), pending.c.given >= report.c.given)


def at(tx: Connection, id: int) -> Row[Any] | None:
    return tx.execute(select(report).where(report.c.id == id)).one_or_none()


def appraise(
    tx: Connection,
    id: int,
    verdict: str,
    by: int,
    now: datetime,
    reason: str = "",
    offices: str = "",
    outcome: str = "",
) -> bool:
    """Accepted or returned; False when it is no longer the newest of its cell, or was accepted or returned before.

    `outcome`: met or short, where only a person can judge.
    """
    from_states = [WAITING] if verdict == ACCEPTED else [WAITING, ACCEPTED]
    standing = (cell.c.report == id) & cell.c.state.in_(from_states)
    if not tx.execute(cell.update().where(standing).values(state=verdict, judged=outcome or None)).rowcount:
        return False
    _note(tx, id, verdict, by, now, reason, offices, outcome)
    return True


def agree(tx: Connection, id: int, by: int, now: datetime, offices: str, outcome: str = "") -> None:
    """One of several offices accepts; the cell waits for the others."""
    _note(tx, id, AGREED, by, now, "", offices, outcome)


def agreed(tx: Connection, id: int) -> dict[str, Row[Any]]:
    """Office → its own acceptance of a report that waits for another's. The cell is ours until the end of tx."""
    tx.execute(cell.update().where(cell.c.report == id).values(state=cell.c.state))
    given = verdicts(tx, [id]).get(id, [])
    return {office: row for row in given if row.verdict == AGREED for office in (row.offices or "").split()}


def contest(tx: Connection, id: int, by: int, now: datetime, reason: str) -> bool:
    """The unit does not stand by it; False when it is no longer the newest of its cell, or is open again already."""
    standing = (cell.c.report == id) & cell.c.state.in_([WAITING, ACCEPTED])
    if not tx.execute(cell.update().where(standing).values(state=CONTESTED, judged=None)).rowcount:
        return False
    _note(tx, id, CONTESTED, by, now, reason)
    return True


def affirm(tx: Connection, id: int, by: int, now: datetime) -> None:
    """The unit stands by what was entered on its behalf; how far the appraisal is stays as it is."""
    _note(tx, id, AFFIRMED, by, now)


def half_agreed(tx: Connection, campaign: int) -> dict[tuple[str, str], set[str]]:
    """(unit, measure) → the offices that have accepted a figure which still waits for another's."""
    query = select(cell.c.unit, cell.c.measure, appraisal.c.offices).join(
        appraisal, appraisal.c.report == cell.c.report
    )
    here = (cell.c.campaign == campaign) & (cell.c.state == WAITING) & (appraisal.c.verdict == AGREED)
    found: dict[tuple[str, str], set[str]] = {}
    for row in tx.execute(query.where(here)):
        found.setdefault((row.unit, row.measure), set()).update((row.offices or "").split())
    return found


def waits(tx: Connection, id: int) -> bool:
    """Whether it is the newest of its cell, and not decided."""
    return tx.execute(select(cell.c.state).where(cell.c.report == id)).scalar_one_or_none() == WAITING


def _note(
    tx: Connection,
    id: int,
    verdict: str,
    by: int,
    now: datetime,
    reason: str = "",
    offices: str = "",
    outcome: str = "",
) -> None:
    row = {"report": id, "verdict": verdict, "person": by, "given": now, "reason": reason or None}
    tx.execute(appraisal.insert().values(**row, offices=offices or None, outcome=outcome or None))


def as_row(answer: Answer) -> dict[str, Any]:
    percent = None if answer.percent is None else str(answer.percent)
    return {
        "kind": answer.kind,
        "numerator": answer.numerator,
        "denominator": answer.denominator,
        "percent": percent,
    }


def as_answer(row: Row[Any]) -> Answer:
    return _answer(row.kind, row.numerator, row.denominator, row.percent)


@lru_cache(10_000)
def _answer(kind: AnswerKind, numerator: int | None, denominator: int | None, percent: str | None) -> Answer:
    return Answer(kind, numerator, denominator, None if percent is None else Fraction(percent))


def _reported(row: Row[Any], told: list[Row[Any]]) -> Reported:
    """`told`: what was decided of it, oldest first."""
    who = (row.given, row.person, row.by_name)
    reason = next(
        (one.reason or "" for one in reversed(told) if row.state in REOPENED and one.verdict == row.state), ""
    )
    decided: tuple[Any, ...] = (bool(row.on_behalf), any(one.verdict == AFFIRMED for one in told), row.judged or "")
    at = (row.id, row.measure, as_answer(row), row.as_of)
    return Reported(*at, *who, row.state, reason, row.evidence or "", *decided)
