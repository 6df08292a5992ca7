"""The worksheet out and back in: the cells that are open, what each oddity of a workbook is answered with."""

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook

from bot.dialogue.facts import Work
from bot.dialogue.sheet import Sheet
from bot.dialogue.taking import Taking, take
from bot.dialogue.turn import Attachment, Said
from bot.documents import filled, form, seal, unpacking, worksheet
from bot.words import Words, texts
from catalogue.model import Answer
from catalogue.standing import Reported, Standing
from tests.house import BOOK
from tests.stage import OFFICE, TRAITS, Stage

KEY = "k" * 32
TODAY = date(2024, 11, 25)
NOW = datetime(2024, 11, 20, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HERE = OFFICE.by_id["CCKL"]
CODES = tuple(leaf.code for leaf in BOOK.leaves if leaf.owed_by(HERE.id, HERE.type, HERE.name))
ROW = {
    code: number for number, code in enumerate(Standing(BOOK, "CCKL", HERE.name, CODES, {}).measures, start=form.FIRST)
}


def reported(measure: str, answer: Answer, id: int = 7, stage: str = "waiting", reason: str = "") -> Reported:
    return Reported(id, measure, answer, date(2024, 11, 20), NOW, 1, "An", stage, reason)  # type: ignore[arg-type]


def standing(*said: Reported, **why: str) -> Standing:
    return Standing(BOOK, "CCKL", HERE.name, CODES, {one.measure: one for one in said}, why, date(2024, 12, 3))


def written(*said: Reported, key: str = KEY, campaign: int = 1, **why: str) -> bytes:
    return worksheet.write(standing(*said, **why), campaign, date(2024, 12, 10), Words(), key)


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    """As a person would, in a program that knows all of xlsx."""
    book, out = load_workbook(BytesIO(content)), BytesIO()
    change(book)
    book.save(out)
    return out.getvalue()


def put(content: bytes, **cells: object) -> bytes:
    def fill(book: Any) -> None:
        for at, value in cells.items():
            book.active[at] = value

    return changed(content, fill)


def taken(content: bytes, *said: Reported) -> Taking:
    sheet = filled.read(content, KEY)
    assert sheet.refused == ""
    return take(sheet, Work(1, BOOK.plan(2024), standing(*said)), TODAY)


def told(taking: Taking) -> list[str]:
    return [Words()(say.kind, say.facts) for say in taking.told]


def figures(taking: Taking) -> dict[str, str]:
    return {one.measure: one.answer for one in taking.filled}


# Out.


def test_only_the_cells_to_fill_are_open() -> None:
    accepted = reported("M02", Answer.fraction(45, 60), stage="accepted")
    sheet = load_workbook(BytesIO(written(accepted))).active
    assert sheet.protection.sheet
    open_cells = {cell.column_letter for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert open_cells == set("FGHIJKL")
    assert all(sheet[f"{letter}{ROW['M02']}"].protection.locked for letter in "FGHIJKL")
    yes_no = next(code for code in ROW if BOOK.measures[code].kind == "yes_no")
    assert sheet[f"F{ROW[yes_no]}"].protection.locked and not sheet[f"H{ROW[yes_no]}"].protection.locked


def test_it_holds_what_is_reported_exactly() -> None:
    said = (
        reported("M01", Answer.fraction(39, 50)),
        reported("M02", Answer.of_percent(Answer.fraction(7555, 10000).percent or 0)),  # type: ignore[arg-type]
        reported("M04", Answer("na")),
    )
    sheet = load_workbook(BytesIO(written(*said, M01="Ít hồ sơ"))).active
    assert (sheet[f"F{ROW['M01']}"].value, sheet[f"G{ROW['M01']}"].value) == (39, 50)
    assert sheet[f"K{ROW['M01']}"].value == "Ít hồ sơ"
    assert sheet[f"H{ROW['M02']}"].value == "75,55%"
    assert sheet[f"I{ROW['M04']}"].value == "không phát sinh"


def test_sent_back_as_it_is_it_says_nothing_new() -> None:
    said = (
        reported("M01", Answer.fraction(39, 50)),
        reported("M02", Answer.of_percent(Answer.fraction(7555, 10000).percent or 0)),  # type: ignore[arg-type]
        reported("M04", Answer("na")),
        *(reported(code, Answer("met")) for code in ROW if BOOK.measures[code].kind == "yes_no"),
    )
    taking = taken(written(*said), *said)
    assert (taking.filled, taking.told, taking.same) == ([], [], len(said))


def test_what_people_wrote_is_never_a_formula_there() -> None:
    said = reported("M01", Answer.fraction(3, 50), stage="returned", reason="=HYPERLINK(1)")
    sheet = load_workbook(BytesIO(written(said, M01='=cmd|"/c calc"!A1'))).active
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert sheet[f"K{ROW['M01']}"].value.startswith("=cmd") and sheet[f"K{ROW['M01']}"].quotePrefix


# Back in, cell by cell.


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        ({"F": 45, "G": 60}, "45/60"),
        ({"F": "45", "G": " 60 "}, "45/60"),
        ({"F": 45.0, "G": 60}, "45/60"),
        ({"F": "1.250", "G": "1.300"}, "1250/1300"),
        ({"F": 45, "G": 60, "H": "75%"}, "45/60"),
        ({"H": "75,5%"}, "75.5%"),
        ({"H": "75,5 %"}, "75.5%"),
        ({"H": 75.5}, "75.5%"),
        ({"I": "không phát sinh"}, "na"),
        ({"I": "chưa có số liệu"}, "no_data_yet"),
        ({"I": "khong phat sinh"}, "na"),
        ({"F": 0, "G": 15}, "0/15"),
    ],
)
def test_a_row_is_read_as_in_chat(cells: dict[str, object], answer: str) -> None:
    row = {f"{letter}{ROW['M03']}": value for letter, value in cells.items()}
    assert figures(taken(put(written(), **row))) == {"M03": answer}


