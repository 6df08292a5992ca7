"""Messages with numbers in them: the grammar that finds the figures, and all that keeps one from being taken."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from catalogue import counts, numerals, percentages
from catalogue.model import Answer
from catalogue.outcome import ask, doubted, invalid, smallness
from catalogue.reading import Ask, Doubt, Invalid, Reading, Value
from catalogue.tokens import BREAKS, Figure, Message, Term

PLAIN = re.compile(
    r"(?P<above>[0-9]{1,6}) ?/ ?(?P<below>[0-9]{1,6})|(?P<percent>[0-9]{1,2}(?:[.,][0-9]{1,2})?|100)(?: ?(?P<sign>%))?"
)
FIGURES = re.compile(
    r"(?P<ratio>#%?[/:]#%?)|(?P<percent>#%|%#)|(?P<number>#)|(?P<times>m#%?)|(?P<pause>[,e])|(?P<odd>.)"
)
STRUCTURE = frozenset("#%/:,em")
BENIGN = frozenset("TkQMHDOdhUViv")
COMMENT = re.compile(r"I?[MQTkDOKGi]+|[NC]I?[MTkDOKGi]+|[NC][IPTkQMD]*[Lo][TQ]*|(?:nn+|U)(?:-(?:nn+|U))*|")
"""What a clause without a number may say beside a figure: "chưa đạt", "không có hồ sơ trễ hẹn", a signature.

