"""How Telegram is called: two pools of connections, and an optional proxy."""

from dataclasses import replace
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.channels.line import Line, Patience

CONNECT, ANSWER, UPLOAD = 5.0, 20.0, 60.0  # seconds
TIMES = ("read_timeout", "write_timeout", "connect_timeout", "pool_timeout")
POLL_SLACK = 10.0  # seconds beyond those that the far side was asked to hold the poll


class Caller(Bot):
    """python-telegram-bot's Bot, which can also answer without making objects of what Telegram says.

    Of a message of ours only its number is asked, and of what people say only what we read ourselves.
    """

    async def call(self, method: str, given: dict[str, Any], **times: Any) -> Any:
        return await self._post(method, given, **times)


class Lean(HTTPXRequest):
    """Calls without files go over a line of our own: httpx spends more time on each than all our own work takes.

    Where there is a proxy, everything goes by httpx.
    """

    def __init__(self, line: Line | None, **given: Any) -> None:
        super().__init__(**given)
        self._line = line
        self._usual = Patience(**{name.removesuffix("_timeout"): given[name] for name in TIMES})

    async def shutdown(self) -> None:
        if self._line:
            await self._line.close()
        await super().shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        times = (read_timeout, write_timeout, connect_timeout, pool_timeout)  # anything but a number: as usual
        if self._line is None or method != "POST" or (request_data and request_data.contains_files):
            return await super().do_request(url, method, request_data, *times)
        form = request_data.json_parameters if request_data else {}
        asked = dict(zip(TIMES, times, strict=True))
        given = {name.removesuffix("_timeout"): time for name, time in asked.items() if isinstance(time, int | float)}
        try:
            return await self._line.post(url, form, replace(self._usual, **given), self.USER_AGENT)
        except httpx.TimeoutException as error:
            raise TimedOut from error
        except httpx.TransportError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


@cache
def _trusted() -> SSLContext:
    """Reading all certificates takes longer than all else here together."""
    return httpx.create_ssl_context()


def requests(proxy: str | None) -> tuple[Lean, Lean]:
    """One for polling and one for the rest, so that neither waits for the other."""
    plain: dict[str, Any] = {"trust_env": False, "verify": _trusted()}  # a proxy only where the settings name one
    polling = Lean(
        None if proxy else Line(_trusted(), 2),
        connection_pool_size=2,
        connect_timeout=CONNECT,
        read_timeout=POLL_SLACK,
        write_timeout=CONNECT,
        pool_timeout=CONNECT,
        proxy=proxy,
        httpx_kwargs=plain,
    )
    sending = Lean(
        None if proxy else Line(_trusted(), 16),
        connection_pool_size=16,
        connect_timeout=CONNECT,
        read_timeout=ANSWER,
        write_timeout=ANSWER,
        pool_timeout=ANSWER,
        media_write_timeout=UPLOAD,
        proxy=proxy,
        httpx_kwargs=plain,
    )
    return polling, sending