def test_a_cell_that_shows_a_percentage_is_read_as_it_shows() -> None:
    def as_excel_does(book: Any) -> None:
        book.active[f"H{ROW['M03']}"].value = 0.755
        book.active[f"H{ROW['M03']}"].number_format = "0.00%"

    assert figures(taken(changed(written(), as_excel_does))) == {"M03": "75.5%"}


def test_yes_or_no_is_chosen() -> None:
    code = next(code for code in ROW if BOOK.measures[code].kind == "yes_no")
    assert figures(taken(put(written(), **{f"H{ROW[code]}": "đạt"}))) == {code: "met"}
    assert figures(taken(put(written(), **{f"H{ROW[code]}": "Chưa đạt"}))) == {code: "not_met"}


@pytest.mark.parametrize(
    ("cells", "at", "words"),
    [
        ({"F": 60, "G": 45}, "F", "tử số (60) lớn hơn mẫu số (45)"),
        ({"F": 45}, "G", "còn thiếu số"),
        ({"G": 45}, "F", "còn thiếu số"),
        ({"F": "=40+5", "G": 60}, "F", "là công thức"),
        ({"F": "=WEBSERVICE(1)", "G": 60}, "F", "là công thức"),
        ({"F": date(2024, 6, 5), "G": 60}, "F", "đã bị đổi thành ngày giờ"),
        ({"F": "bốn lăm?", "G": 60}, "F", "Chưa đọc được"),
        ({"F": 45.5, "G": 60}, "F", "phải là số nguyên"),
        ({"F": -3, "G": 60}, "F", ""),
        ({"F": True, "G": 60}, "F", "không đọc được"),
        ({"F": 1e300, "G": 1e300}, "F", ""),
        ({"H": 0.75}, "H", "chưa rõ nghĩa"),
        ({"H": "abc"}, "H", "chưa rõ nghĩa"),
        ({"F": 45, "G": 60, "H": "80%"}, "F", "tính ra 75 %"),
        ({"F": 45, "G": 60, "I": "không phát sinh"}, "I", "Đề nghị giữ một"),
        ({"K": "Ít hồ sơ"}, "F", "chưa có số liệu"),
        ({"F": 45, "G": 60, "J": "hôm qua"}, "J", "không phải là ngày đã qua"),
        ({"F": 45, "G": 60, "J": date(2024, 12, 1)}, "J", "không phải là ngày đã qua"),
    ],
)
def test_what_can_not_be_taken_is_told_by_its_cell(cells: dict[str, object], at: str, words: str) -> None:
    taking = taken(put(written(), **{f"{letter}{ROW['M03']}": value for letter, value in cells.items()}))
    (line,) = told(taking)
    assert taking.filled == [] and line.startswith(f"Ô {at}{ROW['M03']}: ") and words in line


def test_the_day_and_the_reason_go_along() -> None:
    cells = {"F": 3, "G": 60, "J": date(2024, 11, 22), "K": "Ít hồ sơ", "L": "BC 12/BC-CCKL"}
    (one,) = taken(put(written(), **{f"{letter}{ROW['M03']}": value for letter, value in cells.items()})).filled
    assert (one.as_of, one.reason) == ("2024-11-22", "Ít hồ sơ")
    assert one.evidence == "BC 12/BC-CCKL"
    assert one.verbatim == "F8: 3; G8: 60; J8: 22/11/2024; K8: Ít hồ sơ; L8: BC 12/BC-CCKL"


