"""The chat page in a real browser: typing, pressing, sending files, losing the line."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bot.web.ports import FileLink, Heading
from tests.browser.conftest import Street
from tests.small_house import SmallHouse

NASTY = "<img src=x onerror=\"document.title='owned'\"> \"'</textarea><script>document.title='owned'</script>${1}"
WAIT = 15_000  # ms, where a retry may be waited for


def script(text: str) -> Sequence[tuple[str, Sequence[str]]]:
    if text == "báo cáo":
        return [("Đề nghị chọn chỉ tiêu:", ["NQ01.1", "NQ01.2"])]
    if text.startswith("c:"):
        return [("Đề nghị nhập tử/mẫu:", ["Dừng", "Bỏ qua"])]
    return [(f"Đã nhận {len(text)} ký tự.", [])]


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse(script)


@pytest.fixture
def page(street: Street, house: SmallHouse, window: Any) -> Page:
    """The page of An's chat, followed live."""
    page: Page = window()
    visit(page, street.open(house), house, "an")
    return page


def visit(page: Page, address: str, house: SmallHouse, chat: str) -> None:
    with page.expect_response("**/c/news?*"):
        page.goto(address + house.web.link(chat))
    expect(page.locator("#log")).to_have_attribute("aria-live", "polite")


def typed(house: SmallHouse) -> list[str]:
    return [heard.said.text for heard in house.heard]


def say(page: Page, text: str) -> None:
    page.get_by_label("Nội dung tin").fill(text)
    page.keyboard.press("Enter")


def test_enter_sends_and_shift_enter_does_not(page: Page, house: SmallHouse) -> None:
    expect(page.get_by_label("Nội dung tin")).to_be_focused()
    page.keyboard.type("Tử số 45")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Mẫu số 60")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã nhận 18 ký tự.")).to_be_visible()
    expect(page.get_by_label("Nội dung tin")).to_have_value("")
    expect(page.get_by_label("Nội dung tin")).to_be_focused()
    assert typed(house) == ["Tử số 45\nMẫu số 60"]
    expect(page.locator(".pending")).to_have_count(0)


def test_enter_that_ends_a_syllable_does_not_send(page: Page, house: SmallHouse) -> None:
    page.keyboard.type("bao1")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    assert page.evaluate(f"document.getElementById('text').dispatchEvent({composing})")
    expect(page.get_by_label("Nội dung tin")).to_have_value("bao1")
    say(page, "báo")
    expect(page.get_by_text("Đã nhận 3 ký tự.")).to_be_visible()
    assert typed(house) == ["báo"]


def test_the_keyboard_alone_is_enough(page: Page, house: SmallHouse) -> None:
    say(page, "báo cáo")
    first = page.get_by_role("button", name="NQ01.1")
    expect(first).to_be_enabled()
    page.keyboard.press("Shift+Tab")  # to the paperclip
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Dừng")).to_be_focused()  # focus went on to the answer
    page.keyboard.press("Space")
    expect(page.get_by_text("Đề nghị nhập tử/mẫu:")).to_have_count(2)
    assert [heard.said.choice for heard in house.heard][1:] == [
        f"c:{label.encode().hex()[:40]}" for label in ("NQ01.1", "Dừng")
    ]


