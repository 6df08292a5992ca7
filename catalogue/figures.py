"""Messages with numbers in them: the grammar of counts, percentages, and of everything that only looks like one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from catalogue import numerals
from catalogue.model import Answer
from catalogue.reading import Ask, Choice, Doubt, Invalid, Reading, Value, fraction, percent, state
from catalogue.tokens import Message, Term

EXAMPLE = "45/60"
TOLERANCE = Fraction(1, 20)
"""Percentage points by which a percentage may differ from the fraction beside it: rounding, not contradiction."""

BENIGN = frozenset("TkQMHDOGdhUViv")
BREAKS = frozenset(",.;()")
COMMENT = re.compile(r"[NC]?I?[MQTkDOKGi]+|[NC][IPTkQMD]*[Lo][TQ]*|nn+|")
"""What a clause without a number may say beside a figure: "chưa đạt", "không có hồ sơ trễ hẹn", a signature."""

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

SPACED = re.compile(
    r"(?<![0-9.,/])(?:[0-9]+ [0-9 ]*[0-9] ?/ ?[0-9. ,]*[0-9]|[0-9.,]*[0-9] ?/ ?[0-9]+ [0-9 ]*[0-9])(?![0-9.,%/]| [%/])"
)
BETWEEN = re.compile("(?<=[#%])-(?=#)")
BROKEN = re.compile(r"[0-9][.,]{2,}[0-9]")
FIGURES = re.compile(
    r"(?P<ratio>#%?[/:]#%?)|(?P<percent>#%|%#)|(?P<number>#)|(?P<times>m#%?)|(?P<pause>[,e])|(?P<odd>.)"
)


@dataclass(frozen=True)
class Figure:
    """A number with the terms around it that belong to it, in order."""

    kind: str  # ratio, percent, number, times, odd
    terms: tuple[Term, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.terms if term.letter == "#")


PLAIN = re.compile(
    r"(?P<above>[0-9]{1,6}) ?/ ?(?P<below>[0-9]{1,6})|(?P<percent>[0-9]{1,2}(?:[.,][0-9]{1,2})?|100)(?: ?(?P<sign>%))?"
)


def plain(text: str, bare: bool) -> Value | None:
    """The commonest answers, told at a glance: "45/60", "75,5%", and "75" if a bare number will do.

    Only where nothing is to be asked: all others go the long way, which reads these the same.
    """
    found = PLAIN.fullmatch(text)
    if found is None:
        return None
    if found["percent"]:
        value = Fraction(found["percent"].replace(",", "."))
        if not found["sign"] and (not bare or value <= 1):
            return None
        return Value(Answer.of_percent(value), doubts=_smallness(value))
    above, below = int(found["above"]), int(found["below"])
    if not 0 < below >= above or (below in range(2000, 2100) and above <= 12):
        return None
    answer = Answer.fraction(above, below)
    date: tuple[Doubt, ...] = ("date",) if _is_date(found["above"], found["below"]) else ()
    return Value(answer, doubts=(*date, *_smallness(answer.percent)))


def read(message: Message, confirming: bool = False) -> Reading:
    """A message with at least one digit that plays the part of a number, a date or a time."""
    if refused := _refusal(message):
        return refused
    terms = _clauses(message.terms, confirming)
    letters = BETWEEN.sub("&", "".join(term.letter for term in terms))
    reading = _figures(message, terms)
    if (
        ("L" in letters or "o" in letters)
        and isinstance(reading, Value)
        and _spoken_of_rest(reading.answer, message, letters)
    ):
        letters = letters.replace("L", "").replace("o", "")
    why = next((why for danger, why in DANGERS if not danger.isdisjoint(letters)), None)
    if message.lookalike:
        why = "answer.lookalike"
    return _doubted(reading, why, message, letters) if why else reading


def _refusal(message: Message) -> Invalid | None:
    shape = message.shape
    numbers = [term.text for term in message.terms if term.letter == "#"]
    if BROKEN.search(message.bare):
        return _invalid("answer.separators", message)
    if "!" in shape:
        return _invalid("answer.odd_characters", message)
    if "s" in shape:
        return _invalid("answer.scientific", message)
    if "$" in shape:
        return _invalid("answer.money", message)
    if any(numerals.is_phone(text) for text in numbers):
        return _invalid("answer.phone", message)
    if any(len(text) > 40 or _too_large(text) for text in numbers):
        return _invalid("answer.too_large", message)
    if not numbers:
        letter = next((letter for letter in "dhV" if letter in shape), "")
        return _invalid(
            {"d": "answer.date", "h": "answer.time", "V": "answer.document"}.get(letter, "answer.unreadable"), message
        )
    return None


def _too_large(text: str) -> bool:
    return (
        len(re.split("[.,]", text)[0]) > numerals.MOST_DIGITS or (numerals.count(text) or 0) >= 10**numerals.MOST_DIGITS
    )


# From terms to figures.


def _clauses(terms: Sequence[Term], confirming: bool) -> list[Term]:
    """What bears on the figures: clauses that only comment are left out, and so are words that change nothing."""
    kept: list[Term] = []
    clause: list[Term] = []
    for term in (*_breaks(terms), Term(",", "", 0, 0)):
        if term.letter != ",":
            clause.append(term)
            continue
        letters = "".join(part.letter for part in clause)
        if "#" in letters or not (COMMENT.fullmatch(letters) or (confirming and TAKEN_BACK.fullmatch(letters))):
            kept += clause
        kept.append(term)
        clause = []
    benign = BENIGN | {"r"} if confirming else BENIGN
    # "chỉ tiêu 75" may be row 75 or the target, "75 % chỉ tiêu" a share of the target
    about = zip(
        ("", *(term.letter for term in kept)), kept[:-1], (*(term.letter for term in kept[1:]), ""), strict=False
    )
    return [
        term
        for before, term, after in about
        if term.letter not in benign or (term.letter == "i" and (after == "#" or before in ("#", "%")))
    ]


def _breaks(terms: Sequence[Term]) -> Iterable[Term]:
    """Every sign that parts clauses as a comma; a colon too, unless it stands between two numbers."""
    for at, term in enumerate(terms):
        before = terms[at - 1].letter if at else ""
        after = terms[at + 1].letter if at + 1 < len(terms) else ""
        behind = terms[at - 2].letter if at > 1 else ""
        parting = term.letter in BREAKS or (
            term.letter == ":" and (before not in "#%T" or after != "#" or not before or behind == "/")
        )
        yield term._replace(letter=",") if parting else term


def _figures(message: Message, terms: Sequence[Term]) -> Reading:
    structure = [term for term in terms if term.letter in "#%/:,em"]
    letters = "".join(term.letter for term in structure)
    figures = [
        Figure(found.lastgroup or "", tuple(structure[slice(*found.span())]))
        for found in FIGURES.finditer(letters)
        if found.lastgroup != "pause"
    ]
    if negative := _negative(message):
        return negative
    by_kind = {kind: [figure for figure in figures if figure.kind == kind] for kind in ("ratio", "percent", "number")}
    odd = [figure for figure in figures if figure.kind in ("odd", "times")]
    if "+" in message.shape and len(figures) > 1:
        return Ask("answer.formula", facts=_facts(message))
    if odd and not _is_formula(odd, figures):
        return _odd(message, odd, by_kind["number"])
    if by_kind["ratio"]:
        return _ratio(message, by_kind["ratio"], by_kind["percent"], by_kind["number"])
    if len(by_kind["number"]) > 1:
        return _labelled(message, by_kind["percent"]) or _loose(message, by_kind["number"], by_kind["percent"])
    if len(by_kind["percent"]) > 1 or (by_kind["percent"] and by_kind["number"]):
        return _several(message, by_kind["percent"], by_kind["number"])
    if by_kind["percent"] and "B" in message.shape:
        return Ask("answer.range", facts=_facts(message))  # "tử 75%", or "từ 75%" without its marks
    if by_kind["percent"]:
        return _percent(message, by_kind["percent"][0].texts[0])
    return _lone(message, by_kind["number"][0])


def _negative(message: Message) -> Reading | None:
    """A minus sign glued to a number that stands behind no other number."""
    if "-" not in message.shape:
        return None
    for at, (sign, number) in enumerate(zip(message.terms, message.terms[1:], strict=False)):
        if sign.letter != "-" or number.letter != "#" or sign.end != number.start:
            continue
        glued = at and message.terms[at - 1].end == sign.start
        if not glued or message.terms[at - 1].letter not in "#%d*n":
            return _invalid("answer.negative", message)
    return None


def _is_formula(odd: Sequence[Figure], figures: Sequence[Figure]) -> bool:
    """45/60 * 100 %: the way to compute a percentage, written out."""
    return len(odd) == 1 and odd[0].kind == "times" and odd[0].texts == ("100",) and figures[0].kind == "ratio"


def _odd(message: Message, odd: Sequence[Figure], numbers: Sequence[Figure]) -> Reading:
    if any(term.letter == "/" and term.text != "/" and term.text != "\\" for figure in odd for term in figure.terms):
        return Ask("answer.range", facts=_facts(message))  # "trên 75 %"
    if any(figure.kind == "times" for figure in odd):
        return Ask("answer.formula", facts=_facts(message))
    if len(odd) == 1 and odd[0].terms[0].letter == "%" and len(numbers) == 1:
        return _doubted(_percent(message, numbers[0].texts[0]), "answer.unsure", message)  # "75.%"
    return _invalid("answer.separators", message)


# Counts.


def _ratio(
    message: Message, ratios: Sequence[Figure], percents: Sequence[Figure], numbers: Sequence[Figure]
) -> Reading:
    if len({figure.texts for figure in ratios}) > 1:
        return _several(message, ratios)
    if any(term.letter == "%" for figure in ratios for term in figure.terms):
        return _of_percents(message, ratios[0])
    if apart := _spaced(message):
        return apart
    reading = _fraction(message, ratios[0])
    if not isinstance(reading, Value) or reading.answer.percent is None:
        return reading if not numbers and not percents else _doubted(reading, "answer.several_values", message)
    return _agreeing(message, reading, percents, numbers)


def _of_percents(message: Message, figure: Figure) -> Ask:
    """ "45/60%", "75%/80%": a fraction of counts has no sign."""
    signed = [
        term.text
        for term, after in zip(figure.terms, figure.terms[1:], strict=False)
        if after.letter == "%" and term.letter == "#"
    ]
    readings = [_fraction(message, figure) if len(signed) == 1 else None, *(_percent(message, text) for text in signed)]
    choices = [
        choice(reading.answer) for reading in readings if isinstance(reading, Value) and reading.answer.has_value
    ]
    return Ask("answer.unsure", (*choices[:2], RETYPE), _facts(message))


def _spaced(message: Message) -> Ask | None:
    """ "1 250/1 300": a space for the thousands, or several numbers."""
    found = SPACED.search(message.bare)
    if not found:
        return None
    above, below = (numerals.count(side.replace(" ", ".")) for side in found[0].split("/"))
    fits = above is not None and below and above <= below
    return Ask("answer.several_values", (fraction(above or 0, below or 1), RETYPE) if fits else (), _facts(message))


def _agreeing(message: Message, reading: Value, percents: Sequence[Figure], numbers: Sequence[Figure]) -> Reading:
    """A fraction, and whatever else was said of it: a percentage must agree, a number must be one of its own."""
    answer = reading.answer
    for figure in percents:
        stated = numerals.decimal(figure.texts[0])
        if stated is None or abs(stated - _of(answer.percent)) > TOLERANCE:
            facts = {
                **_facts(message),
                "computed": str(answer.percent),
                "stated": "" if stated is None else str(stated),
            }
            choices = [choice(answer)]
            if stated is not None and stated <= 100:
                choices.append(percent(stated))
            return Ask("answer.mismatch", tuple(choices), facts)
    if all(_its_own(answer, figure.texts[0]) for figure in numbers):
        return reading
    return Ask("answer.several_values", (choice(answer),), _facts(message))


def _its_own(answer: Answer, text: str) -> bool:
    number, whole = numerals.decimal(text), numerals.count(text)
    if number is None or answer.numerator is None or answer.denominator is None:
        return False
    rest = answer.denominator - answer.numerator
    near = abs(number - _of(answer.percent)) <= TOLERANCE or abs(100 * number - _of(answer.percent)) <= TOLERANCE
    return near or whole in (answer.numerator, answer.denominator, rest)


def _spoken_of_rest(answer: Answer, message: Message, letters: str) -> bool:
    """58/60 in time, 2 late: the rest is told as well, and adds up."""
    if answer.numerator is None or answer.denominator is None or "N" in letters or "C" in letters:
        return False
    numbers = [numerals.count(term.text) for term in message.terms if term.letter == "#"]
    return len(numbers) == 3 and sorted(numbers, key=str) == sorted(
        (answer.numerator, answer.denominator, answer.denominator - answer.numerator), key=str
    )


def _fraction(message: Message, figure: Figure) -> Reading:
    over = next(term for term in figure.terms if term.letter in "/:")
    above, below = figure.texts
    if over.letter == ":" and (refused := _time(message, figure, over)):
        return refused
    numerator, denominator = numerals.count(above), numerals.count(below)
    if numerator is None or denominator is None:
        score = numerals.decimal(above) if denominator == 100 else None
        return _invalid(
            "answer.not_whole", message, Answer.of_percent(score) if score is not None and score <= 100 else None
        )
    return _counts(message, numerator, denominator, figure if over.text == "/" else None, over.letter == ":")


def _counts(
    message: Message, numerator: int, denominator: int, slashed: Figure | None = None, colon: bool = False
) -> Reading:
    if denominator == 0 and numerator == 0:
        return Value(Answer("na"), doubts=("no_cases",))
    if denominator == 0:
        return _invalid("answer.zero_total", message, numerator=str(numerator))
    if numerator > denominator:
        turned = Answer.fraction(denominator, numerator)
        return _invalid("answer.reversed", message, turned, numerator=str(numerator), denominator=str(denominator))
    if slashed and denominator in range(2000, 2100) and numerator <= 12:
        return Ask("answer.date_or_fraction", (fraction(numerator, denominator), RETYPE), _facts(message))
    doubts: list[Doubt] = ["time"] if colon else []
    if slashed and _is_date(*slashed.texts):
        doubts.append("date")
    return _value(Answer.fraction(numerator, denominator), message, doubts)


def _is_date(above: str, below: str) -> bool:
    return len(above) < 3 and len(below) < 3 and 0 < int(above) <= 31 and 0 < int(below) <= 12


def _time(message: Message, figure: Figure, over: Term) -> Reading | None:
    above, below = figure.texts
    first, last = figure.terms[0], figure.terms[-1]
    if over.start == first.end and over.end < last.start:
        return Ask("answer.two_numbers", _pair(above, below), _facts(message))  # "5: 60" may be row 5
    if (
        len(above) < 3
        and len(below) == 2
        and below.isdigit()
        and above.isdigit()
        and int(above) < 24
        and int(below) < 60
    ):
        if pair := _pair(above, below):
            return Ask("answer.time_or_fraction", (*pair, RETYPE), _facts(message))
        return _invalid("answer.time", message)
    return None


def _labelled(message: Message, percents: Sequence[Figure]) -> Reading | None:
    """Two counts named in words ("tổng 60, đúng hạn 58"), with the late ones as a third at most."""
    signed = {term.start for figure in percents for term in figure.terms}
    roles = _roles([term for term in message.terms if term.start not in signed])
    counts = {role: [numerals.count(text) for text, its in roles if its == role] for role in "ABL"}
    unnamed = [numerals.count(text) for text, its in roles if not its]
    if (
        len(counts["A"]) != 1
        or len(roles) > 3 + len(percents)
        or None in [*counts["A"], *counts["B"], *counts["L"], *unnamed]
    ):
        return None
    total = int(counts["A"][0] or 0)
    parts = [int(part or 0) for part in (counts["B"] or unnamed)]
    rest = [int(part or 0) for part in counts["L"]]
    if len(parts) == 1 and len(rest) <= 1:
        if rest and parts[0] + rest[0] != total:
            return Ask("answer.several_values", _pair(str(parts[0]), str(total)), _facts(message))
        reading = _counts(message, parts[0], total)
        return (
            _agreeing(message, reading, percents, ())
            if isinstance(reading, Value) and reading.answer.has_value
            else reading
        )
    if not parts and len(rest) == 1 and rest[0] <= total > 0:
        return Ask("answer.complement", (fraction(total - rest[0], total), fraction(rest[0], total)), _facts(message))
    return None


def _roles(terms: Sequence[Term]) -> list[tuple[str, str]]:
    """Each number with what the words about it make of it: A the total, B the part, L the rest, or nothing.

    Words belong to the number in their clause; without clauses, to the number behind them if the message begins with
    a word, else to the number before them.
    """
    letters = "".join("," if term.letter in BREAKS else term.letter for term in terms if term.letter != ":")
    named = [term.text for term in terms if term.letter == "#"]
    clauses = [clause for clause in letters.split(",") if "#" in clause]
    if all(clause.count("#") == 1 for clause in clauses):
        about = clauses
    elif re.match(r"[^#]*[ABLQ]", letters):
        about = re.findall(r"[^#]*#", letters)
    else:
        about = re.findall(r"#[^#]*", letters)
    among = [at for at, clause in enumerate(about) if "I" in clause.lstrip("#") and (at or about is not clauses)]
    roles = [_role(clause) for clause in about]
    roles = [("B" if "A" in roles else "?") if role == "AQ" else role for role in roles]
    if len(among) == 1 and "A" not in roles:
        whole = among[0] - 1 if clauses is about and among[0] else 0
        roles = ["A" if at == whole else role or "B" for at, role in enumerate(roles)]
    return list(zip(named, roles, strict=True))


def _role(clause: str) -> str:
    """Of one number. A total of good cases only is a part beside the total of all; other mixtures are not told."""
    rest = any(letter in clause for letter in "LoNC")
    if "A" in clause:
        return "?" if rest else "AQ" if "Q" in clause else "A"
    if rest:
        return "L"
    if any(letter in clause for letter in "BQ"):
        return "B"
    return "?" if "v" in clause else ""


def _loose(message: Message, numbers: Sequence[Figure], percents: Sequence[Figure]) -> Reading:
    """Numbers with nothing between them that says how they belong together."""
    if len(numbers) > 2 or percents:
        return Ask("answer.several_values", facts=_facts(message))
    first, second = (figure.texts[0] for figure in numbers)
    letters = message.shape
    if "-" in letters or "&" in letters:
        return Ask("answer.range", _pair(first, second) if "-" in letters else (), _facts(message))
    joined = f"{first}.{second}"
    if (
        "##" in letters
        and len(second) < 3
        and second.isdigit()
        and int(second) < int(numerals.digits(first))
        and len(first) < 4
    ):
        lost = numerals.decimal(joined)
        choices = (percent(lost),) if lost is not None and lost <= 100 else ()
        return Ask("answer.decimal_lost", (*choices, RETYPE), _facts(message))
    return Ask("answer.two_numbers", (*_pair(first, second), RETYPE), _facts(message))


# Percentages.


def _percent(message: Message, text: str) -> Reading:
    """A number with its sign: it must lie in 0-100, so a separator stands before decimals."""
    if text[0] in ".,":
        return (
            _small(message, Fraction(f"0.{text[1:]}")) if text[1:].isdigit() else _invalid("answer.separators", message)
        )
    value = numerals.decimal(text)
    if value is None:
        why = "answer.above_hundred" if numerals.is_grouped(text) else "answer.separators"
        return _invalid(why, message, number=text) if why == "answer.above_hundred" else _invalid(why, message)
    if numerals.looks_counted(text) and value < 10:
        return Ask("answer.count_or_percent", (percent(value), COUNT), _facts(message))
    if value > 100:
        return _invalid("answer.above_hundred", message, number=text)
    reading = _value(Answer.of_percent(value), message)
    return _doubted(reading, "answer.unsure", message) if numerals.is_padded(text) else reading


def _lone(message: Message, figure: Figure) -> Reading:
    """One number without a sign: a percentage because a ratio was asked for, if it can't be anything else."""
    text = figure.texts[0]
    if text[0] in ".,":
        return (
            _small(message, Fraction(f"0.{text[1:]}")) if text[1:].isdigit() else _invalid("answer.separators", message)
        )
    value = numerals.decimal(text)
    if value == 0:
        return Ask("answer.zero_or_none", (ZERO, state("na"), state("no_data_yet")), _facts(message))
    if _is_counted(message):
        choices = (percent(value), COUNT) if value is not None and 1 < value <= 100 else (COUNT,)
        return Ask("answer.total_missing", choices, _facts(message))
    if value is not None and value <= 1:
        return _small(message, value)
    if numerals.looks_counted(text) and value is not None:
        choices = (percent(value), COUNT) if value <= 100 else (COUNT,)
        return Ask("answer.count_or_percent", choices, _facts(message))
    if value is None and not numerals.is_grouped(text):
        return _invalid("answer.separators", message)
    if value is None or value > 100:
        return _invalid("answer.above_hundred", message, number=text)
    reading = _value(Answer.of_percent(value), message)
    cut_off = message.bare.rstrip(" ").endswith(text + ",")
    return _doubted(reading, "answer.unsure", message) if cut_off or numerals.is_padded(text) else reading


