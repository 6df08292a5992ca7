"""The stream by which a page learns that there is something new to fetch (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

from bot.web.ports import Chats
from bot.web.watch import Watch, Watcher

FIRST_LOOK, LAST_LOOK = 0.1, 3.0  # seconds; another process may send too, and it can't wake us
BEAT = 15.0  # seconds of silence after which the page is told that the line still stands


async def newest(chats: Chats, chat: str, after: int = 0) -> int:
    """The id of the chat's last line; `after` when there is none beyond it."""
    lines = await chats.history(chat, after)
    return lines[-1].id if lines else after


async def tell(
    chats: Chats, watch: Watch, watched: Sequence[str], seen: list[int], leaving: asyncio.Event
) -> AsyncIterator[str]:
    """Names each chat, by its place in `watched`, that was woken or has lines beyond those `seen`; until `leaving`."""
    yield "retry: 1000\n\n"
    pause, silent, woken = FIRST_LOOK, 0.0, set[str]()
    with watch.over(watched) as watcher, _stirring(watcher, leaving):
        while not (leaving.is_set() or watcher.displaced):
            for place in await _grown(chats, watched, seen, woken):
                yield f"event: news\ndata: {place}\n\n"
            silent += pause
            if silent >= BEAT:
                yield "event: beat\ndata: \n\n"
                silent = 0.0
            woken = await watcher.wait(pause)
            # a line may show itself a moment after its waking: once its sending is settled
            pause = FIRST_LOOK if woken else min(pause * 2, LAST_LOOK)
    if watcher.displaced:
        yield "event: rest\ndata: \n\n"


async def _grown(chats: Chats, watched: Sequence[str], seen: list[int], woken: set[str]) -> list[int]:
    """The places of the chats that were woken or have grown; notes in `seen` how far."""
    before = list(seen)
    for place, chat in enumerate(watched):
        seen[place] = await newest(chats, chat, seen[place])
    return [place for place, chat in enumerate(watched) if chat in woken or seen[place] > before[place]]


@contextmanager
def _stirring(watcher: Watcher, leaving: asyncio.Event) -> Iterator[None]:
    left = asyncio.create_task(leaving.wait())
    left.add_done_callback(lambda _: watcher.stir())
    try:
        yield
    finally:
        left.cancel()
