"""What people type, read exactly: an answer, or a reason to ask again. Nothing is guessed.

`read` is the one entrance. A message is made comparable (text), cut into terms by a closed vocabulary (tokens), and
matched by two small grammars: figures, for messages with numbers, and phrases, for words alone. What was asked last
decides between meanings (states), never between figures. Commands and other rows come first (commands, pointing).
"""

from catalogue import commands, figures, person, pointing, states
from catalogue.reading import (
    EXAMPLE,
    LABELS,
    REASONS,
    Act,
    Ask,
    Awaiting,
    Batch,
    Choice,
    Context,
    Invalid,
    Item,
    Mention,
    Reading,
    Value,
    kind_of,
)
from catalogue.reference import references
from catalogue.text import LONGEST, Typed

__all__ = [
    "LABELS",
    "LONGEST",
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
    "references",
]

NOWHERE = Context()
SIGNS = " .,;:!-\n\"'"
FIGURES = (Awaiting.VALUE, Awaiting.CONFIRMATION, Awaiting.ACKNOWLEDGEMENT, Awaiting.NOTHING)


def read(text: str, awaiting: Awaiting = Awaiting.VALUE, context: Context = NOWHERE) -> Reading:
    """What the text says after that question. Total: every text has a reading, and only a certain one is a Value."""
    if len(text) > LONGEST:
        return Invalid("answer.too_long", EXAMPLE, {"longest": str(LONGEST)})
    typed = Typed.of(text)
    if awaiting in FIGURES and (value := figures.plain(typed.bare, bare=awaiting == Awaiting.VALUE)):
        return value
    if not typed.bare.strip(SIGNS) and not typed.bare.startswith("-"):
        return states.wordless(typed.shown, awaiting)
    typed = Typed(typed.shown, typed.bare.replace("&", " "))
    return _read_name(typed, context) if awaiting == Awaiting.NAME else _read(typed, awaiting, context)


def _read(typed: Typed, awaiting: Awaiting, context: Context) -> Reading:
    told = (
        commands.command(typed, awaiting)
        or pointing.lines(typed, context, states.value)
        or pointing.row_and_value(typed, context, states.value)
    )
    if awaiting == Awaiting.UNIT:
        return told or pointing.unit(typed, context)
    if told := told or pointing.row_alone(typed, context):
        return told
    reading = states.after(typed, awaiting, context)
    return pointing.worded(reading, typed, context) if awaiting == Awaiting.NOTHING else reading


def _read_name(typed: Typed, context: Context) -> Reading:
    return (
        person.command(typed)
        or pointing.lines(typed, context, states.value)
        or pointing.row_and_value(typed, context, states.value)
        or person.name(typed)
    )
