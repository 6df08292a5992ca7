"""What goes wrong around the house, one fault after another: docs/reliability.md says what each of them comes to."""

import asyncio
import itertools
import re
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from bot import desk, due, flood
from bot.channels import telegram, telegram_transport
from bot.channels.channel import Incoming, Later
from bot.cli import frame
from bot.dialogue.turn import Attachment, Said
from bot.flood import Flood
from bot.reception import Pulse
from jobs import remind
from storage import db, inbox, outbox, people, schema, settings
from tests.cluster import Cluster
from tests.conftest import DATABASES, opened
from tests.far import telegram as far
from tests.house import Far, World, at, run
from tests.test_loops import living

LONG = Said("chưa rõ " * 3000)  # needs pages of its own
REPORTING = ("báo cáo", "58/60", "đúng")
HOME = "far", ""
TABLE = Path(__file__).parents[1] / "docs" / "reliability.md"


@dataclass
class Messenger(Far):
    """Brings each message again until it is kept, as those do that wait for our word."""

    waiting: list[Incoming] = field(default_factory=list)
    cut: int = 0  # how often it was not kept
    brought: int = 0

    async def listen(self, hear):
        while True:
            while self.waiting:
                try:
                    await hear(self.waiting[0])
                except Exception as fault:
                    self.cut += 1
                    raise Later(f"not kept: {type(fault).__name__}") from None
                del self.waiting[0]
                self.pulse.fault = ""
            await asyncio.sleep(0.5)

    def brings(self, chat: str, *said: str | Said) -> None:
        for one in said:
            whole = one if isinstance(one, Said) else Said(one)
            self.brought += 1
            self.waiting.append(Incoming("far", "", chat, f"message {self.brought}", whole))


@pytest.fixture
def an(house: World) -> World:
    house.seat("an", "focal", "HKL-DV")
    house.seat("my", "focal", "HKL-MV")
    return house


async def soon(house: World, life: asyncio.Task[None], happened: Callable[[], object]) -> None:
    """Within an hour of the house's own clock, which goes on meanwhile."""
    for _ in range(3600):
        if life.done() or happened():
            break
        await asyncio.sleep(1)
        house.go(timedelta(seconds=1))
    assert happened()


async def well_again(house: World) -> None:
    """By the next round of the timetable at the latest, which may have failed in the bad weather."""
    for _ in range(120):
        if (await Pulse(house.house).report()).ok:
            return
        await asyncio.sleep(1)
        house.go(timedelta(seconds=1))
    raise AssertionError((await Pulse(house.house).report()).checks)


def replies(house: World) -> int:
    """Those that have arrived; the timetable may have had its say as well."""
    return sum(bool(message.reply_to) for message in house.far.sent)


def heard(house: World) -> list[str | None]:
    return [row.outcome for row in house.rows(schema.inbox)]


# The database


def said_first(engine: Engine) -> list[str]:
    """What is said on each connection that is taken: changed at will, unlike listeners, which others go through."""
    says: list[str] = []
    event.listen(engine, "checkout", lambda raw, *_: [raw.cursor().execute(one) for one in says])
    return says


@contextmanager
def disk_full(engine: Engine, says: list[str]) -> Iterator[None]:
    with engine.begin() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    says[:] = [f"PRAGMA max_page_count={pages}"]
    for size in (1000, 50):  # until nothing more fits into what there is
        with suppress(OperationalError):
            for number in itertools.count():
                with engine.begin() as tx:
                    settings.keep(tx, f"{size} {number}", "x" * size)
    yield
    says[:] = ["PRAGMA max_page_count=1000000"]


