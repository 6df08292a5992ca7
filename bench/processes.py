"""Envelopes delivered by one, two and four processes: `python -m bench.processes` (TEST_POSTGRES_URL has to be set).

All in one PostgreSQL database, to one server on loopback that answers at once; nobody keeps to a pace. What is told of
each run: nothing arrived twice, each chat in its order, and how many times the rate of one process it had. The server,
the database and all processes share the cores of one machine.
"""

import argparse
import os
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import create_engine, make_url, text

from bench.far import Far
from bench.peers.ours import TOKEN
from bench.process import running
from catalogue.calendar import HANOI
from storage import db, outbox, people, schema

CHATS = 200
PATIENCE = 600.0  # seconds for one run


@dataclass(frozen=True)
class Run:
    """`seconds`: from the first envelope that arrived to the last."""

    processes: int
    envelopes: int
    twice: int
    out_of_order: int
    seconds: float

    @property
    def rate(self) -> float:
        return (self.envelopes - 1) / self.seconds


@contextmanager
def database(server: str) -> Iterator[str]:
    """A database of its own, gone afterwards."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    root = create_engine(server, isolation_level="AUTOCOMMIT")
    with root.connect() as tx:
        tx.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with root.connect() as tx:
            tx.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        root.dispose()


def fill(url: str, count: int) -> None:
    """So many envelopes, each chat's numbered as they were put down."""
    engine, now = db.connect(url), datetime.now(HANOI) - timedelta(days=1)
    db.upgrade(engine)
    with engine.begin() as tx:
        account = TOKEN.partition(":")[0]
        at = [people.at(tx, people.address_of(tx, "telegram", account, str(chat + 1), now)) for chat in range(CHATS)]
        for start in range(0, count, CHATS):
            to = at[: min(CHATS, count - start)]
            say = {
                "kind": "notice.text",
                "facts": {"number": start // CHATS, "title": "Họp", "text": ""},
                "options": [],
            }
            outbox.put_all(tx, to, [say], outbox.REPLY, now, "bench")
    engine.dispose()


def deliver(url: str, processes: int, count: int) -> Run:
    """Started together, and ended when the last envelope has arrived."""
    done, moments = threading.Event(), list[float]()

    def arrived(n: int) -> None:
        moments.append(time.monotonic())
        if n == count:
            done.set()

    with Far((), arrived) as far:
        line = [sys.executable, "-m", "bench.peers.deliverer", url, far.url]
        with ExitStack() as started:
            for _ in range(processes):
                started.enter_context(running(line))
            if not done.wait(PATIENCE):
                raise TimeoutError(f"{len(far.replies)} of {count} arrived")
            settled(url)
    heard: dict[str, list[int]] = defaultdict(list)
    for chat, told in far.replies:
        heard[chat].append(int(told.split()[3]))
    twice = sum(len(numbers) - len(set(numbers)) for numbers in heard.values())
    mixed = sum(numbers != sorted(numbers) for numbers in heard.values())
    return Run(processes, len(far.replies), twice, mixed, moments[-1] - moments[0])


def settled(url: str) -> None:
    """Until nothing is open any more: what arrives twice would do so by now."""
    engine, end = db.connect(url), time.monotonic() + PATIENCE
    still = schema.outbox.select().where(schema.outbox.c.settled.is_(None)).limit(1)
    while time.monotonic() < end:
        with engine.begin() as tx:
            if tx.execute(still).first() is None:
                break
        time.sleep(0.1)
    engine.dispose()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--envelopes", type=int, default=20_000)
    asked.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    given = asked.parse_args()
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        sys.exit("TEST_POSTGRES_URL is not set: this needs a PostgreSQL server.")
    first = 0.0
    print(f"{'processes':>9} {'envelopes':>10} {'twice':>6} {'chats out of order':>19} {'rate, of one':>13}")
    for processes in given.processes:
        with database(server) as url:
            fill(url, given.envelopes)
            run = deliver(url, processes, given.envelopes)
        first = first or run.rate
        line = f"{processes:>9} {run.envelopes:>10} {run.twice:>6} {run.out_of_order:>19} {run.rate / first:>12.2f}x"
        print(line, f"  ({run.rate:.0f} a second on this machine)")


if __name__ == "__main__":
    main()
