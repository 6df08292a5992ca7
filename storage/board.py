"""Where every unit stands in a campaign: assignments and the newest reports, put together."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row

from catalogue.model import Catalogue
from catalogue.standing import Reported, Standing
from storage import campaigns, reports


def standings(
    tx: Connection,
    campaign: Row[Any],
    catalogue: Catalogue,
    names: Mapping[str, str],
    unit: str | Collection[str] | None = None,
) -> dict[str, Standing]:
    """Unit → its standing, for every unit that owes something (or for one, or these); `names`: unit → its name."""
    said: dict[str, dict[str, Reported]] = {}
    for where, report in reports.newest(tx, campaign.id, unit):
        said.setdefault(where, {})[report.measure] = report
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
