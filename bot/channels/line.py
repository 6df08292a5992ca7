"""HTTP/1.1 with little ado: forms posted to one server over connections that are kept, each call in its own.

For a channel that makes the same small call again and again. It fails with the exceptions of httpx, so that whoever
judges failures need not know which of the two was used; what needs more (proxies, uploads) goes by httpx itself.
"""

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any
from urllib.parse import urlencode, urlsplit

import h11
import httpx

KEPT = 5.0  # seconds for which an idle connection is kept: the other side must not be the first to close it
PIECE = 1 << 16  # bytes read at a time
Form = Mapping[str, str]


@dataclass(frozen=True)
class Patience:
    """Seconds. `pool`: until a connection is free; `read`: until the next piece of the answer."""

    connect: float | None = 5.0
    read: float | None = 5.0
    write: float | None = 5.0
    pool: float | None = 1.0


@dataclass
class Wire:
    """One connection; `free`: since when nothing is under way, by the clock of its loop."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    loop: asyncio.AbstractEventLoop
    talk: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    free: float = 0.0

    def fresh(self) -> bool:
        """Whether it may be used once more."""
        if self.loop is not asyncio.get_running_loop() or self.writer.is_closing() or self.reader.at_eof():
            return False
        return self.loop.time() - self.free < KEPT

    def drop(self) -> None:
        """Without a farewell: nothing is under way, or nobody waits for it any more."""
        if not self.loop.is_closed():
            self.writer.transport.abort()

    def rest(self) -> bool:
        """After a call: whether another can follow."""
        if self.talk.our_state is not h11.DONE or self.talk.their_state is not h11.DONE:
            return False
        self.talk.start_next_cycle()
        self.free = self.loop.time()
        return True

    async def ask(self, head: h11.Request, body: bytes, patience: Patience) -> tuple[int, bytes]:
        begin, middle = self.talk.send(head), self.talk.send(h11.Data(body))
        self.writer.write(b"".join(filter(None, (begin, middle, self.talk.send(h11.EndOfMessage())))))
        async with _within(patience.write, httpx.WriteTimeout, httpx.WriteError):
            await self.writer.drain()
        status, content = 0, list[bytes]()
        while not isinstance(event := await self._next(patience.read), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                content.append(bytes(event.data))
            elif isinstance(event, h11.ConnectionClosed):
                raise httpx.RemoteProtocolError("closed without an answer")
        return status, b"".join(content)

    async def _next(self, patience: float | None) -> Any:
        try:
            while (event := self.talk.next_event()) is h11.NEED_DATA:
                async with _within(patience, httpx.ReadTimeout, httpx.ReadError):
                    self.talk.receive_data(await self.reader.read(PIECE))
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        return event


class Line:
    """`most`: connections at a time."""

    def __init__(self, trusted: SSLContext, most: int) -> None:
        self._trusted = trusted
        self._idle: list[Wire] = []
        self._room = asyncio.Semaphore(most)

    async def post(self, url: str, form: Form, patience: Patience, agent: str) -> tuple[int, bytes]:
        """Status and content. Raises what httpx would."""
        async with _within(patience.pool, httpx.PoolTimeout, httpx.PoolTimeout):
            await self._room.acquire()
        wire: Wire | None = None
        try:
            wire = self._kept() or await self._open(url, patience)
            answer = await wire.ask(*_request(url, form, agent), patience)
            if wire.rest():
                self._idle.append(wire)
                wire = None
            return answer
        finally:
            self._room.release()
            if wire:
                wire.drop()

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().drop()
        await asyncio.sleep(0)  # in which they are really closed

    def _kept(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.fresh():
                return wire
            wire.drop()
        return None

    async def _open(self, url: str, patience: Patience) -> Wire:
        to = urlsplit(url)
        secure = self._trusted if to.scheme == "https" else None
        async with _within(patience.connect, httpx.ConnectTimeout, httpx.ConnectError):
            streams = await asyncio.open_connection(to.hostname, to.port or (443 if secure else 80), ssl=secure)
        return Wire(*streams, asyncio.get_running_loop())


def _request(url: str, form: Form, agent: str) -> tuple[h11.Request, bytes]:
    to, body = urlsplit(url), urlencode(form).encode()
    headers = [("Host", to.netloc), ("User-Agent", agent), ("Content-Length", str(len(body)))]
    headers += [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "*/*")]
    return h11.Request(method="POST", target=to.path, headers=headers), body


@asynccontextmanager
async def _within(seconds: float | None, late: type[httpx.TransportError], broken: type[httpx.TransportError]) -> Any:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late("no answer in time") from error
    except OSError as error:
        raise broken(type(error).__name__) from error
