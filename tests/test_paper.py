"""What an office sends as its appendix (txt, docx, xlsx) as lines: paragraphs and rows of cells, letter for letter."""

import io
import warnings
from datetime import date, datetime

import openpyxl
import pytest
from docx import Document

from catalogue import paper
from catalogue.paper import LARGEST, LARGEST_UNPACKED, MOST_COLUMNS, MOST_PARTS, MOST_ROWS, Line, Refused
from tests.office_files import SHEET, STYLES, archive, parts, spoilt, workbook

DAMAGED = "Tệp {} bị hỏng hoặc có mật khẩu; đề nghị mở, lưu lại rồi gửi lại."


def refused(content: bytes, name: str) -> str:
    with pytest.raises(Refused) as told:
        paper.lines(content, name)
    return str(told.value)


def row(*cells: str, first: bool = False) -> Line:
    return Line(cells, table=True, first=first)


def docx() -> bytes:
    document = Document()
    document.add_paragraph("Phụ\u00a0lục ")
    for rows in ((("a", "b", "c"), ("d", "e", "f")), (("g", "h", "i"),)):
        table = document.add_table(rows=0, cols=3)
        for cells in rows:
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text
    document.tables[0].rows[1].cells[0].merge(document.tables[0].rows[1].cells[1])
    wide = document.add_table(rows=1, cols=MOST_COLUMNS + 1)
    wide.rows[0].cells[MOST_COLUMNS - 1].text = "x"
    wide.rows[0].cells[MOST_COLUMNS].text = "y"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# As text.


def test_lines_of_a_text_are_paragraphs_or_cells_between_tabs_or_bars() -> None:
    text = "Phụ lục\n\n|X|b|\n| c | |\n\na\tb\n-\nc\td\n\nGhi chú\nd\te\n" + "\t".join("f" * (MOST_COLUMNS + 1))
    assert paper.lines(text.encode(), "phu.luc.TSV") == (
        Line(("Phụ lục",)),
        row("X", "b", first=True),
        row("c", ""),
        row("a", "b"),
        Line(("-",)),
        row("c", "d", first=True),
        Line(("Ghi chú",)),
        row("d", "e", first=True),
        row(*"f" * MOST_COLUMNS),
    )


def test_a_text_may_begin_with_a_table_in_either_order_of_bytes() -> None:
    for content in (
        b"\xef\xbb\xbfa\tb",
        b"\xff\xfe" + "a\tb".encode("utf-16-le"),
        b"\xfe\xff" + "a\tb".encode("utf-16-be"),
    ):
        assert paper.lines(content, "a.txt") == (row("a", "b", first=True),)


def test_letters_are_composed_and_what_can_not_be_seen_is_gone() -> None:
    assert paper.tidy(" Ph\u200bu\u0323\u00a0 lu\u0323c\x07số ") == "Phụ lục số"


def test_as_many_lines_as_may_be_are_read() -> None:
    assert len(paper.lines(b"1\tx\n\n" * MOST_ROWS, "a.txt")) == MOST_ROWS
    assert refused(b"1\tx\n" * (MOST_ROWS + 1), "a.txt") == "Tệp a.txt có quá 2000 dòng; đề nghị gửi riêng phụ lục."


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b" " * (LARGEST + 1), "a.txt", "Tệp a.txt lớn hơn 10 MB; đề nghị gửi riêng phụ lục."),
        (b" " * LARGEST, "a.pdf", "Không đọc được loại tệp a.pdf; đề nghị lưu thành txt, docx hoặc xlsx."),
        (b"Ch\xec ti\xeau", "a.txt", "Tệp a.txt không phải chữ UTF-8; đề nghị lưu lại với mã UTF-8."),
        (b"a\0b", "a.txt", "Tệp a.txt không phải văn bản; đề nghị lưu thành txt, docx hoặc xlsx."),
    ],
)
def test_what_is_no_text_is_refused_and_told_why(content: bytes, name: str, told: str) -> None:
    assert refused(content, name) == told


# As documents and workbooks.


def test_every_table_of_a_document_begins_with_its_first_row() -> None:
    assert paper.lines(docx(), "a.docx") == (
        Line(("Phụ lục",)),
        row("a", "b", "c", first=True),
        row("d e", "", "f"),
        row("g", "h", "i", first=True),
        row(*[""] * (MOST_COLUMNS - 1), "x", first=True),
    )


