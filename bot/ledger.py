"""Where every unit stands, a line each, kept between two looks: only what has changed since is worked out anew."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row

from catalogue.model import Catalogue, Indicator
from catalogue.standing import Standing
from storage import board, campaigns, tide, units
from storage.tide import Tide

CHUNK = 500  # units that are worked out at once: a large office must not fill the memory
Mark = Literal["off", "open", "later", "returned", "contested", "met", "short", "lost", "judged", "none"]
"""How one unit stands in one row: not asked for, not sent, sent as still to come, returned, contested; met, short,

out of reach, for the evaluator to say, counted neither way."""


@dataclass(frozen=True, slots=True)
class Line:
    """One unit in one campaign. `marks` and `accepted`: a place for each leaf of the catalogue."""

    unit: str
    marks: tuple[Mark, ...]
    accepted: tuple[bool, ...]
    all: int  # figures asked for
    owed: int
    short: int  # indicators
    waiting: int  # for appraisal
    returned: int
    late: int
    silent: bool
    deadline: date

    @property
    def complete(self) -> bool:
        return not self.owed


def mark(one: Standing, row: Indicator) -> Mark:
    found = one.state(row)
    return _UNDECIDED.get(found.stage) or _OUTCOMES[found.outcome]


_AGAIN = ("returned", "contested")
_UNDECIDED: Mapping[str, Mark] = {
    "off": "off",
    "missing": "open",
    "no_data_yet": "later",
    "returned": "returned",
    "contested": "contested",
}
_OUTCOMES: Mapping[str, Mark] = {
    "met": "met",
    "short": "short",
    "lost": "lost",
    "judged": "judged",
    "na": "none",
    "not_applicable": "none",
    "": "none",
}


def line(one: Standing) -> Line:
    leaves, said = one.catalogue.leaves, one.reported.values()
    marks = tuple(mark(one, row) for row in leaves)
    accepted = {report.measure for report in said if report.stage == "accepted"}
    short = sum(shown in ("short", "lost") for shown in marks)
    if any(report.reopened for report in said):
        short = len(one.shortfalls)  # what is open again may fall short as well
    return Line(
        one.unit,
        marks,
        tuple(row.code in one.indicators and row.measure in accepted for row in leaves),
        len(one.measures),
        len(one.owed),
        short,
        sum(report.waits for report in said),
        sum(report.reopened for report in said),
        sum(one.late(code) for code in one.reported),
        one.silent,
        one.deadline,
    )


COUNTED = ("met", "short", "lost", "judged", "none")


def narrow(line: Line, mine: tuple[bool, ...]) -> Line:
    """The same unit as far as these rows go: what is counted are rows then, and no longer figures."""
    marks: tuple[Mark, ...] = tuple(mark if kept else "off" for mark, kept in zip(line.marks, mine, strict=True))
    accepted = tuple(done and kept for done, kept in zip(line.accepted, mine, strict=True))
    waiting = sum(mark in COUNTED and not done for mark, done in zip(marks, accepted, strict=True))
    owed = sum(mark in ("open", "later", *_AGAIN) for mark in marks)
    asked = sum(mark != "off" for mark in marks)
    short, returned = sum(mark in ("short", "lost") for mark in marks), sum(mark in _AGAIN for mark in marks)
    silent = marks.count("open") == asked
    return Line(line.unit, marks, accepted, asked, owed, short, waiting, returned, 0, silent, line.deadline)


@dataclass
class Book:
    """One campaign's lines, and the marks by which it is seen that they have aged."""

    row: Row[Any]  # the campaign as it was then
    lines: dict[str, Line]
    duties: tuple[tuple[str, int], ...]
    seen: Tide

    def of_another_history(self, now: Tide) -> bool:
        """Brought back from a copy, or begun anew: what was there then is not there any more."""
        fell = any(getattr(now, name) < getattr(self.seen, name) for name in tide.BOOKS)
        return fell or (now.audit == self.seen.audit and now.seal != self.seen.seal)


@dataclass
class Ledger:
    """Shared by every look of this process."""

    catalogues: Mapping[str, Catalogue]
    _books: dict[int, Book] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def settle(self, tx: Connection, campaign: int | None = None) -> Book | None:
        """That campaign's book, or the newest's, as of now; None when there is none.

        First in a look, before anything else is read: what is kept is never older than what is seen.
        """
        with self._lock:
            row = chosen(campaigns.every(tx), campaign)
            return self._as_of(tx, row, tide.now(tx)) if row else None

    def _as_of(self, tx: Connection, row: Row[Any], now: Tide) -> Book:
        book = self._books.get(row.id)
        if book is None or book.row != row or book.of_another_history(now) or not self._refreshed(tx, book, now):
            names = units.names(tx)
            duties = tide.duties(tx, row.id)
            book = self._books[row.id] = Book(row, self._lines(tx, row, names, list(names)), duties, now)
        return book

    def _refreshed(self, tx: Connection, book: Book, now: Tide) -> bool:
        """False when more has changed than some units' figures."""
        if now == book.seen:
            return True
        if now.audit != book.seen.audit and tide.duties(tx, book.row.id) != book.duties:
            return False
        touched = sorted(tide.touched(tx, book.row.id, book.seen))
        fresh = self._lines(tx, book.row, units.names(tx), touched) if touched else {}
        book.lines = {**book.lines, **fresh}  # another one: somebody may be reading the old
        book.seen = now
        return True

    def _lines(self, tx: Connection, row: Row[Any], names: Mapping[str, str], of: Sequence[str]) -> dict[str, Line]:
        catalogue, found = self.catalogues[row.catalogue], dict[str, Line]()
        for start in range(0, len(of), CHUNK):
            stands = board.standings(tx, row, catalogue, names, of[start : start + CHUNK])
            found |= {unit: line(one) for unit, one in stands.items()}
        return found


def chosen(rows: Sequence[Row[Any]], campaign: int | None) -> Row[Any] | None:
    """The one asked for; else the newest that runs; else the newest."""
    asked = [row for row in rows if row.id == campaign]
    running = [row for row in rows if row.locked is None]
    return next(reversed(asked or running or list(rows)), None)
