"""A SOCKS5 proxy on loopback (RFC 1928, without a password), which remembers where it was asked to connect."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from typing import Any

VERSION, CONNECT, NO_PASSWORD, GRANTED = 5, 1, 0, 0
IPV4, NAME = 1, 3


@contextlib.contextmanager
def socks_proxy() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The proxy's address, and the list of hosts and ports that it was asked for."""
    with _Proxy(("127.0.0.1", 0), _Caller) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        yield f"socks5://127.0.0.1:{proxy.server_address[1]}", proxy.asked
        proxy.shutdown()


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked: list[tuple[str, int]] = []


class _Caller(socketserver.StreamRequestHandler):
    server: _Proxy

    def handle(self) -> None:
        _, methods = self.rfile.read(2)
        self.rfile.read(methods)
        self.connection.sendall(bytes([VERSION, NO_PASSWORD]))
        target = self._target()
        self.server.asked.append(target)
        with socket.create_connection(target) as far:
            self.connection.sendall(bytes([VERSION, GRANTED, 0, IPV4]) + bytes(6))
            back = threading.Thread(target=_relay, args=(far, self.connection), daemon=True)
            back.start()
            _relay(self.connection, far)
            back.join()

    def _target(self) -> tuple[str, int]:
        _, command, _, kind = self.rfile.read(4)
        assert command == CONNECT
        host = socket.inet_ntoa(self.rfile.read(4)) if kind == IPV4 else self.rfile.read(self.rfile.read(1)[0]).decode()
        (port,) = struct.unpack("!H", self.rfile.read(2))
        return host, port


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Until either side hangs up; then both are hung up."""
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for side in (one, other):
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
