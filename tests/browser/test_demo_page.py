"""The rehearsal in a real browser: four people in one window, and a clock that can be moved."""

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Street
from tests.small_house import MORNING, PERSONAS, SmallHouse

AN, MY, BINH, DUNG = PERSONAS


def script(text: str) -> Sequence[tuple[str, Sequence[str]]]:
    return [(f"Đã nhận «{text}».", [])]


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse(script)


@pytest.fixture
def desk(street: Street, house: SmallHouse, window: Any) -> Page:
    page: Page = window(1280, 800)
    return visit(page, street.open(house, staged=True))


@pytest.fixture
def phone(street: Street, house: SmallHouse, window: Any) -> Page:
    page: Page = window(390, 844, has_touch=True)
    return visit(page, street.open(house, staged=True))


def visit(page: Page, address: str) -> Page:
    with page.expect_response("**/c/news?*"):
        page.goto(address)
    for persona in PERSONAS:
        expect(chat(page, persona.id).locator("#log")).to_have_attribute("aria-live", "polite")
    return page


def chat(page: Page, id: str) -> FrameLocator:
    return page.frame_locator(f"#at-{id} iframe")


def test_a_chip_fills_the_input_of_its_own_person(desk: Page, house: SmallHouse) -> None:
    desk.locator("#steps").get_by_role("button", name="tổng hợp").click()
    expect(chat(desk, DUNG.id).get_by_label("Nội dung tin")).to_have_value("tổng hợp")
    desk.keyboard.press("Enter")
    expect(chat(desk, DUNG.id).get_by_text("Đã nhận «tổng hợp».")).to_be_visible()
    assert [(heard.chat, heard.said.text) for heard in house.heard] == [(DUNG.chat, "tổng hợp")]


def test_every_window_says_whose_it_is(desk: Page) -> None:
    for persona in PERSONAS:
        heading = desk.get_by_role("region", name=persona.name).get_by_role("heading")
        expect(heading).to_have_text(f"{persona.name}{persona.role}, {persona.unit}")


def test_the_next_reminder_is_one_press_away(desk: Page, house: SmallHouse) -> None:
    expect(desk.locator("#now")).to_contain_text("08:00 Thứ Hai, 25/11/2024")
    expect(desk.locator("#ahead")).to_have_text("Lần nhắc kế tiếp: 08:00 ngày 26/11 (Còn 14 ngày)")
    desk.get_by_role("button", name="Đến lần nhắc kế tiếp").click()
    expect(desk.locator("#now")).to_contain_text("Thứ Ba, 26/11/2024")
    expect(desk.locator("#ahead")).to_contain_text("Còn 07 ngày")
    for id in (AN.id, MY.id):
        expect(chat(desk, id).get_by_text("Còn 14 ngày đến hạn 10/12/2024.")).to_be_visible()
    expect(chat(desk, BINH.id).locator(".bot")).to_have_count(0)
    desk.locator("#journal summary").click()
    expect(desk.locator("#happened li").first).to_contain_text("08:00 26/11 Nhắc Giàng Thị Mỷ")


def test_the_clock_moves_by_the_hour_and_by_the_day(desk: Page) -> None:
    desk.get_by_role("button", name="Thêm 1 giờ").click()
    expect(desk.locator("#time")).to_have_text("09:00")
    desk.get_by_role("button", name="Thêm 1 ngày").click()
    expect(desk.locator("#date")).to_have_text("Thứ Ba, 26/11/2024")


