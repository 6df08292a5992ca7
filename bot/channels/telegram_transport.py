"""How Telegram is called: two pools of connections, an optional proxy, and polls that one bad update can't spoil."""

from typing import Any

import httpx
from telegram.request import HTTPXRequest

from bot.channels.telegram_updates import readable


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


def requests(proxy: str | None) -> tuple[HTTPXRequest, HTTPXRequest]:
    """One for polling and one for the rest, so that neither waits for the other. Times are in seconds."""
    certificates = httpx.create_ssl_context()
    plain: dict[str, Any] = {"trust_env": False, "verify": certificates}  # a proxy only where the settings name one
    polling = Polling(
        connection_pool_size=2, connect_timeout=5, read_timeout=10, pool_timeout=5, proxy=proxy, httpx_kwargs=plain
    )
    sending = HTTPXRequest(
        connection_pool_size=16,
        connect_timeout=5,
        read_timeout=20,
        write_timeout=20,
        pool_timeout=20,
        media_write_timeout=60,
        proxy=proxy,
        httpx_kwargs=plain,
    )
    return polling, sending
