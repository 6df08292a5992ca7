"""How the pages look: pictures for people, and what must hold at every size."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.web.ports import FileLink, Heading
from tests.browser.conftest import Street
from tests.small_house import GUIDE, PERSONAS, SmallHouse

SIZES = {"phone": (390, 844), "desk": (1280, 800), "narrow": (320, 640)}


async def talked(house: SmallHouse, chat: str) -> None:
    house.headings[chat] = Heading("Nguyễn Văn An", "Đầu mối, Chi cục Kiểm lâm")
    house.now -= timedelta(days=1)
    house.add(chat, "me", "báo cáo")
    await house.say(chat, "Hạn nộp 03/12/2024. Đề nghị chọn chỉ tiêu cần báo cáo:", "NQ01.1", "NQ01.2", "Dừng")
    house.now += timedelta(days=1)
    house.add(chat, "me", "45/60")
    await house.say(
        chat,
        "Chi cục Kiểm lâm báo cáo NQ01.1: 45 trên 60 hồ sơ = 75 %\nChỉ tiêu giao: tối thiểu 80 % → chưa đạt, "
        "còn thiếu 5 điểm %, cần thêm 3 hồ sơ.\nSố liệu tính đến 25/11/2024. Xem thêm: https://example.vn/huong-dan.",
    )
    house.add(chat, "me", "", files=(FileLink("Phụ lục 01 - kết quả.xlsx", "", 48_211),))
    file = FileLink("Thông báo số 12.pdf", "/f/nothing", 1_300_000)
    await house.say(chat, "Thông báo số 12 về rà soát chỉ tiêu.\nĐúng không?", "Đúng, gửi", "Sửa", files=(file,))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_chat_fits_its_window(street: Street, window: Any, tmp_path: Path, size: str, dark: bool) -> None:
    house = SmallHouse()
    street.run(talked(house, "an"))
    page = window(*SIZES[size], dark=dark)
    page.goto(street.open(house) + house.web.link("an"))
    page.get_by_role("button", name="Đúng, gửi").wait_for()
    page.screenshot(path=tmp_path / f"chat-{size}-{dark}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("log.scrollHeight - log.scrollTop - log.clientHeight < 2")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_rehearsal_fits_its_window(street: Street, window: Any, tmp_path: Path, size: str, dark: bool) -> None:
    house = SmallHouse()
    for persona in PERSONAS:
        street.run(talked(house, persona.chat))
    page = window(*SIZES[size], dark=dark)
    page.goto(street.open(house, staged=True))
    page.get_by_text(GUIDE[0].text).wait_for()
    page.get_by_text("08:00", exact=True).wait_for()
    page.frame_locator("iframe").last.locator(".choices button:enabled").first.wait_for(state="attached")
    page.screenshot(path=tmp_path / f"demo-{size}-{dark}.png")
    if size == "phone":
        page.get_by_role("button", name=PERSONAS[0].name).click()
        page.screenshot(path=tmp_path / f"demo-{size}-{dark}-chat.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.parametrize("size", SIZES)
def test_the_front_page_and_the_refusal_fit(street: Street, window: Any, tmp_path: Path, size: str) -> None:
    address = street.open(SmallHouse())
    page = window(*SIZES[size])
    for name, path in (("front", "/"), ("sorry", "/c/forged")):
        page.goto(address + path)
        page.screenshot(path=tmp_path / f"{name}-{size}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
