"""What officials type, and what it must mean after each question."""

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from catalogue import phrases, roster
from catalogue.answer import (
    LABELS,
    LONGEST,
    REASONS,
    Act,
    Ask,
    Awaiting,
    Batch,
    Choice,
    Context,
    Invalid,
    Item,
    Mention,
    Value,
    kind_of,
    read,
    references,
)
from catalogue.model import Answer
from catalogue.unit import Unit
from tests import answer_families
from tests.answer_families import Case, context, right, told, understood, whole

CATALOGUE = context().catalogue
assert CATALOGUE is not None


@pytest.mark.parametrize("case", [*answer_families.own()], ids=str)
def test_reads_every_family(case: Case) -> None:
    reading = understood(case)
    assert right(case, reading), f"{kind_of(reading, case.awaiting)}: {reading}"
    assert whole(case, reading), reading
    if isinstance(reading, Ask):
        assert {choice.label for choice in reading.choices} <= set(LABELS)


@pytest.mark.skipif(not answer_families.SHARED.exists(), reason="../shared/data/utterances.csv is not at hand")
def test_reads_the_sample() -> None:
    wrong = {str(case): reading for case in answer_families.shared() if not right(case, reading := understood(case))}
    assert not wrong


def test_reads_nothing_wrongly_in_silence() -> None:
    cases = [*answer_families.own(), *answer_families.shared()]
    assert len(cases) > 1000
    assert not [str(case) for case in cases if answer_families.silently_wrong(case, understood(case))]


def test_the_page_shows_the_table_of_today() -> None:
    page = answer_families.PAGE.read_text(encoding="utf8")
    assert page == answer_families.written(page), "run: python -m tests.answer_families"


# What each reading carries.


def test_every_reason_is_met_by_some_case() -> None:
    readings = [understood(case) for case in answer_families.own()]
    readings.append(read("9" * (LONGEST + 1)))
    met = {reading.why for reading in readings if isinstance(reading, Ask | Invalid)}
    assert met == set(REASONS)


def test_every_reason_and_label_has_words_in_every_language() -> None:
    for language in ("vi", "en"):
        path = Path(answer_families.ROOT, "bot", "words", f"{language}.toml")
        if not path.exists():
            pytest.skip("bot/words is not at hand")
        words = tomllib.loads(path.read_text(encoding="utf8"))["answer"]
        assert {key.removeprefix("answer.") for key in REASONS} <= set(words)


def choices(text: str, awaiting: Awaiting = Awaiting.VALUE) -> list[str]:
    reading = read(text, awaiting, context())
    assert isinstance(reading, Ask), reading
    return [told(choice) for choice in reading.choices]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("0", ["zero", "na", "no_data_yet"]),
        ("không có", ["zero", "na", "no_data_yet"]),
        ("0,75", ["0.75 %", "75 %"]),
        ("1", ["1 %", "100 %"]),
        (",5", ["0.5 %", "50 %"]),
        (",0", ["zero", "na", "no_data_yet"]),
        (",75a", ["0.75 %", "75 %"]),
        ("1.250", ["1.25 %", "count"]),
        ("1.250%", ["1.25 %", "count"]),
        ("9.999%", ["9.999 %", "count"]),
        ("150.300", ["count"]),
        ("1 hồ sơ", ["count"]),
        ("2 hồ sơ", ["2 %", "count"]),
        ("100 hồ sơ", ["100 %", "count"]),
        ("101 hồ sơ", ["count"]),
        ("1.250.300 hồ sơ", ["count"]),
        ("75 5", ["75.5 %", "retype"]),
        ("45 60", ["45/60", "retype"]),
        ("45-60", ["45/60"]),
        ("75-80%", []),
        ("45/60 (80%)", ["45/60", "80 %"]),
        ("45/60; 30/40", ["45/60", "30/40"]),
        ("khoảng 75%", ["75 %", "retype"]),
        ("l00%", ["100 %", "retype"]),
        ("14:30", ["14/30", "retype"]),
        ("tổng 60, quá hạn 2", ["58/60", "2/60"]),
        ("5% quá hạn", ["5 %", "95 %"]),
        ("chưa phát sinh", ["na", "no_data_yet"]),
        ("không có TTHC", ["na", "not_applicable"]),
        ("1 250/1 300", ["1250/1300", "retype"]),
        ("chưa đạt", []),
    ],
)
def test_a_question_offers_what_would_settle_it(text: str, offered: list[str]) -> None:
    assert choices(text) == offered


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("45/60", ()),
        ("10/12", ("date",)),
        ("1/1", ("date",)),
        ("13/13", ()),
        ("45:60", ("time",)),
        ("0,75%", ("small",)),
        ("0%", ("zero",)),
        ("0/15", ("zero",)),
        ("0/0", ("no_cases",)),
        ("khôgn phát sinh", ("misspelt",)),
        ("bảy mươi lăm phần trăm", ("spelled_out",)),
    ],
)
def test_a_value_that_could_be_a_slip_says_so(text: str, doubts: tuple[str, ...]) -> None:
    reading = read(text)
    assert isinstance(reading, Value)
    assert reading.doubts == doubts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("5/0", {"numerator": "5"}),
        ("45/60 (80%)", {"computed": "75", "stated": "80"}),
        ("0/60 (1%)", {"computed": "0", "stated": "1"}),
        ("45/60 (1.2.3%)", {"computed": "75", "stated": "1.2.3"}),
    ],
)
def test_what_is_told_beside_the_text(text: str, facts: dict[str, str]) -> None:
    reading = read(text)
    assert isinstance(reading, Ask | Invalid)
    assert reading.facts == {"text": text, **facts}


