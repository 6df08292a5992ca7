"""Lists that an office keeps, as programs write them: read by field, or refused with the line and what to do."""

import warnings

import pytest

from catalogue import listing
from catalogue.listing import BEYOND, MOST_ROWS, MOST_TITLES, Columns, Row
from catalogue.load import Faults
from tests.office_files import SHEET, STYLES, spoilt, workbook

COLUMNS = Columns(
    headings={"id": ("id", "ma"), "name": ("name", "ten"), "type": ("type", "loai"), "note": ("ghi chu",)},
    required={"id": "id (mã)", "name": "name (tên)", "type": "type (loại)"},
    known_by=frozenset({"id", "name"}),
    rows="đơn vị",
)
HEAD = "id,name,type\n"
NO_HEADINGS = "không thấy dòng tiêu đề; đề nghị có ít nhất các cột id (mã), name (tên), type (loại)"
NO_WORKBOOK = "tệp không phải là bảng tính .xlsx; đề nghị mở bằng Excel và lưu lại"
QUOTES = "dấu ngoặc kép không khớp; đề nghị mở bằng Excel và lưu lại"
LETTERS = "tệp không đọc được; đề nghị lưu lại dạng .xlsx hoặc “CSV UTF-8”"
BEYOND_ALL = "có ô không nằm dưới tiêu đề nào; đề nghị đặt trong ngoặc kép ô nào có dấu phân cách"
LONGEST = {"id": 3, "name": 5, "type": 5}


def read(data: str | bytes, name: str = "ds.csv") -> list[Row]:
    return listing.read(name, data.encode() if isinstance(data, str) else data, COLUMNS)


def faults(data: str | bytes, name: str = "ds.csv") -> list[str]:
    with pytest.raises(Faults) as caught:
        read(data, name)
    return [str(fault) for fault in caught.value.faults]


def row(id: str, name: str, type: str, note: str = "", beyond: str = "") -> dict[str, str]:
    return {"id": id, "name": name, "type": type, "note": note, BEYOND: beyond}


@pytest.mark.parametrize(
    "data",
    [
        HEAD + "A,Phòng A,phong\n",
        "sep=;\n" + (HEAD + "A,Phòng A,phong\n").replace(",", ";"),
        " \n" + (HEAD + "A,Phòng A,phong\n").replace(",", "\t"),
        "\n" + HEAD + "A,Phòng A,phong,,\n",
        (HEAD + "A,Phòng A,phong\n").replace("\n", "\r"),
        (HEAD + "A,Phòng A,phong\n").encode("utf-16-le").join((b"\xff\xfe", b"")),
        (HEAD + "A,Phòng A,phong\n").encode("utf-16-be").join((b"\xfe\xff", b"")),
        "Mã,Tên,Loại\nA,Phòng A,phong\n".encode("utf-8-sig"),
    ],
)
def test_a_csv_file_is_read_as_programs_write_it(data: str | bytes) -> None:
    assert [cells for _, cells in read(data)] == [row("A", "Phòng A", "phong")]


def test_a_line_is_where_its_row_begins_however_lines_end() -> None:
    text = 'Danh sách\r\nid,name,type,ghi chú\r\nA,Phòng A,phong,"một\r\nhai"\r\n\r\nB,Phòng B,phong\r\n'
    assert read(text) == [(3, row("A", "Phòng A", "phong", "một\nhai")), (6, row("B", "Phòng B", "phong"))]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", [f"1: {NO_HEADINGS}"]),
        ("idXnameXtype\nAXBXC\n", [f"1: {NO_HEADINGS}"]),
        ("\n" * MOST_TITLES + HEAD + "A,B,C\n", [f"1: {NO_HEADINGS}"]),
        ("\n" + HEAD + "\n", ["2: danh sách không có đơn vị nào"]),
        (HEAD + "A,B,C\n" * (MOST_ROWS + 1), ["5002: danh sách dài quá 5000 đơn vị"]),
        ('"id', [f"1: {QUOTES}"]),
        (HEAD + 'A,"B\nC,D,E\n', [f"2: {QUOTES}"]),
        (b"id,name,type\nA,Ph\xf2ng\n", [f"1: {LETTERS}"]),
        (b"\xff\xfe\x00", [f"1: {LETTERS}"]),
        ("\nid,name\nA,B\n", ["2: thiếu cột type (loại)"]),
        (
            "\nid,ten,name,parnt\nA,B,C,D\n",
            [
                "2: không rõ cột “parnt” là gì; đề nghị đổi tên hoặc xóa cột",
                "2: có hai cột name; đề nghị bỏ bớt một cột",
                "2: thiếu cột type (loại)",
            ],
        ),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(data: str | bytes, told: list[str]) -> None:
    assert faults(data) == [f"ds.csv, dòng {one}" for one in told]


