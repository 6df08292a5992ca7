"""How Zalo's Bot Platform is called: the token is in the address, and errors come under HTTP 200."""

from enum import IntEnum
from typing import Any

import httpx

from bot import redact
from bot.channels import zalo
from bot.channels.channel import lost

CONNECT, ANSWER = 5.0, 30.0  # seconds
AT_ONCE = 16  # connections


class Code(IntEnum):
    BAD = 400
    TOKEN = 401
    INTERNAL = 403  # documented as "Internal server error", whatever the number says elsewhere
    UNKNOWN = 404
    EMPTY = 408  # how a poll ends in which nobody spoke
    TOO_LARGE = 413
    ALLOWANCE = 426  # webhooks may be set and tested a few times a day only
    LIMIT = 429
    GAVE_UP = 504


class Failed(Exception):
    """Zalo's own "no", by its number; the words are for the log, and tell no secret."""

    def __init__(self, code: int, description: str = "") -> None:
        self.code, self.description = code, redact.text(description)
        super().__init__(f"{code}: {self.description}")


class Api:
    """`base_url` has no "/bot" at its end."""

    def __init__(self, token: str, base_url: str) -> None:
        self._bot = f"{base_url.rstrip('/')}/bot{token}"
        self._http = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=AT_ONCE),
            trust_env=False,
        )

    async def call(self, method: str, patience: float | None = None, **given: str) -> Any:
        """The result, once Zalo says ok. `patience`: seconds that its answer may take, where not the usual.

        Raises Failed where Zalo refuses, Later where nobody can have heard us, Unknown where somebody may have.
        """
        times = httpx.Timeout(patience or ANSWER, connect=CONNECT)
        try:
            answer = await self._http.post(f"{self._bot}/{method}", json=given, timeout=times)
        except httpx.RequestError as error:
            raise lost(error) from None
        return _result(answer)

    async def close(self) -> None:
        await self._http.aclose()


def _result(answer: httpx.Response) -> Any:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        raise _page(answer.status_code) from None
    if not isinstance(told, dict) or not isinstance(told.get("ok"), bool):
        raise _page(answer.status_code)
    if not told["ok"]:
        raise Failed(_code(told), str(told.get("description") or ""))
    return told.get("result")


def _page(status: int) -> Exception:
    return Failed(status) if status in (Code.LIMIT, Code.TOO_LARGE) else zalo.page(status)


def _code(told: dict[str, Any]) -> int:
    """0 where there is none. One documented case spells the name of the field in its own way."""
    given = told.get("error_code", told.get("errorCode"))
    try:
        return int(str(given))
    except ValueError:
        return 0
