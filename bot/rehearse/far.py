"""The far side of a rehearsal: telephones that receive, refuse or are out of reach, and a log of all that arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from starlette.routing import BaseRoute

from bot.channels.channel import Hear, Later, Outgoing, Pulse, Refused, Traits
from bot.clock import Clock

Owing = Mapping[str, frozenset[str]]
"""Unit → the measures that it still has to send."""
LONGEST = 100_000  # one part for every message, so that it can be found again by its text


@dataclass(frozen=True)
class Arrival:
    """A message as it came to a telephone, or failed to. `owing`: of an unasked one, what was owed at that moment."""

    at: datetime
    chat: str
    text: str
    unasked: bool
    outcome: Literal["", "refused", "later"] = ""
    owing: Owing | None = None


@dataclass
class Far:
    """A channel without limits: nothing but the house itself is to take time."""

    clock: Clock
    owing: Callable[[str], Owing]  # of whoever has this chat, now
    name: str = "far"
    account: str = ""
    traits: Traits = field(default_factory=lambda: Traits(LONGEST, buttons=8, per_second=0.0, senders=50))
    pulse: Pulse = field(default_factory=Pulse)
    blocked: set[str] = field(default_factory=set)
    cut: bool = False  # the line is bad: every third message does not leave
    log: list[Arrival] = field(default_factory=list)
    unread: dict[str, list[Outgoing]] = field(default_factory=lambda: defaultdict(list))
    _tries: int = 0

    def routes(self, hear: Hear) -> list[BaseRoute]:
        return []

    async def listen(self, hear: Hear) -> None:
        await asyncio.Event().wait()

    async def probe(self) -> None: ...

    async def fetch(self, ref: str) -> bytes:
        raise Refused("nobody sends files here")

    async def send(self, message: Outgoing) -> str | None:
        unasked = message.reply_to is None
        self._tries += 1
        if message.chat in self.blocked:
            self.log.append(Arrival(self.clock(), message.chat, message.part.text, unasked, "refused"))
            raise Refused("blocked")
        if self.cut and self._tries % 3 == 0:
            self.log.append(Arrival(self.clock(), message.chat, message.part.text, unasked, "later"))
            raise Later("out of reach")
        owing = self.owing(message.chat) if unasked else None
        self.log.append(Arrival(self.clock(), message.chat, message.part.text, unasked, owing=owing))
        self.unread[message.chat].append(message)
        return str(len(self.log))

    async def close(self) -> None: ...