def test_a_fraction_the_wrong_way_round_is_refused_with_the_other_one() -> None:
    reading = read("60/45")
    assert reading == Invalid(
        "answer.reversed",
        "45/60",
        {"text": "60/45", "numerator": "60", "denominator": "45"},
        Answer.fraction(45, 60),
    )


@pytest.mark.parametrize(
    ("text", "why", "number"),
    [
        (",7,5", "separators", None),
        (".1.2%", "separators", None),
        ("1,2.3,4%", "separators", None),
        ("12.34.56", "separators", None),
        ("1.250.300%", "above_hundred", "1.250.300"),
        ("1.250.300", "above_hundred", "1.250.300"),
        ("1.250,5%", "above_hundred", "1.250,5"),
        ("100,1%", "above_hundred", "100,1"),
    ],
)
def test_a_number_that_is_no_share_is_refused_with_its_reason(text: str, why: str, number: str | None) -> None:
    facts = {"text": text} if number is None else {"text": text, "number": number}
    assert read(text) == Invalid(f"answer.{why}", "45/60", facts)


@pytest.mark.parametrize(("text", "percent"), [("10.000%", "10"), ("10,500%", "10.5"), ("99.999%", "99.999")])
def test_a_signed_number_from_ten_upwards_has_its_decimals(text: str, percent: str) -> None:
    assert read(text) == Value(Answer.of_percent(Fraction(percent)))


def test_percentages_are_exact() -> None:
    reading = read("96,15384615384615384615%")
    assert isinstance(reading, Value)
    assert reading.answer.percent == Fraction("96.15384615384615384615")
    assert read("1/3") == Value(Answer("value_fraction", 1, 3, Fraction(100, 3)), doubts=("date",))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Kính gửi TCCB, HKL Đồng Văn: 45/60 hồ sơ", "HKL Đồng Văn"),
        ("Trạm thú y Mèo Vạc báo cáo 45/60", "Trạm thú y Mèo Vạc"),
        ("Trạm TT&BVTV Bắc Quang 45/60", "Trạm TT&BVTV Bắc Quang"),
        ("BQL Phong Quang - Tây Côn Lĩnh: 45/60", "BQL Phong Quang - Tây Côn Lĩnh"),
        ("Phòng Kế hoạch - Tài chính: 45/60", "Phòng Kế hoạch - Tài chính"),
        ("HKL Đồng Văn không phát sinh", "HKL Đồng Văn"),
        ("đơn vị em 45/60", None),
    ],
)
def test_the_unit_that_a_message_names_is_told(text: str, unit: str | None) -> None:
    reading = read(text, context=context())
    assert isinstance(reading, Value)
    assert reading.unit_named == unit


REPORTING = [unit for unit in roster.example().units if unit.id != "TCCB"]


