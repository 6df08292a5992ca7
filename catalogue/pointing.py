"""Naming a row or a unit, by itself or in front of what is said of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from catalogue import phrases
from catalogue.reading import Act, Ask, Batch, Context, Invalid, Item, Mention, Reading, Value, choice
from catalogue.reference import Found, leading
from catalogue.rows import Rows, rows_of
from catalogue.text import Typed, shown
from catalogue.tokens import cut
from catalogue.vocabulary import LETTERS, PARTS

Read = Callable[[Typed, Context], Reading]
"""How what is said of a row is read."""

MOST_LINES = 60
DIGIT = re.compile("[0-9]")
POLITE = re.compile(r"(?:(?:da|em|xin|kinh|bao cao|gui|cho|nhap|a|,|:|-|(?:chi tieu|muc|ma) ?:) ?)*")
LABEL = re.compile("^(?:chi tieu|muc|ma) ?: ?")
JOINT = re.compile(r" ?(?:[=-]+>|[:=)]+|\.(?= |[a-z])) ?| ?-+ |-|,? ")
"""Between a row and what is said of it. A sign that may be the value's own is left to it: "-5", ".5", ">75"."""
IN_FRONT = re.compile(POLITE.pattern + r"(?P<row>[a-z ]+?)(?: (?:dat|la|duoc|dc|co|khoang))* ?(?=[0-9])")
FIGURE = re.compile(r" ?(?:(?:dat|la|duoc|dc|co) )*[0-9.,]+ ?(?:%|/)|.*(?:ps|phat sinh|chua co)")
ONE_FIGURE = re.compile(r" ?[0-9.,]+ ?(?:%|/ ?[0-9.,]+)[^0-9]*")
LINE_ENDS = re.compile(
    r"\n|;|(?<=[%0-9a-z])[.,]?(?: va)? +(?=[a-z]{2,5} ?[0-9]{2,4}\.[0-9]{1,2}[ :=.])"
    r"|(?:, *|(?:,|(?<=[%0-9a-z])\.?)(?: va| con)? +)(?=(?:muc |chi tieu )?[0-9]\.[0-9]{1,2}"
    r"(?: ?[:=)]|\.? (?:(?:dat|la) )?(?:[0-9.,]+ ?[%/]|k|chua)))"
)
"""Where one row ends and the next begins: a line, a semicolon, or another row's code with its sign or its figure."""

WHOLE_DEPARTMENT = re.compile(
    r"(?:(?:toan bo|toan|ca) )?(?:so|snn|snnmt|snnptnt|sonn)"
    r"(?:(?: | ?[&-] ?)(?:nn|nong|nghiep|va|ptnt|phat|trien|thon|mt|moi|truong|tinh|ha|giang|tuyen|quang|hg|snn))*"
)
BEFORE_UNIT = re.compile(
    r"(?:(?:da|em|o|toi|la|thuoc|don vi|ten|cua|minh|ben|chung|dang|cong tac|lam viec|tai|thua|anh|chi(?! cuc)|a)\b"
    r"[ :,-]*)+(?=[a-z])"
)
A_UNIT = re.compile(
    "|".join(sorted({rf"{phrase.split()[0]}\b" for phrase, entry in PARTS.items() if entry.means == LETTERS["unit"]}))
)
"""The first word of one."""
SPACE, SPEAKS = re.compile(" "), re.compile("[U:,-]+")
ADDRESSED = re.compile(r"\b(?:gui|cho|den|toi|thua|chao)(?: (?:cac|anh|chi|ban|lanh dao|phong|ben))* $")


# Rows.


def pointed(text: str, codes: tuple[str, ...], context: Context) -> Reading:
    """A row was named: one measure is a mention, several are a question, none is a refusal."""
    if not codes and context.catalogue is not None:
        return Invalid("answer.no_such_indicator", "NQ01.3", {"text": text})
    if rows_of(context.catalogue).means(codes) > 1:
        return Ask("answer.which_indicator", (), {"text": text, "codes": ", ".join(codes)}, codes)
    return Mention("indicator_ref", text, codes)


