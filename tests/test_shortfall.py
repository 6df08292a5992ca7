"""How many more: exact against a plain count, for every share a small unit can have."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import shortfall, target
from catalogue.model import Answer, Indicator, KpsPolicy, Measure, Target


def at_least(percent: int) -> Target:
    return Target("", "numeric", ">=", Fraction(percent), unit="%")


def missed() -> Iterator[tuple[int, int, int]]:
    """(p, n, m) that miss a target of p %: p from 50 to 99, m from 1 to 300, n from 0 in steps of m // 7."""
    for p, m in product(range(50, 100), range(1, 301)):
        yield from ((p, n, m) for n in range(0, m + 1, max(1, m // 7)) if 100 * n < p * m)


def counted_out(p: int, n: int, m: int, grows: bool) -> int:
    """By trying one good case more after the other, in integers alone."""
    more = 0
    while 100 * (n + more) < p * (m + more * grows):
        more += 1
    return more


def test_the_sweep_of_integer_cases_is_exact() -> None:
    """All 88,001 of them, for a total that stays and for one that grows, beside counting them out."""
    swept = 0
    targets = {p: at_least(p) for p in range(50, 100)}
    for p, n, m in missed():
        swept += 1
        assert shortfall.needed_fixed(n, m, targets[p]) == counted_out(p, n, m, grows=False), (p, n, m)
        assert shortfall.needed_growing(n, m, targets[p]) == needed_with_growth(p, n, m), (p, n, m)
    assert swept == 88_001


def needed_with_growth(p: int, n: int, m: int) -> int:
    """Counted out as well, but in leaps of a hundred first: at 99 % it may take 30,000."""
    more = 0
    while 100 * (n + more + 100) < p * (m + more + 100):
        more += 100
    while 100 * (n + more) < p * (m + more):
        more += 1
    return more


COUNTS = st.tuples(st.integers(0, 60), st.integers(1, 60)).filter(lambda pair: pair[0] <= pair[1])
BOUNDS = st.fractions(0, 100, max_denominator=20)


def any_target(op: str, bound: Fraction, other: Fraction) -> Target:
    if op == "between":
        return Target("", "range", op, min(bound, other), max(bound, other), "%")
    return Target("", "numeric", op, bound, unit="%")


ANY_TARGET = st.builds(any_target, st.sampled_from([">=", ">", "<=", "<", "=", "between"]), BOUNDS, BOUNDS)


def met(n: int, m: int, goal: Target) -> bool:
    return 0 <= n <= m and target.judge(Fraction(100 * n, m), goal).outcome == "met"


def first(enough: list[bool]) -> int | None:
    return next((k for k, is_enough in enumerate(enough) if is_enough), None)


@settings(deadline=None)
@given(COUNTS, ANY_TARGET)
def test_a_fixed_total_agrees_with_trying_them_all(counts: tuple[int, int], goal: Target) -> None:
    n, m = counts
    ways = ([met(n + k, m, goal) for k in range(m - n + 1)], [met(n - k, m, goal) for k in range(n + 1)])
    tried = [k for k in map(first, ways) if k is not None]
    assert shortfall.needed_fixed(n, m, goal) == min(tried, default=None)


@settings(deadline=None)
@given(COUNTS, ANY_TARGET)
def test_a_growing_total_agrees_with_trying_them_all(counts: tuple[int, int], goal: Target) -> None:
    n, m = counts
    needed = shortfall.needed_growing(n, m, goal)
    good, others = ((lambda k: met(n + k, m + k, goal)), (lambda k: met(n, m + k, goal)))
    if needed is not None:
        assert good(needed) or others(needed)
        assert not any(good(k) and others(k) for k in range(needed))
    else:
        assert not any(good(k) for k in range(200))
        assert goal.op in (">=", ">", "=", "between") or not any(others(k) for k in range(200))


@settings(deadline=None)
@given(COUNTS, st.integers(0, 40), ANY_TARGET.filter(lambda goal: goal.op in (">=", ">", "<=", "<")))
def test_pending_cases_agree_with_trying_them_all(counts: tuple[int, int], pending: int, goal: Target) -> None:
    n, m = counts
    rising = goal.op in (">=", ">")
    ends = [n + k if rising else n + pending - k for k in range(pending + 1)]
    assert shortfall.needed_pool(n, m, pending, goal) == first([met(end, m + pending, goal) for end in ends])


@pytest.mark.parametrize(
    ("n", "m", "printed", "fixed", "growing"),
    [
        (45, 90, "Tối thiểu 80", 27, 135),
        (97, 100, "98", 1, 50),
        (45, 60, "Tối thiểu 80", 3, 15),
        (60, 75, "Tối thiểu 80", 0, 0),
        (99, 100, "100", 1, None),
        (0, 12, "100", 12, None),
        (40, 50, "> 80", 1, 1),
        (100, 100, "> 100", None, None),
        (6, 100, "không quá 5%", 1, 20),
        (5, 100, "dưới 5%", 1, 1),
        (1, 100, "0%", 1, None),
        (30, 100, "40 - 50", 10, 17),
        (60, 100, "40 - 50", 10, 20),
        (1, 3, "= 50", None, 1),
        (1, 4, "≥ 99,9", 3, 2996),
    ],
)
def test_worked_cases(n: int, m: int, printed: str, fixed: int | None, growing: int | None) -> None:
    goal = target.read(printed, "%")
    assert (shortfall.needed_fixed(n, m, goal), shortfall.needed_growing(n, m, goal)) == (fixed, growing)


@pytest.mark.parametrize(
    ("n", "m", "pending", "printed", "needed"),
    [
        (45, 60, 20, "Tối thiểu 80", 19),
        (45, 60, 10, "Tối thiểu 80", None),
        (45, 60, 15, "Tối thiểu 80", 15),
        (99, 100, 50, "100", None),
        (2, 40, 60, "không quá 5%", 57),
        (9, 40, 60, "không quá 5%", None),
        (4, 6, 2, "6/6 chi cục", 2),
        (3, 6, 2, "6/6 chi cục", None),
        (0, 5, 5, "dưới 20%", 4),
        (0, 40, 60, "không quá 0%", 60),
        (70, 80, 20, "> 80", 11),
    ],
)
def test_worked_cases_with_a_known_pool(n: int, m: int, pending: int, printed: str, needed: int | None) -> None:
    goal = target.read(printed, "chi cục" if "chi cục" in printed else "%")
    assert shortfall.needed_pool(n, m, pending, goal) == needed


@pytest.mark.parametrize(
    ("n", "printed", "fixed", "growing"),
    [
        (4, "6/6 chi cục", 2, 2),
        (2, "≥ 3 trung tâm", 1, 1),
        (5, "tối đa 3 vụ", 2, None),
        (2, "tối đa 0 vụ", 2, None),
        (3, "> 3 trung tâm", 1, 1),
    ],
)
def test_things_are_counted_one_by_one(n: int, printed: str, fixed: int, growing: int | None) -> None:
    goal = target.read(printed)
    assert (shortfall.needed_fixed(n, 6, goal), shortfall.needed_growing(n, 6, goal)) == (fixed, growing)


def test_what_arithmetic_cannot_judge_has_no_number() -> None:
    with pytest.raises(ValueError, match="Thường xuyên"):
        shortfall.needed_fixed(1, 2, target.read("Thường xuyên"))


# One answer, one row.


def row(printed: str, code: str = "X.1", unit: str = "%") -> Indicator:
    return Indicator(code, "1", "1", "Tỷ lệ", 1, unit=unit, target=target.read(printed, unit), measure="M01")


def measure(grows: bool, kps: KpsPolicy = "exclude") -> Measure:
    return Measure("M01", "Tỷ lệ", "ratio", "số tốt", "tổng số", "hồ sơ", grows, kps)


def assess(answer: Answer, printed: str, grows: bool = True, pending: int | None = None) -> shortfall.Shortfall | None:
    return shortfall.assess(answer, row(printed), measure(grows), pending)


def test_tells_the_gap_and_both_ways_out() -> None:
    short = assess(Answer.fraction(45, 60), "Tối thiểu 80")
    assert short == shortfall.Shortfall(Fraction(5), more_fixed=3, more_growing=15, more=15, possible=True)
    short = assess(Answer.fraction(45, 60), "Tối thiểu 80", grows=False)
    assert short and short.more == 3


def test_one_failed_case_of_a_growing_hundred_cannot_be_mended() -> None:
    short = assess(Answer.fraction(99, 100), "100")
    assert short == shortfall.Shortfall(Fraction(1), more_fixed=1, more_growing=None, more=None, possible=False)
    closed = assess(Answer.fraction(99, 100), "100", grows=False)
    assert closed and closed.possible and closed.more == 1


@pytest.mark.parametrize(
    ("percent", "printed", "grows", "possible"),
    [("79.996", "Tối thiểu 80", True, True), ("99.9", "100", True, False), ("99.9", "100", False, True)],
)
def test_a_bare_percentage_tells_only_the_gap(percent: str, printed: str, grows: bool, possible: bool) -> None:
    short = assess(Answer.of_percent(Fraction(percent)), printed, grows)
    gap = target.judge(Fraction(percent), target.read(printed, "%")).gap
    assert short == shortfall.Shortfall(gap, None, None, None, possible)


def test_a_known_pool_decides_what_is_possible() -> None:
    enough, too_few = (
        assess(Answer.fraction(45, 60), "≥ 80", pending=20),
        assess(Answer.fraction(45, 60), "≥ 80", pending=5),
    )
    assert enough == shortfall.Shortfall(Fraction(5), 3, 15, more=19, possible=True, pending=20)
    assert too_few and (too_few.more, too_few.possible) == (None, False)


def test_cases_that_are_what_is_left_of_the_total_do_not_add_to_it() -> None:
    left, besides = (assess(Answer.fraction(45, 60), "≥ 80", pending=pending) for pending in (15, 16))
    assert left and (left.more, left.pending) == (3, 15)
    assert besides and (besides.more, besides.pending) == (16, 16)


def test_pending_cases_count_only_where_the_total_grows() -> None:
    found = assess(Answer.fraction(45, 60), "≥ 80", grows=False, pending=20)
    assert found and (found.more, found.pending) == (3, None)


@pytest.mark.parametrize(
    ("answer", "kps"),
    [
        (Answer.fraction(48, 60), "exclude"),
        (Answer("na"), "exclude"),
        (Answer("na"), "achieved"),
        (Answer("met"), "exclude"),
        (Answer("no_data_yet"), "exclude"),
        (Answer("not_applicable"), "exclude"),
    ],
)
def test_nothing_is_lacking(answer: Answer, kps: KpsPolicy) -> None:
    assert shortfall.assess(answer, row("Tối thiểu 80"), measure(True, kps)) is None


def test_a_plain_no_and_a_zero_lack_without_a_number() -> None:
    no = assess(Answer("not_met"), "100")
    assert no == shortfall.Shortfall(Fraction(0), None, None, None, True)
    zero = shortfall.assess(Answer("na"), row("Tối thiểu 80"), measure(True, "zero"))
    assert zero and zero.gap == 80


@pytest.mark.parametrize(
    ("n", "governs"), [(40, "NQ02"), (76, "NQ02"), (85, "NQ02")], ids=["both missed", "one missed", "none missed"]
)
def test_the_stricter_of_two_rows_governs(n: int, governs: str) -> None:
    rows = [row("Tối thiểu 75", "NQ01"), row("Tối thiểu 80", "NQ02")]
    found = shortfall.governing(rows, Answer.fraction(n, 100), measure(False))
    assert found and found.code == governs


def test_for_ceilings_the_lower_governs() -> None:
    rows = [row("không quá 5%", "A"), row("không quá 3%", "B")]
    found = shortfall.governing(rows, Answer.fraction(4, 100), measure(True))
    assert found and found.code == "B"
    assert shortfall.governing([], Answer.fraction(4, 100), measure(True)) is None


@pytest.mark.parametrize(
    ("n", "printed", "governs"),
    [
        (90, ("Tối thiểu 80", "40 - 50"), "40 - 50"),
        (60, ("Tối thiểu 80", "40 - 50"), "Tối thiểu 80"),
        (80, ("Tối thiểu 80", "> 80"), "> 80"),
        (80, ("> 80", "Tối thiểu 80"), "> 80"),
        (80, ("không quá 79,5%", "Tối thiểu 80"), "không quá 79,5%"),
        (0, ("không quá 0,5%", "không quá 0%"), "không quá 0%"),
        (0, ("Thường xuyên", "không quá 30%"), "không quá 30%"),
    ],
)
def test_the_row_that_is_missed_governs_however_strict_the_other_is(
    n: int, printed: tuple[str, str], governs: str
) -> None:
    found = shortfall.governing([row(raw, raw) for raw in printed], Answer.fraction(n, 100), measure(True))
    assert found and found.code == governs


# Pooling.


def test_sums_are_pooled_never_percentages() -> None:
    pooled = shortfall.pool([Answer.fraction(1, 1), Answer.fraction(45, 90)])
    assert (pooled.numerator, pooled.denominator, pooled.percent) == (46, 91, Fraction(4600, 91))
    assert target.judge(pooled.percent or 0, target.read("Tối thiểu 75", "%")).outcome == "short"


def test_bare_percentages_are_left_out_and_counted() -> None:
    answers = [Answer.of_percent(Fraction(90)), Answer("na"), Answer.fraction(1, 2), Answer("no_data_yet")]
    assert shortfall.pool(answers) == shortfall.Pooled(1, 2, Fraction(50), left_out=1)


def test_where_nothing_arose_anywhere_there_is_no_percentage() -> None:
    assert shortfall.pool([Answer("na"), Answer("na")]) == shortfall.Pooled(0, 0, None, 0)
