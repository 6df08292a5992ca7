"""What a turn may ask to be done; the desk carries each out in the turn's own transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.dialogue.turn import Deed
from catalogue.model import Answer

Sight = Literal[
    "missing",
    "short",
    "waiting",
    "unreachable",
    "nobody",
    "letter",
    "unit",
    "indicator",
    "notice",
    "ahead",
    "worked",
    "allowance",
    "pending",
    "codes",
    "questions",
    "journal",
]
Handed = Literal["worksheet", "table", "document", "picture"]
Audience = Literal["all", "missing", "silent", "short", "heads", "type", "units", "below", "unreachable", "of"]


@dataclass(frozen=True)
class Record(Deed):
    """A value that somebody has confirmed."""

    campaign: int
    unit: str
    measure: str
    answer: Answer
    as_of: date
    verbatim: str
    evidence: str = ""  # number and date of the document that proves it
    files: tuple[int, ...] = ()  # our numbers of those that prove it, beside what proved the same figure before


@dataclass(frozen=True)
class TellPending(Deed):
    """How many cases are still to be decided behind the figure that stands there."""

    campaign: int
    unit: str
    measure: str
    cases: int


@dataclass(frozen=True)
class Explain(Deed):
    """Why the unit falls short of what this measure is judged by."""

    campaign: int
    unit: str
    measure: str
    reason: str


@dataclass(frozen=True)
class OnBehalf(Deed):
    """What a unit told by telephone, entered by TCCB as the unit itself would; the unit is told at once."""

    deeds: tuple[Record | Explain | TellPending, ...]


@dataclass(frozen=True)
class ShowProof(Deed):
    """What proves a unit's figure, given back to whoever may see the figure."""

    unit: str
    measure: str


@dataclass(frozen=True)
class Affirm(Deed):
    """The unit stands by figures that were entered on its behalf."""

    reports: tuple[int, ...]


@dataclass(frozen=True)
class Contest(Deed):
    """The unit does not stand by a figure that was entered on its behalf: it is open again."""

    report: int
    reason: str


@dataclass(frozen=True)
class Tell(Deed):
    """The history of one measure, told to the asker."""

    campaign: int
    unit: str
    measure: str


@dataclass(frozen=True)
class HandOut(Deed):
    """Papers of one campaign: of one unit or, without one, of the whole office."""

    papers: tuple[Handed, ...]
    campaign: int
    unit: str = ""


@dataclass(frozen=True)
class WrongCode(Deed):
    """A stranger has guessed an invitation code wrongly."""


@dataclass(frozen=True)
class Enrol(Deed):
    """A stranger asks to come in by an invitation."""

    invitation: int
    name: str
    phone: str = ""


@dataclass(frozen=True)
class Decide(Deed):
    """TCCB lets somebody in, or does not."""

    enrolment: int
    approve: bool
    reason: str = ""


@dataclass(frozen=True)
class Invite(Deed):
    """A new code for a unit; the code itself is the answer."""

    unit: str
    role: str


@dataclass(frozen=True)
class PrintInvitations(Deed):
    """A sheet of invitations for the units that nobody reports for, or for all; with `renew`, of new codes alone."""

    all: bool = False
    renew: bool = False


@dataclass(frozen=True)
class RevokeCodes(Deed):
    """Codes that nobody has used, of a unit or the one of a number: shown or, when sure, good no more."""

    unit: str = ""
    number: int = 0
    sure: bool = False


@dataclass(frozen=True)
class SeekPerson(Deed):
    """Whoever serves under that name, shown with all that they hold."""

    name: str


@dataclass(frozen=True)
class Dismiss(Deed):
    """All that a person holds: shown or, when sure, ended."""

    person: int
    sure: bool = False


@dataclass(frozen=True)
class Look(Deed):
    """Something of the whole office that TCCB wants to see: worked out after the step, told with the answer."""

    at: Sight
    what: str = ""
    start: int = 0  # lines of the list that have been seen already


@dataclass(frozen=True)
class Aim:
    """Whom a notice is for.

    Everybody, the heads, types of unit, units, units with all below them; who still owes, who has said nothing,
    who falls short (of these rows, or of any); whom no message reaches; who got that other notice.
    """

    audience: Audience
    what: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    """What is to be told; `files`: our numbers of what goes along; `corrects`: the notice that it puts right."""

    title: str
    body: str
    files: tuple[int, ...] = ()
    corrects: int | None = None


@dataclass(frozen=True)
class Preview(Deed):
    """How many a notice would reach, who, and how it would look: told before anything is sent."""

    notice: Notice
    aim: Aim
    at: datetime | None = None  # when it is to go out; at once without it
    again: bool = True  # those who do not acknowledge are told once more


@dataclass(frozen=True)
class Broadcast(Deed):
    """A notice to everybody that the aim finds when it goes out."""

    notice: Notice
    aim: Aim
    at: datetime | None = None
    again: bool = True


@dataclass(frozen=True)
class Release(Deed):
    """A second officer lets a notice go, or keeps it back for good."""

    notice: int
    go: bool
    reason: str = ""


@dataclass(frozen=True)
class Recall(Deed):
    """A notice that should not have been sent."""

    notice: int


@dataclass(frozen=True)
class KeepCircle(Deed):
    """An audience is kept under a name."""

    name: str
    aim: Aim


@dataclass(frozen=True)
class Reply(Deed):
    """TCCB answers what somebody has asked."""

    question: int
    text: str


