"""What can come of a figure, in the words of the message that it stood in."""

from collections.abc import Iterable
from fractions import Fraction

from catalogue import numerals
from catalogue.model import Answer
from catalogue.reading import EXAMPLE, RETYPE, Ask, Choice, Doubt, Invalid, Reading, Value, choice, fraction, percent
from catalogue.tokens import Message


def value(answer: Answer, message: Message, doubts: Iterable[Doubt] = ()) -> Value:
    misspelt: tuple[Doubt, ...] = ("misspelt",) if message.misspelt else ()
    return Value(answer, None, message.unit, (*doubts, *smallness(answer.percent), *misspelt))


def ask(why: str, message: Message, choices: Iterable[Choice] = (), **facts: str) -> Ask:
    return Ask(why, tuple(choices), {"text": message.shown, **facts})


def invalid(why: str, message: Message, proposal: Answer | None = None, **facts: str) -> Invalid:
    return Invalid(why, EXAMPLE, {"text": message.shown, **facts}, proposal)


def smallness(percentage: Fraction | None) -> tuple[Doubt, ...]:
    if percentage is None or percentage >= 1:
        return ()
    return ("small",) if percentage else ("zero",)


def doubted(reading: Reading, why: str, message: Message) -> Reading:
    """A reading that can't be taken as it stands: the same as a choice, under the question why.

    What is refused stays refused, and a question that says more than "unsure" stays that question.
    """
    if isinstance(reading, Value):
        return ask(why, message, _settling(reading.answer, why))
    if not isinstance(reading, Ask) or why in WEAK or reading.why in STRONG:
        return reading
    return ask(why, message, reading.choices)


WEAK = ("answer.unsure", "answer.not_current")
STRONG = ("answer.range", "answer.complement")


def _settling(answer: Answer, why: str) -> tuple[Choice, ...]:
    """The figure, or something else; beside what may be the bad cases, what is left of the whole without it."""
    if why != "answer.complement" or answer.percent is None:
        return (choice(answer), RETYPE)
    if answer.numerator is None or answer.denominator is None:
        return (choice(answer), percent(100 - answer.percent))
    return (choice(answer), fraction(answer.denominator - answer.numerator, answer.denominator))


def pair(above: str, below: str) -> tuple[Choice, ...]:
    """Two counts as a fraction to choose, if they can be one."""
    numerator, denominator = numerals.count(above), numerals.count(below)
    if numerator is None or not denominator or numerator > denominator:
        return ()
    return (fraction(numerator, denominator),)
