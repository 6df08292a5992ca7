"""The papers of results: who gets which, what stands in them, that the book of changes alone gives the same."""

import csv
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from openpyxl import load_workbook

from bot import papers, results
from bot.clerk import Errand, carry_out
from bot.dialogue.deeds import HandOut
from bot.dialogue.facts import Duty, Facts, Person, Work
from bot.dialogue.turn import Attachment, Paper, Said
from bot.documents import heatmap, letter, records, table, workbook, worksheet
from bot.documents.cells import BEGINS_A_FORMULA
from bot.reception import archive
from bot.words import Words
from catalogue.model import Answer
from catalogue.standing import Reported, Standing
from storage import schema
from tests.house import BOOK, World, run
from tests.stage import CATALOGUES, OFFICE, Stage
from tests.test_command_line import Typed, typed  # noqa: F401 # a fixture
from tests.test_worksheet import NOW, TODAY, put, reported, standing

WORDS = Words()
VERDICT, RESULT, NOTE = 7, 6, 8  # columns of the table


def shaped(parts: tuple[table.Part, ...]) -> dict[str, table.Row]:
    return {row.indicator.code: row for part in parts for row in part.rows}


def cells(content: bytes, sheet: int = 0) -> list[list[Any]]:
    book = load_workbook(BytesIO(content), read_only=True)
    found = [[cell.value for cell in row] for row in book.worksheets[sheet].iter_rows()]
    book.close()
    return found


# The table.


def test_the_table_has_the_shape_of_the_appendix() -> None:
    every = {"X": Standing(BOOK, "X", "X", tuple(leaf.code for leaf in BOOK.leaves), {})}
    parts = table.of_office(BOOK, every, WORDS)
    assert [len([row for row in part.rows if row.indicator.measure]) for part in parts] == [8, 10, 7, 1]
    assert [row.indicator for part in parts for row in part.rows] == list(BOOK.indicators)
    assert [row.indicator.printed for row in parts[0].rows] == ["1", "2", "3", "4", "5", "6", "6", "6.1", "6.2"]
    assert [row.result or row.verdict for row in parts[0].rows if row.indicator.measure is None] == [""]
    rows = cells(workbook.of_office(BOOK, every, 2024, WORDS))
    assert [row[0] for row in rows if row and row[0] and str(row[0])[1:3] == ". "] == [
        f"{one.number}. {one.title}" for one in BOOK.sections
    ]
    assert rows[4][:4] == ["STT", "Chỉ tiêu", "Đơn vị", "Chỉ tiêu năm 2024"]


def test_a_unit_s_rows_say_what_came_of_them() -> None:
    said = (
        reported("M03", Answer.fraction(45, 60)),
        reported("M04", Answer.fraction(45, 60), stage="returned", reason="thiếu quý 3"),
        reported("M05", Answer("na")),
        reported("M06", Answer.fraction(49996, 50000), stage="accepted"),
    )
    rows = shaped(table.of_unit(standing(*said, M04="Ít hồ sơ"), WORDS))
    assert (rows["NQ01.3"].result, rows["NQ01.3"].verdict) == ("45/60 (75,00 %)", "Đạt")
    assert rows["NQ01.4"].note == "thấp hơn 5,00 điểm phần trăm; lý do: Ít hồ sơ; bị trả lại: thiếu quý 3"
    assert rows["NQ01.5"].verdict == "Không phát sinh" and rows["NQ01.1"].verdict == "Chưa báo cáo"
    assert (rows["NQ01.6"].result, rows["NQ01.6"].verdict) == ("49.996/50.000 (99,99 %)", "Chưa đạt")
    assert "NQ01.6H" in rows and "NQ01.6.2" not in rows


def test_the_office_adds_up_counts_and_leaves_bare_percentages_out() -> None:
    stands = {
        "A": standing(reported("M03", Answer.fraction(10, 20))),
        "B": standing(reported("M03", Answer.fraction(81, 180))),
        "C": standing(reported("M03", Answer.of_percent(Fraction(99)))),
        "D": standing(reported("M03", Answer("na"))),
        "E": standing(),
    }
    row = shaped(table.of_office(BOOK, stands, WORDS))["NQ01.3"]
    assert (row.result, row.verdict) == ("91/200 (45,50 %)", "Chưa đạt")
    assert row.note == "4/5 đơn vị đã báo cáo; 1 đơn vị chỉ ghi tỷ lệ, không cộng được; 1 đơn vị không phát sinh"


