"""Rows and units as they are pointed at, beside the table of answers: what is handed on, and what is left alone."""

from dataclasses import replace

import pytest

from catalogue import load, pointing, rows
from catalogue.answer import Act, Ask, Awaiting, Batch, Context, Invalid, Mention, Value, read, references
from catalogue.reading import Reading, choice
from catalogue.text import Typed
from tests.answer_families import context, told

CONTEXT = context()
CATALOGUE = load.all()["2024-qd55"]
ROWS = rows.rows_of(CATALOGUE)
NO_CATALOGUE = Context()


@pytest.mark.parametrize(
    ("text", "row", "figure"),
    [
        ("1.3= 50%", "1.3", "50 %"),
        ("thanh toán trực tuyến:45/60", "thanh toán trực tuyến", "45/60"),
        ("cấp kết quả: 45/60", "cấp kết quả", "45/60"),
    ],
)
def test_a_row_and_its_figure_are_told_apart(text: str, row: str, figure: str) -> None:
    reading = read(text, Awaiting.VALUE, CONTEXT)
    assert isinstance(reading, Value)
    assert (reading.reference, told(choice(reading.answer))) == (row, figure)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("6: đạt", "6"),
        ("thanh toán trực tuyến: 60/45", "thanh toán trực tuyến"),
        ("thanh toán trực tuyến: 80% (nguồn: Cổng)", "thanh toán trực tuyến"),
    ],
)
def test_what_is_wrong_with_a_figure_is_said_of_its_row(text: str, row: str) -> None:
    reading = read(text, Awaiting.VALUE, CONTEXT)
    assert isinstance(reading, Ask | Invalid)
    assert reading.reference == row


def figure(typed: Typed, given: Context) -> Reading:
    assert given is CONTEXT
    return read(typed.shown, Awaiting.VALUE, given)


@pytest.mark.parametrize("text", ["6:5/7", "nghị định số 61/2018: 45/60", "kết quả giải quyết TTHC: 45/60"])
def test_what_may_be_no_row_or_two_measures_is_none(text: str) -> None:
    assert pointing.row_and_value(Typed.of(text), CONTEXT, figure) is None


def test_what_is_said_of_a_row_is_read_in_the_same_context() -> None:
    assert isinstance(pointing.row_and_value(Typed.of("NQ01.3: 45/60"), CONTEXT, figure), Value)
    assert pointing.row_and_value(Typed.of("NQ01.3: 45/60"), CONTEXT, lambda typed, given: Act("other")) is None


def test_a_line_without_a_row_stands_among_the_others() -> None:
    batch = pointing.lines(Typed.of("* NQ01.3: 45/60\nKhó khăn 5 hồ sơ\n* NQ01.4: 50%"), CONTEXT, figure)
    assert isinstance(batch, Batch)
    assert [(item.reference, item.codes, item.text) for item in batch.items] == [
        ("NQ01.3", ("NQ01.3",), ""),
        ("", (), "Khó khăn 5 hồ sơ"),
        ("NQ01.4", ("NQ01.4",), ""),
    ]
    assert batch.items[1].reading == figure(Typed.of("Khó khăn 5 hồ sơ"), CONTEXT)


def test_as_many_lines_are_read_as_are_allowed() -> None:
    text = "\n".join(["NQ01.3: 45/60"] * pointing.MOST_LINES)
    batch = pointing.lines(Typed.of(text), CONTEXT, figure)
    assert isinstance(batch, Batch)
    assert len(batch.items) == pointing.MOST_LINES
    assert {item.reading for item in batch.items} == {figure(Typed.of("45/60"), CONTEXT)}


def test_a_code_is_a_row_without_a_catalogue_too() -> None:
    assert pointing.row_alone(Typed.of("NQ01.3"), NO_CATALOGUE) == Mention("indicator_ref", "NQ01.3", ())


# Units.


@pytest.mark.parametrize("text", ["Sở NN", "sở nông nghiệp", "Sở NN & MT", "Sở NN&MT", "Sở Nông nghiệp - Môi trường"])
def test_the_whole_department_is_no_unit(text: str) -> None:
    assert pointing.unit(Typed.of(text), CONTEXT) == Invalid("answer.whole_department", "HKL Đồng Văn", {"text": text})


def test_a_unit_is_named_without_the_signs_around_it() -> None:
    assert pointing.unit(Typed.of("Em ở CCKL."), CONTEXT) == Mention("unit", "CCKL", ("CCKL",))


@pytest.mark.parametrize("given", [CONTEXT, NO_CATALOGUE])
@pytest.mark.parametrize("text", ["xin chào", "Đã gửi"])
def test_what_means_something_else_is_no_unit(text: str, given: Context) -> None:
    assert pointing.unit(Typed.of(text), given) == Act("other")


# Rows.


@pytest.mark.parametrize(
    ("text", "section"), [("iii", "3"), ("phan 2", "2"), ("phan ii", "2"), ("bang 4", "4"), ("nq 01", "1")]
)
def test_a_section_is_all_its_rows(text: str, section: str) -> None:
    assert ROWS.of_section(text) == tuple(leaf.code for leaf in ROWS.leaves if leaf.section == section)


@pytest.mark.parametrize(
    ("text", "codes"), [("lòng dân", "NQ02.10"), ("mạng", ""), ("giao", ""), ("đồng bộ", "NQ01.5 NQ02.8")]
)
def test_words_of_a_name_find_it_unless_they_are_too_short(text: str, codes: str) -> None:
    assert ROWS.named(text) == tuple(codes.split())


def test_five_letters_are_enough() -> None:
    assert ROWS.named("trong") == ("NQ02.10", "QD876.2", "QD876.3", "QD876.4")


def test_the_words_of_a_name_in_another_order_find_it() -> None:
    row = replace(ROWS.leaves[0], name="Chất lượng phục vụ", parent=None)
    assert rows.Rows((row,)).named("phục vụ chất lượng") == (row.code,)


def test_what_means_something_else_is_no_row() -> None:
    assert ROWS.named("Đính chính")
    assert pointing.indicator(Typed.of("Đính chính"), CONTEXT) is None


def test_signs_around_a_reference_are_no_part_of_it() -> None:
    assert references("6.1.;", CATALOGUE) == ("NQ01.6.1",)


def test_rows_are_kept_for_a_few_catalogues() -> None:
    assert rows.rows_of(CATALOGUE) is rows.rows_of(CATALOGUE)
    others = [replace(CATALOGUE) for _ in range(2 * rows.MOST_KEPT)]
    assert all(rows.rows_of(one).leaves == ROWS.leaves for one in others)
    assert len(rows._KEPT) <= rows.MOST_KEPT


# Units.


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("HKL Mèo Vạc 45/60", ["HKL Mèo Vạc"]),
        ("45/60 (HKL-MV)", ["HKL-MV"]),
        ("HKL Mèo Vạc: 45/60\nHKL Đồng Văn: 30/50", ["HKL Mèo Vạc", "HKL Đồng Văn"]),
        ("Kính gửi phòng TCCB\nTrạm Bắc Quang: 45/60", ["Trạm Bắc Quang"]),
        ("gửi anh chị phòng TCCB, trạm Bắc Quang 45/60", ["trạm Bắc Quang"]),
        ("cho chi cục kiểm lâm 45/60", []),
        ("45/60 hồ sơ", []),
        ("", []),
    ],
)
def test_units_are_named_as_typed_unless_the_message_is_for_them(text: str, units: list[str]) -> None:
    assert pointing.units_named(text) == tuple(units)
