"""What a process does is chosen by its roles; on PostgreSQL several share one database, and wake one another."""

import asyncio

import pytest
from sqlalchemy import text

from bench import processes
from bot import desk
from bot import house as working
from bot.channels.channel import Incoming
from bot.cli.frame import Refusal
from bot.cli.running import _roles
from bot.dialogue.turn import Said
from bot.house import ROLES
from storage import bell
from tests.house import World
from tests.test_loops import Line, living, until
from tests.test_tenure import becomes

POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.mark.parametrize(
    ("roles", "loops"),
    [
        ({"receive"}, {"listen to far"}),
        ({"answer"}, {"answer", "fetch"}),
        ({"deliver"}, {"deliver far"}),
        ({"schedule"}, {"timetable", "watch"}),
        (set(ROLES), {"listen to far", "answer", "fetch", "deliver far", "timetable", "watch"}),
    ],
    ids=lambda one: "+".join(sorted(one)),
)
def test_only_the_loops_of_its_roles_run(house: World, roles: set[str], loops: set[str]) -> None:
    house.house.roles = frozenset(roles)  # type: ignore[arg-type] # they are roles
    begun = dict(house.house._loops())
    for work in begun.values():
        work.close()
    assert begun.keys() == loops
    assert house.far.pulse.standby == ("receive" not in roles)


def test_roles_are_named_and_nothing_else_is_one() -> None:
    assert _roles("answer, deliver") == {"answer", "deliver"}
    for wrong in ("answer,listen", "", " , "):
        with pytest.raises(Refusal, match="Đề nghị chọn trong: receive, answer, deliver, schedule"):
            _roles(wrong)


@POSTGRES
def test_a_process_is_woken_by_what_another_puts_down(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither looks by itself: the database's own word is all that it has."""
    for wait in ("IDLE", "RUNG"):
        monkeypatch.setattr(working, wait, 3600.0)
    house.far = Line()
    house.house.open([house.far])
    house.house.roles = frozenset({"answer", "deliver"})
    house.seat("an", "focal", "CCKL")

    async def play() -> None:
        async with living(house):
            await until(lambda: house.house.bell and house.house.bell.listens)
            await asyncio.to_thread(house.put, "an")
            await until(lambda: len(house.far.sent) == 1)
            other = house.another(house.far)
            await asyncio.to_thread(_keep, house, other)
            await until(lambda: len(house.far.sent) == 2)

    asyncio.run(asyncio.wait_for(play(), 60))
    assert house.outcomes() == ["sent", "sent"]


def _keep(house: World, other: working.House) -> None:
    """As a process that only receives: the message is kept, and nothing more."""
    with other.engine.begin() as tx:
        desk.keep(tx, Incoming("far", "", "an", "elsewhere", Said("xin chào")), house.now)


@POSTGRES
def test_a_bell_that_was_lost_is_heard_again(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "AGAIN", 0.05)
    heard: list[str] = []
    ours = bell.Bell(house.engine, heard.append)
    try:
        assert becomes(lambda: ours.listens)
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        house.do(lambda tx: tx.execute(text(f"{end} AND query LIKE 'LISTEN%'")))
        assert becomes(lambda: heard.count("outbox") == 2)  # told once each time it begins to listen
        house.put("an")
        assert becomes(lambda: heard.count("outbox") == 3)
    finally:
        ours.close()
    assert not ours._thread or not ours._thread.is_alive()


@POSTGRES
def test_four_processes_deliver_each_envelope_once_and_keep_every_chat_s_order(database_url: str) -> None:
    with processes.database(database_url) as url:
        processes.fill(url, 1000)
        run = processes.deliver(url, 4, 1000)
    assert (run.envelopes, run.twice, run.out_of_order) == (1000, 0, 0)
