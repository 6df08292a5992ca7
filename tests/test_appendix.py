"""An appendix as received, with all its defects, becomes a draft catalogue that can be loaded."""

from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from catalogue import appendix, load
from catalogue.appendix import Draft, Refused
from catalogue.model import Catalogue
from catalogue.paper import LARGEST, LARGEST_UNPACKED
from tests.office_files import archive, parts

SOURCE = Path(__file__).parents[1] / ".." / "shared" / "source" / "phu-luc-01-qd-55-qd-snn-tccb.txt"
HEADER = [
    "TT",
    "Chỉ tiêu",
    "Đơn vị tính",
    "Chỉ tiêu năm 2025",
    "Cơ quan, đơn vị chủ trì thực hiện",
    "Cơ quan chủ trì đánh giá",
]
ALL, TCCB = "Các cơ quan, đơn vị", "Phòng Tổ chức cán bộ Sở"
TITLE = "Chỉ tiêu cải cách hành chính giao năm 2025"
DECISION = "(Kèm theo Quyết định số 12/QĐ-SNN ngày 20/01/2025; hạn gửi số liệu ngày 05/12/2025)"
ROWS = [
    ["1", "Tỷ lệ hồ sơ trực tuyến trên tổng số hồ sơ tiếp nhận.", "%", "Tối thiểu 60", ALL, TCCB],
    ["2", "Xử lý văn bản trên môi trường mạng", "", "", "", ""],
    ["2.1", "Đối với đơn vị trực thuộc Sở", "%", "100", ALL, TCCB],
    ["2.10", "Đối với đơn vị trực thuộc các Chi cục", "%", "≥ 95", "Các Hạt, Trạm", "Văn phòng Sở"],
]
TEXT = "\n".join(
    [
        "PHỤ LỤC",
        TITLE,
        DECISION,
        "I. Nghị quyết 03/NQ-CP ngày 09/01/2025",
        "\t".join(HEADER),
        "-----\t-----\t-----\t-----\t-----\t-----",
        "",
        *("\t".join(row) for row in ROWS),
    ]
)


def drafted(text: str, name: str = "phu-luc.txt") -> Draft:
    return appendix.draft(text.encode(), name)


def printed(draft: Draft) -> list[list[str]]:
    return [
        [row.printed, row.name, row.unit, row.target.raw if row.target else "", row.lead, row.evaluator]
        for row in draft.indicators
    ]


def loaded(draft: Draft, folder: Path) -> Catalogue:
    draft.write(folder)
    return load.read(folder)


# The received appendix.


def received() -> Draft:
    return appendix.draft(SOURCE.read_bytes(), SOURCE.name)


@pytest.mark.skipif(not SOURCE.exists(), reason="the received appendix is not here")
class TestReceived:
    def test_control_totals(self) -> None:
        draft = received()
        assert (len(draft.indicators), len(draft.leaves), len(draft.measures)) == (27, 26, 20)
        assert [sum(row.section == section.number for row in draft.leaves) for section in draft.sections] == [
            8,
            10,
            7,
            1,
        ]
        raws = [row.target.raw for row in draft.leaves if row.target]
        assert (sum(raw.startswith("Tối thiểu") for raw in raws), sum(raw.isdigit() for raw in raws)) == (11, 15)

    def test_says_what_the_packaged_catalogue_says(self) -> None:
        draft, own = received(), load.all()["2024-qd55"]
        assert printed(draft) == [
            [row.printed, row.name, row.unit, row.target.raw if row.target else "", row.lead, row.evaluator]
            for row in own.indicators
        ]
        assert [(row.code, row.parent) for row in draft.indicators] == [
            (row.code, row.parent) for row in own.indicators
        ]
        assert [(section.number, section.title) for section in draft.sections] == [
            (section.number, section.title) for section in own.sections
        ]
        assert (draft.title, draft.deadline) == (own.title, "10/12")

    def test_repeated_rows_share_a_measure_although_their_letters_differ(self) -> None:
        draft, own = received(), load.all()["2024-qd55"]
        mine = [{row.code for row in draft.leaves if row.measure == m.code} for m in draft.measures]
        theirs = [{row.code for row in rows} for rows in own.judging.values()]
        assert sorted(map(sorted, mine)) == sorted(map(sorted, theirs))

    def test_the_clerk_is_told_of_every_defect(self) -> None:
        told = "\n".join(received().problems)
        for defect in ("bị ngắt", "số 6 in ở 2 dòng", "in hai lần", "ngoặc kép", "phần 4: tiêu đề", "số trần", "tử số"):
            assert defect in told

    def test_the_draft_can_be_loaded(self, tmp_path: Path) -> None:
        draft = received()
        catalogue = loaded(draft, tmp_path / "2024-nhap")
        assert [row.code for row in catalogue.indicators] == [row.code for row in draft.indicators]
        assert catalogue.deadline == (10, 12)


