"""A plain HTTP proxy on loopback, which brings every call to one far side and remembers what it was asked."""

import contextlib
from collections.abc import Iterator

import httpx

from tests.far.loopback import Call, Loopback, Reply


@contextlib.contextmanager
def http_proxy(far_url: str) -> Iterator[tuple[str, list[Call]]]:
    """The proxy's address, and the calls that came by way of it."""
    asked: list[Call] = []

    def forward(call: Call) -> Reply:
        asked.append(call)
        kept = {name: value for name, value in call.headers.items() if name == "content-type"}
        try:
            answer = httpx.post(
                far_url + call.path, content=call.body, headers=kept, timeout=60, trust_env=False, verify=False
            )
        except httpx.HTTPError:  # the far side has hung up
            return Reply(wire="reset")
        return Reply(answer.status_code, answer.content)

    proxy = Loopback(forward)
    try:
        yield proxy.url, asked
    finally:
        proxy.close()
