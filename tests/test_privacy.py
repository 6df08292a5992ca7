"""What is kept about a person: told, put right, and erased, while reports and the audit stay and stay provable."""

import hashlib
import json
import re

import pytest
from sqlalchemy import select, text

from bot import replay
from bot.dialogue.turn import Said
from catalogue.effacing import MARK, Effacer
from catalogue.text import bare
from storage import audit, erasing, files, invitations, people, schema, sealing
from storage.audit import Who
from storage.sealing import Keys
from tests.house import World, at
from tests.stage import CATALOGUES

NAME, BEFORE, PHONE, CHAT = "Nguyễn Thị Hạnh Nguyên", "Nguyễn Thị Hành", "0912 345 678", "5123456789"
CLOCK = at("2024-11-26 08:00")
TRACES = ("hanh nguyen", "nguyen thi hanh", "912345678", "912 345 678", "912.345.678", "5123456789")


def say(world: World, who: str, *lines: str) -> str:
    world.far.sent.clear()
    for line in lines:
        world.hear(who, line)
        world.answer()
    world.deliver()
    return "\n".join(world.far.texts(who))


@pytest.fixture(params=["plain", "keyed"])
def office(request: pytest.FixtureRequest, house: World) -> World:
    """Somebody under two names, with a telephone, in chats that are told of in many tables."""
    if request.param == "keyed":
        sealing.use(house.engine, Keys((b"k" * 40,)))
    house.seat("hanh", "tccb", "TCCB")
    code = house.do(_code)
    say(house, CHAT, code, "đồng ý", BEFORE)
    say(house, "hanh", "duyệt 1")
    say(house, CHAT, f"sửa tên tôi: {NAME}", f"sửa số điện thoại: {PHONE}")
    say(house, CHAT, "2.8: 30/50", "đúng", f"Ít hồ sơ, gọi {NAME.upper()} (+84 912.345.678)", "hủy")
    say(house, CHAT, "2.9: 20/60", "đúng", "hủy", "minh chứng 2.9: BC 12 do Nguyen  Thi Hanh Nguyen ky, 0912345678")
    say(house, CHAT, f"hỏi mẫu số của {NAME} là gì", "tôi nghỉ đến 05/12", "đúng", f"xin lùi đến 05/12 vì {NAME} ốm")
    newest = house.rows(schema.report)[-1].id
    house.hear("hanh", Said("", f"return {newest}"), f"thiếu, đề nghị chị {NAME} gửi lại")
    house.answer()
    house.deliver()
    house.do(_file)
    return house


def _code(tx):
    return invitations.issue(tx, "CCKL", "focal", CLOCK, BEFORE)


def _file(tx):
    kept = files.add(tx, f"bao cao {NAME}.pdf", "application/pdf", NAME.encode(), CLOCK)
    theirs = select(schema.address.c.id).where(schema.address.c.chat == CHAT)
    inbox = schema.inbox.select().where(schema.inbox.c.address.in_(theirs)).order_by(schema.inbox.c.id)
    row = tx.execute(inbox).first()
    said = row.said | {"file": {"ref": "r", "name": NAME, "size": 1, "mime": "x", "kept": kept, "lost": ""}}
    tx.execute(schema.inbox.update().where(schema.inbox.c.id == row.id).values(said=said))


def dump(world: World) -> str:
    """Every value of every column of every table, without marks."""
    found = []
    for table in schema.meta.sorted_tables:
        for row in world.rows(table):
            found += [value.decode("utf8", "ignore") if isinstance(value, bytes) else str(value) for value in row]
    return bare("\n".join(found))


def traces(world: World) -> list[str]:
    told = re.sub(r"\s+", " ", dump(world))
    return [trace for trace in TRACES if trace in told]


def holds(world: World) -> None:
    assert world.do(audit.first_broken) is None
    assert world.do(replay.first_differing, CATALOGUES) is None