# The same table in every kind of file.


def as_docx(headings: bool = True) -> bytes:
    paper = Document()
    for text in ("PHỤ LỤC", TITLE, DECISION, f"{'I. ' if headings else ''}Nghị quyết 03/NQ-CP ngày 09/01/2025"):
        paper.add_paragraph(text)
    table = paper.add_table(rows=0, cols=6)
    for row in (HEADER, *ROWS):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    heading = table.rows[2].cells
    heading[1].merge(heading[5])
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def as_xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for text in ("PHỤ LỤC", TITLE, DECISION, "I. Nghị quyết 03/NQ-CP ngày 09/01/2025"):
        sheet.append([text])
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
    sheet["A6"], sheet["A8"], sheet["A9"] = 1, 2.1, 2.1
    sheet["A9"].number_format = "0.00"
    sheet["D8"] = 100
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT.encode(), "phu-luc.txt"),
        (TEXT.replace("\n", "\r\n").encode("utf-16"), "phu-luc.TXT"),
        (as_docx(), "phu-luc.docx"),
        (as_docx(headings=False), "phu-luc.docx"),
        (as_xlsx(), "phu-luc.xlsx"),
    ],
    ids=["txt", "utf-16", "docx", "docx numbered by Word", "xlsx"],
)
def test_every_kind_of_file_says_the_same(content: bytes, name: str, tmp_path: Path) -> None:
    draft = appendix.draft(content, name)
    assert printed(draft) == ROWS
    assert [row.code for row in draft.indicators] == ["NQ03.1", "NQ03.2H", "NQ03.2.1", "NQ03.2.10"]
    assert [row.parent for row in draft.indicators] == [None, None, "NQ03.2H", "NQ03.2H"]
    assert (draft.title, draft.deadline) == (TITLE, "05/12")
    assert draft.decision.startswith("Quyết định số 12/QĐ-SNN ngày 20/01/2025")
    assert [section.title for section in draft.sections] == ["Nghị quyết 03/NQ-CP ngày 09/01/2025"]
    catalogue = loaded(draft, tmp_path / "nhap")
    assert catalogue.deadline == catalogue.evaluation == (5, 12)
    assert [row.target and row.target.op for row in catalogue.leaves] == [">=", ">=", ">="]


def test_a_text_table_between_bars_is_read() -> None:
    lines = ["1. Nghị quyết 03/NQ-CP ngày 09/01/2025", *("| " + " | ".join(row) + " |" for row in (HEADER, *ROWS))]
    assert printed(drafted("\n".join(lines), "phu-luc.md")) == ROWS


