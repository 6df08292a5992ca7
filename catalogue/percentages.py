"""One number that stands for a share: with its sign, or bare where a share was asked for."""

import re
from fractions import Fraction

from catalogue import numerals
from catalogue.model import Answer
from catalogue.outcome import ask, doubted, invalid, value
from catalogue.reading import COUNT, ZERO, Choice, Reading, percent, state
from catalogue.tokens import Message

COUNTED = re.compile("[ABIQLovkTO]|U#|#U")
"""Words about a lone number that make it a count, or part of a name: "45 hồ sơ", "tử số 45", "Trạm 45"."""

LIKE_A_ROW = re.compile(r"[0-9]\.[0-9]{1,2}")


def signed(message: Message, text: str) -> Reading:
    """A number with its sign: it must lie in 0-100, so a separator stands before decimals."""
    share = numerals.decimal(text)
    if text[0] in ".,":
        return _cut_off(message, text)
    if share is None and not numerals.is_grouped(text):
        return invalid("answer.separators", message)
    if share is not None and numerals.looks_counted(text) and share < 10:
        return ask("answer.count_or_percent", message, (percent(share), COUNT))
    return _in_range(message, text, share)


def lone(message: Message, text: str) -> Reading:
    """One number without a sign: a percentage because a ratio was asked for, if it can't be anything else."""
    share = numerals.decimal(text)
    if text[0] in ".,":
        return _cut_off(message, text)
    if share == 0:
        return _zero(message)
    if COUNTED.search(message.shape):
        return ask("answer.total_missing", message, (*_at_most_all(share), COUNT))
    if share is not None and share <= 1:
        return _small(message, share)
    if share is not None and numerals.looks_counted(text):
        return ask("answer.count_or_percent", message, (*_at_most_all(share), COUNT))
    if share is None and not numerals.is_grouped(text):
        return invalid("answer.separators", message)
    reading = _in_range(message, text, share)
    judged = LIKE_A_ROW.fullmatch(text) and re.search("#.*M", message.shape)  # "1.2 đạt"
    return (
        doubted(reading, "answer.unsure", message)
        if judged or message.bare.endswith((text + ",", text + ":"))
        else reading
    )


def _in_range(message: Message, text: str, share: Fraction | None) -> Reading:
    if share is None or share > 100:
        return invalid("answer.above_hundred", message, number=text)
    reading = value(Answer.of_percent(share), message)
    return doubted(reading, "answer.unsure", message) if numerals.is_padded(text) else reading


def _at_most_all(share: Fraction | None) -> tuple[Choice, ...]:
    return (percent(share),) if share is not None and 1 < share <= 100 else ()


def _cut_off(message: Message, text: str) -> Reading:
    """ ",75": what stood before the separator is missing."""
    return _small(message, Fraction(f"0.{text[1:]}")) if text[1:].isdigit() else invalid("answer.separators", message)


def _small(message: Message, share: Fraction) -> Reading:
    """Up to 1: a spreadsheet keeps 75 % as 0,75."""
    if share == 0:
        return _zero(message)
    return ask("answer.small_or_share", message, (percent(share), percent(100 * share)))


def _zero(message: Message) -> Reading:
    return ask("answer.zero_or_none", message, (ZERO, state("na"), state("no_data_yet")))
