"""Where the units of one campaign stand, gathered for the papers that show it: table, document, picture, records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot import replay
from bot.documents import heatmap, letter, records, workbook
from bot.words import Words
from catalogue.model import Catalogue
from catalogue.standing import Standing
from storage import board, campaigns, units


@dataclass(frozen=True)
class Results:
    """`standings`: in the office's own order; `above`: unit → the unit above it, `names`: unit → its name."""

    campaign: int
    year: int
    catalogue: Catalogue
    standings: Mapping[str, Standing]
    above: Mapping[str, str]
    names: Mapping[str, str]
    now: datetime

    def table(self, words: Words, unit: str = "") -> bytes:
        """The xlsx, of one unit or of the whole office. KeyError: a unit that owes nothing."""
        if unit:
            return workbook.of_unit(self.standings[unit], self.year, words)
        return workbook.of_office(self.catalogue, self.standings, self.year, words)

    def document(self, words: Words, unit: str = "") -> bytes:
        """The docx to sign. KeyError: a unit that owes nothing."""
        today = self.now.date()
        if not unit:
            return letter.of_office(self.catalogue, self.standings, self.year, today, words)
        above = self.names.get(self.above.get(unit, ""), "") or words("letter.office", {})
        return letter.of_unit(self.standings[unit], self.year, today, above, words)

    @property
    def groups(self) -> list[list[str]]:
        return heatmap.groups(self.standings, self.above)

    def picture(self, words: Words, number: int = 1) -> bytes:
        """One of the heat maps, counted from 1. IndexError: there are fewer."""
        groups = self.groups
        shown = [self.standings[unit] for unit in groups[number - 1]]
        kind = "picture.title" if len(groups) == 1 else "picture.title_part"
        title = words(kind, {"year": self.year, "number": number, "all": len(groups)})
        return heatmap.draw(self.catalogue, shown, title, self.now, words)

    def records(self) -> Iterator[dict[str, object]]:
        return records.of(self.campaign, self.year, self.standings.values())


def gather(
    tx: Connection,
    catalogues: Mapping[str, Catalogue],
    campaign: int,
    now: datetime,
    unit: str = "",
    from_audit: bool = False,
) -> Results:
    """Of all units or of one; from the tables or, for whoever wants proof, from the book of changes alone."""
    row = campaigns.at(tx, campaign)
    catalogue, office = catalogues[row.catalogue], units.office(tx)
    names = {one.id: one.name for one in office.units}
    source = replay.standings if from_audit else board.standings
    found = source(tx, row, catalogue, names, unit or None)
    ordered = {one.id: found[one.id] for one in office.units if one.id in found}
    above = {one.id: one.parent for one in office.units}
    return Results(campaign, row.evaluation.year, catalogue, ordered, above, names, now)


def pictures(tx: Connection, campaign: int) -> int:
    """How many heat maps it takes to show all units."""
    owing, office = campaigns.duties(tx, campaign), units.office(tx)
    shown = [one.id for one in office.units if one.id in owing]
    return len(heatmap.groups(shown, {one.id: one.parent for one in office.units}))