def test_where_nothing_arose_nowhere_it_is_said() -> None:
    stands = {unit: standing(reported("M03", Answer("na"))) for unit in "AB"}
    assert shaped(table.of_office(BOOK, stands, WORDS))["NQ01.3"].verdict == "Không phát sinh"
    assert shaped(table.of_office(BOOK, {"A": standing()}, WORDS))["NQ01.3"].verdict == "Chưa báo cáo"


# What people write is never computed.

FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "=1+1")


def dangerous(text: str) -> dict[str, Standing]:
    """A unit that calls itself so, gives such reasons, and is returned with such words."""
    said = reported("M04", Answer.fraction(1, 60), stage="returned", reason=text)
    return {"CCKL": replace(standing(said, M04=text), unit_name=text)}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    for content in (workbook.of_office(BOOK, dangerous(text), 2024, WORDS),
                    workbook.of_unit(dangerous(text)["CCKL"], 2024, WORDS)):  # fmt: skip
        book = load_workbook(BytesIO(content))
        every = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert [cell.coordinate for cell in every if cell.data_type == "f"] == []
        assert text.strip() in " ".join(str(cell.value) for cell in every)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_field_of_the_csv_begins_one(text: str) -> None:
    content = records.as_csv(records.of(1, 2024, dangerous(text).values())).decode("utf-8-sig")
    fields = [field for row in csv.reader(StringIO(content)) for field in row]
    assert f"'{text}" in fields and not any(field.startswith(BEGINS_A_FORMULA) for field in fields)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: nothing to open the papers with")
def test_libreoffice_computes_nothing_and_opens_everything(tmp_path: Path) -> None:
    stands = dangerous("=1+1")
    (tmp_path / "bang.xlsx").write_bytes(workbook.of_office(BOOK, stands, 2024, WORDS))
    (tmp_path / "don-vi.docx").write_bytes(letter.of_unit(stands["CCKL"], 2024, TODAY, "Sở", WORDS))
    (tmp_path / "so.docx").write_bytes(letter.of_office(BOOK, stands, 2024, TODAY, WORDS))
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    for kind, names in ((every, ["bang.xlsx"]), ("txt:Text (encoded):UTF8", ["don-vi.docx", "so.docx"])):
        subprocess.run([*office, kind, *names], cwd=tmp_path, check=True, capture_output=True, timeout=180)
    (long,) = tmp_path.glob("bang-Từng*.csv")
    rows = list(csv.reader(StringIO(long.read_text(encoding="utf-8"))))
    assert {row[1] for row in rows[1:]} == {"=1+1"} and any("lý do: =1+1" in row[7] for row in rows)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in (tmp_path / "don-vi.txt").read_text(encoding="utf-8")
    assert "TÌNH HÌNH TỪNG ĐƠN VỊ" in (tmp_path / "so.txt").read_text(encoding="utf-8")


# The document.


def all_text(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for one in document.tables for row in one.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_document_is_laid_out_as_the_decree_says() -> None:
    content = letter.of_unit(standing(reported("M03", Answer.fraction(45, 60))), 2024, date(2024, 2, 5), "Sở X", WORDS)
    document, text = Document(BytesIO(content)), all_text(content)
    first, second = document.sections
    assert (first.page_width.mm, first.page_height.mm) == pytest.approx((210, 297), abs=0.1)
    margins = (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin)
    assert [round(side.mm) for side in margins] == [20, 20, 30, 15]
    assert second.orientation == WD_ORIENT.LANDSCAPE and second.page_width > second.page_height
    assert document.styles["Normal"].font.name == "Times New Roman"
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs if run.text.startswith("Thực hiện")]
    assert [run.font.size.pt for run in runs] == [14]
    for words in ("SỞ X", "CHI CỤC KIỂM LÂM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
                  "ngày 05 tháng 02 năm 2024", "/BC-", "Kính gửi: Phòng Tổ chức cán bộ Sở", "Nơi nhận:",
                  "THỦ TRƯỞNG ĐƠN VỊ", "PHỤ LỤC", "45/60 (75,00 %)"):  # fmt: skip
        assert words in text, words
    head = document.tables[-1].rows[0]._tr.trPr
    assert head is not None and "tblHeader" in head.xml