def test_a_screen_reader_finds_its_way(page: Page, house: SmallHouse) -> None:
    say(page, "báo cáo")
    log = page.get_by_role("log", name="Nội dung trao đổi")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-busy", "false")
    expect(log.get_by_role("group", name="Lựa chọn").get_by_role("button")).to_have_text(["NQ01.1", "NQ01.2"])
    expect(log.get_by_role("listitem").filter(has_text="Đề nghị chọn")).to_contain_text("Nhắc Hạn: Đề nghị chọn")
    for name in ("Gửi", "Gửi tệp, tối đa 20 MB"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(page.get_by_label("Nội dung tin")).to_have_accessible_description(
        "Phím Enter gửi tin, Shift và Enter xuống dòng."
    )
    expect(page.locator("html")).to_have_attribute("lang", "vi")


def test_the_history_is_not_read_aloud_on_opening(street: Street, house: SmallHouse, window: Any) -> None:
    street.run(house.say("an", "đã đọc hôm qua"))
    page = window()
    page.add_init_script(
        """new MutationObserver((changes) => {
          for (const { target } of changes) if (target.id === "lines") window.wasLive = log.getAttribute("aria-live");
        }).observe(document, { childList: true, subtree: true });"""
    )
    visit(page, street.open(house), house, "an")
    assert page.evaluate("wasLive") == "off"
    street.run(house.say("an", "mới"))
    expect(page.get_by_text("mới", exact=True)).to_be_visible()
    assert page.evaluate("wasLive") == "polite"


def test_a_pressed_button_is_marked_and_the_others_rest(page: Page) -> None:
    say(page, "báo cáo")
    page.get_by_role("button", name="NQ01.2").click()
    expect(page.get_by_role("button", name="NQ01.2")).to_be_disabled()
    expect(page.get_by_role("button", name="NQ01.2")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="NQ01.1")).to_be_disabled()
    expect(page.locator(".me").last).to_contain_text("NQ01.2")  # its label, not its id
    expect(page.get_by_role("button", name="Dừng")).to_be_enabled()


def test_a_reminder_takes_no_choice_away(street: Street, page: Page, house: SmallHouse) -> None:
    say(page, "báo cáo")
    expect(page.get_by_role("button", name="NQ01.1")).to_be_enabled()
    street.run(house.say("an", "Còn 14 ngày đến hạn 10/12/2024."))
    expect(page.get_by_text("Còn 14 ngày đến hạn")).to_be_visible()
    expect(page.get_by_role("button", name="NQ01.1")).to_be_enabled()
    page.reload()
    expect(page.get_by_role("button", name="NQ01.1")).to_be_enabled()


def test_two_windows_on_one_chat_show_the_same(street: Street, page: Page, house: SmallHouse) -> None:
    other = page.context.new_page()
    visit(other, page.url.partition("/c/")[0], house, "an")
    say(page, "báo cáo")
    other.get_by_role("button", name="NQ01.1").click()
    for window in (page, other):
        expect(window.get_by_text("Đề nghị nhập tử/mẫu:")).to_be_visible()
        expect(window.get_by_role("button", name="NQ01.1")).to_be_disabled()
        expect(window.locator(".me .said")).to_have_text(["báo cáo", "NQ01.1"])


def test_a_sixth_window_still_sends(street: Street, page: Page, house: SmallHouse) -> None:
    """A browser opens six connections to one host: streams must leave one for sending."""
    address = page.url.partition("/c/")[0]
    others = [page.context.new_page() for _ in range(6)]
    for other in others:
        visit(other, address, house, "an")
    say(others[-1], "vẫn gửi được")
    expect(others[-1].get_by_text("Đã nhận 12 ký tự.")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('focus'))")  # somebody looks at the first again
    expect(page.get_by_text("Đã nhận 12 ký tự.")).to_be_visible()


def test_a_restart_is_survived_and_what_was_typed_meanwhile_arrives_once(
    street: Street, page: Page, house: SmallHouse
) -> None:
    port = int(page.url.split("/")[2].rpartition(":")[2])
    street.close()
    expect(page.get_by_role("status")).to_have_text("Đang kết nối lại…", timeout=WAIT)
    say(page, "gõ khi mất kết nối")
    expect(page.get_by_text("Đang chờ kết nối, sẽ tự gửi lại…")).to_be_visible()
    street.run(house.say("an", "gửi khi trang vắng mặt"))
    street.open(house, port)
    expect(page.get_by_text("gửi khi trang vắng mặt")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Đã nhận 18 ký tự.")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("status")).to_be_hidden()
    expect(page.locator(".me")).to_have_count(1)
    assert typed(house) == ["gõ khi mất kết nối"]


def test_an_answer_lost_on_its_way_does_not_make_two_messages(page: Page, house: SmallHouse) -> None:
    lost = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.abort())

    page.route("**/said", lose, times=1)
    say(page, "45/60")
    expect(page.get_by_text("Đã nhận 5 ký tự.")).to_be_visible(timeout=WAIT)
    expect(page.locator(".pending")).to_have_count(0, timeout=WAIT)
    expect(page.locator(".me")).to_have_count(1)
    assert len(lost) == 1 and typed(house) == ["45/60"]


