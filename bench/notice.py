"""A notice to many while people go on writing: `python -m bench.notice`.

The program itself on SQLite, at its own pace, against a server on loopback that answers at once. Told: the rate over
the pace that is set, the most messages in any second (Telegram refuses more than 30), and how long a reply takes to
somebody who writes meanwhile, beside the same while nothing is being sent.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle

from bench.far import Far, Message
from bench.peers.ours import TOKEN
from bench.process import running, settings, telegram
from bot.channels.telegram import Telegram
from catalogue import roster
from catalogue.calendar import HANOI
from storage import db, people, units

MORNING = datetime(2024, 11, 26, 9, tzinfo=HANOI)
OFFICER, WRITERS, FIRST = 1, range(2, 42), 100  # chats: who sends, who writes meanwhile, the first recipient
EVERY = 0.5  # seconds between two messages of those who write
IDLE_MESSAGES = 40
PATIENCE = 120.0  # seconds beside what the pace takes


@dataclass
class Watch:
    """What arrived when, and when those who wrote did so."""

    wrote: dict[int, float] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    notices: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)
    moved: threading.Event = field(default_factory=threading.Event)

    def replied(self, chat: int, text: str) -> None:
        now = time.monotonic()
        self.all.append(now)
        if text.startswith("THÔNG BÁO"):
            self.notices.append(now)
        elif chat in self.wrote:
            self.waited.append(now - self.wrote.pop(chat))
        self.moved.set()


def prepare(url: str, count: int) -> None:
    """An officer, so many recipients, and others who may write but get no notice (they report for nothing)."""
    engine, account = db.connect(url), TOKEN.partition(":")[0]
    db.upgrade(engine)
    office = roster.example()
    focal = [unit.id for unit in office.units if unit.id.startswith("HKL-")]
    with engine.begin() as tx:
        units.apply(tx, office, MORNING.date())
        seats = [(OFFICER, "tccb", "TCCB"), *((chat, "viewer", "TCCB") for chat in WRITERS)]
        seats += [(FIRST + number, "focal", focal[number % len(focal)]) for number in range(count)]
        for chat, role, unit in seats:
            whom = people.join(tx, f"Người {chat}", unit, role, MORNING)
            people.link(tx, people.address_of(tx, "telegram", account, str(chat), MORNING), whom)
    engine.dispose()


def write(messages: list[Message], watch: Watch, chat: int, text: str = "menu") -> None:
    watch.wrote[chat] = time.monotonic()
    messages.append(Message(chat, text))


def until(happened: threading.Event, true: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it takes too long")
        happened.clear()
        happened.wait(0.1)


def measured(count: int) -> tuple[Watch, list[float], list[float]]:
    """The watch; how long replies took before, and during."""
    watch, messages, writers = Watch(), list[Message](), cycle(WRITERS)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/house.db"
        prepare(url, count)
        far = Far(messages)
        far.on_reply = lambda n: watch.replied(int(far.replies[-1][0]), far.replies[-1][1]) if n else None
        with far:
            line = [sys.executable, "-m", "bot", "run", "--clock-start", f"{MORNING:%Y-%m-%dT%H:%M}"]
            with running(line, cwd=folder, env=settings(url, telegram(far.url, TOKEN)), stdout=subprocess.DEVNULL):
                write(messages, watch, OFFICER)
                until(watch.moved, lambda: watch.waited, PATIENCE)
                watch.waited.clear()
                for _ in range(IDLE_MESSAGES):
                    write(messages, watch, next(writers))
                    time.sleep(EVERY)
                until(watch.moved, lambda: not watch.wrote, PATIENCE)
                before = list(watch.waited)
                watch.waited.clear()
                for text in ("thông báo Họp giao ban\nLúc 8 giờ.", "tất cả", "gửi"):
                    messages.append(Message(OFFICER, text))
                until(watch.moved, lambda: watch.notices, PATIENCE)
                end = time.monotonic() + PATIENCE + count / Telegram.traits.per_second
                while len(watch.notices) < count:
                    if time.monotonic() > end:
                        raise TimeoutError(f"{len(watch.notices)} of {count} arrived")
                    write(messages, watch, next(writers))
                    time.sleep(EVERY)
                until(watch.moved, lambda: not watch.wrote, PATIENCE)
    return watch, before, list(watch.waited)


def most_in_a_second(moments: list[float]) -> int:
    """The fullest second, wherever it begins."""
    first, most = 0, 0
    for place, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, place - first + 1)
    return most


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--recipients", type=int, default=1000)
    count = asked.parse_args().recipients
    watch, before, during = measured(count)
    first, last = watch.notices[0], watch.notices[-1]
    rate = (sum(first <= moment <= last for moment in watch.all) - 1) / (last - first)  # the replies among them too
    print(f"recipients {count}, each once: {len(watch.notices) == count}")
    print(f"rate over the pace that is set: {rate / Telegram.traits.per_second:.1%}")
    print(f"most in one second: {most_in_a_second(watch.all)} of 30")
    for name, waits in (("before", before), ("during", during)):
        p99 = statistics.quantiles(waits, n=100)[98]
        print(f"a reply {name}: median {statistics.median(waits):.2f} s, p99 {p99:.2f} s ({len(waits)} messages)")


if __name__ == "__main__":
    main()
