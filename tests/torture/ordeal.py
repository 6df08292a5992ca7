"""One ordeal: all speak at once over every channel, the program is killed and started, and the books are checked.

What is said: figures and that they are right, and notices of TCCB to everybody. On each of some days a reminder is due.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from catalogue.calendar import Calendar, due_steps
from catalogue.office import Office
from storage import campaigns, people, schema, units
from tests.house import BOOK, OFFICE
from tests.torture.books import (
    DONE,
    SAID,
    Account,
    check_the_changes,
    check_the_way_in,
    check_the_way_out,
    heard,
    noticed,
    open_rows,
    reported,
    rows,
    told,
)
from tests.torture.crew import Crew
from tests.torture.sides import CALLS, SIDES, Door, Side
from tests.torture.victim import Time

QUIET = 1.0  # seconds after which a program that has nothing left to do is killed all the same
LATE = 3  # times that something may come just then
TO_THE_END = 1800.0  # seconds that the slowest account may need for what is left
STEPS = ("T-7", "T-3", "T-1")  # days of reminders; an Official Account reaches nobody who was silent for longer
LEAST = 10  # kills on a day, where there is more than one
AFTER = timedelta(minutes=30)  # from the step's moment to the day's first start
KILLS_A_NOTICE = 5
STEPS_A_SIDE = 15  # at most, from a start to the next kill
NOTICE = ("thông báo Họp giao ban\nLúc 8 giờ.", "tất cả", "không nhắc lại", "gửi")


@dataclass(frozen=True)
class Survived:
    """Kills, and what became of each channel's updates, of reports, reminders and notices."""

    kills: int
    accounts: Mapping[str, Account]

    @property
    def holds(self) -> bool:
        return all(account.holds for account in self.accounts.values())


