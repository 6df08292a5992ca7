"""What is kept no longer than it is needed: messages, talks, the contents of files. The books stay."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from catalogue.calendar import HANOI
from storage.schema import address, campaign, file, file_content, inbox, outbox, talk


@dataclass(frozen=True)
class Keep:
    """How many months, from the evaluation day of the campaign in which it came."""

    messages: int = 24
    files: int = 24


@dataclass(frozen=True)
class Purged:
    """How many of each are gone, or would be."""

    heard: int
    sent: int
    talks: int
    files: int

    def __bool__(self) -> bool:
        return any((self.heard, self.sent, self.talks, self.files))


def before(tx: Connection, months: int, today: date) -> datetime:
    """What is older than that has been kept long enough: its campaign was evaluated so many months ago, or it was of
    none."""
    end = months_ago(today, months)
    late = select(func.min(campaign.c.opened)).where(campaign.c.evaluation >= end)
    day = datetime.combine(end, time.min, HANOI)
    opened = tx.execute(late).scalar_one_or_none()
    return min(day, opened) if opened else day


def months_ago(day: date, months: int) -> date:
    """The same day of that month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def count(tx: Connection, keep: Keep, today: date) -> Purged:
    return Purged(*(_count(tx, table, here) for table, here in _old(tx, keep, today)))


def purge(tx: Connection, keep: Keep, today: date) -> Purged:
    """What is still to be answered or sent is left, however old it is."""
    heard, sent, talks, files = (_gone(tx, table, here) for table, here in _old(tx, keep, today))
    emptied = file.c.id.not_in(select(file_content.c.file)) & file.c.sheet.is_not(None)
    tx.execute(file.update().where(emptied).values(sheet=None))
    return Purged(heard, sent, talks, files)


def _old(tx: Connection, keep: Keep, today: date) -> list[tuple[Table, Any]]:
    said, kept = before(tx, keep.messages, today), before(tx, keep.files, today)
    return [
        (inbox, (inbox.c.heard < said) & inbox.c.settled.is_not(None)),
        (outbox, (outbox.c.made < said) & outbox.c.settled.is_not(None)),
        (talk, talk.c.address.in_(select(address.c.id).where(address.c.seen < said))),
        (file_content, file_content.c.file.in_(select(file.c.id).where(file.c.kept < kept))),
    ]


def _count(tx: Connection, table: Table, here: Any) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(here)).scalar_one())


def _gone(tx: Connection, table: Table, here: Any) -> int:
    return int(tx.execute(delete(table).where(here)).rowcount)
