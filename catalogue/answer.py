"""What people type, read exactly: an answer, or a reason to ask again. Nothing is guessed.

`read` is the one entrance. A message is made comparable (text), cut into terms by a closed vocabulary (tokens), and
matched by two small grammars: figures, for messages with numbers, and phrases, for words alone. What was asked last
decides between meanings, never between figures.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from catalogue import figures, numerals, phrases
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
from catalogue.reference import Found, leading, references, rows_of
from catalogue.text import LONGEST, bare, shown
from catalogue.tokens import Message, cut, cut_words

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

MatchUnits = Callable[[str], tuple[str, ...]]
"""A name as typed → the unit ids it may mean: one is found, several are a question, none is unknown."""


@dataclass(frozen=True)
class Context:
    """What the reader may know of the office: whose rows, whose units."""

    catalogue: Catalogue | None = None
    units: MatchUnits | None = None


NOWHERE = Context()
MOST_LINES = 60
FIGURES_FIRST = (Awaiting.VALUE, Awaiting.CONFIRMATION, Awaiting.ACKNOWLEDGEMENT, Awaiting.NOTHING)
DIGIT = re.compile("[0-9]")
HINTS_AT_EXTENSION = re.compile("han|lui|khat|muon|cham|tre|them")
NUMBERS = frozenset("#dhsV")
POLITE = re.compile(r"(?:(?:da|em|xin|kinh|bao cao|gui|cho|nhap|a|,|:|-) ?)*")
JOINT = re.compile(r" ?[:=.)\-–>]+ ?|,? ")
EXTENSION = re.compile(
    r"(?:(?:xin|cho|de nghi|muon|duoc|phep|em|toi|don vi|phong|tram|hat|ben) )*"
    r"(?:xin )?(?:gia han|lui (?:thoi )?han|xin lui|doi han|(?:lui|hoan|khat)(?= den)|nop (?:muon|cham|tre)|gui (?:muon|cham|tre)"
    r"|them (?:thoi gian|[0-9]+ ngay|vai ngay|may ngay))(?![a-z])"
)
LINE_ENDS = re.compile(
    r"\n|;|(?<=[%0-9a-z]),? (?=(?:nq ?0?[0-9]|qd ?876|ubqg)[ 0-9]*\.[0-9])|, (?=[0-9]\.[0-9]{1,2} ?[:=])"
)
NUMBERED = re.compile(r"([1-3])(?: ?[.):,\-] ?| |$)(.*)", re.DOTALL)
NUMBERED_ANSWERS = {"1": Answer("met"), "2": Answer("not_met"), "3": Answer("na")}
UNSETTLED = frozenset("NCL~W?")
WHOLE_DEPARTMENT = re.compile(
    r"(?:so|snn|snnmt|snnptnt|sonn)(?: (?:nn|nong|nghiep|va|ptnt|phat|trien|thon|mt|moi|truong|tinh|ha|giang|tuyen|quang|hg|snn))*"
)
BEFORE_UNIT = re.compile(
    r"(?:(?:da|em|o|toi|la|thuoc|don vi|ten|cua|minh|ben|chung|dang|cong tac|lam viec|tai|thua|anh|chi(?! cuc)|a)\b[ :,-]*)+(?=[a-z])"
)
TITLE = re.compile("^(?:anh|chị|đồng chí|đ/c|ông|bà|cô|chú|bác) (?=[^a-z])")
AFTER_NAME = re.compile("(?: (?:ạ|ah|nhé|nha|đây))+$", re.IGNORECASE)
BEFORE_NAME = re.compile(
    r"(?:(?:da|thua|kinh chao|xin chao|chao)(?:[ ,]+(?:anh chi|anh|chi|ad|bot)\b)?[ ,]+)?"
    r"(?:(?:em|toi|minh|chau)(?: xin)?(?: ten)? la |ten (?:em |toi |minh |chau )?la |ho (?:va )?ten(?: la)? ?: ?"
    r"|ho (?:va )?ten(?: la)? (?=[a-z]+ [a-z]+ )|ten(?: la)? ?: ?|em |toi )?"
)
NAME = re.compile(r"[a-z][a-z']*(?:[ .-]{1,2}[a-z][a-z']*){0,7}\.?")
NO_NAME = frozenset(
    "menu help start back list thoat cancel stop exit ok oke vang da khong ko co roi uh alo hi hello chao".split()
)
NO_NAME_MEANS = frozenset({"assent", "exact", "polite", "no", "none", "chat", "wait", "got", "not_got"})
QUESTION = re.compile(r"(?:^| )(?:gì|ai|sao|nào|đâu|gi|nao)(?: ạ| a)?$|\?")


def read(text: str, awaiting: Awaiting = Awaiting.VALUE, context: Context = NOWHERE) -> Reading:
    """What the text says after that question. Total: every text has a reading, and only a certain one is a Value."""
    if len(text) > LONGEST:
        return Invalid("answer.too_long", figures.EXAMPLE, {"longest": str(LONGEST)})
    typed = shown(text)
    plain = bare(typed)
    if awaiting in FIGURES_FIRST and (value := figures.plain(plain, awaiting == Awaiting.VALUE)):
        return value
    if "&" in plain:
        plain = plain.replace("&", " ")
    if not plain.strip(" .,;:!-\n\"'") and not plain.startswith("-"):
        return _wordless(typed, awaiting)
    return (
        _command(typed, plain, awaiting)
        or _lines(typed, plain, awaiting, context)
        or _of_row(typed, plain, awaiting, context)
        or _in_state(typed, plain, awaiting, context)
    )


def _wordless(typed: str, awaiting: Awaiting) -> Reading:
    if awaiting in (Awaiting.VALUE, Awaiting.YES_NO, Awaiting.NAME, Awaiting.UNIT, Awaiting.INDICATOR):
        return (
            Invalid("answer.unreadable", figures.EXAMPLE, {"text": typed})
            if typed
            else Invalid("answer.empty", figures.EXAMPLE)
        )
    return Act("other")


# Commands: the same whatever was asked.


def _command(typed: str, plain: str, awaiting: Awaiting) -> Reading | None:
    if plain.startswith("/") and plain[1:2].isalpha():
        typed, plain = typed[1:].replace("_", " "), plain[1:].replace("_", " ")
    if awaiting == Awaiting.NAME:
        return _command_not_name(typed, plain)
    if HINTS_AT_EXTENSION.search(plain) and (found := EXTENSION.search(plain)):
        return Act(
            "extension_request", typed[found.end() :].strip(" :,.") if found.start() == 0 else typed[found.start() :]
        )
    if DIGIT.search(plain):
        return _prefixed(typed, plain, awaiting)
    said = phrases.said(plain, typed.lower())
    what = phrases.meaning(said)
    if what in phrases.COMMANDS:
        return phrases.act(what, typed, awaiting)
    return None if said else _prefixed(typed, plain, awaiting)


def _prefixed(typed: str, plain: str, awaiting: Awaiting) -> Reading | None:
    """A command followed by what it is about: "sửa 7 76%", "xin lùi đến thứ 6"."""
    said = phrases.beginning(plain, typed.lower())
    if not said or said[0].meaning not in ("edit", "extension"):
        return None
    rest = typed[said[0].end :].strip(" :,.-")
    if not cut(rest).terms:
        rest = ""
    if said[0].meaning == "extension":
        return Act("extension_request", rest)
    return None if awaiting == Awaiting.CONFIRMATION and _new_value(plain) else Act("edit", rest)


def _new_value(plain: str) -> bool:
    """ "sửa thành 46/60" where a draft waits: the new figure itself, not a wish to correct something."""
    message = cut(plain)
    return bool(re.search("#%|#[/:]#", message.shape)) and isinstance(figures.read(message, confirming=True), Value)


def _command_not_name(typed: str, plain: str) -> Reading | None:
    """Where a name is awaited, "Huy" is one: a command must carry its marks, or be more than a word that names have."""
    core = AFTER_NAME.sub("", typed)
    word = bare(core)
    what = phrases.meaning(phrases.said(plain, typed.lower()))
    if what in phrases.COMMANDS and what != "report":
        return (
            phrases.act(what, typed, Awaiting.NAME) if " " in word or core.lower() != word or word in NO_NAME else None
        )
    return Act("other") if what in NO_NAME_MEANS and (" " in word or word in NO_NAME) else None


# Several lines, and lines that begin with a row.


def _lines(typed: str, plain: str, awaiting: Awaiting, context: Context) -> Reading | None:
    """Several rows in one message; nothing where fewer than two lines name a row and say something of it."""
    if not (found := LINE_ENDS.search(plain)) or not DIGIT.search(plain):
        return None
    items: list[Item] = []
    named = start = 0
    for end in [*(found.span() for found in LINE_ENDS.finditer(plain)), (len(plain), len(plain))][:MOST_LINES]:
        line = typed[start : end[0]].strip(" -*+.;,")
        start = end[1]
        found, rest = _row(line, bare(line), context) if line else (None, "")
        if found and rest:
            named += 1
            items.append(
                Item(line[: found.end].strip(), found.codes, _in_state(rest, bare(rest), Awaiting.VALUE, context))
            )
        elif any(sign.isdigit() for sign in line):
            items.append(Item("", (), _in_state(line, bare(line), Awaiting.VALUE, context)))
    return Batch(tuple(items)) if named > 1 else None


def _row(line: str, plain: str, context: Context) -> tuple[Found | None, str]:
    """The row that a line begins with, and what is left of it."""
    rows = rows_of(context.catalogue)
    skipped = POLITE.match(plain)
    offset = skipped.end() if skipped else 0
    if DIGIT.search(plain) and (found := leading(plain[offset:], rows)):
        found = replace(found, end=found.end + offset, text=line[offset : offset + found.end])
        rest = line[found.end :]
        joint = JOINT.match(rest)
        if not rest or joint is None or (not found.certain and not _stands_for_row(found, joint[0], rest)):
            return (found, "") if not rest else (None, line)
        return found, rest[joint.end() :].strip()
    return _named_row(line, plain, context)


def _stands_for_row(found: Found, joint: str, rest: str) -> bool:
    """Whether a number in front is a row: "1.2: 50%" and "1.2 45/60" are, "75 5" is not."""
    if ":" in joint or "=" in joint:
        return "." in found.text or re.search(r"[%/]|[a-z]", bare(rest)) is not None
    return (
        "." in found.text
        and not joint.strip(" ")
        and re.match(r" ?[0-9.,]+ ?(?:%|/)|.*(?:ps|phat sinh)", bare(rest)) is not None
    )


def _named_row(line: str, plain: str, context: Context) -> tuple[Found | None, str]:
    """ "thanh toán trực tuyến: 45/60" begins with words of one measure's name."""
    head, colon, rest = line.partition(":")
    rows = rows_of(context.catalogue)
    if (
        not colon
        or any(sign.isdigit() for sign in head)
        or not re.fullmatch(r" ?[0-9.,]+ ?(?:%|/ ?[0-9.,]+)[^0-9]*", rest)
    ):
        return None, line
    codes = rows.together(head)
    if not codes or rows.means(codes) > 1:
        return None, line
    return Found(len(head), head, codes, True), rest.strip()