@dataclass(frozen=True)
class Scope:
    """What is being appraised: one unit, one measure of all units, or everything that waits."""

    by: Literal["", "unit", "measure"] = ""
    what: str = ""

    def write(self) -> str:
        return f"{self.by} {self.what}".strip()

    @classmethod
    def read(cls, text: str) -> "Scope":
        by, _, what = text.partition(" ")
        return cls("unit" if by == "unit" else "measure", what) if what else cls()


@dataclass(frozen=True)
class Appraise(Deed):
    """A report is accepted, or returned with a reason; only while it is the newest of its cell."""

    report: int
    accept: bool
    reason: str = ""
    outcome: Literal["", "met", "short"] = ""  # of what only a person can judge


@dataclass(frozen=True)
class Queue(Deed):
    """What waits for the asker's appraisal, a line each unit; `start`: lines that have been seen already."""

    start: int = 0


@dataclass(frozen=True)
class NextCard(Deed):
    """The next report that waits, after that one; told as a card with its options."""

    scope: Scope
    after: int = 0


@dataclass(frozen=True)
class PreviewAll(Deed):
    """What would be accepted at once; told with the option that does it."""

    scope: Scope


@dataclass(frozen=True)
class AcceptAll(Deed):
    """Everything that waits there is accepted, but for what came in after the report `newest`."""

    scope: Scope
    newest: int


@dataclass(frozen=True)
class Acknowledge(Deed):
    notice: int
    verbatim: str


@dataclass(frozen=True)
class Speak(Deed):
    """The language in which this person is spoken to from now on."""

    language: Literal["vi", "en"]


@dataclass(frozen=True)
class AskTime(Deed):
    """A unit asks TCCB for more time; `until`: as far as the day could be read."""

    campaign: int
    unit: str
    text: str
    deadline: date
    until: date | None = None


@dataclass(frozen=True)
class Promise(Deed):
    """When somebody says that they will send what their unit owes."""

    campaign: int
    unit: str
    due: datetime


@dataclass(frozen=True)
class Extend(Deed):
    """TCCB gives one unit more time."""

    campaign: int
    unit: str
    until: date
    reason: str = ""


@dataclass(frozen=True)
class PreviewExtend(Deed):
    """What more time for one unit would do to the reminders."""

    campaign: int
    unit: str
    until: date


@dataclass(frozen=True)
class PreviewMove(Deed):
    """What another deadline for all would do to the reminders."""

    campaign: int
    deadline: date


@dataclass(frozen=True)
class Move(Deed):
    """TCCB gives all units another deadline."""

    campaign: int
    deadline: date


@dataclass(frozen=True)
class KeepDeadline(Deed):
    """TCCB gives a unit no more time; `deadline`: the one that stays, if it still is the unit's own."""

    campaign: int
    unit: str
    deadline: date | None = None


@dataclass(frozen=True)
class Hold(Deed):
    """A step of a campaign is kept back, or let go again."""

    campaign: int
    step: str
    held: bool


@dataclass(frozen=True)
class Lock(Deed):
    """A campaign takes no more figures."""

    campaign: int


@dataclass(frozen=True)
class Reopen(Deed):
    """A locked campaign takes the figures of one unit again."""

    campaign: int
    unit: str
    reason: str


@dataclass(frozen=True)
class PreviewUrge(Deed):
    """How many would be reminded now, and who."""


@dataclass(frozen=True)
class Urge(Deed):
    """Everybody who still owes something is reminded at once."""


@dataclass(frozen=True)
class OpenBoard(Deed):
    """A link of their own to the board page."""


@dataclass(frozen=True)
class BeAway(Deed):
    """A focal point is away until the end of that day."""

    until: date


@dataclass(frozen=True)
class ComeBack(Deed):
    """A focal point is back before the day that they named."""


@dataclass(frozen=True)
class HandOver(Deed):
    """A focal point's units go to somebody of that name."""

    name: str
    phone: str = ""


@dataclass(frozen=True)
class KeepDuty(Deed):
    """Nobody takes over after all."""


@dataclass(frozen=True)
class OpenLink(Deed):
    """A code by which this person joins another chat of theirs."""


@dataclass(frozen=True)
class Join(Deed):
    """A stranger's chat becomes one more of whoever was told the code; `ticket`: our number of it."""

    ticket: int


@dataclass(frozen=True)
class ShowMine(Deed):
    """What is kept about whoever asks."""


@dataclass(frozen=True)
class Rename(Deed):
    """This person is called so; TCCB is told."""

    name: str


@dataclass(frozen=True)
class SetPhone(Deed):
    """This person's telephone; "": none."""

    phone: str


@dataclass(frozen=True)
class AskErasure(Deed):
    """What is kept about this person is to be erased, once TCCB agrees."""


@dataclass(frozen=True)
class DecideErasure(Deed):
    """TCCB erases what is kept about whoever asked for it, or refuses with a reason."""

    request: int
    erase: bool
    reason: str = ""


@dataclass(frozen=True)
class Prefer(Deed):
    """Of this person's addresses, the one that is tried first."""

    address: int


@dataclass(frozen=True)
class DropAddress(Deed):
    """An address that this person has no more; never the one from which they say so."""

    address: int


@dataclass(frozen=True)
class Disown(Deed):
    """The account that was added to this person's last is not theirs, they say from an older one."""


@dataclass(frozen=True)
class DecideAddress(Deed):
    """TCCB gives an account that was disowned back to whose it was, or takes it away for good."""

    address: int
    keep: bool


@dataclass(frozen=True)
class Forward(Deed):
    """Something for a person at TCCB to read: a question, a request for more time."""

    kind: Literal["extension", "question"]
    text: str
    notice: int | None = None  # the one it is about