@pytest.mark.parametrize("unit", REPORTING, ids=lambda unit: unit.id)
@pytest.mark.parametrize("written", ["{}: 45/60", "{} - 45/60", "{} báo cáo 45/60 hồ sơ"])
def test_every_unit_of_the_office_may_stand_before_its_figure(unit: Unit, written: str) -> None:
    for name in (unit.name, unit.name.lower(), unit.name.upper()):
        reading = read(written.format(name), context=context())
        assert isinstance(reading, Value), (name, reading)
        assert unit in roster.example().match(reading.unit_named or "").units, reading.unit_named


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("sửa 7 76%", "7 76%"),
        ("sửa", ""),
        ("em muốn sửa lại ạ", ""),
        ("sửa: NQ01.2", "NQ01.2"),
        ("xin lùi đến thứ 6", "đến thứ 6"),
        ("xin gia hạn đến 10/12", "đến 10/12"),
        ("đơn vị xin lùi hạn đến 15/12/2024", "đến 15/12/2024"),
    ],
)
def test_what_follows_a_command_is_kept_as_typed(text: str, rest: str) -> None:
    reading = read(text, context=context())
    assert isinstance(reading, Act)
    assert reading.rest == rest


# Rows.


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("NQ01.3", "NQ01.3"),
        ("nq 01.3", "NQ01.3"),
        ("NQ1.3", "NQ01.3"),
        ("NQ01 mục 3", "NQ01.3"),
        ("1.3", "NQ01.3"),
        ("I.3", "NQ01.3"),
        ("Ⅰ.3", "NQ01.3"),
        ("mục 3 phần 1", "NQ01.3"),
        ("mục 3, phần I", "NQ01.3"),
        ("3 mục I", "NQ01.3"),
        ("phần 1 mục 3", "NQ01.3"),
        ("MUC 3 PHAN 1", "NQ01.3"),
        ("chỉ tiêu 1.3", "NQ01.3"),
        ("6.1", "NQ01.6.1"),
        ("1.6.1", "NQ01.6.1"),
        ("1.6", "NQ01.6"),
        ("2.1", "NQ02.1"),
        ("2.10", "NQ02.10"),
        ("10", "NQ02.10"),
        ("4.1", "UBQG.1"),
        ("QĐ876.4", "QD876.4"),
        ("1", "NQ01.1 NQ02.1 QD876.1 UBQG.1"),
        ("6", "NQ01.6 NQ02.6 QD876.6"),
        ("thanh toán trực tuyến", "NQ01.2 NQ02.2"),
        ("thanh toan truc tuyen", "NQ01.2 NQ02.2"),
        ("tỷ lệ hồ sơ trực tuyến", "NQ01.3 NQ02.3"),
        ("số hóa", "NQ01.4 NQ02.4 NQ02.6"),
        ("PAKN", "NQ02.9 QD876.6"),
        ("xin lỗi", "QD876.3"),
        ("hài lòng", "NQ02.10"),
        ("2.11", ""),
        ("5.1", ""),
        ("NQ01.99", ""),
        ("45/60", ""),
        ("con mèo", ""),
        ("", ""),
    ],
)
def test_a_row_is_found_however_it_is_pointed_at(typed: str, codes: str) -> None:
    assert CATALOGUE is not None
    assert references(typed, CATALOGUE) == tuple(codes.split())


def test_one_measure_with_two_rows_is_one_meaning() -> None:
    assert read("thanh toán trực tuyến", Awaiting.INDICATOR, context()) == Mention(
        "indicator_ref", "thanh toán trực tuyến", ("NQ01.2", "NQ02.2")
    )
    reading = read("3", Awaiting.INDICATOR, context())
    assert isinstance(reading, Ask)
    assert reading.codes == ("NQ01.3", "NQ02.3", "QD876.3")


def test_a_number_is_never_a_row_while_a_value_is_awaited() -> None:
    assert read("1.3", Awaiting.VALUE, context()) == Value(Answer.of_percent(Fraction("1.3")))
    assert read("1.3", Awaiting.INDICATOR, context()) == Mention("indicator_ref", "1.3", ("NQ01.3",))


@pytest.mark.parametrize("awaiting", Awaiting)
def test_a_row_and_its_value_are_read_whatever_was_asked(awaiting: Awaiting) -> None:
    reading = read("NQ01.2 45/60", awaiting, context())
    assert reading == Value(Answer.fraction(45, 60), reference=reading.reference)  # type: ignore[union-attr]
    assert reading.reference == "NQ01.2"  # type: ignore[union-attr]


