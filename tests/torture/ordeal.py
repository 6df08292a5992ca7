"""One ordeal: updates come in over all channels at once, the program is killed and started, the books are checked."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from storage import campaigns, people, schema, units
from tests.house import BOOK, OFFICE
from tests.torture.books import check_the_way_in, check_the_way_out, open_rows, rows
from tests.torture.sides import CALLS, PEOPLE, SIDES, Door, Side
from tests.torture.victim import MORNING, Victim

QUIET = 2.0  # seconds after which a program that has nothing left to do is killed all the same
TO_THE_END = 1800.0  # seconds that the slowest account may need for what is left
HANDS = 16  # updates of one side under way at once


@dataclass(frozen=True)
class Survived:
    """Of one channel: updates that happened, those never kept, envelopes of which nobody knows whether they arrived."""

    channel: str
    updates: int
    lost: int
    most: int  # that may be lost
    uncertain: int


def endure(
    folder: Path,
    url: str,
    engine: Engine,
    updates: int,
    kills: int,
    seed: str,
    only: Sequence[str] = (),
    whole: bool = False,
) -> list[Survived]:
    """`whole`: as many updates over the slow accounts as over the fast ones, however long they take.

    Raises AssertionError where something was answered twice, or never, or lost where nothing may be."""
    with ExitStack() as stack:
        door = stack.enter_context(closing(Door()))
        makes = [(SIDES | CALLS)[name] for name in only or SIDES]
        sides = [stack.enter_context(closing(make(door))) for make in makes]
        _seat(engine, sides)
        victim = Victim(folder, url, {name: value for side in sides for name, value in side.settings.items()})
        try:
            return Ordeal(victim, engine, door, sides, random.Random(seed), whole).run(updates, kills)
        finally:
            if victim.starts and victim.process.returncode is None:
                victim.kill()


def _seat(engine: Engine, sides: Sequence[Side]) -> None:
    """The people of every side, known to the house."""
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, OFFICE)
        for side in sides:
            side.prepare(tx)
            for number, chat in enumerate(side.chats):
                whom = people.join(tx, f"{side.channel} {number}", "CCKL", "focal", MORNING)
                people.link(tx, people.address_of(tx, side.channel, side.account, chat, MORNING), whom)


class Ordeal:
    def __init__(
        self, victim: Victim, engine: Engine, door: Door, sides: Sequence[Side], dice: random.Random, whole: bool
    ) -> None:
        self.victim, self.engine, self.door, self.sides, self.dice = victim, engine, door, sides, dice
        self.whole = whole
        self.said: Counter[str] = Counter()
        self.kills = self._words = 0
        self._hands = {side.channel: ThreadPoolExecutor(HANDS) for side in sides}
        self._calls: list[Future[None]] = []

    def run(self, updates: int, kills: int) -> list[Survived]:
        for left in range(kills, -1, -1):
            early = self.dice.random()  # some is said while nobody is there to hear
            self._say(updates, left, early)
            self.victim.start()
            self.door.opens(self.victim.address)
            self._say(updates, left, 1.0)
            if left:
                self._strike()
        self._finish()
        return self._judged()

    def _say(self, updates: int, left: int, share: float) -> None:
        """Each side's part of this round: as much of what it has to say as there are rounds, or that share of it."""
        for side in self.sides:
            whole = max(1, round(updates * (1.0 if self.whole else side.share)))
            open_ = whole - self.said[side.channel]
            due = -(-open_ // (left + 1)) if share == 1.0 else int(open_ // (left + 1) * share)
            for _ in range(due):
                self._words += 1
                figure = f"1.3: 45/{100 + self._words}"  # the answer shows it, so that no two answers are alike
                self._calls.append(self._hands[side.channel].submit(side.says, self.dice.randrange(PEOPLE), figure))
            self.said[side.channel] += due

    def _strike(self) -> None:
        """At a random step of whatever goes on between the house and its far sides."""
        last, since = self._steps(), time.monotonic()
        target = last + self.dice.randint(1, 6 * len(self.sides) + 10)

        def enough() -> bool:
            nonlocal last, since
            now = self._steps()
            if now != last:
                last, since = now, time.monotonic()
            return now >= target or time.monotonic() - since > QUIET

        self.victim.until(enough, "a moment to strike", every=0.002)
        self.victim.kill()
        self.kills += 1

    def _steps(self) -> int:
        return sum(side.steps() for side in self.sides)

    def _finish(self) -> None:
        """Left in peace, until everything that happened has been brought, answered and sent."""
        for call in self._calls:
            call.result(TO_THE_END)
        for hands in self._hands.values():
            hands.shutdown()
        self.victim.until(self._settled, "everything answered and sent", TO_THE_END)
        self.victim.stop()

    def _settled(self) -> bool:
        kept = self._kept()
        enough = (kept[s.channel] >= self.said[s.channel] - s.may_lose * self.kills for s in self.sides)
        quiet = not open_rows(self.engine) and all(enough)
        if quiet and any(s.may_lose and kept[s.channel] < self.said[s.channel] for s in self.sides):
            return self._stays_so()
        return quiet

    def _stays_so(self) -> bool:
        """What may be lost may also still be on its way."""
        kept = self._kept()
        try:
            self.victim.until(lambda: self._kept() != kept, "another update", QUIET)
        except AssertionError:
            return True
        return False

    def _kept(self) -> Counter[str]:
        over = {row.id: row.channel for row in rows(self.engine, schema.address)}
        return Counter(over[row.address] for row in rows(self.engine, schema.inbox))

    def _judged(self) -> list[Survived]:
        check_the_way_in(self.engine)
        addresses = {(row.channel, row.chat): row.id for row in rows(self.engine, schema.address)}
        arrived = {
            addresses[side.channel, chat]: texts
            for side in self.sides
            for chat, texts in (side.arrived() or {}).items()
            if texts
        }
        check_the_way_out(self.engine, arrived)
        assert "Traceback" not in self.victim.told(), self.victim.told()
        return [self._survived(side) for side in self.sides]

    def _survived(self, side: Side) -> Survived:
        lost, most = self.said[side.channel] - self._kept()[side.channel], side.may_lose * self.kills
        assert 0 <= lost <= most, f"{side.channel}: {lost} of {self.said[side.channel]} lost in {self.kills} kills"
        return Survived(side.channel, self.said[side.channel], lost, most, self._uncertain(side))

    def _uncertain(self, side: Side) -> int:
        here = {row.id for row in rows(self.engine, schema.address) if row.channel == side.channel}
        letters = [row for row in rows(self.engine, schema.outbox) if row.address in here]
        return sum(row.outcome == "unknown" for row in letters)
