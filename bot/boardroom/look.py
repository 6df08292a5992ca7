"""One look at the board: by whom, at what moment, and all that they may see of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from bot.dialogue.facts import ROLES, Seat
from bot.dialogue.turn import Paper
from bot.ledger import Book, Line, narrow
from bot.web.board.ports import Choice, Head, Place, Visitor
from bot.words import Words, office_words
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Plan
from catalogue.standing import Standing
from storage import board, campaigns, people, promises, proofs, reports, units


@dataclass(frozen=True)
class Sight:
    """`units`: those that this person may see, `measures`: of what; None for all."""

    units: frozenset[str] | None
    tccb: bool = False
    appraises: bool = False
    measures: frozenset[str] | None = None

    def reads(self, measure: str | None) -> bool:
        return self.measures is None or measure in self.measures

    def sees(self, unit: str) -> bool:
        return self.units is None or unit in self.units


@dataclass(frozen=True)
class Look:
    tx: Connection
    at: Row[Any]  # the address from which the link was asked for, with its person
    duties: tuple[people.Duty, ...]
    book: Book
    catalogue: Catalogue
    calendar: Calendar
    spoken: Mapping[str, Words]
    now: datetime

    @property
    def words(self) -> Words:
        return self.spoken[self.at.language] if self.at.language else office_words(self.spoken)

    @cached_property
    def office(self) -> dict[str, Row[Any]]:
        """The units that there are today, in the office's order."""
        return {row.id: row for row in units.listed(self.tx, self.now.date())}

    @cached_property
    def below(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.office.values():
            found.setdefault(row.parent or "", []).append(row.id)
        return found

    def subtree(self, unit: str) -> set[str]:
        """The unit and all that is under it."""
        found, level = {unit}, [unit]
        while level := [child for above in level for child in self.below.get(above, ()) if child not in found]:
            found.update(level)
        return found

    @cached_property
    def sight(self) -> Sight:
        """Whoever only appraises sees the rows of their office, of every unit."""
        roles = {duty.role for duty in self.duties}
        if roles & {"tccb", "viewer"}:
            return Sight(None, "tccb" in roles, bool(roles & {"tccb", "evaluator"}))
        if "evaluator" in roles:
            return Sight(None, appraises=True, measures=frozenset(self.appraised))
        seen = {duty.unit for duty in self.duties}
        for duty in self.duties:
            seen |= self.subtree(duty.unit) if duty.role == "head" else set()
        return Sight(frozenset(seen))

    @cached_property
    def appraised(self) -> set[str]:
        """The measures that the visitor accepts or returns."""
        return {code for code in self.catalogue.measures if self.speaks_for(code)}

    def speaks_for(self, measure: str) -> frozenset[str]:
        """The offices in whose name the visitor appraises it."""
        offices = frozenset(duty.unit for duty in self.duties if duty.role in ("evaluator", "tccb"))
        seat = Seat(any(duty.role == "tccb" for duty in self.duties), offices)
        return seat.speaks_for(self.catalogue.evaluators(measure))

    @cached_property
    def settled(self) -> Mapping[str, frozenset[str]]:
        """Unit → the measures that the visitor's own office has accepted, and that wait for another alone."""
        found: dict[str, frozenset[str]] = {}
        for (unit, measure), offices in reports.half_agreed(self.tx, self.book.row.id).items():
            if self.speaks_for(measure) <= offices:
                found[unit] = found.get(unit, frozenset()) | {measure}
        return found

    @property
    def visitor(self) -> Visitor:
        duties = [f"{self.words(ROLES[duty.role], {})}, {duty.unit_name}" for duty in self.duties]
        return Visitor(self.at.name, "; ".join(duties), self.sight.tccb, self.sight.appraises)

    @cached_property
    def lines(self) -> dict[str, Line]:
        """What the visitor sees, in the office's order."""
        lines = self.book.lines
        found = {id: lines[id] for id in self.office if id in lines and self.sight.sees(id)}
        if self.sight.measures is None:
            return found
        mine = tuple(self.sight.reads(leaf.measure) for leaf in self.catalogue.leaves)
        narrowed = {id: narrow(line, mine) for id, line in found.items()}
        return {id: line for id, line in narrowed.items() if line.all}

    @property
    def plan(self) -> Plan:
        return campaigns.plan(self.book.row, self.catalogue)

    @property
    def head(self) -> Head:
        row = self.book.row
        others = tuple(Choice(str(one.id), f"{one.year} ({one.catalogue})") for one in campaigns.every(self.tx))
        left = (row.deadline - self.now.date()).days
        return Head(row.id, self.catalogue.title, row.year, row.deadline, left, row.locked, self.now, others)

    @cached_property
    def promised(self) -> dict[str, datetime]:
        """Unit → when it said that it would send."""
        return {unit: made.due for (unit, _), made in promises.newest(self.tx, self.book.row.id).items()}

    def broken(self, line: Line) -> bool:
        """A promise whose hour is gone by, of a unit that still owes something."""
        return bool(line.owed) and line.unit in self.promised and self.promised[line.unit] <= self.now

    @cached_property
    def served(self) -> set[str]:
        """The units that have somebody who reports for them."""
        return {row.unit for row in people.serving(self.tx, "focal")}

    def standings(self, of: Sequence[str]) -> dict[str, Standing]:
        names = {unit: self.office[unit].name for unit in of}
        return board.standings(self.tx, self.book.row, self.catalogue, names, list(of)) if of else {}

    def proofs(self, unit: str, report: int, link: Callable[[Paper], str]) -> tuple[tuple[str, str], ...]:
        """What proves a figure: each file's name, and where the visitor can fetch it."""
        found = proofs.of(self.tx, [report]).get(report, [])
        return tuple(
            (one.name, link(Paper("kept", {"file": one.id, "unit": unit, "for": self.at.person}))) for one in found
        )

    def named(self, unit: str) -> str:
        return str(self.office[unit].name) if unit in self.office else unit

    def types(self) -> tuple[Choice, ...]:
        kinds = dict.fromkeys(self.office[id].type for id in self.lines)
        return tuple(Choice(kind, self.catalogue.unit_types.get(kind, kind)) for kind in kinds)


def page_of(wanted: int, found: int, per_page: int) -> Place:
    pages = max(1, -(-found // per_page))
    return Place(min(max(wanted, 1), pages), pages, found)


def cut(place: Place, per_page: int) -> slice:
    return slice((place.page - 1) * per_page, place.page * per_page)
