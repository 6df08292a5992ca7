"""One process at a time works for an account, whichever it is; the next one takes over within seconds."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot import shift
from bot.channels.channel import Traits
from bot.reception import Pulse
from storage import tenure
from storage.tenure import Tenure, tenure_in
from tests.far.telegram import TOKEN, TelegramServer
from tests.house import World, run
from tests.test_loops import Line, living, until
from tests.torture.victim import WORKING, Victim

PATIENCE = 30.0
HOLDER = """
import sys, time
from storage import db
from storage.tenure import tenure_in
print(tenure_in(db.connect(sys.argv[1])).holds("telegram-1"), flush=True)
sys.stdin.read()
"""
END = """
SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def two(engine: Engine) -> Iterator[tuple[Tenure, Tenure]]:
    pair = tenure_in(engine), tenure_in(engine)
    yield pair
    for each in pair:
        each.close()


def becomes(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_one_holds_what_the_other_asks_for(two: tuple[Tenure, Tenure]) -> None:
    first, second = two
    assert first.holds("telegram-1") and first.holds("telegram-1")
    assert not second.holds("telegram-1")
    assert second.holds("telegram-2") and not first.holds("telegram-2")
    first.close()
    assert becomes(lambda: second.holds("telegram-1"))


def test_whoever_is_killed_lets_go(database_url: str, engine: Engine) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout and other.stdin
    ours = tenure_in(engine)
    try:
        assert other.stdout.readline() == "True\n"
        assert not ours.holds("telegram-1")
        other.kill()
        assert becomes(lambda: ours.holds("telegram-1"))
    finally:
        other.kill()
        other.communicate()
        ours.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a lock on a file can't be lost
def test_whose_session_ends_has_lost_it(two: tuple[Tenure, Tenure], engine: Engine) -> None:
    first, second = two
    assert first.holds("telegram-1")
    with engine.begin() as tx:
        tx.execute(text(END))
    assert becomes(lambda: second.holds("telegram-1"))
    assert not first.holds("telegram-1") and not first.holds("telegram-1")
    second.close()
    assert becomes(lambda: first.holds("telegram-1"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a lock on a file can't be lost
def test_who_says_nothing_any_more_has_lost_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen, or cut off with its machine: PostgreSQL ends its session."""
    monkeypatch.setattr(tenure, "SILENCE", 1)
    frozen, other = tenure_in(engine), tenure_in(engine)
    assert frozen.holds("telegram-1") and not other.holds("telegram-1")
    assert becomes(lambda: other.holds("telegram-1"))
    assert not frozen.holds("telegram-1")
    for each in (frozen, other):
        each.close()


class Taken:
    """Whose tenure it is, at a test's will."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours

    def holds(self, name: str) -> bool:
        assert name in ("far-listen", "far-deliver")
        return self.ours

    def close(self) -> None: ...


@pytest.fixture
def line(house: World) -> Line:
    house.far = Line(traits=Traits(4000, per_second=10_000.0, alone=True))
    house.house.open([house.far])
    return house.far


def test_who_stands_by_neither_hears_nor_sends_until_it_takes_over(house: World, line: Line, caplog) -> None:
    house.house.tenure = taken = Taken(ours=False)
    line.say("an")

    async def played() -> None:
        async with living(house):
            await until(lambda: line.pulse.standby)
            await asyncio.sleep(10 * shift.AGAIN)
            assert line.listened == 0 and not line.sent
            report = await Pulse(house.house).report()
            told = next(check for check in report.checks if check.name == "channel far")
            assert (told.ok, told.detail) == (True, shift.ELSEWHERE)
            taken.ours = True
            await until(lambda: line.sent)
            assert not line.pulse.standby

    run(played())
    assert caplog.text.count("this one stands by") == 2 and "takes over" in caplog.text


def test_who_has_lost_it_stops_until_it_has_it_again(house: World, line: Line, caplog) -> None:
    house.house.tenure = taken = Taken(ours=True)

    async def played() -> None:
        async with living(house):
            await until(lambda: line.listened == 1)
            taken.ours = False
            await until(lambda: line.pulse.standby)
            line.say("an")
            await asyncio.sleep(10 * shift.AGAIN)
            assert line.listened == 1 and not line.sent
            assert "deliver far" not in house.house.rounds
            taken.ours = True
            await until(lambda: line.sent)
            assert line.listened == 2

    run(played())
    assert "not ours any more" in caplog.text


def test_a_second_program_neither_polls_nor_sends_until_the_first_is_killed(tmp_path: Path, database_url: str) -> None:
    with TelegramServer() as far:
        far.person(1001, "An")
        far.person(1002, "Mỷ")
        settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": far.base_url}
        first, second = (Victim(tmp_path, database_url, settings, log) for log in ("first", "second"))
        try:
            first.start()
            far.wait_for(lambda: far.called("deleteWebhook"), WORKING, "the first one polls")
            second.start()
            second.until(lambda: "stands by" in second.told(), "it says so")
            began = len(far.called("deleteWebhook"))
            far.says(1001, "xin chào")
            far.wait_for(lambda: len(far.chat(1001).sent) == 1, WORKING, "the first one answers")
            first.kill()
            far.says(1002, "xin chào")  # a reply to An may have been under way, and stays so for its lease
            far.wait_for(lambda: far.chat(1002).sent, WORKING, "the second one answers")
            assert "takes over" in second.told() and (began, len(far.called("deleteWebhook"))) == (1, 2)
            second.stop()
        finally:
            for each in (first, second):
                if each.starts and each.process.returncode is None:
                    each.kill()