def test_what_comes_after_a_failure_waits_its_turn(page: Page, house: SmallHouse) -> None:
    house.broken = True
    for text in ("một", "hai", "ba"):
        say(page, text)
    expect(page.get_by_text("Đang chờ kết nối, sẽ tự gửi lại…")).to_be_visible()
    house.broken = False
    expect(page.locator(".pending")).to_have_count(0, timeout=WAIT)
    assert typed(house) == ["một", "hai", "ba"]


def test_nothing_that_anybody_wrote_becomes_markup(street: Street, house: SmallHouse, window: Any) -> None:
    house.headings["an"] = Heading(NASTY, NASTY)
    street.run(house.say("an", NASTY, NASTY, files=(FileLink(NASTY, "javascript:document.title='owned'", 1),)))
    page = window()
    visit(page, street.open(house), house, "an")
    say(page, NASTY)
    expect(page.locator(".me .said")).to_have_text(NASTY)
    expect(page.locator(".bot .said").first).to_have_text(NASTY)
    expect(page.locator("#name")).to_have_text(NASTY)
    expect(page.locator(".choices button")).to_have_text(NASTY)
    expect(page.locator(".file b")).to_have_text(NASTY)
    expect(page.locator("a.file")).to_have_count(0)
    assert page.title() == "Nhắc Hạn"
    assert page.locator("main img, main script").count() == 0


def test_addresses_in_answers_are_links_and_nothing_else_is(street: Street, page: Page, house: SmallHouse) -> None:
    street.run(house.say("an", "Xem https://example.vn/a?b=1&c=2, (http://example.vn). javascript:alert(1) ftp://x"))
    links = page.locator(".said a")
    expect(links).to_have_text(["https://example.vn/a?b=1&c=2", "http://example.vn"])
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}


def test_a_file_is_sent_and_shown(page: Page, house: SmallHouse) -> None:
    file = {"name": "Phụ lục 01 <b>.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": b"x" * 48_211}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".line.me:not(.pending) .file")).to_contain_text("Phụ lục 01 <b>.xlsx47 KB")
    assert [heard.said.file and heard.said.file.size for heard in house.heard] == [48_211]


def test_a_file_that_is_too_big_or_empty_is_refused_before_it_is_sent(
    page: Page, house: SmallHouse, tmp_path: Path
) -> None:
    big = tmp_path / "ảnh chụp.zip"
    big.write_bytes(b"x" * (20 * 1024 * 1024 + 1))
    page.locator("input[type=file]").set_input_files(big)
    expect(page.get_by_role("alert")).to_have_text("Tệp «ảnh chụp.zip» lớn hơn 20 MB. Đề nghị gửi tệp nhỏ hơn.")
    page.locator("input[type=file]").set_input_files({"name": "rỗng.txt", "mimeType": "text/plain", "buffer": b""})
    expect(page.get_by_role("alert")).to_contain_text("không có nội dung")
    assert house.heard == [] and house.uploads == {}


