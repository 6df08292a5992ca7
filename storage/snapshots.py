"""The picture of a deadline: every cell as it stood when the day ended, taken once, with its digest."""

import hashlib
import json
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, select

from catalogue.calendar import HANOI
from storage.db import insert_new
from storage.reports import AFFIRMED, WAITING
from storage.schema import appraisal, report, snapshot

Cells = list[dict[str, Any]]


def take(tx: Connection, campaign: int, deadline: date, now: datetime) -> str | None:
    """The digest; None when the picture has been taken before."""
    if tx.execute(select(snapshot.c.taken).where(_of(campaign, deadline))).first():
        return None
    body = cells(tx, campaign, datetime.combine(deadline, time.max, HANOI))
    found = digest(body)
    row = {"campaign": campaign, "deadline": deadline, "taken": now, "digest": found, "body": body}
    return found if insert_new(tx, snapshot, **row) else None


def cells(tx: Connection, campaign: int, until: datetime) -> Cells:
    """The newest report of each unit and measure up to that moment, with its appraisal as it was then."""
    newest: dict[tuple[str, str], Row[Any]] = {}
    query = select(report).where(report.c.campaign == campaign, report.c.given <= until).order_by(report.c.id)
    for row in tx.execute(query):
        newest[row.unit, row.measure] = row
    verdicts = select(appraisal.c.report, appraisal.c.verdict).where(
        appraisal.c.given <= until, appraisal.c.verdict != AFFIRMED
    )
    states = {row.report: row.verdict for row in tx.execute(verdicts.order_by(appraisal.c.id))}
    return [_cell(row, states.get(row.id, WAITING)) for _, row in sorted(newest.items())]


def _cell(row: Row[Any], state: str) -> dict[str, Any]:
    same = ("unit", "measure", "kind", "numerator", "denominator", "percent")
    when = {"as_of": row.as_of.isoformat(), "given": row.given.isoformat()}
    return {"report": row.id, **{name: getattr(row, name) for name in same}, **when, "state": state}


def digest(body: Cells) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def of(tx: Connection, campaign: int) -> list[Row[Any]]:
    """Oldest deadline first: there is one more for each deadline that has passed."""
    query = select(snapshot).where(snapshot.c.campaign == campaign).order_by(snapshot.c.deadline)
    return list(tx.execute(query))


def _of(campaign: int, deadline: date) -> Any:
    return (snapshot.c.campaign == campaign) & (snapshot.c.deadline == deadline)
