"""The book of changes: who, when, from where, old → new; each row is sealed to the one before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from catalogue.calendar import HANOI
from storage import sealing, settings
from storage.db import alone
from storage.prepared import Prepared, adding
from storage.schema import audit, person
from storage.sealing import PLAIN, Keys

END = "audit"  # the setting that holds the last row's own words: without it a row cut off at the end is not missed
REKEYED = "rekey"  # the deed of the row that says with what the rows after it are bound
ERASED = "erase texts"  # the deed of the row that says which rows lost words of theirs, and what they are now
SHORT = 12  # letters of a link in its short form

Why = Literal["content", "order", "key", "no key", "cut"]
"""The content was changed; it does not follow from the row before; it is bound with something else than was said;

with a key that we do not have; what came after it is gone."""


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
    why: Why = "order"


@dataclass(frozen=True)
class Head:
    """The newest row: whoever has kept it elsewhere finds out if the book has been cut since."""

    id: int
    link: str
    at: datetime

    @property
    def short(self) -> str:
        return f"{self.id}-{self.link[:SHORT]}"


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
    keys = sealing.keys_of(tx)
    last = LAST.first(tx, {})
    link = last.link if last else ""
    if last and (before := last.sealed or PLAIN) != keys.newest:
        link = _rekey(tx, link, before, keys, now)
    row = {"at": now, "person": who.person, "channel": who.channel, "deed": deed, "subject": subject}
    _add(tx, link, keys.newest, keys, row | {"was": was, "now": became, "verbatim": verbatim})


LAST = Prepared(select(audit.c.link, audit.c.sealed).order_by(audit.c.id.desc()).limit(1))


def _rekey(tx: Connection, link: str, before: str, keys: Keys, now: datetime) -> str:
    """Said under the old key. Where that is lost it can't be, and `first_broken` says so for good."""
    how = before if before in keys else keys.newest
    row = {"at": now, "person": None, "channel": "clock", "deed": REKEYED, "subject": "audit"}
    return _add(tx, link, how, keys, row | {"was": before, "now": keys.newest, "verbatim": None})


def _add(tx: Connection, last: str, how: str, keys: Keys, row: dict[str, Any]) -> str:
    row["salt"] = sealing.salt()
    row["digest"] = sealing.digest(row["salt"], row)
    link = keys.bind(how, last, sealing.body(row))
    id = ADD.one(tx, row | {"sealed": how, "link": link}).id
    settings.keep(tx, END, {"id": id, "at": row["at"].isoformat(), "deed": row["deed"], "link": link})
    return link


ADD = adding(audit)


def of(tx: Connection, deeds: Sequence[str], subject: str) -> Iterator[Row[Any]]:
    """The rows of these deeds whose subject begins so, oldest first, each with the name of who did it."""
    rows = select(audit, person.c.name.label("by_name")).outerjoin(person, person.c.id == audit.c.person)
    wanted = audit.c.deed.in_(deeds) & audit.c.subject.startswith(subject, autoescape=True)
    yield from tx.execute(rows.where(wanted).order_by(audit.c.id))


def between(tx: Connection, first: date | None, last: date | None) -> Iterator[Row[Any]]:
    """The rows of these days, oldest first, each with the name of who did it."""
    rows = select(audit, person.c.name.label("by_name")).outerjoin(person, person.c.id == audit.c.person)
    if first:
        rows = rows.where(audit.c.at >= datetime.combine(first, time.min, HANOI))
    if last:
        rows = rows.where(audit.c.at < datetime.combine(last + timedelta(days=1), time.min, HANOI))
    yield from tx.execute(rows.order_by(audit.c.id))


def concerns(row: Row[Any], unit: str, measure: str = "") -> bool:
    """Whether a row is about that unit and, where one is named, that measure: its subject is made of such parts."""
    parts = row.subject.split("/")
    return unit in parts and (not measure or measure in parts)


