"""A catalogue folder is read whole, or everything that is wrong with it is told at once."""

import json
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, time
from fractions import Fraction
from pathlib import Path

import pytest

from catalogue import load, target
from catalogue.load import DATA, PLAN, ROWS, Faults
from catalogue.model import Catalogue, Check, Indicator, Measure, Section, Step

OWN = load.all()["2024-qd55"]


def line_of(text: str, words: str, nth: int = 1) -> int:
    """The line on which `words` stand for the nth time."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if words in line]
    return lines[nth - 1]


class Folder:
    """A copy of the packaged catalogue that a test may spoil."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(DATA / "2024-qd55", path)

    def text(self, file: str = ROWS) -> str:
        return (self.path / file).read_text(encoding="utf8")

    def change(self, old: str, new: str, file: str = ROWS) -> None:
        assert old in self.text(file)
        (self.path / file).write_text(self.text(file).replace(old, new, 1), encoding="utf8")

    def faults(self) -> list[tuple[str, int, str]]:
        with pytest.raises(Faults) as told:
            load.read(self.path)
        return [(fault.file, fault.line, fault.message) for fault in told.value.faults]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "2025-qd1")


# What is packaged.


def test_the_packaged_catalogue_holds_what_the_appendix_holds() -> None:
    assert (len(OWN.indicators), len(OWN.leaves), len(OWN.measures), len(OWN.sections)) == (27, 26, 20, 4)
    assert [sum(row.section == section.number for row in OWN.leaves) for section in OWN.sections] == [8, 10, 7, 1]
    assert sum((row.target.raw if row.target else "").startswith("Tối thiểu") for row in OWN.leaves) == 11
    assert sum((row.target.raw if row.target else "").isdigit() for row in OWN.leaves) == 15
    assert {row.unit for row in OWN.leaves} == {"%"}


def test_every_target_is_a_floor_that_can_be_reached() -> None:
    for row in OWN.leaves:
        assert row.target and row.target.op == ">=" and isinstance(row.target.value, Fraction), row.code
        assert row.target.raw.endswith(str(row.target.value)) and 0 < row.target.value <= 100


def test_six_pairs_share_a_measure_and_are_asked_once() -> None:
    pairs = {code: tuple(row.code for row in rows) for code, rows in OWN.judging.items() if len(rows) > 1}
    assert pairs == {
        "M01": ("NQ01.1", "NQ02.1"),
        "M02": ("NQ01.2", "NQ02.2"),
        "M03": ("NQ01.3", "NQ02.3"),
        "M04": ("NQ01.4", "NQ02.4"),
        "M05": ("NQ01.5", "NQ02.8"),
        "M06": ("NQ01.6", "NQ02.5"),
    }


def test_the_heading_is_a_row_of_its_own_and_the_parent_of_its_rows() -> None:
    heading = OWN.by_code["NQ01.6H"]
    assert (heading.printed, heading.measure, heading.target) == ("6", None, None)
    assert OWN.by_code["NQ01.6.1"].parent == OWN.by_code["NQ01.6.2"].parent == "NQ01.6H"
    assert OWN.by_code["NQ01.6"].parent is None
    assert [row.order for row in OWN.indicators] == list(range(1, 28))


def test_who_evaluates() -> None:
    assert all("TCCB" in row.evaluators for row in OWN.leaves)
    assert [row.code for row in OWN.leaves if "VP" in row.evaluators] == ["NQ01.6.1", "NQ01.6.2", "UBQG.1"]
    assert OWN.evaluators("M01") == ("TCCB",)
    assert OWN.evaluators("M08") == ("TCCB", "VP")


def test_nothing_arose_is_forbidden_or_counts_as_the_office_proposed() -> None:
    by_policy: dict[str, list[str]] = {}
    for code, measure in OWN.measures.items():
        by_policy.setdefault(measure.kps, []).append(code)
    assert by_policy["forbidden"] == ["M01", "M07", "M08", "M13", "M19"]
    assert by_policy["achieved"] == ["M10", "M11", "M14", "M15", "M18"]
    assert len(by_policy["exclude"]) == 10


