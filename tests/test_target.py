"""What printed targets mean, and how exact values are held against them."""

import csv
import operator
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import target
from catalogue.model import Answer, Indicator, KpsPolicy, Measure, Target

OWN = Path(__file__).parent / "data" / "targets.csv"
SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "targets.csv"
COLUMNS = ("kind", "op", "value", "value2", "unit")


def table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf8") as file:
        return list(csv.DictReader(file))


def wanted(row: dict[str, str]) -> dict[str, str]:
    return {column: row[column] for column in COLUMNS}


def understood(raw: str, unit: str = "", name: str = "") -> dict[str, str]:
    return {column: target.as_row(target.read(raw, unit, name))[column] for column in COLUMNS}


@pytest.mark.parametrize("row", table(OWN), ids=lambda row: f"{row['family']}: {row['raw'] or 'nothing'}")
def test_reads_every_family_of_expression(row: dict[str, str]) -> None:
    assert understood(row["raw"], row["given_unit"]) == wanted(row)


def test_the_table_is_large_and_says_nothing_twice() -> None:
    rows = Counter((row["raw"], row["given_unit"]) for row in table(OWN))
    assert len(rows) >= 150
    assert max(rows.values()) == 1


@pytest.mark.skipif(not SHARED.exists(), reason="the collected target expressions are not here")
def test_reads_the_collected_expressions_with_what_stands_around_them() -> None:
    wrong = [
        (row["raw"], read, wanted(row))
        for row in table(SHARED)
        if (read := understood(row["raw"], row["unit"], row["indicator"])) != wanted(row)
    ]
    assert not wrong


@pytest.mark.skipif(not SHARED.exists(), reason="the collected target expressions are not here")
def test_reads_the_numbers_of_the_collected_expressions_from_their_own_text() -> None:
    for row in table(SHARED):
        read = understood(row["raw"])
        assert (read["op"], read["value"], read["value2"]) == (row["op"], row["value"], row["value2"]), row["raw"]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=10))
def test_never_raises_and_keeps_what_was_printed(raw: str, unit: str) -> None:
    read = target.read(raw, unit)
    assert read.raw == raw
    assert set(target.as_row(read)) == {"raw", *COLUMNS}


WORDS = (
    "tối thiểu|ít nhất|từ|đến|trở lên|không|quá|dưới|trên|trước|ngày|quý|năm|10|12|2025|75,5|%|/|-|;|giảm|hạng|Tốt|≥|và"
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS.split("|")), max_size=12), st.sampled_from(["", "%", "thứ bậc", "điểm", "ngày"]))
def test_never_raises_on_the_words_of_targets_in_any_order(words: list[str], unit: str) -> None:
    read = target.read(" ".join(words), unit)
    assert isinstance(target.judge(Fraction(75), read), target.Verdict)
    assert isinstance(target.judge(date(2024, 12, 10), read), target.Verdict)


@pytest.mark.parametrize("raw", ["100% hồ sơ; 99999999999999999999/3 hồ sơ", "trước 1/99999999999999999999"])
def test_numbers_of_many_digits_are_no_days(raw: str) -> None:
    assert target.read(raw).raw == raw


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 6))
def test_reads_any_decimal_back_exactly(digits: int, places: int) -> None:
    exact = Fraction(digits, 10**places)
    printed = f"{digits // 10**places}" + (f",{digits % 10**places:0{places}}" if places else "")
    assert target.read(f"≥ {printed}%").value == exact
    assert Fraction(target.as_row(target.read(f"≥ {printed}%"))["value"]) == exact


