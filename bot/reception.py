"""What the pages ask of the house, over storage: chats, files that people send, health."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot import memory, papers
from bot.channels.channel import Button, File, labels
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Paper, kept
from bot.house import House
from bot.shift import ELSEWHERE
from bot.web.metrics import Gauge
from bot.web.ports import Check, FileLink, Heading, HealthReport, Line, Stored
from bot.words import office_words
from catalogue.calendar import HANOI
from jobs import heartbeat
from storage import db, files, inbox, outbox, people, slots, talks

LINES = 300  # of a chat that a page shows
EPOCH = datetime(2000, 1, 1, tzinfo=HANOI)
SLOW = 120.0  # seconds in which every loop comes round, whatever happens
WAITED = timedelta(minutes=10)  # after which an envelope that could go should have gone


@dataclass(frozen=True)
class Rooms:
    """The chats of one channel, as its pages show them."""

    house: House
    channel: str
    link: Callable[[Paper], str] | None = None  # the path from which a paper of the chat can be fetched

    async def history(self, chat: str, after: int) -> Sequence[Line]:
        since = EPOCH + timedelta(microseconds=after) if after else None
        lines: list[Line] = await self.house.look(self._lines, chat, since)
        return lines

    def _lines(self, tx: Connection, chat: str, since: datetime | None) -> list[Line]:
        address = people.address_at(tx, self.channel, "", chat)
        lines = talks.history(tx, address, since, LINES) if address else []
        newest = max((line.at for line in lines if line.ours), default=None)
        return [self._ours(tx, line, line.at == newest) if line.ours else self._theirs(line) for line in lines]

    def _ours(self, tx: Connection, line: talks.Line, newest: bool) -> Line:
        text = "\n".join(part["text"] for part in line.wording)
        buttons = tuple(Button(**button) for button in line.wording[-1]["buttons"])
        enclosed = [Paper(**paper) for paper in line.wording[-1].get("papers", ())]
        links = tuple(FileLink(file.name, self._url(paper), 0) for paper, file in self._made(tx, enclosed))
        return Line(_number(line), "bot", text, line.at, buttons, links, live=newest)

    def _made(self, tx: Connection, enclosed: Sequence[Paper]) -> Iterator[tuple[Paper, File]]:
        for paper in enclosed:
            if file := papers.make(tx, paper, archive(self.house)):
                yield paper, file

    def _theirs(self, line: talks.Line) -> Line:
        choice, text, sent = line.said.get("choice") or "", line.said.get("text", ""), line.said.get("file")
        files = (FileLink(sent["name"], self._sent(sent), sent["size"]),) if sent else ()
        return Line(_number(line), "me", text, line.at, files=files, key=line.key, choice=choice)

    def _sent(self, sent: Mapping[str, Any]) -> str:
        return self._url(kept(sent["kept"])) if sent.get("kept") else ""

    def _url(self, paper: Paper) -> str:
        return self.link(paper) if self.link else ""

    async def heading(self, chat: str) -> Heading:
        found: Heading = await self.house.look(self._heading, chat)
        return found

    def _heading(self, tx: Connection, chat: str) -> Heading:
        address = people.address_at(tx, self.channel, "", chat)
        at = people.at(tx, address) if address else None
        if at is None or at.person is None:
            return Heading()
        words = self.house.words[at.language] if at.language else office_words(self.house.words)
        duties = [f"{words(ROLES[duty.role], {})}, {duty.unit_name}" for duty in people.duties(tx, at.person)]
        return Heading(at.name, "; ".join(duties))


def _number(line: talks.Line) -> int:
    """Microseconds since 2000, which grow in the order in which lines are said."""
    return (line.at - EPOCH) // timedelta(microseconds=1)


def archive(house: House) -> papers.Archive:
    return papers.Archive(house.engine, house.catalogues, house.words, house.clock, house.key)


@dataclass(frozen=True)
class Shelf:
    """Files that people send or get, kept with everything else or made when they are asked for."""

    house: House

    async def put(self, name: str, mime: str, content: bytes) -> int:
        sheet = memory.dump_sheet(await self.house.read(name, mime, content))
        number: int = await self.house.do(files.add, name, mime, content, self.house.clock(), sheet)
        return number

    async def get(self, ref: str) -> Stored | None:
        paper = papers.named(ref)
        file: File | None = await self.house.look(papers.make, paper, archive(self.house)) if paper else None
        return Stored(file.name, file.mime, await asyncio.to_thread(file.read)) if file else None


@dataclass(frozen=True)
class Pulse:
    """Whether the house is well, found out by trying."""

    house: House

    async def report(self) -> HealthReport:
        checks = (
            await self._database(),
            await self._troubles(),
            await self._beat(),
            *self._loops(),
            *self._channels(),
            *self._months(),
        )
        return HealthReport(all(check.ok for check in checks), checks)

    async def _database(self) -> Check:
        """A write that is taken back, and how long envelopes have been waiting."""
        try:
            await asyncio.to_thread(db.writable, self.house.engine)
            oldest = await self.house.do(outbox.oldest, self.house.clock())
        except (*db.FAULT, OSError) as error:
            return Check("database", False, type(error).__name__)
        waited = self.house.clock() - oldest if oldest else timedelta()
        awake = self.house.calendar.awake(self.house.clock())
        return Check("outbox", waited < WAITED or not awake, f"oldest envelope waits {waited.total_seconds():.0f} s")

    async def _troubles(self) -> Check:
        """What somebody has to look at. No restart would mend it, so it does not make the house unwell."""
        try:
            told = await self.house.look(self._day)
        except (*db.FAULT, OSError) as error:
            return Check("last day", False, type(error).__name__)
        return Check("last day", True, told)

    def _day(self, tx: Connection) -> str:
        since = self.house.clock() - timedelta(days=1)
        parked, unknown = outbox.troubles(tx, since)
        stuck, aside = inbox.parked(tx, since), inbox.parked(tx, since, inbox.TOO_MANY)
        told = f"messages parked {stuck}, too many at once {aside}"
        return f"{told}, envelopes parked {parked}, may have arrived {unknown}"

    async def _beat(self) -> Check:
        """When the timetable last knocked, in this process or in another; the loops say whether ours is well."""
        try:
            beat = await self.house.look(heartbeat.last)
        except (*db.FAULT, OSError) as error:
            return Check("last knock", False, type(error).__name__)
        return Check("last knock", True, f"{beat:%H:%M %d/%m/%Y}" if beat else "never")

    def _loops(self) -> list[Check]:
        now = asyncio.get_running_loop().time()
        rounds = self.house.rounds.items()
        return [Check(name, now - last < SLOW, f"{now - last:.0f} s ago") for name, last in rounds]

    def _channels(self) -> list[Check]:
        named = zip(labels(self.house.channels), self.house.channels, strict=True)
        told = [(name, one.pulse.fault or (ELSEWHERE if one.pulse.standby else ""), one.pulse) for name, one in named]
        return [Check(f"channel {name}", not pulse.fault, detail) for name, detail, pulse in told]

    def _months(self) -> list[Check]:
        """How many messages are used of those that an account may send and get. Nothing here is mended by a restart."""
        named = zip(labels([post.channel for post in self.house.posts]), self.house.posts, strict=True)
        return [
            Check(f"month {name}", True, f"{post.meter.used} of {post.channel.traits.monthly} messages used")
            for name, post in named
            if post.channel.traits.monthly
        ]


@dataclass(frozen=True)
class Figures:
    """How much waits, what became of what was sent, how the channels are: counts alone, of nobody by name."""

    house: House

    async def read(self) -> Sequence[Gauge]:
        counted: list[Gauge] = await self.house.look(self._counted)
        return [*counted, *self._channels()]

    def _counted(self, tx: Connection) -> list[Gauge]:
        now = self.house.clock()
        day = now - timedelta(days=1)
        waiting, heard = inbox.queue(tx)
        oldest, states = outbox.oldest(tx, now), outbox.states(tx, day)
        beat = heartbeat.last(tx)
        knocked: list[tuple[dict[str, str], float]] = [({}, _seconds(beat, now))] if beat else []
        sent = [({"channel": channel, "state": state}, count) for (channel, state), count in sorted(states.items())]
        return [
            _gauge("inbox_waiting", "Messages that wait to be answered.", waiting),
            _gauge("inbox_oldest_seconds", "How long the oldest of them has waited.", _seconds(heard, now)),
            _gauge("inbox_parked", "Messages given up within the last day.", inbox.parked(tx, day)),
            Gauge("nhachan_outbox", "Envelopes that wait, and what became of those settled within the last day.", sent),
            _gauge("outbox_oldest_seconds", "How long the oldest that could go has waited.", _seconds(oldest, now)),
            _gauge("reminders", "Reminders given within the last day.", slots.taken_since(tx, day)),
            Gauge("nhachan_knock_age_seconds", "Since the timetable's last round.", knocked),
        ]

    def _channels(self) -> list[Gauge]:
        """Those of this process; another one may work for the same account."""
        named = [
            ({"channel": name}, post) for name, post in zip(labels(self.house.channels), self.house.posts, strict=True)
        ]
        up = [(who, int(not post.channel.pulse.fault)) for who, post in named]
        metered = [(who, post.meter.used, post.channel.traits.monthly) for who, post in named]
        return [
            Gauge("nhachan_channel_up", "0 while the channel is cut off or refused.", up),
            Gauge(
                "nhachan_month_used",
                "Messages used of a month's.",
                [(who, used) for who, used, most in metered if most],
            ),
            Gauge("nhachan_month_allowed", "Messages of a month.", [(who, most) for who, _, most in metered if most]),
        ]


def _gauge(name: str, help: str, value: float) -> Gauge:
    return Gauge(f"nhachan_{name}", help, [({}, value)])


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
