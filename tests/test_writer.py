"""One thread, many deeds in one commit: what fails takes back nobody else's, and nothing is lost in silence."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import schema, settings
from storage.writer import MOST, Writer

PATIENCE = 10  # seconds after which a test that waits for a deed fails


@pytest.fixture
def writer(engine):
    writer = Writer(engine)
    yield writer
    writer.close()


@pytest.fixture
def held(writer):
    """Deeds asked until `go()` is called come into one batch, after a first one that stands still."""
    begun, let_go = threading.Event(), threading.Event()

    def stand(tx):
        begun.set()
        assert let_go.wait(PATIENCE)

    standing = writer.ask(stand)
    assert begun.wait(PATIENCE)

    def go():
        let_go.set()
        standing.result(PATIENCE)

    yield go
    let_go.set()


def kept(engine):
    with engine.begin() as tx:
        return {row.name: row.value for row in tx.execute(schema.setting.select())}


def trip(tx):
    settings.keep(tx, "half", "done")
    raise ZeroDivisionError


def test_a_deed_is_done_when_its_future_says_so(writer, engine):
    writer.ask(settings.keep, "one", 1).result(PATIENCE)
    assert kept(engine) == {"one": 1}


def test_what_a_deed_returns_is_what_the_asker_gets(writer):
    writer.ask(settings.keep, "one", value=[1, "hai"]).result(PATIENCE)
    assert writer.ask(settings.get, "one").result(PATIENCE) == [1, "hai"]


def test_a_loop_is_told_of_each_of_its_deeds(writer):
    async def asked():
        first = [writer.do(settings.keep, f"{number}", number) for number in range(5)]
        told = await asyncio.gather(*first, writer.do(trip), return_exceptions=True)
        return told[:5], type(told[5]), await writer.do(settings.get, "4")

    assert asyncio.run(asked()) == ([None] * 5, ZeroDivisionError, 4)


def test_nothing_is_done_for_whoever_does_not_wait_any_more(writer, held, engine):
    async def cancelled():
        waiting = asyncio.ensure_future(writer.do(settings.keep, "no", 1))
        await asyncio.sleep(0)
        waiting.cancel()
        return await asyncio.gather(waiting, return_exceptions=True)

    assert isinstance(asyncio.run(cancelled())[0], asyncio.CancelledError)
    held()
    writer.ask(settings.keep, "yes", 2).result(PATIENCE)
    assert kept(engine) == {"yes": 2}


def test_deeds_asked_together_share_a_commit_and_keep_their_order(writer, held, engine):
    commits = []
    event.listen(engine, "commit", lambda _: commits.append(1))
    asked = [writer.ask(settings.keep, "last", number) for number in range(MOST - 1)]
    held()
    assert [one.result(PATIENCE) for one in asked] == [None] * len(asked)
    assert len(commits) <= 2  # that of the deed that stood still, and one for all the others
    assert kept(engine) == {"last": MOST - 2}


def test_more_than_fits_in_one_commit_is_done_all_the_same(writer, held, engine):
    asked = [writer.ask(settings.keep, f"{number}", number) for number in range(2 * MOST + 1)]
    held()
    for one in asked:
        one.result(PATIENCE)
    assert len(kept(engine)) == 2 * MOST + 1


def test_a_failing_deed_takes_back_nobody_elses(writer, held, engine):
    before, failing, after = (
        writer.ask(settings.keep, "before", 1),
        writer.ask(trip),
        writer.ask(settings.keep, "after", 2),
    )
    held()
    with pytest.raises(ZeroDivisionError):
        failing.result(PATIENCE)
    assert (before.result(PATIENCE), after.result(PATIENCE)) == (None, None)
    assert kept(engine) == {"before": 1, "after": 2}


def test_what_the_database_refuses_takes_back_nobody_elses(writer, held, engine):
    refused = writer.ask(lambda tx: tx.execute(schema.setting.insert().values(name=None, value=1)))
    after = writer.ask(settings.keep, "after", 2)
    held()
    assert isinstance(refused.exception(PATIENCE), IntegrityError)
    after.result(PATIENCE)
    assert kept(engine) == {"after": 2}


def test_a_failing_commit_fails_every_deed_of_it_and_keeps_none(writer, held, engine):
    failing = writer.ask(trip)
    asked = [writer.ask(settings.keep, f"{number}", number) for number in range(3)]

    uncommittable = writer.ask(promise_what_is_not_kept)
    held()
    for one in (*asked, uncommittable):
        assert isinstance(one.exception(PATIENCE), IntegrityError)
    assert isinstance(failing.exception(PATIENCE), ZeroDivisionError)  # its own fault is the better answer
    assert kept(engine) == {}
    writer.ask(settings.keep, "again", 1).result(PATIENCE)
    assert kept(engine) == {"again": 1}


def promise_what_is_not_kept(tx):
    """Goes well, but its transaction can't be committed."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        tx.execute(schema.talk.insert().values(address=404, state={}, offered=[]))
        return
    tx.execute(text("CREATE TEMPORARY TABLE vow (made int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    tx.execute(text("INSERT INTO vow VALUES (1), (1)"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL goes back to the savepoint
def test_a_full_disk_fails_whoever_was_in_that_commit_and_nobody_is_told_done(writer, held, engine):
    small = writer.ask(settings.keep, "small", 1)
    full = writer.ask(fill)
    later = writer.ask(settings.keep, "later", 2)
    held()
    assert all(isinstance(one.exception(PATIENCE), OperationalError) for one in (small, full, later))
    assert kept(engine) == {}


def fill(tx):
    """Writes until there is no more room: SQLite may then take back the whole transaction, savepoints and all."""
    pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    tx.exec_driver_sql(f"PRAGMA max_page_count={pages + 40}")
    tx.exec_driver_sql("PRAGMA cache_size=2")  # so that pages go to the disk before the commit
    for number in range(100):
        settings.keep(tx, f"much {number}", "x" * 4000)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_breaks_fails_the_whole_batch_and_the_next_one_works(writer, held, engine):
    before = writer.ask(settings.keep, "before", 1)
    cut = writer.ask(lambda tx: tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
    after = writer.ask(settings.keep, "after", 2)
    held()
    for one in (before, cut, after):
        assert isinstance(one.exception(PATIENCE), OperationalError)
    assert kept(engine) == {}
    writer.ask(settings.keep, "again", 1).result(PATIENCE)
    assert kept(engine) == {"again": 1}


def test_a_deed_taken_back_before_its_turn_is_not_done(writer, held, engine):
    taken_back = writer.ask(settings.keep, "no", 1)
    assert taken_back.cancel()
    held()
    writer.ask(settings.keep, "yes", 2).result(PATIENCE)
    assert kept(engine) == {"yes": 2}


def test_closing_waits_for_all_that_was_asked(engine):
    writer = Writer(engine)
    asked = [writer.ask(settings.keep, f"{number}", number) for number in range(300)]
    writer.close()
    assert all(one.done() for one in asked)
    assert len(kept(engine)) == 300


def test_asking_after_closing_is_refused_clearly(engine):
    writer = Writer(engine)
    writer.close()
    with pytest.raises(RuntimeError, match="closed"):
        writer.ask(settings.keep, "late", 1)
    writer.close()
    assert kept(engine) == {}


def test_whoever_asks_while_it_closes_is_served_or_refused_but_never_left_waiting(engine):
    writer, gate = Writer(engine), threading.Barrier(5)

    def ask(number):
        gate.wait(PATIENCE)
        done = 0
        for turn in range(200):
            try:
                asked = writer.ask(settings.keep, f"{number} {turn}", turn)
            except RuntimeError:
                return done
            asked.result(PATIENCE)
            done += 1
        return done

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number) for number in range(4)]
        gate.wait(PATIENCE)
        writer.close()
        done = sum(one.result(PATIENCE) for one in asking)
    assert len(kept(engine)) == done