def test_one_sees_what_is_kept_and_puts_it_right(office):
    told = say(office, CHAT, "dữ liệu của tôi")
    assert NAME in told and "0912345678" in told and "Chi cục Kiểm lâm" in told and "26/11/2024" in told
    assert say(office, CHAT, "sửa tên tôi: Hạnh") == say(office, CHAT, "sửa tên tôi: 12 34")
    assert "chưa đúng dạng" in say(office, CHAT, "sửa số điện thoại: chín")
    assert "Đã bỏ số điện thoại" in say(office, CHAT, "sửa số điện thoại: không")
    changes = [(row.deed, row.was, row.now) for row in office.rows(schema.audit) if row.deed in ("rename", "phone")]
    assert changes == [("rename", BEFORE, NAME), ("phone", None, "0912345678"), ("phone", "0912345678", None)]


def test_tccb_is_told_of_another_name(office):
    office.far.sent.clear()
    say(office, CHAT, "sửa tên tôi: Trần Thị Bình")
    assert f"{NAME} (Chi cục Kiểm lâm) đã sửa họ tên thành Trần Thị Bình." in "\n".join(office.far.texts("hanh"))


def asked(world: World) -> None:
    assert "Đã gửi đề nghị xóa" in say(world, CHAT, "xóa dữ liệu của tôi", "đúng")


def test_nothing_is_left_of_somebody_who_is_erased_and_the_books_hold(office):
    assert set(traces(office)) == set(TRACES)
    holds(office)
    before = [(row.unit, row.measure, row.numerator, row.denominator, row.person) for row in office.rows(schema.report)]
    asked(office)
    assert "Đã xóa dữ liệu cá nhân theo đề nghị số 1" in say(office, "hanh", "xóa dữ liệu 1")
    assert traces(office) == []
    holds(office)
    after = [(row.unit, row.measure, row.numerator, row.denominator, row.person) for row in office.rows(schema.report)]
    assert after == before
    assert MARK in office.rows(schema.explanation)[0].reason
    assert office.rows(schema.file_content) == []
    assert "Mã mời" in say(office, CHAT, "2.9: 20/60") or "mã mời" in say(office, CHAT, "2.9: 20/60")


def test_a_row_that_was_erased_is_still_sealed(office):
    asked(office)
    say(office, "hanh", "xóa dữ liệu 1")
    erased = next(row for row in office.rows(schema.audit) if row.deed == "rename")
    assert erased.now == MARK
    office.do(lambda tx: tx.execute(text(f"UPDATE audit SET verbatim = 'khác' WHERE id = {erased.id}")))
    found = office.do(audit.first_broken)
    assert (found.id, found.why) == (erased.id, "content")


def test_the_salt_with_which_it_could_be_found_out_by_trial_goes_too(office):
    salts = {row.id: row.salt for row in office.rows(schema.audit)}
    asked(office)
    say(office, "hanh", "xóa dữ liệu 1")
    (left,) = [row.now["rows"] for row in office.rows(schema.audit) if row.deed == audit.ERASED]
    now = {row.id: row.salt for row in office.rows(schema.audit)}
    assert left and all(now[int(id)] != salts[int(id)] for id in left)


def test_rows_of_the_first_form_are_erased_as_well(house):
    whom = house.seat("an", "focal", "CCKL")
    house.do(people.rename, whom, NAME)
    row = {"at": house.now, "person": whom, "channel": "far", "deed": "hand over", "subject": "1/CCKL"}
    row |= {"was": None, "now": {"name": NAME, "phone": PHONE}, "verbatim": None}
    body = [row[name].isoformat() if name == "at" else row[name] for name in row]
    link = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    house.do(lambda tx: tx.execute(schema.audit.insert().values(**row, link=link)))
    house.do(audit.note, Who(whom, "far"), "lock", "1", house.now)
    holds(house)
    house.do(erasing.erase, whom, Who(None, "cli"), house.now)
    assert "hanh nguyen" not in dump(house)
    holds(house)


