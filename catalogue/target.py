"""Targets as an appendix prints them, and whether an exact value reaches one."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Literal

from catalogue import expression
from catalogue.lexicon import RATINGS
from catalogue.model import Answer, Bound, Indicator, Measure, Target

Value = Fraction | int | date | str | bool
Scale = Literal["number", "day", "rating"]
COUNTED = {"count", "count_of", "count_per_period", "range"}


@dataclass(frozen=True)
class Verdict:
    """`gap`: how far from the target, exactly: percentage points for %, days for dates, grades for ratings, else units.

    Nothing when met or when the evaluator decides. A strict target missed by standing on its bound is short by nothing,
    and so is a plain "chưa đạt", of which nobody can say by how much.
    """

    outcome: Literal["met", "short", "judged"]
    gap: Fraction = Fraction(0)


@dataclass(frozen=True)
class Span:
    """From `low` to `high`; an end that is open does not itself count, one that is None is not there."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False


ZERO = Fraction(0)
MET, JUDGED, NOT_MET = Verdict("met"), Verdict("judged"), Verdict("short")


def read(raw: str, unit: str = "", name: str = "") -> Target:
    """What a printed target means. `unit` and `name` are the row's own: they settle what the target leaves open.

    Never raises: what arithmetic can't judge keeps its text and has the op "judged".
    """
    return expression.read(raw, unit, name)


def judge(value: Value, target: Target) -> Verdict:
    """Compared before any rounding. A value that can't be held against the target is for the evaluator.

    `value`: a number in the target's own unit (75 for 75 %), a day, a rating ("Tốt"), or whether it was done.
    """
    if target.op == "judged" or target.kind == "composite_rank":
        return JUDGED
    if target.parts:
        return _worst(judge(value, part) for part in target.parts)
    if isinstance(value, bool):
        return MET if value == (target.value != "false") else NOT_MET
    at, span = _scaled(value), span_of(target, value)
    return within(at[1], span) if at and span else JUDGED


def judge_answer(answer: Answer, indicator: Indicator, measure: Measure) -> Verdict | None:
    """What an answer is worth for one row; None when it counts neither for nor against it."""
    if not indicator.target:
        return None
    if answer.has_value:
        value = amount(answer, indicator.target)
        return JUDGED if value is None else judge(value, indicator.target)
    if answer.kind == "na" and measure.kps == "zero":
        return judge(Fraction(0), indicator.target)
    if answer.kind == "met" or (answer.kind == "na" and measure.kps == "achieved"):
        return MET
    return NOT_MET if answer.kind == "not_met" else None


def amount(answer: Answer, target: Target) -> Fraction | None:
    """What of an answer is held against this target: its percentage or, where things are counted, its numerator."""
    if counted(target):
        return None if answer.numerator is None else Fraction(answer.numerator)
    return answer.percent if _in_percent(target) else None


def counted(target: Target) -> bool:
    """Whether the target is a number of things ("3 đơn vị/quý", "6/6 chi cục") and no share of them."""
    return target.kind == "count_of" or (target.kind in COUNTED and not _in_percent(target))


def span_of(target: Target, value: Value = ZERO) -> Span | None:
    """What satisfies the target, on the scale of `value`; None when it has none there."""
    if target.parts:
        spans = (span_of(part, value) for part in target.parts)
        return reduce(_meet, filter(None, spans), None)
    at, first, second = _scaled(value), _scaled(_in_year(target.value, value)), _scaled(_in_year(target.value2, value))
    if not at or not first or at[0] != first[0]:
        return None
    match target.op:
        case ">=" | ">":
            return Span(low=first[1], open_low=target.op == ">")
        case "<=" | "<" | "by":
            return Span(high=first[1], open_high=target.op == "<")
        case "=":
            return Span(first[1], first[1])
        case "between" if second and target.kind == "rank_range":  # a better place is no miss
            return Span(high=second[1], open_high=target.open_high)
        case "between" if second and second[0] == at[0]:
            return Span(first[1], second[1], target.open_low, target.open_high)
    return None


def as_row(target: Target) -> dict[str, str]:
    """{"raw", "kind", "op", "value", "value2", "unit"}: numbers as exact decimals, days in ISO form, "" for nothing."""
    value, value2 = as_text(target.value), as_text(target.value2)
    op = target.op
    if target.kind == "banded_score":
        op = "bands"
    elif op == "between" and (target.open_low or target.open_high):
        op = f"{'(' if target.open_low else '['}{value},{value2}{')' if target.open_high else ']'}"
    return {"raw": target.raw, "kind": target.kind, "op": op, "value": value, "value2": value2, "unit": target.unit}


def as_text(bound: Bound) -> str:
    """Exact: "68.5", "2025-12-31", "Tốt"; a fraction that no decimal can hold stays one ("2/3")."""
    if not isinstance(bound, Fraction):
        return "" if bound is None else str(bound)
    whole = (places for places in range(20) if (10**places * bound).denominator == 1)
    places = next(whole, None)
    return str(bound) if places is None else f"{Decimal(int(10**places * bound)).scaleb(-places):f}"


def within(at: Fraction, span: Span) -> Verdict:
    if span.low is not None and (at < span.low or (at == span.low and span.open_low)):
        return Verdict("short", span.low - at)
    if span.high is not None and (at > span.high or (at == span.high and span.open_high)):
        return Verdict("short", at - span.high)
    return MET


def _meet(one: Span | None, other: Span) -> Span:
    """What satisfies both."""
    if one is None:
        return other
    low = max((one, other), key=lambda span: (span.low is not None, span.low or ZERO, span.open_low))
    high = min((one, other), key=lambda span: (span.high is None, span.high or ZERO, not span.open_high))
    return Span(low.low, high.high, low.open_low, high.open_high)


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of conditions that must all hold: missed if one is missed, by the widest gap; else open if one is open."""
    order = ("met", "judged", "short")
    return max(verdicts, key=lambda verdict: (order.index(verdict.outcome), verdict.gap))


def _scaled(bound: Value | Bound) -> tuple[Scale, Fraction] | None:
    """A value on the scale of its kind; None for what has none."""
    if isinstance(bound, Fraction):
        return "number", bound
    if isinstance(bound, int):
        return "number", Fraction(bound)
    if isinstance(bound, date):
        return "day", Fraction(bound.toordinal())
    if isinstance(bound, str) and bound.capitalize() in RATINGS:
        return "rating", Fraction(RATINGS.index(bound.capitalize()))
    return None


def _in_year(bound: Bound, value: Value) -> Bound:
    """A day printed without its year ("--06-30") is a day of the year in question."""
    if isinstance(bound, str) and bound.startswith("--") and isinstance(value, date):
        month, day = int(bound[2:4]), int(bound[5:])
        return date(value.year, month, min(day, monthrange(value.year, month)[1]))
    return bound


def _in_percent(target: Target) -> bool:
    return not target.unit or target.unit.startswith("%")
