"""The whole house at work: what is heard is kept and answered, envelopes go out, the timetable knocks."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, get_args

from sqlalchemy import Connection, Engine

from bot import desk, shift
from bot.channels.channel import Channel, Incoming, Later, Stopped, Unknown, labels, sharing
from bot.clock import Clock
from bot.delivery import Post
from bot.dialogue.sheet import Sheet
from bot.dialogue.turn import Paper
from bot.documents import filled
from bot.flood import Flood
from bot.ping import ping
from bot.words import Words
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import backup, purge, timetable
from storage import copying, db, inbox
from storage.bell import Bell
from storage.purging import Keep
from storage.tenure import Shared, Tenure, tenure_in
from storage.writer import Closed, Writer

P = ParamSpec("P")
T = TypeVar("T")
IDLE = 0.5  # seconds between two looks when nothing has woken us: another process may have put something down
RUNG = 5.0  # the same, where we are told of that: what was put off is due by the clock alone
CUT = timedelta(seconds=5)  # the least wait after a channel was cut off
REST = timedelta(minutes=10)  # before a channel that can't work at all is tried again
FETCHING = timedelta(minutes=3)  # a file that takes longer is fetched again, by whoever comes
FETCHED_AT_ONCE = 10  # files taken in hand at a time
OVERDUE = 110.0  # seconds without a round of the timetable, which knocks several times a minute
FAREWELL = 5.0  # seconds for the messages that are on their way when the house closes
log = logging.getLogger(__name__)


Role = Literal["receive", "answer", "deliver", "schedule"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass
class House:
    """Everything that one process needs, and the loops in which it works."""

    engine: Engine
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar
    clock: Clock
    words: Mapping[str, Words]
    channels: Sequence[Channel] = ()
    ping_url: str = ""  # whom to tell after each round that we are alive
    backups: Path | None = None  # the folder in which each night's copy is kept
    link: Callable[[Paper], str] | None = None  # where a paper can be fetched, if there is a public address
    upload: Callable[[str, str, str], str] | None = None  # channel, account, chat → where files can be sent to us
    key: str = field(default_factory=secrets.token_hex, repr=False)  # by which our own papers are known again
    keep: Keep = field(default_factory=Keep)  # how long messages and files are kept
    roles: frozenset[Role] = frozenset(ROLES)  # what this process does; others on the same database do the rest
    writer: Writer = field(init=False)
    tenure: Tenure = field(init=False)
    flood: Flood = field(init=False, default_factory=Flood)
    posts: tuple[Post, ...] = field(init=False)
    bell: Bell | None = field(init=False, default=None)  # while it lives
    _failed: int = field(init=False, default=0)  # rounds of answering in a row, by the database's own trouble
    rounds: dict[str, float] = field(init=False, default_factory=dict)  # loop → when it last came round

    def __post_init__(self) -> None:
        self.writer, self.tenure = Writer(self.engine), tenure_in(self.engine)
        self.open(self.channels)
        self._heard, self._sent_along = asyncio.Event(), asyncio.Event()

    def open(self, channels: Sequence[Channel]) -> None:
        """The channels are known only after the house: the pages among them ask it for what they show."""
        self.channels = channels
        world = (self.writer, self.words, self.catalogues, self.calendar, self.clock)
        self.posts = tuple(Post(one, *world, self.link, self.key, sharing(one, channels)) for one in channels)

    async def do(self, deed: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A deed on the writer's thread; returns after its commit."""
        return await self.writer.do(deed, *args, **kwargs)

    async def look(self, deed: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A deed that only reads, beside whatever is being written."""

        def read() -> T:
            with db.reading(self.engine) as tx:
                return deed(tx, *args, **kwargs)

        return await asyncio.to_thread(read)

    async def hear(self, heard: Incoming) -> None:
        """Returns once it is kept. Raises where it is not: then it has to come again."""
        chat, now, new = (heard.channel, heard.account, heard.chat), self.clock(), False
        stage = self.flood.take(chat, now)
        try:
            new = await self.do(desk.keep, heard, now, stage)
        finally:
            if not new:
                self.flood.give_back(chat, stage)
        if stage == "first":
            self.wake()
        self._heard.set()
        if heard.said.file:
            self._sent_along.set()

    async def fetch(self) -> int:
        """Fetches files that people have sent, so that their messages can be answered; how many there were."""
        self._sent_along.clear()
        if not await self.look(inbox.awaited, self.clock()):
            return 0
        return sum([await self._fetch_from(channel) for channel in self.channels])

    async def _fetch_from(self, channel: Channel) -> int:
        account = (channel.name, channel.account)
        rows = await self.do(inbox.awaiting, *account, self.clock(), FETCHING, FETCHED_AT_ONCE)
        for row in rows:
            try:
                content: bytes | None = await channel.fetch(row.said["file"]["ref"])
            except (Later, Unknown, Stopped) as cut:
                log.warning("the file of message %s can't be fetched now: %s", row.id, cut)
                if await self.do(desk.fetch_later, row, getattr(cut, "after", timedelta(0)), self.clock()):
                    continue
                content = None
            except Exception as fault:  # Refused, or our own: either way the message is answered without its file
                log.warning("the file of message %s can't be had: %s", row.id, type(fault).__name__)
                content = None
            sheet = await self.read(row.said["file"]["name"], row.said["file"]["mime"], content)
            await self.do(desk.fetched, row, content, self.clock(), sheet)
            self._heard.set()
        return len(rows)

    async def read(self, name: str, mime: str, content: bytes | None) -> Sheet | None:
        """What a workbook says, read aside, so that nobody waits for it; None for any other file."""
        if content is None or not filled.looks_like_a_workbook(name, mime):
            return None
        return await asyncio.to_thread(filled.read, content, self.key)

    async def answer(self) -> int:
        """Answers what has been heard; how many messages there were."""
        try:
            count = await self.do(
                desk.answer_next,
                self.catalogues,
                self.clock(),
                channels=self.channels,
                calendar=self.calendar,
                key=self.key,
                upload=self.upload,
                suspicious=self._failed >= db.SUSPICIOUS,
            )
        except db.FAULT:
            self._failed += 1
            raise
        self._failed = 0
        if count:
            self.wake()
        return count

    async def knock(self) -> int:
        """One round of the timetable; how many envelopes it put down."""
        put = await self.do(timetable.knock, self.catalogues, self.calendar, self.clock())
        if put:
            self.wake()
        return put

    async def back_up(self) -> None:
        """Tonight's copy, if it is ours to make; beside whatever else is going on."""
        if self.backups is None or not await self.do(backup.claim, self.clock()):
            return
        try:
            copied = await asyncio.to_thread(backup.make, self.engine, self.backups, self.clock().date())
        except (OSError, *db.FAULT, copying.Incomplete) as fault:
            log.error("tonight's backup could not be made: %s", type(fault).__name__)
            return
        await self.do(backup.done, self.clock())
        log.info("backup made: %d rows, the audit as far as %s", copied.total, copied.head and copied.head.short)

    def wake(self) -> None:
        """There may be something to send."""
        for post in self.posts:
            post.woken.set()

    async def settle(self) -> None:
        """Until nothing is left to answer or to send now: for rehearsals."""
        while (
            (self._sent_along.is_set() and await self.fetch())
            or await self.answer()
            or sum([await post.deliver() for post in self.posts])
        ):
            pass

    async def live(self, closing: asyncio.Event) -> None:
        """Works until it is told to close; then finishes what is under way."""
        loop = asyncio.get_running_loop()
        self.bell = Bell(self.engine, lambda box: loop.call_soon_threadsafe(self._rung, box))
        tasks = [loop.create_task(work, name=name) for name, work in self._loops()]
        closed = loop.create_task(closing.wait())
        try:
            done, _ = await asyncio.wait([*tasks, closed], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {closed}:
                task.result()  # a loop never ends by itself: whatever ended it takes the house along, visibly
        finally:
            await self._close([*tasks, closed])

    def _loops(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What goes on side by side in this process, by its roles."""
        if "answer" in self.roles:
            yield "answer", self._keep_at("answer", self.answer, self._heard)
            yield "fetch", self._keep_at("fetch", self.fetch, self._sent_along, told=True)
        if "schedule" in self.roles:
            yield "timetable", self._keep_time()
            yield "watch", self._watch()
        for name, post in zip(labels(self.channels), self.posts, strict=True):
            whose = self.tenure if post.channel.traits.alone else Shared()
            if "receive" in self.roles:
                yield f"listen to {name}", shift.keep(whose, post.channel, "listen", self._listen)
            else:
                post.channel.pulse.standby = True
            if "deliver" in self.roles:
                yield f"deliver {name}", self._deliver(name, whose, post)

    def _rung(self, box: str) -> None:
        """Another process has put something down."""
        self._heard.set() if box == "inbox" else self.wake()

    async def _close(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.bell:
            await asyncio.to_thread(self.bell.close)
        await asyncio.gather(*(post.close(FAREWELL) for post in self.posts))
        for channel in self.channels:
            await channel.close()
        self.tenure.close()
        self.writer.close()

    async def _keep_time(self) -> None:
        """Knocks until it is cancelled; what an outage held back goes at once."""
        loop = asyncio.get_running_loop()
        self.rounds["timetable"] = loop.time()
        knocking = timetable.start(lambda: asyncio.run_coroutine_threadsafe(self._knocked(), loop))
        try:
            await self._knocked()
            await asyncio.Event().wait()
        finally:
            knocking.shutdown(wait=False)

    async def _knocked(self) -> None:
        try:
            await self.knock()
            self.rounds["timetable"] = asyncio.get_running_loop().time()
            if self.ping_url:
                await ping(self.ping_url)
            await self.back_up()
            await self.do(purge.knock, self.keep, self.clock())
        except db.FAULT as error:
            log.warning("the timetable could not knock: %s", db.called(error))
        except Closed:
            pass  # its thread has knocked just as the house closed; the next start knocks at once
        except Exception:
            log.exception("the timetable tripped")

    async def _watch(self) -> None:
        """The timetable is a thread's: should it stop, somebody else has to see that, and to knock."""
        while True:
            await asyncio.sleep(OVERDUE)
            silent = asyncio.get_running_loop().time() - self.rounds["timetable"]
            if silent >= OVERDUE:
                log.error("the timetable has not knocked for %d s", silent)
                await self._knocked()

    async def _keep_at(
        self, name: str, work: Callable[[], Awaitable[int]], woken: asyncio.Event, told: bool = False
    ) -> None:
        """The database's own errors count against nobody: wait, then go on. `told`: who has work for it wakes it."""
        while True:
            woken.clear()
            try:
                busy = await work()
            except db.FAULT as error:
                log.warning("%s waits for the database: %s", name, db.called(error))
                busy = 0
            except Stopped as stopped:
                log.error("%s: %s", name, stopped)
                await asyncio.sleep(REST.total_seconds())
                continue
            self.rounds[name] = asyncio.get_running_loop().time()
            if not busy:
                with suppress(TimeoutError):  # wait_for would lose a cancellation that comes as it is woken
                    async with asyncio.timeout(RUNG if told or (self.bell and self.bell.listens) else IDLE):
                        await woken.wait()

    async def _deliver(self, name: str, whose: Tenure, post: Post) -> None:
        """Sends for one account; where that is to be done alone, only while it is ours."""
        sending = f"deliver {name}"

        async def send(_: Channel) -> None:
            try:
                await self._keep_at(sending, post.begin, post.woken)
            finally:
                self.rounds.pop(sending, None)

        await shift.keep(whose, post.channel, "deliver", send)

    async def _listen(self, channel: Channel) -> None:
        while True:
            try:
                return await channel.listen(self.hear)
            except Later as cut:
                channel.pulse.fault = str(cut)
                log.warning("%s is cut off: %s", channel.name, cut)
                wait = max(cut.after, CUT)
            except Stopped as stopped:
                channel.pulse.fault = str(stopped)
                log.error("%s can't work: %s", channel.name, stopped)
                wait = REST
            await asyncio.sleep(wait.total_seconds())
