"""How much an account of ours has used of what its far side allows, counted from what is kept anyway."""

from datetime import datetime

from sqlalchemy import Connection, case, exists, func, or_, select

from storage.schema import address, enrolment, inbox, outbox


def used(tx: Connection, channel: str, account: str, since: datetime) -> int:
    """Messages in both directions since then; one that may have arrived counts as one that has."""
    parts = outbox.c.parts_sent + case((outbox.c.outcome == "unknown", 1), else_=0)
    sent = select(func.coalesce(func.sum(parts), 0))
    sent = sent.where(outbox.c.channel == channel, outbox.c.account == account, outbox.c.spoken >= since)
    heard = select(func.count()).select_from(inbox.join(address))
    heard = heard.where(address.c.channel == channel, address.c.account == account, inbox.c.heard >= since)
    return int(tx.execute(sent).scalar_one()) + int(tx.execute(heard).scalar_one())


def people(tx: Connection, channel: str, account: str) -> int:
    """Those who are known there, or wait to be."""
    waiting = exists().where(enrolment.c.address == address.c.id, enrolment.c.decided.is_(None))
    here = (address.c.channel == channel, address.c.account == account)
    query = select(func.count()).where(*here, or_(address.c.person.is_not(None), waiting))
    return int(tx.execute(query).scalar_one())
