"""The office's list of people: read whole or not at all, applied once, and whom it lets in without asking TCCB."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.dialogue.turn import Said
from catalogue import phone, roster, staff
from catalogue.load import Faults
from catalogue.staff import Member
from storage import audit, invitations, members, people, schema
from tests.house import World
from tests.office_files import workbook
from tests.stage import OFFICE
from tests.test_command_line import Typed, typed

__all__ = ["typed"]
HEAD = "Đơn vị,Họ và tên,Số điện thoại,Vai trò,E-mail\n"
UNITS = [unit.id for unit in OFFICE.units]


def person(number: int) -> str:
    """A row of the list; no two are alike."""
    unit, role = UNITS[number % len(UNITS)], ("đầu mối", "thủ trưởng", "")[number % 3]
    family, name = ("Nguyễn", "Lê", "Sùng")[number % 3], "".join(chr(97 + int(digit)) for digit in f"{number:03}")
    return f"{unit},{family} Thị {name.capitalize()},0912{number:06},{role},can-bo-{number}@so.example.vn\n"


ROWS = [person(number) for number in range(300)]


def read(text: str, name: str = "can-bo.csv") -> tuple[Member, ...]:
    return staff.read(name, text.encode(), OFFICE)


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(fault) for fault in caught.value.faults]


# The list as a file.


def test_300_people_are_read() -> None:
    found = read(HEAD + "".join(ROWS))
    assert len(found) == 300
    assert found[1] == Member(UNITS[1], "head", "Lê Thị Aab", "0912000001", "can-bo-1@so.example.vn")
    assert {one.role for one in found} == {"focal", "head"}


def test_each_of_five_faults_among_300_rows_is_told_with_its_line() -> None:
    rows = list(ROWS)
    rows[10] = rows[10].replace(UNITS[10], "Phòng Nhì")
    rows[77] = rows[77].replace(",0912000077,", ",09120,")
    rows[150] = rows[150].replace(",đầu mối,", ",giám đốc,")
    rows[200] = rows[201].split(",")[0] + "," + rows[201].split(",", 1)[1]
    rows[299] = rows[299].replace("can-bo-299@so.example.vn", "can-bo-299 so.example.vn")
    told = faults(HEAD + "".join(rows))
    assert [line.split(": ", 1)[0] for line in told] == [f"can-bo.csv, dòng {n}" for n in (12, 79, 152, 203, 301)]
    for line, part in zip(
        told, ["không rõ đơn vị “Phòng Nhì”", "“09120”", "vai trò “giám đốc”", "đã có ở dòng 202", "thư"], strict=True
    ):
        assert part in line, line


def test_a_unit_that_may_be_several_is_asked_about() -> None:
    (told,) = faults(HEAD + "HKL QB,Lê Thị An,,,\n")
    assert "không rõ đơn vị “HKL QB”; có phải là HKL-QBA" in told


def test_what_is_wrong_with_a_list_is_told_in_full() -> None:
    long = "Lê " * 33 + "A"
    told = faults(
        HEAD
        + "HKL,Lê Thị An,,,\n"
        + "???,Lê Thị Bé,,,\n"
        + "CCKL,A,,,\n"
        + f"CCKL,{long},,,\n"
        + f"CCKL,{long[:-1]}1,,,\n"
        + f"CCKL,{long}n,,,\n"
        + "CCKL,Lê Cư,12345,giám đốc,a@b\n"
        + "CCKL,Lê Cư,,giám đốc,\n"
        + "VP,Lê Anh,,Đầu mối,\n"
        + f"VP,Lê Bình,,,{'x' * 122}@so.vn\n"
        + f"VP,Lê Chi,,,{'x' * 123}@so.vn\n"
        + "VP,lê  ANH,,,LE@so.vn\n"
        + "VP,Lê Anh,,Thủ trưởng,le@SO.vn\n"
        + "VP,Lê Dung,,,le@so.vn\n"
    )
    unit = "HKL-TPHG (Hạt Kiểm lâm thành phố Hà Giang) hoặc HKL-DV (Hạt Kiểm lâm huyện Đồng Văn) hoặc HKL-MV"
    role = "không có vai trò “giám đốc”; đề nghị ghi focal, head, tccb, evaluator hoặc viewer"
    assert told == [
        f"can-bo.csv, dòng 2: không rõ đơn vị “HKL”; có phải là {unit} (Hạt Kiểm lâm huyện Mèo Vạc)?",
        "can-bo.csv, dòng 3: không rõ đơn vị “???”",
        "can-bo.csv, dòng 4: họ tên “A” phải gồm ít nhất hai chữ, không có số",
        f"can-bo.csv, dòng 6: họ tên “{long[:-1]}1” phải gồm ít nhất hai chữ, không có số",
        "can-bo.csv, dòng 7: cột name (họ tên) dài quá 100 ký tự",
        f"can-bo.csv, dòng 8: {role}",
        "can-bo.csv, dòng 8: số điện thoại “12345” phải có 10 hoặc 11 chữ số",
        "can-bo.csv, dòng 8: “a@b” không phải là địa chỉ thư điện tử",
        f"can-bo.csv, dòng 9: {role}",
        f"can-bo.csv, dòng 12: “{'x' * 123}@so.vn” không phải là địa chỉ thư điện tử",
        "can-bo.csv, dòng 13: “lê  ANH” của đơn vị này đã có ở dòng 10",
        "can-bo.csv, dòng 15: thư điện tử “le@so.vn” đã dùng ở dòng 13 cho người khác",
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",Lê Thị An,,,", "cột unit (đơn vị) để trống"),
        ("CCKL,,,,", "cột name (họ tên) để trống"),
        ("CCKL,An,,,", "ít nhất hai chữ"),
        ("CCKL,Lê Thị 2,,,", "không có số"),
        (f"CCKL,{'Lê ' * 40},,,", "dài quá 100"),
        ("CCKL,Lê Thị An,không có,,", "10 hoặc 11 chữ số"),
        ("CCKL,Lê Thị An,,,a@b", "không phải là địa chỉ"),
        ("CCKL,Lê Thị An,,,,thừa", "không nằm dưới tiêu đề"),
    ],
)
def test_a_row_that_can_not_stand_says_why(row: str, words: str) -> None:
    (told,) = faults(HEAD + row + "\n")
    assert words in told


def test_the_example_is_a_list_of_people() -> None:
    example = roster.EXAMPLE.with_name("people.csv")
    assert [one.unit for one in staff.read(example.name, example.read_bytes(), OFFICE)] == ["CCKL", "CCKL", "HKL-DV"]


def test_a_row_is_somebody_in_their_role() -> None:
    row = "HKL Đồng Văn,Lê  Thị An,+84 912 345 678,Thủ trưởng,An@So.vn\n"
    assert read(HEAD + row) == (Member("HKL-DV", "head", "Lê Thị An", "0912345678", "an@so.vn"),)


def test_a_number_belongs_to_one_person_who_may_stand_for_two_units() -> None:
    two = "CCKL,Lê Thị An,0912345678,,\nVP,Lê thị AN,+84 912 345 678,,\n"
    assert len(read(HEAD + two)) == 2
    (told,) = faults(HEAD + two + "TTKN,Trần Văn Bình,0912.345.678,,\n")
    assert "dòng 4: số điện thoại “0912.345.678” đã dùng ở dòng 2 cho người khác" in told


def test_a_workbook_with_numbers_that_lost_their_zero_is_read() -> None:
    rows = (
        ("Danh sách cán bộ",),
        ("STT", "Họ tên", "Chức vụ", "Đơn vị", "SĐT"),
        (1, "Lê Thị An", "Chuyên viên", "Chi cục Kiểm lâm", 912345678),
    )
    assert staff.read("ds.xlsx", workbook(rows), OFFICE) == (Member("CCKL", "focal", "Lê Thị An", "0912345678"),)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("(0219) 3866-866", "02193866866"),
        ("912345678", "0912345678"),
        ("12345", ""),
        ("091234567x", ""),
        ("٠٩١٢٣٤٥٦٧٨", ""),
        ("", ""),
    ],
)
def test_a_number_has_one_form(typed: str, plain: str) -> None:
    assert phone.plain(typed) == plain


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Lê Thị Đạt 0912345678", ("0912345678", "Lê Thị Đạt")),
        ("Lê Thị Đạt, sđt: +84 912 345 678.", ("0912345678", "Lê Thị Đạt, sđt")),
        ("0912 345 678 - Lê Thị Đạt", ("0912345678", "Lê Thị Đạt")),
        ("Lê Thị Đạt", ("", "Lê Thị Đạt")),
        ("Lê Thị Đạt 1234", ("", "Lê Thị Đạt 1234")),
        ("Xuân 0912345678", ("0912345678", "Xuân")),
    ],
)
def test_a_number_is_told_apart_from_a_name(typed: str, found: tuple[str, str]) -> None:
    assert phone.apart(typed) == found


# At the keyboard.


def test_a_list_is_imported_once(typed: Typed, tmp_path: Path) -> None:
    typed("init")
    file = tmp_path / "can-bo.csv"
    file.write_text(HEAD + "".join(ROWS), encoding="utf8")
    assert "Chưa ghi (chạy thử)." in typed("people", "import", str(file), "--dry-run")[1]
    status, told, _ = typed("people", "import", str(file))
    assert (status, told.count("Thêm: "), "Đã ghi danh sách 300 người." in told) == (0, 300, True)
    assert typed("people", "import", str(file))[1] == "Danh sách 300 người không có gì thay đổi.\n"
    file.write_text(HEAD + "".join(ROWS[1:]).replace("0912000005", "0912999999"), encoding="utf8")
    told = typed("people", "import", str(file))[1]
    assert [line[:4] for line in told.splitlines()] == ["Đổi:", "Bỏ: ", "Đã g"]
    assert typed("people", "list")[1].count("chưa đăng ký") == 299


def test_a_list_with_faults_changes_nothing(typed: Typed, tmp_path: Path) -> None:
    typed("init")
    file = tmp_path / "can-bo.csv"
    file.write_text(HEAD + ROWS[0] + "?,Lê Thị An,1,x,y\n", encoding="utf8")
    status, _, told = typed("people", "import", str(file))
    assert (status, told.count("dòng 3"), "Có 4 lỗi; chưa ghi gì." in told) == (1, 4, True)
    assert typed("people", "list")[1] == ""


# Who comes in.

AN, BINH = Member("CCKL", "focal", "Lê Thị An", "0912345678", "an@so.example.vn"), Member("CCKL", "head", "Trần Bình")


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    made = World(engine)
    made.seat("hanh", "tccb", "TCCB")
    made.do(
        members.apply, [AN, BINH, Member("VP", "focal", "Vũ Văn Anh"), Member("VP", "focal", "Vũ Vân Anh")], made.now
    )
    yield made
    made.close()


def comes(world: World, name: str | Said, unit: str = "CCKL", role: str = "focal", chat: str = "new") -> str:
    """What they are told at the end; TCCB's messages stand in world.far."""
    world.far.sent.clear()
    code = world.do(invitations.issue, unit, role, world.now)
    for said in (code, "đồng ý", name):
        world.hear(chat, said)
        world.answer()
    world.deliver()
    return world.far.texts(chat)[-1]