def _is_counted(message: Message) -> bool:
    """Whether the words about a lone number say that it counts things: "45 hồ sơ", "tử số 45", "đúng hạn 45"."""
    return any(letter in message.shape for letter in "ABIQLo") or re.search("#[Tk]", message.shape) is not None


def _small(message: Message, value: Fraction) -> Reading:
    """Above 0 and up to 1: a spreadsheet keeps 75 % as 0,75."""
    if value == 0:
        return Ask("answer.zero_or_none", (ZERO, state("na"), state("no_data_yet")), _facts(message))
    return Ask("answer.small_or_share", (percent(value), percent(100 * value)), _facts(message))


# What is common to all.

COUNT = Choice("answer.choice.count", None)
RETYPE = Choice("answer.choice.retype", None)
ZERO = Choice("answer.choice.zero", Answer.of_percent(Fraction(0)))


def _several(message: Message, *kinds: Sequence[Figure]) -> Reading:
    readings = []
    for figure in (figure for figures in kinds for figure in figures):
        if figure.kind == "ratio":
            readings.append(_fraction(message, figure))
        elif figure.kind == "percent":
            readings.append(_percent(message, figure.texts[0]))
    values = [choice(reading.answer) for reading in readings if isinstance(reading, Value) and reading.answer.has_value]
    return Ask("answer.several_values", tuple(dict.fromkeys(values))[:3], _facts(message))


