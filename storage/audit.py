"""The book of changes: who, when, from where, old → new; each row is sealed to the one before."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from catalogue.calendar import HANOI
from storage import settings
from storage.db import alone
from storage.schema import audit, person

END = "audit"  # the setting that holds the last row's own words: without it a row cut off at the end is not missed
SEALED = ("at", "person", "channel", "deed", "subject", "was", "now", "verbatim")


@dataclass(frozen=True)
class Who:
    """Who did it, and over which channel; nobody is the office's own clockwork or its command line."""

    person: int | None
    channel: str


@dataclass(frozen=True)
class Broken:
    """Where the book does not hold: a row that does not follow from the one before it, or is not there any more."""

    id: int
    at: datetime
    deed: str


def note(
    tx: Connection,
    who: Who,
    deed: str,
    subject: str,
    now: datetime,
    *,
    was: Any = None,
    became: Any = None,
    verbatim: str | None = None,
) -> None:
    alone(tx, "audit")
    last = tx.execute(select(audit.c.link).order_by(audit.c.id.desc()).limit(1)).scalar_one_or_none()
    row = {"at": now, "person": who.person, "channel": who.channel, "deed": deed, "subject": subject}
    row |= {"was": was, "now": became, "verbatim": verbatim}
    link = seal(last or "", row)
    id = tx.execute(audit.insert().values(**row, link=link).returning(audit.c.id)).scalar_one()
    settings.keep(tx, END, {"id": id, "at": now.isoformat(), "deed": deed, "link": link})


def seal(last: str, row: dict[str, Any]) -> str:
    body = [row[name].astimezone(HANOI).isoformat() if name == "at" else row[name] for name in SEALED]
    return hashlib.sha256((last + json.dumps(body, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()


def of(tx: Connection, deeds: Sequence[str], subject: str) -> Iterator[Row[Any]]:
    """The rows of these deeds whose subject begins so, oldest first, each with the name of who did it."""
    rows = select(audit, person.c.name.label("by_name")).outerjoin(person, person.c.id == audit.c.person)
    wanted = audit.c.deed.in_(deeds) & audit.c.subject.startswith(subject, autoescape=True)
    yield from tx.execute(rows.where(wanted).order_by(audit.c.id))


def first_broken(tx: Connection) -> Broken | None:
    """None when the whole chain holds."""
    last = ""
    for row in tx.execute(select(audit).order_by(audit.c.id)):
        if row.link != seal(last, dict(row._mapping)):
            return Broken(row.id, row.at, row.deed)
        last = row.link
    end = settings.get(tx, END)
    if end is None or end["link"] == last:
        return None
    return Broken(end["id"], datetime.fromisoformat(end["at"]), end["deed"])