def _of_row(typed: str, plain: str, awaiting: Awaiting, context: Context) -> Reading | None:
    """One row and what is said of it, whatever was asked; or a row alone, where it can't be a figure."""
    if awaiting in (Awaiting.NAME, Awaiting.UNIT) and not DIGIT.search(plain):
        return None
    found, rest = _row(typed, plain, context)
    if found is None:
        return None
    if not rest:
        return (
            _pointed(found.text, found.codes, context)
            if found.certain and awaiting not in (Awaiting.NAME, Awaiting.UNIT)
            else None
        )
    if not found.codes and context.catalogue is not None and found.certain:
        return _pointed(found.text, (), context)
    reading = _in_state(rest, bare(rest), Awaiting.VALUE, context)
    if isinstance(reading, Value | Ask | Invalid):
        codes = found.codes
        if isinstance(reading, Value) and rows_of(context.catalogue).means(codes) > 1:
            facts = {"text": typed, "codes": ", ".join(codes)}
            return Ask("answer.which_indicator", (figures.choice(reading.answer),), facts, codes, found.text)
        if (
            isinstance(reading, Invalid)
            and reading.why in ("answer.unreadable", "answer.no_figure")
            and not found.certain
        ):
            return None
        return replace(reading, reference=found.text)
    return None


