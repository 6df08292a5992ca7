"""How fast one account may speak: so many a second without bursts, a gap in each chat, and silence when told so."""

import asyncio
from datetime import timedelta

FORGET = 10_000  # chats remembered before the quiet ones are dropped
CATCH_UP = 4  # turns by which a row of messages may be late and still keep to its time


class Pace:
    """Turns are handed out in order; somebody who waits for a reply goes before whoever is sent something unasked."""

    def __init__(self, per_second: float, chat_gap: float) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._chat_gap = chat_gap
        self._next = 0.0  # when the account may speak again, by the loop's clock
        self._chats: dict[str, float] = {}
        self._urgent = 0

    async def turn(self, chat: str, *, urgent: bool) -> None:
        """Returns when this message may go."""
        loop = asyncio.get_running_loop()
        waited = False
        self._urgent += urgent
        try:
            while (wait := self._wait(chat, loop.time(), urgent)) > 0:
                waited = True
                await asyncio.sleep(wait)
        finally:
            self._urgent -= urgent
        now = loop.time()
        in_row = waited and now - self._next <= CATCH_UP * self._gap  # woken late: the next need not be later for that
        self._next = (self._next if in_row else max(self._next, now)) + self._gap
        self._chats[chat] = now + self._chat_gap
        if len(self._chats) > FORGET:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}

    def halt(self, after: timedelta) -> None:
        """The far side has told the whole account to be silent."""
        until = asyncio.get_running_loop().time() + after.total_seconds()
        self._next = max(self._next, until)

    def _wait(self, chat: str, now: float, urgent: bool) -> float:
        wait = max(self._next, self._chats.get(chat, 0.0)) - now
        return max(wait, self._gap) if self._urgent and not urgent and self._gap else wait
