"""How much accounts of ours have used of what its far side allows, counted from what is kept anyway."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, exists, func, or_, select

from storage.schema import address, enrolment, inbox, outbox


def month(now: datetime) -> datetime:
    """When the month began that is counted."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def used(tx: Connection, channel: str, accounts: Sequence[str], since: datetime) -> int:
    """Their messages in both directions since then, together; one that may have arrived counts as one that has."""
    parts = outbox.c.parts_sent + case((outbox.c.outcome == "unknown", 1), else_=0)
    sent = select(func.coalesce(func.sum(parts), 0))
    sent = sent.where(outbox.c.channel == channel, outbox.c.account.in_(accounts), outbox.c.spoken >= since)
    heard = select(func.count()).select_from(inbox.join(address))
    heard = heard.where(address.c.channel == channel, address.c.account.in_(accounts), inbox.c.heard >= since)
    return int(tx.execute(sent).scalar_one()) + int(tx.execute(heard).scalar_one())


def people(tx: Connection, channel: str, account: str) -> int:
    """Those who are known there, or wait to be."""
    waiting = exists().where(enrolment.c.address == address.c.id, enrolment.c.decided.is_(None))
    here = (address.c.channel == channel, address.c.account == account)
    query = select(func.count()).where(*here, or_(address.c.person.is_not(None), waiting))
    return int(tx.execute(query).scalar_one())