@pytest.mark.parametrize("cell", [{"K": "Ít hồ sơ"}, {"L": "BC 12/BC-CCKL"}, {"J": date(2024, 11, 22)}])
def test_what_is_added_beside_a_figure_already_sent_is_taken(cell: dict[str, object]) -> None:
    before = reported("M03", Answer.fraction(3, 60))
    changed_cells = {f"{letter}{ROW['M03']}": value for letter, value in cell.items()}
    assert figures(taken(put(written(before), **changed_cells), before)) == {"M03": "3/60"}


def test_what_was_reported_after_the_sheet_was_made_stays() -> None:
    old, newer = reported("M03", Answer.fraction(40, 60)), reported("M03", Answer.fraction(50, 60), id=9)
    taking = taken(put(written(old), **{f"F{ROW['M03']}": 45}), newer)
    assert taking.filled == [] and "đã có số mới hơn: 50/60" in told(taking)[0]


def test_what_is_appraised_stays_and_what_is_returned_is_wanted_again() -> None:
    accepted = reported("M03", Answer.fraction(40, 60), stage="accepted")
    assert "đã thẩm định" in told(taken(put(written(accepted), **{f"F{ROW['M03']}": 45}), accepted))[0]
    returned = reported("M03", Answer.fraction(40, 60), stage="returned", reason="thiếu quý 3")
    assert "thiếu quý 3" in told(taken(written(returned), returned))[0]
    assert figures(taken(put(written(returned), **{f"F{ROW['M03']}": 45}), returned)) == {"M03": "45/60"}


def test_none_can_be_reported_where_there_must_be_some() -> None:
    code = next(code for code in ROW if BOOK.measures[code].kps == "forbidden")
    assert "không thể không phát sinh" in told(taken(put(written(), **{f"I{ROW[code]}": "không phát sinh"})))[0]


def test_a_row_that_stands_there_twice_counts_once() -> None:
    taking = taken(put(written(), A30="M03", F30=1, G30=2, **{f"F{ROW['M03']}": 45, f"G{ROW['M03']}": 60}))
    assert figures(taking) == {"M03": "45/60"} and "lặp lại" in told(taking)[1]


# Strange workbooks.


def hide_rows(book: Any) -> None:
    book.active[f"F{ROW['M03']}"], book.active[f"G{ROW['M03']}"] = 45, 60
    book.active.row_dimensions[ROW["M03"]].hidden = True


def rename(book: Any) -> None:
    book.active[f"F{ROW['M03']}"], book.active[f"G{ROW['M03']}"] = 45, 60
    book.active.title = "Bản của tôi"
    book.create_sheet("Nháp", 0)["A1"] = "nháp"


def merge(book: Any) -> None:
    book.active[f"F{ROW['M03']}"], book.active[f"G{ROW['M03']}"] = 45, 60
    book.active.merge_cells(f"F{ROW['M04']}:G{ROW['M04']}")
    book.active[f"F{ROW['M04']}"] = 12


def unprotect(book: Any) -> None:
    book.active[f"F{ROW['M03']}"], book.active[f"G{ROW['M03']}"] = 45, 60
    book.active.protection.sheet = False
    book.active[f"D{ROW['M03']}"] = "NQ01.3: Tối thiểu 0 %"


@pytest.mark.parametrize("change", [hide_rows, rename, merge, unprotect])
def test_what_a_person_does_to_a_workbook_does_no_harm(change: Callable[[Any], None]) -> None:
    assert figures(taken(changed(written(), change))) == {"M03": "45/60"}


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    out = BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def with_entities(content: bytes, encoding: str) -> bytes:
    """The sheet's own XML with a document type that makes much of little."""
    out = BytesIO()
    laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = f'<?xml version="1.0" encoding="{encoding}"?>{laughs}<worksheet/>'.encode(encoding)
            new.writestr(member, data)
    return out.getvalue()