def indicator(typed: Typed, context: Context) -> Reading | None:
    """The choice of a row: by its number, by its section, or by words of its name."""
    typed = typed.stripped(" .:;,")
    rows = rows_of(context.catalogue)
    pointed_at = LABEL.sub("", typed.bare)
    found = leading(pointed_at, rows)
    if found and found.end == len(pointed_at):
        return pointed(typed.shown, found.codes, context)
    if phrases.meaning(phrases.said(typed.bare, typed.shown.lower())) not in ("", "chat"):
        return None
    codes = rows.of_section(typed.bare) or rows.named(typed.bare)
    return pointed(typed.shown, codes, context) if codes else None


def lines(typed: Typed, context: Context, read: Read) -> Batch | None:
    """Several rows in one message; nothing where fewer than two lines name a row and say something of it."""
    if not DIGIT.search(typed.bare) or not LINE_ENDS.search(typed.bare):
        return None
    items: list[Item] = []
    for line in _split(typed):
        found, rest = _row(line, context)
        if found and rest:
            items.append(Item(found.text, found.codes, read(rest, context)))
        elif _says_something(line):
            items.append(Item("", (), read(line, context), line.shown))
    return Batch(tuple(items)) if sum(bool(item.reference) for item in items) > 1 else None


ONLY_AROUND = re.compile(r"[TDkUdQOivnt,.:;()-]*")
"""The parts of a greeting, a heading, a signature, the day of the figures."""


def _says_something(line: Typed) -> bool:
    """Whether a line without a row is more than what surrounds the figures."""
    message = cut(line.shown)
    return not ONLY_AROUND.fullmatch(message.shape)


def _split(typed: Typed) -> Iterator[Typed]:
    start = 0
    for end in [*LINE_ENDS.finditer(typed.bare)][: MOST_LINES - 1]:
        yield typed.part(start, end.start()).stripped(" -*+.;,")
        start = end.end()
    yield typed.part(start).stripped(" -*+.;,")


def row_and_value(typed: Typed, context: Context, read: Read) -> Reading | None:
    """One row and what is said of it, whatever was asked."""
    found, rest = _row(typed, context)
    if found is None or not rest:
        return None
    if not found.codes and context.catalogue is not None:
        return pointed(found.text, (), context)
    reading = read(rest, context)
    if isinstance(reading, Value) and rows_of(context.catalogue).means(found.codes) > 1:
        facts = {"text": typed.shown, "codes": ", ".join(found.codes)}
        return Ask("answer.which_indicator", (choice(reading.answer),), facts, found.codes, found.text)
    if isinstance(reading, Value | Ask) or (isinstance(reading, Invalid) and found.certain):
        return replace(reading, reference=found.text)
    return None


def worded(reading: Reading, typed: Typed, context: Context) -> Reading:
    """ "Thanh toán trực tuyến đạt 45/60" out of the blue: the words in front say of which row, where it is one only."""
    if not isinstance(reading, Value | Ask) or not (head := in_front(typed, context)):
        return reading
    return replace(reading, reference=head)


def in_front(typed: Typed, context: Context) -> str:
    """The words before the figure where they are of one row's name alone, as typed."""
    if not (found := IN_FRONT.match(typed.bare)):
        return ""
    head, rows = typed.part(*found.span("row")).shown, rows_of(context.catalogue)
    return head if rows.means(rows.quoted(head)) == 1 else ""


def row_alone(typed: Typed, context: Context) -> Reading | None:
    """A row that can't be a figure, and nothing else: "NQ01.3", "mục 3 phần 1"."""
    found, rest = _row(typed, context)
    return pointed(found.text, found.codes, context) if found and not rest and found.certain else None


