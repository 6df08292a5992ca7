"""More at once than a person types: what one chat may say in a minute, and what becomes of the rest."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

MOST = 60  # messages of one chat in a minute that are dealt with
CALM = 30  # and no more than so many, before any is dealt with again
SPAN = timedelta(minutes=1)
FORGET = 10_000  # chats remembered before the quiet ones are dropped

Chat = tuple[str, str, str]  # channel, account, chat
Stage = Literal["", "first", "more"]
"""Whether a message is the first that is too many, or one after it; "" when it is dealt with as usual."""


class Flood:
    """Counts what is heard, by the house's own clock."""

    def __init__(self) -> None:
        self._heard: dict[Chat, deque[datetime]] = {}
        self._full: set[Chat] = set()

    def take(self, chat: Chat, now: datetime) -> Stage:
        """Counts one message; what came of it is given back when it is not kept after all."""
        heard = self._heard.setdefault(chat, deque(maxlen=MOST))
        lately = _lately(heard, now)
        heard.append(now)
        if len(self._heard) > FORGET:
            self._heard = {chat: times for chat, times in self._heard.items() if _lately(times, now)}
            self._full &= self._heard.keys()
        if lately >= (CALM if chat in self._full else MOST):
            stage: Stage = "more" if chat in self._full else "first"
            self._full.add(chat)
            return stage
        self._full.discard(chat)
        return ""

    def give_back(self, chat: Chat, stage: Stage) -> None:
        """It was not kept, or is here already: its next coming is the one that counts."""
        if heard := self._heard.get(chat):
            heard.pop()
        if stage == "first":
            self._full.discard(chat)


def _lately(heard: Sequence[datetime], now: datetime) -> int:
    """How many; a clock that was put back makes none of them count."""
    return sum(now - SPAN < at <= now for at in heard)
