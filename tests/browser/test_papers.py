"""Papers in the rehearsal, as people get them in their window: tables, documents, pictures, and a worksheet sent back.

With PICTURES=docs/pictures what they look like is kept there as pictures.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.test_story import PATIENCE, Chat, Office
from tests.program import ROOT, Program

WANTED = os.environ.get("PICTURES")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = {"OFFICE_ABOVE": "Ủy ban nhân dân tỉnh Hà Giang", "OFFICE_PLACE": "Hà Giang"}
    with Program(tmp_path_factory.mktemp("midway"), settings).open("demo", "--midway", "--port", "0") as address:
        yield address


@pytest.fixture
def office(program: str, window: Callable[..., Page]) -> Office:
    page = window(1280, 900)
    page.goto(program)
    return Office(page)


def fetched(office: Office, chat: Chat, name: str) -> bytes:
    """The file of that name, by the link under the newest message."""
    link = chat.place.locator(".line.bot a.file", has_text=name).last
    expect(link).to_be_visible(timeout=PATIENCE)
    answer = office.page.request.get(str(link.evaluate("link => link.href")), timeout=60_000)
    assert answer.ok
    return answer.body()


def keep(content: bytes, kind: str, name: str, folder: Path) -> None:
    """A picture of a paper's first page, if pictures are wanted."""
    if not WANTED:
        return
    whole = folder / f"{name}.{kind}"
    whole.write_bytes(content)
    target = ROOT / WANTED / f"{name}.png"
    if kind != "png":
        office = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run([*office, whole.name], cwd=folder, check=True, capture_output=True, timeout=180)
        page = ["pdftoppm", "-r", "90", "-l", "1", "-singlefile", "-png", f"{name}.pdf", name]
        subprocess.run(page, cwd=folder, check=True)
    from PIL import Image

    Image.open(folder / f"{name}.png").convert("RGB").quantize(64).save(target, optimize=True)


def test_tccb_gets_the_table_the_document_and_the_pictures(office: Office, tmp_path: Path) -> None:
    hanh = office.chat("hanh")
    hanh.has("Tổng hợp ngày")  # what was said in the week before is there
    assert "bảng kết quả toàn cơ quan" in hanh.says("xuất bảng")
    table, report = (
        fetched(office, hanh, "ket-qua-toan-co-quan-2024.xlsx"),
        fetched(office, hanh, "bao-cao-toan-co-quan-2024.docx"),
    )
    assert load_workbook(BytesIO(table)).worksheets[0]["A1"].value.startswith("KẾT QUẢ THỰC HIỆN CHỈ TIÊU")
    assert report[:2] == b"PK"
    assert "4 ảnh" in hanh.says("ảnh")
    heat = fetched(office, hanh, "bang-mau-1-2024.png")
    assert heat[:4] == b"\x89PNG"
    for content, kind, name in (
        (table, "xlsx", "bang-ket-qua"),
        (report, "docx", "bao-cao-trinh-ky"),
        (heat, "png", "bang-mau"),
    ):
        keep(content, kind, name, tmp_path)


def test_a_head_gets_the_unit_s_own_to_sign(office: Office) -> None:
    bao = office.chat("bao")
    bao.has("Hạn báo cáo chỉ tiêu CCHC")
    assert "bảng kết quả của Chi cục Kiểm lâm" in bao.says("bảng của đơn vị")
    assert fetched(office, bao, "bao-cao-CCKL-2024.docx")[:2] == b"PK"


def test_a_worksheet_is_fetched_filled_in_and_sent_back_on_the_page(office: Office, tmp_path: Path) -> None:
    an = office.chat("an")
    an.has("Đã ghi nhận")  # what was said in the week before is there
    assert "Gửi kèm bảng nhập số liệu của Chi cục Kiểm lâm" in an.says("mẫu")
    content = fetched(office, an, "mau-so-lieu-CCKL-2024.xlsx")
    keep(content, "xlsx", "bang-nhap", tmp_path)
    book = load_workbook(BytesIO(content))
    sheet = book.active
    one, other = [row for row in range(6, 25) if not sheet[f"F{row}"].protection.locked][:2]
    for at in (f"{letter}{row}" for letter in "FGHIJKL" for row in (one, other)):
        sheet[at] = None
    sheet[f"F{one}"], sheet[f"G{one}"], sheet[f"F{other}"] = 45, 60, 7
    path = tmp_path / "Số liệu của tôi.xlsx"
    book.save(path)
    before = an.bubbles.count()
    an.place.locator("#file").set_input_files(path)
    told = an.hears(before)
    assert "45/60 (75,00 %)" in told and f"Ô G{other}: còn thiếu số" in told
    assert "Đã ghi nhận 1 số liệu" in an.presses("Đúng")
