"""What the board page asks of the house, and in what shape it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.dialogue.turn import Deed

PER_PAGE = 40  # units or rows on one page


@dataclass(frozen=True)
class Visitor:
    """Whoever holds the session."""

    name: str
    detail: str  # duties and units, as one line
    tccb: bool  # may send notices, see the plan and the channels
    appraises: bool


@dataclass(frozen=True)
class Wanted:
    """What of the board is asked for; everything may be left out."""

    type: str = ""
    under: str = ""  # a unit and all below it
    state: str = ""  # a key of STATES
    text: str = ""
    order: str = "risk"  # or "office"
    page: int = 1
    campaign: int | None = None
    row: str = ""  # an indicator, where one is asked for


STATES = ("silent", "partial", "complete", "short", "waiting", "returned", "late", "promise", "nobody")


@dataclass(frozen=True)
class Choice:
    id: str
    name: str


@dataclass(frozen=True)
class Place:
    """Where in a long list this page is."""

    page: int
    pages: int
    found: int


@dataclass(frozen=True)
class Head:
    """The campaign looked at, and the others there are."""

    campaign: int
    title: str
    year: int
    deadline: date
    left: int  # days; negative once it is over
    locked: datetime | None
    now: datetime
    others: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Column:
    """One indicator."""

    code: str
    printed: str
    name: str
    target: str
    section: str


@dataclass(frozen=True)
class Cell:
    """`mark`: as in bot.ledger; `told`: the figure in words."""

    mark: str
    accepted: bool = False
    told: str = ""
    late: bool = False


@dataclass(frozen=True)
class UnitRow:
    id: str
    name: str
    who: str
    cells: tuple[Cell, ...]
    owed: int
    all: int
    short: int
    waiting: int
    until: date | None = None  # a deadline of its own
    promise: datetime | None = None
    broken: bool = False


@dataclass(frozen=True)
class Matrix:
    head: Head
    columns: tuple[Column, ...]
    rows: tuple[UnitRow, ...]
    place: Place
    counts: Mapping[str, int]  # of everything the visitor sees, whatever is asked for
    types: tuple[Choice, ...]
    parents: tuple[Choice, ...]


@dataclass(frozen=True)
class Entry:
    """Something that was said or decided of a figure."""

    at: datetime
    by: str
    told: str
    verbatim: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Figure:
    """One measure of a unit."""

    name: str
    codes: tuple[str, ...]
    cell: Cell
    verdicts: tuple[str, ...]
    explained: str
    evidence: str  # number and date of the document that proves it
    returned: str  # why
    files: tuple[tuple[str, str], ...]  # that prove it: name, address
    history: tuple[Entry, ...]


@dataclass(frozen=True)
class UnitCard:
    head: Head
    row: UnitRow
    type: str
    parent: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Pooled:
    """Sums, never a mean of percentages; `told` and `verdict` in words."""

    told: str
    verdict: str
    units: int
    counted: int
    left_out: int  # bare percentages


@dataclass(frozen=True)
class RowUnit:
    """One unit in one indicator."""

    id: str
    name: str
    cell: Cell
    verdict: str
    explained: str


@dataclass(frozen=True)
class RowCard:
    """One indicator across units."""

    head: Head
    column: Column
    numerator: str
    denominator: str
    note: str
    basis: str
    whole: bool  # all units, not only the visitor's own
    pooled: Pooled
    rows: tuple[RowUnit, ...]
    place: Place


@dataclass(frozen=True)
class Case:
    """A figure that waits for appraisal."""

    report: int
    unit: str
    unit_name: str
    codes: tuple[str, ...]
    name: str
    told: str
    by: str
    given: datetime
    as_of: date
    verdicts: tuple[tuple[str, str], ...]  # mark, in words
    explained: str
    evidence: str
    for_a_person: bool  # who accepts it says whether it reaches its target
    files: tuple[tuple[str, str], ...]  # that prove it: name, address
    behalf: str  # whether the unit stands by what was entered for it, in words


@dataclass(frozen=True)
class Cases:
    head: Head
    cases: tuple[Case, ...]
    place: Place
    units: tuple[Choice, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class NoticeRow:
    number: int
    title: str
    made: datetime
    author: str
    stages: Mapping[str, int]  # acknowledged, seen, sent, uncertain, waiting, failed
    state: str = ""  # in words: what has become of it as a whole, unless it is simply out
    may: tuple[str, ...] = ()  # what can be done with it: release, withhold, recall

    @property
    def all(self) -> int:
        return sum(self.stages.values())


@dataclass(frozen=True)
class Notices:
    rows: tuple[NoticeRow, ...]
    place: Place
    types: tuple[Choice, ...]


@dataclass(frozen=True)
class Recipient:
    name: str
    unit: str
    phone: str
    stage: str
    acknowledged: datetime | None
    verbatim: str


@dataclass(frozen=True)
class NoticeCard:
    row: NoticeRow
    body: str
    files: tuple[tuple[str, str], ...]  # name, address
    recipients: tuple[Recipient, ...]
    place: Place


@dataclass(frozen=True)
class StepRow:
    """One step of the plan; `concerned`: units that it would speak of now, `reached`: people it has spoken to."""

    id: str
    at: datetime
    to: tuple[str, ...]
    when: str
    past: bool
    next: bool
    held: bool
    concerned: int
    reached: int


@dataclass(frozen=True)
class Respite:
    unit: str
    name: str
    until: date
    reason: str


@dataclass(frozen=True)
class PromiseRow:
    unit: str
    name: str
    person: str
    due: datetime
    broken: bool


@dataclass(frozen=True)
class PlanCard:
    head: Head
    steps: tuple[StepRow, ...]
    respites: tuple[Respite, ...]
    promises: tuple[PromiseRow, ...]
    ahead: tuple[str, ...] = ()  # who gets what on the day asked for, in words
    day: date | None = None


@dataclass(frozen=True)
class ChannelRow:
    name: str
    title: str
    fault: str
    people: int
    most: int | None
    used: int
    monthly: int | None
    planned: int  # reminders and summaries until the end of the month, where the month's messages are limited
    open: int  # envelopes that wait
    oldest: datetime | None


@dataclass(frozen=True)
class Lost:
    name: str
    unit: str
    phone: str


@dataclass(frozen=True)
class ChannelCard:
    now: datetime
    channels: tuple[ChannelRow, ...]
    beat: datetime | None
    parked: int
    unknown: int
    lost: tuple[Lost, ...]


@dataclass(frozen=True)
class Told:
    """What a deed had to say: its kind, its facts, and in words."""

    kind: str
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)


class Board(Protocol):
    """Every answer is None for whoever may not see it, or where there is no such thing: nothing tells which."""

    async def openable(self, token: str) -> bool: ...

    async def open(self, token: str) -> str | None:
        """The session that a link begins, once."""

    async def close(self, session: str) -> None: ...

    async def visitor(self, session: str) -> Visitor | None: ...

    async def matrix(self, session: str, wanted: Wanted) -> Matrix | None: ...

    async def unit(self, session: str, unit: str, wanted: Wanted) -> UnitCard | None: ...

    async def indicator(self, session: str, code: str, wanted: Wanted) -> RowCard | None: ...

    async def cases(self, session: str, wanted: Wanted) -> Cases | None: ...

    async def notices(self, session: str, page: int) -> Notices | None: ...

    async def notice(self, session: str, number: int, page: int) -> NoticeCard | None: ...

    async def plan(self, session: str, wanted: Wanted, day: date | None) -> PlanCard | None: ...

    async def channels(self, session: str) -> ChannelCard | None: ...

    async def named(self, session: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The units that a list of names means, and the names that mean none, or several."""

    async def act(self, session: str, deeds: Sequence[Deed], key: str = "") -> list[Told] | None:
        """Carries them out as if said in chat. With a `key`: [] where a form of that key was sent before.

        PermissionError where this person may not.
        """

    async def stir(self, session: str) -> tuple[int, ...] | None:
        """Another one whenever something may have changed."""