def test_closed_lists_do_not_grow() -> None:
    assert [code for code, m in OWN.measures.items() if not m.grows] == [
        "M01",
        "M10",
        "M13",
        "M14",
        "M15",
        "M18",
        "M19",
    ]
    assert all(len(measure.name) <= 60 for measure in OWN.measures.values())


UNITS = {
    "VP": ("phong_thuoc_so", "Văn phòng Sở"),
    "CCKL": ("chi_cuc", "Chi cục Kiểm lâm"),
    "TTKN": ("don_vi_su_nghiep", "Trung tâm Khuyến nông"),
    "HKL-VX": ("don_vi_truc_thuoc_chi_cuc", "Hạt Kiểm lâm huyện Vị Xuyên"),
    "DKLCD": ("don_vi_truc_thuoc_chi_cuc", "Đội Kiểm lâm cơ động và Phòng cháy, chữa cháy rừng"),
}


def owed(row: Indicator) -> set[str]:
    return {unit for unit, (type, name) in UNITS.items() if row.owed_by(unit, type, name)}


@pytest.mark.parametrize(
    ("code", "units"),
    [
        ("NQ01.1", {"VP", "CCKL", "TTKN"}),
        ("NQ01.6.1", {"VP", "CCKL", "TTKN"}),
        ("NQ01.6.2", {"HKL-VX"}),
        ("NQ01.6H", set()),
    ],
)
def test_who_owes_what_by_default(code: str, units: set[str]) -> None:
    assert owed(OWN.by_code[code]) == units


@pytest.mark.parametrize(
    ("scope", "units"),
    [
        (("chi_cuc",), {"CCKL"}),
        (("chi_cuc", "VP"), {"CCKL", "VP"}),
        (("Hạt Kiểm lâm",), {"HKL-VX"}),
        (("don_vi_truc_thuoc_chi_cuc", "-DKLCD"), {"HKL-VX"}),
        (("don_vi_truc_thuoc_chi_cuc", "-hạt"), {"DKLCD"}),
        (("-DKLCD",), set()),
        ((), set()),
    ],
)
def test_a_scope_names_types_units_or_how_names_begin(scope: tuple[str, ...], units: set[str]) -> None:
    assert owed(replace(OWN.by_code["NQ01.1"], scope=scope)) == units


def test_the_plan_counts_from_the_units_deadline() -> None:
    plan = OWN.plan(2026)
    assert (plan.deadline, plan.evaluation) == (date(2026, 12, 10), date(2026, 12, 10))
    assert [(step.id, step.days) for step in plan.steps if "focal" in step.to] == [
        ("T-14", -14),
        ("T-7", -7),
        ("T-3", -3),
        ("T-1", -1),
        ("T-0", 0),
        ("T+1", 1),
        ("T+3", 3),
    ]
    assert all(step.at == time(8, 30) for step in plan.steps if step.id != "T-0-head")


# As JSON.


def test_json_holds_exact_text_and_every_row() -> None:
    told = json.loads(json.dumps(load.as_json(OWN), ensure_ascii=False))
    assert (len(told["indicators"]), len(told["measures"]), told["plan"]["deadline"]) == (27, 20, "10/12")
    row = told["indicators"][0]
    assert (row["code"], row["section"], row["printed"], row["unit"]) == ("NQ01.1", "1", "1", "%")
    assert row["target"] == {
        "raw": "Tối thiểu 75",
        "kind": "numeric",
        "op": ">=",
        "value": "75",
        "value2": "",
        "unit": "%",
    }
    assert told["indicators"][6]["target"] is None and told["indicators"][7]["parent"] == "NQ01.6H"
    assert [row["printed"] for row in told["indicators"]].count("6") == 4
    assert told["plan"]["steps"][0]["at"] == "08:30"


# Faults.