def endure(
    folder: Path,
    url: str,
    engine: Engine,
    updates: int,
    kills: int,
    seed: str,
    only: Sequence[str] = (),
    whole: bool = False,
    processes: int = 1,
    people: int = 20,
) -> Survived:
    """`whole`: as many updates over the slow accounts as over the fast ones, however long they take.
    `people`: at each side, so many that none says more in a minute than is dealt with.

    Raises AssertionError where something came in another order, or nobody knows why it came."""
    days = [at + AFTER for at, step in due_steps(BOOK.plan(2024), Calendar()) if step.id in STEPS]
    with ExitStack() as stack:
        door = stack.enter_context(closing(Door()))
        makes = [(SIDES | CALLS)[name] for name in only or SIDES]
        sides = [stack.enter_context(closing(make(door, people))) for make in makes]
        with engine.begin() as tx:
            crowd = Crowd(tx, sides, days[0])
        dice, settings = random.Random(seed), {name: value for side in sides for name, value in side.settings.items()}
        crew = Crew(folder, url, settings, processes, dice, Time())
        stack.callback(crew.end)
        ordeal = Ordeal(crew, engine, door, crowd, dice, whole)
        stack.callback(ordeal.close)
        return ordeal.run(updates, kills, days[: max(1, kills // LEAST)])


class Crowd:
    """Everybody at all sides: the officer, where one side loses nothing, and focal points of a unit each."""

    def __init__(self, tx: Connection, sides: Sequence[Side], now: datetime) -> None:
        self.sides = sides
        chats = [(side, person) for side in sides for person in range(len(side.chats))]
        self.officer = next(((side, 0) for side in sides if not side.may_lose), None)
        self.speakers = [one for one in chats if one != self.officer]
        self._house(tx, now)
        self.addresses = [self._seat(tx, side, number, f"U{n}", "focal", now) for n, (side, number) in self._numbered()]
        if self.officer:
            self._seat(tx, *self.officer, "TCCB", "tccb", now)

    def _numbered(self) -> list[tuple[int, tuple[Side, int]]]:
        return list(enumerate(self.speakers))

    def _house(self, tx: Connection, now: datetime) -> None:
        like = OFFICE.by_id["CCKL"]
        own = [replace(like, id=f"U{n}", name=f"{like.name} {n}", abbreviations=()) for n, _ in self._numbered()]
        office = Office([OFFICE.by_id["TCCB"], *own])
        units.apply(tx, office, now.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), now)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, office)
        self.campaign = campaign
        for side in self.sides:
            side.prepare(tx)

    def _seat(self, tx: Connection, side: Side, person: int, unit: str, role: str, now: datetime) -> int:
        whom = people.join(tx, f"{side.channel} {person}", unit, role, now)
        address = people.address_of(tx, side.channel, side.account, side.chats[person], now)
        people.link(tx, address, whom)
        return address


class Ordeal:
    def __init__(self, crew: Crew, engine: Engine, door: Door, crowd: Crowd, dice: random.Random, whole: bool) -> None:
        self.crew, self.engine, self.door, self.crowd, self.dice, self.whole = crew, engine, door, crowd, dice, whole
        self.sides, self.notices = crowd.sides, 0
        self.said: Counter[str] = Counter()
        self._figures = 0
        self._turns = {side.channel: [one for s, one in crowd.speakers if s is side] for side in self.sides}
        self._hands = {
            (side.channel, one): ThreadPoolExecutor(1) for side in self.sides for one in range(len(side.chats))
        }
        self._calls: list[Future[None]] = []

    def run(self, updates: int, kills: int, days: Sequence[datetime]) -> Survived:
        for number, day in enumerate(days, start=1):
            self.crew.time.leap_to(day)
            so_far, by_then = kills * (number - 1) // len(days), kills * number // len(days)
            for left in range(by_then - so_far, -1, -1):
                self._round(updates * number // len(days), left)
            self._finish()
        return self._judged(len(days))

    def close(self) -> None:
        for hand in self._hands.values():
            hand.shutdown(wait=False, cancel_futures=True)

    def _round(self, updates: int, left: int) -> None:
        early = self.dice.random()  # some is said while nobody is there to hear
        self._say(updates, left, early)
        if not left:
            self.crew.end()  # so that no lease is left to wait for
        self.crew.start()
        self.door.opens(self.crew.address)
        self._say(updates, left, 1.0)
        if left % KILLS_A_NOTICE == 0 and self.crowd.officer:
            self._give_notice(*self.crowd.officer)
        if left:
            self._strike()

    def _say(self, updates: int, left: int, share: float) -> None:
        """Each side's part of this round: as much of what it has to say as there are rounds, or that share of it."""
        for side in self.sides:
            whole = max(2, round(updates * (1.0 if self.whole else side.share)))
            open_ = (whole - self.said[side.channel]) // 2
            for _ in range(-(-open_ // (left + 1)) if share == 1.0 else int(open_ // (left + 1) * share)):
                self._report(side)

    def _report(self, side: Side) -> None:
        """Whoever has been silent for longest; every figure is another one."""
        turns = self._turns[side.channel]
        person = turns.pop(self.dice.randrange(len(turns) // 2))
        turns.append(person)
        self._figures += 1
        self._types(side, person, f"{SAID}5000/{5000 + self._figures}", DONE)

    def _give_notice(self, side: Side, person: int) -> None:
        self.notices += 1
        self._types(side, person, *NOTICE)

    def _types(self, side: Side, person: int, *texts: str) -> None:
        """One after the other, whatever the others do meanwhile."""
        for text in texts:
            self._calls.append(self._hands[side.channel, person].submit(side.says, person, text))
        self.said[side.channel] += len(texts)

    def _strike(self) -> None:
        """At a random step of whatever goes on between the house and its far sides."""
        last, since = self._steps(), time.monotonic()
        target = last + self.dice.randint(1, STEPS_A_SIDE * len(self.sides))

        def enough() -> bool:
            nonlocal last, since
            now = self._steps()
            if now != last:
                last, since = now, time.monotonic()
            return now >= target or time.monotonic() - since > QUIET

        self.crew.until(enough, "a moment to strike", every=0.002)
        self.crew.kill()
        self.door.opens(self.crew.address)

    def _steps(self) -> int:
        return sum(side.steps() for side in self.sides)

    def _finish(self) -> None:
        """Left in peace, until everything that happened has been brought, answered and sent."""
        for call in self._calls:
            call.result(TO_THE_END)
        self._rest()
        for _ in range(LATE):
            if open_rows(self.engine):  # the timetable put something down just as they were stopped
                self.crew.start()
                self._rest()

    def _rest(self) -> None:
        self.crew.until(self._settled, "everything answered and sent", TO_THE_END, every=0.5)
        self.crew.stop()

    def _settled(self) -> bool:
        kept = self._kept()
        enough = (kept[s.channel] >= self.said[s.channel] - s.may_lose * self.crew.kills for s in self.sides)
        quiet = not open_rows(self.engine) and all(enough)
        if quiet and any(s.may_lose and kept[s.channel] < self.said[s.channel] for s in self.sides):
            return self._stays_so()
        return quiet

    def _stays_so(self) -> bool:
        """What may be lost may also still be on its way."""
        kept = self._kept()
        try:
            self.crew.until(lambda: self._kept() != kept, "another update", QUIET)
        except AssertionError:
            return True
        return False

    def _kept(self) -> Counter[str]:
        over = {row.id: row.channel for row in rows(self.engine, schema.address)}
        return Counter(over[row.address] for row in rows(self.engine, schema.inbox))

    def _judged(self, days: int) -> Survived:
        check_the_changes(self.engine)
        check_the_way_in(self.engine)
        check_the_way_out(self.engine, self._arrived())
        assert "Traceback" not in self.crew.told(), self.crew.told()
        kills, everybody = self.crew.kills, self.crowd.addresses
        in_flight = kills * sum(side.senders for side in self.sides)
        accounts = [
            heard(self.engine, s.channel, self.said[s.channel], kills * s.may_lose, kills * s.senders)
            for s in self.sides
        ]
        steps = [f"remind:{self.crowd.campaign}:{step}" for step in STEPS[:days]]
        accounts.append(reported(self.engine))
        accounts.append(told(self.engine, "reminders", steps, everybody, in_flight))
        accounts.append(noticed(self.engine, self.notices, everybody, in_flight))
        return Survived(kills, {account.what: account for account in accounts})

    def _arrived(self) -> dict[int, list[str]]:
        """Address → texts, where somebody was told something."""
        addresses = {(row.channel, row.chat): row.id for row in rows(self.engine, schema.address)}
        return {
            addresses[side.channel, chat]: texts
            for side in self.sides
            for chat, texts in (side.arrived() or {}).items()
            if texts
        }
