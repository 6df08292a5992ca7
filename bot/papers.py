"""Files to be, made of facts as they are when somebody gets to see them; found again by what is signed in a link."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from bot import results
from bot.channels.channel import File
from bot.dialogue.facts import Way
from bot.dialogue.turn import Paper
from bot.documents import heatmap, invitation, letter, workbook, worksheet
from bot.results import Results
from bot.words import Words, office_words
from catalogue.model import Catalogue
from storage import board, campaigns, db, files, invitations, people, units


@dataclass(frozen=True)
class Archive:
    """What a paper is made of."""

    engine: Engine
    catalogues: Mapping[str, Catalogue]
    words: Mapping[str, Words]  # by language, the office's own first
    clock: Callable[[], datetime]
    key: str = field(default="", repr=False)  # by which our own papers are known again

    @property
    def speech(self) -> Words:
        return office_words(self.words)


Maker = Callable[[Connection, Mapping[str, Any], Archive], File | None]


def make(tx: Connection, paper: Paper, archive: Archive) -> File | None:
    """The file, read when it is needed; None when there is no such thing any more. ValueError: an unknown kind."""
    maker = MAKERS.get(paper.kind)
    if maker is None:
        raise ValueError(f"nobody makes papers of the kind {paper.kind!r}")
    return maker(tx, paper.facts, archive) if _may_still(tx, paper.facts) else None


def _may_still(tx: Connection, facts: Mapping[str, Any]) -> bool:
    """A link outlives the day on which somebody leaves a unit; what it leads to does not."""
    if "for" not in facts:
        return True
    duties, unit = people.duties(tx, int(facts["for"])), str(facts.get("unit") or "")
    if any(duty.role in ("tccb", "viewer") or duty.unit == unit for duty in duties):
        return True
    if "file" in facts and any(duty.role == "evaluator" for duty in duties):  # a proof, shown with the figure
        return True
    headed = {duty.unit for duty in duties if duty.role == "head"}
    return bool(headed and unit) and units.office(tx).by_id[unit].parent in headed


def _kept(tx: Connection, facts: Mapping[str, Any], archive: Archive) -> File | None:
    row = files.at(tx, int(facts["file"]))

    def read() -> bytes:
        with db.reading(archive.engine) as tx:
            return files.content(tx, row.id) if row else b""

    return File(row.name, row.mime, read, row.size) if row else None


def _worksheet(tx: Connection, facts: Mapping[str, Any], archive: Archive) -> File | None:
    campaign, unit = int(facts["campaign"]), str(facts["unit"])
    row, name = campaigns.at(tx, campaign), units.names(tx).get(unit)
    if name is None:
        return None

    def read() -> bytes:
        with db.reading(archive.engine) as tx:
            found = board.standings(tx, row, archive.catalogues[row.catalogue], {unit: name}, unit)
        return worksheet.write(found[unit], campaign, row.evaluation, archive.speech, archive.key)

    return File(f"mau-so-lieu-{unit}-{row.year}.xlsx", worksheet.MIME, read)


def _invitations(tx: Connection, facts: Mapping[str, Any], archive: Archive) -> File:
    """The codes that nobody has used until it is read: whoever prints it late invites nobody twice."""
    ways = [Way(**way) for way in facts["ways"]]

    def read() -> bytes:
        now = archive.clock()
        with db.reading(archive.engine) as tx:
            names = invitations.addressed(tx, bool(facts["all"]), now.date())
            codes = invitations.printed(tx, names, archive.key, now)
        cards = [invitation.Card(names[id], codes[id].code, codes[id].expires) for id in names if id in codes]
        return invitation.write(cards, ways, archive.speech)

    return File("phieu-moi.docx", invitation.MIME, read)


def _results(name: str, mime: str, made: Callable[[Results, Words, Mapping[str, Any]], bytes]) -> Maker:
    """A paper that shows where units stand, gathered beside whatever is being written."""

    def maker(tx: Connection, facts: Mapping[str, Any], archive: Archive) -> File | None:
        campaign, unit = int(facts["campaign"]), str(facts.get("unit") or "")
        year = campaigns.at(tx, campaign).evaluation.year

        def read() -> bytes:
            with db.reading(archive.engine) as tx:
                gathered = results.gather(tx, archive.catalogues, campaign, archive.clock(), unit)
            return made(gathered, archive.speech, facts)

        about = str(facts.get("number") or unit or "toan-co-quan")
        return File(name.format(about=about, year=year), mime, read)

    return maker


MAKERS: dict[str, Maker] = {
    "kept": _kept,
    "worksheet": _worksheet,
    "invitations": _invitations,
    "table": _results(
        "ket-qua-{about}-{year}.xlsx", workbook.MIME, lambda found, words, facts: found.table(words, facts["unit"])
    ),
    "document": _results(
        "bao-cao-{about}-{year}.docx", letter.MIME, lambda found, words, facts: found.document(words, facts["unit"])
    ),
    "picture": _results(
        "bang-mau-{about}-{year}.png", heatmap.MIME, lambda found, words, facts: found.picture(words, facts["number"])
    ),
}


def ref(paper: Paper) -> str:
    """As it stands in a link, and comes back from `named`."""
    return json.dumps([paper.kind, dict(paper.facts)], ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def named(ref: str) -> Paper | None:
    """The paper that a link names; None where it names none."""
    try:
        kind, facts = json.loads(ref)
    except (ValueError, TypeError):
        return None
    return Paper(kind, facts) if isinstance(kind, str) and isinstance(facts, dict) else None