def _pointed(text: str, codes: tuple[str, ...], context: Context) -> Reading:
    """A row was named: one measure is a mention, several are a question, none is a refusal."""
    if not codes and context.catalogue is not None:
        return Invalid("answer.no_such_indicator", "NQ01.3", {"text": text})
    if rows_of(context.catalogue).means(codes) > 1:
        return Ask("answer.which_indicator", (), {"text": text, "codes": ", ".join(codes)}, codes)
    return Mention("indicator_ref", text, codes)


# What was asked decides.


def _in_state(typed: str, plain: str, awaiting: Awaiting, context: Context) -> Reading:
    if awaiting == Awaiting.NAME:
        return _name(typed, plain)
    if awaiting == Awaiting.UNIT:
        return _unit(typed, plain, context)
    if awaiting == Awaiting.INDICATOR:
        return _indicator(typed, plain, context) or _words(typed, plain, awaiting, context)
    if not DIGIT.search(plain):
        return _words(typed, plain, awaiting, context)
    message = cut(typed)
    if not NUMBERS.isdisjoint(message.shape):
        return _with_numbers(message, awaiting, context)
    return _words(typed, plain, awaiting, context, message)


def _with_numbers(message: Message, awaiting: Awaiting, context: Context) -> Reading:
    if awaiting == Awaiting.YES_NO:
        return _yes_no(message, context)
    if awaiting in (Awaiting.NOTHING, Awaiting.ACKNOWLEDGEMENT) and not re.search("[%/:]", message.shape):
        return _indicator(message.shown, message.bare, context) or Act("other")
    if "#" not in message.shape and (reading := phrases.state_of(message, awaiting)):
        return reading
    if awaiting == Awaiting.CONFIRMATION:
        return _correction(message)
    return figures.read(message)