def test_ten_thousand_characters_go_and_one_more_is_kept_in_the_input(page: Page, house: SmallHouse) -> None:
    say(page, "👍" * 10_001)
    expect(page.get_by_role("alert")).to_contain_text("Tin dài 10.001 ký tự, tối đa 10.000.")
    expect(page.get_by_label("Nội dung tin")).to_have_value("👍" * 10_001)
    say(page, "👍" * 10_000)
    expect(page.get_by_text("Đã nhận 10000 ký tự.")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_link_that_runs_out_while_the_page_is_open_says_so(street: Street, page: Page, house: SmallHouse) -> None:
    house.now += timedelta(days=401)
    street.run(house.say("an", "bí mật"))
    expect(page.get_by_role("status")).to_contain_text("Liên kết đã hết hạn.")
    expect(page.get_by_label("Nội dung tin")).to_be_disabled()
    expect(page.get_by_text("bí mật")).to_have_count(0)


def test_a_long_answer_is_read_from_its_beginning(street: Street, page: Page, house: SmallHouse) -> None:
    street.run(house.say("an", "Dòng đầu\n" + "dòng\n" * 100 + "Dòng cuối"))
    expect(page.locator(".bot .said")).to_contain_text("Dòng đầu")
    expect(page.get_by_role("button", name="Có tin mới")).to_be_visible()
    assert page.evaluate(
        "Math.abs(log.scrollTop - (document.querySelector('.bot').offsetTop - log.offsetTop - 12)) < 2"
    )
    page.get_by_role("button", name="Có tin mới").click()
    expect(page.get_by_role("button", name="Có tin mới")).to_be_hidden()


def test_who_reads_above_is_not_pulled_down(street: Street, house: SmallHouse, window: Any) -> None:
    for number in range(40):
        street.run(house.say("an", f"tin {number}"))
    page = window()
    visit(page, street.open(house), house, "an")
    page.evaluate("log.scrollTop = 0")
    street.run(house.say("an", "tin mới nhất"))
    expect(page.get_by_role("button", name="Có tin mới")).to_be_visible()
    assert page.evaluate("log.scrollTop") == 0


def test_a_line_that_becomes_visible_late_takes_its_place(street: Street, page: Page, house: SmallHouse) -> None:
    street.run(house.say("an", "một"))
    street.run(house.say("an", "hai"))
    late = house.lines["an"].pop(0)  # said first, committed last
    page.reload()
    expect(page.locator(".bot .said")).to_have_text(["hai"])
    house.lines["an"].insert(0, late)
    street.run(house.say("an", "ba"))
    expect(page.locator(".bot .said")).to_have_text(["một", "hai", "ba"])


def test_hours_are_those_of_the_office_whatever_the_device_thinks(
    street: Street, house: SmallHouse, window: Any
) -> None:
    street.run(house.say("an", "chào"))
    page = window(timezone_id="America/New_York")
    visit(page, street.open(house), house, "an")
    expect(page.locator(".bot time")).to_have_text("08:00")
    expect(page.locator(".day")).to_have_text("Thứ Hai, 25/11/2024")


def test_the_name_appears_once_the_person_is_known(street: Street, page: Page, house: SmallHouse) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhắc Hạn")
    house.headings["an"] = Heading("Nguyễn Văn An", "Đầu mối, Chi cục Kiểm lâm")
    street.run(house.say("an", "Đã đăng ký."))
    expect(page.get_by_role("heading", level=1)).to_have_text("Nguyễn Văn An")
    expect(page.locator("#detail")).to_have_text("Đầu mối, Chi cục Kiểm lâm")


def test_a_newcomer_begins_with_the_code_they_came_with(street: Street, house: SmallHouse, window: Any) -> None:
    page = window()
    page.goto(street.open(house) + "/?ma=KN-482913")
    page.get_by_role("button", name="Bắt đầu").click()
    expect(page.get_by_text("Đề nghị gõ mã mời được cấp để đăng ký.")).to_be_visible()
    expect(page.get_by_label("Nội dung tin")).to_have_value("KN-482913")
    assert "#" not in page.url
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_text("Đã nhận 9 ký tự.")).to_be_visible()


def test_a_hidden_window_counts_what_it_missed_in_its_title(street: Street, page: Page, house: SmallHouse) -> None:
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true })")
    page.evaluate("window.away = true")
    street.run(house.say("an", "một"))
    expect(page).to_have_title("(1) Nhắc Hạn")
    street.run(house.say("an", "hai"))
    expect(page).to_have_title("(2) Nhắc Hạn")
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("Nhắc Hạn")
