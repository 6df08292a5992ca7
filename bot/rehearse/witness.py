"""Watches a rehearsal from outside: what was owed when a message arrived, who had to get one, and what came of it all.

It trusts neither the timetable nor the delivery: what is owed is read from the rows of the reports themselves.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from bot.rehearse.cast import Seat
from bot.rehearse.far import Arrival, Far, Owing
from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Plan, Step
from catalogue.office import Office
from jobs import warn
from storage import db
from storage.schema import address, cell, outbox, report

ITEM = re.compile(r"^- ([^\s,:]+)(?:, [^\s,:]+)*: ", re.MULTILINE)
WARNING = "Cảnh báo:"


@dataclass(frozen=True)
class Verdict:
    """What is promised, counted. All but the first two groups must be nothing."""

    messages: int  # that arrived, replies included
    messages_per_unit: str
    unasked: int  # of them: what the timetable sent
    reminders: int
    reminders_per_unit: str
    figures: int  # what the reminders would have been, had each figure missing been a message of its own
    most_a_day: int  # messages to one person on one day, replies included
    most_unasked_a_day: int  # reminders and warnings to one person on one day
    recorded: int
    confirmed: int
    twice: int
    stale: int
    after_completion: int
    outside_hours: int
    missed: int

    @property
    def kept(self) -> bool:
        broken = self.twice + self.stale + self.after_completion + self.outside_hours + self.missed
        return not broken and self.most_unasked_a_day <= 1 and self.recorded == self.confirmed


@dataclass
class Witness:
    """`seats`: chat → who has it."""

    engine: Engine
    office: Office
    catalogue: Catalogue
    plan: Plan
    calendar: Calendar
    seats: Mapping[str, Seat]
    expected: dict[tuple[date, Seat, str], int] = field(default_factory=dict)  # → how long the log was by then

    def __post_init__(self) -> None:
        self.assigned = {
            unit.id: frozenset(
                leaf.measure
                for leaf in self.catalogue.leaves
                if leaf.measure and leaf.owed_by(unit.id, unit.type, unit.name)
            )
            for unit in self.office.units
        }
        self.scope = {seat: self._scope(seat) for seat in set(self.seats.values())}

    def _scope(self, seat: Seat) -> tuple[str, ...]:
        if seat.role == "head":
            return tuple(unit.id for id in seat.units for unit in self.office.subtree(id))
        return tuple(self.assigned) if seat.role == "tccb" else seat.units

    # What is owed

    def owing(self, chat: str) -> Owing:
        with db.reading(self.engine) as tx:
            return self._owing(tx, self.scope[self.seats[chat]])[0]

    def _owing(self, tx: Connection, units: Sequence[str]) -> tuple[dict[str, frozenset[str]], set[str]]:
        """What each unit owes, and which of them have said nothing at all."""
        query = select(cell.c.unit, cell.c.measure, cell.c.state, report.c.kind).join(report)
        done, heard = defaultdict[str, set[str]](set), set[str]()
        for row in tx.execute(query.where(cell.c.unit.in_(units))):
            heard.add(row.unit)
            if row.state != "returned" and row.kind != "no_data_yet":
                done[row.unit].add(row.measure)
        owing = {unit: self.assigned[unit] - done[unit] for unit in units}
        return owing, {unit for unit in units if self.assigned[unit] and unit not in heard}

    # Who has to get something

    def newest(self, role: str, now: datetime) -> Step | None:
        """The step that is to be said to them at this moment, if any."""
        come = [(at, step) for at, step in days.due_steps(self.plan, self.calendar) if role in step.to and at <= now]
        if not come or now - come[-1][0] > timedelta(days=come[-1][1].stale_after):
            return None
        return come[-1][1]

    def due(self, now: datetime, blocked: set[str]) -> list[tuple[date, Seat, str]]:
        """Everybody for whom a step is due now, who owes and can be reached."""
        if not self.calendar.awake(now):
            return []
        steps = {role: step for role in ("focal", "head", "tccb") if (step := self.newest(role, now))}
        if not steps:
            return []
        with db.reading(self.engine) as tx:
            owing, silent = self._owing(tx, tuple(self.assigned))
        late = {unit for unit, measures in owing.items() if measures}
        return [
            (now.date(), seat, steps[seat.role].id)
            for seat, units in self.scope.items()
            if seat.role in steps and not blocked.issuperset(seat.chats)
            if not (silent if steps[seat.role].when == "silent" else late).isdisjoint(units)
        ]

    def expect(self, due: Sequence[tuple[date, Seat, str]], far: Far) -> None:
        """These had to be told by now."""
        self.expected |= dict.fromkeys(due, len(far.log))

    # What came of it

    def verdict(self, far: Far, confirmed: int) -> Verdict:
        with db.reading(self.engine) as tx:
            sent = list(self._unasked(tx, far.log))
            recorded = tx.execute(select(func.count()).select_from(report)).scalar_one()
        arrived = [one for one in far.log if not one.outcome]
        reminders = [one for one in sent if one.about == "remind"]
        return Verdict(
            messages=len(arrived),
            messages_per_unit=_places(Fraction(len(arrived), len(self.assigned))),
            unasked=len(sent),
            reminders=len(reminders),
            reminders_per_unit=_places(Fraction(len(reminders), len(self.assigned))),
            figures=sum(max(1, len(self._asked(one))) for one in reminders),
            most_a_day=_most((one.at.date(), self.seats[one.chat]) for one in arrived),
            most_unasked_a_day=_most((one.at.date(), one.seat) for one in sent if one.about in ("remind", "warn")),
            recorded=recorded,
            confirmed=confirmed,
            twice=_repeated((one.seat, step) for one in reminders for step in one.steps) + sum(s.extra for s in sent),
            stale=sum(self._stale(one) for one in reminders),
            after_completion=sum(self._needless(one) for one in reminders),
            outside_hours=sum(not self.calendar.awake(one.at) for one in sent),
            missed=self._missed(far.log, sent),
        )

    def _unasked(self, tx: Connection, log: Sequence[Arrival]) -> Iterator["Unasked"]:
        """What the timetable sent, each arrival with its envelope, found by chat and text."""
        columns: list[Any] = [outbox.c.about, outbox.c.say, outbox.c.wording, address.c.chat]
        query = select(*columns).join(address)
        written = defaultdict[tuple[str, str], list[Row[Any]]](list)
        for row in tx.execute(query.where(outbox.c.wording.is_not(None)).order_by(outbox.c.id)):
            if row.about and row.about.partition(":")[0] in ("remind", "warn", "digest"):
                written[row.chat, row.wording[0]["text"]].append(row)
        count = Counter[tuple[str, str]]()
        for number, one in enumerate(log):
            if not one.outcome and one.unasked and (rows := written.get((one.chat, one.text))):
                seen = count[one.chat, one.text]
                count[one.chat, one.text] += 1
                row = rows[min(seen, len(rows) - 1)]
                steps = tuple(id for _, id in row.say[0]["facts"].get("steps", ()))
                about = "mended" if row.say[0]["kind"] == warn.MENDED else row.about.partition(":")[0]
                yield Unasked(one, number, self.seats[one.chat], about, steps, seen >= len(rows))

    def _stale(self, one: "Unasked") -> bool:
        step = self.newest(one.seat.role, one.at)
        return step is None or one.steps != (step.id,)

    def _needless(self, one: "Unasked") -> bool:
        """Nobody in their charge owes anything, or it asks for a row that is not owed."""
        owed = frozenset[str]().union(*(one.owing or {}).values())
        rows = {self.catalogue.by_code[code].measure for code in self._asked(one)}
        return bool(one.text.partition(WARNING)[0] and not owed) or not rows <= owed

    def _asked(self, one: "Unasked") -> list[str]:
        """The rows that it asks for, by the first code of each."""
        asked = one.text.partition(WARNING)[0]
        return [code for code in ITEM.findall(asked) if code in self.catalogue.by_code]

    def _missed(self, log: Sequence[Arrival], sent: Sequence["Unasked"]) -> int:
        """Expected, and neither told of that step by then, nor told anything or tried in vain on that day."""
        told = {(one.seat, step): one.number for one in reversed(sent) for step in one.steps}
        busy = {(one.at.date(), one.seat) for one in sent}
        busy |= {(one.at.date(), self.seats[one.chat]) for one in log if one.outcome}
        return sum(
            told.get((seat, step), by) >= by and (day, seat) not in busy
            for (day, seat, step), by in self.expected.items()
        )


@dataclass(frozen=True)
class Unasked:
    """A message of the timetable that arrived; `number`: its place in the log; `extra`: its envelope came before."""

    arrival: Arrival
    number: int
    seat: Seat
    about: str
    steps: tuple[str, ...]
    extra: bool

    @property
    def at(self) -> datetime:
        return self.arrival.at

    @property
    def text(self) -> str:
        return self.arrival.text

    @property
    def owing(self) -> Owing | None:
        return self.arrival.owing


def _most(keys: Iterator[Any]) -> int:
    return max(Counter(keys).values(), default=0)


def _repeated(keys: Iterator[Any]) -> int:
    return sum(count - 1 for count in Counter(keys).values())


def _places(amount: Fraction) -> str:
    hundredths = round(amount * 100)
    return f"{hundredths // 100}.{hundredths % 100:02}"