def test_a_chat_that_was_dropped_before_is_erased_too(office):
    me = office.address(CHAT).person
    office.do(lambda tx: people.link(tx, people.address_of(tx, "far", "", "zalo-77665544", office.now), me))
    told = next(row.id for row in office.rows(schema.address) if row.chat == "zalo-77665544")
    office.hear(CHAT, Said("", f"drop-address {told}"))
    office.answer()
    assert "zalo-77665544" in dump(office)
    asked(office)
    say(office, "hanh", "xóa dữ liệu 1")
    assert "77665544" not in dump(office)


def test_the_office_s_list_of_people_has_them_no_more(office):
    listed = {"unit": "CCKL", "role": "focal", "name": NAME, "phone": "0987654321", "email": "nguyen@so.gov.vn"}
    other = listed | {"unit": "NTM", "phone": "0911111111", "email": "khac@so.gov.vn"}
    office.do(lambda tx: tx.execute(schema.member.insert(), [row | {"since": CLOCK} for row in (listed, other)]))
    asked(office)
    say(office, "hanh", "xóa dữ liệu 1")
    assert [(row.name, row.phone, row.email) for row in office.rows(schema.member)] == [
        (MARK, "", ""),
        (NAME, "0911111111", "khac@so.gov.vn"),
    ]


def test_whoever_else_has_the_same_name_keeps_it(office):
    other = office.seat("khac", "focal", "NTM")
    office.do(people.rename, other, NAME)
    asked(office)
    say(office, "hanh", "xóa dữ liệu 1")
    assert office.do(people.named, other) == NAME


def test_tccb_may_refuse_and_says_why(office):
    asked(office)
    office.far.sent.clear()
    say(office, "hanh", "không xóa dữ liệu 1 còn khiếu nại")
    assert "Lý do: còn khiếu nại" in "\n".join(office.far.texts(CHAT))
    assert office.do(people.named, office.address(CHAT).person) == NAME
    assert "Không có đề nghị" in say(office, "hanh", "xóa dữ liệu 1")


def test_nobody_erases_themselves(house):
    house.seat("hanh", "tccb", "TCCB")
    say(house, "hanh", "xóa dữ liệu của tôi", "đúng")
    assert "do một cán bộ khác" in say(house, "hanh", "xóa dữ liệu 1")
    house.seat("dung", "tccb", "TCCB")
    assert "Đã xóa" in say(house, "dung", "xóa dữ liệu 1")


def test_asking_twice_is_one_request(office):
    asked(office)
    asked(office)
    assert len(office.rows(schema.erasure)) == 1


def test_who_thinks_better_of_it_keeps_everything(office):
    assert "không có gì thay đổi" in say(office, CHAT, "xóa dữ liệu của tôi", "bỏ")
    assert office.rows(schema.erasure) == []


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Đồng chí Nguyễn Văn An, 0912345678", f"Đồng chí {MARK}, {MARK}"),
        ("nguyen van  an và NGUYỄN VĂN AN", f"{MARK} và {MARK}"),
        ("Nguyễn Văn Anh, 09123456789", "Nguyễn Văn Anh, 09123456789"),
        ("+84 912-345-678; 84912345678", f"{MARK}; {MARK}"),
        ("ba@so.vn viết", f"{MARK} viết"),
        ("aba@so.vn viết", "aba@so.vn viết"),
        ("Nguyễn Văn An".encode().decode(), MARK),
    ],
)
def test_what_is_taken_out_of_what_was_written(written, left):
    assert Effacer.of(["Nguyễn Văn An", "An"], ["0912 345 678"], ["ba@so.vn", "c1"]).text(written) == left


def test_all_that_json_holds_is_looked_through():
    effacer = Effacer.of(["Nguyễn Văn An"], [], [])
    kept = [{"a": {"b": ["gọi Nguyễn Văn An", 1, None]}, "c": "Nguyễn\nVăn An"}, {"Nguyễn Văn An": True}]
    assert effacer.value(kept) == [{"a": {"b": [f"gọi {MARK}", 1, None]}, "c": MARK}, {MARK: True}]


def test_without_anything_to_look_for_nothing_changes():
    assert Effacer.of(["An"], [], []).value({"a": ["An", 1, None]}) == {"a": ["An", 1, None]}
