"""The example office on two Zalo bots of 50 people each: one person for each of its 54 units, and its TCCB."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channels import zalo_bot
from bot.channels.zalo_bot import ZaloBot
from bot.clock import MovableClock
from bot.house import House
from bot.words import Words
from catalogue import roster
from catalogue.calendar import Calendar
from storage import campaigns, db, invitations, people, quota, units
from tests.far.zalo_bot import TOKEN, ZaloServer
from tests.far.zalo_bot_account import Bot, Plan
from tests.house import at
from tests.stage import CATALOGUES

SECOND = "777:the-token_of_the_second"
HANH = "Lê Thị Hạnh"
MORNING = at("2024-11-26 09:00")  # the first reminder is due
PATIENCE = 60.0
OFFICE = roster.example()
UNITS = [unit.id for unit in OFFICE.units]
BOOK = CATALOGUES["2024-qd55"]


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZaloServer]:
    """It lets the 51st person through: whether Zalo does, nobody has said, and the house has to say no by itself."""
    monkeypatch.setattr(zalo_bot, "POLL", 0.5)
    monkeypatch.setattr(zalo_bot, "LEAST", 0.01)
    monkeypatch.setattr(ZaloBot, "traits", replace(ZaloBot.traits, per_second=1000.0))
    with ZaloServer(plan=Plan(people=1000)) as server:
        yield server


def seated(engine: Engine, bot: Bot, unit: str, role: str, name: str) -> None:
    with engine.begin() as tx:
        address = people.address_of(tx, "zalo_bot", bot.account, bot.person(name).id, MORNING)
        people.link(tx, address, people.join(tx, name, unit, role, MORNING))


@contextmanager
def at_work(engine: Engine, far: ZaloServer) -> Iterator[None]:
    started, done = threading.Event(), threading.Event()

    async def live() -> None:
        closing = asyncio.Event()
        bots = [ZaloBot(token, far.base_url) for token in (TOKEN, SECOND)]
        house = House(engine, CATALOGUES, Calendar(), MovableClock(lambda: MORNING, MORNING), {"vi": Words()}, bots)
        living = asyncio.create_task(house.live(closing))
        started.set()
        await asyncio.to_thread(done.wait)
        closing.set()
        await living

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def says(bot: Bot, name: str, text: str) -> str:
    before = len(bot.person(name).texts)
    bot.says(name, text)
    with bot.moved:
        assert bot.moved.wait_for(lambda: len(bot.person(name).texts) > before, PATIENCE), f"{name} hears nothing"
        return bot.person(name).texts[before]


def test_54_units_find_room_on_two_bots_and_each_is_reminded_by_its_own(
    tmp_path: Path, sqlite_template: Path, far: ZaloServer
) -> None:
    assert len(UNITS) == 54
    second = far.also(SECOND)
    (tmp_path / "office.db").write_bytes(sqlite_template.read_bytes())
    engine = db.connect(f"sqlite:///{tmp_path}/office.db")
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, OFFICE)
        owing = campaigns.duties(tx, campaign)
        code = invitations.issue(tx, UNITS[49], "focal", MORNING)
    seated(engine, far, "TCCB", "tccb", HANH)
    for unit in UNITS[:49]:  # with Hạnh 50: the first bot is full
        seated(engine, far, unit, "focal", f"Đầu mối {unit}")
    for unit in UNITS[50:]:
        seated(engine, second, unit, "focal", f"Đầu mối {unit}")
    with at_work(engine, far):
        refused = says(far, "Người thứ 51", code)
        assert "Bot này đã đủ 50 người" in refused and "Bot 777" in refused
        assert "Mã mời của" in says(second, "Người thứ 51", code)
        says(second, "Người thứ 51", "đồng ý")
        assert "Đã ghi nhận đăng ký" in says(second, "Người thứ 51", "Trần Văn Mốt")
        says(far, HANH, "duyệt 1")
        due = [unit for unit in UNITS[:49] + UNITS[50:] if unit in owing]
        far.wait_for(lambda: all(reminded(far, second, unit) for unit in due), PATIENCE)
    assert len(due) > 40
    for bot, most, said in ((far, 50, 2), (second, 5, 3)):
        with engine.begin() as tx:
            assert quota.people(tx, "zalo_bot", bot.account) == most
            used = quota.used(tx, "zalo_bot", [bot.account], at("2024-11-01 00:00"))
        assert used == sum(len(chat.texts) for chat in bot.chats.values()) + said
    engine.dispose()


def reminded(far: Bot, second: Bot, unit: str) -> bool:
    name = f"Đầu mối {unit}"
    own, other = (far, second) if UNITS.index(unit) < 49 else (second, far)
    texts = own.person(name).texts
    assert all(chat.name != name for chat in other.chats.values())
    return sum("Còn 14 ngày đến hạn" in text for text in texts) == 1
