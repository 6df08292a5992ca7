"""What a report in progress remembers, from the question to the reason for a shortfall."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.turn import State
from catalogue.answer import Awaiting


@dataclass(frozen=True)
class ChoosingUnit(State):
    """Which of their units a person with several wants to report for; `text`: what they said of it already."""

    text: str = ""
    awaiting: ClassVar = Awaiting.INDICATOR


@dataclass(frozen=True)
class ChoosingRow(State):
    """Which of several rows a reference meant; what came with it is kept."""

    campaign: int
    unit: str
    answer: str = ""
    verbatim: str = ""
    awaiting: ClassVar = Awaiting.INDICATOR


@dataclass(frozen=True)
class Typing(State):
    """A figure is awaited. `seen`: the report that stood there when it was asked for, 0 for none."""

    campaign: int
    unit: str
    measure: str
    seen: int
    skipped: tuple[str, ...] = ()
    typed: str = ""  # what was typed and has left a question open
    awaiting: ClassVar = Awaiting.VALUE


@dataclass(frozen=True)
class Confirming(State):
    """A figure has been read back, and counts only after "đúng"; twice "đúng" while there are doubts."""

    campaign: int
    unit: str
    measure: str
    seen: int
    answer: str
    as_of: str
    verbatim: str
    doubtful: bool = False
    skipped: tuple[str, ...] = ()
    pending: int | None = None  # cases still to be decided, where that was told
    files: tuple[int, ...] = ()  # our numbers of those that prove it
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class ConfirmingSeveral(State):
    """Several figures of one message have been read back; each draft is "measure answer seen"."""

    campaign: int
    unit: str
    drafts: tuple[str, ...]
    as_of: str
    verbatim: str
    doubtful: tuple[str, ...] = ()  # measures whose figure is odd: twice "đúng"
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Filled:
    """One figure of a worksheet, with the day and the reason given beside it."""

    measure: str
    answer: str
    seen: int
    as_of: str
    verbatim: str
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class ConfirmingSheet(State):
    """The figures of a worksheet have been read back; `file`: our number of it."""

    campaign: int
    unit: str
    file: int
    filled: tuple[Filled, ...]
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Explaining(State):
    """Why the unit falls short of what was just recorded; `others`: measures of the same message, short as well."""

    campaign: int
    unit: str
    measure: str
    skipped: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    awaiting: ClassVar = Awaiting.NOTHING
