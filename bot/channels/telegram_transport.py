"""How Telegram is called: two pools of connections, an optional proxy, and polls that one bad update can't spoil."""

from dataclasses import replace
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.channels.line import Line, Patience
from bot.channels.telegram_updates import readable

CONNECT, ANSWER, UPLOAD = 5.0, 20.0, 60.0  # seconds
TIMES = ("read_timeout", "write_timeout", "connect_timeout", "pool_timeout")
POLL_SLACK = 10.0  # seconds beyond those that the far side was asked to hold the poll


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


class Polling(Lean):
    """One update that can't be read would make its whole batch unreadable, for ever: here it becomes an empty one."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(answer, dict) and isinstance(answer.get("result"), list):
            answer["result"] = [
                raw if readable(raw) else {"update_id": raw["update_id"]}
                for raw in answer["result"]
                if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)
            ]
        return answer


class Sending(Lean):
    """Of a message of ours only its number is asked: all else that Telegram says of it is what we have just said."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        result = answer.get("result") if isinstance(answer, dict) else None
        if isinstance(result, dict) and "message_id" in result:
            answer["result"] = {name: result[name] for name in ("message_id", "date", "chat") if name in result}
        return answer


@cache
def _trusted() -> SSLContext:
    """Reading all certificates takes longer than all else here together."""
    return httpx.create_ssl_context()


def requests(proxy: str | None) -> tuple[Polling, Sending]:
    """One for polling and one for the rest, so that neither waits for the other."""
    plain: dict[str, Any] = {"trust_env": False, "verify": _trusted()}  # a proxy only where the settings name one
    polling = Polling(
        None if proxy else Line(_trusted(), 2),
        connection_pool_size=2,
        connect_timeout=CONNECT,
        read_timeout=POLL_SLACK,
        write_timeout=CONNECT,
        pool_timeout=CONNECT,
        proxy=proxy,
        httpx_kwargs=plain,
    )
    sending = Sending(
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
