"""Where every unit stands, worked out anew from the book of changes: proof that the tables say what was done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, zip_longest
from typing import Any, Literal

from sqlalchemy import Connection, Row

from bot.dialogue import coded
from catalogue.model import Catalogue
from catalogue.standing import REOPENED, Reported, Standing
from storage import audit, board, campaigns, reports, units

DECIDED = (reports.ACCEPTED, *REOPENED)
DEEDS = ("report", "as_of", "evidence", "explain", "on_behalf", "judged", reports.AFFIRMED, *DECIDED)


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
        elif row.deed == "as_of" and measure in told:
            told[measure] = replace(told[measure], as_of=date.fromisoformat(row.now))
        elif row.deed == "evidence" and measure in told:
            told[measure] = replace(told[measure], evidence=row.now)
        elif row.deed == "on_behalf" and measure in told:
            told[measure] = replace(told[measure], on_behalf=True)
        elif row.deed == "judged" and measure in told:
            told[measure] = replace(told[measure], judged=row.now)
        elif row.deed == reports.AFFIRMED and measure in told:
            told[measure] = replace(told[measure], affirmed=True)
        elif measure in told:
            reason = row.verbatim if row.deed in REOPENED and row.verbatim else ""
            told[measure] = replace(told[measure], stage=row.deed, reason=reason, judged="")
    return board.assembled(tx, campaign, catalogue, names, unit, said, why)


def _reported(row: Row[Any], measure: str) -> Reported:
    """As of the day on which it was told, where the book does not say of another."""
    answer = coded.read(row.now)
    if answer is None:
        raise ValueError(f"row {row.id} of the audit holds no answer of ours")
    return Reported(row.id, measure, answer, row.at.date(), row.at, row.person or 0, row.by_name or "")


# Whether the tables say what the book says


@dataclass(frozen=True)
class Differing:
    """A figure of which the tables say something else than the book, and what of it."""

    campaign: int
    unit: str
    measure: str
    field: Literal["answer", "as_of", "stage", "reason", "evidence", "explained", "told", "missing", "unknown"]


def first_differing(tx: Connection, catalogues: Mapping[str, Catalogue]) -> Differing | None:
    """None when every figure that ever was reported, explained or appraised agrees."""
    names = units.names(tx)
    for campaign in campaigns.every(tx):
        found = chain(_ever_told(tx, campaign.id), _now_standing(tx, campaign, catalogues, names))
        if one := next(found, None):
            return one
    return None


def _ever_told(tx: Connection, campaign: int) -> Iterator[Differing]:
    """Report by report, the overwritten ones as well: who, when, what, in which words."""
    book: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in audit.of(tx, ("report", "as_of"), f"{campaign}/"):
        _, unit, measure = row.subject.split("/", 2)
        told = book.setdefault((unit, measure), [])
        if row.deed == "report":
            answer = {"answer": coded.read(row.now), "as_of": row.at.date() if row.sealed else None}
            told.append(answer | {"told": (row.at, row.person, row.verbatim)})
        elif told:
            told[-1]["as_of"] = date.fromisoformat(row.now)
    table: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reports.every(tx, campaign):
        answer = {"answer": reports.as_answer(row), "as_of": row.as_of}
        table.setdefault((row.unit, row.measure), []).append(answer | {"told": (row.given, row.person, row.verbatim)})
    for unit, measure in sorted(book.keys() | table.keys()):
        for noted, kept in zip_longest(book.get((unit, measure), []), table.get((unit, measure), [])):
            if noted is None or kept is None:
                yield Differing(campaign, unit, measure, "unknown" if noted is None else "missing")
            elif noted["answer"] != kept["answer"]:
                yield Differing(campaign, unit, measure, "answer")
            elif noted["as_of"] not in (None, kept["as_of"]):  # the book did not tell in its first form
                yield Differing(campaign, unit, measure, "as_of")
            elif noted["told"] != kept["told"]:
                yield Differing(campaign, unit, measure, "told")


def _now_standing(
    tx: Connection, campaign: Row[Any], catalogues: Mapping[str, Catalogue], names: Mapping[str, str]
) -> Iterator[Differing]:
    """What counts now: which report is the newest, how far its appraisal is, its evidence, the reasons given."""
    if campaign.catalogue not in catalogues:
        return
    world = (tx, campaign, catalogues[campaign.catalogue], names)
    book, table = standings(*world), board.standings(*world)
    for unit, noted in book.items():
        kept = table[unit]
        for measure in sorted(noted.reported.keys() | kept.reported.keys()):
            one, other = noted.reported.get(measure), kept.reported.get(measure)
            if one is None or other is None:
                yield Differing(campaign.id, unit, measure, "unknown" if one is None else "missing")
                continue
            if one.answer != other.answer:
                yield Differing(campaign.id, unit, measure, "answer")
            if any(getattr(one, name) != getattr(other, name) for name in ("stage", "affirmed", "on_behalf", "judged")):
                yield Differing(campaign.id, unit, measure, "stage")
            if one.reason != other.reason:
                yield Differing(campaign.id, unit, measure, "reason")
            if one.evidence != other.evidence:
                yield Differing(campaign.id, unit, measure, "evidence")
        for measure in sorted(noted.explained.keys() | kept.explained.keys()):
            if noted.explained.get(measure) == kept.explained.get(measure):
                continue
            if measure in noted.explained or not _untold(tx, campaign.id, unit, measure):
                yield Differing(campaign.id, unit, measure, "explained")


def _untold(tx: Connection, campaign: int, unit: str, measure: str) -> bool:
    """Whether the reason was given when the book did not tell of reasons yet."""
    given = reports.explained_at(tx, campaign, unit, measure)
    return given is not None and audit.in_first_form(tx, given)
