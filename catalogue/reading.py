"""What can come of reading a message: one value, a question, a refusal, an act, a mention, or several of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal, NamedTuple

from catalogue.model import Answer, Catalogue

ActKind = Literal[
    "confirm",
    "reject",
    "cancel",
    "skip",
    "back",
    "edit",
    "help",
    "menu",
    "report",
    "status",
    "list",
    "extension_request",
    "ack",
    "other",
]
MentionKind = Literal["indicator_ref", "unit", "name"]
Doubt = Literal["date", "time", "small", "zero", "no_cases", "misspelt", "spelled_out"]
"""Why a value deserves a stronger confirmation: it has the shape of a date ("10/12") or of a time ("45:60"), lies
below 1 %, is 0 %, says 0 of 0, was typed with a slip, or was written in words."""


class Awaiting(StrEnum):
    """What was asked last: the same words mean different things after different questions."""

    VALUE = "V"
    YES_NO = "B"
    CONFIRMATION = "C"
    ACKNOWLEDGEMENT = "K"
    UNIT = "U"
    NAME = "N"
    INDICATOR = "I"
    NOTHING = "-"


REASONS: Mapping[str, tuple[str, ...]] = {
    # a question back
    "answer.zero_or_none": ("text",),
    "answer.small_or_share": ("text",),
    "answer.count_or_percent": ("text",),
    "answer.decimal_lost": ("text",),
    "answer.two_numbers": ("text",),
    "answer.several_values": ("text",),
    "answer.mismatch": ("text", "computed", "stated"),
    "answer.range": ("text",),
    "answer.approximate": ("text",),
    "answer.complement": ("text",),
    "answer.not_current": ("text",),
    "answer.not_yet": ("text",),
    "answer.none_of_what": ("text",),
    "answer.scope_or_none": ("text",),
    "answer.figures_needed": ("text",),
    "answer.total_missing": ("text",),
    "answer.lookalike": ("text",),
    "answer.time_or_fraction": ("text",),
    "answer.date_or_fraction": ("text",),
    "answer.formula": ("text",),
    "answer.unsure": ("text",),
    "answer.yes_or_no": ("text",),
    "answer.word_please": ("text",),
    "answer.which_indicator": ("text", "codes"),
    "answer.which_unit": ("text", "units"),
    # a refusal
    "answer.unreadable": ("text",),
    "answer.empty": (),
    "answer.too_long": ("longest",),
    "answer.no_figure": ("text",),
    "answer.elsewhere": ("text",),
    "answer.negative": ("text",),
    "answer.above_hundred": ("text", "number"),
    "answer.reversed": ("text", "numerator", "denominator"),
    "answer.zero_total": ("text", "numerator"),
    "answer.not_whole": ("text",),
    "answer.separators": ("text",),
    "answer.scientific": ("text",),
    "answer.odd_characters": ("text",),
    "answer.too_large": ("text",),
    "answer.date": ("text",),
    "answer.time": ("text",),
    "answer.money": ("text",),
    "answer.phone": ("text",),
    "answer.document": ("text",),
    "answer.whole_department": ("text",),
    "answer.no_such_unit": ("text",),
    "answer.no_such_indicator": ("text",),
    "answer.not_a_name": ("text",),
}
"""Every reason to ask or to refuse, and the facts that its sentence may use. All are texts."""

LABELS: Mapping[str, tuple[str, ...]] = {
    "answer.choice.percent": ("percent",),
    "answer.choice.fraction": ("numerator", "denominator", "percent"),
    "answer.choice.zero": (),
    "answer.choice.na": (),
    "answer.choice.no_data_yet": (),
    "answer.choice.not_applicable": (),
    "answer.choice.met": (),
    "answer.choice.not_met": (),
    "answer.choice.count": (),
    "answer.choice.retype": (),
}
"""Every label of a choice, and which fields of its answer the sentence may use. The last two have no answer: a count
whose total is missing, and "none of these"."""


MatchUnits = Callable[[str], tuple[str, ...]]
"""A name as typed → the unit ids it may mean: one is found, several are a question, none is unknown."""


@dataclass(frozen=True)
class Context:
    """What the reader may know of the office: whose rows, whose units."""

    catalogue: Catalogue | None = None
    units: MatchUnits | None = None


EXAMPLE = "45/60"
"""What every refusal of a figure shows."""


@dataclass(frozen=True)
class Value:
    """One answer was read. `reference` and `unit_named` are as typed, where the same message named them."""

    answer: Answer
    reference: str | None = None
    unit_named: str | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One way to resolve a question; no answer where more has to be typed."""

    label: str  # a key of LABELS
    answer: Answer | None


@dataclass(frozen=True)
class Ask:
    """It can be read in more than one way. `codes`: the indicators or the units that are meant by "which"."""

    why: str  # a key of REASONS
    choices: tuple[Choice, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    codes: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(frozen=True)
class Invalid:
    """It can't be read, or can't be true. `proposal`: what was probably meant; never taken unasked."""

    why: str  # a key of REASONS
    example: str
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    proposal: Answer | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Act:
    """Something to do rather than a value. `rest` is what followed, as typed: "sửa 7 76%" leaves "7 76%"."""

    kind: ActKind
    rest: str = ""


@dataclass(frozen=True)
class Mention:
    """A row, a unit or a person was named. `codes`: the indicators of one measure, or one unit id."""

    kind: MentionKind
    text: str
    codes: tuple[str, ...] = ()


class Item(NamedTuple):
    """One line of several: the row as typed, the indicators it means, what was read for it.

    A line that names no row has neither; its text is kept.
    """

    reference: str
    codes: tuple[str, ...]
    reading: "Reading"
    text: str = ""


@dataclass(frozen=True)
class Batch:
    items: tuple[Item, ...]


Reading = Value | Ask | Invalid | Act | Mention | Batch


def kind_of(reading: Reading, awaiting: Awaiting = Awaiting.VALUE) -> str:
    """The name by which people and tables call it; a new value at the confirmation is a correction."""
    match reading:
        case Value(answer):
            correcting = awaiting == Awaiting.CONFIRMATION and reading.reference is None
            return "correction" if correcting else answer.kind
        case Ask():
            return "ambiguous"
        case Invalid():
            return "invalid"
        case Act("report"):
            return "menu"
        case Act(kind) | Mention(kind):
            return kind
    return "batch"


# Choices, as questions offer them.


def percent(value: Fraction | int) -> Choice:
    return Choice("answer.choice.percent", Answer.of_percent(Fraction(value)))


def fraction(numerator: int, denominator: int) -> Choice:
    return Choice("answer.choice.fraction", Answer.fraction(numerator, denominator))


def state(kind: Literal["na", "no_data_yet", "not_applicable", "met", "not_met"]) -> Choice:
    return Choice(f"answer.choice.{kind}", Answer(kind))


def choice(answer: Answer) -> Choice:
    """Whatever answer it is."""
    if answer.percent is None:
        return Choice(f"answer.choice.{answer.kind}", answer)
    return Choice("answer.choice.fraction" if answer.denominator else "answer.choice.percent", answer)


COUNT = Choice("answer.choice.count", None)
RETYPE = Choice("answer.choice.retype", None)
ZERO = Choice("answer.choice.zero", Answer.of_percent(Fraction(0)))


def yes_or_no(text: str) -> Ask:
    return Ask("answer.yes_or_no", (state("met"), state("not_met")), {"text": text})


def unsure(answer: Answer, text: str) -> Ask:
    return Ask("answer.unsure", (choice(answer), RETYPE), {"text": text})
