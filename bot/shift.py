"""An account is worked for by one process at a time: it listens and sends, the others stand by to take over."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.channels.channel import Channel
from storage.tenure import Tenure

AGAIN = 2.0  # seconds from one look to the next: whether it is free, and whether it is still ours
ELSEWHERE = "another process works for this account"
log = logging.getLogger(__name__)

Loops = Callable[[], Sequence[Coroutine[Any, Any, None]]]


async def keep(tenure: Tenure, channel: Channel, loops: Loops) -> None:
    """Runs the loops whenever the account is ours, until cancelled. What ends one of them by itself is raised."""
    name = f"{channel.name}-{channel.account}".rstrip("-")
    while True:
        await _taken(tenure, name, channel)
        under_way = [asyncio.create_task(loop, name=f"work for {name}") for loop in loops()]
        try:
            await _while_ours(tenure, name, under_way)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        log.error("%s: this account is not ours any more; nothing is heard or sent here until it is", name)


async def _taken(tenure: Tenure, name: str, channel: Channel) -> None:
    if await asyncio.to_thread(tenure.holds, name):
        return
    log.warning("%s: %s; this one stands by", name, ELSEWHERE)
    channel.pulse.standby = True
    while not await asyncio.to_thread(tenure.holds, name):
        await asyncio.sleep(AGAIN)
    channel.pulse.standby = False
    log.warning("%s: this process takes over", name)


async def _while_ours(tenure: Tenure, name: str, under_way: Sequence[asyncio.Task[None]]) -> None:
    while await asyncio.to_thread(tenure.holds, name):
        done, _ = await asyncio.wait(under_way, timeout=AGAIN, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
