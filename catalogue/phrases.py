"""Messages of words alone: commands, confirmations, the states without a figure. Negation is tested first."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import dropwhile, islice
from typing import Literal, NamedTuple

from catalogue.model import Answer
from catalogue.reading import (
    ZERO,
    Act,
    ActKind,
    Ask,
    Awaiting,
    Choice,
    Doubt,
    Invalid,
    Reading,
    Value,
    state,
    yes_or_no,
)
from catalogue.spelling import Speller
from catalogue.text import Typed, bare
from catalogue.tokens import Message, meant
from catalogue.vocabulary import ACTS, LONGEST_ACT, LONGEST_PART, PARTS, SHORTHAND, WORDS

WORD = re.compile(r"[a-z](?:[./][a-z])+(?![0-9a-z])|[a-z][0-9a-z]*|[0-9?]|[,.;:()\n]")
PAUSES = frozenset(",.;:()\n")
THUMBS = frozenset("👍👌✅🆗✔☑💯🫡🤝✓")
THANKS = re.compile("cam on|thank|tks")
MOST_WORDS = 12
FIRST_WORDS = frozenset(word for phrase in ACTS for word in phrase.split()[:1]) | frozenset(
    word for phrase, entry in PARTS.items() if "" in entry.marked.values() for word in phrase.split()
)
"""Words that a command, or the politeness before it, can begin with."""

WEAK = ("polite", "report", "chat")
"""Meanings that only accompany others: "dạ, sai rồi", "đúng rồi, cảm ơn"; by themselves, the first of them counts."""

TOGETHER: tuple[tuple[str, frozenset[str]], ...] = (
    ("exact", frozenset({"assent"})),
    ("got", frozenset({"assent"})),
    ("wrong", frozenset({"redo", "no"})),
    ("edit", frozenset({"wrong", "redo", "help"})),
    ("cancel", frozenset({"wrong", "no"})),
)
"""A meaning, and those that it may come with without a contradiction."""

COMMANDS: dict[str, ActKind] = {
    "cancel": "cancel",
    "skip": "skip",
    "back": "back",
    "edit": "edit",
    "help": "help",
    "menu": "menu",
    "report": "report",
    "status": "status",
    "list": "list",
    "extension": "extension_request",
}
"""Meanings that are acts whatever was asked."""


STATES = "khong phat sinh; khong co phat sinh; khong phat sinh ho so; chua co so lieu; dang tong hop; khong ap dung"
STATES += (
    "; khong thuoc pham vi; khong thuoc tham quyen; dang tong hop so lieu; chua phat sinh; hoan thanh; da hoan thanh"
)
SPELLER = Speller((*ACTS, *STATES.split("; ")), shortest=8)
"""Whole messages in which one slip is mended, where no word of it could be."""


class Said(NamedTuple):
    meaning: str
    end: int


@lru_cache(maxsize=4096)
def said(text: str, marked: str) -> tuple[Said, ...]:
    """The phrases that a message is made of, politeness left out; nothing if a word of it is unknown."""
    found, whole = _phrases(text, marked, len(text))
    return tuple(found) if whole else ()


def beginning(text: str, marked: str) -> tuple[Said, ...]:
    """The phrases that a message begins with."""
    first = WORD.search(text)
    return tuple(_phrases(text, marked, MOST_WORDS)[0]) if first and first[0] in FIRST_WORDS else ()


Courtesy = Literal["", "greeting", "thanks", "assent"]


def courtesy(text: str) -> Courtesy:
    """What a message is that says nothing more than this; "" where it does."""
    typed = Typed.of(text)
    meant = meaning(said(typed.bare, typed.shown.lower()))
    if meant in ("assent", "exact", "polite") or thumb(typed.shown):
        return "assent"
    if meant == "chat":
        return "thanks" if THANKS.search(typed.bare) else "greeting"
    return ""


def _phrases(text: str, marked: str, most: int) -> tuple[list[Said], bool]:
    """Phrases up to the first unknown word, and whether there is none."""
    words = [(word[0], *word.span()) for word in islice(WORD.finditer(text), most)]
    known = [_known(word, marked[start:end]) for word, start, end in words]
    found: list[Said] = []
    at = 0
    while at < len(words):
        meaning, size = _next(known, at)
        if not size:
            return found, False
        if meaning:
            found.append(Said(meaning, words[at + size - 1][2]))
        at += size
    return found, True


def _known(word: str, marked: str) -> tuple[str, str]:
    if word in PAUSES:
        return word, word
    if "." in word or "/" in word:
        word = marked = word.replace(".", "").replace("/", "")
    if short := SHORTHAND.get(word):
        return short
    if word in WORDS or (mended := meant(word)) is None:
        return word, marked
    return bare(mended[0]), mended[0]


def _next(words: list[tuple[str, str]], at: int) -> tuple[str, int]:
    """What the longest known phrase here means, and its number of words: "" is politeness, no words is not known.

    A longer phrase of any part hides a shorter one: "có" is not said in "cơ bản đúng".
    """
    word = words[at][0]
    if word in PAUSES:
        return "", 1
    for size in range(min(max(LONGEST_ACT.get(word, 0), LONGEST_PART.get(word, 0)), len(words) - at), 0, -1):
        phrase = " ".join([word for word, _ in words[at : at + size]])
        marked = " ".join([marked for _, marked in words[at : at + size]])
        if (act := ACTS.get(phrase)) and (meaning := act.of(marked)) is not None:
            return meaning, size
        if (part := PARTS.get(phrase)) and (letter := part.of(marked)) is not None:
            return "", 0 if letter else size
    return "", 0


def meaning(phrases: Sequence[Said]) -> str:
    """What all phrases say together, or nothing where they contradict each other."""
    meanings = [phrase.meaning for phrase in phrases]
    strong = [one for one in meanings if one not in WEAK] or [one for one in WEAK if one in meanings][:1]
    if len(set(strong)) < 2:
        return strong[0] if strong else ""
    return next((one for one, others in TOGETHER if one in strong and {*strong} <= {one, *others}), "")


# What a meaning is after each question.


def act(what: str, message_text: str, awaiting: Awaiting) -> Reading | None:
    """The act that a meaning is in this state, a question, or nothing where it is not an act here."""
    if what in COMMANDS:
        return Act(COMMANDS[what])
    if what == "redo":
        return Act("reject" if awaiting == Awaiting.CONFIRMATION else "edit")
    facts = {"text": message_text}
    if awaiting == Awaiting.CONFIRMATION:
        if what in ("assent", "exact", "polite"):
            return Act("confirm")
        if what in ("wrong", "no"):
            return Act("reject")
        if what in ("thumb", "got", "none"):
            return Ask("answer.word_please", (), facts)
    if awaiting == Awaiting.YES_NO and what in ("assent", "exact", "polite", "thumb", "no", "wrong"):
        return yes_or_no(message_text)
    if awaiting == Awaiting.ACKNOWLEDGEMENT and what in ("assent", "polite", "got", "thumb"):
        return Act("ack")
    if awaiting != Awaiting.CONFIRMATION and what == "got" and "nhan" in bare(message_text):
        return Act("ack")
    return None


def thumb(text: str) -> bool:
    return bool(text) and any(sign in THUMBS for sign in text) and not any(sign.isalnum() for sign in text)


# The states without a figure.

ASKED_OF_EITHER = ("answer.not_yet", "answer.scope_or_none")
"""Questions that a yes/no row leads to as well; the others are about figures."""

BESIDE = ("answer.document", "answer.elsewhere")
"""Where more is to be found: beside a value it takes nothing from it."""

PARTING = re.compile("[.;:()]")
TAKEN_BACK = re.compile("[wr]+")
SILENT = re.compile("[?idh-]")
MOST_CLAUSES = 4
NOTHING_AROSE = re.compile(r"[TuD]*(?:z[TuD]*|NI?P[TuD]*L?T*|NI?T+P[TuD]*|NIT+|NAT+)")
NOT_ARISEN_YET = re.compile(r"[TkuD]*CI?[TkQ]*[Pf]?[TkQ]*")
NOT_YET_KNOWN = re.compile(
    r"[TkuDi]*(?:g.*|CI?[DO][DOTkMQIuB]*|DCI?M?|CI?M+D|D+G[DO]*|G[DO]+[DOTkQIuBM]*|GI?D+.*|CI?OM)"
)
BEYOND = re.compile(r"[TkuDQiU]*(?:NS[STkQDuiUt]*|X[TkuiUD]*)")
NONE_AT_ALL = re.compile(r"[TuD]*NI?D*|D+NI?|NI?T*")
NONE_OF_SOME = re.compile(r"[TkuD]*NI?P?[TkQLoDAf]*")
JUDGED = re.compile(r"[NC]?I?(?=.*[MKWTkQIG])[MKWTkQDIuG]+|[NC]?[KMW]+.*|I|L[T]*")
SPELT = re.compile("[*n][%/]")
"""A number in words may stand there: "đạt bảy mươi lăm phần trăm"."""
AROSE = re.compile(r"[TuD]*I?[Pf][TQD]*")
THINGS = re.compile("[TkQv]*")
BY_NOW = re.compile(r"\b(?:đã|rồi|roi)\b")
YES = re.compile(r"\bda\b")
"""Without its mark, "da" is "đã" or "dạ", which says nothing of its own, but as much beside something good."""
MET = re.compile(r"I?[TkQD]*M[MTkQDI]*|I|K?M+")
NOT_MET = re.compile(r"[TkDQ]*M[NC]M+|[TkD]*[NC]I?[TkQ]*M[MTkQDI]*|C|CI|[NC]I?[TkQ]+|CO+M+")
NOT_KNOWN = re.compile("CO+")
PARTLY_MET = re.compile(r"[~WGIMTkQDK>v]+")


def state_of(message: Message, awaiting: Awaiting) -> Reading | None:
    """What words alone say of a row, by the grammar of their parts. Clauses must not contradict each other."""
    shape = re.sub("(?<=[TkQDS]),(?=[TkQD])", "", SILENT.sub("", PARTING.sub(",", message.shape))).replace("U", "u")
    if shape.count("u") == 1:
        shape = shape.removeprefix("u,")  # "HKL Đồng Văn: không phát sinh"
    clauses = [clause for clause in shape.split(",") if clause] or [""]
    if awaiting == Awaiting.CONFIRMATION:  # "sai, không phát sinh": what is true instead
        clauses = [*dropwhile(TAKEN_BACK.fullmatch, clauses[:-1]), clauses[-1]]
    readings = [_clause(clause, message, awaiting) for clause in clauses[:MOST_CLAUSES]]
    told = [reading for reading in readings if reading is not None]
    if len(told) < len(readings) or len(clauses) > MOST_CLAUSES:
        return None
    # each once, in the order of the text
    answers = dict.fromkeys(reading.answer for reading in told if isinstance(reading, Value))
    asked = [reading for reading in told if not isinstance(reading, Value) and not _settled(reading, answers)]
    if len(answers) > 1:
        choices = tuple(Choice(f"answer.choice.{answer.kind}", answer) for answer in answers)
        return Ask("answer.several_values", choices[:3], {"text": message.shown})
    return asked[0] if asked else next(reading for reading in told if isinstance(reading, Value))


def _settled(reading: Reading, answers: Collection[Answer]) -> bool:
    """ "Không có, không phát sinh": the one clause leaves open what the other says. "Không, đạt" says two things."""
    if isinstance(reading, Ask) and reading.why != "answer.yes_or_no":
        return any(one.answer in answers for one in reading.choices)
    return isinstance(reading, Invalid) and reading.why in BESIDE and bool(answers)


def _clause(shape: str, message: Message, awaiting: Awaiting) -> Reading | None:
    if awaiting == Awaiting.YES_NO and (judged := _yes_no(shape, message)):
        return judged
    if NOT_YET_KNOWN.fullmatch(shape):
        return _value("no_data_yet", message)
    if BEYOND.fullmatch(shape):
        return _value("not_applicable", message)
    if NOTHING_AROSE.fullmatch(shape):
        if shape.endswith("T") and "P" not in shape and re.search(r"\b(tthc|thu tuc)", message.bare):
            return Ask("answer.scope_or_none", (state("na"), state("not_applicable")), {"text": message.shown})
        return _value("na", message)
    if awaiting == Awaiting.CONFIRMATION:
        return None
    asked = _asked(shape, message)
    unsettled = awaiting == Awaiting.YES_NO and isinstance(asked, Ask) and asked.why not in ASKED_OF_EITHER
    return yes_or_no(message.shown) if unsettled else asked


def _asked(shape: str, message: Message) -> Reading | None:
    facts = {"text": message.shown}
    if shape == "y":
        return Ask("answer.scope_or_none", (state("not_applicable"), state("na"), state("no_data_yet")), facts)
    if NONE_AT_ALL.fullmatch(shape) or message.bare == "-":
        return Ask("answer.zero_or_none", (ZERO, state("na"), state("no_data_yet")), facts)
    if NOT_ARISEN_YET.fullmatch(shape):
        return Ask("answer.not_yet", (state("na"), state("no_data_yet")), facts)
    if NONE_OF_SOME.fullmatch(shape):
        return Ask("answer.none_of_what", (ZERO, state("na")), facts)
    if (JUDGED.fullmatch(shape) and not SPELT.search(shape)) or AROSE.fullmatch(shape):
        return Ask("answer.figures_needed", (), facts)
    if "=" in shape or "Y" in shape:
        return Invalid("answer.no_figure", "45/60", facts)
    if "V" in shape:
        return Invalid("answer.document", "45/60", facts)
    if "E" in shape:
        return Invalid("answer.elsewhere", "45/60", facts)
    return None


def _yes_no(shape: str, message: Message) -> Reading | None:
    if MET.fullmatch(shape):
        return _value("met", message)
    if THINGS.fullmatch(shape) and (BY_NOW.search(message.shown.lower()) or _good(shape, message)):
        return _value("met", message)
    if NOT_YET_KNOWN.fullmatch(shape) and "D" in shape:
        return _value("no_data_yet", message)
    if NOT_MET.fullmatch(shape) and not NOTHING_AROSE.fullmatch(shape):
        return _value("not_met", message)
    if NOT_KNOWN.fullmatch(shape) or PARTLY_MET.fullmatch(shape):
        return yes_or_no(message.shown)
    return None


def _good(shape: str, message: Message) -> bool:
    return not {"Q", "v"}.isdisjoint(shape) and bool(YES.search(message.bare))


def _value(kind: str, message: Message) -> Value:
    doubts: tuple[Doubt, ...] = ("misspelt",) if message.misspelt else ()
    return Value(Answer(kind), None, message.unit, doubts)  # type: ignore[arg-type]