def test_other_columns_sections_inside_the_table_and_a_heading_with_a_target(tmp_path: Path) -> None:
    rows = [
        ["TT", "Chỉ tiêu", "Đơn vị", "Kết quả", "Cơ quan chủ trì theo dõi, đánh giá"],
        ["I", "Hạ tầng số", "", "", ""],
        ["11", "Chính phủ số", "", "", ""],
        ["11.1", "Hồ sơ trực tuyến", "%", "90", "Văn phòng Sở"],
        ["11.10", "Xử lý văn bản, hồ sơ công việc", "%", "100", "Văn phòng Sở"],
        ["II", "Nhân lực", "", "", ""],
        ["23", "Hạ tầng số", "", "Tiên tiến, hiện đại", ""],
        ["23.1", "Trung tâm dữ liệu", "trung tâm", "≥ 03", "Văn phòng Sở"],
        ["24", "Trình độ công nghệ", "", "", "Văn phòng Sở"],
    ]
    draft = drafted("\n".join(["Phụ lục", "Chỉ tiêu 2025", *("\t".join(row) for row in rows)]))
    catalogue = loaded(draft, tmp_path / "nhap")
    assert [(section.number, section.title) for section in catalogue.sections] == [
        ("I", "Hạ tầng số"),
        ("II", "Nhân lực"),
    ]
    assert [(row.printed, row.measure is None) for row in catalogue.indicators] == [
        ("11", True),
        ("11.1", False),
        ("11.10", False),
        ("23", True),
        ("23.1", False),
        ("24", False),
    ]
    heading, unsaid = catalogue.indicators[3], catalogue.indicators[5]
    assert heading.target and heading.target.raw == "Tiên tiến, hiện đại"
    assert unsaid.target and unsaid.target.raw == "Không ghi" and unsaid.target.op == "judged"
    assert "dòng không ghi chỉ tiêu" in "\n".join(draft.problems)


def test_a_broken_row_is_joined_across_a_blank_line_and_lines_outside_tables_are_told() -> None:
    first, *rest = ROWS
    cut = ["1", "Tỷ lệ hồ sơ trực tuyến trên", "%", "Tối thiểu 60", ALL, "Phòng Tổ chức cán bộ"]
    more = ["", "tổng số hồ sơ tiếp nhận.", "", "", "", "Sở"]
    head, _, _ = TEXT.partition("\t".join(first))
    tail = "\n".join("\t".join(row) for row in rest)
    draft = drafted(head + "\t".join(cut) + "\n\n" + "\t".join(more) + "\n" + tail + "\nGhi chú: số liệu tạm tính")
    assert printed(draft) == ROWS
    assert "bị ngắt" in draft.problems[0] and "Ghi chú" in draft.problems[1]


DRAFTED = Path(__file__).parent / "data" / "drafted"


def test_a_whole_appendix_is_written_letter_for_letter(tmp_path: Path) -> None:
    """With whatever may be odd in one, and what the clerk is told of it."""
    folder = tmp_path / "nhiều" / "tầng"
    draft = appendix.draft((DRAFTED / "appendix.txt").read_bytes(), "appendix.txt")
    draft.write(folder)
    for name in (load.ROWS, load.PLAN):
        assert (folder / name).read_bytes() == (DRAFTED / name).read_bytes()
    catalogue = load.read(folder)
    assert [row.order for row in draft.indicators] == [row.order for row in catalogue.indicators]
    assert [row.target is None for row in draft.indicators] == [row.target is None for row in catalogue.indicators]
    kinds = [(row.target.kind, row.target.unit) for row in draft.indicators if row.target]
    assert kinds == [(row.target.kind, row.target.unit) for row in catalogue.indicators if row.target]


@pytest.mark.parametrize(("length", "told"), [(500, True), (501, False)])
def test_a_repeated_phrase_is_looked_for_in_so_much_of_a_row(length: int, told: bool) -> None:
    twice = " một hai ba một hai ba"
    name = "x" * (length - len("P1.1: ") - len(twice)) + twice
    draft = drafted("\n".join("\t".join(row) for row in (HEADER, ["1", name, "%", "1", "", ""])))
    assert draft.indicators[0].code == "P1.1"
    assert any("in hai lần" in problem for problem in draft.problems) == told


