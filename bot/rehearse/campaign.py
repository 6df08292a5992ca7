"""Plays a campaign day by day: people talk, the timetable knocks, processes die, clocks go astray."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, event

from bot.channels.channel import Incoming, Outgoing
from bot.dialogue.turn import Said
from bot.house import House
from bot.rehearse import cast, player
from bot.rehearse.cast import Seat
from bot.rehearse.far import Far
from bot.rehearse.player import Player
from bot.rehearse.witness import Verdict, Witness
from bot.words import Words
from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from storage import campaigns, db, units

YEARS = range(2024, 2031)  # so that the deadline falls on every day of the week
STEP = timedelta(minutes=30)
MORNING, NIGHT = time(7), time(22)
AFTER = 3  # days after the deadline that are played
EXCHANGES = 80  # messages of one person in one sitting, at most
TWICE = 5  # of a hundred messages the channel brings two times


@dataclass
class Rehearsal:
    """`words`: by language, as the house speaks."""

    folder: Path
    units: int
    days: int
    seed: int
    catalogue: Catalogue
    words: Mapping[str, Words]
    down: datetime | None = None  # until when no process runs
    troubles: int = 0
    heard: int = 0
    mail: list[Incoming] = field(default_factory=list)  # what the far side keeps for us meanwhile

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.plan = self.catalogue.plan(self.rng.choice(YEARS))
        self.now = datetime.combine(self.plan.deadline + timedelta(days=AFTER + 1 - self.days), MORNING, HANOI)
        self.began, self.ends = self.now, datetime.combine(self.plan.deadline + timedelta(days=AFTER), NIGHT, HANOI)
        self.calendar = self._calendar()
        self.engine = _connect(self.folder)
        office = cast.office(self.units)
        seats = cast.seats(office, self.rng)
        by_chat = {chat: seat for seat in seats for chat in seat.chats}
        self.witness = Witness(self.engine, office, self.catalogue, self.plan, self.calendar, by_chat)
        self.far = Far(self.clock, self.witness.owing)
        self.players = [player.play(seat, Random(f"{self.seed} {seat.chats[0]}"), self.now) for seat in seats]
        self.away: dict[Seat, date] = {}  # who has blocked us → the day on which they come back
        self._furnish(seats)
        self.house = self._house()

    def clock(self) -> datetime:
        return self.now

    def _calendar(self) -> Calendar:
        """The public one, with a day off and a Saturday worked of our own."""
        window = [self.now.date() + timedelta(days=n) for n in range(self.days)]
        saturdays = [day for day in window if day.weekday() == 5]
        off = self.rng.choice(window)
        return Calendar({off: "nghỉ"}, frozenset(day for day in saturdays[:1] if day != off))

    def _furnish(self, seats: list[Seat]) -> None:
        db.upgrade(self.engine)
        with self.engine.begin() as tx:
            office = self.witness.office
            units.apply(tx, office, self.now.date())
            campaign = campaigns.open(tx, self.catalogue.id, self.plan.evaluation.year, self.plan, self.now)
            assert campaign  # the database is empty
            campaigns.assign(tx, campaign, self.catalogue, office)
            for seat in seats:
                cast.enter(tx, self.far.name, seat, self.now)

    def _house(self) -> House:
        """A process, started anew: nothing is left but what was committed."""
        catalogues = {self.catalogue.id: self.catalogue}
        return House(self.engine, catalogues, self.calendar, self.clock, self.words, [self.far])

    async def play(self) -> Verdict:
        while self.now < self.ends:
            await self._tick()
            self._pass()
        if self.down:
            self.house = self._house()
        self.far.cut = False
        await self._listen([])
        for one in self.players:
            self._read(one)
        self.house.writer.close()
        verdict = self.witness.verdict(self.far, sum(one.confirmed for one in self.players))
        self.engine.dispose()
        return verdict

    # Time and trouble

    def _pass(self) -> None:
        """Half an hour; nothing happens at night. Now and then the clock goes back."""
        if self._one_in(30):
            self.now -= timedelta(hours=self.rng.choice((1, 3, 20)))
            self.troubles += 1
        self.now += STEP
        if self.now.time() >= NIGHT or self.now.time() < MORNING:
            day = self.now.date() + timedelta(days=self.now.time() >= NIGHT)
            self.now = datetime.combine(day, MORNING, HANOI)
            self._dawn()

    def _one_in(self, ticks_of_days: int) -> bool:
        """Once in so many days, on average."""
        return self.rng.randrange(ticks_of_days * 30) == 0

    def _dawn(self) -> None:
        """Some block us, some come back; either may go unsaid."""
        today = self.now.date()
        for one in self.players:
            if self.away.get(one.seat, today) < today:
                del self.away[one.seat]
                self.far.blocked.discard(one.chat)
                self._say(one, Said(event="returned"))
            elif one.seat not in self.away and one.seat.role == "focal" and one.idle and one.rng.randrange(100) < 1:
                self.away[one.seat] = today + timedelta(days=one.rng.randint(0, 2))
                self.far.blocked.add(one.chat)
                if one.chance(50):
                    self._say(one, Said(event="blocked"))

    async def _tick(self) -> None:
        if self.down and self.now >= self.down:
            self.house, self.down = self._house(), None
        if self.down:
            self.mail += self._said()
            return
        self.far.cut = self.rng.randrange(40) == 0
        if self._one_in(6):
            return await self._die()
        await self._talk()
        due = self.witness.due(self.now, self.far.blocked)
        await self._knock()
        self.witness.expect(due, self.far)

    async def _die(self) -> None:
        """In the middle of it: heard and not answered, put down and not sent."""
        await self._hear(self._said())
        await self.house.knock()
        self.house.writer.close()
        self.down = self.now + timedelta(hours=self.rng.choice((1, 2, 5, 26, 74)))
        self.troubles += 1

    async def _knock(self) -> None:
        """Now and then two processes do it at once."""
        if not self._one_in(2):
            await self.house.knock()
            return await self.house.settle()
        other = self._house()
        await asyncio.gather(self.house.knock(), other.knock())
        posts = [*self.house.posts, *other.posts]
        while sum(await asyncio.gather(*(post.deliver() for post in posts))):
            pass
        other.writer.close()
        self.troubles += 1

    # Talk

    async def _talk(self) -> None:
        """Until nobody has anything more to say for now."""
        for _ in range(EXCHANGES):
            said = self._said()
            if not said and not self.mail:
                return
            await self._listen(said)

    async def _listen(self, said: list[Incoming]) -> None:
        mail, self.mail = self.mail, []
        await self._hear(mail + said)
        await self.house.settle()

    async def _hear(self, said: list[Incoming]) -> None:
        again = [one for one in said if self.rng.randrange(100) < TWICE]
        await asyncio.gather(*(self.house.hear(one) for one in said + again))
        self.heard += len(said)

    def _said(self) -> list[Incoming]:
        return [
            self._incoming(one, said)
            for one in self.players
            if one.seat not in self.away and (said := one.act(self._unread(one), self.now))
        ]

    def _say(self, one: Player, said: Said) -> None:
        self.mail.append(self._incoming(one, said))

    def _incoming(self, one: Player, said: Said) -> Incoming:
        number = one.rng.getrandbits(64)
        return Incoming(self.far.name, "", one.chat, f"{number:x}", said)

    def _unread(self, one: Player) -> list[Outgoing]:
        return [message for chat in one.seat.chats for message in self.far.unread.pop(chat, [])]

    def _read(self, one: Player) -> None:
        for message in self._unread(one):
            one.read(message, self.now)


def rehearse(
    units: int, days: int, seed: int, catalogue: Catalogue, words: Mapping[str, Words]
) -> tuple[Verdict, dict[str, object]]:
    """What came of it, and the circumstances; the same every time for the same seed."""
    with TemporaryDirectory(prefix="rehearsal") as folder:
        played = Rehearsal(Path(folder), units, days, seed, catalogue, words)
        verdict = asyncio.run(played.play())
    circumstances: dict[str, object] = {"units": units, "days": days, "seed": seed}
    circumstances |= {"deadline": played.plan.deadline.isoformat()}
    circumstances |= {"people": len(played.players), "heard": played.heard, "troubles": played.troubles}
    return verdict, circumstances


def _connect(folder: Path) -> Engine:
    """Durability is not what is rehearsed."""
    engine = db.connect(f"sqlite:///{folder}/rehearsal.db")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return engine
