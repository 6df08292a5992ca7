"""The board in a browser, over a campaign under way: its main paths on a desk and on a phone, and on paper."""

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import pictures
from tests.program import ROOT, Program

SIZES = {"phone": (390, 844), "desk": (1280, 800)}
PAGES = {
    "bang": "/bang",
    "don-vi": "/bang/don-vi/CCKL",
    "chi-tieu": "/bang/chi-tieu/NQ02.1",
    "tham-dinh": "/bang/tham-dinh",
    "thong-bao": "/bang/thong-bao",
    "thong-bao-1": "/bang/thong-bao/1",
    "lich-nhac": "/bang/lich-nhac",
    "kenh": "/bang/kenh",
}
SHOWN = {"desk": ("bang", "don-vi", "chi-tieu", "tham-dinh", "thong-bao-1", "lich-nhac"), "phone": ("bang",)}
"""Of which pages pictures are kept with the project."""
AXE = ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 180  # seconds for a whole campaign to be played, on a busy machine
LINK = re.compile(r"/b/[\w-]+")


class Office:
    """The rehearsal in mid-campaign; anybody of it can be spoken for."""

    def __init__(self, address: str) -> None:
        self.address = address
        with httpx.Client(base_url=address, timeout=PATIENCE) as visitor:
            assert visitor.post("/demo/move", json={"to": "midway"}).status_code == 200
            cast = visitor.get("/demo/cast").json()["personas"]
        self.tokens = {one["id"]: one["token"] for one in cast}

    def say(self, who: str, text: str) -> None:
        told = {"id": secrets.token_hex(8), "text": text}
        assert httpx.post(f"{self.chat(who)}/said", json=told).status_code == 202

    def chat(self, who: str) -> str:
        return f"{self.address}/c/{self.tokens[who]}"

    def link(self, who: str) -> str:
        """A new one: asked for in chat, and waited for."""
        before, ends = len(self._links(who)), time.monotonic() + PATIENCE
        self.say(who, "bảng")
        while len(found := self._links(who)) == before and time.monotonic() < ends:
            pass
        return self.address + found[-1]

    def _links(self, who: str) -> list[str]:
        lines = httpx.get(f"{self.chat(who)}/lines").json()["lines"]
        return [found[0] for line in lines if line["who"] == "bot" and (found := LINK.search(line["text"]))]

    def enter(self, page: Page, who: str) -> None:
        page.goto(self.link(who))
        page.get_by_role("button", name="Mở bảng").click()
        expect(page.get_by_role("heading", name="Bảng theo dõi")).to_be_visible()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Program(tmp_path_factory.mktemp("demo")).open("demo", "--port", "0") as address:
        yield Office(address)