def test_without_a_unit_and_a_name_the_target_speaks_for_itself() -> None:
    assert target.read("75") == target.read("75", "", "")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Giảm số vụ vi phạm", "reduce"),
        ("Tăng số vụ được xử lý", "increase"),
        ("Tỷ lệ giảm", "numeric"),
        ("Tỉ lệ giảm hồ sơ trễ hạn", "numeric"),
        ("", "numeric"),
    ],
)
def test_the_rows_name_says_whether_a_bare_number_is_a_change(name: str, kind: str) -> None:
    assert target.read("10%", "%", name).kind == kind


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (Fraction(137, 2), "68.5"),
        (Fraction(1, 10**19), "0.0000000000000000001"),
        (Fraction(1, 10**20), "1/100000000000000000000"),
        (Fraction(2, 3), "2/3"),
        (date(2025, 12, 31), "2025-12-31"),
        ("Tốt", "Tốt"),
        (None, ""),
    ],
)
def test_bounds_are_written_exactly(bound: Fraction | date | str | None, text: str) -> None:
    assert target.as_text(bound) == text


def test_reads_composed_and_decomposed_letters_alike() -> None:
    import unicodedata

    assert understood(unicodedata.normalize("NFD", "Tối thiểu 75")) == understood("Tối thiểu 75")


def test_a_condition_that_nobody_can_compute_has_no_unit() -> None:
    assert [part.unit for part in target.read("Tối thiểu 80 %; trong đó trực tuyến 50 %").parts] == ["%", ""]


def test_the_points_of_a_table_are_left_to_the_evaluator() -> None:
    assert target.read("điểm 0 nếu không có; điểm 1 nếu có").op == "judged"


# Judging.

COMPARE = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "=": operator.eq}
SIGNS = {">=": "≥", "<=": "≤"}
PERCENT = st.fractions(0, 100)


@settings(deadline=None)
@given(PERCENT, st.fractions(0, 100, max_denominator=100), st.sampled_from(sorted(COMPARE)))
def test_judges_as_the_fractions_compare(value: Fraction, bound: Fraction, op: str) -> None:
    verdict = target.judge(value, Target("", "numeric", op, bound, unit="%"))
    met = COMPARE[op](value, bound)
    assert verdict == target.Verdict("met" if met else "short", Fraction(0) if met else abs(value - bound))


@settings(deadline=None)
@given(PERCENT, PERCENT, PERCENT, st.booleans(), st.booleans())
def test_judges_ranges_with_open_and_closed_ends(
    a: Fraction, b: Fraction, at: Fraction, left: bool, right: bool
) -> None:
    low, high = min(a, b), max(a, b)
    band = Target("", "range", "between", low, high, "%", open_low=left, open_high=right)
    inside = (low < at if left else low <= at) and (at < high if right else at <= high)
    assert (target.judge(at, band).outcome == "met") == inside


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_rounding_ever_passes_a_target(n: int, m: int) -> None:
    share = Fraction(100 * n, n + m)
    assert (target.judge(share, target.read("Tối thiểu 50", "%")).outcome == "met") == (2 * n >= n + m)


@pytest.mark.parametrize(
    ("value", "printed", "outcome", "gap"),
    [
        ("49.996", "Tối thiểu 50", "short", "0.004"),
        ("50", "Tối thiểu 50", "met", "0"),
        ("79.999999", "≥ 80", "short", "0.000001"),
        ("80", "> 80", "short", "0"),
        ("5.001", "không quá 5%", "short", "0.001"),
        ("5", "dưới 5%", "short", "0"),
        ("45", "40 - 50", "met", "0"),
        ("50", "từ 40% đến dưới 50%", "short", "0"),
        ("99", "= 100", "short", "1"),
        ("78", "Tối thiểu 75", "met", "0"),
        ("78", "Tối thiểu 80", "short", "2"),
        ("5", "lớn hơn 5 và nhỏ hơn 10", "short", "0"),
        ("12", "lớn hơn 5 và nhỏ hơn 10", "short", "2"),
        ("7", "lớn hơn 5 và nhỏ hơn 10", "met", "0"),
        ("2", "≥ 3% và tăng dần theo yêu cầu phát triển", "short", "1"),
        ("4", "≥ 3% và tăng dần theo yêu cầu phát triển", "judged", "0"),
        ("90", "Thường xuyên", "judged", "0"),
        ("90", "khoảng 80%", "judged", "0"),
        ("2", "≤ 3 Đông Nam Á; ≤ 50 Thế giới", "judged", "0"),
        ("90", "Tối thiểu 80% TTHC; 100% hồ sơ", "judged", "0"),
        ("90", "xếp loại Tốt trở lên", "judged", "0"),
        ("90", "tối thiểu 75% (cấp tỉnh), 50% (cấp huyện)", "judged", "0"),
        ("12", "= 10 - 15%", "met", "0"),
        ("10", "= 10 - 15%", "met", "0"),
        ("8", "dưới 10 - 15%", "judged", "0"),
    ],
)
def test_judges_percentages(value: str, printed: str, outcome: str, gap: str) -> None:
    verdict = target.judge(Fraction(value), target.read(printed, "%"))
    assert (verdict.outcome, verdict.gap) == (outcome, Fraction(gap))


