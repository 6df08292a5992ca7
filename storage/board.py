"""Where every unit stands in a campaign: assignments and the newest reports, put together."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Row, Select, String, bindparam, cast, func, literal, select

from catalogue.model import Catalogue
from catalogue.standing import REOPENED, Reported, Standing
from storage import campaigns, reports
from storage.schema import appraisal, assignment, cell, explanation, pending, person, report


def standings(
    tx: Connection,
    campaign: Row[Any],
    catalogue: Catalogue,
    names: Mapping[str, str],
    unit: str | Collection[str] | None = None,
) -> dict[str, Standing]:
    """Unit → its standing, for every unit that owes something (or for one, or these); `names`: unit → its name."""
    if unit is None:
        return _all(tx, campaign, catalogue, names)
    said: dict[str, dict[str, Reported]] = {}
    for where, one in reports.newest(tx, campaign.id, unit):
        said.setdefault(where, {})[one.measure] = one
    why: dict[str, dict[str, str]] = {}
    for (where, measure), reason in reports.explained(tx, campaign.id, unit).items():
        why.setdefault(where, {})[measure] = reason
    return assembled(tx, campaign, catalogue, names, unit, said, why)


def assembled(
    tx: Connection,
    campaign: Row[Any],
    catalogue: Catalogue,
    names: Mapping[str, str],
    unit: str | Collection[str] | None,
    said: Mapping[str, Mapping[str, Reported]],
    why: Mapping[str, Mapping[str, str]],
) -> dict[str, Standing]:
    """What was said and explained, by unit and measure, held against what the units owe."""
    rest: dict[str, dict[str, int]] = {}
    for (where, measure), cases in reports.still_pending(tx, campaign.id, unit).items():
        rest.setdefault(where, {})[measure] = cases
    until = campaigns.deadlines(tx, campaign)
    return {
        id: Standing(
            catalogue,
            id,
            names[id],
            codes,
            said.get(id, {}),
            why.get(id, {}),
            until.get(id, campaign.deadline),
            rest.get(id, {}),
        )
        for id, codes in campaigns.duties(tx, campaign.id, unit).items()
        if id in names
    }


# All of them: asked for at every knock, while little has changed since the last


class Kept(NamedTuple):
    """A standing, and all that it was made of, word for word."""

    made_of: tuple[object, ...]
    standing: Standing


KEPT: dict[tuple[int, str], Kept] = {}
"""(campaign, unit) → its standing when we last looked. It holds for whoever reads the same words in the database."""
NEW = 500  # units that are put together at once: a statement takes only so many parameters


def _all(tx: Connection, campaign: Row[Any], catalogue: Catalogue, names: Mapping[str, str]) -> dict[str, Standing]:
    """Only what has changed since we last looked is put together anew."""
    until, words = campaigns.deadlines(tx, campaign), [_words(tx, query, campaign.id) for query in MADE_OF]
    made_of = {
        id: (codes, *(rest.get(id) for rest in words[1:]), names[id], until.get(id, campaign.deadline), catalogue)
        for id, codes in words[0].items()
        if id in names
    }
    kept = ((id, KEPT.get((campaign.id, id))) for id in made_of)
    found = {id: one.standing for id, one in kept if one and one.made_of == made_of[id]}
    new = [id for id in made_of if id not in found]
    for start in range(0, len(new), NEW):
        fresh = standings(tx, campaign, catalogue, names, new[start : start + NEW])
        KEPT.update({(campaign.id, id): Kept(made_of[id], one) for id, one in fresh.items()})
        found |= fresh
    return {id: found[id] for id in made_of if id in found}


def _words(tx: Connection, query: Select[Any], campaign: int) -> dict[str, str]:
    return {row.unit: row.words for row in tx.execute(query, {"which": campaign}).all()}


def _in_words(unit: Column[str], *columns: Column[Any]) -> Select[Any]:
    """Unit → all rows of these columns in one string."""
    row: Any = literal("")
    for column in columns:
        row = row + func.coalesce(cast(column, String), "") + "\x1f"
    columns_of: list[Any] = [unit, func.aggregate_strings(row, "\x1e").label("words")]
    return select(*columns_of).group_by(unit)


NEWEST = [column for column in report.c if column.name not in ("campaign", "unit", "verbatim", "channel")]
MADE_OF: list[Select[Any]] = [
    _in_words(assignment.c.unit, assignment.c.indicator).where(
        assignment.c.campaign == bindparam("which"), assignment.c.origin != "exempt"
    ),
    _in_words(cell.c.unit, *NEWEST, cell.c.state, cell.c.judged, person.c.name)
    .join(report, report.c.id == cell.c.report)
    .join(person, person.c.id == report.c.person)
    .where(cell.c.campaign == bindparam("which")),
    _in_words(cell.c.unit, cell.c.measure, appraisal.c.id, appraisal.c.reason)
    .join(appraisal, appraisal.c.report == cell.c.report)
    .join(report, report.c.id == cell.c.report)
    .where(cell.c.campaign == bindparam("which"), cell.c.state.in_(REOPENED) | report.c.on_behalf.is_not(None)),
    _in_words(explanation.c.unit, explanation.c.id, explanation.c.measure, explanation.c.reason).where(
        explanation.c.campaign == bindparam("which")
    ),
    _in_words(pending.c.unit, pending.c.id, pending.c.measure, pending.c.cases, pending.c.given).where(
        pending.c.campaign == bindparam("which")
    ),
]