def _row(line: Typed, context: Context) -> tuple[Found | None, Typed | None]:
    """The row that a line begins with, and what is said of it."""
    if not DIGIT.search(line.bare):
        return None, None
    rows = rows_of(context.catalogue)
    start = _start(line, rows)
    found = leading(line.bare[start:], rows)
    if found is None:
        return _named(line, context)
    end = start + found.end
    found = replace(found, end=end, text=line.shown[start:end])
    rest = line.part(end)
    joint = JOINT.match(rest.bare)
    if not rest.bare.strip(" .:;,"):
        return found, None
    if joint is None or not (found.certain or _stands_for_row(found, joint[0], rest.bare, context)):
        return None, None
    return found, rest.part(joint.end()).stripped()


def _start(line: Typed, rows: Rows) -> int:
    """Behind the politeness that a line begins with, and the unit that speaks: "HKL Đồng Văn báo cáo 1.3: 45/60"."""
    polite = POLITE.match(line.bare)
    start = polite.end() if polite else 0
    for space in SPACE.finditer(line.bare, start) if A_UNIT.match(line.bare, start) else ():
        found = leading(line.bare[space.end() :], rows)
        if found and "." in found.text and SPEAKS.fullmatch(cut(line.shown[start : space.start()]).shape):
            return space.end()
    return start


def _stands_for_row(found: Found, joint: str, rest: str, context: Context) -> bool:
    """Whether a number in front is a row: "1.2: 50%" and "1.2 45/60" are, "75 5" and "1.25 45/60" are not."""
    if not found.codes and context.catalogue is not None:
        return False
    if ")" in joint or (joint == ":" and rest[1:2].isdigit()):  # "1) 45/60" may be an item, "5:60" a time
        return "." in found.text
    if ":" in joint or "=" in joint:
        return "." in found.text or re.search(r"[%/]|[a-z]", rest) is not None
    return "." in found.text and joint.strip(" ") in ("", ".") and FIGURE.match(rest, len(joint)) is not None


def _named(line: Typed, context: Context) -> tuple[Found | None, Typed | None]:
    """ "thanh toán trực tuyến: 45/60" begins with words of one measure's name."""
    head, colon, rest = line.bare.partition(":")
    if not colon or DIGIT.search(head) or not ONE_FIGURE.fullmatch(rest):
        return None, None
    rows = rows_of(context.catalogue)
    codes = rows.quoted(head)
    if not codes or rows.means(codes) > 1:
        return None, None
    return Found(len(head), line.shown[: len(head)], codes, True), line.part(len(head) + 1).stripped()


# Units.


def unit(typed: Typed, context: Context) -> Reading:
    """The unit that a person belongs to. The whole department is none."""
    said = phrases.meaning(phrases.said(typed.bare, typed.shown.lower()))
    polite = BEFORE_UNIT.match(typed.bare)
    name = typed.part(polite.end() if polite else 0).stripped(" .,:;!?")
    if WHOLE_DEPARTMENT.fullmatch(name.bare):
        return Invalid("answer.whole_department", "HKL Đồng Văn", {"text": typed.shown})
    if context.units is None:
        return Act("other") if said else Mention("unit", name.shown)
    for text in (typed.shown, name.shown):
        if ids := context.units(text):
            return units(name.shown, ids)
    return Act("other") if said else Invalid("answer.no_such_unit", "HKL Đồng Văn", {"text": typed.shown})


def units_named(text: str) -> tuple[str, ...]:
    """As typed, those that a message names beside what it says; not those to whom it is addressed."""
    return tuple(
        message.shown[term.start : term.end]
        for message in map(cut, shown(text).splitlines())
        for term in message.terms
        if term.letter == "U" and not ADDRESSED.search(message.bare[: term.start])
    )


def units(text: str, ids: tuple[str, ...]) -> Reading:
    if len(ids) > 1:
        return Ask("answer.which_unit", (), {"text": text, "units": ", ".join(ids)}, ids)
    return Mention("unit", text, ids)
