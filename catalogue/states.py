"""What a message means after each question, once it is neither a command nor about another row."""

import re
from dataclasses import replace

from catalogue import figures, numerals, phrases, pointing
from catalogue.model import Answer
from catalogue.reading import (
    EXAMPLE,
    Act,
    Ask,
    Awaiting,
    Context,
    Invalid,
    Reading,
    Value,
    unsure,
    yes_or_no,
)
from catalogue.rows import rows_of
from catalogue.text import Typed
from catalogue.tokens import Message, cut, cut_words

REPORTING = (Awaiting.VALUE, Awaiting.YES_NO, Awaiting.CONFIRMATION)
ANSWERING = (Awaiting.VALUE, Awaiting.YES_NO, Awaiting.NAME, Awaiting.UNIT, Awaiting.INDICATOR)
DIGIT = re.compile("[0-9]")
NUMBERS = frozenset("#dhsV")
EXPLICIT = re.compile("[%/:]")
BEHIND_A_HEAD = re.compile("[#dhVE(,;*]")
NUMBERED = re.compile(r"([1-3])(?: ?[.):,\-] ?| )(.+)", re.DOTALL)
PROOF = re.compile(r"[kTDU,.:;()-]*V[kTDUVd,.:;()-]*")
"""The number of a document, and nothing else: what the question asks to be told beside the choice."""

NUMBERED_ANSWERS = {"1": Answer("met"), "2": Answer("not_met"), "3": Answer("na")}
UNSETTLED = frozenset("NCL~W?")
"""Parts that, behind "đạt", leave it open: "đạt, chậm 2 ngày"."""


def after(typed: Typed, awaiting: Awaiting, context: Context) -> Reading:
    """The reading of a message about what was asked."""
    if DIGIT.search(typed.bare):
        message = cut(typed.shown)
        if not NUMBERS.isdisjoint(message.shape):
            return with_numbers(message, awaiting, context)
        return words(message, awaiting, context)
    return words(cut_words(typed.shown), awaiting, context)


def value(typed: Typed, context: Context) -> Reading:
    return after(typed, Awaiting.VALUE, context)


def wordless(text: str, awaiting: Awaiting) -> Reading:
    """Nothing but signs: no answer where one is awaited, else no matter."""
    if awaiting not in ANSWERING:
        return Act("other")
    return Invalid("answer.unreadable", EXAMPLE, {"text": text}) if text else Invalid("answer.empty", EXAMPLE)


# Numbers.


def with_numbers(message: Message, awaiting: Awaiting, context: Context) -> Reading:
    if awaiting == Awaiting.YES_NO:
        return _yes_no(message, context)
    explicit = awaiting in REPORTING or EXPLICIT.search(message.shape)
    if not explicit and awaiting == Awaiting.ACKNOWLEDGEMENT and (ack := _acknowledged(message)):
        return ack
    if not explicit or awaiting == Awaiting.INDICATOR:
        row = pointing.indicator(Typed(message.shown, message.bare), context)
        if row or not explicit:
            return row or _not_understood(message.shown, awaiting)
    if "#" not in message.shape and (reading := phrases.state_of(message, awaiting)):
        return reading
    return _correction(message) if awaiting == Awaiting.CONFIRMATION else figures.read(message)


def _acknowledged(message: Message) -> Reading | None:
    """ "Đã nhận thông báo số 5": number, day and hour only say which."""
    said = phrases.said(_without(message, "UdhV#"), message.shown.lower())
    return phrases.act("got", message.shown, Awaiting.ACKNOWLEDGEMENT) if phrases.meaning(said) == "got" else None


def _correction(message: Message) -> Reading:
    """A new figure where a draft waits; "đúng 100%" and a lone digit may speak of the draft or of a button."""
    reading = figures.read(message, confirming=True)
    if not isinstance(reading, Value) or reading.answer.numerator is not None:
        return reading
    said = phrases.meaning(phrases.said(re.sub("[0-9.,%]", " ", message.bare), message.shown.lower()))
    lone = re.fullmatch("[0-9]", message.bare.strip(" ."))
    return unsure(reading.answer, message.shown) if lone or said in ("assent", "exact") else reading


def _yes_no(message: Message, context: Context) -> Reading:
    """Chosen by its number, or in words, or both if they agree."""
    if message.shape in ("#", "#.", "D#"):
        chosen = NUMBERED_ANSWERS.get(message.terms[message.shape.index("#")].text)
        return Value(chosen) if chosen else yes_or_no(message.shown)
    if numbered := NUMBERED.fullmatch(message.bare):
        rest = Typed(message.shown[numbered.start(2) :], numbered[2])
        if PROOF.fullmatch(cut(rest.shown).shape):
            return Value(NUMBERED_ANSWERS[numbered[1]])
        told = after(rest, Awaiting.YES_NO, context)
        if isinstance(told, Value):
            return told if told.answer == NUMBERED_ANSWERS[numbered[1]] else yes_or_no(message.shown)
    return _told_with_proof(message)