@pytest.mark.parametrize("typed", ["Lê Thị An", "le thi an", "Lê Thị An 0912 345 678", "An Lê +84912345678"])
def test_who_is_on_the_list_is_in_at_once(world: World, typed: str) -> None:
    assert "đã xác nhận đồng chí Lê Thị An là đầu mối" in comes(world, typed)
    (here,) = world.do(people.serving, "focal")
    assert (here.name, here.phone, here.unit) == ("Lê Thị An", "0912345678", "CCKL")
    assert world.far.texts("hanh") == []
    assert [one.channel for one in world.do(people.addresses, here.person)] == ["far", "email"]
    assert world.do(audit.first_broken) is None


def test_marks_tell_two_of_a_unit_apart(world: World) -> None:
    assert "đồng chí Vũ Vân Anh" in comes(world, "Vũ Vân Anh", "VP")
    assert "đồng chí Vũ Văn Anh" in comes(world, "vũ văn anh", "VP", chat="other")


def test_they_are_asked_for_their_number_where_there_is_a_list(world: World) -> None:
    comes(world, "Lê Thị An")
    assert any("họ và tên, số điện thoại" in text for text in world.far.texts("new"))
    comes(world, "Phạm Thị Chi", unit="TTKN", chat="other")
    assert "Đề nghị cho biết họ và tên của đồng chí." in world.far.texts("other")


