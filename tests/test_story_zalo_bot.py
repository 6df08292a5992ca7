"""The story of a unit on Zalo: two bots of one office, text only, played through a whole house at work."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.channels import zalo_bot
from bot.channels.zalo_bot import ZaloBot
from bot.clock import MovableClock
from bot.house import House
from bot.reception import Pulse
from bot.web import door
from bot.words import Words
from catalogue.calendar import Calendar
from storage import campaigns, db, invitations, people, schema, units
from tests.far.zalo_bot import TOKEN, ZaloServer
from tests.far.zalo_bot_account import Bot
from tests.stage import CATALOGUES, MORNING, OFFICE

AN, HANH = "Nguyễn Văn An", "Lê Thị Hạnh"
SECOND = "777:the-token_of_the_second"
PATIENCE = 30.0  # seconds


@pytest.fixture(autouse=True)
def short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_bot, "POLL", 1.0)
    monkeypatch.setattr(zalo_bot, "LEAST", 0.01)


@pytest.fixture
def far() -> Iterator[ZaloServer]:
    with ZaloServer() as server:
        yield server


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Run:
    def __init__(self) -> None:
        self.told, self.closing = threading.Event(), threading.Event()

    def close(self) -> None:
        """Returns while it is closing."""
        self.told.set()
        assert self.closing.wait(PATIENCE)


class Office:
    """An office that knows Hạnh of TCCB, who has written to the first bot."""

    def __init__(self, folder: Path, far: ZaloServer) -> None:
        self.far, self.second = far, far.also(SECOND)
        self.engine = db.connect(f"sqlite:///{folder}/office.db")
        db.upgrade(self.engine)
        with self.engine.begin() as tx:
            units.apply(tx, OFFICE, MORNING.date())
            catalogue = CATALOGUES["2024-qd55"]
            campaign = campaigns.open(tx, "2024-qd55", 2024, catalogue.plan(2024), MORNING)
            assert campaign
            campaigns.assign(tx, campaign, catalogue, OFFICE)
            address = people.address_of(tx, "zalo_bot", far.account, far.person(HANH).id, MORNING)
            people.link(tx, address, people.join(tx, HANH, "TCCB", "tccb", MORNING))
            self.code = invitations.issue(tx, "CCKL", "focal", MORNING)

    @contextmanager
    def at_work(self, secret: str | None = None) -> Iterator["Run"]:
        """From beginning to end of one run of the program. With a secret, Zalo calls it at its door."""
        run, started = Run(), threading.Event()
        port = free_port()

        async def live() -> None:
            closing = asyncio.Event()
            at = f"http://127.0.0.1:{port}" if secret else None
            bots = [ZaloBot(token, self.far.base_url, secret, at) for token in (TOKEN, SECOND)]
            clock = MovableClock(lambda: MORNING, MORNING)
            house = House(self.engine, CATALOGUES, Calendar(), clock, {"vi": Words()}, bots)
            app = door.build(bots, house.hear, Pulse(house), "a secret for tests only", clock)
            async with door.serve(app, "127.0.0.1", port):
                started.set()
                living = asyncio.create_task(house.live(closing))
                await asyncio.to_thread(run.told.wait)
                closing.set()
                for _ in range(20):  # until every loop has heard of it
                    await asyncio.sleep(0)
                run.closing.set()
                await living

        thread = threading.Thread(target=asyncio.run, args=(live(),))
        thread.start()
        assert started.wait(PATIENCE)
        try:
            yield run
        finally:
            run.told.set()
            thread.join(PATIENCE)
        assert not thread.is_alive()

    def reports(self) -> list[tuple[str, str, int, int]]:
        with self.engine.begin() as tx:
            rows = tx.execute(schema.report.select().order_by(schema.report.c.id))
            return [(row.unit, row.measure, row.numerator, row.denominator) for row in rows]


def says(bot: Bot, name: str, text: str) -> str:
    """What the bot answers; all of it, when it comes in parts."""
    before = len(bot.person(name).texts)
    bot.says(name, text)
    return hears(bot, name, before)


def hears(bot: Bot, name: str, before: int) -> str:
    with bot.moved:
        assert bot.moved.wait_for(lambda: len(bot.person(name).texts) > before, PATIENCE), f"{name} hears nothing"
        return bot.person(name).texts[before]


def test_register_and_report(tmp_path: Path, far: ZaloServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    office = Office(tmp_path, far)
    first, second = far, office.second
    with office.at_work():
        assert "đề nghị gõ mã mời" in says(second, AN, "xin chào")
        assert "Mã mời của: Chi cục Kiểm lâm (đầu mối)" in says(second, AN, office.code)
        assert "họ và tên" in says(second, AN, "đồng ý")
        assert f"Đã ghi nhận đăng ký: {AN}" in says(second, AN, AN)
        assert 'Gõ "duyệt 1" để xác nhận' in hears(first, HANH, 0)
        so_far = len(second.person(AN).texts)
        assert "Đã xác nhận" in says(first, HANH, "duyet 1")
        assert 'Gõ "báo cáo" để nhập số liệu' in hears(second, AN, so_far)
        assert "còn 19 số liệu cần báo cáo" in says(second, AN, "báo cáo")
        card = says(second, AN, "39/50")
        assert "NQ01.1 (giao: Tối thiểu 75 %): đạt\n" in card
        assert "Đã ghi nhận NQ01.1, NQ02.1 = 39/50 (78,00 %)" in says(second, AN, "đúng")
        assert "Chưa đọc được loại tin này" in sticker(second)
    assert office.reports() == [("CCKL", "M01", 39, 50)]
    assert not first.person(AN).texts and not second.person(HANH).texts
    for secret in (TOKEN, SECOND):
        assert secret.partition(":")[2] not in caplog.text


def sticker(bot: Bot) -> str:
    before = len(bot.person(AN).texts)
    bot.happens("message.sticker.received", AN, sticker="s1", url="https://stickers.zaloapp.com/s1")
    return hears(bot, AN, before)


def test_what_is_said_while_the_house_closes_is_answered_when_it_opens(
    tmp_path: Path, far: ZaloServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_bot, "POLL", 3.0)
    office = Office(tmp_path, far)
    with office.at_work() as run:
        far.wait_for(lambda: far.polls)
        run.close()
        assert far.polls, "a poll is still under way"
        far.says(HANH, "thiếu")
    assert not far.updates and far.person(HANH).texts == []
    with office.at_work():
        assert "hạn 10/12/2024" in hears(far, HANH, 0)


def test_a_message_that_comes_twice_is_answered_once(tmp_path: Path, far: ZaloServer) -> None:
    office = Office(tmp_path, far)
    with office.at_work():
        with far.moved:
            far.says(HANH, "thiếu")
            far.updates.append(far.updates[0])
        hears(far, HANH, 0)
        says(far, HANH, "chi tiết 1")
    assert len(far.person(HANH).texts) == 2


def test_what_zalo_brings_twice_to_our_door_is_answered_once(tmp_path: Path, far: ZaloServer) -> None:
    far.ways.http_allowed, far.ways.repeats, far.ways.wrapped = True, 2, True
    office = Office(tmp_path, far)
    with office.at_work("a-secret_of-the-webhook"):
        far.wait_for(lambda: far.url and office.second.url)
        assert "hạn 10/12/2024" in says(far, HANH, "thiếu")
        assert "đề nghị gõ mã mời" in says(office.second, AN, "xin chào")
        far.wait_for(lambda: far.carried == [200] * 4)
        says(far, HANH, "chi tiết 1")
    assert len(far.person(HANH).texts) == 2 and len(office.second.person(AN).texts) == 1