def _correction(message: Message) -> Reading:
    """A new figure where a draft waits; "đúng 100%" and a lone digit may speak of the draft or of a button."""
    reading = figures.read(message, confirming=True)
    if not isinstance(reading, Value) or reading.answer.numerator is not None:
        return reading
    said = phrases.meaning(phrases.said(re.sub("[0-9.,%]", " ", message.bare), message.shown.lower()))
    if said in ("assent", "exact") or re.fullmatch("[0-9]", message.bare.strip(" .")):
        return Ask("answer.unsure", (figures.choice(reading.answer), figures.RETYPE), {"text": message.shown})
    return reading


def _yes_no(message: Message, context: Context) -> Reading:
    """Chosen by its number, or in words with the number and date of a document behind them."""
    numbered = NUMBERED.fullmatch(message.bare)
    if message.shape in ("#", "#.", "D#") and (
        answer := NUMBERED_ANSWERS.get(message.terms[-1 if message.shape == "D#" else 0].text)
    ):
        return Value(answer)
    if numbered:
        told = _in_state(message.shown[numbered.start(2) :], numbered[2], Awaiting.YES_NO, context)
        alone = _yes_no(cut(numbered[1]), context)
        if isinstance(told, Value) and isinstance(alone, Value):
            return told if told.answer == alone.answer else phrases.yes_or_no(message)
    head = re.split("[#dhVE(,*]", message.shape)[0]
    terms = message.terms[: len(head)]
    reading = phrases.state_of(replace(message, terms=terms, shape=head), Awaiting.YES_NO) if terms else None
    figure = figures.read(message)
    percent = figure.answer.percent if isinstance(figure, Value) else None
    if not UNSETTLED.isdisjoint(message.shape[len(head) :]):
        return phrases.yes_or_no(message)
    if isinstance(reading, Value) and (percent == 100 if "%" in message.shape or "/" in message.shape else True):
        return reading
    return figure if isinstance(figure, Invalid) and percent is None and not reading else phrases.yes_or_no(message)


def _words(typed: str, plain: str, awaiting: Awaiting, context: Context, message: Message | None = None) -> Reading:
    message = message or cut_words(typed)
    facts = {"text": typed}
    asking = "?" in plain
    if phrases.thumb(typed):
        return phrases.act("thumb", typed, awaiting) or Act("other")
    if not any(sign.isalnum() or sign in "-?" for sign in typed):
        return _wordless(typed, awaiting) if typed.isascii() else Act("other")
    what = phrases.meaning(phrases.said(_without_unit(plain, message), typed.lower()))
    if what and not asking and awaiting in (Awaiting.CONFIRMATION, Awaiting.ACKNOWLEDGEMENT):
        if reading := phrases.act(what, typed, awaiting):
            return reading
    if awaiting in (Awaiting.VALUE, Awaiting.YES_NO, Awaiting.CONFIRMATION):
        if reading := phrases.state_of(message, awaiting):
            if not asking:
                return reading
            if isinstance(reading, Value):
                return Ask("answer.unsure", (figures.choice(reading.answer), figures.RETYPE), facts)
    if what:
        return phrases.act(what, typed, awaiting) or Act("other")
    if awaiting in (Awaiting.VALUE, Awaiting.CONFIRMATION) and (spelled := _spelled_out(message, awaiting, context)):
        return spelled
    unknown = "*" in message.shape or "n" in message.shape
    if unknown and (mended := phrases.SPELLER.mended(plain.strip(" .!"))):
        return _misspelt(_words(mended, mended, awaiting, context))
    if asking or "j" in message.shape:
        return Act("help") if awaiting != Awaiting.ACKNOWLEDGEMENT else Act("other")
    if awaiting in (Awaiting.NOTHING, Awaiting.VALUE) and (mention := _mention(typed, plain, awaiting, context)):
        return mention
    if awaiting == Awaiting.INDICATOR:
        return Invalid("answer.no_such_indicator", "NQ01.3", facts)
    if awaiting in (Awaiting.VALUE, Awaiting.YES_NO):
        return Invalid("answer.unreadable", figures.EXAMPLE, facts)
    return Act("other")


