"""The small world: the example office, its campaign of 2024, some people, and a channel whose far side is a list."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine

from bot.channels.channel import Incoming, Outgoing, Traits
from bot.dialogue.turn import Said
from bot.house import House
from bot.words import Words
from catalogue.calendar import HANOI, Calendar
from catalogue.model import Answer
from storage import campaigns, outbox, people, reports, schema, units
from tests import stage
from tests.stage import CATALOGUES, OFFICE

BOOK = CATALOGUES["2024-qd55"]
T = TypeVar("T")


ASKED: set[object] = set()  # of the writers' threads, and not done yet


class Leaping(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Waits for whatever may come, but never for time to pass: its own clock is put forward instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or ASKED:
            return super().select(0.01 if timeout else timeout)
        ready = super().select(0)
        self.now += 0.0 if ready else max(timeout, 0.0)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """An hour's sleep takes no time."""

    def __init__(self) -> None:
        self.leaping = Leaping()
        super().__init__(self.leaping)

    def time(self) -> float:
        return self.leaping.now


def run(work: Coroutine[Any, Any, T]) -> T:
    """A loop of its own, in which no test waits for anything but the house itself."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(work)


def at(text: str) -> datetime:
    """ "2024-12-03 08:30" in Hà Nội."""
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def noted(ask: Callable[..., Future[Any]]) -> Callable[..., Future[Any]]:
    def asked(*given: Any, **named: Any) -> Future[Any]:
        future = ask(*given, **named)
        ASKED.add(future)
        future.add_done_callback(ASKED.discard)
        return future

    return asked


def awaited(do: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def doing(*given: Any, **named: Any) -> Any:
        mark = object()
        ASKED.add(mark)
        try:
            return await do(*given, **named)
        finally:
            ASKED.discard(mark)

    return doing


@dataclass
class Far(stage.Far):
    """`on_the_way`: what happens before a message arrives."""

    name: str = "far"
    traits: Traits = field(default_factory=lambda: Traits(4000, buttons=8, per_second=10_000.0))
    on_the_way: Callable[[Outgoing], Awaitable[None]] | None = None

    async def send(self, message: Outgoing) -> str | None:
        if self.on_the_way:
            await self.on_the_way(message)
        return await super().send(message)

    def texts(self, chat: str = "") -> list[str]:
        return [message.part.text for message in self.sent if chat in ("", message.chat)]

    def lines(self, chat: str = "") -> list[str]:
        """The first line of each message: enough to know it by."""
        return [text.partition("\n")[0] for text in self.texts(chat)]


@dataclass
class World:
    """A house with its clock in the test's hand. People are known by their chat: `seat("an", "focal", "CCKL")`."""

    engine: Engine
    now: datetime = field(default_factory=lambda: at("2024-11-26 09:00"))
    far: Far = field(default_factory=Far)
    calendar: Calendar = field(default_factory=Calendar)
    others: list[House] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house = self.another(self.far)
        with self.engine.begin() as tx:
            units.apply(tx, OFFICE, self.now.date())
        self.campaign = self.open(2024)
        self._heard = 0

    def another(self, *channels: Far) -> House:
        """One more process on the same database."""
        house = House(self.engine, CATALOGUES, self.calendar, lambda: self.now, {"vi": Words()}, channels)
        house.writer.ask = noted(house.writer.ask)  # type: ignore[method-assign]
        house.writer.do = awaited(house.writer.do)  # type: ignore[method-assign, assignment]
        self.others.append(house)
        return house

    def restart(self) -> None:
        """As after a kill: the same far side, and nothing in hand."""
        self.house = self.another(self.far)

    def close(self) -> None:
        for house in self.others:
            house.writer.close()

    def go(self, to: str | timedelta) -> None:
        self.now = at(to) if isinstance(to, str) else self.now + to

    def do(self, deed: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """One transaction."""
        with self.engine.begin() as tx:
            return deed(tx, *given, **named)

    def rows(self, table: Any) -> list[Any]:
        return self.do(lambda tx: list(tx.execute(table.select().order_by(*table.primary_key))))

    def open(self, year: int) -> int:
        campaign = self.do(campaigns.open, BOOK.id, year, BOOK.plan(year), self.now)
        self.do(campaigns.assign, campaign, BOOK, OFFICE)
        return int(campaign)

    # Who there is

    def seat(self, chat: str, role: str, *places: str, channels: Sequence[str] = ("far",)) -> int:
        """A person with that duty for each of these units, reached in that chat of each channel."""

        def enter(tx: Any) -> int:
            whom = people.join(tx, chat, places[0], role, self.now)
            for place in places[1:]:
                people.assign(tx, whom, place, role, self.now)
            for channel in channels:
                people.link(tx, people.address_of(tx, channel, "", chat, self.now), whom)
            return whom

        return int(self.do(enter))

    def address(self, chat: str, channel: str = "far") -> Any:
        return self.do(lambda tx: people.at(tx, people.address_of(tx, channel, "", chat, self.now)))

    def report(self, unit: str, measure: str, answer: Answer, by: int, campaign: int = 0) -> int:
        """Recorded without a talk."""
        where = {"campaign": campaign or self.campaign, "unit": unit, "measure": measure}
        who = {"person": by, "channel": "far"}
        return int(self.do(reports.add, where | who, answer, self.now.date(), "", self.now))

    # What happens

    def hear(self, chat: str, *texts: str | Said, key: str = "", channel: str = "far") -> None:
        """Each text is a message of its own; with `key` they are those that had this key before."""
        for number, text in enumerate(texts):
            self._heard += 1
            said = text if isinstance(text, Said) else Said(text)
            id = f"{key}{number}" if key else f"message {self._heard}"
            run(self.house.hear(Incoming(channel, "", chat, id, said)))

    def answer(self) -> None:
        run(self._answer())

    async def _answer(self) -> None:
        while await self.house.answer():
            pass

    def deliver(self, after: timedelta = timedelta(0)) -> None:
        """All that can go, that much later."""
        self.go(after)
        run(self._deliver())

    async def _deliver(self) -> None:
        for post in self.house.posts:
            while await post.deliver():
                pass

    def knock(self, moment: str = "") -> int:
        """One round of the timetable; how many envelopes it put down."""
        if moment:
            self.go(moment)
        return run(self.house.knock())

    def put(
        self,
        chat: str,
        kind: str = "talk.edited",
        priority: int = outbox.REPLY,
        channel: str = "far",
        about: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> int:
        """An envelope of one sentence."""
        say = {"kind": kind, "facts": facts or {}, "options": []}
        return int(self.do(outbox.put, self.address(chat, channel), [say], priority, self.now, about=about))

    def outcomes(self) -> list[str | None]:
        """Of every envelope, in the order in which they were put down."""
        return [row.outcome for row in self.rows(schema.outbox)]

    def kinds(self) -> list[str]:
        """What every envelope begins with."""
        return [row.say[0]["kind"] for row in self.rows(schema.outbox)]