def test_a_large_office_is_not_listed_whole() -> None:
    stands = {f"U{n}": replace(standing(), unit=f"U{n}") for n in range(letter.LISTED + 2)}
    text = all_text(letter.of_office(BOOK, stands, 2024, TODAY, WORDS))
    assert "Còn 2 đơn vị nữa, xem tệp xlsx." in text


# The picture.


def test_a_picture_is_as_wide_as_a_telephone_and_told_by_signs() -> None:
    content = heatmap.draw(BOOK, [standing()] * 20, "Chỉ tiêu", NOW, WORDS)
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", content[16:24])
    assert wide == heatmap.WIDE and 700 < high < 1100
    signs = [sign for _, sign, _, _ in heatmap.LOOKS.values()]
    assert len(set(signs)) == len(signs) == len({colour for colour, *_ in heatmap.LOOKS.values()})


def test_the_font_knows_every_letter_of_the_units() -> None:
    from matplotlib import font_manager, ft2font

    known = ft2font.FT2Font(font_manager.findfont("DejaVu Sans")).get_charmap()
    text = "".join(unit.name for unit in OFFICE.units) + "".join(sign for _, sign, _, _ in heatmap.LOOKS.values())
    assert {letter for letter in text if ord(letter) not in known} == set()


def test_units_below_one_another_stand_together() -> None:
    above = {unit.id: unit.parent for unit in OFFICE.units}
    pages = heatmap.groups([unit.id for unit in OFFICE.units], above)
    assert sorted(unit for page in pages for unit in page) == sorted(above)
    assert all(len({above[unit] for unit in page}) == 1 and len(page) <= heatmap.PER_PICTURE for page in pages)
    many = heatmap.groups([f"U{n}" for n in range(50)], {})
    assert [len(page) for page in many] == [17, 17, 16]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (None, "owed"),
        (reported("M03", Answer("no_data_yet")), "owed"),
        (reported("M03", Answer.fraction(45, 60)), "met"),
        (reported("M03", Answer.fraction(15, 60)), "short"),
        (reported("M03", Answer.fraction(45, 60), stage="returned"), "returned"),
        (reported("M03", Answer("na")), "na"),
    ],
)
def test_a_cell_shows_how_it_stands(said: Reported | None, state: str) -> None:
    assert heatmap.state(standing(*([said] if said else [])), "NQ01.3") == state
    assert heatmap.state(standing(), "NQ01.6.2") == "free"


def test_nothing_heavy_is_loaded_before_it_is_wanted() -> None:
    heavy = "import sys, bot.cli; print([n for n in ('matplotlib', 'openpyxl', 'docx') if n in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", heavy], capture_output=True, encoding="utf8", check=True)
    assert ended.stdout.strip() == "[]"


# From the book of changes.


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cast = [("hanh", "tccb", "TCCB"), ("an", "focal", "CCKL"), ("my", "focal", "HKL-DV"), ("bao", "head", "CCKL")]
    made = Stage(tmp_path, "web", cast)
    yield made
    made.close()


def played(stage: Stage) -> None:
    """A campaign in small: figures, corrections, reasons, a worksheet, a return, an acceptance, one too late."""
    for who, *lines in (
        (
            "an",
            "1.1: 39/50",
            "đúng",
            "hủy",
            "1.3: 45/60\n1.4: 40/60\n2.7: không phát sinh",
            "đúng",
            "hủy",
            "sửa 1.3 46/60",
        ),
        ("an", "đúng", "hủy", "báo cáo", "bỏ qua", "75,5%", "đúng", "hủy", "mẫu"),
        ("my", "6.2: 40/60", "đúng", "Phần mềm lỗi", "hủy"),
        ("hanh", "thẩm định CCKL", "chấp nhận", "trả lại", "Đề nghị đối chiếu lại", "hủy"),
    ):
        for line in lines:
            stage.say(who, line)
            list(stage.told())
    stage.fill("an", "F9: 20; G9: 60; K9: -Ít hồ sơ; L9: BC 12/BC-CCKL; H19: đạt")
    stage.say("an", "đúng")
    stage.say("an", "hủy")
    stage.go("2024-12-12 09:00")
    stage.say("an", "2.9: 10/20")
    stage.say("an", "đúng")
    stage.say("an", "bỏ qua")
    list(stage.told())


