"""The whole story in a browser, as a new user of the rehearsal plays it, against the program itself.

With PICTURES=docs/pictures its main moments are kept there as pictures.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from catalogue import load, roster
from tests.browser import pictures
from tests.program import ROOT, Program

CATALOGUE = load.all()["2024-qd55"]
PATIENCE = 30_000  # ms
MOST = 12  # presses of "next" that lead to a week before the deadline
REASON = "Phần mềm, đường truyền lỗi"
NOTICE = "Họp giao ban\nMời các đơn vị dự họp lúc 8 giờ ngày 05/12/2024."


@pytest.fixture
def program(tmp_path: Path) -> Iterator[str]:
    with Program(tmp_path).open("demo", "--port", "0") as address:
        yield address


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture, if pictures are wanted."""
    wanted = os.environ.get("PICTURES")

    def take(page: Page, name: str) -> None:
        if wanted:
            pictures.take(page, ROOT / wanted / f"{name}.png")

    return take


class Chat:
    """What somebody types, presses and reads in their window."""

    def __init__(self, place: Any) -> None:
        self.place = place
        self.bubbles: Locator = place.locator(".line.bot .said")

    def says(self, words: str) -> str:
        """The answer to what is typed."""
        expect(self.place.locator("#log")).to_have_attribute("aria-live", "polite")  # what was said before is there
        before = self.bubbles.count()
        self.place.get_by_label("Nội dung tin").fill(words)
        self.place.get_by_label("Nội dung tin").press("Enter")
        return self.hears(before)

    def presses(self, label: str) -> str:
        """The answer to the button."""
        before = self.bubbles.count()
        self.button(label).click()
        return self.hears(before)

    def button(self, label: str) -> Locator:
        found: Locator = self.place.locator(".choices button:enabled").get_by_text(label, exact=True)
        return found

    def hears(self, before: int) -> str:
        """What comes after that many messages."""
        bubble = self.bubbles.nth(before)
        expect(bubble).to_be_visible(timeout=PATIENCE)
        return bubble.inner_text()

    def has(self, words: str) -> str:
        """The message with these words, once it is there."""
        bubble = self.bubbles.filter(has_text=words).last
        expect(bubble).to_be_visible(timeout=PATIENCE)
        return bubble.inner_text()


@dataclass
class Office:
    """The page with everybody in it."""

    page: Page

    def chat(self, id: str) -> Chat:
        return Chat(self.page.frame_locator(f"#at-{id} iframe"))

    def chip(self, number: int) -> str:
        """What the guide's chip of that number has in it."""
        return self.page.locator("#steps .chip").nth(number).inner_text()

    def go(self, moment: str, day: str) -> None:
        """By the button alone, however many moments lie in between."""
        for _ in range(MOST):
            ahead = self.page.locator("#ahead").inner_text()
            self.page.get_by_role("button", name="Đến lần nhắc kế tiếp").click()
            expect(self.page.locator("#ahead")).not_to_have_text(ahead, timeout=PATIENCE)
            if self.page.locator("#time").inner_text() == moment and day in self.page.locator("#date").inner_text():
                return
        raise AssertionError(f"{moment} {day} never came")


def open_lines(unit: str, reported: set[str]) -> list[str]:
    """What the unit still owes, straight from the catalogue: "NQ01.2, NQ02.2: name", in the order of the appendix."""
    its = roster.example().by_id[unit]
    codes: dict[str, list[str]] = {}
    for leaf in CATALOGUE.leaves:
        if leaf.measure and leaf.owed_by(its.id, its.type, its.name):
            codes.setdefault(leaf.measure, []).append(leaf.code)
    left = [measure for measure in codes if measure not in reported]
    return [f"{', '.join(codes[measure])}: {CATALOGUE.measures[measure].name}" for measure in left]


def listed(told: str) -> list[str]:
    return [line.removeprefix("- ") for line in told.splitlines() if line.startswith("- ")]


def test_a_campaign_from_the_invitation_to_the_receipt(
    program: str, window: Any, picture: Callable[[Page, str], None]
) -> None:
    page: Page = window(1280, 800)
    page.goto(program)
    office = Office(page)
    an, my, bao, hanh = (office.chat(id) for id in ("an", "my", "bao", "hanh"))
    expect(an.place.get_by_text("Đề nghị gõ mã mời được cấp để đăng ký.")).to_be_visible(timeout=PATIENCE)
    expect(my.place.get_by_text("mã mời")).to_be_hidden()
    picture(page, "bat-dau")

    come_in(office, an, hanh)
    picture(page, "ghi-danh")
    report_one_of_two(an)
    picture(page, "bao-cao")
    explain_and_go_on(an)
    press_an_old_button(window(390, 844, has_touch=True), page, an, picture)
    assert "Hạt Kiểm lâm huyện Đồng Văn đã gửi đủ số liệu." in report_all(my)
    assert "Chi cục Kiểm lâm: thiếu 17/19" in bao.says("còn thiếu gì")

    complete = my.bubbles.count()
    office.go("08:30", "03/12/2024")
    reminder = an.has("Còn 07 ngày đến hạn 10/12/2024.")
    assert listed(reminder.partition("Cảnh báo")[0]) == open_lines("CCKL", {"M01", "M03"})
    assert "Chi cục Kiểm lâm còn 17/19 số liệu chưa gửi" in reminder
    picture(page, "nhac-han")

    office.go("16:30", "03/12/2024")
    digest = hanh.has("Tổng hợp ngày 03/12/2024")
    assert "Gửi đủ: 1/53 đơn vị." in digest
    assert "Chi cục Kiểm lâm, NQ02.1: 39/50 (78,00 %), thấp hơn 2,00 điểm phần trăm, cần thêm 1 TTHC" in digest
    assert REASON in digest
    assert my.bubbles.count() == complete, "who has sent everything is not reminded"
    picture(page, "tong-hop")

    send_a_notice(hanh)
    acknowledge(an, my, hanh)
    picture(page, "thong-bao")
    begin_again(office)


