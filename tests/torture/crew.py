"""The processes of one house: one that does everything, or several of which each does what the dice say."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.house import ROLES
from tests.torture.victim import WORKING, Time, Victim

ALL = 0.05  # how often all are killed at once, as by a power cut


class Crew:
    """Whoever is dead when the crew is started gets roles anew; together they always have all of them."""

    def __init__(
        self, folder: Path, url: str, settings: Mapping[str, str], size: int, dice: random.Random, time: Time
    ) -> None:
        self.time, self.kills = time, 0
        self._dice = dice
        self._roles: dict[Victim, Collection[str]] = {
            Victim(folder, url, settings, f"log-{number}", time): ROLES for number in range(size)
        }

    @property
    def living(self) -> list[Victim]:
        return [one for one in self._roles if one.lives]

    @property
    def address(self) -> str:
        """Of one that receives; "" while none does."""
        return next((one.address for one in self.living if "receive" in self._roles[one]), "")

    def start(self) -> None:
        """When nobody is left, the next begin once every lease is over; else they have to wait for that."""
        if not self.living:
            self.time.leap()
        dead = [one for one in self._roles if not one.lives]
        for one in dead:
            self._roles[one] = self._drawn(last=one is dead[-1])
            one.begin("--roles", ",".join(self._roles[one]))
        for one in dead:
            one.opens()

    def _drawn(self, last: bool) -> Collection[str]:
        if len(self._roles) == 1:
            return ROLES
        drawn = set(self._dice.sample(ROLES, self._dice.randint(1, len(ROLES))))
        held = drawn.union(*(self._roles[one] for one in self.living))
        return sorted(drawn | (set(ROLES) - held) if last else drawn)

    def kill(self) -> None:
        """One of them, seldom all at once."""
        self._kill(self.living if self._dice.random() < ALL else [self._dice.choice(self.living)])

    def end(self) -> None:
        """All that live."""
        self._kill(self.living)

    def _kill(self, doomed: Sequence[Victim]) -> None:
        for one in doomed:
            one.process.kill()
        for one in doomed:
            one.gone()
        self.kills += len(doomed)

    def stop(self) -> None:
        for one in self.living:
            one.stop()

    def until(self, happened: Callable[[], Any], what: str, within: float = WORKING, every: float = 0.05) -> None:
        """As a victim's; whoever of them ends by itself is a fault."""

        def looked() -> bool:
            assert all(one.process.poll() is None for one in self.living), f"it ended by itself\n{self.told()}"
            return bool(happened())

        self.living[0].until(looked, what, within, every)

    def told(self) -> str:
        return "\n".join(one.told() for one in self._roles if one.starts)