def linked_elsewhere(content: bytes) -> bytes:
    """A part that points to another workbook, as Excel keeps such links."""
    return with_member(content, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")


def bomb() -> bytes:
    return with_member(written(), "xl/media/image1.bin", bytes(12 << 20))


def many_members() -> bytes:
    out = BytesIO(written())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(unpacking.MEMBERS):
            archive.writestr(f"xl/x{number}.xml", b"")
    return out.getvalue()


def plain_workbook() -> bytes:
    out = BytesIO()
    Workbook().save(out)
    return out.getvalue()


def forged() -> bytes:
    return put(written(), A1=seal.sign((1, "TTKN", 0), "another key" * 3))


def tampered() -> bytes:
    return changed(written(), lambda book: book.active.__setitem__("A1", book.active["A1"].value[:-3] + "AAA"))


def twice() -> bytes:
    return changed(written(), lambda book: book.copy_worksheet(book.active))


def encrypted_zip() -> bytes:
    content = bytearray(plain_workbook())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
    return bytes(content)


def as_a_csv() -> bytes:
    return "Mã,Tử số,Mẫu số\nNQ01.3,45,60\n".encode("utf-8-sig")


HOSTILE = {
    "macros": (lambda: with_member(written(), "xl/vbaProject.bin", b"Attribute VB_Name"), "sheet.macros"),
    "a zip bomb": (bomb, "sheet.bomb"),
    "too many members": (many_members, "sheet.bomb"),
    "entities": (lambda: with_entities(written(), "utf-8"), "sheet.bomb"),
    "entities in UTF-16": (lambda: with_entities(written(), "utf-16"), "sheet.bomb"),
    "100 MB": (lambda: b"PK\x03\x04" + bytes(100 << 20), "sheet.too_big"),
    "a password": (lambda: unpacking.OLE + bytes(600) + unpacking.CIPHER, "sheet.locked"),
    "a password of the archive": (encrypted_zip, "sheet.locked"),
    "the old format": (lambda: unpacking.OLE + bytes(600) + "Workbook".encode("utf-16-le"), "sheet.old_format"),
    "a csv renamed": (as_a_csv, "sheet.not_xlsx"),
    "nothing": (lambda: b"", "sheet.not_xlsx"),
    "another archive": (lambda: with_member(b"", "word/document.xml", b"<a/>"), "sheet.not_xlsx"),
    "half a file": (lambda: written()[:3000], "sheet.broken"),
    "noise": (lambda: b"PK\x03\x04" + bytes(range(256)) * 20, "sheet.broken"),
    "another workbook": (plain_workbook, "sheet.not_ours"),
    "a mark of somebody else's": (forged, "sheet.not_ours"),
    "a mark changed": (tampered, "sheet.not_ours"),
    "the page copied": (twice, "sheet.twice"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_strange_workbook_is_refused_with_one_sentence(name: str) -> None:
    make, kind = HOSTILE[name]
    sheet = filled.read(make(), KEY)
    assert (sheet.refused, sheet.lines) == (kind, ())
    sentence = Words()(kind, sheet.facts)
    assert "\n" not in sentence and sentence.endswith(".")


def test_every_refusal_has_been_tried() -> None:
    refusals = {kind for _, kind in HOSTILE.values()}
    said = {node for path in ("filled", "unpacking") for node in _kinds(f"bot/documents/{path}.py")}
    assert said - refusals == {"sheet.formula", "sheet.error_value", "sheet.is_a_date"}


def _kinds(path: str) -> set[str]:
    text = (Path(__file__).parent.parent / path).read_text(encoding="utf-8")
    return {kind for kind in texts("vi") if kind.startswith("sheet.") and f'"{kind}"' in text}


def test_links_to_other_workbooks_are_not_followed() -> None:
    cells = {f"F{ROW['M03']}": "=[1]Sheet1!A1", f"G{ROW['M03']}": 60}
    taking = taken(linked_elsewhere(put(written(), **cells)))
    assert taking.filled == [] and "là công thức" in told(taking)[0]


def test_a_lying_size_is_no_way_in() -> None:
    """A member that says it is small is read as far as it says, and not further."""
    content = bytearray(with_member(written(), "docProps/big.xml", bytes(20 << 20)))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert filled.read(bytes(content), KEY).refused == "sheet.broken"


# In chat.


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, "web", [("an", "focal", "CCKL"), ("hanh", "tccb", "TCCB"), ("bao", "head", "CCKL")])
    yield made
    made.close()


def answered(stage: Stage, who: str) -> str:
    return "\n".join(line for name, lines in stage.told() for line in lines if name == who)


@pytest.mark.parametrize("name", ["macros", "a csv renamed", "a password"])
def test_in_chat_it_is_refused_politely(stage: Stage, name: str) -> None:
    make, kind = HOSTILE[name]
    stage.hand("an", "so-lieu.xlsx", make())
    assert answered(stage, "an") == Words()(kind, {"most": 2})


def test_one_too_large_to_be_fetched_is_refused_too(stage: Stage) -> None:
    stage.say("an", Said(file=Attachment("f1", "so-lieu.xlsx", 100 << 20, worksheet.MIME)))
    assert answered(stage, "an") == Words()("sheet.too_big", {"most": 2})


def test_a_sheet_of_a_locked_campaign_is_not_taken(stage: Stage) -> None:
    stage.say("an", "mẫu")
    answered(stage, "an")
    stage.say("hanh", "khóa đợt")
    stage.say("hanh", "khóa đợt 2024")
    answered(stage, "an")
    with stage.house.engine.begin() as tx:
        stage.open(tx, "2024-qd55", 2025)
    stage.fill("an", "F8: 45; G8: 60")
    assert "thuộc đợt báo cáo khác hoặc đã khóa" in answered(stage, "an")


def test_whoever_reports_for_nobody_gets_no_sheet(stage: Stage) -> None:
    for who in ("hanh", "bao", "stranger"):
        stage.say(who, "mẫu")
        answered(stage, who)
        assert who not in stage.handed
    stage.say("an", "mẫu")
    answered(stage, "an")
    for who in ("hanh", "bao", "stranger"):
        stage.fill(who, "F8: 45; G8: 60", whose="an")
        assert "Đã đọc bảng" not in answered(stage, who)
    assert stage.reports() == []


@pytest.mark.parametrize("channel", list(TRAITS))
def test_where_no_files_are_taken_a_link_leads_to_it(tmp_path: Path, channel: str) -> None:
    stage = Stage(tmp_path, channel, [("an", "focal", "CCKL")])
    try:
        stage.say("an", "mẫu")
        (message,) = stage.far.sent
        linked = 'Tệp kèm theo "mau-so-lieu-CCKL-2024.xlsx": https://nhac.example/f/' in message.part.text
        assert (bool(message.files), linked) == (TRAITS[channel].files, not TRAITS[channel].files)
        list(stage.told())
        assert filled.read(stage.handed["an"][0][1], stage.house.key).unit == "CCKL"
    finally:
        stage.close()


def test_a_sheet_is_noted_when_it_goes_out(stage: Stage) -> None:
    from storage import schema

    stage.say("an", "mẫu")
    assert [(row.deed, row.subject, row.now) for row in stage.rows(schema.audit)][-1] == (
        "export",
        "1/CCKL",
        ["worksheet"],
    )


def test_confirmed_too_late_what_came_meanwhile_stays(stage: Stage) -> None:
    stage.say("an", "mẫu")
    answered(stage, "an")
    stage.fill("an", "F8: 45; G8: 60; F9: 3; G9: 60; K9: Ít hồ sơ")
    with stage.house.engine.begin() as tx:
        from storage import people, reports

        me = people.at(tx, people.address_of(tx, "web", "", "an", stage.clock())).person
        at = {"campaign": 1, "unit": "CCKL", "measure": "M03", "person": me, "channel": "web"}
        reports.add(tx, at, Answer.fraction(50, 60), TODAY, "50/60", stage.clock())
    stage.say("an", "đúng")
    assert "Chưa ghi, vì người khác của đơn vị vừa gửi" in answered(stage, "an")
    assert stage.reports() == ["CCKL M03 50/60", "CCKL M04 3/60"]


# Through the program that offices have.


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: nothing to edit and save with")
def test_a_person_edits_saves_and_sends_it_back(tmp_path: Path) -> None:
    """Opened and saved by LibreOffice, twice: as its own format, and back as xlsx."""
    cells = {
        f"F{ROW['M03']}": 45,
        f"G{ROW['M03']}": 60,
        f"H{ROW['M02']}": "75,5%",
        f"J{ROW['M03']}": date(2024, 11, 22),
    }
    cells |= {f"I{ROW['M05']}": "không phát sinh", f"F{ROW['M06']}": "=40+5", f"G{ROW['M06']}": 60}
    (tmp_path / "mau.xlsx").write_bytes(put(written(reported("M01", Answer.fraction(39, 50))), **cells))
    for source, kind in (("mau.xlsx", "ods"), ("mau.ods", "xlsx")):
        command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind]
        subprocess.run([*command, source], cwd=tmp_path, check=True, capture_output=True, timeout=180)
    content = (tmp_path / "mau.xlsx").read_bytes()
    taking = taken(content, reported("M01", Answer.fraction(39, 50)))
    assert figures(taking) == {"M02": "75.5%", "M03": "45/60", "M05": "na"}
    assert taking.same == 1 and [line for line in told(taking) if "là công thức" in line]
    assert {one.as_of for one in taking.filled if one.measure == "M03"} == {"2024-11-22"}
    sheet = load_workbook(BytesIO(content)).active
    assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden


def test_a_sheet_without_rows_is_read_as_one() -> None:
    assert filled.read(put(written(), A6=None), KEY) != Sheet()
