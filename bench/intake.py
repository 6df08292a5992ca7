"""Three hundred units answer in the same minute: `python -m bench.intake [--people 300] [--seconds 60]`.

The program itself on SQLite, over one channel at a time, at the pace that is set for it, against that channel's double
on loopback; on the web page each person's browser follows its own chat. Everybody says one thing at a moment of their
own, drawn with a fixed seed. Told: how long the reply takes from the message's being there; how much of what the pace
lets through the replies were, from the first message to the last reply; and the program's processor time a message
beside a bare httpx loop over Telegram that echoes and stores nothing. What the program uses while nobody says anything
is taken off it, and told as a share of a core. One Zalo bot takes 50 people in truth; its double takes all of them.
"""

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import httpx

from bench import growth, turn
from bench.process import address, processor_time, running, settings
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from storage import db
from tests.torture.sides import SIDES, Door, Page, Side

SEED = 20241210
SAYS = "1.6.2: 45/60"
HANDS = 32  # people whose message is on its way at once
LOOKS = 0.01  # seconds from one look at what has arrived to the next
QUIET = 10.0  # seconds in which nobody says anything
PATIENCE = 60.0  # seconds beside what the pace takes
BARE = 3000  # messages of the bare loop
PACES = {one.name: one.traits.per_second for one in (Telegram, ZaloBot, ZaloOA, Web)}


@dataclass
class Watch:
    """When each chat spoke, and when it got something."""

    said: dict[str, float] = field(default_factory=dict)
    got: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def arrived(self, chat: str, texts: int) -> None:
        """So many until now."""
        self.got[chat] += [time.monotonic()] * (texts - len(self.got[chat]))


@dataclass(frozen=True)
class Run:
    """`waited`: seconds from a message to its reply, of each. `pace`: the replies' share of what the pace lets through.

    `processor`: milliseconds a message, without `idle`, the share of a core that is used while nobody says anything.
    """

    once: int
    waited: Sequence[float]
    pace: float
    processor: float
    idle: float


class Browsers:
    """Everybody's page: follows its chat, and fetches what is new when it is told that there is something."""

    def __init__(self, page: Page, address: str, watch: Watch) -> None:
        self._page, self._address, self._watch = page, address, watch
        self._closed, self._ready = asyncio.Event(), threading.Barrier(2)

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        self._thread.start()
        self._ready.wait(PATIENCE)

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closed.set)
        self._thread.join()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        many = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=self._address, timeout=None, limits=many, trust_env=False) as client:
            open_ = [asyncio.Event() for _ in self._page.chats]
            windows = [
                asyncio.create_task(self._follow(client, *of))
                for of in zip(self._page.chats, self._page.tokens, open_, strict=True)
            ]
            for one in open_:
                await one.wait()
            await asyncio.to_thread(self._ready.wait)
            await self._closed.wait()
            for window in windows:
                window.cancel()
            await asyncio.gather(*windows, return_exceptions=True)

    async def _follow(self, client: httpx.AsyncClient, chat: str, token: str, open_: asyncio.Event) -> None:
        last = replies = 0
        async with client.stream("GET", "/c/news", params={"chat": token}) as news:
            async for told in news.aiter_lines():
                open_.set()
                if told != "event: news":
                    continue
                answer = await client.get(f"/c/{token}/lines", params={"after": last})
                for line in answer.json()["lines"]:
                    last = line["id"]
                    replies += line["who"] == "bot"
                self._watch.arrived(chat, replies)


@contextmanager
def followed(side: Side, address: str, watch: Watch) -> Iterator[None]:
    """What arrives is noted while this lasts."""
    if isinstance(side, Page):
        with Browsers(side, address, watch):
            yield
        return
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOKS):
            for chat, texts in (side.arrived() or {}).items():
                watch.arrived(chat, len(texts))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    yield
    ended.set()
    looking.join()


def speak(side: Side, watch: Watch, seconds: float) -> None:
    """Everybody at a moment of their own."""
    begin, chance = time.monotonic(), random.Random(SEED)
    moments = sorted(chance.uniform(0, seconds) for _ in side.chats)
    with ThreadPoolExecutor(HANDS) as hands:
        for person, (chat, moment) in enumerate(zip(side.chats, moments, strict=True)):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            watch.said[chat] = time.monotonic()
            hands.submit(side.says, person, SAYS)


def measured(channel: str, people: int, seconds: float, quiet: float = QUIET) -> Run:
    watch, pace = Watch(), PACES[channel]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        door = stack.enter_context(closing(Door()))
        side = stack.enter_context(closing(SIDES[channel](door, people)))
        url = f"sqlite:///{folder}/house.db"
        prepare(url, side)
        line = [sys.executable, "-m", "bot", "run", "--clock-start", f"{growth.QUIET:%Y-%m-%dT%H:%M}"]
        own = settings(url, side.settings)
        process = stack.enter_context(running(line, cwd=folder, env=own, stdout=subprocess.PIPE))
        at = address(process)
        door.opens(at)
        stack.enter_context(followed(side, at, watch))
        time.sleep(quiet / 2)  # what is done once
        before = processor_time(process.pid)
        time.sleep(quiet)
        begin, used = time.monotonic(), processor_time(process.pid)
        idle = (used - before) / quiet
        speak(side, watch, seconds)
        end = begin + seconds + people / pace + PATIENCE
        while not all(watch.got[chat] for chat in side.chats):
            if time.monotonic() > end:
                break
            time.sleep(LOOKS)
        took = time.monotonic() - begin
        used = processor_time(process.pid) - used - idle * took
        time.sleep(quiet / 2)  # what could come twice
    waited = [watch.got[chat][0] - said for chat, said in watch.said.items() if watch.got[chat]]
    once = sum(len(watch.got[chat]) == 1 for chat in side.chats)
    return Run(once, waited, len(waited) / took / pace, 1000 * used / people, idle)


def prepare(url: str, side: Side) -> None:
    engine = db.connect(url)
    db.upgrade(engine)
    growth.settled(engine, side.chats, side.channel, side.account)
    with engine.begin() as tx:
        side.prepare(tx)
    engine.dispose()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=300)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--channels", nargs="+", default=list(SIDES), choices=list(SIDES))
    given = asked.parse_args()
    bare = turn.measured("httpx", turn.talk(BARE))
    print(f"{given.people} people within {given.seconds:g} s; a bare loop takes {bare:.2f} ms a message\n")
    print(
        "| channel | answered once | median, s | p99 | worst | of its pace | ms a message | of the bare loop | idle |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for channel in given.channels:
        run = measured(channel, given.people, given.seconds)
        p99 = statistics.quantiles(run.waited, n=100, method="inclusive")[98]
        waits = f"{statistics.median(run.waited):.2f} | {p99:.2f} | {max(run.waited):.2f}"
        costs = f"{run.processor:.1f} | {run.processor / bare:.1f} | {run.idle:.1%}"
        print(f"| {channel} | {run.once} | {waits} | {run.pace:.0%} | {costs} |", flush=True)


if __name__ == "__main__":
    main()
