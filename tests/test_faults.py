"""What goes wrong around the house, one fault after another: docs/reliability.md says what each of them comes to."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from bot import desk, flood
from bot.channels.channel import Incoming, Later
from bot.cli import frame
from bot.dialogue.turn import Attachment, Said
from bot.flood import Flood
from bot.reception import Pulse
from storage import db, inbox, schema, settings
from tests.house import Far, World, at, run
from tests.test_loops import living, until

LONG = Said("chưa rõ " * 3000)  # needs pages of its own
REPORTING = ("báo cáo", "58/60", "đúng")
HOME = "far", ""


@dataclass
class Messenger(Far):
    """Brings each message again until it is kept, as those do that wait for our word."""

    waiting: list[Incoming] = field(default_factory=list)
    cut: int = 0  # how often it was not kept

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
            self.waiting.append(Incoming("far", "", chat, f"{chat} {len(self.waiting)}", whole))


@pytest.fixture
def an(house: World) -> World:
    house.seat("an", "focal", "HKL-DV")
    house.seat("my", "focal", "HKL-MV")
    return house


def heard(house: World) -> list[str | None]:
    return [row.outcome for row in house.rows(schema.inbox)]


# The database


@contextmanager
def each_connection(engine: Engine, *says: str) -> Iterator[None]:
    """Whoever takes a connection meanwhile has this said on it first."""

    def say(raw, _record, _proxy):
        for one in says:
            raw.cursor().execute(one)

    event.listen(engine, "checkout", say)
    yield
    event.remove(engine, "checkout", say)


@contextmanager
def disk_full(engine: Engine) -> Iterator[None]:
    with engine.begin() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    with each_connection(engine, f"PRAGMA max_page_count={pages}"):
        for size in (1000, 50):  # until nothing more fits into what there is
            with suppress(OperationalError):
                for number in itertools.count():
                    with engine.begin() as tx:
                        settings.keep(tx, f"{size} {number}", "x" * size)
        yield
    event.listen(engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count=1000000"))


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another program has it to itself, for longer than anybody waits."""
    other = sqlite3.connect(engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with each_connection(engine, "PRAGMA busy_timeout=10"):
        yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def read_only(engine: Engine) -> Iterator[None]:
    """As after the disk has gone bad and was mounted anew, or while a standby has not yet taken over."""
    if engine.dialect.name == "sqlite":
        with each_connection(engine, "PRAGMA query_only=ON"):
            yield
        event.listen(engine, "checkout", lambda raw, *_: raw.execute("PRAGMA query_only=OFF"))
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
def no_connection_left(engine: Engine) -> Iterator[None]:
    """Somebody else holds all of them."""
    engine.pool._timeout, patience = 0.02, engine.pool._timeout  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(engine.pool.size() + db.OVERFLOW):  # type: ignore[attr-defined]
            held.enter_context(engine.connect())
        yield
    engine.pool._timeout = patience  # type: ignore[attr-defined]


WEATHER = [disk_full, locked, read_only, no_connection_left]


@pytest.mark.parametrize("weather", WEATHER, ids=lambda weather: weather.__name__)
def test_the_database_s_trouble_delays_and_loses_nothing(an: World, weather: Callable, caplog):
    if weather in (disk_full, locked) and an.engine.dialect.name != "sqlite":
        pytest.skip("it is SQLite's own: a server answers with an error of the kind that read_only stands for")
    an.far = Messenger()
    an.house.open([an.far])
    an.hear("my", "báo cáo", "44/60")  # kept before, and not answered
    an.far.brings("an", LONG, *REPORTING)

    async def play():
        async with living(an) as life:
            with weather(an.engine):
                await until(lambda: life.done() or (an.far.cut >= 2 and "answer waits for the database" in caplog.text))
                assert not (await Pulse(an.house).report()).ok
            await until(lambda: life.done() or len(an.far.sent) == 6)
            assert (await Pulse(an.house).report()).ok

    run(play())
    assert heard(an) == ["answered"] * 6
    assert an.outcomes() == ["sent"] * 6
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
