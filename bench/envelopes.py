"""What an envelope costs the database: `python -m bench.envelopes [--envelopes 100000]`.

One, two and four processes put envelopes down, and then claim and settle them, with the functions that the house itself
uses; beside each run a plain loop of INSERT and UPDATE … RETURNING of as many rows, through the same driver and without
SQLAlchemy. Both commit as many rows at once, and as durably. On SQLite, and on PostgreSQL where TEST_POSTGRES_URL is
set. What counts are the ratios: of the workers' processor time (without that of a PostgreSQL server) and of the time
that passed.
"""

import argparse
import json
import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event, func, make_url, select

from bench.processes import database
from catalogue.calendar import HANOI
from storage import db, outbox, people, schema

ENVELOPES, PROCESSES = 100_000, (1, 2, 4)
AT_ONCE = 50  # rows of one commit
ADDRESSES = 400
CHANNEL, ACCOUNT = "telegram", "1"
SAY = [{"kind": "notice.text", "facts": {"number": 1, "title": "Họp", "text": "Lúc 8 giờ."}, "options": []}]
NOW = datetime(2026, 11, 27, 9, tzinfo=HANOI)
LEASE = timedelta(hours=1)  # nobody dies here, so nothing is ever claimed again
PATIENCE = 1800.0  # seconds until whoever waits for the others gives up
WAITS = f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}"  # SQLite lets those who wait for its lock in without any order


class Box(Protocol):
    """Where envelopes lie, in one process's hands."""

    def put(self, count: int) -> None:
        """So many more, in one commit."""

    def take(self) -> list[int]:
        """Claims some in one commit and settles them in another; which. None are left when there are none."""

    def left(self) -> int:
        """How many are not settled."""

    def close(self) -> None: ...


