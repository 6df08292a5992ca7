"""The stream by which an open page learns that something has changed (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from bot.web.board.ports import Board

LOOK = 2.0  # seconds between two looks
BEAT = 16.0  # seconds of silence after which the page is told that the line still stands


async def tell(board: Board, session: str, seen: tuple[int, ...], leaving: asyncio.Event) -> AsyncIterator[str]:
    """Until the door closes or the session ends."""
    yield "retry: 2000\n\n"
    silent = 0.0
    while not leaving.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), LOOK)
        now = await board.stir(session)
        if now is None:
            yield "event: over\ndata: \n\n"
            return
        silent += LOOK
        if now != seen:
            seen, silent = now, 0.0
            yield "event: news\ndata: \n\n"
        elif silent >= BEAT:
            silent = 0.0
            yield "event: beat\ndata: \n\n"