Not "chưa số hóa": then the others may have been counted.
"""

OF_A_TARGET = re.compile("^(?:dat|hoan thanh|vuot) (?:chi tieu|muc tieu)$|^(?:dat|dap ung) yeu cau$")

TAKEN_BACK = re.compile(r"[rwTDQ]+|N")
"""A clause that only takes the draft back: "sai, …", "không phải, …"."""

DANGERS: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(letters), why)
    for letters, why in (
        ("?j", "answer.unsure"),
        ("~", "answer.approximate"),
        (">&|", "answer.range"),
        ("NCLo", "answer.complement"),
        ("FfYZE=+", "answer.not_current"),
        ("KWSXPzgyrwGti*n_-", "answer.unsure"),
    )
)
"""Letters that keep a figure from being taken as it stands, and the question they lead to; the first that is found."""

MISTAKEN = re.compile(r"^(?:em )?(?:bi |go |nhap |ghi )?(?:nham|lon)\b|^sai roi$")
LONGEST_NUMBER = 40
BETWEEN = re.compile("(?<=[#%])-(?=#)")
SAME_AGAIN = re.compile(r"#/#(?:e?>|&?>|[&~]|->)#%$|#/#(?:e?>|[&~])#%(?=,)")
"""A fraction and the percentage that agrees with it, with an arrow or the like between them."""

BROKEN = re.compile(r"[0-9][.,]{2,}[0-9]")
FRONT_LOST = re.compile(
    r"^\ ?[.,](?:\ ?[.,])*\ [0-9](?![0-9., ]*[/:]) | (?:^|[^0-9.,])[.,]\ ?[.,]\ ?[0-9] | ^[.,]{2,}\ ?[0-9]", re.VERBOSE
)
"""Signs with nothing before them: ".,5", "..5", ". 5". An ellipsis inside a message is none."""
REFUSED = {"!": "answer.odd_characters", "s": "answer.scientific", "$": "answer.money"}
NO_NUMBER = {"d": "answer.date", "h": "answer.time", "V": "answer.document"}


def plain(text: str, bare: bool) -> Value | None:
    """The commonest answers, told at a glance: "45/60", "75,5%", and "75" if a bare number will do.

    Only where nothing is to be asked: all others go the long way, which reads these the same.
    """
    found = PLAIN.fullmatch(text)
    if found is None:
        return None
    if found["percent"]:
        share = Fraction(found["percent"].replace(",", "."))
        taken = found["sign"] or (bare and share > 1)
        return Value(Answer.of_percent(share), doubts=smallness(share)) if taken else None
    above, below = int(found["above"]), int(found["below"])
    if not 0 < below >= above or (below in counts.YEARS and above in counts.MONTHS):
        return None
    answer = Answer.fraction(above, below)
    date: tuple[Doubt, ...] = ("date",) if counts.is_date(found["above"], found["below"]) else ()
    return Value(answer, doubts=(*date, *smallness(answer.percent)))


def read(message: Message, confirming: bool = False) -> Reading:
    """A message with at least one digit that plays the part of a number, a date or a time.

    Where a draft is being confirmed, words that take it back do no harm to the new figure.
    """
    if refused := _refusal(message):
        return refused
    terms = _bearing(message.terms, confirming)
    letters = BETWEEN.sub("&", "".join([term.letter for term in terms]))
    reading = _figures(message, terms)
    letters = _settled(reading, message, letters)
    why = next((why for danger, why in DANGERS if not danger.isdisjoint(letters)), "")
    return _endangered(reading, "answer.lookalike" if message.lookalike else why, letters, message)


def _settled(reading: Reading, message: Message, letters: str) -> str:
    """The letters without what is said of the figure twice: what is left of the whole, and its own percentage."""
    if isinstance(reading, Value) and reading.answer.kind == "na":
        return re.sub("NI?P|z", "", letters)  # "0/0, không phát sinh"
    if not isinstance(reading, Value) or reading.answer.numerator is None:
        return letters
    if re.search("[Lo]", letters) and counts.tells_the_rest(reading.answer, message):
        letters = re.sub(
            "[LoF]" if all(term.text == "con" for term in message.terms if term.letter == "F") else "[Lo]", "", letters
        )
    return SAME_AGAIN.sub("#/#,#%", letters)


def _endangered(reading: Reading, why: str, letters: str, message: Message) -> Reading:
    if not why:
        return reading
    bare_number = isinstance(reading, Value) and reading.answer.numerator is None and "%" not in letters
    if bare_number and len(re.findall("[*n]", letters)) > 1:
        return invalid("answer.unreadable", message)
    if why == "answer.range" and "%" in letters and not isinstance(reading, Invalid):
        return ask(why, message)
    return doubted(reading, why, message)


def _refusal(message: Message) -> Invalid | None:
    """What can't be a value, whatever else stands there."""
    if BROKEN.search(message.bare) or FRONT_LOST.search(message.bare):
        return invalid("answer.separators", message)
    if letter := next((letter for letter in message.shape if letter in REFUSED), None):
        return invalid(REFUSED[letter], message)
    numbers = [term.text for term in message.terms if term.letter == "#"]
    if any(numerals.is_phone(text) for text in numbers):
        return invalid("answer.phone", message)
    if any(len(text) > LONGEST_NUMBER or numerals.is_too_large(text) for text in numbers):
        return invalid("answer.too_large", message)
    if numbers:
        return None
    return invalid(next(why for letter, why in NO_NUMBER.items() if letter in message.shape), message)


# From terms to figures.


def _bearing(terms: Sequence[Term], confirming: bool) -> list[Term]:
    """What bears on the figures: clauses that only comment are left out, and so are words that change nothing."""
    kept: list[Term] = []
    clause: list[Term] = []
    for term in (*_parted(terms), Term(",", "", 0, 0)):
        if term.letter != ",":
            clause.append(term)
            continue
        said = "".join([part.letter for part in clause])
        labels = term.text == ":" and not {"N", "C"}.isdisjoint(said)  # "chưa đạt: 15/60"
        kept += () if _comments(said, confirming) and not labels else clause
        kept.append(term)
        clause = []
    kept = [term._replace(letter="i") if OF_A_TARGET.search(term.text) else term for term in kept]
    letters = ["", *[term.letter for term in kept]]
    return [
        term
        for at, term in enumerate(kept[:-1])
        if not (term.letter in BENIGN or (confirming and _takes_back(term))) or _of_a_row(letters[at : at + 3])
    ]


def _comments(letters: str, confirming: bool) -> bool:
    return bool(COMMENT.fullmatch(letters) or (confirming and TAKEN_BACK.fullmatch(letters)))


def _takes_back(term: Term) -> bool:
    """ "sửa thành 46/60", "nhầm 46/60", but "sai 46/60" may be what is wrong."""
    return term.letter == "r" or (term.letter == "w" and MISTAKEN.search(term.text) is not None)


