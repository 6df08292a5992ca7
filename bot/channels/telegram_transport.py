"""How Telegram is called: two pools of connections, an optional proxy, and polls that one bad update can't spoil."""

from functools import cache
from ssl import SSLContext
from typing import Any

import httpx
from telegram.request import HTTPXRequest

from bot.channels.telegram_updates import readable

CONNECT, ANSWER, UPLOAD = 5.0, 20.0, 60.0  # seconds
POLL_SLACK = 10.0  # seconds beyond those that the far side was asked to hold the poll


class Polling(HTTPXRequest):
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


@cache
def _trusted() -> SSLContext:
    """Reading all certificates takes longer than all else here together."""
    return httpx.create_ssl_context()


def requests(proxy: str | None) -> tuple[HTTPXRequest, HTTPXRequest]:
    """One for polling and one for the rest, so that neither waits for the other."""
    plain: dict[str, Any] = {"trust_env": False, "verify": _trusted()}  # a proxy only where the settings name one
    polling = Polling(
        connection_pool_size=2,
        connect_timeout=CONNECT,
        read_timeout=POLL_SLACK,
        pool_timeout=CONNECT,
        proxy=proxy,
        httpx_kwargs=plain,
    )
    sending = HTTPXRequest(
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
