"""What every call from outside passes first: a secret compared in constant time, a body read up to a limit."""

import hmac
import json
from typing import Any

from starlette.requests import Request


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
