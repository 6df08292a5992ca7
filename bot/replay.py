"""Where every unit stands, worked out anew from the book of changes: proof that the tables say what was done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from bot.dialogue import coded
from catalogue.model import Catalogue
from catalogue.standing import REOPENED, Reported, Standing
from storage import audit, board, reports

DECIDED = (reports.ACCEPTED, *REOPENED)
DEEDS = ("report", "evidence", "explain", "on_behalf", reports.AFFIRMED, *DECIDED)


def standings(
    tx: Connection, campaign: Row[Any], catalogue: Catalogue, names: Mapping[str, str], unit: str | None = None
) -> dict[str, Standing]:
    """As board.standings gives it, but of what was reported, explained and appraised only what the audit tells."""
    said: dict[str, dict[str, Reported]] = {}
    why: dict[str, dict[str, str]] = {}
    for row in audit.of(tx, DEEDS, f"{campaign.id}/{unit}/" if unit else f"{campaign.id}/"):
        _, where, measure = row.subject.split("/", 2)
        told = said.setdefault(where, {})
        if row.deed == "explain":
            why.setdefault(where, {})[measure] = row.now
        elif row.deed == "report":
            told[measure] = _reported(row, measure)
        elif row.deed == "evidence" and measure in told:
            told[measure] = replace(told[measure], evidence=row.now)
        elif row.deed == "on_behalf" and measure in told:
            told[measure] = replace(told[measure], on_behalf=True)
        elif row.deed == reports.AFFIRMED and measure in told:
            told[measure] = replace(told[measure], affirmed=True)
        elif measure in told:
            reason = row.verbatim if row.deed in REOPENED and row.verbatim else ""
            told[measure] = replace(told[measure], stage=row.deed, reason=reason)
    return board.assembled(tx, campaign, catalogue, names, unit, said, why)


def _reported(row: Row[Any], measure: str) -> Reported:
    """The book does not say as of which day a figure is: the day on which it was told stands for it."""
    answer = coded.read(row.now)
    if answer is None:
        raise ValueError(f"row {row.id} of the audit holds no answer of ours")
    return Reported(row.id, measure, answer, row.at.date(), row.at, row.person or 0, row.by_name or "")
