"""Two counts that make a fraction: written as one, or named in words; and whatever else is said beside them."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from catalogue import numerals, percentages
from catalogue.model import Answer
from catalogue.outcome import ask, doubted, invalid, pair, value
from catalogue.reading import RETYPE, Ask, Choice, Doubt, Reading, Value, choice, fraction, percent
from catalogue.tokens import BREAKS, Figure, Message, Term

TOLERANCE = Fraction(1, 20)
"""Percentage points by which a percentage may differ from the fraction beside it: rounding, not contradiction."""

YEARS = range(2000, 2100)
MONTHS = range(1, 13)
SPACED = re.compile(
    r"(?<![0-9.,/])(?:[0-9]+ [0-9 ]*[0-9] ?/ ?[0-9. ,]*[0-9]|[0-9.,]*[0-9] ?/ ?[0-9]+ [0-9 ]*[0-9])(?![0-9.,%/]| [%/])"
)

HEADED = re.compile(r"[TDk,]*(?:(?P<above>B[TDk]*[,/]?[TDk]*A)|A[TDk]*,?[TDk]*B)[TDk]*[,:]##")


# Written as a fraction.


def ratio(message: Message, ratios: Sequence[Figure], percents: Sequence[Figure], numbers: Sequence[Figure]) -> Reading:
    """At least one fraction, and the other figures of the message."""
    if len({figure.texts for figure in ratios}) > 1:
        return several(message, ratios)
    if any(term.letter == "%" for figure in ratios for term in figure.terms):
        return _of_percents(message, ratios[0])
    if numbers and (spaced := SPACED.search(message.bare)):
        return _spaced(message, spaced[0])
    reading = _fraction(message, ratios[0])
    if isinstance(reading, Value) and reading.answer.has_value:
        return _agreeing(message, reading, percents, numbers)
    return doubted(reading, "answer.several_values", message) if numbers or percents else reading


def several(message: Message, figures: Sequence[Figure]) -> Ask:
    """More values than one row has; those that can be one are offered."""
    readings = [
        _fraction(message, figure) if figure.kind == "ratio" else percentages.signed(message, figure.texts[0])
        for figure in figures
    ]
    return ask("answer.several_values", message, [*dict.fromkeys(_values(readings))][:3])


def _values(readings: Sequence[Reading]) -> Iterator[Choice]:
    for reading in readings:
        if isinstance(reading, Value) and reading.answer.has_value:
            yield choice(reading.answer)


def _of_percents(message: Message, figure: Figure) -> Ask:
    """ "45/60%", "75%/80%": a fraction of counts has no sign."""
    signed = [number.text for number, sign in zip(figure.terms, figure.terms[1:], strict=False) if sign.letter == "%"]
    readings = [percentages.signed(message, text) for text in signed]
    if len(signed) == 1:
        readings.insert(0, _fraction(message, figure))
    return ask("answer.unsure", message, (*_values(readings), RETYPE))


def _spaced(message: Message, found: str) -> Ask:
    """ "1 250/1 300": a space for the thousands, or several numbers."""
    offered = pair(*(side.strip().replace(" ", ".") for side in found.split("/")))
    return ask("answer.several_values", message, (*offered, RETYPE) if offered else ())


def _fraction(message: Message, figure: Figure) -> Reading:
    over = next(term for term in figure.terms if term.letter in "/:")
    above, below = figure.texts
    if over.letter == ":" and (asked := _time(message, figure, over)):
        return asked
    numerator, denominator = numerals.count(above), numerals.count(below)
    if numerator is None or denominator is None:
        score = numerals.decimal(above) if denominator == 100 else None
        meant = Answer.of_percent(score) if score is not None and score <= 100 else None
        return invalid("answer.not_whole", message, meant)
    slashed = over.text == "/"
    if slashed and denominator in YEARS and numerator in MONTHS:
        return ask("answer.date_or_fraction", message, (fraction(numerator, denominator), RETYPE))
    time: tuple[Doubt, ...] = ("time",) if over.letter == ":" else ()
    date: tuple[Doubt, ...] = ("date",) if slashed and is_date(above, below) else ()
    return _counts(message, numerator, denominator, time + date)


def _counts(message: Message, numerator: int, denominator: int, doubts: tuple[Doubt, ...] = ()) -> Reading:
    if denominator == 0 and numerator == 0:
        return value(Answer("na"), message, ("no_cases",))
    if denominator == 0:
        return invalid("answer.zero_total", message, numerator=str(numerator))
    if numerator > denominator:
        turned = Answer.fraction(denominator, numerator)
        return invalid("answer.reversed", message, turned, numerator=str(numerator), denominator=str(denominator))
    return value(Answer.fraction(numerator, denominator), message, doubts)


def is_date(above: str, below: str) -> bool:
    """Whether a fraction has the shape of a day and a month."""
    return len(above) < 3 and len(below) < 3 and 0 < int(above) <= 31 and int(below) in MONTHS


def _time(message: Message, figure: Figure, over: Term) -> Reading | None:
    """ "14:30" may be a time; "5: 60" may be row 5."""
    above, below = figure.texts
    if over.start == figure.terms[0].end and over.end < figure.terms[-1].start:
        return ask("answer.two_numbers", message, pair(above, below))
    if not re.fullmatch("(?:2[0-3]|[01]?[0-9]):[0-5][0-9]", f"{above}:{below}"):
        return None
    offered = pair(above, below)
    return ask("answer.time_or_fraction", message, (*offered, RETYPE)) if offered else invalid("answer.time", message)


def _agreeing(message: Message, reading: Value, percents: Sequence[Figure], numbers: Sequence[Figure]) -> Reading:
    """A fraction, and whatever else was said of it: a percentage must agree, a number must be one of its own."""
    answer = reading.answer
    computed = answer.percent or Fraction(0)
    for text in (figure.texts[0] for figure in percents):
        stated = numerals.decimal(text)
        if stated is None or abs(stated - computed) > TOLERANCE:
            offered = [choice(answer)] + ([percent(stated)] if stated is not None and stated <= 100 else [])
            return ask("answer.mismatch", message, offered, computed=str(computed), stated=str(stated or text))
    if all(_its_own(message, answer, figure.texts[0]) for figure in numbers):
        return reading
    return ask("answer.several_values", message, (choice(answer),))


def _its_own(message: Message, answer: Answer, text: str) -> bool:
    """Whether a number beside a fraction only repeats it: its counts, its percentage, its share, or its rest."""
    number, whole = numerals.decimal(text), numerals.count(text)
    if number is None or answer.numerator is None or answer.denominator is None or answer.percent is None:
        return False
    if min(abs(number - answer.percent), abs(100 * number - answer.percent)) <= TOLERANCE:
        return True
    rest = {answer.denominator - answer.numerator} if re.search("[Lo]", message.shape) else set()
    return whole in {answer.numerator, answer.denominator} | rest


def tells_the_rest(answer: Answer, message: Message) -> bool:
    """58/60 in time, 2 late: the rest is told as well, and adds up."""
    if answer.numerator is None or answer.denominator is None or re.search("[NC]", message.shape):
        return False
    behind = [*message.terms[1:], None]
    counted = [
        term.text
        for term, after in zip(message.terms, behind, strict=True)
        if term.letter == "#" and not (after and after.letter == "%")
    ]
    numbers = [numerals.count(text) or 0 for text in counted]
    return sorted(numbers) == sorted((answer.numerator, answer.denominator, answer.denominator - answer.numerator))


# Named in words.


def labelled(message: Message, percents: Sequence[Figure]) -> Reading | None:
    """Two counts named in words ("tổng 60, đúng hạn 58"), with the late ones as a third at most."""
    if headed := _headed(message):
        return headed
    signed = {term.start for figure in percents for term in figure.terms}
    roles = _roles([term for term in message.terms if term.start not in signed])
    counts = {role: [numerals.count(text) for text, its in roles if its == role] for role in ("A", "B", "L", "")}
    told = [count for count in (*counts["A"], *counts["B"], *counts["L"], *counts[""]) if count is not None]
    left_over = counts["B"] and counts[""]  # "tổng 60, đúng hạn 45, 12": twelve of what?
    if len(counts["A"]) != 1 or len(told) < len(roles) or left_over:
        return None
    total, *_ = told
    match counts["B"] or counts[""], counts["L"]:
        case [int(part)], []:
            return _with_share(message, _counts(message, part, total), percents)
        case [int(part)], [int(rest)] if part + rest == total:
            return _with_share(message, _counts(message, part, total), percents)
        case [int(part)], [int()]:
            return ask("answer.several_values", message, pair(str(part), str(total)))
        case [], [int(rest)] if rest <= total > 0:
            return ask("answer.complement", message, (fraction(total - rest, total), fraction(rest, total)))
    return None


def _headed(message: Message) -> Reading | None:
    """Two cells below their headings: "tử số, mẫu số" and then both numbers, in the same order."""
    found = HEADED.fullmatch("".join([term.letter for term in message.terms]))
    if not found:
        return None
    counts = [numerals.count(term.text) for term in message.terms if term.letter == "#"]
    above, below = counts if found["above"] else reversed(counts)
    return None if above is None or below is None else _counts(message, above, below)


def _with_share(message: Message, reading: Reading, percents: Sequence[Figure]) -> Reading:
    has_value = isinstance(reading, Value) and reading.answer.has_value
    return _agreeing(message, reading, percents, ()) if has_value and isinstance(reading, Value) else reading


def _roles(terms: Sequence[Term]) -> list[tuple[str, str]]:
    """Each number with what the words about it make of it: A the total, B the part, L the rest, or nothing.

    Words belong to the number in their clause; without clauses, to the number behind them if the message begins with
    a word, else to the number before them.
    """
    letters = "".join("," if term.letter in BREAKS else term.letter for term in terms)
    named = [term.text for term in terms if term.letter == "#"]
    clauses = [clause for clause in letters.split(",") if "#" in clause]
    if all(clause.count("#") == 1 for clause in clauses):
        about = clauses
    else:
        about = re.findall(r"[^#]*#" if re.match(r"[^#]*[ABLQ]", letters) else r"#[^#]*", letters)
    roles = [_role(clause) for clause in about]
    roles = [("B" if "A" in roles else "?") if role == "AQ" else role for role in roles]
    return list(zip(named, _among(about, roles, about is clauses), strict=True))


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


def _among(about: Sequence[str], roles: list[str], by_clause: bool) -> list[str]:
    """ "60 hồ sơ, trong đó 45 trực tuyến": the number before "trong đó" is the total of what follows."""
    among = [at for at, clause in enumerate(about) if "I" in clause and (at or not by_clause)]
    if len(among) != 1 or "A" in roles:
        return roles
    whole = among[0] - 1 if by_clause else 0
    return ["A" if at == whole else role or "B" for at, role in enumerate(roles)]


def loose(message: Message, numbers: Sequence[Figure], percents: Sequence[Figure]) -> Ask:
    """Numbers with nothing between them that says how they belong together."""
    if len(numbers) == 2 and len(percents) == 1:
        return ask("answer.several_values", message, _confirmed(numbers, percents[0]))
    if len(numbers) > 2 or percents:
        return ask("answer.several_values", message)
    first, second = (figure.texts[0] for figure in numbers)
    if "-" in message.shape or "&" in message.shape:
        return ask("answer.range", message, pair(first, second) if "-" in message.shape else ())
    decimal = re.fullmatch("[0-9]{1,3} [0-9]{1,2}", f"{first} {second}")
    if decimal and (("##" in message.shape and int(second) < int(first)) or _spoken(message, first, second)):
        lost = Fraction(f"{first}.{second}")
        return ask("answer.decimal_lost", message, (percent(lost), RETYPE) if lost <= 100 else (RETYPE,))
    return ask("answer.two_numbers", message, (*pair(first, second), RETYPE))


def parted(message: Message, first: str, second: str) -> Ask | None:
    """ "97 9%", "7 5%": one percentage with a space in it, for a comma or for nothing."""
    if not re.fullmatch("[1-9][0-9]? [0-9]{1,2}", f"{first} {second}"):
        return None
    shares = [Fraction(f"{first}.{second}")]
    if "##%" in message.shape:
        shares = [Fraction(first + second), *shares, *([Fraction(second)] if int(second) > 9 else [])]
    elif not _spoken(message, first, second):
        return None
    return ask("answer.decimal_lost", message, (*[percent(share) for share in shares if share <= 100], RETYPE))


def _spoken(message: Message, first: str, second: str) -> bool:
    """ "97 phẩy 9": a decimal comma as it is said."""
    return f"{first} phay {second}" in message.bare


def _confirmed(numbers: Sequence[Figure], share: Figure) -> tuple[Choice, ...]:
    """ "45 60 75%", three cells of a sheet: the counts as a fraction, if the percentage is theirs."""
    offered = pair(*(figure.texts[0] for figure in numbers))
    stated = numerals.decimal(share.texts[0])
    meant = offered[0].answer.percent if offered and offered[0].answer else None
    agree = meant is not None and stated is not None and abs(meant - stated) <= TOLERANCE
    return (*offered, RETYPE) if agree else ()