class Ours:
    def __init__(self, url: str) -> None:
        self._engine = db.connect(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", lambda raw, _: raw.execute(WAITS))
        db.upgrade(self._engine)
        with self._engine.begin() as tx:
            at = [people.address_of(tx, CHANNEL, ACCOUNT, f"{chat}", NOW) for chat in range(ADDRESSES)]
            self._to = cycle([people.at(tx, address) for address in at])

    def put(self, count: int) -> None:
        with self._engine.begin() as tx:
            for to in islice(self._to, count):
                outbox.put(tx, to, SAY, outbox.REPLY, NOW)

    def take(self) -> list[int]:
        with self._engine.begin() as tx:
            rows = outbox.claim(tx, CHANNEL, ACCOUNT, NOW, LEASE, outbox.BULK, AT_ONCE)
        with self._engine.begin() as tx:
            return [row.id for row in rows if outbox.sent(tx, row.id, row.tries + 1, 1, NOW)]

    def left(self) -> int:
        with self._engine.begin() as tx:
            open_ = select(func.count()).where(schema.outbox.c.settled.is_(None))
            return int(tx.execute(open_).scalar_one())

    def close(self) -> None:
        self._engine.dispose()


@dataclass(frozen=True)
class Dialect:
    """What the two databases say differently."""

    key: str
    blank: str
    begin: str
    skip: str


LITE = Dialect("INTEGER PRIMARY KEY", "?", "BEGIN IMMEDIATE", "")
POSTGRES = Dialect("BIGSERIAL PRIMARY KEY", "%s", "BEGIN", "FOR UPDATE SKIP LOCKED")


class Plain:
    """The driver alone: one table, one index of what is open, and nothing else that a house needs."""

    def __init__(self, url: str) -> None:
        self._to = cycle(range(ADDRESSES))
        if url.startswith("sqlite"):
            self._raw, own = sqlite3.connect(make_url(url).database or ""), LITE
            db.tune(self._raw)
            self._raw.execute(WAITS)
        else:
            at = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            self._raw, own = psycopg.connect(at, autocommit=True), POSTGRES
        blank = own.blank
        first = f"SELECT id FROM plain WHERE claimed IS NULL ORDER BY id LIMIT {blank} {own.skip}"
        self._begin = own.begin
        self._put = f"INSERT INTO plain (address, say, made) VALUES ({blank}, {blank}, {blank}) RETURNING id"
        self._claim = f"UPDATE plain SET claimed = {blank} WHERE id IN ({first}) RETURNING id, address, say"
        self._settle = f"UPDATE plain SET settled = {blank} WHERE id = {blank} AND settled IS NULL RETURNING id"
        with self._committed():
            self._raw.execute(
                f"CREATE TABLE IF NOT EXISTS plain (id {own.key}, address BIGINT NOT NULL, say TEXT NOT NULL, "
                "made TEXT NOT NULL, claimed TEXT, settled TEXT)"
            )
            self._raw.execute("CREATE INDEX IF NOT EXISTS plain_open ON plain (id) WHERE claimed IS NULL")

    def put(self, count: int) -> None:
        with self._committed():
            for to in islice(self._to, count):
                self._ask(self._put, to, json.dumps(SAY), NOW.isoformat())

    def take(self) -> list[int]:
        with self._committed():
            rows = self._ask(self._claim, NOW.isoformat(), AT_ONCE)
        with self._committed():
            return [id for row in rows for (id,) in self._ask(self._settle, NOW.isoformat(), row[0])]

    def left(self) -> int:
        return int(self._ask("SELECT count(*) FROM plain WHERE settled IS NULL")[0][0])

    def close(self) -> None:
        self._raw.close()

    def _ask(self, statement: str, *given: Any) -> list[Any]:
        return list(self._raw.execute(statement, given).fetchall())

    @contextmanager
    def _committed(self) -> Iterator[None]:
        self._raw.execute(self._begin)
        yield
        self._raw.execute("COMMIT")


@dataclass(frozen=True)
class Work:
    """Of one process: from when to when, its processor time, what it took."""

    begin: float
    end: float
    processor: float
    took: Sequence[int]


@dataclass(frozen=True)
class Spent:
    """Seconds of all processes together: of processor time, and from the first one's begin to the last one's end."""

    processor: float
    passed: float

    @classmethod
    def of(cls, works: Sequence[Work]) -> "Spent":
        passed = max(work.end for work in works) - min(work.begin for work in works)
        return cls(sum(work.processor for work in works), passed)


@dataclass(frozen=True)
class Run:
    left: int
    twice: int
    put: Spent
    taken: Spent


def timed(work: Callable[[], list[int]]) -> Work:
    begin, used = time.monotonic(), time.process_time()
    took = work()
    return Work(begin, time.monotonic(), time.process_time() - used, took)


def put(box: Box, count: int) -> list[int]:
    for start in range(0, count, AT_ONCE):
        box.put(min(AT_ONCE, count - start))
    return []


def take(box: Box) -> list[int]:
    took: list[int] = []
    while some := box.take():
        took += some
    return took


def worker(kind: Callable[[str], Box], url: str, all_here: Any, count: int) -> tuple[Work, Work]:
    """What one process does, each part begun together with the others."""
    box = kind(url)
    all_here.wait(PATIENCE)
    down = timed(partial(put, box, count))
    all_here.wait(PATIENCE)
    up = timed(partial(take, box))
    box.close()
    return down, up


def run(kind: Callable[[str], Box], url: str, processes: int, envelopes: int) -> Run:
    kind(url).close()  # the tables are made once
    context = multiprocessing.get_context("spawn")
    with context.Manager() as shared, context.Pool(processes) as pool:
        of_each = partial(worker, kind, url, shared.Barrier(processes))
        works = pool.map(of_each, [envelopes // processes] * processes, chunksize=1)
    down, up = zip(*works, strict=True)
    took = [id for work in up for id in work.took]
    box = kind(url)
    left = box.left()
    box.close()
    return Run(left, len(took) - len(set(took)), Spent.of(down), Spent.of(up))


@contextmanager
def sqlite_file() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'house.db'}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--envelopes", type=int, default=ENVELOPES)
    asked.add_argument("--processes", type=int, nargs="+", default=PROCESSES)
    given = asked.parse_args()
    servers = {"SQLite": sqlite_file}
    if server := os.environ.get("TEST_POSTGRES_URL"):
        servers["PostgreSQL"] = partial(database, server)
    print(f"{given.envelopes:,} envelopes, {AT_ONCE} a commit; of the plain loop in the same run\n")
    print("| database | processes | left | twice | put: processor, passed | taken: processor, passed | rate, of one |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, fresh in servers.items():
        first = 0.0
        for processes in given.processes:
            with fresh() as url:
                ours = run(Ours, url, processes, given.envelopes)
            with fresh() as url:
                plain = run(Plain, url, processes, given.envelopes)
            first = first or ours.taken.passed
            puts, takes = (_beside(*pair) for pair in ((ours.put, plain.put), (ours.taken, plain.taken)))
            counts = f"{processes} | {ours.left + plain.left} | {ours.twice + plain.twice}"
            print(f"| {name} | {counts} | {puts} | {takes} | {first / ours.taken.passed:.2f} |", flush=True)


def _beside(ours: Spent, plain: Spent) -> str:
    return f"{ours.processor / plain.processor:.1f}, {ours.passed / plain.passed:.1f}"


if __name__ == "__main__":
    main()
