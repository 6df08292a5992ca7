"""Answers as short ASCII text, for buttons and stored states: "45/60", "75.5%", "na"."""

from decimal import Decimal
from fractions import Fraction
from typing import get_args

from catalogue.model import Answer, AnswerKind

BARE = set(get_args(AnswerKind)) - {"value_fraction", "value_percent"}


def write(answer: Answer) -> str:
    if answer.kind == "value_fraction":
        return f"{answer.numerator}/{answer.denominator}"
    if answer.percent is not None:
        exact = Decimal(answer.percent.numerator) / Decimal(answer.percent.denominator)
        return f"{exact:f}%" if Fraction(exact) == answer.percent else f"{answer.percent}%"
    return answer.kind


def read(text: str) -> Answer | None:
    """None when it is not one of ours."""
    try:
        if text in BARE:
            return Answer(text)  # type: ignore[arg-type] # just looked up
        if text.endswith("%"):
            return Answer.of_percent(Fraction(text[:-1]))
        numerator, denominator = map(int, text.split("/"))
        return Answer.fraction(numerator, denominator)
    except (ValueError, ZeroDivisionError):
        return None
