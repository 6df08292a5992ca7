"""Who is looking at which chat, so that a new line wakes them."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

MOST = 4  # windows on one chat: a browser opens six connections to one host, and sending needs one as well


class Watcher:
    def __init__(self) -> None:
        self.displaced = False
        self._stirred = asyncio.Event()
        self._by: set[str] = set()

    def stir(self, chat: str = "") -> None:
        self._by.add(chat)
        self._stirred.set()

    async def wait(self, seconds: float) -> set[str]:
        """The chats that stirred; none when the time ran out."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
        self._stirred.clear()
        by, self._by = self._by, set()
        return by


class Watch:
    def __init__(self) -> None:
        self._watchers: defaultdict[str, list[Watcher]] = defaultdict(list)

    @contextmanager
    def over(self, chats: Collection[str]) -> Iterator[Watcher]:
        """A watcher over all these chats. The oldest of too many on one chat is displaced."""
        watcher = Watcher()
        for chat in chats:
            self._watchers[chat].append(watcher)
            for oldest in self._watchers[chat][:-MOST]:
                oldest.displaced = True
                oldest.stir()
        try:
            yield watcher
        finally:
            for chat in chats:
                self._leave(chat, watcher)

    def wake(self, chat: str) -> None:
        for watcher in self._watchers.get(chat, ()):
            watcher.stir(chat)

    def _leave(self, chat: str, watcher: Watcher) -> None:
        self._watchers[chat].remove(watcher)
        if not self._watchers[chat]:
            del self._watchers[chat]