def test_a_header_may_have_a_target_of_its_own(folder: Folder) -> None:
    folder.change(
        'printed = "6"\nname = "Tỷ lệ xử lý', 'printed = "6"\ntarget = "Tiên tiến, hiện đại"\nname = "Tỷ lệ xử lý'
    )
    heading = load.read(folder.path).by_code["NQ01.6H"]
    assert heading.target and heading.target.op == "judged" and heading.measure is None


@pytest.mark.parametrize("word", ["-", "- VP", "–VP", "--VP", "_VP", "*"])
def test_a_scope_that_would_take_out_nobody_or_everybody_unseen_is_refused(folder: Folder, word: str) -> None:
    folder.change('scope = ["phong_thuoc_so"', f'scope = ["{word}", "phong_thuoc_so"')
    said = 'scope phải bắt đầu bằng chữ hoặc số, hoặc bằng dấu "-" viết liền trước, ví dụ "-DKLCD"'
    assert folder.faults() == [(ROWS, line_of(folder.text(), f'"{word}"'), said)]


@pytest.mark.parametrize("word", ["-VP", "-Đội Kiểm lâm", "Hạt Kiểm lâm", "1A"])
def test_a_scope_may_name_who_is_in_and_who_is_out(folder: Folder, word: str) -> None:
    folder.change('scope = ["phong_thuoc_so"', f'scope = ["{word}", "phong_thuoc_so"')
    assert word in load.read(folder.path).indicators[0].scope


def test_what_the_clerk_says_a_target_means_is_judged_and_the_print_is_shown(folder: Folder) -> None:
    folder.change('target = "100"\nmeans = "≥ 100"', 'target = "100"\nmeans = "= 100"')
    row = load.read(folder.path).by_code["NQ01.6"]
    assert row.target and (row.target.raw, row.target.op, row.target.value) == ("100", "=", 100)


SPOILT: list[tuple[str, str, str, str, str]] = [
    # file, what stands there, what is put there, on which line (by its words), what is said
    (ROWS, 'code = "NQ01.2"\n', 'code = "NQ01.2"\ncolour = "đỏ"\n', 'colour = "đỏ"', "không có khóa nào tên colour"),
    (ROWS, 'code = "NQ01.2"\n', 'code = "NQ01.1"\n', "", "code NQ01.1 đã dùng ở trên"),
    (ROWS, 'measure = "M02"\n', 'measure = "M99"\n', 'measure = "M99"', "không có measure nào là M99"),
    (ROWS, 'parent = "NQ01.6H"\n', 'parent = "NQ01.9"\n', 'parent = "NQ01.9"', "không có parent nào là NQ01.9"),
    (ROWS, 'parent = "NQ01.6H"\n', 'parent = "NQ01.6.1"\n', 'parent = "NQ01.6.1"', "dòng con của chính nó"),
    (ROWS, 'section = "4"\n', 'section = "5"\n', 'section = "5"', "không có section nào là 5"),
    (ROWS, 'section = "4"\n', 'section = "5"\n', 'number = "4"', "không chỉ tiêu nào dùng section 4"),
    (ROWS, 'measure = "M20"\n', 'measure = "M19"\n', 'code = "M20"', "không chỉ tiêu nào dùng measure M20"),
    (ROWS, 'target = "Tối thiểu 45"\n', "", "", "chỉ tiêu NQ01.2 có measure thì phải có target"),
    (ROWS, 'target = "Tối thiểu 45"\n', 'target = "Tối thiểu 450"\n', 'target = "Tối thiểu 450"', "quá 100 %"),
    (ROWS, 'means = "≥ 100"\n', 'means = "nhiều"\n', 'means = "nhiều"', "so sánh được"),
    (ROWS, '"chi_cuc", "don', '"chi_cuk", "don', "chi_cuk", "không có loại đơn vị nào là chi_cuk"),
    (ROWS, "grows = true\n", 'grows = "có"\n', 'grows = "có"', "grows phải là true hoặc false"),
    (ROWS, 'kps = "exclude"\n', 'kps = "skip"\n', 'kps = "skip"', "kps phải là một trong"),
    (ROWS, 'kps = "exclude"\n', "", "", "thiếu khóa kps"),
    (ROWS, 'unit = "%"\n', "unit = 1\n", "unit = 1", "unit phải là chữ"),
    (ROWS, 'noun = "TTHC"', 'noun = " "', 'noun = " "', "không được để trống"),
    (ROWS, 'code = "NQ01.2"\n', 'code = "nq01,2"\n', 'code = "nq01,2"', "code chỉ gồm chữ hoa"),
    (ROWS, 'scope = ["phong_thuoc_so"', 'scope = [1, "phong_thuoc_so"', "scope = [1", "scope phải là chữ"),
    (ROWS, '[catalogue]\ntitle = "', '[catalogue]\nheading = "', "heading =", "không có khóa nào tên heading"),
    (PLAN, 'at = "08:30"\n', 'at = "8h30"\n', 'at = "8h30"', "giờ có thật"),
    (PLAN, 'at = "14:00"\n', 'at = "22:00"\n', 'at = "22:00"', "giờ làm việc"),
    (PLAN, 'deadline = "10/12"\n', 'deadline = "31/11"\n', 'deadline = "31/11"', "ngày, tháng có thật"),
    (PLAN, 'deadline = "10/12"\n', 'deadline = "12/12"\n', 'deadline = "12/12"', "không được sau evaluation"),
    (PLAN, 'deadline = "10/12"\n', "", "", "thiếu khóa deadline"),
    (PLAN, 'id = "T-3"\n', 'id = "T-7"\n', "", "id T-7 đã dùng ở trên"),
    (PLAN, "days = -7\n", "days = -700\n", "days = -700", "days phải từ -366 trở lên"),
    (PLAN, 'to = ["focal"]\n', "to = []\n", "to = []", "to phải có ít nhất một mục"),
    (PLAN, 'to = ["focal"]\n', 'to = ["ai"]\n', 'to = ["ai"]', "to phải là một trong"),
    (PLAN, 'when = "short"\n', 'when = "late"\n', 'when = "late"', "when phải là một trong"),
    (PLAN, 'words = "remind.week"\n', 'words = "tuần này"\n', 'words = "tuần này"', "words phải là hai từ"),
]


