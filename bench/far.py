"""Telegram's Bot API on loopback, as cheap as can be: it hands out messages and counts the replies.

Runs in the measuring process, so that what it costs is not counted as the cost of whoever is measured.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

ME = {"id": 1, "is_bot": True, "first_name": "Nhắc Hạn", "username": "nhac_han_bot"}
AT_ONCE = 100  # updates in one answer, as at the real one


@dataclass(frozen=True)
class Message:
    chat: int
    text: str


@dataclass
class Far:
    """Hands out `messages`; so many of them `first`, and the rest when all of those have been answered.

    `on_reply`: called in the server's thread with the number of replies so far, 0 before the first message goes out.
    """

    messages: Sequence[Message]
    on_reply: Callable[[int], None] = lambda count: None
    first: int = 0
    replies: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    _offset: int = 0

    def __enter__(self) -> "Far":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cut(self) -> None:
        open = asyncio.all_tasks() - {asyncio.current_task()}
        for task in open:
            task.cancel()
        await asyncio.gather(*open, return_exceptions=True)

    async def _serve(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        try:
            while head := await read.readuntil(b"\r\n\r\n"):
                answer = json.dumps({"ok": True, "result": await self._result(*await _request(head, read))}).encode()
                write.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
                )
                write.write(answer)
                await write.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            write.close()

    async def _result(self, method: str, given: dict[str, Any]) -> Any:
        match method:
            case "getme":
                return ME
            case "getupdates":
                return await self._updates(int(given.get("offset") or 0))
            case "sendmessage":
                self.replies.append((str(given["chat_id"]), str(given["text"])))
                self.on_reply(len(self.replies))
                chat = {"id": int(given["chat_id"]), "type": "private"}
                return {"message_id": len(self.replies), "date": int(time.time()), "chat": chat, "text": given["text"]}
        return True

    async def _updates(self, offset: int) -> list[dict[str, Any]]:
        begin = max(offset - 1, 0)
        if begin == 0 and not self.replies:
            self.on_reply(0)
        end = len(self.messages) if len(self.replies) >= self.first else self.first
        if begin >= end:
            await asyncio.sleep(1)
        some = enumerate(self.messages[begin : min(begin + AT_ONCE, end)], start=begin + 1)
        return [_update(number, message) for number, message in some]


def _update(number: int, message: Message) -> dict[str, Any]:
    sender = {"id": message.chat, "is_bot": False, "first_name": f"Người {message.chat}"}
    chat = {"id": message.chat, "type": "private", "first_name": sender["first_name"]}
    said = {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender, "text": message.text}
    return {"update_id": number, "message": said}


async def _request(head: bytes, read: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    """Method in small letters, and what was given: in the address, as a form, in parts or as JSON."""
    lines = head.decode().split("\r\n")
    path, _, query = lines[0].split(" ")[1].partition("?")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    body = await read.readexactly(int(fields.get("content-length") or 0))
    given = {name: values[0] for name, values in parse_qs(query).items()}
    kind = fields.get("content-type", "")
    if kind.startswith("application/json"):
        given |= json.loads(body)
    elif "boundary=" in kind:
        given |= dict(_parts(body, kind.partition("boundary=")[2].strip('"')))
    else:
        given |= {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return path.rpartition("/")[2].lower(), given


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        yield head.decode().partition('name="')[2].partition('"')[0], value[:-2].decode()
