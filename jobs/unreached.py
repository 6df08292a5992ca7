"""People whom nothing reaches any more: TCCB is told once, of all who were lost within a quarter of an hour."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage import outbox, people

KIND = "due.unreached"
ABOUT = "unreached"
GATHERED = timedelta(minutes=15)  # a channel that falls silent loses many people at once


def lose(tx: Connection, address: int, why: str, now: datetime) -> bool:
    """Somebody can't be reached there any more. False where that leaves them nowhere: then TCCB is told."""
    known = people.at(tx, address)
    people.refused(tx, address, why)
    if people.reach(tx, known.person):
        return True
    if known.person and known.refused is None and people.serves(tx, known.person, *people.ROLES):
        _tell(tx, now)
    return False


def _tell(tx: Connection, now: datetime) -> None:
    for _, to in people.desk(tx):
        if not outbox.waits(tx, to.id, ABOUT):
            say = {"kind": KIND, "facts": {}, "options": []}
            outbox.put(tx, to, [say], outbox.URGENT, now, about=ABOUT, due=now + GATHERED)