def _of_a_row(letters: list[str]) -> bool:
    """ "chỉ tiêu 75" may be row 75 or the target, "75 % chỉ tiêu" a share of the target."""
    before, it, after = letters
    return it == "i" and (after == "#" or before in ("#", "%"))


def _parted(terms: Sequence[Term]) -> Iterable[Term]:
    """Every sign that parts clauses as a comma; a colon too, unless it stands between two numbers.

    So does the dash between a unit's name and its figure.
    """
    letters = ["", "", *(term.letter for term in terms), ""]
    for at, term in enumerate(terms):
        behind, before, _, after = letters[at : at + 4]
        dividing = before in ("#", "%", "T") and after == "#" and behind != "/"
        named = before == "U" and after in ("#", "M")  # "HKL Đồng Văn - 45/60"
        parting = term.letter in BREAKS or (term.letter == ":" and not dividing) or (term.letter == "-" and named)
        yield term._replace(letter=",") if parting else term


def _figures(message: Message, terms: Sequence[Term]) -> Reading:
    """What the figures are together."""
    if "-" in message.shape and (negative := _negative(message)):
        return negative
    structure = [term for term in terms if term.letter in STRUCTURE]
    letters = "".join([term.letter for term in structure])
    figures = [
        Figure(found.lastgroup or "", tuple(structure[slice(*found.span())])) for found in FIGURES.finditer(letters)
    ]
    ratios, percents, numbers, times, odd = (
        [figure for figure in figures if figure.kind == kind] for kind in ("ratio", "percent", "number", "times", "odd")
    )
    if "+" in message.shape and len(ratios) + len(percents) + len(numbers) > 1:
        return ask("answer.formula", message)
    if [term.letter for figure in odd for term in figure.terms] == ["/"] and len(percents) == 1 and not numbers:
        return doubted(percentages.signed(message, percents[0].texts[0]), "answer.unsure", message)  # "75 %/năm"
    if odd or times:
        by_hundred = bool(ratios) and [figure.texts for figure in times] == [("100",)]
        if odd or not by_hundred:
            return _odd(message, odd, times, numbers)
    if ratios:
        return counts.ratio(message, ratios, percents, numbers)
    if len(numbers) > 1:
        return counts.labelled(message, percents) or counts.loose(message, numbers, percents)
    if len(percents) > 1 or (percents and numbers):
        alone = len(percents) == len(numbers) == 1
        parted = counts.parted(message, numbers[0].texts[0], percents[0].texts[0]) if alone else None
        return parted or counts.several(message, percents)
    if percents:
        return _share(message, percents[0].texts[0])
    return percentages.lone(message, numbers[0].texts[0])


def _share(message: Message, text: str) -> Reading:
    """ "tử 75%" is nothing, but "từ 75%" without its marks is "from 75 %"."""
    return ask("answer.range", message) if "B" in message.shape else percentages.signed(message, text)


def _odd(message: Message, odd: Sequence[Figure], times: Sequence[Figure], numbers: Sequence[Figure]) -> Ask | Reading:
    """Signs that stand for nothing that a value has."""
    signs = [term for figure in odd for term in figure.terms]
    if any(term.letter == "/" and term.text.isalpha() for term in signs):
        return ask("answer.range", message)  # "trên 75 %"
    if times:
        return ask("answer.formula", message)
    if [term.letter for term in signs] == ["%"] and len(numbers) == 1:
        return doubted(percentages.signed(message, numbers[0].texts[0]), "answer.unsure", message)  # "75.%"
    return invalid("answer.separators", message)


def _negative(message: Message) -> Invalid | None:
    """A minus sign glued to a number that stands behind no other number."""
    before = Term(",", "", -1, -1)
    for sign, number in zip(message.terms, message.terms[1:], strict=False):
        if sign.letter == "-" and number.letter == "#" and sign.end == number.start:
            glued = before.end == sign.start and before.letter in "#%d*n"
            if not glued:
                return invalid("answer.negative", message)
        before = sign
    return None
