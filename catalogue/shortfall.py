"""How far from the target, how many more would reach it, and whether it can still be reached. Exact throughout.

n of m cases count: those on time, say, or, for a target that sets a ceiling, those late. What "more" means follows:
for a floor, so many more that count; for a ceiling, so many fewer (fixed) or so many others besides (growing).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from catalogue.model import Answer, Indicator, Measure, Target
from catalogue.target import MET, Span, counted, judge_answer, span_of, within


@dataclass(frozen=True)
class Shortfall:
    """What one row lacks. A number is None when the counts are not known, or when no number would do."""

    gap: Fraction  # as in target.Verdict
    more_fixed: int | None  # the total stays as it is
    more_growing: int | None  # each new case adds to the total as well
    more: int | None  # whichever of the two fits the measure; of the pending cases, where those are known
    possible: bool  # False: can't be reached in this period
    pending: int | None = None  # of how many cases still to be decided, where that is known and counts


@dataclass(frozen=True)
class Pooled:
    """The office's own figure: sums, never a mean of percentages."""

    numerator: int
    denominator: int
    percent: Fraction | None  # None when nobody counted anything
    left_out: int  # bare percentages, which can't be added up


def assess(answer: Answer, indicator: Indicator, measure: Measure, pending: int | None = None) -> Shortfall | None:
    """None when the row is not missed. `pending`: how many cases are still to be decided, where that is known."""
    verdict, target = judge_answer(answer, indicator, measure), indicator.target
    if not target or not verdict or verdict.outcome != "short":
        return None
    if answer.numerator is None or answer.denominator is None:
        return Shortfall(verdict.gap, None, None, None, not _already_failed(answer, target, measure))
    n, m = answer.numerator, answer.denominator
    fixed, growing = needed_fixed(n, m, target), needed_growing(n, m, target)
    more = growing if measure.grows else fixed
    if pending is None or not measure.pools:
        return Shortfall(verdict.gap, fixed, growing, more, more is not None)
    decided = n if is_rest(answer, pending) else m
    more = needed_pool(n, decided, pending, target)
    return Shortfall(verdict.gap, fixed, growing, more, more is not None, pending)


def is_rest(answer: Answer, pending: int) -> bool:
    """Whether the cases still to be decided are what is left of the answer's own total, and not besides it."""
    return None not in (answer.numerator, answer.denominator) and pending == answer.denominator - answer.numerator  # type: ignore[operator]


def governing(indicators: Iterable[Indicator], answer: Answer, measure: Measure) -> Indicator | None:
    """Of the rows that one measure decides, the one that is missed by most; with none missed, the strictest."""
    rows = [row for row in indicators if row.target]
    return max(rows, key=lambda row: (_missed_by(row, answer, measure), _strictness(row)), default=None)


def pool(answers: Iterable[Answer]) -> Pooled:
    """Units in which nothing arose add nothing to either sum."""
    n = m = left_out = 0
    for answer in answers:
        n, m = n + (answer.numerator or 0), m + (answer.denominator or 0)
        left_out += answer.kind == "value_percent"
    return Pooled(n, m, Fraction(100 * n, m) if m else None, left_out)


def needed_fixed(n: int, m: int, target: Target) -> int | None:
    """How many of the m cases (at least one) have to change sides; None when not even all of them would do."""
    goal = _Goal.of(target)
    if goal.low is not None and n <= goal.low * goal.point(m):
        more = _least(goal.low * goal.point(m) - n, goal.open_low)
        return more if goal.reached(n + more, m) else None
    fewer = 0 if goal.high is None else _least(n - goal.high * goal.point(m), goal.open_high)
    return fewer if goal.reached(n - fewer, m) else None


def needed_growing(n: int, m: int, target: Target) -> int | None:
    """How many new cases, all of them good, have to come; None when no number would do."""
    goal = _Goal.of(target)
    if goal.reached(n, m):
        return 0
    if goal.counts:
        return needed_fixed(n, m, target) if goal.low is not None and n <= goal.low else None
    if goal.low is not None and 100 * n <= goal.low * m:
        more = _least((goal.low * m - 100 * n) / (100 - goal.low), goal.open_low) if goal.low < 100 else 0
        return more if goal.reached(n + more, m + more) else None
    others = _least(100 * n / goal.high - m, goal.open_high) if goal.high else 0
    return others if goal.reached(n, m + others) else None


def needed_pool(n: int, m: int, pending: int, target: Target) -> int | None:
    """How many of the pending cases have to turn out well; None when not even all of them would do."""
    goal, total = _Goal.of(target), m + pending
    if goal.low is not None:
        good = _least(goal.low * goal.point(total) - n, goal.open_low)
        end = n + good
    else:
        good = _least(n + pending - (goal.high or 0) * goal.point(total), goal.open_high)
        end = n + pending - good
    return good if good <= pending and goal.reached(end, total) else None


@dataclass(frozen=True)
class _Goal(Span):
    """What satisfies a target, and in what it is counted: in hundredths of all cases, or case by case."""

    counts: bool = False

    @classmethod
    def of(cls, target: Target) -> "_Goal":
        span = span_of(target)
        if not span:
            raise ValueError(f"Chỉ tiêu {target.raw} không so sánh được bằng số.")
        return cls(span.low, span.high, span.open_low, span.open_high, counted(target))

    def point(self, m: int) -> Fraction:
        """What one point of the target is worth in cases."""
        return Fraction(1) if self.counts else Fraction(m, 100)

    def reached(self, n: int, m: int) -> bool:
        if self.counts:
            return n >= 0 and within(Fraction(n), self) == MET
        return 0 <= n <= m and m > 0 and within(Fraction(100 * n, m), self) == MET


def _least(exact: Fraction, beyond: bool) -> int:
    """The smallest count that is not below `exact`, or, with `beyond`, that is above it."""
    return max(0, floor(exact) + 1 if beyond else ceil(exact))


def _already_failed(answer: Answer, target: Target, measure: Measure) -> bool:
    """Of a bare percentage that is short: whether it must be 100 % (or 0 %) and can't become so again."""
    span = span_of(target)
    if answer.percent is None or not span or not measure.grows:
        return False
    return (span.low is not None and span.low >= 100) or span.high == 0


def _missed_by(row: Indicator, answer: Answer, measure: Measure) -> Fraction:
    verdict = judge_answer(answer, row, measure)
    return verdict.gap if verdict and verdict.outcome == "short" else Fraction(-1)


def _strictness(row: Indicator) -> tuple[bool, Fraction]:
    """Grows with the floor, falls with the ceiling; least of all where no number would do."""
    span = span_of(row.target) if row.target else None
    if not span:
        return False, Fraction(0)
    return True, span.low if span.low is not None else -(span.high or Fraction(0))
