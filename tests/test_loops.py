"""The house at work: its loops outlast what goes wrong around them, and end only when told to or by our own fault."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot import house as working
from bot.channels.channel import Incoming, Later, Stopped
from bot.dialogue.turn import Said
from storage import outbox, schema
from tests.house import Far, World, run

HELLO = Said("xin chào")


@dataclass
class Line(Far):
    """A channel that hears what a test says, or is cut off by it."""

    heard: asyncio.Queue[Incoming | Exception] = field(default_factory=asyncio.Queue)
    listened: int = 0

    async def listen(self, hear):
        self.listened += 1
        while True:
            heard = await self.heard.get()
            if isinstance(heard, Exception):
                raise heard
            await hear(heard)

    def say(self, chat: str, id: str = "1") -> None:
        self.heard.put_nowait(Incoming("far", "", chat, id, HELLO))


@pytest.fixture
def line(house: World, monkeypatch: pytest.MonkeyPatch) -> Line:
    for wait in ("CUT", "REST"):  # shorter, as the other loops go round and round meanwhile
        monkeypatch.setattr(working, wait, timedelta(seconds=2))
    house.far = Line()
    house.house.open([house.far])
    return house.far


@asynccontextmanager
async def living(house: World):
    """The house lives; at the end it is told to close, and whatever ended it is raised."""
    closing = asyncio.Event()
    life = asyncio.create_task(house.house.live(closing))
    yield life
    closing.set()
    await life


async def until(happened) -> None:
    """On a loop whose clock leaps, however long the house waits in between."""
    while not happened():
        await asyncio.sleep(0.1)


def test_what_is_heard_is_answered_and_the_answer_arrives(house: World, line: Line):
    async def play():
        async with living(house):
            line.say("an")
            await until(lambda: line.sent)

    run(play())
    assert [message.chat for message in line.sent] == ["an"]
    assert house.outcomes() == ["sent"]


def test_closing_ends_it_at_once_and_in_peace(house: World, line: Line):
    async def play():
        async with living(house):
            pass

    run(play())
    with pytest.raises(RuntimeError, match="closed"):
        house.house.writer.ask(outbox.oldest, house.now)


def test_a_channel_that_is_cut_off_is_listened_to_again(house: World, line: Line):
    async def play():
        async with living(house):
            line.heard.put_nowait(Later("busy"))
            line.heard.put_nowait(Stopped("the token is revoked"))
            line.say("an")
            await until(lambda: line.sent)

    run(play())
    assert line.listened == 3
    assert line.pulse.fault == "the token is revoked"


def test_a_stopped_account_rests_and_goes_on_when_it_is_mended(house: World, line: Line):
    line.trouble = [Stopped("the token is revoked")] * 3

    async def play():
        async with living(house):
            line.say("an")
            while not line.sent:
                await asyncio.sleep(1)
                house.go(timedelta(minutes=1))

    run(play())
    assert house.outcomes() == ["sent"]


def test_the_database_s_trouble_is_waited_out(house: World, line: Line, monkeypatch, caplog):
    claim, troubles = outbox.claim, iter([True] * 5)

    def away(*given):
        if next(troubles, False):
            raise OperationalError("SELECT", {}, Exception("the server has gone away"))
        return claim(*given)

    monkeypatch.setattr(outbox, "claim", away)

    async def play():
        async with living(house):
            line.say("an")
            await until(lambda: line.sent)

    run(play())
    assert "waits for the database" in caplog.text
    assert [row.outcome for row in house.rows(schema.inbox)] == ["answered"]


def test_files_that_nobody_sends_are_seldom_asked_for(house: World, line: Line, monkeypatch):
    """Whoever hears of one wakes the loop; on its own it looks only for what was put off."""
    fetch, rounds = house.house.fetch, []

    async def noted() -> int:
        rounds.append(await fetch())
        return rounds[-1]

    monkeypatch.setattr(house.house, "fetch", noted)

    async def play():
        async with living(house):
            await asyncio.sleep(20 * working.RUNG)
        assert 1 < len(rounds) <= 21

    run(play())


def test_our_own_fault_in_a_loop_takes_the_house_along_visibly(house: World, line: Line, monkeypatch):
    def trip(*given):
        raise ZeroDivisionError

    monkeypatch.setattr(outbox, "claim", trip)

    async def play():
        async with living(house) as life:
            await asyncio.wait([life])

    with pytest.raises(ZeroDivisionError):
        run(play())


@pytest.mark.parametrize("steps", range(5))
def test_a_loop_that_is_woken_as_it_is_told_to_end_ends(house: World, steps: int):
    """However many turns of the event loop lie between the two."""

    async def closed() -> bool:
        woken = asyncio.Event()

        async def nothing() -> int:
            return 0

        task = asyncio.create_task(house.house._keep_at("answer", nothing, woken))
        await asyncio.sleep(0.01)
        woken.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        return task.done() or not task.cancel()

    assert run(closed())
