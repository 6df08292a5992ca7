"""What goes wrong at a desk: each gets a sentence that says what to do, and none stops what comes after it."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any

import httpx
import pytest

from catalogue.calendar import HANOI
from catalogue.load import DATA
from storage import db, people
from tests.far.telegram import TOKEN, TelegramServer
from tests.phones import TelegramPhone, WebPhone
from tests.program import Program

MY, STRANGER = 1001, 1002
START = datetime(2024, 11, 25, 8, tzinfo=HANOI)
WEEK_LATER = "2024-12-02T08:00"


# The command line


def test_a_broken_env_tells_every_fault_at_once(tmp_path: Path) -> None:
    broken = {
        "TELEGRAM_BOT_TOKEN": "abc-secret",
        "WEB_PORT": "99999",
        "DATABASE_URL": "mysql://x",
        "OFFICE_HOLIDAYS": "31/13/2026",
        "OFFICE_LANGUAGE": "fr",
    }
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in broken.items()), encoding="utf8")
    ended = Program(tmp_path).run("run")
    faults = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert {fault.partition(":")[0] for fault in faults} == set(broken)
    assert all("đề nghị" in fault for fault in faults) and "abc-secret" not in ended.stderr


SPOILT = {  # what is sound, what it becomes, what is then said of its line
    "title = ": ("heading = ", "không có khóa nào tên heading"),
    'code = "M02"': ('code = "M01" # again', "code M01 đã dùng ở trên"),
    'kind = "yes_no"': ('kind = "perhaps"', "kind phải là một trong"),
    'measure = "M03"': ('measure = "M99"', "không có measure nào là M99"),
    'unit = "%"\ntarget = "Tối thiểu 80"': ("target = 80", "target phải là chữ trong ngoặc kép"),
}


def test_a_broken_catalogue_tells_every_fault_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "2025-qd1"
    shutil.copytree(DATA / "2024-qd55", folder)
    rows = folder / "indicators.toml"
    text = rows.read_text(encoding="utf8")
    for sound, (spoilt, _) in SPOILT.items():
        assert sound in text
        text = text.replace(sound, spoilt, 1)
    rows.write_text(text, encoding="utf8")
    ended = Program(tmp_path).run("catalogue", "check", str(folder))
    assert (ended.returncode, ended.stdout) == (1, "")
    for spoilt, said in SPOILT.values():
        line = text[: text.index(spoilt)].count("\n") + 1
        assert f"indicators.toml, dòng {line}: {said}" in ended.stderr


def test_an_unknown_unit_is_not_invited(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.done("init")
    ended = program.run("invite", "xyz")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "“xyz”" in ended.stderr and "Đề nghị" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_a_second_rehearsal_at_the_same_port_leaves_the_first_alone(tmp_path: Path) -> None:
    program, port = Program(tmp_path), free_port()
    with program.open("demo", "--port", port) as address, httpx.Client(base_url=address, timeout=60) as browser:
        ended = program.run("demo", "--port", port)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert f"Không mở được cổng {port}" in ended.stderr and "Đề nghị chọn cổng khác." in ended.stderr
        assert "còn 1/1 số liệu chưa có" in persona(browser, "my").says("còn thiếu gì")


def free_port() -> str:
    with socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return str(tried.getsockname()[1])


# In chat


@dataclass
class Town:
    """A program at work, somebody whom it knows, somebody whom it does not."""

    known: TelegramPhone | WebPhone
    stranger: TelegramPhone | WebPhone
    code: str
    stack: ExitStack
    program: Program
    address: str

    def a_week_passes(self) -> None:
        if isinstance(self.known, TelegramPhone):
            self.stack.close()
            self.stack.enter_context(self.program.open("run", "--clock-start", WEEK_LATER))
        else:
            httpx.post(f"{self.address}/demo/move", json={"to": WEEK_LATER}, timeout=60).raise_for_status()


@contextmanager
def telegram_town(folder: Path) -> Iterator[Town]:
    url = f"sqlite:///{folder}/office.db"
    with TelegramServer() as telegram, ExitStack() as stack:
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE_URL": telegram.base_url,
            "DATABASE_URL": url,
            "WEB_PORT": "0",
        }
        program = Program(folder, settings)
        program.done("init")
        program.done("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")
        code = program.done("invite", "CCKL").split()[-1]
        seat(url, TOKEN.partition(":")[0], str(MY))
        address = stack.enter_context(program.open("run", "--clock-start", f"{START:%Y-%m-%dT%H:%M}"))
        known, stranger = TelegramPhone(telegram, MY), TelegramPhone(telegram, STRANGER)
        yield Town(known, stranger, code, stack, program, address)


def seat(url: str, account: str, chat: str) -> None:
    """Somebody who reports for a unit with one figure."""
    engine = db.connect(url)
    with engine.begin() as tx:
        address = people.address_of(tx, "telegram", account, chat, START)
        people.link(tx, address, people.join(tx, "Sùng Thị Mỷ", "HKL-DV", "focal", START))
    engine.dispose()


@contextmanager
def web_town(folder: Path) -> Iterator[Town]:
    program = Program(folder)
    with ExitStack() as stack:
        address = stack.enter_context(program.open("demo", "--port", "0"))
        browser = stack.enter_context(httpx.Client(base_url=address, timeout=60))
        code = cast(browser)["an"]["hints"][0]
        stranger = WebPhone(browser, browser.post("/start").headers["location"])
        yield Town(persona(browser, "my"), stranger, code, stack, program, address)


def cast(browser: httpx.Client) -> dict[str, Any]:
    return {one["id"]: one for one in browser.get("/demo/cast").json()["personas"]}


def persona(browser: httpx.Client, id: str) -> WebPhone:
    return WebPhone(browser, f"/c/{cast(browser)[id]['token']}")


@pytest.mark.parametrize("town_of", [telegram_town, web_town], ids=["telegram", "web"])
def test_nothing_that_is_said_stops_the_queue(town_of, tmp_path: Path) -> None:
    with town_of(tmp_path) as town:
        guess_codes(town)
        send_what_is_no_figure(town.known)
        press_a_button_of_last_week(town)
        assert "còn 1/1 số liệu chưa có" in town.known.says("còn thiếu gì")
    (kept,) = (file for file in tmp_path.rglob("*.db") if file.parent.name != "backups")
    with closing(sqlite3.connect(kept)) as database:
        outcomes = database.execute("select distinct outcome from inbox").fetchall()
    assert outcomes == [("answered",)]


def guess_codes(town: Town) -> None:
    """After five wrong guesses not even the right code is looked at."""
    for number in range(5):
        assert "Mã mời không đúng" in town.stranger.says(f"NH-ABCDEFG{number + 2}")
    locked = town.stranger.says("NH-ABCDEFGH")
    assert "sai nhiều lần" in locked and "sau một giờ" in locked
    assert town.stranger.says(town.code) == locked


def send_what_is_no_figure(known: TelegramPhone | WebPhone) -> None:
    long = known.says("45 " * 3333 + "6")
    assert "dài quá 4.000 ký tự" in long and "Đề nghị gửi ngắn hơn" in long
    assert 'Gõ "báo cáo"' in known.says("🎉🎉🎉")
    assert "Đề nghị nhập dạng tử/mẫu" in known.says("báo cáo")
    assert re.search(r"ví dụ.* 45/60|[Vv]í dụ cách nhập: 45/60", known.says("🎉🎉🎉"))
    assert "Đề nghị gửi số liệu trước, rồi gửi tệp." in known.sends_photo()


def press_a_button_of_last_week(town: Town) -> None:
    assert "58 trên 60" in town.known.says("58/60")
    town.a_week_passes()
    assert "57 trên 60" in town.known.says("57/60")
    assert "Nút này đã cũ, không còn hiệu lực." in town.known.presses_again("Đúng")
