"""A real HTTP server on 127.0.0.1 whose replies may also be cut short, reset, or never come."""

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

Carry = Callable[[httpx.Client, str, Any, Mapping[str, str]], int]
"""Brings an update to whoever set a webhook: address, content and headers in, the status out."""
Wire = Literal["whole", "cut", "reset", "hang", "slow"]
SLOW = 0.3  # seconds
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with RST


def carry(client: httpx.Client, url: str, update: Any, headers: Mapping[str, str]) -> int:
    return client.post(url, json=update, headers=dict(headers)).status_code


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One request as it arrived. Header names are in lower case."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> dict[str, Any]:
        """From the query and the body, whether JSON, form or multipart; an uploaded file is an Upload."""
        kind = self.headers.get("content-type", "")
        given: dict[str, Any] = dict(parse_qsl(self.query, keep_blank_values=True))
        if kind.startswith("application/json"):
            return given | json.loads(self.body)
        if kind.startswith("multipart/form-data"):
            return given | self._parts(kind)
        return given | dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def _parts(self, kind: str) -> dict[str, Any]:
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + self.body)
        return {str(part.get_param("name", header="content-disposition")): _part(part) for part in whole.iter_parts()}


def _part(part: Any) -> str | Upload:
    content = part.get_payload(decode=True)
    name = part.get_filename()
    return content.decode() if name is None else Upload(name, part.get_content_type(), content)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: Wire = "whole"

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> "Reply":
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


class Loopback:
    """Answers each call on a thread of its own."""

    def __init__(self, answer: Callable[[Call], Reply]) -> None:
        self.closing = threading.Event()
        self._server = _Server(answer, self.closing)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer: Callable[[Call], Reply], closing: threading.Event) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.answer, self.closing = answer, closing
        self._lines: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # without a FIN first, so that a reset is a reset
        self._lines.discard(request)
        self.close_request(request)

    def hang_up(self) -> None:
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that has gone is no fault of ours; the rest is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        target = urlsplit(self.path)
        body = self.rfile.read(length := int(self.headers.get("Content-Length") or 0))
        if len(body) < length:  # the caller gave up in the middle: no request at all
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._reply(self.server.answer(Call(self.command, unquote(target.path), target.query, headers, body)))

    do_GET = do_CONNECT = do_POST

    def _reply(self, reply: Reply) -> None:
        if reply.wire == "hang":
            self.server.closing.wait()
        if reply.wire == "slow":
            self.server.closing.wait(SLOW)
        if reply.wire in ("hang", "reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.wire == "cut" else reply.body)
        self.close_connection = self.close_connection or reply.wire == "cut"

    def log_message(self, *_: Any) -> None:
        """Silent: a test speaks by its assertions."""
