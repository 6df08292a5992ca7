"""Steps of a campaign that TCCB keeps back for now; who did it is in the audit."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from storage.db import insert_new
from storage.schema import hold


def keep_back(tx: Connection, campaign: int, step: str, by: int | None, now: datetime) -> bool:
    """False when it is kept back already."""
    return insert_new(tx, hold, campaign=campaign, step=step, person=by, since=now)


def let_go(tx: Connection, campaign: int, step: str) -> bool:
    """False when it was not kept back."""
    here = (hold.c.campaign == campaign) & (hold.c.step == step)
    return bool(tx.execute(hold.delete().where(here)).rowcount)


def kept_back(tx: Connection, campaign: int) -> frozenset[str]:
    return frozenset(tx.execute(HELD, {"which": campaign}).scalars())


HELD = select(hold.c.step).where(hold.c.campaign == bindparam("which"))
