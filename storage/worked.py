"""What the outbox and the reports remember of reminding: who was told of which step, and when they reported."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from storage.schema import address, outbox, report


class Told(NamedTuple):
    """A reminder that went out, of one step (by its mark in the slots)."""

    step: str
    channel: str
    person: int
    at: datetime


def told(tx: Connection, campaign: int) -> Iterator[Told]:
    """Every reminder of this campaign that went out, oldest first; one message may be of several campaigns."""
    query = select(outbox.c.say, outbox.c.channel, outbox.c.spoken, address.c.person).join(address)
    sent = (outbox.c.about.startswith("remind:"), outbox.c.outcome == "sent", address.c.person.is_not(None))
    for row in tx.execute(query.where(*sent, outbox.c.spoken.is_not(None)).order_by(outbox.c.id)):
        for at, step in row.say[0]["facts"]["steps"]:
            if at == campaign:
                yield Told(step, row.channel, row.person, row.spoken)


def given(tx: Connection, campaign: int) -> dict[int, list[datetime]]:
    """Person → when they reported something, in order."""
    query = select(report.c.person, report.c.given).where(report.c.campaign == campaign).order_by(report.c.given)
    found: dict[int, list[datetime]] = {}
    for row in tx.execute(query):
        found.setdefault(row.person, []).append(row.given)
    return found