def _told_with_proof(message: Message) -> Reading:
    """ "Đạt (QĐ số 123/QĐ-SNN ngày 10/12/2024)": words, and behind them the number and date of a document."""
    head = BEHIND_A_HEAD.split(message.shape)[0]
    told = replace(message, shape=head)
    reading = phrases.state_of(told, Awaiting.YES_NO) if head else None
    figure = figures.read(message)
    if isinstance(figure, Invalid) and reading is None:
        return figure
    share = figure.answer.percent if isinstance(figure, Value) else None
    whole = share == 100 if "#" in message.shape else True  # "đạt 1 phần", "xong 2 còn 1"
    settled = isinstance(reading, Value) and whole and UNSETTLED.isdisjoint(message.shape[len(head) :])
    return reading if settled and reading else yes_or_no(message.shown)


# Words alone.


def words(message: Message, awaiting: Awaiting, context: Context) -> Reading:
    text = message.shown
    if phrases.thumb(text):
        return phrases.act("thumb", text, awaiting) or Act("other")
    if not any(sign.isalnum() or sign in "-?" for sign in text):
        return wordless(text, awaiting) if text.isascii() else Act("other")
    if awaiting == Awaiting.INDICATOR and (row := pointing.indicator(Typed(text, message.bare), context)):
        return row
    meaning = phrases.meaning(phrases.said(_without(message, "U"), text.lower()))
    return (
        _state(message, meaning, awaiting)
        or _meant(message, meaning, awaiting)
        or _figured(message, awaiting, context)
        or _mended(message, awaiting, context)
        or _asked(message, awaiting)
        or _mentioned(message, awaiting, context)
        or _not_understood(text, awaiting)
    )


def _state(message: Message, meaning: str, awaiting: Awaiting) -> Reading | None:
    """What is said of the row itself; "đúng" and "làm lại" come before, and a question mark leaves it open."""
    asking = "?" in message.bare
    if not asking and meaning != "polite" and (act := phrases.act(meaning, message.shown, awaiting)):
        return act
    reading = phrases.state_of(message, awaiting) if awaiting in REPORTING else None
    if not asking:
        return reading
    return unsure(reading.answer, message.shown) if isinstance(reading, Value) else None


def _meant(message: Message, meaning: str, awaiting: Awaiting) -> Reading | None:
    """A known phrase that is nothing in this state is still not taken for anything else."""
    return (phrases.act(meaning, message.shown, awaiting) or Act("other")) if meaning else None


def _figured(message: Message, awaiting: Awaiting, context: Context) -> Reading | None:
    """ "bảy mươi lăm phần trăm": read as its figures, and doubted."""
    figured, end = "", 0
    for found in numerals.SPELLED.finditer(message.bare) if awaiting in REPORTING else ():
        if found[0]:
            figured += f"{message.shown[end : found.start()]}{numerals.spelled(found)}"
            end = found.end()
    if not end:
        return None
    reading = with_numbers(cut(figured + message.shown[end:]), awaiting, context)
    if isinstance(reading, Value):
        return replace(reading, doubts=(*reading.doubts, "spelled_out"))
    told = isinstance(reading, Ask) and set(reading.facts) == {"text"}
    return replace(reading, facts={"text": message.shown}) if told and isinstance(reading, Ask) else None


def _mended(message: Message, awaiting: Awaiting, context: Context) -> Reading | None:
    """A whole message that is one slip away from a known one, where some word of it is unknown."""
    if "*" not in message.shape and "n" not in message.shape:
        return None
    if (mended := phrases.SPELLER.mended(message.bare.strip(" .!"))) is None:
        return None
    reading = words(cut_words(mended), awaiting, context)
    if isinstance(reading, Ask | Invalid):
        return replace(reading, facts={"text": message.shown})
    return replace(reading, doubts=("misspelt",)) if isinstance(reading, Value) else reading


def _asked(message: Message, awaiting: Awaiting) -> Reading | None:
    if "?" not in message.bare and "j" not in message.shape:
        return None
    return Act("other" if awaiting == Awaiting.ACKNOWLEDGEMENT else "help")


def _mentioned(message: Message, awaiting: Awaiting, context: Context) -> Reading | None:
    """A row or a unit named out of the blue; while a figure is awaited, only a row, and beyond doubt."""
    idle = awaiting == Awaiting.NOTHING
    if not idle and (awaiting != Awaiting.VALUE or len(message.bare.split()) < 3):
        return None
    rows = rows_of(context.catalogue)
    codes = rows.named(message.bare)
    if codes and (idle or rows.means(codes) == 1):
        return pointing.pointed(message.shown, codes, context)
    if idle and context.units and (ids := context.units(message.shown)):
        return pointing.units(message.shown, ids)
    return None


def _not_understood(text: str, awaiting: Awaiting) -> Reading:
    if awaiting == Awaiting.INDICATOR:
        return Invalid("answer.no_such_indicator", "NQ01.3", {"text": text})
    if awaiting in (Awaiting.VALUE, Awaiting.YES_NO):
        return Invalid("answer.unreadable", EXAMPLE, {"text": text})
    return Act("other")


def _without(message: Message, letters: str) -> str:
    """ "HKL Đồng Văn đã nhận" says what "đã nhận" says."""
    plain = message.bare
    for term in message.terms:
        if term.letter in letters:
            plain = plain[: term.start] + " " * (term.end - term.start) + plain[term.end :]
    return plain