def _doubted(reading: Reading, why: str, message: Message, letters: str = "") -> Reading:
    """A reading that can't be taken as it stands: the same as a choice, under the question why."""
    if isinstance(reading, Invalid):
        return reading
    choices: tuple[Choice, ...] = ()
    if isinstance(reading, Ask):
        if why in ("answer.unsure", "answer.not_current") or reading.why in ("answer.range", "answer.complement"):
            return reading
        choices = reading.choices
    elif isinstance(reading, Value):
        if (
            letters.count("*") + letters.count("n") > 1
            and reading.answer.kind == "value_percent"
            and "%" not in letters
        ):
            return _invalid("answer.unreadable", message)
        choices = _with_rest(reading.answer) if why == "answer.complement" else (choice(reading.answer), RETYPE)
    return Ask(why, () if why == "answer.range" and "%" in letters else choices, _facts(message))


def _with_rest(answer: Answer) -> tuple[Choice, ...]:
    """The figure, and what is left of the whole without it."""
    if answer.percent is None:
        return (choice(answer), RETYPE)
    if answer.numerator is None or answer.denominator is None:
        return (choice(answer), percent(100 - answer.percent))
    return (choice(answer), fraction(answer.denominator - answer.numerator, answer.denominator))


def choice(answer: Answer) -> Choice:
    if answer.percent is None:
        return Choice(f"answer.choice.{answer.kind}", answer)
    return Choice("answer.choice.fraction" if answer.denominator else "answer.choice.percent", answer)


def _pair(above: str, below: str) -> tuple[Choice, ...]:
    numerator, denominator = numerals.count(above), numerals.count(below)
    if numerator is None or not denominator or numerator > denominator:
        return ()
    return (fraction(numerator, denominator),)


def _value(answer: Answer, message: Message, doubts: Iterable[Doubt] = ()) -> Value:
    misspelt: tuple[Doubt, ...] = ("misspelt",) if message.misspelt else ()
    return Value(answer, None, message.unit, (*doubts, *_smallness(answer.percent), *misspelt))


def _smallness(percentage: Fraction | None) -> tuple[Doubt, ...]:
    if percentage is None or percentage >= 1:
        return ()
    return ("small",) if percentage else ("zero",)


def _of(percentage: Fraction | None) -> Fraction:
    assert percentage is not None
    return percentage


def _facts(message: Message) -> dict[str, str]:
    return {"text": message.shown}


def _invalid(why: str, message: Message, proposal: Answer | None = None, **facts: str) -> Invalid:
    return Invalid(why, EXAMPLE, {**_facts(message), **facts}, proposal)


def unit_named(reading: Reading, unit: str | None) -> Reading:
    return replace(reading, unit_named=unit) if isinstance(reading, Value) and unit else reading
