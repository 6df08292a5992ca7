"""A line to one server: calls one after the other over a connection that is kept, failures as httpx would tell them."""

import asyncio
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.line import KEPT, Line, Patience
from tests.house import run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = Patience(read=0.05, pool=0.05)
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each call with the next of these; None cuts the connection, and nothing at all is silence."""

    def __init__(self, *answers: bytes | None, secure: ssl.SSLContext | None = None) -> None:
        self.answers, self.secure = list(answers), secure
        self.connections, self.heard = 0, list[bytes]()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.secure)
        port = self._server.sockets[0].getsockname()[1]
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{port}/bot1:token/sendMessage"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.heard.append(head + await reader.readexactly(length))
                if not self.answers:
                    continue
                if (answer := self.answers.pop(0)) is None:
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def calls(server: Server, *patience: Patience, trusted: ssl.SSLContext | None = None, pause: float = 0) -> list[Any]:
    """What came of each call, one after the other."""

    async def work() -> list[Any]:
        line, came = Line(trusted or ssl.create_default_context(), 1), list[Any]()
        async with server as url:
            for one in patience:
                try:
                    came.append(await line.post(url, {"chat_id": "7", "text": "số & chữ"}, one, "us"))
                except httpx.TransportError as error:
                    came.append(type(error))
                await asyncio.sleep(pause)
            await line.close()
        return came

    return run(work())


def test_calls_share_a_connection_and_say_what_they_have_to_say() -> None:
    server = Server(OK, OK)
    assert calls(server, Patience(), Patience()) == [(200, b"ok")] * 2
    assert server.connections == 1
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:token/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert body == b"chat_id=7&text=s%E1%BB%91+%26+ch%E1%BB%AF"


def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    server = Server(OK, OK)
    assert calls(server, Patience(), Patience(), pause=KEPT) == [(200, b"ok")] * 2
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (b"HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", (429, b"no")),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", (200, b"ok")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", httpx.ReadTimeout),
        (b"no HTTP at all\r\n\r\n", httpx.RemoteProtocolError),
        (None, httpx.RemoteProtocolError),
    ],
)
def test_what_an_answer_comes_to_and_the_next_call_is_well(answer: bytes | None, came: object) -> None:
    assert calls(Server(answer, OK), SHORT, Patience()) == [came, (200, b"ok")]


def test_silence_ends_and_nobody_waits_for_a_connection_for_ever() -> None:
    assert calls(Server(), SHORT) == [httpx.ReadTimeout]

    async def work() -> list[Any]:
        line = Line(ssl.create_default_context(), 1)
        async with Server() as url:
            both = [line.post(url, {}, one, "us") for one in (Patience(read=0.5), SHORT)]
            came = [type(error) for error in await asyncio.gather(*both, return_exceptions=True)]
            await line.close()
        return came

    assert run(work()) == [httpx.ReadTimeout, httpx.PoolTimeout]


def test_where_nobody_listens_the_call_never_left() -> None:
    async def work() -> None:
        await Line(ssl.create_default_context(), 1).post("http://127.0.0.1:9/x", {}, Patience(), "us")

    with pytest.raises(httpx.ConnectError):
        run(work())


def test_over_https_only_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert calls(Server(OK, OK, secure=own), Patience(), Patience(), trusted=trusting) == [(200, b"ok")] * 2
    assert calls(Server(OK, secure=own), Patience()) == [httpx.ConnectError]