@pytest.mark.parametrize(
    ("day", "printed", "outcome", "gap"),
    [
        (date(2017, 12, 9), "trước ngày 10/12/2017", "met", 0),
        (date(2017, 12, 10), "trước ngày 10/12/2017", "short", 0),
        (date(2025, 12, 31), "đến ngày 31/12/2025", "met", 0),
        (date(2026, 1, 2), "đến ngày 31/12/2025", "short", 2),
        (date(2025, 10, 1), "Quý III/2025", "short", 1),
        (date(2027, 6, 30), "trong tháng 6", "met", 0),
        (date(2027, 7, 1), "trong tháng 6", "short", 1),
        (date(2027, 12, 1), "trong tháng 11", "short", 1),
        (date(2028, 2, 29), "trong tháng 2", "met", 0),
        (date(2027, 2, 28), "trong tháng 2", "met", 0),
        (date(2027, 3, 1), "trong tháng 2", "short", 1),
        (date(2028, 2, 29), "đến ngày 28/2", "short", 1),
        (date(2027, 6, 30), "trước 30/6", "short", 0),
    ],
)
def test_judges_days(day: date, printed: str, outcome: str, gap: int) -> None:
    assert target.judge(day, target.read(printed)) == target.Verdict(outcome, Fraction(gap))  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [None, "Tốt", date(2024, 12, 10)])
def test_a_range_whose_ends_do_not_match_is_for_the_evaluator(end: str | date | None) -> None:
    assert target.judge(Fraction(45), Target("40 - …", "range", "between", Fraction(40), end, "%")) == target.JUDGED


@pytest.mark.parametrize(("at", "outcome"), [(40, "short"), (41, "met"), (49, "met"), (50, "short")])
def test_open_ends_are_outside(at: int, outcome: str) -> None:
    band = Target("", "range", "between", Fraction(40), Fraction(50), "%", open_low=True, open_high=True)
    assert target.judge(Fraction(at), band).outcome == outcome


def test_a_place_before_the_last_one_is_a_better_place() -> None:
    before_fifth = Target("", "rank_range", "between", Fraction(3), Fraction(5), open_high=True)
    assert [target.judge(place, before_fifth).outcome for place in (1, 4, 5)] == ["met", "met", "short"]


def test_a_whole_number_is_a_number() -> None:
    assert target.judge(75, target.read("≥ 75", "%")) == target.MET
    assert target.judge(74, target.read("≥ 75", "%")) == target.Verdict("short", Fraction(1))


def test_days_between_two_days_of_any_year() -> None:
    june = Target("01/6 - 30/6", "deadline", "between", "--06-01", "--06-30", "ngày")
    assert target.judge(date(2027, 6, 30), june) == target.MET
    for day in (date(2027, 5, 31), date(2026, 7, 1)):
        assert target.judge(day, june) == target.Verdict("short", Fraction(1))
    assert target.judge(Fraction(15), june) == target.JUDGED