@contextmanager
def locked(engine: Engine, says: list[str]) -> Iterator[None]:
    """Another program has it to itself, for longer than anybody waits."""
    other = sqlite3.connect(engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    says[:] = ["PRAGMA busy_timeout=10"]
    yield
    says.clear()
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def read_only(engine: Engine, says: list[str]) -> Iterator[None]:
    """As after the disk has gone bad and was mounted anew, or while a standby has not yet taken over."""
    if engine.dialect.name == "sqlite":
        says[:] = ["PRAGMA query_only=ON"]
        yield
        says[:] = ["PRAGMA query_only=OFF"]
        return
    keeper = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def alter(how: str) -> None:
        with keeper.connect() as tx:
            tx.execute(text("SET default_transaction_read_only = off"))
            tx.execute(text(f"ALTER DATABASE {engine.url.database} {how}"))
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            tx.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))

    alter("SET default_transaction_read_only = on")
    yield
    alter("RESET default_transaction_read_only")


@contextmanager
def no_connection_left(engine: Engine, _says: list[str]) -> Iterator[None]:
    """Somebody else holds all of them."""
    engine.pool._timeout, patience = 0.02, engine.pool._timeout  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(engine.pool.size() + db.OVERFLOW):  # type: ignore[attr-defined]
            held.enter_context(engine.connect())
        yield
    engine.pool._timeout = patience  # type: ignore[attr-defined]


EVERYWHERE = [read_only, no_connection_left]
A_FILE_S_OWN = [disk_full, locked]  # a server answers with an error of the kind that read_only stands for


@pytest.mark.parametrize(
    ("database_url", "weather"),
    [*itertools.product(DATABASES, EVERYWHERE), *itertools.product(["sqlite"], A_FILE_S_OWN)],
    ids=lambda one: getattr(one, "__name__", one),
    indirect=["database_url"],
)
def test_the_database_s_trouble_delays_and_loses_nothing(an: World, weather: Callable, caplog):
    an.far = Messenger()
    an.house.open([an.far])
    an.hear("my", "báo cáo", "44/60")  # kept before, and not answered
    an.far.brings("an", LONG, *REPORTING)
    says = said_first(an.engine)

    async def play():
        async with living(an) as life:
            with weather(an.engine, says):
                may_fit = weather is disk_full  # an answer may find room where a message of pages does not
                waits = "answer waits for the database"
                await soon(an, life, lambda: an.far.cut >= 2 and (may_fit or waits in caplog.text))
                assert not (await Pulse(an.house).report()).ok
            await soon(an, life, lambda: replies(an) == 6)
            await well_again(an)

    run(play())
    assert heard(an) == ["answered"] * 6
    assert [row.outcome for row in an.rows(schema.outbox) if row.reply_to] == ["sent"] * 6
    assert [(row.numerator, row.denominator) for row in an.rows(schema.report)] == [(58, 60)]
    assert "Traceback" not in caplog.text


def test_everybody_who_may_read_at_once_finds_a_connection(an: World):
    """As many as asyncio has threads, and the writer."""
    with ExitStack() as reading:
        for _ in range(32):
            reading.enter_context(db.reading(an.engine))
        an.hear("an", "báo cáo")
        an.answer()
    assert heard(an) == ["answered"]


# Too much at once


def test_a_thousand_messages_in_a_minute_get_one_sentence_and_hold_up_nobody(an: World):

    async def at_once(numbers: range) -> None:
        said = [Incoming("far", "", "an", str(number), Said(f"tin {number}")) for number in numbers]
        await asyncio.gather(*map(an.house.hear, said))

    for first in range(0, 1000, 50):
        run(at_once(range(first, first + 50)))
        an.go(timedelta(seconds=2.5))
    an.hear("my", "báo cáo")
    an.answer()
    an.deliver()
    rows = an.rows(schema.inbox)
    assert [row.said["text"] for row in rows] == [*(f"tin {number}" for number in range(1000)), "báo cáo"]
    assert heard(an) == ["answered"] * flood.MOST + [inbox.TOO_MANY] * (1000 - flood.MOST) + ["answered"]
    assert an.kinds().count("talk.flooded") == 1
    assert len(an.far.texts("an")) == flood.MOST + 1
    assert len(an.far.texts("my")) == 1