def test_a_table_without_a_heading_is_headed_by_what_stands_above_it() -> None:
    table = "\n".join("\t".join(row) for row in (HEADER, ROWS[0]))
    for above, title in (
        (["Phụ lục", "Chỉ tiêu năm 2025", "(Kèm theo Quyết định số 1)"], "Chỉ tiêu năm 2025"),
        (["Chỉ tiêu năm 2025", "Hạ tầng số"], "Hạ tầng số"),
        ([], "Phụ lục"),
    ):
        assert [section.title for section in drafted("\n".join([*above, table])).sections] == [title]


# What is refused.


def replaced(content: bytes, part: str, new: bytes) -> bytes:
    return archive({**parts(content), part: new})


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><w>&a;</w>'


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7", "phu-luc.pdf", "txt, docx hoặc xlsx"),
        (b"\xd0\xcf\x11\xe0", "phu-luc.doc", "txt, docx hoặc xlsx"),
        (b"", "", "txt, docx hoặc xlsx"),
        (b"STT\tCh\xec ti\xeau", "phu-luc.txt", "UTF-8"),
        (b"\0\0\0\t\0", "phu-luc.txt", "không phải văn bản"),
        (b"", "phu-luc.txt", "Không thấy bảng chỉ tiêu"),
        (b"xin ch\xc3\xa0o", "phu-luc.txt", "Không thấy bảng chỉ tiêu"),
        (b"not a zip", "phu-luc.docx", "bị hỏng"),
        (b"not a zip", "phu-luc.xlsx", "bị hỏng"),
        (archive({"a.txt": b"x"}), "phu-luc.docx", "bị hỏng"),
        (archive({"a.txt": b"x"}), "phu-luc.xlsx", "bị hỏng"),
        (as_docx()[:-200], "phu-luc.docx", "bị hỏng"),
        (replaced(as_docx(), "word/document.xml", ENTITIES), "phu-luc.docx", "bị hỏng"),
        (replaced(as_xlsx(), "xl/worksheets/sheet1.xml", ENTITIES), "phu-luc.xlsx", "bị hỏng"),
        (replaced(as_docx(), "word/document.xml", ENTITIES.decode().encode("utf-16")), "phu-luc.docx", "bị hỏng"),
        (replaced(as_xlsx(), "xl/worksheets/sheet1.xml", b"<worksheet"), "phu-luc.xlsx", "bị hỏng"),
        (archive({"xl/x.xml": b" " * (LARGEST_UNPACKED + 1)}), "phu-luc.xlsx", "quá lớn"),
        (archive({f"{n}.xml": b"" for n in range(1_001)}), "phu-luc.docx", "quá lớn"),
        (b" " * (LARGEST + 1), "phu-luc.txt", "lớn hơn"),
        (b"1\tx\n" * 3_000, "phu-luc.txt", "quá 2000 dòng"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(content: bytes, name: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        appendix.draft(content, name)
    assert "\n" not in str(refused.value)


def test_a_formula_is_never_computed() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER, *ROWS):
        sheet.append(row)
    sheet["D2"] = '=HYPERLINK("http://127.0.0.1/","Tối thiểu 60")'
    out = BytesIO()
    book.save(out)
    row = appendix.draft(out.getvalue(), "phu-luc.xlsx").indicators[0]
    assert row.target and row.target.raw == "Không ghi"


def test_nobodys_work_is_written_over(tmp_path: Path) -> None:
    drafted(TEXT).write(tmp_path)
    with pytest.raises(Refused) as refused:
        drafted(TEXT).write(tmp_path)
    assert str(refused.value) == f"Thư mục {tmp_path.name} đã có tệp indicators.toml; đề nghị chọn thư mục khác."


def test_quotes_and_backslashes_survive_the_file(tmp_path: Path) -> None:
    odd = 'Tỷ lệ "hồ sơ" \\ C:\\temp # không phải chú thích'
    catalogue = loaded(drafted(TEXT.replace(ROWS[0][1], odd)), tmp_path / "nhap")
    assert catalogue.indicators[0].name == odd