def test_headings_stand_as_low_as_titles_may_reach_and_a_list_is_as_long_as_it_may_be() -> None:
    assert len(read("\n" * (MOST_TITLES - 1) + HEAD + "A,B,C\n" * MOST_ROWS)) == MOST_ROWS


def test_what_is_wrong_in_a_row_is_told_with_the_name_of_its_column() -> None:
    rows = read(HEAD + "A,Anh,a,thừa\nABCD,,a\nABC,Bốn bốn,a\n,Năm,a,,\nABC,Phòng,phong\n")
    assert list(listing.malformed(rows, COLUMNS, LONGEST)) == [
        (2, BEYOND_ALL),
        (3, "cột id (mã) dài quá 3 ký tự"),
        (3, "cột name (tên) để trống"),
        (4, "cột name (tên) dài quá 5 ký tự"),
        (5, "cột id (mã) để trống"),
    ]


def test_the_same_in_two_rows_is_told_at_the_second_with_the_line_of_the_first() -> None:
    rows = read(HEAD + "A,Anh,x\nB,anh,x\nC,Anh,y\nD,,x\nE,,x\n")
    assert list(listing.twice(rows, ("name", "type"), "“{}” như dòng {}")) == [(3, "“anh” như dòng 2")]


def test_faults_are_refused_in_the_order_of_their_lines() -> None:
    with pytest.raises(Faults) as caught:
        listing.refuse("ds.csv", [(10, "hai"), (9, "một")])
    assert [str(fault) for fault in caught.value.faults] == ["ds.csv, dòng 9: một", "ds.csv, dòng 10: hai"]
    listing.refuse("ds.csv", [])


# Workbooks.


def test_a_workbook_is_read_by_the_lines_that_it_shows() -> None:
    book = workbook([["Danh sách"], ["id", "name", "type"], ["A", "Phòng A", 7], [], ["B", "=1+1", 7.5]])
    book = spoilt(book, SHEET, b"<v>7</v>", b"<v>7.0</v>")
    assert read(book, "ds.XLSX") == [(3, row("A", "Phòng A", "7")), (5, row("B", "", "7.5"))]


def test_of_several_sheets_the_first_with_the_headings_is_read() -> None:
    head = ["id", "name", "type"]
    book = workbook([["Bìa"]], [head, ["A", "Phòng", "phong"]], [head, ["B", "Phòng", "phong"]])
    assert read(book, "ds.xlsx") == [(2, row("A", "Phòng", "phong"))]


def test_a_workbook_longer_than_a_list_may_be_is_refused_however_low_its_headings() -> None:
    titles = [[f"Dòng {n}"] for n in range(1, MOST_TITLES)]
    book = workbook([*titles, ["id", "name", "type"], *[["A", "B", "C"]] * (MOST_ROWS + 1)])
    assert faults(book, "ds.xlsx") == ["ds.xlsx, dòng 5021: danh sách dài quá 5000 đơn vị"]


@pytest.mark.parametrize(
    ("data", "told"), [(b"PK\x03\x04", NO_WORKBOOK), (workbook([["a", "b"]]), NO_HEADINGS), (workbook([]), NO_HEADINGS)]
)
def test_a_workbook_that_holds_no_list_is_refused(data: bytes, told: str) -> None:
    assert faults(data, "ds.xlsx") == [f"ds.xlsx, dòng 1: {told}"]


def test_blank_rows_lose_no_row() -> None:
    head, blank = ["id", "name", "type"], [[]] * 1000
    assert len(read(workbook([head, *blank, *[["A", "B", "C"]] * MOST_ROWS]), "ds.xlsx")) == MOST_ROWS
    long = workbook([head, *blank, *[["A", "B", "C"]] * (MOST_ROWS + 1)])
    assert faults(long, "ds.xlsx") == ["ds.xlsx, dòng 6002: danh sách dài quá 5000 đơn vị"]


def test_what_the_library_leaves_out_of_a_workbook_is_no_fault_of_it() -> None:
    book = workbook([["id", "name", "type"], ["A", "Phòng A", "phong"]])
    book = spoilt(book, STYLES, b"cellStyles", b"otherStyles")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(book, "ds.xlsx") == [(2, row("A", "Phòng A", "phong"))]