def come_in(office: Office, an: Chat, hanh: Chat) -> None:
    code = office.chip(0)
    assert "Mã mời của: Chi cục Kiểm lâm (đầu mối)." in an.says(code)
    assert "họ và tên" in an.presses("Đồng ý")
    assert "Đã ghi nhận đăng ký: Nguyễn Văn An - Chi cục Kiểm lâm." in an.says("Nguyễn Văn An")
    assert "Nguyễn Văn An - Chi cục Kiểm lâm (đầu mối)" in hanh.has("Có đăng ký mới số 1")
    assert "Đã xác nhận Nguyễn Văn An" in hanh.presses("Duyệt Nguyễn Văn An")
    assert 'Gõ "báo cáo" để nhập số liệu' in an.has("đã xác nhận đồng chí Nguyễn Văn An")


def report_one_of_two(an: Chat) -> None:
    """One figure, two targets: enough for one of them."""
    assert "còn 19 số liệu cần báo cáo" in an.says("báo cáo")
    card = an.says("39/50")
    assert "NQ01.1 (giao: Tối thiểu 75 %): đạt\n" in card
    assert re.search(r"NQ02\.1 \(giao: Tối thiểu 80 %\): chưa đạt, .*cần thêm 1 TTHC", card)


def explain_and_go_on(an: Chat) -> None:
    assert "Đề nghị cho biết lý do" in an.presses("Đúng")
    assert "Còn 18 số liệu chưa có." in an.presses(REASON)
    assert "NQ01.3" in an.says("bỏ qua")
    assert "45 trên 60 hồ sơ = 75,00 %" in an.says("45/60")


def press_an_old_button(phone: Page, desk: Page, an: Chat, picture: Callable[[Page, str], None]) -> None:
    """On the phone, offline for a while, the card of a figure that has been typed anew since."""
    phone.goto(str(desk.locator("#at-an iframe").evaluate("frame => frame.src")))
    held = Chat(phone)
    held.has("45 trên 60 hồ sơ")
    picture(phone, "dien-thoai")
    phone.context.set_offline(True)
    assert "46 trên 60 hồ sơ" in an.says("46/60")
    held.button("Đúng").click()
    phone.context.set_offline(False)
    an.has("Nút này đã cũ, không còn hiệu lực.")
    held.has("Nút này đã cũ, không còn hiệu lực.")
    assert "45 trên 60 hồ sơ" in an.says("45/60")
    assert "Đã ghi nhận NQ01.3, NQ02.3 = 45/60 (75,00 %)" in an.presses("Đúng")


def report_all(my: Chat) -> str:
    my.says("báo cáo")
    my.says("58/60")
    return my.presses("Đúng")


def send_a_notice(hanh: Chat) -> None:
    hanh.says("thông báo")
    assert 'Thông báo "Họp giao ban". Gửi cho ai?' in hanh.says(NOTICE)
    assert "Thông báo sẽ gửi đến 14 người (14 đơn vị)" in hanh.presses("Tất cả đầu mối")
    assert "Thông báo số 1 đang được gửi đến 14 người." in hanh.presses("Gửi")


def acknowledge(an: Chat, my: Chat, hanh: Chat) -> None:
    """One presses, the other types, in the middle of a report."""
    my.has("THÔNG BÁO số 1")
    assert "Đã ghi nhận đồng chí nhận Thông báo số 1" in my.presses("Đã nhận")
    assert "Người nhận: 14. Đã xác nhận: 1." in hanh.says("ai nhận 1")
    an.has("THÔNG BÁO số 1")
    assert "Đã ghi nhận đồng chí nhận Thông báo số 1" in an.says("đã nhận")
    assert "Người nhận: 14. Đã xác nhận: 2." in hanh.says("ai nhận 1")


def begin_again(office: Office) -> None:
    page, code = office.page, office.chip(0)
    page.get_by_role("button", name="Làm lại từ đầu").click()
    page.get_by_role("dialog").get_by_role("button", name="Làm lại từ đầu").click()
    expect(page.locator("#date")).to_have_text("Thứ Hai, 25/11/2024", timeout=PATIENCE)
    for id in ("an", "my", "bao", "hanh"):
        expect(office.chat(id).place.get_by_text("Chưa có nội dung trao đổi.")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#figures")).to_contain_text("Gửi đủ: 0/53 đơn vị")
    assert office.chip(0) != code
