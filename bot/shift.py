"""An account is worked for by one process at a time, whichever listens and whichever sends; others stand by."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from bot.channels.channel import Channel
from storage.tenure import Tenure

AGAIN = 2.0  # seconds from one look to the next: whether it is free, and whether it is still ours
ELSEWHERE = "another process works for this account"
log = logging.getLogger(__name__)

Duty = Literal["listen", "deliver"]
Work = Callable[[Channel], Coroutine[Any, Any, None]]


async def keep(tenure: Tenure, channel: Channel, duty: Duty, work: Work) -> None:
    """Does that work whenever it is ours to do, until cancelled. What ends it by itself is raised."""
    name = "-".join(filter(None, (channel.name, channel.account, duty)))
    while True:
        await _taken(tenure, name, channel, duty)
        under_way = asyncio.create_task(work(channel), name=name)
        try:
            await _while_ours(tenure, name, under_way)
        finally:
            under_way.cancel()
            await asyncio.gather(under_way, return_exceptions=True)
        log.error("%s: this account is not ours any more; nothing is done here for it until it is", name)


async def _taken(tenure: Tenure, name: str, channel: Channel, duty: Duty) -> None:
    if await asyncio.to_thread(tenure.holds, name):
        return
    log.warning("%s: %s; this one stands by", name, ELSEWHERE)
    channel.pulse.standby |= duty == "listen"
    while not await asyncio.to_thread(tenure.holds, name):
        await asyncio.sleep(AGAIN)
    channel.pulse.standby &= duty != "listen"
    log.warning("%s: this process takes over", name)


async def _while_ours(tenure: Tenure, name: str, under_way: asyncio.Task[None]) -> None:
    while await asyncio.to_thread(tenure.holds, name):
        done, _ = await asyncio.wait([under_way], timeout=AGAIN)
        for task in done:
            task.result()
