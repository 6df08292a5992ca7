"""Invitations on paper: what a phone reads on the sheet, which codes are good then, and who is not let in."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import zxingcpp
from docx import Document
from PIL import Image

from bot import papers
from bot.channels.channel import Traits
from bot.dialogue.facts import Way
from bot.documents import invitation
from bot.documents.invitation import Card
from bot.words import Words
from storage import invitations, schema
from tests.house import Far, World, at
from tests.stage import OFFICE
from tests.test_command_line import Typed, typed

__all__ = ["typed"]
CODE = re.compile(r"NH-[A-HJ-NP-Z2-9]{8}")
KEY = "a key"
TELEGRAM, ZALO, NAMED = (
    Way("Telegram", "https://t.me/nhac_han_bot?start={code}"),
    Way("Zalo OA (Sở X)", "https://zalo.me/579745863508352884"),
    Way("Zalo (Bot Nhắc Hạn)", ""),
)


def pictures(sheet: bytes) -> list[str]:
    """What a phone reads, card by card."""
    document: Any = Document(BytesIO(sheet))
    found = []
    for drawn in document.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"):
        part = document.part.related_parts[next(v for name, v in drawn.attrib.items() if name.endswith("embed"))]
        (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(part.blob)))
        assert read.format == zxingcpp.BarcodeFormat.QRCode
        found.append(read.text)
    return found


def cards(sheet: bytes) -> dict[str, str]:
    """Unit → the code that is printed beside it."""
    (table,) = Document(BytesIO(sheet)).tables
    lines = [[line.text for line in cell.paragraphs] for row in table.rows for cell in row.cells[1::2]]
    return {unit: code for unit, code, *_ in filter(lambda told: len(told) > 1, lines)}


@pytest.fixture
def world(engine: Any) -> Iterator[World]:
    """Hạnh is of TCCB; An reports for Kiểm lâm already."""
    made = World(engine, far=Far(traits=Traits(4000, files=True, entrance=TELEGRAM.link, brand="Telegram")))
    made.seat("hanh", "tccb", "TCCB")
    made.seat("an", "focal", "CCKL")
    yield made
    made.close()


def asks(world: World, text: str, chat: str = "hanh") -> str:
    world.far.sent.clear()
    world.hear(chat, text)
    world.answer()
    world.deliver()
    return "\n".join(world.far.texts(chat))


def sheet(world: World, text: str = "phiếu mời") -> bytes:
    asks(world, text)
    (file,) = world.far.sent[-1].files
    assert file.name == "phieu-moi.docx"
    return file.read()


def test_all_54_invitations_on_a_sheet_are_read_back(world: World) -> None:
    printed = sheet(world, "phiếu mời tất cả")
    told = cards(printed)
    assert list(told) == [unit.name for unit in OFFICE.units] and len(told) == 54
    assert all(CODE.fullmatch(code) for code in told.values()) and len(set(told.values())) == 54
    assert pictures(printed) == [TELEGRAM.to(code) for code in told.values()]
    codes = {world.do(invitations.find, code).unit for code in told.values()}
    assert codes == set(OFFICE.by_id)


def test_who_has_a_focal_point_gets_no_card_unless_all_are_asked_for(world: World) -> None:
    assert set(OFFICE.by_id["CCKL"].name.split()) and OFFICE.by_id["CCKL"].name not in cards(sheet(world))
    assert len(cards(sheet(world))) == 53


def test_a_second_sheet_has_the_same_codes_and_a_renewed_one_has_none_of_them(world: World) -> None:
    first = cards(sheet(world))
    world.go("2024-11-27 09:00")
    assert cards(sheet(world)) == first
    said_once = world.do(invitations.issue, "VP", "focal", world.now)
    renewed = cards(sheet(world, "phiếu mời đổi mã"))
    assert renewed.keys() == first.keys() and not {*renewed.values()} & {*first.values()}
    for old in (first["Văn phòng Sở"], said_once):
        assert "Mã mời không đúng" in asks(world, old, "stranger")
    assert "Mã mời của: Văn phòng Sở" in asks(world, renewed["Văn phòng Sở"], "stranger")


def test_a_code_that_is_used_stands_on_no_later_sheet(world: World) -> None:
    first = cards(sheet(world))
    for said in (first["Văn phòng Sở"], "đồng ý", "Lê Văn Phòng"):
        asks(world, said, "newcomer")
    again = cards(sheet(world))
    assert again["Văn phòng Sở"] != first["Văn phòng Sở"]  # whoever has it is not let in yet
    assert {name: code for name, code in again.items() if name != "Văn phòng Sở"} == {
        name: code for name, code in first.items() if name != "Văn phòng Sở"
    }
    asks(world, "duyệt 1")
    assert "Văn phòng Sở" not in cards(sheet(world))


def test_no_code_lies_in_the_database_as_it_is_printed(world: World) -> None:
    codes = {*cards(sheet(world)).values()}
    everything = "\n".join(str(tuple(row)) for table in schema.meta.sorted_tables for row in world.rows(table))
    assert not [code for code in codes if code in everything or code.removeprefix("NH-") in everything]


def test_another_key_prints_other_codes(world: World) -> None:
    first = cards(sheet(world))
    world.house.key = "another"
    world.house.open([world.far])
    second = cards(sheet(world))
    assert not {*first.values()} & {*second.values()}
    assert "Mã mời của: Văn phòng Sở" in asks(world, first["Văn phòng Sở"], "stranger")


def test_where_the_channel_takes_no_files_a_link_leads_to_the_sheet(engine: Any) -> None:
    world = World(engine, far=Far(traits=Traits(4000)))
    world.seat("hanh", "tccb", "TCCB")
    world.house.link = lambda paper: f"https://nhac.example/f/{papers.ref(paper)}"
    world.house.open([world.far])
    told = asks(world, "phiếu mời")
    named = papers.named(unquote(told.rpartition("/f/")[2].strip()))
    assert named
    archive = world.house.posts[0].archive
    file = world.do(papers.make, named, archive)
    assert pictures(file.read()) == list(cards(file.read()).values())  # no channel known by address: the code itself
    world.do(lambda tx: tx.execute(schema.duty.update().values(until=world.now)))
    assert world.do(papers.make, named, archive) is None  # whoever has left TCCB finds nothing behind it
    world.close()


@pytest.mark.parametrize("who", ["an", "stranger"])
def test_only_tccb_gets_a_sheet(world: World, who: str) -> None:
    asks(world, "phiếu mời", who)
    assert not any(message.files for message in world.far.sent)
    assert world.rows(schema.invitation) == []


def test_what_is_not_understood_prints_nothing(world: World) -> None:
    assert "phiếu mời tất cả" in asks(world, "phiếu mời hôm qua")
    assert world.rows(schema.invitation) == []


@pytest.mark.parametrize(
    ("ways", "says", "tells"),
    [
        ([TELEGRAM, ZALO], TELEGRAM.to("NH-ABCDEFGH"), ["Quét mã QR để mở Telegram, rồi", "cả tại Zalo OA (Sở X)"]),
        ([ZALO, NAMED], ZALO.link, ["mở Zalo OA (Sở X), nhắn mã trên", "cả tại Zalo (Bot Nhắc Hạn)"]),
        ([NAMED], "NH-ABCDEFGH", ["Nhắn mã trên cho hệ thống", "tại Zalo (Bot Nhắc Hạn)"]),
        ([], "NH-ABCDEFGH", ["Nhắn mã trên cho hệ thống"]),
    ],
)
def test_a_card_says_how_to_come_in(ways: list[Way], says: str, tells: list[str]) -> None:
    card = Card("Chi cục Kiểm lâm", "NH-ABCDEFGH", at("2024-12-25 09:00"))
    made = invitation.write([card], ways, Words())
    assert pictures(made) == [says]
    (table,) = Document(BytesIO(made)).tables
    text = table.rows[0].cells[1].text
    assert all(part in text for part in [*tells, "đến hết ngày 25/12/2024"]), text


def test_a_sheet_is_printed_at_the_keyboard(typed: Typed, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("WEB_BASE_URL", "https://nhac.example.vn")
    typed("init")
    out = tmp_path / "phieu.docx"
    status, told, _ = typed("invite", "sheet", "--out", str(out))
    assert (status, "54 đơn vị, 54 mã mới, bỏ 0 mã" in told, "dẫn đến Web" in told) == (0, True, True)
    first = cards(out.read_bytes())
    assert pictures(out.read_bytes()) == [f"https://nhac.example.vn/?ma={code}" for code in first.values()]
    assert "54 đơn vị, 0 mã mới" in typed("invite", "sheet", "--out", str(out))[1]
    assert cards(out.read_bytes()) == first
    assert "54 mã mới, bỏ 54 mã" in typed("invite", "sheet", "--out", str(out), "--renew")[1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("sheet",), "--out"),
        (("CCKL", "--all"), "chỉ dùng khi in phiếu mời"),
        (("sheet", "--out", "a.docx", "--role", "head"), "bỏ --role"),
        (("sheet", "--out", "a.docx", "--via", "viber"), "Không có kênh “viber”"),
        (("sheet", "--out", "no/where/a.docx"), "Không ghi được"),
    ],
)
def test_a_sheet_that_can_not_be_printed_issues_nothing(typed: Typed, words: tuple[str, ...], why: str) -> None:
    typed("init")
    status, _, told = typed("invite", *words)
    assert (status, why in told) == (1, True), told
    assert "Traceback" not in told
    assert "54 mã mới, bỏ 0 mã" in typed("invite", "sheet", "--out", "b.docx")[1]


def test_whoever_guesses_is_shut_out_for_an_hour_and_learns_nothing(world: World) -> None:
    """Five guesses an hour from one chat at 32^8 codes; a right one does not even count while it is shut out."""
    good = world.do(invitations.issue, "VP", "focal", world.now)
    looked_up = 0
    for hour in range(24):
        world.go(f"2024-11-27 {hour:02}:00")
        for number in range(40):
            looked_up += "không đúng" in asks(world, f"NH-{hour:02}{number:02}AAAA", "guesser")
        assert "thử lại sau một giờ" in asks(world, good, "guesser")
    assert looked_up == 24 * invitations.PATIENCE
    assert 32**invitations.LENGTH / looked_up / 365 > 1_000_000  # years for one chat, with one code open
    assert "Mã mời của: Văn phòng Sở" in asks(world, good, "somebody else")