def test_a_shared_contact_counts_as_their_number(world: World) -> None:
    assert "Đã nhận số điện thoại" in comes(world, Said(event="contact", phone="84912345678"))
    world.hear("new", "An")
    world.hear("new", "Thị An")
    world.answer()
    world.deliver()
    assert "đã xác nhận đồng chí Lê Thị An" in world.far.texts("new")[-1]


def test_a_contact_that_nobody_asked_for_is_not_understood(world: World) -> None:
    world.hear("hanh", Said(event="contact", phone="84912345678"))
    world.answer()
    world.deliver()
    assert world.do(people.serving, "focal") == []
    assert world.kinds() == ["talk.unsupported"]


@pytest.mark.parametrize(
    ("name", "unit", "role"),
    [
        ("Lê Thị Ân Nhi", "CCKL", "focal"),
        ("Lê Thị An", "TTKN", "focal"),  # on the list of another unit
        ("Lê Thị An", "CCKL", "head"),  # in another role
        ("Lê Thị An 0987654321", "CCKL", "focal"),  # the name is right, the number somebody else's
        ("vu van anh", "VP", "focal"),  # two who differ by their marks alone
        ("Trần Bình", "CCKL", "viewer"),
    ],
)
def test_anybody_else_waits_for_tccb(world: World, name: str, unit: str, role: str) -> None:
    assert "sẽ xác nhận" in comes(world, name, unit, role)
    assert len(world.far.texts("hanh")) == 1
    assert world.do(people.serving, "focal", "head", "viewer") == []


