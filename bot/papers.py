"""Files to be, made of facts as they are when somebody gets to see them; found again by what is signed in a link."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from bot.channels.channel import File
from bot.dialogue.turn import Paper
from bot.words import Words
from catalogue.model import Catalogue
from storage import db, files


@dataclass(frozen=True)
class Archive:
    """What a paper is made of."""

    engine: Engine
    catalogues: Mapping[str, Catalogue]
    words: Mapping[str, Words]  # by language, the office's own first
    clock: Callable[[], datetime]


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


MAKERS: dict[str, Maker] = {"kept": _kept}


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