@pytest.mark.parametrize(("file", "old", "new", "at", "said"), SPOILT, ids=lambda value: value.strip())
def test_a_fault_is_told_with_file_and_line(folder: Folder, file: str, old: str, new: str, at: str, said: str) -> None:
    folder.change(old, new, file)
    faults = [(line, message) for name, line, message in folder.faults() if name == file and said in message]
    assert faults
    if at:
        assert faults[0][0] == line_of(folder.text(file), at)


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(folder: Folder) -> None:
    for file, old, new, _, _ in (SPOILT[0], SPOILT[2], SPOILT[5], SPOILT[11], SPOILT[12], SPOILT[20], SPOILT[25]):
        folder.change(old, new, file)
    faults = folder.faults()
    said = "\n".join(message for _, _, message in faults)
    for words in ("colour", "M99", "section nào là 5", "chi_cuk", "grows", "giờ có thật", "T-7 đã dùng"):
        assert words in said
    for file in (ROWS, PLAN):
        lines = [line for name, line, _ in faults if name == file]
        assert lines and lines == sorted(lines)


def test_faults_speak_to_the_clerk(folder: Folder) -> None:
    folder.change('measure = "M02"\n', 'measure = "M99"\n')
    folder.change('at = "08:30"\n', 'at = "8h30"\n', PLAN)
    measure, clock = line_of(folder.text(), 'measure = "M99"'), line_of(folder.text(PLAN), 'at = "8h30"')
    with pytest.raises(Faults) as told:
        load.read(folder.path)
    assert str(told.value).splitlines() == [
        f"indicators.toml, dòng {measure}: không có measure nào là M99",
        f'plan.toml, dòng {clock}: at phải là giờ có thật, dạng "08:30"',
    ]