def test_after_a_pause_it_is_dealt_with_again(an: World):
    an.hear("an", *["?"] * (flood.MOST + 5))
    an.go(timedelta(minutes=1))
    an.hear("an", *REPORTING)
    an.answer()
    assert heard(an)[-3:] == ["answered"] * 3
    assert len(an.rows(schema.report)) == 1


def test_a_message_that_comes_again_while_too_many_come_is_told_of_once(an: World):
    an.hear("an", *["?"] * flood.MOST)
    for _ in range(3):
        an.hear("an", "một tin", key="the same")
    assert heard(an)[flood.MOST :] == [inbox.TOO_MANY]
    assert an.kinds() == ["talk.flooded"]


def test_what_could_not_be_kept_does_not_count(an: World, monkeypatch):
    """Else an hour's outage, in which a message is brought again and again, would shut its sender out."""
    keep, away = desk.keep, itertools.repeat(True, 2 * flood.MOST)

    def trouble(*given):
        if next(away, False):
            raise ZeroDivisionError
        return keep(*given)

    monkeypatch.setattr(desk, "keep", trouble)
    for _ in range(2 * flood.MOST):
        with pytest.raises(ZeroDivisionError):
            an.hear("an", "báo cáo", key="the same")
    an.hear("an", "báo cáo", key="the same")
    an.answer()
    assert heard(an) == ["answered"]


def test_a_file_among_too_many_is_not_fetched(an: World):
    an.hear("an", *["?"] * flood.MOST, Said(file=Attachment("ref", "a.xlsx", 9, "x")))
    assert not an.do(inbox.awaited, an.now)


def test_somebody_who_goes_on_and_on_is_told_once_and_quiet_chats_are_forgotten(monkeypatch):
    monkeypatch.setattr(flood, "FORGET", 5)
    stages, counted, now = [], Flood(), at("2024-11-26 09:00")
    for second in range(600):
        stages += [counted.take((*HOME, "an"), now + timedelta(seconds=second / 2)) for _ in range(2)]
    assert stages.count("first") == 1
    for chat in range(10):
        counted.take((*HOME, f"{chat}"), now + timedelta(hours=1))
    assert (*HOME, "an") not in counted._heard
    assert counted._full == set()


# The clock


def test_a_clock_put_back_by_a_day_sends_what_waited_and_nothing_twice(an: World, caplog):
    an.seat("hanh", "tccb", "TCCB")
    an.knock("2024-11-29 09:00")
    an.deliver()
    before = sorted(an.far.texts())
    an.put("an")
    an.far.trouble = [Later("busy")]
    an.deliver()  # put off, by the clock that runs ahead
    an.go(-timedelta(days=1))
    an.deliver()
    assert sorted(an.far.texts()) == before
    an.knock()
    an.deliver(timedelta(minutes=3))
    assert len(an.far.texts()) == len(before) + 1
    assert "the clock was put back" in caplog.text
    for _ in range(26):
        an.go(timedelta(hours=1))
        an.knock()
        an.deliver()
    reminded = [(row.address, row.about) for row in an.rows(schema.outbox) if row.about]
    assert reminded and len(reminded) == len(set(reminded))


