"""Where each conversation stands, and what was said in it. Only the desk writes here, one message at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.db import put
from storage.schema import inbox, outbox, talk


@dataclass(frozen=True)
class Line:
    """One thing said, by them or by us; `wording` is what was really sent, part by part."""

    id: int
    ours: bool
    at: datetime
    said: dict[str, Any]
    wording: list[dict[str, Any]]


def load(tx: Connection, address: int) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The stored state and the options last offered; both empty at the first word."""
    row = tx.execute(select(talk).where(talk.c.address == address)).one_or_none()
    return (row.state, row.offered) if row else ({}, [])


def save(tx: Connection, address: int, state: dict[str, Any], offered: list[dict[str, str]]) -> None:
    put(tx, talk, {"address": address}, state=state, offered=offered)


def history(tx: Connection, address: int, limit: int = 200) -> list[Line]:
    """The last lines of a conversation, oldest first, in the order in which they were heard and sent."""
    heard = select(inbox).where(inbox.c.address == address).order_by(inbox.c.id.desc()).limit(limit)
    sent = select(outbox).where(outbox.c.address == address, outbox.c.wording.is_not(None), outbox.c.delivered)
    theirs = [Line(row.id, False, row.heard, row.said, []) for row in tx.execute(heard)]
    ours = [
        Line(row.id, True, row.settled or row.made, {}, row.wording)
        for row in tx.execute(sent.order_by(outbox.c.id.desc()).limit(limit))
    ]
    return sorted(theirs + ours, key=lambda line: (line.at, line.ours, line.id))[-limit:]