@pytest.fixture(params=SIZES)
def page(request: Any, office: Office, window: Any) -> Page:
    """The page of TCCB, on a phone and on a desk."""
    page: Page = window(*SIZES[request.param])
    office.enter(page, "hanh")
    page.wait_for_load_state()  # the script of the page as well: what is chosen before it leads nowhere
    return page


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture, if pictures are wanted."""
    wanted = os.environ.get("PICTURES")

    def take(page: Page, name: str) -> None:
        if wanted:
            pictures.take(page, ROOT / wanted / f"{name}.png")

    return take


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_its_window(
    office: Office, window: Any, tmp_path: Path, picture: Callable[[Page, str], None], size: str, dark: bool
) -> None:
    page = window(*SIZES[size], dark=dark)
    office.enter(page, "hanh")
    for name, path in PAGES.items():
        page.goto(office.address + path)
        page.screenshot(path=tmp_path / f"{name}-{size}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if not dark and name in SHOWN[size]:
            page.goto(office.address + path + ("?xep=office" if name == "bang" else ""))
            picture(page, f"trang-{name}" if size == "desk" else f"trang-{name}-dien-thoai")


def test_the_link_in_the_chat_opens_the_board_in_a_window_of_its_own(office: Office, window: Any) -> None:
    chat: Page = window(*SIZES["phone"])
    office.link("bao")
    chat.goto(office.chat("bao"))
    with chat.expect_popup() as opened:
        chat.locator(".said a").last.click()
    opened.value.get_by_role("button", name="Mở bảng").click()
    expect(opened.value.get_by_text("thủ trưởng đơn vị, Chi cục Kiểm lâm")).to_be_visible()
    expect(opened.value.get_by_role("link", name="Thẩm định", exact=True)).to_have_count(0)


def test_ten_are_ticked_and_accepted_and_one_is_returned(office: Office, page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="Thẩm định", exact=True).click()
    boxes = page.locator("input[name=report]")
    waiting = waits(page)
    for place in range(10):
        boxes.nth(place).check()
    page.screenshot(path=tmp_path / "ticked.png")
    page.get_by_role("button", name="Chấp nhận các mục đã chọn").click()
    expect(page.locator(".note p")).to_have_count(10)
    page.screenshot(path=tmp_path / "accepted.png")
    assert waits(page) == waiting - 10  # those that wait for another office wait there
    case = page.locator(".case").first
    case.get_by_text("Trả lại", exact=True).click()
    case.get_by_label("Nội dung cần điều chỉnh").fill("Chưa khớp số trên Cổng dịch vụ công")
    page.screenshot(path=tmp_path / "returning.png")
    case.get_by_role("button", name="Trả lại đơn vị").click()
    expect(page.locator(".note p")).to_contain_text("Đã trả lại")
    assert waits(page) == waiting - 11


def waits(page: Page) -> int:
    return int(page.locator("#cases > .soft").inner_text().split()[0])


def test_a_whole_page_is_ticked_by_one_box(page: Page) -> None:
    page.get_by_role("link", name="Thẩm định", exact=True).click()
    page.get_by_label("Chọn cả trang").check()
    expect(page.locator("input[name=report]:checked")).to_have_count(25)


def test_a_notice_is_written_seen_sent_and_watched(office: Office, page: Page, tmp_path: Path) -> None:
    title = f"Rà soát số liệu {secrets.token_hex(3)}"
    page.get_by_role("link", name="Thông báo", exact=True).click()
    page.get_by_label("Tiêu đề").fill(title)
    page.get_by_label("Nội dung").fill("Đề nghị rà soát trước ngày 06/12/2024.\nTrân trọng.")
    page.get_by_label("Nơi nhận").select_option("Các đơn vị ghi dưới đây")
    page.get_by_label("Đơn vị", exact=True).fill("CCKL; HKL Đồng Văn")
    page.get_by_label("Tệp kèm theo").set_input_files(
        {"name": "Công văn 12.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("Tệp kèm theo: Công văn 12.pdf")).to_be_visible()
    expect(page.get_by_text("2 người (2 đơn vị)")).to_be_visible()
    page.screenshot(path=tmp_path / "preview.png")
    page.get_by_role("button", name="Gửi 2 người").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text("0/2 đã xác nhận")).to_be_visible()
    page.screenshot(path=tmp_path / "sent.png")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Công văn 12.pdf").click()
    assert fetched.value.path().read_bytes() == b"%PDF-1.7"
    number = page.url.rpartition("/")[2]
    page.evaluate("window.stays = true")
    office.say("an", "Đã nhận")
    choose(office, "an", number)
    expect(page.get_by_text("1/2 đã xác nhận")).to_be_visible(timeout=30_000)
    assert page.evaluate("window.stays"), "what changes shows without loading the page anew"
    page.screenshot(path=tmp_path / "acknowledged.png")


def choose(office: Office, who: str, number: str) -> None:
    """The notice of that number, where there were several to acknowledge."""
    told = {"id": secrets.token_hex(8), "choice": f"ack {number}"}
    assert httpx.post(f"{office.chat(who)}/said", json=told).status_code == 202


def test_a_filter_is_chosen_and_taken_back(page: Page, tmp_path: Path) -> None:
    page.get_by_label("Tình trạng").select_option("Bị trả lại")
    expect(page).to_have_url(re.compile("tt=returned"))
    found = page.locator(".matrix tbody tr").count()
    assert 0 < found < 15
    page.screenshot(path=tmp_path / "filtered.png")
    page.get_by_label("Tìm").fill("thu y")
    page.get_by_label("Tìm").press("Enter")
    expect(page).to_have_url(re.compile("tim=thu"))
    page.get_by_role("link", name="Bỏ lọc").click()
    expect(page.locator(".matrix tbody tr")).to_have_count(40)


def test_what_is_being_typed_is_not_taken_away(office: Office, page: Page) -> None:
    page.get_by_role("link", name="Thẩm định", exact=True).click()
    page.locator("input[name=report]").nth(2).check()
    ticked = page.locator("input[name=report]").nth(2).get_attribute("value")
    case = page.locator(".case").nth(1)
    case.get_by_text("Trả lại", exact=True).click()
    case.get_by_label("Nội dung cần điều chỉnh").fill("Đang gõ dở")
    office.say("lien" if "lien" in office.tokens else "my", "hạn ngày nào")
    expect(page.locator("#live")).not_to_have_text("", timeout=30_000)
    expect(case.get_by_label("Nội dung cần điều chỉnh")).to_have_value("Đang gõ dở")
    expect(page.locator(f"input[name=report][value='{ticked}']")).to_be_checked()


@pytest.mark.parametrize("name", ["bang", "don-vi", "chi-tieu", "thong-bao-1"])
def test_a_page_goes_on_paper(office: Office, window: Any, tmp_path: Path, name: str) -> None:
    page = window(*SIZES["desk"])
    office.enter(page, "hanh")
    page.goto(office.address + PAGES[name])
    paper = tmp_path / f"{name}.pdf"
    page.pdf(path=paper, prefer_css_page_size=True, print_background=True)
    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, encoding="utf8", check=True)
    assert "Đợt 2024" in told.stdout or "Thông báo số 1" in told.stdout
    for hidden in ("Thoát", "Lọc", "Xếp theo", "Kênh"):
        assert hidden not in told.stdout


# Accessibility


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical, with where."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: .ci/run fetches it by npm")
    page.evaluate(AXE.read_text(encoding="utf-8"))  # as the inspector would: no page's rules about scripts hold there
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in grave for node in one["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_use_every_page(office: Office, window: Any, size: str, dark: bool) -> None:
    page = window(*SIZES[size], dark=dark)
    page.goto(office.link("hanh"))
    assert faults(page) == []
    office.enter(page, "hanh")
    others = {"chat": office.chat("an"), "nothing": office.address + "/bang/khong-co"}
    for name, address in ({name: office.address + path for name, path in PAGES.items()} | others).items():
        page.goto(address)
        if name == "chat":
            expect(page.locator("#log")).to_have_attribute("aria-live", "polite")
        assert faults(page) == [], name


@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_use_the_rehearsal(office: Office, window: Any, size: str) -> None:
    page = window(*SIZES[size])
    page.goto(office.address)
    expect(page.locator("#steps li").first).to_be_visible()
    assert faults(page) == []