def test_broken_syntax_is_told_with_its_line_and_the_other_file_is_still_read(folder: Folder) -> None:
    folder.change('code = "NQ01.2"\n', 'code = "NQ01.2\n')
    folder.change('at = "08:30"\n', 'at = "8h30"\n', PLAN)
    faults = folder.faults()
    assert (ROWS, line_of(folder.text(), 'code = "NQ01.2')) == faults[0][:2] and "TOML" in faults[0][2]
    assert faults[1][0] == PLAN and len(faults) == 2


@pytest.mark.parametrize("left_open", ["step = [\n", f"step = {'[' * 100_000}\n", f"most_before = {'9' * 5_000}\n"])
def test_what_can_not_be_parsed_is_told_at_the_end_of_the_file(folder: Folder, left_open: str) -> None:
    (folder.path / PLAN).write_text(f'deadline = "10/12"\n\n{left_open}', encoding="utf8")
    ((file, line, said),) = folder.faults()
    assert (file, line) == (PLAN, 4) and said.startswith("sai cú pháp TOML (")


def test_decomposed_letters_are_refused_by_line(folder: Folder) -> None:
    line = line_of(folder.text(), "Thanh toán trực tuyến")
    folder.change("Thanh toán trực tuyến", unicodedata.normalize("NFD", "Thanh toán trực tuyến"))
    assert folder.faults() == [(ROWS, line, "chữ có dấu ở dạng tổ hợp rời; đề nghị chuyển sang NFC")]


@pytest.mark.parametrize(
    ("spoil", "line", "said"),
    [
        (Path.unlink, 1, "không đọc được tệp plan.toml trong thư mục 2025-qd1"),
        (
            lambda path: path.write_bytes(b'\ndeadline = "10/12"\n# \xff\n'),
            3,
            "không phải chữ UTF-8; đề nghị lưu lại tệp với mã UTF-8",
        ),
    ],
    ids=["gone", "latin"],
)
def test_an_unreadable_file_is_told(folder: Folder, spoil: Callable[[Path], object], line: int, said: str) -> None:
    spoil(folder.path / PLAN)
    assert folder.faults() == [(PLAN, line, said)]


def test_empty_files_are_told_all_that_they_lack(folder: Folder) -> None:
    for file in (ROWS, PLAN):
        (folder.path / file).write_text("", encoding="utf8")
    lacking = {ROWS: ("catalogue", "section", "measure", "indicator"), PLAN: ("deadline", "evaluation")}
    assert folder.faults() == [(file, 1, f"thiếu khóa {key}") for file, keys in lacking.items() for key in keys]


def test_tables_of_the_wrong_shape_are_told(folder: Folder) -> None:
    wrong = 'catalogue = 1\nunit_types = 2\nmeasure = [1]\n[[indicator]]\nscope = ["phong", 1]\n'
    (folder.path / ROWS).write_text(wrong, encoding="utf8")
    keys = ("code", "section", "printed", "name")
    assert folder.faults() == [
        (ROWS, 1, "catalogue phải là một bảng"),
        (ROWS, 1, "thiếu khóa section"),
        (ROWS, 2, "unit_types phải là một bảng"),
        (ROWS, 3, "measure phải là một bảng"),
        *((ROWS, 4, f"thiếu khóa {key}") for key in keys),
        (ROWS, 4, "chỉ tiêu None không có measure, cũng không có dòng con"),
        (ROWS, 5, "scope phải là chữ trong ngoặc kép"),
        (ROWS, 5, "không có loại đơn vị nào là phong"),
    ]


def test_units_are_not_given_more_time_than_who_evaluates(folder: Folder) -> None:
    folder.change('deadline = "10/12"\nevaluation = "10/12"\n', 'deadline = "05/12"\nevaluation = "10/11"\n', PLAN)
    line = line_of(folder.text(PLAN), 'deadline = "05/12"')
    assert folder.faults() == [(PLAN, line, "deadline (hạn của đơn vị) không được sau evaluation (hạn đánh giá)")]