def test_every_sheet_of_a_workbook_is_read_as_it_shows_its_values() -> None:
    wide = [[*[None] * (MOST_COLUMNS - 1), "x", "y"]]
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet()
    for cells in (
        ["Phụ lục"],
        ["a", "b"],
        [None, "đoạn"],
        [1, 2.50],
        [date(2025, 12, 1), datetime.fromisoformat("2025-12-10 08:00")],
        [0.75, 2.1],
        [True, 0.5],
        ["=1+1", None],
    ):
        first.append(cells)
    first["A6"].number_format, first["B6"].number_format, first["B7"].number_format = "0%", "0.00", "#,##0.0"
    for cells in ([None, "c", "d"], *wide):
        second.append(cells)
    out = io.BytesIO()
    book.save(out)
    found = paper.lines(out.getvalue(), "a.xlsx")
    assert [tuple(filter(None, line.cells)) for line in found] == [
        ("Phụ lục",),
        ("a", "b"),
        ("đoạn",),
        ("1", "2.5"),
        ("01/12/2025", "10/12/2025"),
        ("75%", "2.10"),
        ("True", "0.5"),
        ("c", "d"),
        ("x",),
    ]
    assert found[2].cells == ("đoạn",) and found[-1].cells == ("x",)
    assert found[7].cells[:3] == ("", "c", "d")
    assert [line.first for line in found] == [False, True, False, False, False, False, False, True, False]
    assert [line.table for line in found] == [False, True, False, True, True, True, True, True, False]


def test_a_sheet_that_is_too_long_is_refused() -> None:
    rows: list[list[object]] = [["1", "x"]] * (MOST_ROWS + 1)
    assert refused(workbook(rows), "a.xlsx") == "Tệp a.xlsx có quá 2000 dòng; đề nghị gửi riêng phụ lục."


def test_blank_rows_and_a_wrong_extent_lose_no_row() -> None:
    blank: list[list[object]] = [[]] * 1000
    filled: list[list[object]] = [["1", "x"]] * MOST_ROWS
    book = spoilt(workbook([*blank, *filled]), SHEET, b"<sheetData>", b'<dimension ref="A1"/><sheetData>')
    assert len(paper.lines(book, "a.xlsx")) == MOST_ROWS
    assert "quá 2000 dòng" in refused(workbook([*blank, *filled, ["1", "x"]]), "a.xlsx")


def test_what_the_library_leaves_out_of_a_workbook_is_no_fault_of_it() -> None:
    book = spoilt(workbook([["a", "b"]]), STYLES, b"cellStyles", b"otherStyles")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [line.text for line in paper.lines(book, "a.xlsx")] == ["a b"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04", "a.docx"),
        (b"PK\x03\x04", "a.xlsx"),
        (archive({"a.xml": b""}), "a.docx"),
        (archive({"a.xml": b""}), "a.xlsx"),
        (archive({f"{n}.xml": b"" for n in range(MOST_PARTS)}), "a.xlsx"),
        (archive({"a.xml": b" " * LARGEST_UNPACKED}), "a.docx"),
    ],
)
def test_a_damaged_file_is_refused(content: bytes, name: str) -> None:
    assert refused(content, name) == DAMAGED.format(name)


@pytest.mark.parametrize(
    "content",
    [
        archive({f"{n}.xml": b"" for n in range(MOST_PARTS + 1)}),
        archive({"a.xml": b" " * LARGEST_UNPACKED, "b.xml": b" "}),
    ],
)
def test_what_unpacks_to_too_much_is_refused(content: bytes) -> None:
    assert refused(content, "a.xlsx") == "Tệp a.xlsx giải nén ra quá lớn; đề nghị gửi riêng phụ lục."


@pytest.mark.parametrize(("part", "coding"), [("word/document.xml", "utf-16"), ("_rels/.rels", "utf-8")])
def test_a_document_type_in_an_otherwise_sound_document_is_refused(part: str, coding: str) -> None:
    sound = parts(docx())
    _, head, body = sound[part].decode().partition("?>")
    assert head, part
    text = f'<?xml version="1.0" encoding="{coding}"?><!DOCTYPE x [<!ENTITY a "b">]>{body}'
    assert refused(archive({**sound, part: text.encode(coding)}), "a.docx") == DAMAGED.format("a.docx")


def test_only_parts_that_are_parsed_are_looked_through_for_a_document_type() -> None:
    assert paper.lines(archive({**parts(docx()), "word/media/a.svg": b"<!DOCTYPE svg>"}), "a.docx")
