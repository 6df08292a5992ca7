"""Envelopes out: claim, drop what is moot, put into words, pace, send, settle."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from bot import due, papers
from bot.channels.channel import (
    Button,
    Channel,
    File,
    Later,
    Menu,
    NotTaken,
    Outgoing,
    Part,
    Refused,
    Stopped,
    Template,
    Unknown,
)
from bot.channels.render import Choice, render
from bot.dialogue.turn import Paper, Say, jsonable
from bot.meter import Meter
from bot.pace import Pace
from bot.words import Words, office_words
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import unreached
from storage import db, outbox, people
from storage.writer import Writer

LEASE = timedelta(minutes=2)
WAITS = [timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 1800, 3600)]
MOST = 30  # tries: more than a day for a reply, three working days for what is sent by day alone
FRESH = 10.0  # seconds that a wording may wait for its turn before it is worked out anew
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """A claimed envelope, ready to go. `parts`: what to send; none when there is nothing to send after all."""

    row: Row[Any]
    chat: str
    parts: tuple[Part, ...] = ()
    menu: Menu = ""
    edits: str | None = None  # the far side's id of the message whose place it takes
    template: Template | None = None

    @property
    def tries(self) -> int:
        """The mark of our lease."""
        return int(self.row.tries) + 1


@dataclass
class Post:
    """Everything that leaves the house by one channel account."""

    channel: Channel
    writer: Writer
    words: Mapping[str, Words]  # by language, the office's own first
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar
    clock: Callable[[], datetime]
    link: Callable[[Paper], str] | None = None  # where a paper can be fetched, by those whose channel takes no files
    key: str = field(default="", repr=False)  # by which our own papers are known again
    sharing: tuple[str, ...] = ()  # the accounts that share the month's messages with this one, itself among them
    pace: Pace = field(init=False)
    meter: Meter = field(init=False)
    woken: asyncio.Event = field(init=False, default_factory=asyncio.Event)  # there may be something to send
    _under_way: set[asyncio.Task[None]] = field(init=False, default_factory=set)
    _out: set[asyncio.Task[Any] | None] = field(init=False, default_factory=set)  # those that are only to be noted
    _waiting: set[asyncio.Task[Any] | None] = field(init=False, default_factory=set)  # those with no part on its way
    _failed: int = field(init=False, default=0)  # claims in a row, by the database's own trouble
    _closing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        traits = self.channel.traits
        self.pace = Pace(traits.per_second, traits.chat_gap)
        self.meter = Meter(self.channel.name, self.sharing or (self.channel.account,), traits)

    async def begin(self) -> int:
        """Takes in hand what is due, as far as there is room, and waits for none of it; how many envelopes."""
        self._reap()
        room = self.channel.traits.senders - len(self._under_way) + len(self._out)
        letters = await self._claimed(room) if room > 0 and not self._closing else []
        for letter in letters:
            task = asyncio.create_task(self._carry(letter), name=f"envelope {letter.row.id}")
            task.add_done_callback(self._ended)
            self._under_way.add(task)
        return len(letters)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._out.discard(task)
        self.woken.set()

    async def deliver(self) -> int:
        """Sends what is due, and waits until it is settled or put off; how many envelopes it had in hand."""
        await self.begin()
        if in_hand := set(self._under_way):
            await asyncio.wait(in_hand)
        self._reap()
        return len(in_hand)

    async def close(self, patience: float) -> None:
        """Begins nothing any more. What is on its way is waited for, so many seconds; the rest can wait itself."""
        self._closing = True
        for task in filter(None, self._waiting):
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=patience)
        for cut in self._under_way:
            cut.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _reap(self) -> None:
        """Raises what ended one of them: the account's or the database's own trouble."""
        done = {task for task in self._under_way if task.done()}
        self._under_way -= done
        for fault in [task.exception() for task in done if not task.cancelled()]:
            if fault:
                raise fault

    async def _do(self, deed: Callable[..., Any], *args: object) -> Any:
        return await self.writer.do(deed, *args)

    async def _claimed(self, room: int) -> list[Letter]:
        try:
            letters: list[Letter] = await self._do(self._claim, room)
        except db.FAULT:
            self._failed += 1
            raise
        self._failed = 0
        return letters

    def _claim(self, tx: Connection, most: int) -> list[Letter]:
        now = self.clock()
        lowest = self.meter.lowest(tx, now) if self.calendar.awake(now) else outbox.REPLY
        rows = outbox.claim(tx, self.channel.name, self.channel.account, now, LEASE, lowest, most)
        return [self._open(tx, row, now) for row in rows]

    def _open(self, tx: Connection, row: Row[Any], now: datetime) -> Letter:
        """The envelope in words; settled already when it is moot or can't be put into words."""
        to = people.at(tx, row.address)
        letter = Letter(row, to.chat)
        if row.sending:  # whoever had it before us died with a part on its way
            return self._unknown(tx, letter, now)
        if row.parts_sent:  # the rest has to fit what is out already
            return Letter(row, to.chat, _parts(row.wording))
        try:
            with tx.begin_nested() if _asks(row) else nullcontext():
                parts, menu = self._words(tx, row, to, now)
        except Exception as error:
            if isinstance(error, db.TROUBLE) and (self._failed < db.SUSPICIOUS or db.given_up(tx) or not _asks(row)):
                raise  # no fault of the envelope's
            log.exception("envelope %s can't be put into words", row.id)
            outbox.settle(tx, row.id, letter.tries, now, "parked: no words")
            return letter
        if not parts:
            if outbox.settle(tx, row.id, letter.tries, now, "moot"):
                self._not_told(tx, row, to.person)
        elif self._silent(to, now):
            if template := self._template(tx, row, to, now):
                return Letter(row, to.chat, (Part("\n".join(part.text for part in parts)),), template=template)
            self._elsewhere(tx, letter, "silent for too long", now)
            return letter
        return Letter(row, to.chat, parts, menu, self._edited(tx, row))

    def _edited(self, tx: Connection, row: Row[Any]) -> str | None:
        """The message that this takes the place of, where the channel can do that and it went to the same chat."""
        before = outbox.at(tx, row.edits) if row.edits and self.channel.traits.edits else None
        return before.external if before and before.address == row.address else None

    def _template(self, tx: Connection, row: Row[Any], to: Row[Any], now: datetime) -> Template | None:
        """What carries a reminder or a warning nevertheless, where the office has such words approved."""
        kind = due.TEMPLATES.get(row.say[0]["kind"], "")
        if kind not in self.channel.traits.templates:
            return None
        blanks = due.blanks(self._says(tx, row, to, now), to.name)
        return Template(kind, blanks) if blanks else None

    def _silent(self, to: Row[Any], now: datetime) -> bool:
        """Whether the channel would refuse anyway, as it takes messages to those alone who have spoken lately."""
        window = self.channel.traits.reply_window
        return window is not None and now - to.seen > window

    def _words(self, tx: Connection, row: Row[Any], to: Row[Any], now: datetime) -> tuple[tuple[Part, ...], Menu]:
        """No parts when there is nothing to say any more."""
        says = self._says(tx, row, to, now)
        if not says:
            return (), ""
        words = self.words[to.language] if to.language else office_words(self.words)
        enclosed = [Paper(**paper) for say in says for paper in say.get("papers", ())]
        along, pointed = self._sorted(tx, enclosed, words)
        lines = [words(say["kind"], say["facts"]) for say in says] + pointed
        options = [Choice(o["id"], words(o["kind"], o["facts"]), o["numbered"]) for o in says[-1]["options"]]
        *parts, last = render("\n".join(lines), options, self.channel.traits)
        return (*parts, replace(last, papers=along)), _menu(says)

    def _sorted(self, tx: Connection, enclosed: Sequence[Paper], words: Words) -> tuple[tuple[Paper, ...], list[str]]:
        """What goes along, and a line for each that does not: where it can be fetched, or what became of it."""
        along: list[Paper] = []
        lines: list[str] = []
        for paper in enclosed:
            made = papers.make(tx, paper, self.archive)
            if made is None:
                lines.append(words("paper.gone", {}))
            elif not paper.linked and (self.channel.traits.takes(made) or self._shown(made, along)):
                along.append(paper)
            elif self.link is None:
                lines.append(words("paper.nowhere", {"name": made.name}))
            else:
                lines.append(words("paper.link", {"name": made.name, "url": self.link(paper)}))
        return tuple(along), lines

    def _shown(self, made: File, along: Sequence[Paper]) -> bool:
        """Whether the channel shows it as a picture that it fetches from us; one a message."""
        return made.ending in self.channel.traits.pictures and self.link is not None and not along

    def _files(self, tx: Connection, part: Part) -> tuple[File, ...]:
        made = [(paper, papers.make(tx, paper, self.archive)) for paper in part.papers]
        return tuple(replace(file, url=self.link(paper) if self.link else "") for paper, file in made if file)

    @property
    def archive(self) -> papers.Archive:
        return papers.Archive(self.writer.engine, self.catalogues, self.words, self.clock, self.key)

    def _says(self, tx: Connection, row: Row[Any], to: Row[Any], now: datetime) -> list[dict[str, Any]]:
        says: list[dict[str, Any]] = []
        for say in row.say:
            if due.moves(say["kind"], say["facts"]) and not self.channel.traits.edits:
                continue
            if not due.is_due(say["kind"]):
                says.append(say)
            elif to.person:
                about = (to.person, self.catalogues, self.calendar, now)
                found = due.says(tx, say["kind"], say["facts"], *about)
                says += [jsonable(one) for one in found]
        return says

    async def _carry(self, letter: Letter) -> None:
        try:
            await self._speak(letter)
        except db.FAULT:
            raise  # no fault of the envelope: the lease runs out, and what is noted decides
        except Exception as error:
            if isinstance(error, Later) and error.halt:
                self.pace.halt(error.after)
            await self._do(self._fell_short, letter, error)
            if isinstance(error, Stopped):
                raise

    async def _speak(self, letter: Letter) -> None:
        """Part after part, each noted before it goes and after it has gone, while the letter is ours."""
        row, tries = letter.row, letter.tries
        wording = [jsonable(part) for part in letter.parts]
        for number, part in list(enumerate(letter.parts, start=1))[row.parts_sent :]:
            if not await self._turn(letter, number):
                return
            if not await self._do(outbox.sending, row.id, tries, wording, self.clock(), LEASE):
                return  # the lease ran out, and somebody else has it
            files = await self._do(self._files, part) if part.papers else ()
            edits = letter.edits if number == 1 else None
            going = Outgoing(letter.chat, part, row.reply_to, letter.menu, files, edits, letter.template)
            external = await self.channel.send(going)
            if number < len(letter.parts):
                await self._do(outbox.part_sent, row.id, tries, number)
            else:
                self._out.add(asyncio.current_task())
                self.woken.set()  # the commit that notes this one can claim the next
                await self._do(outbox.sent, row.id, tries, number, self.clock(), external)
        if letter.parts and row.parts_sent >= len(letter.parts):  # whoever had it before us died before saying so
            await self._do(outbox.settle, row.id, tries, self.clock(), "sent")

    async def _turn(self, letter: Letter, number: int) -> bool:
        """Waits until this part may go. After a long wait the letter is given back instead, to be worded anew:

        by then what it asks for may have been answered, or the office may have closed.
        """
        task, since = asyncio.current_task(), asyncio.get_running_loop().time()
        self._waiting.add(task)
        try:
            await self.pace.turn(letter.chat, urgent=letter.row.priority <= outbox.REPLY)
        except asyncio.CancelledError:
            self._give_back(letter)
            raise
        finally:
            self._waiting.discard(task)
        stale = number == 1 and asyncio.get_running_loop().time() - since > FRESH
        if stale or self._closing:
            self._give_back(letter)
        return not (stale or self._closing)

    def _give_back(self, letter: Letter) -> None:
        self.writer.ask(outbox.later, letter.row.id, letter.tries, self.clock(), counts=False)

    def _fell_short(self, tx: Connection, letter: Letter, error: Exception) -> None:
        row, now = letter.row, self.clock()
        log.warning("envelope %s: %s: %s", row.id, type(error).__name__, error)
        match error:
            case Later() if error.halt:  # the account stands still; the envelope has done nothing wrong
                outbox.later(tx, row.id, letter.tries, now + error.after, counts=False)
            case Later() if wait := next_try(row.tries, error.after):
                outbox.later(tx, row.id, letter.tries, now + wait)
            case Stopped():
                outbox.later(tx, row.id, letter.tries, now + WAITS[2], counts=False)
            case Refused():  # not here, then: the person's next address, if there is one
                self._elsewhere(tx, letter, str(error), now)
            case Unknown():
                self._unknown(tx, letter, now)
            case NotTaken():
                self._linked(tx, letter, error.said, now)
            case _:  # our own fault, or tried often enough
                log.error("envelope %s is given up", row.id, exc_info=error)
                outbox.settle(tx, row.id, letter.tries, now, f"parked: {type(error).__name__}")

    def _elsewhere(self, tx: Connection, letter: Letter, why: str, now: datetime) -> None:
        row = letter.row
        if not outbox.settle(tx, row.id, letter.tries, now, f"refused: {why}"):
            return  # whoever has it now will be told the same
        unreached.lose(tx, row.address, why, now)
        person = people.at(tx, row.address).person
        if to := people.reach(tx, person):
            outbox.put(tx, to, row.say, row.priority, now, about=row.about)
        elif not row.parts_sent:
            self._not_told(tx, row, person)

    def _linked(self, tx: Connection, letter: Letter, said: bool, now: datetime) -> None:
        """The files follow as links, in an envelope of their own; the text goes without them, unless it is out."""
        row, tries, enclosed = letter.row, letter.tries, letter.parts[-1].papers
        if said:
            ours = outbox.sent(tx, row.id, tries, len(letter.parts), now)
        else:
            wording = [jsonable(replace(part, papers=())) for part in letter.parts]
            ours = outbox.strip(tx, row.id, tries, [{**say, "papers": []} for say in row.say], wording, now)
        if ours:
            say = Say("paper.apart", papers=tuple(replace(paper, linked=True) for paper in enclosed))
            outbox.put(tx, people.at(tx, row.address), [jsonable(say)], max(row.priority, outbox.REPLY), now)

    def _not_told(self, tx: Connection, row: Row[Any], person: int | None) -> None:
        """A step that reached nobody is not used up: what is due by now may be said today."""
        if person is None:
            return
        for say in row.say:
            due.not_reached(tx, say["kind"], say["facts"], person)

    def _unknown(self, tx: Connection, letter: Letter, now: datetime) -> Letter:
        """It may have arrived: never blindly again. A reply can be asked for again, and the operator can look."""
        log.warning("envelope %s may or may not have arrived", letter.row.id)
        outbox.settle(tx, letter.row.id, letter.tries, now, "unknown")
        return Letter(letter.row, letter.chat)


def next_try(tries: int, asked: timedelta) -> timedelta | None:
    """How long to wait before trying again; None when enough has been tried."""
    return max(asked, WAITS[min(tries, len(WAITS) - 1)]) if tries < MOST else None


def _parts(wording: list[dict[str, Any]]) -> tuple[Part, ...]:
    return tuple(
        Part(
            part["text"],
            tuple(Button(**button) for button in part["buttons"]),
            tuple(Paper(**paper) for paper in part.get("papers", ())),
        )
        for part in wording
    )


def _asks(row: Row[Any]) -> bool:
    """Whether putting it into words takes a look at the database: what fails there must not spoil the transaction."""
    return any(due.is_due(say["kind"]) or say.get("papers") for say in row.say)


def _menu(says: list[dict[str, Any]]) -> Menu:
    """Who has just come in gets the commands of their role."""
    if joined := next((say["facts"]["menu"] for say in says if say["kind"] == "link.joined"), None):
        return "tccb" if joined == "tccb" else "focal"
    kinds = {say["kind"] for say in says}
    return "tccb" if "enrol.approved_tccb" in kinds else "focal" if "enrol.approved" in kinds else ""