SMALL = """
unit_types = { phong = "Phòng" }
check = [{ kind = "whole_same", measure = "M1", other = "M1" }]
[catalogue] # not its own key
title = "Chỉ tiêu"
decision = "Quyết định số 1"
[[section]]
number = "I"
title = "Một"
legal_basis = "Nghị quyết 1"
[[measure]]
code = "M1"
name = "Hồ sơ trễ"
kind = "ratio"
numerator = "số trễ"
denominator = "tổng số"
noun = "hồ sơ"
grows = true
kps = "exclude"
note = "Ghi chú"
[[indicator]]
code = "A.1"
section = "I"
printed = "1"
name = "Giảm hồ sơ trễ"
display = "Hồ sơ trễ"
target = "10"
measure = "M1"
lead = "Các phòng"
scope = ["phong"]
evaluator = "TCCB"
evaluators = ["TCCB"]
"""
RHYTHM = """
deadline = "05/12"
evaluation = "10/12"
most_before = 4
[[step]]
id = "T-3"
days = -3
at = "07:30"
to = ["focal"]
when = "short"
words = "remind.soon"
stale_after = 2
"""


def test_a_catalogue_is_all_that_its_files_hold(tmp_path: Path) -> None:
    folder = tmp_path / "2026-nho"
    folder.mkdir()
    (folder / ROWS).write_text(SMALL, encoding="utf8")
    (folder / PLAN).write_text(RHYTHM, encoding="utf8")
    measure = Measure("M1", "Hồ sơ trễ", "ratio", "số trễ", "tổng số", "hồ sơ", True, "exclude", "Ghi chú")
    row = Indicator(
        "A.1",
        "I",
        "1",
        "Giảm hồ sơ trễ",
        1,
        target=target.read("10", "", "Giảm hồ sơ trễ"),
        measure="M1",
        lead="Các phòng",
        scope=("phong",),
        evaluator="TCCB",
        evaluators=("TCCB",),
        display="Hồ sơ trễ",
    )
    book = load.read(folder)
    assert book == Catalogue(
        id="2026-nho",
        title="Chỉ tiêu",
        decision="Quyết định số 1",
        sections=(Section("I", "Một", "Nghị quyết 1"),),
        indicators=(row,),
        measures={"M1": measure},
        steps=(Step("T-3", -3, time(7, 30), ("focal",), "short", "remind.soon", 2),),
        deadline=(5, 12),
        evaluation=(10, 12),
        most_before=4,
        unit_types={"phong": "Phòng"},
        checks=(Check("whole_same", "M1", "M1"),),
    )
    assert load.as_json(book) == {
        "id": "2026-nho",
        "title": "Chỉ tiêu",
        "decision": "Quyết định số 1",
        "sections": [{"number": "I", "title": "Một", "legal_basis": "Nghị quyết 1"}],
        "indicators": [{**asdict(row), "title": "Hồ sơ trễ", "target": row.target and target.as_row(row.target)}],
        "measures": [asdict(measure)],
        "plan": {
            "deadline": "05/12",
            "evaluation": "10/12",
            "most_before": 4,
            "steps": [{**asdict(book.steps[0]), "at": "07:30"}],
        },
    }


def test_windows_line_ends_and_a_byte_order_mark_are_read(folder: Folder) -> None:
    text = folder.text().replace("\n", "\r\n")
    (folder.path / ROWS).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load.read(folder.path).indicators == OWN.indicators


FAULTY = Path(__file__).parent / "data" / "faulty"


def test_each_fault_of_a_catalogue_is_told_letter_for_letter() -> None:
    """In the files, what is to be told of a line stands behind it."""
    expected = [
        (name, number, message)
        for name in (ROWS, PLAN)
        for number, line in enumerate((FAULTY / name).read_text(encoding="utf8").splitlines(), 1)
        for message in line.split(" # ! ")[1:]
    ]
    with pytest.raises(Faults) as told:
        load.read(FAULTY)
    assert [(fault.file, fault.line, fault.message) for fault in told.value.faults] == expected