def _spelled_out(message: Message, awaiting: Awaiting, context: Context) -> Reading | None:
    """ "bảy mươi lăm phần trăm": read as its figures, and doubted."""
    figured, end = "", 0
    for found in numerals.SPELLED.finditer(message.bare):
        if found[0]:
            figured += f"{message.shown[end : found.start()]}{numerals.spelled(found)}"
            end = found.end()
    reading = _with_numbers(cut(figured + message.shown[end:]), awaiting, context) if end else None
    if isinstance(reading, Value):
        return replace(reading, doubts=(*reading.doubts, "spelled_out"))
    return (
        replace(reading, facts={"text": message.shown})
        if isinstance(reading, Ask) and len(reading.facts) == 1
        else None
    )


def _misspelt(reading: Reading) -> Reading:
    return replace(reading, doubts=("misspelt",)) if isinstance(reading, Value) else reading


def _without_unit(plain: str, message: Message) -> str:
    """ "HKL Đồng Văn đã nhận" says what "đã nhận" says."""
    for term in message.terms:
        if term.letter == "U":
            plain = plain[: term.start] + " " * (term.end - term.start) + plain[term.end :]
    return plain


def _mention(typed: str, plain: str, awaiting: Awaiting, context: Context) -> Reading | None:
    rows = rows_of(context.catalogue)
    if len(plain.split()) > 2 or awaiting == Awaiting.NOTHING:
        codes = rows.named(plain)
        if codes and (awaiting == Awaiting.NOTHING or rows.means(codes) == 1):
            return _pointed(typed, codes, context)
    if awaiting == Awaiting.NOTHING and context.units and (ids := context.units(typed)):
        return _units(typed, ids)
    return None


def _indicator(typed: str, plain: str, context: Context) -> Reading | None:
    """The choice of a row."""
    text = plain.strip(" .:;,")
    found = leading(text, rows_of(context.catalogue))
    if found and found.end == len(text):
        return _pointed(typed.strip(" .:;,"), found.codes, context)
    what = phrases.meaning(phrases.said(plain, typed.lower()))
    if what not in ("", "chat"):
        return None
    rows = rows_of(context.catalogue)
    if codes := rows.of_section(text) or rows.named(text):
        return _pointed(typed, codes, context)
    return None


def _unit(typed: str, plain: str, context: Context) -> Reading:
    what = phrases.meaning(phrases.said(plain, typed.lower()))
    skipped = BEFORE_UNIT.match(plain)
    name = typed[skipped.end() if skipped else 0 :].strip(" .,:;!?")
    if WHOLE_DEPARTMENT.fullmatch(bare(name).replace("&", " ").replace("  ", " ")):
        return Invalid("answer.whole_department", "HKL Đồng Văn", {"text": typed})
    if context.units is None:
        return Act("other") if what else Mention("unit", name)
    for text in (typed, name):
        if ids := context.units(text):
            return _units(name, ids)
    return Act("other") if what else Invalid("answer.no_such_unit", "HKL Đồng Văn", {"text": typed})


def _units(text: str, ids: tuple[str, ...]) -> Reading:
    if len(ids) > 1:
        return Ask("answer.which_unit", (), {"text": text, "units": ", ".join(ids)}, ids)
    return Mention("unit", text, ids)


def _name(typed: str, plain: str) -> Reading:
    before = BEFORE_NAME.match(plain)
    start = before.end() if before else 0
    end = re.search(r"[,;(\n]| - ", plain[start:])
    name = AFTER_NAME.sub("", typed[start : start + end.start() if end else None]).strip(" .!:-")
    name = TITLE.sub("", name).rstrip("".join(sign for sign in name if not sign.isalnum()))
    if not name or bare(name) in NO_NAME:
        return Act("other")
    if QUESTION.search(typed.lower()):
        return Act("help")
    return (
        Mention("name", name)
        if NAME.fullmatch(bare(name))
        else Invalid("answer.not_a_name", "Nguyễn Văn An", {"text": typed})
    )
