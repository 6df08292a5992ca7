"""Files to be, made of facts as they are when somebody gets to see them; found again by what is signed in a link."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from bot.channels.channel import File
from bot.dialogue.turn import Paper
from bot.documents import worksheet
from bot.words import Words, office_words
from catalogue.model import Catalogue
from storage import board, campaigns, db, files, units


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
    return maker(tx, paper.facts, archive)


def _kept(tx: Connection, facts: Mapping[str, Any], archive: Archive) -> File | None:
    row = files.at(tx, int(facts["file"]))

    def read() -> bytes:
        with db.reading(archive.engine) as tx:
            return files.content(tx, row.id) if row else b""

    return File(row.name, row.mime, read) if row else None


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


MAKERS: dict[str, Maker] = {"kept": _kept, "worksheet": _worksheet}


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