def test_a_row_that_could_be_several_is_asked_for_and_its_value_kept() -> None:
    reading = read("6: 50%", context=context())
    assert isinstance(reading, Ask)
    assert reading.codes == ("NQ01.6", "NQ02.6", "QD876.6")
    assert reading.choices == (Choice("answer.choice.percent", Answer.of_percent(Fraction(50))),)


def test_several_lines_are_each_read() -> None:
    reading = read("1.1: 80%\n1.2: 45/90\n2.6: kps\n1.3: khoảng 40%", context=context())
    assert isinstance(reading, Batch)
    assert reading.items[:3] == (
        Item("1.1", ("NQ01.1",), Value(Answer.of_percent(Fraction(80)))),
        Item("1.2", ("NQ01.2",), Value(Answer.fraction(45, 90))),
        Item("2.6", ("NQ02.6",), Value(Answer("na"))),
    )
    assert isinstance(reading.items[3].reading, Ask)


def test_without_a_catalogue_a_code_is_still_told_from_a_figure() -> None:
    assert read("NQ01.2 45/60") == Value(Answer.fraction(45, 60), reference="nq01.2") or read("NQ01.2 45/60") == Value(
        Answer.fraction(45, 60), reference="NQ01.2"
    )


# Units and persons.


def test_one_unit_is_found_and_several_are_offered() -> None:
    assert read("HKL Đồng Văn", Awaiting.UNIT, context()) == Mention("unit", "HKL Đồng Văn", ("HKL-DV",))
    reading = read("trạm Bắc Quang", Awaiting.UNIT, context())
    assert isinstance(reading, Ask)
    assert set(reading.codes) == {"CNTY-BQ", "BVTV-BQ"}


def test_without_an_office_a_unit_is_taken_as_typed() -> None:
    assert read("em ở HKL Đồng Văn ạ", Awaiting.UNIT, Context()) == Mention("unit", "HKL Đồng Văn ạ")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Lê Thị Đạt", "Lê Thị Đạt"),
        ("em tên là Nguyễn Văn An ạ", "Nguyễn Văn An"),
        ("Tôi là Vừ Mí Kẻ, HKL Mèo Vạc", "Vừ Mí Kẻ"),
        ("Họ và tên: Trần Thị Sửa", "Trần Thị Sửa"),
        ("Huy", "Huy"),
        ("nguyen van a", "nguyen van a"),
    ],
)
def test_a_name_is_kept_as_typed(typed: str, name: str) -> None:
    assert read(typed, Awaiting.NAME) == Mention("name", name)


# Bounds.


def test_a_message_too_long_is_refused_unread() -> None:
    assert read("1 " * 5_000) == Invalid("answer.too_long", "45/60", {"longest": str(LONGEST)})


def test_the_longest_of_lines_ends() -> None:
    lines = "\n".join(f"1.{row}: 45/60" for row in range(1, 9)) + "\n"
    reading = read((lines * 30)[:LONGEST], context=context())
    assert isinstance(reading, Batch)
    assert len(reading.items) <= 60


def test_texts_of_the_table_say_what_they_show() -> None:
    assert answer_families.unescaped(r"45\t60\u00a0\\") == "45\t60\u00a0\\"
    assert all(re.fullmatch("[VBCKUNI*-]", row["state"]) for row in answer_families._rows(answer_families.OWN))


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [
        ("xin chào", "greeting"),
        ("Chào bot ạ", "greeting"),
        ("cảm ơn em", "thanks"),
        ("cám ơn anh chị", "thanks"),
        ("tks", "thanks"),
        ("thank you", "thanks"),
        ("ok", "assent"),
        ("Đúng rồi ạ", "assent"),
        ("dạ vâng", "assent"),
        ("👍", "assent"),
        ("hủy", ""),
        ("không", ""),
        ("ít hồ sơ", ""),
    ],
)
def test_courtesy_is_told_from_what_says_more(text: str, courtesy: str) -> None:
    assert phrases.courtesy(text) == courtesy


def test_unknown_words_are_asked_about_unless_they_are_written_as_a_name() -> None:
    assert isinstance(read("45/60, tình hình mưa bão"), Ask)
    assert isinstance(read("45/60, Nguyễn Văn An"), Value)


def test_what_contradicts_itself_means_nothing() -> None:
    assert phrases.meaning(phrases.said("dung, sai", "đúng, sai")) == ""