def gathered(stage: Stage, from_audit: bool) -> results.Results:
    with stage.house.engine.begin() as tx:
        return results.gather(tx, CATALOGUES, 1, stage.clock(), from_audit=from_audit)


def test_the_book_of_changes_gives_the_same_papers(stage: Stage) -> None:
    played(stage)
    ours, theirs = gathered(stage, False), gathered(stage, True)
    assert len(stage.rows(schema.report)) > 8 and len(stage.rows(schema.explanation)) > 1
    assert {row.verdict for row in stage.rows(schema.appraisal)} == {"accepted", "returned"}
    assert any(one.late(code) for one in ours.standings.values() for code in one.reported)
    for unit in ("", "CCKL", "HKL-DV"):
        assert cells(ours.table(WORDS, unit)) == cells(theirs.table(WORDS, unit))
        assert all_text(ours.document(WORDS, unit)) == all_text(theirs.document(WORDS, unit))
    assert cells(ours.table(WORDS), 1) == cells(theirs.table(WORDS), 1)
    assert "minh chứng: BC 12/BC-CCKL" in all_text(ours.document(WORDS, "CCKL"))
    kept = [{**row, "as_of": ""} for row in ours.records()]
    assert kept == [{**row, "as_of": ""} for row in theirs.records()]


def test_a_table_that_was_changed_behind_the_book_s_back_shows(stage: Stage) -> None:
    played(stage)
    with stage.house.engine.begin() as tx:
        tx.execute(schema.report.update().where(schema.report.c.measure == "M08").values(numerator=60, percent="100"))
    assert cells(gathered(stage, False).table(WORDS)) != cells(gathered(stage, True).table(WORDS))


# Who gets what.


def asked(stage: Stage, who: str, text: str) -> list[str]:
    stage.handed.pop(who, None)
    stage.say(who, text)
    list(stage.told())
    return [name for name, _ in stage.handed.get(who, [])]


def test_each_gets_what_they_may_see(stage: Stage) -> None:
    office = ["ket-qua-toan-co-quan-2024.xlsx", "bao-cao-toan-co-quan-2024.docx"]
    own = ["ket-qua-CCKL-2024.xlsx", "bao-cao-CCKL-2024.docx"]
    assert asked(stage, "hanh", "xuất bảng") == asked(stage, "hanh", "báo cáo tổng hợp") == office
    assert asked(stage, "hanh", "xuất bảng CCKL") == asked(stage, "an", "xuất bảng") == own
    assert asked(stage, "an", "bảng của đơn vị") == own
    assert asked(stage, "my", "xuất bảng CCKL") == ["ket-qua-HKL-DV-2024.xlsx", "bao-cao-HKL-DV-2024.docx"]
    assert asked(stage, "bao", "bảng của đơn vị") == own
    below = ["ket-qua-HKL-DV-2024.xlsx", "bao-cao-HKL-DV-2024.docx"]
    assert asked(stage, "bao", "bảng của đơn vị hkl-dv") == asked(stage, "bao", "xuất bảng HKL-DV") == below
    assert asked(stage, "bao", "xuất bảng TTKN") == own and asked(stage, "stranger", "xuất bảng") == []
    assert asked(stage, "hanh", "ảnh") == [f"bang-mau-{n}-2024.png" for n in (1, 2, 3, 4)]
    for who in ("an", "my", "bao", "stranger"):
        assert asked(stage, who, "ảnh") == asked(stage, who, "bảng ảnh") == []
    noted = [(row.subject, row.now) for row in stage.rows(schema.audit) if row.deed == "export"]
    assert ("1/*", ["table", "document"]) in noted and ("1/*", ["picture"]) in noted


