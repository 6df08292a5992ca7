"""Where each conversation stands, and what was said in it. Only the desk writes here, one message at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage.db import put
from storage.prepared import Prepared
from storage.schema import inbox, outbox, talk


@dataclass(frozen=True)
class Line:
    """One thing said, by them or by us; `wording` is what was really sent, part by part."""

    ours: bool
    at: datetime
    key: str  # of theirs: the id it came in with
    said: dict[str, Any]
    wording: list[dict[str, Any]]


def load(tx: Connection, address: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The stored state and the options last offered; both empty at the first word."""
    row = LOAD.first(tx, {"there": address})
    return (row.state, row.offered) if row else ({}, [])


LOAD = Prepared(select(talk).where(talk.c.address == bindparam("there")))


def save(tx: Connection, address: int, state: dict[str, Any], offered: list[dict[str, Any]]) -> None:
    put(tx, talk, {"address": address}, state=state, offered=offered)


def history(tx: Connection, address: int, since: datetime | None, limit: int) -> list[Line]:
    """The last lines of a conversation after that moment, oldest first, in the order in which they were said."""
    theirs = select(inbox).where(inbox.c.address == address).order_by(inbox.c.heard.desc())
    ours = (
        select(outbox).where(outbox.c.address == address, outbox.c.spoken.is_not(None)).order_by(outbox.c.spoken.desc())
    )
    if since:
        theirs, ours = theirs.where(inbox.c.heard > since), ours.where(outbox.c.spoken > since)
    lines = [Line(False, row.heard, row.external_id, row.said, []) for row in tx.execute(theirs.limit(limit))]
    lines += [Line(True, row.spoken, "", {}, row.wording) for row in tx.execute(ours.limit(limit))]
    return sorted(lines, key=lambda line: (line.at, line.ours))[-limit:]
