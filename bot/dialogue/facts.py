"""All that a dialogue may know: the world of one person at one moment, read before the step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.dialogue.deeds import Aim
from bot.dialogue.sheet import Sheet
from catalogue.model import Catalogue, Plan
from catalogue.office import Office
from catalogue.standing import Standing

ROLES = {
    "focal": "role.focal",
    "head": "role.head",
    "tccb": "role.tccb",
    "evaluator": "role.evaluator",
    "viewer": "role.viewer",
}
"""Role → what it is called."""


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    position: str = ""
    phone: str = ""
    joined: datetime | None = None


@dataclass(frozen=True)
class Duty:
    unit: str
    unit_name: str
    role: str


@dataclass(frozen=True)
class Seat:
    """In whose name somebody appraises. TCCB appraises every row, the others those that name their office."""

    tccb: bool
    offices: frozenset[str]

    def speaks_for(self, named: tuple[str, ...]) -> frozenset[str]:
        """Of the offices that a row names, the first of which leads: those that this person speaks for."""
        if mine := self.offices & {*named}:
            return mine
        return (frozenset(named[:1]) or self.offices) if self.tccb else frozenset()


@dataclass(frozen=True)
class Work:
    """What one unit has to do in one campaign."""

    campaign: int
    plan: Plan
    standing: Standing

    def measures_of(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The unit's own measures behind these indicators, each once."""
        rows = self.standing.catalogue.by_code
        found = (rows[code].measure for code in codes if code in rows)
        return tuple(dict.fromkeys(code for code in found if code and code in self.standing.measures))


@dataclass(frozen=True)
class Address:
    """One of the places where this person is reached, by the name that people know."""

    id: int
    brand: str
    called: str  # the brand and, where there are several of it, which
    here: bool  # they are writing from there
    cut: bool  # it has refused us


@dataclass(frozen=True)
class Invitation:
    """What the code that a stranger has typed is good for."""

    id: int
    unit: str
    unit_name: str
    role: str
    name: str
    listed: bool = False  # the office has a list of whom it expects there


@dataclass(frozen=True)
class Crowded:
    """The account written to may talk to so many people, and does; others of ours that have room."""

    people: int
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class Guest:
    """Someone we do not know yet."""

    invitation: Invitation | None = None
    joins: int | None = None  # the ticket that is behind the code they have typed
    locked: bool = False  # too many wrong codes
    waiting: str = ""  # the unit for which they wait to be approved
    crowded: Crowded | None = None
    held: bool = False  # whose account it was says that it is not theirs


@dataclass(frozen=True)
class Pending:
    """Somebody who waits for TCCB's approval."""

    id: int
    name: str
    unit_name: str
    role: str
    phone: str = ""


@dataclass(frozen=True)
class Campaign:
    """One that TCCB may change; `deadline`: of all units that have none of their own."""

    id: int
    year: int
    deadline: date
    catalogue: Catalogue
    locked: bool = False


@dataclass(frozen=True)
class Received:
    """A notice that this person has not acknowledged."""

    id: int
    title: str


@dataclass(frozen=True)
class Metered:
    """An account of ours whose messages its far side counts. `called`: what people know it by."""

    channel: str
    account: str
    called: str
    monthly: int
    owner: str = ""


@dataclass(frozen=True)
class Way:
    """Where people come in. `link`: "{code}" stands in it where it carries the code; "" where there is none to follow,
    and people look for the name."""

    called: str
    link: str

    @property
    def carries(self) -> bool:
        return "{code}" in self.link

    def to(self, code: str) -> str:
        return self.link.replace("{code}", code)


@dataclass(frozen=True)
class Behalf:
    """Units for which TCCB enters what they told by telephone. `heard`: unit → who there is told of it at once."""

    works: tuple[Work, ...] = ()
    heard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Meant:
    """Units that a message names beside its figures: `text` as typed, `units` all that it may mean."""

    text: str
    units: frozenset[str]


@dataclass(frozen=True)
class Facts:
    now: datetime
    me: Person | None = None
    duties: tuple[Duty, ...] = ()
    works: tuple[Work, ...] = ()  # of the units they report for
    watched: tuple[Work, ...] = ()  # of the units they answer for: their own, and those below
    notices: tuple[Received, ...] = ()
    meant: Meant | None = None  # for those who report
    pending: tuple[Pending, ...] = ()  # for TCCB alone
    office: Office | None = None  # for those who appraise or oversee
    behalf: Behalf = Behalf()  # for TCCB alone: of the units that the message or the talk is about
    catalogues: tuple[Catalogue, ...] = ()  # of the running campaigns, for those who appraise or oversee
    campaigns: tuple[Campaign, ...] = ()  # for TCCB alone, the locked ones as well
    guest: Guest = Guest()
    sheet: Sheet | None = None  # what the workbook says that came with this message
    upload: str = ""  # where they can send a file, if their channel carries none
    called: str = ""  # what the channel is called over which they speak
    metered: tuple[Metered, ...] = ()  # for TCCB alone
    ways: tuple[Way, ...] = ()  # for TCCB alone: those that carry a code first
    circles: tuple[tuple[str, Aim], ...] = ()  # for TCCB alone: audiences kept under a name
    addresses: tuple[Address, ...] = ()  # of this person, in the order in which they are tried

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def visible(self) -> tuple[Work, ...]:
        reported = {(work.campaign, work.standing.unit) for work in self.works}
        return (*self.works, *(w for w in self.watched if (w.campaign, w.standing.unit) not in reported))

    @property
    def tccb(self) -> bool:
        return any(duty.role == "tccb" for duty in self.duties)

    @property
    def seat(self) -> Seat:
        mine = {duty.role: duty.unit for duty in self.duties if duty.role == "tccb"}
        return Seat(
            self.tccb, frozenset({duty.unit for duty in self.duties if duty.role == "evaluator"} | {*mine.values()})
        )

    @property
    def appraises(self) -> bool:
        """Whether there are rows that this person accepts or returns."""
        return any(duty.role in ("tccb", "evaluator") for duty in self.duties)

    @property
    def oversees(self) -> bool:
        """Whether this person may look at the whole office, if only to read."""
        return any(duty.role in ("tccb", "viewer") for duty in self.duties)

    def spoken_for(self, campaign: int, unit: str) -> Work | None:
        """That unit in that campaign, if this person reports for it, or enters what it told."""
        return self.work(campaign, unit) or replace(self, works=self.behalf.works).work(campaign, unit)

    def work(self, campaign: int, unit: str) -> Work | None:
        """That unit in that campaign, if it is still this person's to report."""
        return next((w for w in self.works if (w.campaign, w.standing.unit) == (campaign, unit)), None)