@pytest.mark.parametrize(
    ("role", "deed", "may"),
    [
        *((role, HandOut((kind,), 1, unit), role == "tccb" or (unit == "CCKL" and role in ("focal", "head")))
          for role in ("tccb", "focal", "head", "viewer", "stranger")
          for kind in ("table", "document") for unit in ("", "CCKL", "HKL-DV")),
        *((role, HandOut(("picture",), 1), role == "tccb") for role in ("tccb", "focal", "head", "viewer", "stranger")),
        *((role, HandOut(("worksheet",), 1, unit), role == "focal" and unit == "CCKL")
          for role in ("tccb", "focal", "head", "viewer", "stranger") for unit in ("CCKL", "HKL-DV")),
        ("focal", HandOut(("worksheet", "table"), 1, "CCKL"), False),
        ("focal", HandOut(("table",), 2, "CCKL"), False),
    ],
)  # fmt: skip
def test_the_clerk_asks_again_who_may_have_it(stage: Stage, role: str, deed: HandOut, may: bool) -> None:
    with stage.house.engine.begin() as tx:
        from storage import people

        work = (Work(1, BOOK.plan(2024), standing()),)
        facts = Facts(stage.clock(), Person(1, "x"), (Duty("CCKL", "x", role),) if role != "stranger" else ())
        facts = replace(facts, works=work if role == "focal" else (), watched=work if role == "head" else ())
        errand = Errand(tx, people.at(tx, people.address_of(tx, "web", "", "an", stage.clock())), facts, CATALOGUES)
        if may:
            assert carry_out(deed, errand)[0].papers
        else:
            with pytest.raises(PermissionError):
                carry_out(deed, errand)


def test_a_link_opens_nothing_any_more_for_whoever_has_left(stage: Stage) -> None:
    stage.far.traits = replace(stage.far.traits, files=False)
    for who, text in (("an", "mẫu"), ("an", "bảng của đơn vị"), ("hanh", "ảnh")):
        assert asked(stage, who, text)
    said = [say for row in stage.rows(schema.outbox) for say in row.say]
    enclosed = [Paper(**paper) for say in said for paper in say["papers"]]
    with stage.house.engine.begin() as tx:
        assert all(papers.make(tx, paper, archive(stage.house)) for paper in enclosed)
        tx.execute(schema.duty.update().values(until=stage.clock()))
        assert not any(papers.make(tx, paper, archive(stage.house)) for paper in enclosed)


def test_every_paper_that_can_be_asked_for_can_be_made() -> None:
    assert set(papers.MAKERS) >= {"kept", "worksheet", "table", "document", "picture"}


# At a keyboard.


@pytest.fixture
def office(typed: Typed) -> Typed:  # noqa: F811
    assert typed("init")[0] == typed("campaign", "open", "--catalogue", "2024-qd55", "--year", "2026")[0] == 0
    return typed


def test_papers_are_written_at_a_keyboard(office: Typed, tmp_path: Path) -> None:
    assert office("board", "--xlsx", "a.xlsx", "--docx", "a.docx", "--png", "a.png")[0] == 0
    assert {path.name for path in tmp_path.glob("a*")} == {"a.xlsx", "a.docx", "a.png", "a-2.png", "a-3.png", "a-4.png"}
    assert office("board", "--xlsx", "b.xlsx", "--unit", "CCKL", "--from-audit")[0] == 0
    assert cells((tmp_path / "b.xlsx").read_bytes())[1][0] == "Chi cục Kiểm lâm"
    assert office("export", "--csv", "c.csv", "--json", "c.json")[0] == 0
    rows = list(csv.DictReader(StringIO((tmp_path / "c.csv").read_text(encoding="utf-8-sig"))))
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert tuple(rows[0]) == tuple(data[0]) == records.COLUMNS and len(rows) == len(data) > 400
    assert {row["state"] for row in rows} == {"missing"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export",), "Đề nghị cho biết tệp cần ghi"),
        (("export", "--csv", "no/where/c.csv"), "Không ghi được"),
        (("export", "--csv", "c.csv", "--campaign", "9"), "Không có đợt số 9"),
        (("board", "--xlsx", "x.xlsx", "--unit", "Không có"), "Không tìm thấy đơn vị"),
        (("worksheet", "write", "Không có", "-o", "x.xlsx"), "Không tìm thấy đơn vị"),
        (("worksheet", "read", "nowhere.xlsx", "--unit", "CCKL"), "Không đọc được"),
    ],
)
def test_what_is_refused_at_a_keyboard_is_refused_with_a_sentence(
    office: Typed, words: tuple[str, ...], told: str
) -> None:
    status, _, errors = office(*words)
    assert status == 1 and told in errors and "Traceback" not in errors