def test_a_clock_a_day_ahead_and_put_right_again_says_nothing_twice(an: World):
    an.knock("2024-11-28 09:00")
    for moment in ("2024-11-29 09:00", "2024-11-28 09:01", "2024-11-29 09:00", "2024-11-30 09:00"):
        an.knock(moment)
        an.deliver(timedelta(minutes=5))
    reminded = [(row.address, row.about) for row in an.rows(schema.outbox) if row.about]
    assert len(reminded) == len(set(reminded)) > 0
    assert set(an.outcomes()) == {"sent"}


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
def test_the_machine_may_stand_anywhere(an: World, zone: str, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert frame.clock().utcoffset() == timedelta(hours=7)
        an.hear("an", *REPORTING)
        an.answer()
        an.deliver()
        (report,) = an.rows(schema.report)
        assert (report.given, report.as_of) == (an.now, an.now.date())
        assert [row.heard for row in an.rows(schema.inbox)] == [an.now] * 3
        assert an.knock("2024-11-26 23:00") == 0  # at night here, whatever the machine thinks
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


# One that can't be dealt with


def trips(say: str) -> Callable[..., object]:
    """A step that fails by the database's own trouble whenever this is said."""
    step = desk.router.step

    def tripping(state, offered, said, facts):
        if said.text == say:
            raise OperationalError("SELECT", {}, Exception("canceling statement due to statement timeout"))
        return step(state, offered, said, facts)

    return tripping


def test_a_message_that_the_database_never_manages_is_set_aside_and_the_others_go_on(an: World, monkeypatch):
    monkeypatch.setattr(desk.router, "step", trips("bẫy"))
    an.hear("my", "báo cáo")
    an.hear("an", "bẫy", "báo cáo")
    for _ in range(db.SUSPICIOUS):
        with pytest.raises(OperationalError):
            run(an.house.answer())
    an.answer()
    assert heard(an) == ["answered", "parked: OperationalError", "answered"]
    assert an.kinds().count("talk.sorry") == 1


def test_an_envelope_that_the_database_never_manages_is_set_aside_and_the_others_go_on(an: World, monkeypatch):
    says = due.says

    def slow(tx, kind, facts, *about):
        if facts.get("slow"):
            raise OperationalError("SELECT", {}, Exception("canceling statement due to statement timeout"))
        return says(tx, kind, facts, *about)

    monkeypatch.setattr(due, "says", slow)
    an.put("an", remind.KIND, facts={"slow": True})
    an.put("an", "talk.old")
    an.put("my", "talk.old")
    for _ in range(db.SUSPICIOUS):
        with pytest.raises(OperationalError):
            an.deliver()
    an.deliver()
    assert an.outcomes() == ["parked: no words", "sent", "sent"]


# The way out


STORMS = [
    [Later("too many requests", timedelta(seconds=seconds), halt=True)] * times
    for seconds, times in ((1, 60), (3600, 8))
]


@pytest.mark.parametrize("storm", STORMS, ids=["60 times, a second each", "8 times, an hour each"])
def test_a_storm_of_429_is_waited_out_and_each_message_goes_once(house: World, storm: list[Exception | None]):
    chats = [f"chat {number}" for number in range(20)]
    for chat in chats:
        house.put(chat)
    house.far.trouble = list(storm)
    calls = len(storm) + len(chats)

    async def play() -> float:
        loop, began = asyncio.get_running_loop(), house.now
        while None in house.outcomes():
            await house.house.posts[0].deliver()
            await asyncio.sleep(1)
            house.now = began + timedelta(seconds=loop.time())
        return loop.time()

    seconds = run(play())
    assert house.outcomes() == ["sent"] * 20
    assert sorted(message.chat for message in house.far.sent) == sorted(chats)
    assert not house.far.trouble
    at_once = house.far.traits.senders  # on their way when the first of them is told to be silent
    assert seconds >= (calls - len(chats)) / at_once * min(one.after.total_seconds() for one in storm)  # type: ignore
    assert all(row.tries == 1 for row in house.rows(schema.outbox))  # it counts against no envelope


WIRE = {
    "a server's error": (far.refused(500, "Internal Server Error"), "sent", 1),
    "a gateway's page": (far.page(502), "sent", 1),
    "reset before it was accepted": (far.reset(), "unknown", 0),
    "reset after it was accepted": (far.reset(accepted=True), "unknown", 1),
    "half an answer": (far.cut(), "unknown", 1),
    "no answer at all": (far.hang(accepted=True), "unknown", 1),
    "a slow answer": (far.slow(), "sent", 1),
}


@pytest.fixture
def wired(engine: Engine, monkeypatch) -> Iterator[tuple[World, far.TelegramServer]]:
    """Three people on Telegram; nobody waits long for an answer."""
    monkeypatch.setattr(telegram_transport, "ANSWER", 0.6)
    with far.TelegramServer() as server:
        channel = telegram.Telegram(far.TOKEN, server.base_url.replace("127.0.0.1", "localhost"))
        channel.traits = replace(channel.traits, chat_gap=0.0, per_second=0.0)
        world = World(engine, far=channel)  # type: ignore[arg-type]
        for chat in (1, 2, 3):
            server.person(chat)
            with engine.begin() as tx:
                address = people.address_of(tx, "telegram", channel.account, str(chat), world.now)
                say = {"kind": "talk.old", "facts": {}, "options": []}
                outbox.put(tx, people.at(tx, address), [say], outbox.REPLY, world.now)
        yield world, server
        world.close()


async def delivered(world: World) -> None:
    """And what was put off, as often as that is tried."""
    for wait in (0, 10, 60):
        world.go(timedelta(seconds=wait))
        await world.house.posts[0].deliver()
    await world.house.channels[0].close()


@pytest.mark.parametrize("name", WIRE)
def test_one_broken_line_delays_its_own_message_alone_and_nothing_arrives_twice(wired, name: str):
    world, server = wired
    fault, outcome, arrived = WIRE[name]
    server.faults(fault, chat=1)
    asyncio.run(delivered(world))
    assert world.outcomes() == [outcome, "sent", "sent"]
    assert [len(server.chat(chat).sent) for chat in (1, 2, 3)] == [arrived, 1, 1]


def test_a_name_that_does_not_resolve_is_waited_out(wired, monkeypatch):
    world, server = wired
    resolve, asked = socket.getaddrinfo, []

    def gone(*given, **more):
        asked.append(given)
        if len(asked) <= 3:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve(*given, **more)

    with monkeypatch.context() as network:
        network.setattr(socket, "getaddrinfo", gone)
        asyncio.run(delivered(world))
    assert len(asked) > 3
    assert world.outcomes() == ["sent"] * 3
    assert [len(server.chat(chat).sent) for chat in (1, 2, 3)] == [1, 1, 1]


# The database server


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster() as server:
        yield server


def test_a_database_server_that_dies_and_comes_back_is_waited_out(cluster: Cluster, caplog):
    with opened(cluster.url) as engine:
        db.upgrade(engine)
        an = World(engine, far=Messenger())
        an.seat("an", "focal", "HKL-DV")
        an.far.brings("an", "báo cáo")

        async def play():
            async with living(an) as life:
                await soon(an, life, lambda: replies(an) == 1)
                await asyncio.to_thread(cluster.die)
                an.far.brings("an", "58/60", "đúng")
                await soon(an, life, lambda: an.far.cut >= 2)
                assert not (await Pulse(an.house).report()).ok
                await asyncio.to_thread(cluster.start)
                await soon(an, life, lambda: replies(an) == 3)

        run(play())
        assert heard(an) == ["answered"] * 3
        assert [(row.numerator, row.denominator) for row in an.rows(schema.report)] == [(58, 60)]
        assert "Traceback" not in caplog.text


# The table


def test_every_row_of_the_table_names_tests_that_exist():
    faults = TABLE.read_text("utf-8").partition("\n## Killed")[0]
    rows = [line.split("|") for line in faults.splitlines() if line.startswith("| ")]
    rows = [cells for cells in rows if cells[1].strip() not in ("fault", "---")]
    assert len(rows) >= 20
    for cells in rows:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", cells[-2])
        assert len(cells) == 8 and named, cells[1]
        for file, name in named:
            assert f"def {name}(" in (TABLE.parents[1] / "tests" / file).read_text("utf-8"), f"{file}::{name}"
