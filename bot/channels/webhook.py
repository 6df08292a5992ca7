"""What every call from outside passes first: a secret compared in constant time, a body read up to a limit."""

import hmac
import json
import logging
import time
from typing import Any

from starlette.requests import Request

SELDOM = 60.0  # seconds between two lines about strangers, who could fill the log otherwise
log = logging.getLogger(__name__)


class Strangers:
    """Calls that were turned away: told to the log without anything of what they brought."""

    def __init__(self, channel: str) -> None:
        self._channel, self._since_told = channel, 0
        self._told: float | None = None

    def turned_away(self, why: str) -> None:
        self._since_told += 1
        now = time.monotonic()
        if self._told is None or now - self._told >= SELDOM:
            log.warning("%s: %d calls turned away, the last one for %s", self._channel, self._since_told, why)
            self._since_told, self._told = 0, now


def same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())


async def body(request: Request, longest: int) -> bytes | None:
    """None when it has more bytes than that; the rest is not read. Raises ClientDisconnect."""
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > longest:
            return None
    return read


def decoded(body: bytes) -> Any:
    """What the JSON says; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