def test_a_worksheet_goes_out_and_comes_back_at_a_keyboard(office: Typed, tmp_path: Path) -> None:
    assert office("worksheet", "write", "CCKL", "-o", "m.xlsx")[0] == 0
    book = load_workbook(tmp_path / "m.xlsx")
    book.active["F8"], book.active["G8"], book.active["F9"] = 45, 60, 3
    book.save(tmp_path / "m.xlsx")
    read = ("worksheet", "read", "m.xlsx", "--unit")
    status, told, _ = office(*read, "CCKL")
    assert status == 0 and "45/60 (75,00 %)" in told and "Ô G9: còn thiếu số" in told and "--by" in told
    assert "không phải của đơn vị" in office(*read, "TTKN")[2]
    assert "không phải là họ tên" in office(*read, "CCKL", "--by", "Ai đó", "--yes")[2]
    (tmp_path / "m.xlsx").write_bytes(b"PK")
    assert "Tệp bị hỏng" in office(*read, "CCKL")[2]


def test_what_is_recorded_at_a_keyboard_is_told_to_the_unit(office: Typed, tmp_path: Path) -> None:
    from bot.cli import frame
    from storage import people, reports

    engine = frame.connect()
    with engine.begin() as tx:
        people.link(
            tx, people.address_of(tx, "web", "", "an", NOW), people.join(tx, "Nguyễn Văn An", "CCKL", "focal", NOW)
        )
        people.join(tx, "Lê Thị Hạnh", "TCCB", "tccb", NOW)
    office("worksheet", "write", "CCKL", "-o", "m.xlsx")
    book = load_workbook(tmp_path / "m.xlsx")
    book.active["F8"], book.active["G8"], book.active["K8"] = 15, 60, "Ít hồ sơ"
    book.save(tmp_path / "m.xlsx")
    read = ("worksheet", "read", "m.xlsx", "--unit", "CCKL", "--by", "Lê Thị Hạnh")
    status, told, errors = office(*read, "--yes")
    assert status == 0, errors
    assert "Đã ghi 1 số liệu của Chi cục Kiểm lâm." in told
    with engine.begin() as tx:
        (found,) = reports.newest(tx, 1, "CCKL")
        assert (found[1].by_name, found[1].answer) == ("Lê Thị Hạnh", Answer.fraction(15, 60))
        assert reports.explained(tx, 1) == {("CCKL", "M03"): "Ít hồ sơ"}
        (envelope,) = tx.execute(schema.outbox.select()).all()
        assert envelope.say[0]["kind"] == "sheet.entered"
    engine.dispose()


def test_on_every_database_the_audit_and_a_workbook_are_read_alike(house: World) -> None:
    house.seat("an", "focal", "HKL-DV")
    house.hear("an", "báo cáo", "40/60", "đúng", "Phần mềm lỗi", "mẫu")
    house.answer()
    tables, audited = (
        house.do(results.gather, CATALOGUES, 1, house.now, from_audit=way).table(WORDS) for way in (False, True)
    )
    assert cells(tables) == cells(audited)
    paper = Paper("worksheet", {"campaign": 1, "unit": "HKL-DV"})
    content = house.do(papers.make, paper, archive(house.house)).read()
    house.far.files["f1"] = put(content, F6=58)
    house.hear("an", Said(file=Attachment("f1", "mau.xlsx", len(content), worksheet.MIME)), "đúng")
    run(house.house.fetch())
    house.answer()
    assert [row.numerator for row in house.rows(schema.report)] == [40, 58]
