"""Tells a watcher outside, after each round of the timetable, that the house is alive: its silence is the alarm."""

import logging

import httpx

PATIENCE = 10.0  # seconds
log = logging.getLogger(__name__)


async def ping(url: str) -> bool:
    """Never raises; the address is a secret, and is not logged."""
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        log.warning("the watcher was not reached: %s", type(error).__name__)
        return False
    if answer.is_error:
        log.warning("the watcher answered %s", answer.status_code)
    return not answer.is_error