@pytest.mark.parametrize(
    ("said", "printed", "outcome", "gap"),
    [
        ("Tốt", "xếp loại Tốt trở lên", "met", 0),
        ("xuất sắc", "xếp loại Tốt trở lên", "met", 0),
        ("Trung bình", "xếp loại Tốt trở lên", "short", 2),
        ("Loại A", "xếp loại Tốt trở lên", "judged", 0),
        (True, "Có", "met", 0),
        (False, "Hoàn thành", "short", 0),
        (False, "Không", "met", 0),
        (True, "100", "met", 0),
        (False, "100", "short", 0),
        (True, "Thường xuyên", "judged", 0),
    ],
)
def test_judges_ratings_and_whether_it_was_done(said: str | bool, printed: str, outcome: str, gap: int) -> None:
    assert target.judge(said, target.read(printed)) == target.Verdict(outcome, Fraction(gap))  # type: ignore[arg-type]


# Answers.


def row(printed: str, unit: str = "%") -> Indicator:
    return Indicator("X.1", "1", "1", "Tỷ lệ", 1, unit=unit, target=target.read(printed, unit), measure="M01")


def measure(kps: KpsPolicy = "exclude", grows: bool = True) -> Measure:
    return Measure("M01", "Tỷ lệ", "ratio", "số tốt", "tổng số", "hồ sơ", grows, kps)


@pytest.mark.parametrize(
    ("answer", "kps", "outcome"),
    [
        (Answer.fraction(45, 60), "exclude", "met"),
        (Answer.fraction(44, 60), "exclude", "short"),
        (Answer.of_percent(Fraction("74.999")), "exclude", "short"),
        (Answer("met"), "exclude", "met"),
        (Answer("not_met"), "exclude", "short"),
        (Answer("na"), "exclude", None),
        (Answer("na"), "achieved", "met"),
        (Answer("na"), "zero", "short"),
        (Answer("na"), "forbidden", None),
        (Answer("no_data_yet"), "achieved", None),
        (Answer("not_applicable"), "achieved", None),
    ],
)
def test_answers_count_by_the_measures_own_rule(answer: Answer, kps: KpsPolicy, outcome: str | None) -> None:
    verdict = target.judge_answer(answer, row("Tối thiểu 75"), measure(kps))
    assert (verdict and verdict.outcome) == outcome


def test_a_number_of_things_is_held_against_the_numerator() -> None:
    six = row("6/6 chi cục", unit="chi cục")
    assert target.judge_answer(Answer.fraction(6, 6), six, measure()) == target.MET
    assert target.judge_answer(Answer.fraction(5, 6), six, measure()) == target.Verdict("short", Fraction(1))
    assert target.judge_answer(Answer.of_percent(Fraction(90)), six, measure()) == target.JUDGED
    unnamed = row("6/6", unit="")
    assert target.judge_answer(Answer.fraction(5, 6), unnamed, measure()) == target.Verdict("short", Fraction(1))


def test_a_percentage_says_nothing_about_points() -> None:
    assert target.judge_answer(Answer.fraction(80, 90), row("68,5 điểm", "điểm"), measure()) == target.JUDGED


def test_a_heading_without_a_target_is_never_judged() -> None:
    heading = Indicator("X.1", "1", "1", "Tỷ lệ", 1)
    assert target.judge_answer(Answer.fraction(1, 1), heading, measure()) is None


@pytest.mark.parametrize("place, outcome", [(3, "met"), (10, "met"), (15, "met"), (16, "short")])
def test_a_better_place_than_the_range_is_no_miss(place: int, outcome: str) -> None:
    assert target.judge(place, target.read("xếp vị trí 10 - 15/63")).outcome == outcome


def test_conditions_of_several_years_are_not_held_against_one_value() -> None:
    both = target.read("Năm 2024: 80%; năm 2025: 90%")
    assert target.judge(Fraction(85), both).outcome == "judged"
    assert target.judge(Fraction(85), target.read("≥ 80%; ≤ 90%")).outcome == "met"