def test_who_has_power_over_others_waits_even_when_listed(world: World) -> None:
    world.do(members.apply, [Member("VP", "evaluator", "Lê Thị An"), Member("TCCB", "tccb", "Vũ Hà")], world.now)
    assert "sẽ xác nhận" in comes(world, "Lê Thị An", "VP", "evaluator")
    assert "sẽ xác nhận" in comes(world, "Vũ Hà", "TCCB", "tccb", chat="ha")


def test_a_second_one_of_that_name_waits(world: World) -> None:
    comes(world, "Lê Thị An")
    assert "sẽ xác nhận" in comes(world, "Lê Thị An", chat="again")


def test_with_the_rule_off_everybody_waits(world: World, typed: Typed) -> None:
    world.do(members.let_in, False)
    assert "sẽ xác nhận" in comes(world, "Lê Thị An")
    assert "số điện thoại" not in "\n".join(world.far.texts("new"))


def test_the_rule_is_set_at_the_keyboard(typed: Typed) -> None:
    typed("init")
    assert "chờ TCCB duyệt" in typed("people", "admit", "--ask")[1]
    assert "tự xác nhận" in typed("people", "admit", "--auto")[1]
    assert "nguyên vẹn" in typed("audit", "verify")[1]


def test_who_is_off_the_list_again_waits(world: World) -> None:
    world.do(members.apply, [BINH], world.now)
    assert "sẽ xác nhận" in comes(world, "Lê Thị An")


def test_tccb_is_told_of_them_in_the_days_summary_once(world: World) -> None:
    comes(world, "Lê Thị An")
    comes(world, "Trần Bình", role="head", chat="binh")
    world.far.sent.clear()
    for moment in ("2024-11-26 16:30", "2024-11-27 16:30"):
        world.knock(moment)
        world.deliver()
    first, second = world.far.texts("hanh")
    assert "Tự xác nhận theo danh sách cán bộ: 2 người\n- Lê Thị An - Chi cục Kiểm lâm (đầu mối)" in first
    assert "Tự xác nhận" not in second


def test_where_there_is_no_summary_tccb_is_told_at_once(world: World) -> None:
    world.do(lambda tx: tx.execute(schema.campaign.update().values(locked=world.now)))
    comes(world, "Lê Thị An")
    assert "được tự xác nhận vì có trong danh sách cán bộ" in world.far.texts("hanh")[0]


def test_tccb_sees_the_number_of_who_waits(world: World) -> None:
    comes(world, "Phạm Thị Chi 0987654321")
    assert "điện thoại 0987654321" in world.far.texts("hanh")[0]
    world.hear("hanh", "chờ duyệt")
    world.hear("hanh", "duyệt 1")
    world.answer()
    world.deliver()
    assert "Phạm Thị Chi - Chi cục Kiểm lâm (đầu mối), điện thoại 0987654321" in world.far.texts("hanh")[1]
    (here,) = world.do(people.serving, "focal")
    assert here.phone == "0987654321"