def test_beginning_again_asks_first(desk: Page, house: SmallHouse) -> None:
    desk.get_by_role("button", name="Thêm 1 ngày").click()
    expect(desk.locator("#date")).to_have_text("Thứ Ba, 26/11/2024")
    desk.get_by_role("button", name="Làm lại từ đầu").click()
    expect(desk.get_by_role("button", name="Không", exact=True)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    desk.get_by_role("button", name="Làm lại từ đầu").click()
    desk.keyboard.press("Escape")
    assert house.runs == 1 and house.now > MORNING
    desk.get_by_role("button", name="Làm lại từ đầu").click()
    desk.get_by_role("dialog").get_by_role("button", name="Làm lại từ đầu").click()
    expect(desk.locator("#date")).to_have_text("Thứ Hai, 25/11/2024")
    assert house.runs == 2 and house.now == MORNING


def test_a_reset_shows_in_every_open_window(desk: Page, street: Street, house: SmallHouse) -> None:
    other = visit(desk.context.new_page(), desk.url)
    desk.locator("#steps").get_by_role("button", name="45/60").click()
    expect(chat(desk, AN.id).get_by_label("Nội dung tin")).to_have_value("45/60")
    desk.keyboard.press("Enter")
    expect(chat(other, AN.id).get_by_text("Đã nhận «45/60».")).to_be_visible()
    street.run(house.reset())
    for page in (desk, other):
        expect(chat(page, AN.id).locator(".line")).to_have_count(0, timeout=15_000)


def test_two_windows_of_the_rehearsal_do_not_starve_each_other(desk: Page, house: SmallHouse) -> None:
    """Eight chats, but no more than six connections to one host."""
    other = visit(desk.context.new_page(), desk.url)
    for page, persona in ((desk, AN), (other, MY), (desk, DUNG)):
        chat(page, persona.id).get_by_label("Nội dung tin").fill(persona.name)
        chat(page, persona.id).get_by_role("button", name="Gửi", exact=True).click()
        for window in (desk, other):
            expect(chat(window, persona.id).get_by_text(f"Đã nhận «{persona.name}».")).to_be_visible()


def test_what_can_not_be_done_is_said(desk: Page, house: SmallHouse) -> None:
    house.now = house.now.replace(month=12, day=20)
    desk.get_by_role("button", name="Đến lần nhắc kế tiếp").click()
    expect(desk.locator("#trouble")).to_contain_text("Không còn lần nhắc nào.")
    expect(desk.locator("#ahead")).to_have_text("Không còn lần nhắc nào.")
    expect(desk.get_by_role("button", name="Đến lần nhắc kế tiếp")).to_be_disabled()


def test_a_lost_connection_shows_in_the_chats_and_passes(desk: Page, street: Street, house: SmallHouse) -> None:
    port = int(desk.url.split("/")[2].rpartition(":")[2])
    street.close()
    for persona in PERSONAS:
        expect(chat(desk, persona.id).get_by_role("status")).to_have_text("Đang kết nối lại…", timeout=15_000)
    street.open(house, port, staged=True)
    street.run(house.say(BINH.chat, "sau khi nối lại"))
    expect(chat(desk, BINH.id).get_by_text("sau khi nối lại")).to_be_visible(timeout=15_000)
    expect(chat(desk, BINH.id).get_by_role("status")).to_be_hidden()


def test_a_phone_shows_one_person_at_a_time(phone: Page, street: Street, house: SmallHouse) -> None:
    expect(phone.locator("#guide")).to_be_visible()
    expect(phone.locator("iframe").first).to_be_hidden()
    phone.locator("#steps").get_by_role("button", name="45/60").click()
    expect(phone.locator(f"#at-{AN.id} iframe")).to_be_visible()
    expect(phone.locator("#guide")).to_be_hidden()
    expect(chat(phone, AN.id).get_by_label("Nội dung tin")).to_have_value("45/60")
    street.run(house.say(MY.chat, "tin cho cửa sổ khác"))
    tab = phone.locator("#tabs").get_by_role("button", name=MY.name)
    expect(tab).to_have_class("fresh")
    tab.click()
    expect(tab).not_to_have_class("fresh")
    expect(tab).to_have_attribute("aria-pressed", "true")
    expect(chat(phone, MY.id).get_by_text("tin cho cửa sổ khác")).to_be_visible()


def test_the_stranger_has_a_window_too(desk: Page, house: SmallHouse) -> None:
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Mở cửa sổ của người lạ").click()
    stranger = opened.value
    expect(stranger.locator("#log")).to_have_attribute("aria-live", "polite")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Nhắc Hạn")
    stranger.get_by_label("Nội dung tin").fill("tổng hợp")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_text("Đã nhận «tổng hợp».")).to_be_visible()
    assert house.heard[0].chat not in {persona.chat for persona in PERSONAS}
