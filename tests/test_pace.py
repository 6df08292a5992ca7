"""How fast an account speaks, by a loop whose clock jumps to the next thing to do: no test waits for anything."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot import pace as pacing
from bot.pace import Pace
from tests.house import LeapingLoop, run


async def spoken(pace, *turns):
    """Who spoke when: `turns` are (name, chat, urgent), all asked for at once."""
    loop, said = asyncio.get_running_loop(), []

    async def speak(name, chat, urgent):
        await pace.turn(chat, urgent=urgent)
        said.append((name, round(loop.time(), 6)))

    await asyncio.gather(*(speak(*turn) for turn in turns))
    return said


def test_an_account_speaks_so_often_a_second_and_without_a_burst():
    said = run(spoken(Pace(25, 0), *[(n, f"chat {n}", True) for n in range(100)]))
    times = [when for _, when in said]
    assert times == pytest.approx([n / 25 for n in range(100)])


def test_a_pause_is_not_saved_up_for_a_burst():
    async def work():
        pace = Pace(10, 0)
        first = await spoken(pace, ("a", "a", True))
        await asyncio.sleep(60)
        return first + await spoken(pace, *[(n, f"{n}", True) for n in range(3)])

    assert [when for _, when in run(work())] == pytest.approx([0, 60, 60.1, 60.2])


class Slow(LeapingLoop):
    """Each wait ends a little late, as on a busy machine."""

    late = 0.003

    def call_at(self, when, *given, **named):
        return super().call_at(when + self.late, *given, **named)


def test_a_row_of_messages_keeps_its_time_although_each_is_woken_late():
    with asyncio.Runner(loop_factory=Slow) as runner:
        said = runner.run(spoken(Pace(25, 0), *[(n, f"chat {n}", False) for n in range(250)]))
    times = [when for _, when in said]
    assert times[-1] == pytest.approx(249 / 25, abs=0.01)  # and not 249 times 3 ms later
    assert max(sum(begin <= when < begin + 1 for when in times) for begin in times) <= 26


def test_whoever_is_far_too_late_is_not_made_up_for():
    with asyncio.Runner(loop_factory=Slow) as runner:
        Slow.late = 0.5
        said = runner.run(spoken(Pace(25, 0), *[(n, f"chat {n}", False) for n in range(10)]))
        Slow.late = 0.003
    times = [when for _, when in said]
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.04 - 1e-6


def test_one_chat_is_spoken_to_with_a_gap_while_others_go_on():
    said = run(spoken(Pace(10, 1.1), *[(n, "same", True) for n in range(3)], ("other", "other", True)))
    assert dict(said)["other"] == pytest.approx(0.1)
    assert [when for name, when in said if name != "other"] == pytest.approx([0, 1.1, 2.2])


def test_a_reply_goes_before_what_nobody_waits_for():
    bulk = [(f"bulk {n}", f"{n}", False) for n in range(5)]
    said = [name for name, _ in run(spoken(Pace(10, 0), *bulk, ("reply", "x", True)))]
    assert said.index("reply") <= 1


def test_what_nobody_waits_for_goes_once_nobody_waits():
    said = run(spoken(Pace(10, 0), ("bulk", "a", False), *[(f"{n}", f"r{n}", True) for n in range(20)]))
    assert ("bulk" in dict(said)) and len(said) == 21


def test_a_halt_silences_the_whole_account_and_whoever_waits_already():
    async def work():
        pace = Pace(10, 0)
        asyncio.get_running_loop().call_later(0.15, pace.halt, timedelta(seconds=30))
        return await spoken(pace, *[(n, f"{n}", True) for n in range(4)])

    assert [when for _, when in run(work())] == pytest.approx([0, 0.1, 30.15, 30.25])


def test_a_shorter_halt_does_not_end_a_longer_one():
    async def work():
        pace = Pace(10, 0)
        pace.halt(timedelta(seconds=30))
        pace.halt(timedelta(seconds=1))
        return await spoken(pace, ("a", "a", True))

    assert run(work()) == [("a", 30.0)]


def test_no_limit_is_no_wait():
    assert [when for _, when in run(spoken(Pace(0, 0), *[(n, "same", False) for n in range(50)]))] == [0.0] * 50


def test_whoever_gives_up_waiting_holds_up_nobody():
    async def work():
        pace = Pace(10, 0)
        pace.halt(timedelta(seconds=5))
        impatient = asyncio.ensure_future(pace.turn("a", urgent=True))
        await asyncio.sleep(1)
        impatient.cancel()
        return await spoken(pace, ("bulk", "b", False))

    assert run(work()) == [("bulk", 5.0)]


def test_quiet_chats_are_forgotten_and_busy_ones_are_not(monkeypatch):
    monkeypatch.setattr(pacing, "FORGET", 10)

    async def work():
        pace = Pace(1000, 60)
        await spoken(pace, *[(n, f"old {n}", True) for n in range(10)])
        await asyncio.sleep(100)
        await spoken(pace, ("new", "new", True))
        return pace._chats.keys(), await spoken(pace, ("again", "new", True))

    chats, said = run(work())
    assert set(chats) == {"new"}
    assert said[0][1] == pytest.approx(160, abs=1)