def about(tx: Connection, unit: str, measure: str = "") -> list[Row[Any]]:
    """What was done about a unit, or one measure of it, the newest first, each with the name of who did it."""
    rows = select(audit, person.c.name.label("by_name")).outerjoin(person, person.c.id == audit.c.person)
    wanted = rows.where(audit.c.subject.contains(unit, autoescape=True)).order_by(audit.c.id.desc())
    return [row for row in tx.execute(wanted) if concerns(row, unit, measure)]


def head(tx: Connection) -> Head | None:
    """None while nothing has been noted."""
    row = tx.execute(select(audit.c.id, audit.c.link, audit.c.at).order_by(audit.c.id.desc()).limit(1)).first()
    return Head(row.id, row.link, row.at) if row else None


def still_has(tx: Connection, id: int, link: str) -> bool:
    """Whether the row of this number is there with the link that begins so: a head that was kept elsewhere."""
    found = tx.execute(select(audit.c.link).where(audit.c.id == id)).scalar_one_or_none()
    return found is not None and found.startswith(link)


def in_first_form(tx: Connection, moment: datetime) -> bool:
    """Whether the book was written in its first form then, in which not every deed had a row."""
    began = tx.execute(select(audit.c.sealed).order_by(audit.c.id).limit(1)).first()
    if began is None or began.sealed is not None:
        return False
    ended = tx.execute(select(func.min(audit.c.at)).where(audit.c.sealed.is_not(None))).scalar_one()
    return ended is None or moment < ended


def bound_with_a_key(tx: Connection) -> bool:
    """Whether the newest row is; if not, a key may have been named since, or all of it was written anew."""
    how = tx.execute(select(audit.c.sealed).order_by(audit.c.id.desc()).limit(1)).scalar_one_or_none()
    return how not in (None, PLAIN)


def first_broken(tx: Connection, keys: Keys | None = None) -> Broken | None:
    """None when the whole chain holds. `keys`: those of the connection, if no others are given."""
    chain = _Chain(keys or sealing.keys_of(tx), _erased(tx))
    for row in tx.execute(select(audit).order_by(audit.c.id)):
        if why := chain.objects(dict(row._mapping)):
            return Broken(row.id, row.at, row.deed, why)
    end = settings.get(tx, END)
    if end is None or end["link"] == chain.last:
        return None
    return Broken(end["id"], datetime.fromisoformat(end["at"]), end["deed"], "cut")


def _erased(tx: Connection) -> dict[int, str]:
    """Row → what it was left as by the last erasure."""
    rows = tx.execute(select(audit.c.id, audit.c.now).where(audit.c.deed == ERASED).order_by(audit.c.id))
    return {int(id): left for row in rows for id, left in (row.now or {}).get("rows", {}).items() if int(id) < row.id}


class _Chain:
    """Follows the rows from the first on."""

    def __init__(self, keys: Keys, erased: Mapping[int, str]) -> None:
        self.last = ""
        self._keys, self._erased, self._how = keys, erased, ""

    def objects(self, row: Mapping[str, Any]) -> Why | None:
        how = row["sealed"] or PLAIN
        if self._how not in ("", how):
            return "key"
        if why := self._content(row) or self._order(row, how):
            return why
        self.last, self._how = row["link"], row["now"] if row["deed"] == REKEYED else how
        return None

    def _content(self, row: Mapping[str, Any]) -> Why | None:
        if left := self._erased.get(row["id"]):
            return None if left == sealing.as_it_stands(row) else "content"
        if row["sealed"] is None:
            return None  # it is bound as it is
        return None if row["digest"] == sealing.digest(row["salt"] or "", row) else "content"

    def _order(self, row: Mapping[str, Any], how: str) -> Why | None:
        at_first = row["sealed"] is None
        if at_first and row["id"] in self._erased:
            return None  # what it was bound with is gone; the row after it holds its link
        try:
            link = self._keys.bind(how, self.last, sealing.body_at_first(row) if at_first else sealing.body(row))
        except sealing.NoKey:
            return "no key"
        return None if link == row["link"] else "order"
