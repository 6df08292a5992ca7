"""What people type, read exactly: an answer, or a reason to ask again. Nothing is guessed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from catalogue.model import Answer, Catalogue
from catalogue.reading import (
    LABELS,
    REASONS,
    Act,
    Ask,
    Awaiting,
    Batch,
    Choice,
    Invalid,
    Item,
    Mention,
    Reading,
    Value,
    kind_of,
)

__all__ = [
    "LABELS",
    "REASONS",
    "Act",
    "Ask",
    "Awaiting",
    "Batch",
    "Choice",
    "Context",
    "Invalid",
    "Item",
    "Mention",
    "Reading",
    "Value",
    "kind_of",
    "read",
]

MatchUnits = Callable[[str], tuple[str, ...]]
"""A name as typed → the unit ids it may mean: one is found, several are a question, none is unknown."""


@dataclass(frozen=True)
class Context:
    """What the reader may know of the office: whose rows, whose units."""

    catalogue: Catalogue | None = None
    units: MatchUnits | None = None


NOWHERE = Context()
ACTS = {"đúng": Act("confirm"), "sai": Act("reject"), "hủy": Act("cancel"), "bỏ qua": Act("skip")}
FRACTION = re.compile(r"([0-9]{1,9}) ?/ ?([0-9]{1,9})")


def read(text: str, awaiting: Awaiting = Awaiting.VALUE, context: Context = NOWHERE) -> Reading:
    typed = " ".join(text.split()).lower()
    if typed in ACTS:
        return ACTS[typed]
    if typed == "không phát sinh":
        return Value(Answer("na"))
    if (found := FRACTION.fullmatch(typed)) and 0 < int(found[2]) >= int(found[1]):
        return Value(Answer.fraction(int(found[1]), int(found[2])))
    return Invalid("answer.unreadable", "45/60", {"text": text})