@pytest.mark.parametrize(
    "printed, direction, period, baseline, note",
    [
        ("Giảm tối thiểu 10% so với cùng kỳ năm 2023", "higher", "", "cùng kỳ năm 2023", ""),
        ("Tối thiểu 80%, phấn đấu 90%", "higher", "", "", "phấn đấu 90%"),
        ("Tối thiểu 80% (cấp xã 60%)", "higher", "", "", "cấp xã 60%"),
        ("Tối thiểu 80 %, phấn đấu 90 %, phấn đấu 95 %", "higher", "", "", "phấn đấu 90 %; phấn đấu 95 %"),
        ("Tối thiểu 80 % (cấp xã 60 %), phấn đấu 90 %", "higher", "", "", "cấp xã 60 %; phấn đấu 90 %"),
        ("Tối thiểu 80 % (cấp xã 60 %) (cả năm)", "higher", "", "", "cấp xã 60 %; cả năm"),
        ("Đạt 90 % số điểm tối đa; báo cáo quý; có phụ lục", "higher", "", "", "báo cáo quý; có phụ lục"),
        ("Đạt 90 % số điểm tối đa", "higher", "", "", ""),
        ("1 cuộc/quý", "higher", "quý", "", ""),
        ("5%/năm", "higher", "năm", "", ""),
        ("hằng quý, trước ngày 25/3", "none", "quý", "", ""),
        ("Khá trở lên", "higher", "", "", ""),
        ("Khá trở xuống", "lower", "", "", ""),
        ("= Khá", "none", "", "", ""),
        ("90 % trở lên", "higher", "", "", ""),
        ("dưới hạng 10", "none", "", "", ""),
        ("3 % GDP", "higher", "", "", ""),
        ("100 % Xã đạt chuẩn,", "higher", "", "", "Xã đạt chuẩn"),
        ("không quá 5%", "lower", "", "", ""),
        ("60 - 80%", "none", "", "", ""),
        ("trước 30/6/2025", "none", "", "", ""),
        ("Thường xuyên", "none", "", "", ""),
        ("Hoàn thành", "none", "", "", ""),
        ("Theo kế hoạch riêng", "none", "", "", ""),
        ("Từ 95%: 2 điểm; dưới 95%: 0 điểm", "none", "", "", ""),
    ],
)
def test_keeps_what_stands_around_the_bounds(
    printed: str, direction: str, period: str, baseline: str, note: str
) -> None:
    read = target.read(printed)
    assert (read.raw, read.direction, read.period) == (printed, direction, period)
    assert (read.baseline, read.note, read.parts) == (baseline, note, ())


@pytest.mark.parametrize(
    "printed, parts",
    [
        ("85 % trở lên; riêng cấp xã 70 %", [("85 % trở lên", ">="), ("riêng cấp xã 70 %", "judged")]),
        ("Tối thiểu 80% TTHC; 100% hồ sơ", [("Tối thiểu 80% TTHC", "judged"), ("100% hồ sơ", "judged")]),
        ("lớn hơn 5 và nhỏ hơn 10", [("lớn hơn 5", ">"), ("nhỏ hơn 10", "<")]),
        ("năm 2025 trên 80 %; dưới 95 %", [("năm 2025 trên 80 %", ">"), ("dưới 95 %", "<")]),
        ("giảm ít nhất 30 % thời gian, 30 % chi phí", [("", "judged"), ("", "judged")]),
        ("Tối thiểu 80 %; ~90 %", [("Tối thiểu 80 %", ">="), ("~90 %", "judged")]),
        ("Tối thiểu 80 %; trước 30/6 có 2 văn bản", [("Tối thiểu 80 %", ">="), ("trước 30/6 có 2 văn bản", "judged")]),
        ("trên 80 % (cấp xã); dưới 95 %", [("trên 80 % (cấp xã)", ">"), ("dưới 95 %", "<")]),
    ],
)
def test_every_condition_keeps_its_own_words(printed: str, parts: list[tuple[str, str]]) -> None:
    read = target.read(printed, "%")
    assert [(part.raw, part.op) for part in read.parts] == parts
    assert read.note == ""
