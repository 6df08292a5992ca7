"""What people send over Zalo lies at an address that comes from outside: only Zalo's own hosts are asked for it."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.channels import zalo
from bot.channels.channel import Later, Refused
from tests.far.loopback import Call, Loopback, Reply


class Host:
    """Where pictures lie: each path names what comes of asking for it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.loopback = Loopback(self.answer)
        self.url = self.loopback.url

    def answer(self, call: Call) -> Reply:
        self.asked.append(call.path)
        kind = call.path.removeprefix("/")
        if kind in ("cut", "reset"):
            return Reply(200, b"x" * 1000, wire=kind)  # type: ignore[arg-type]
        if kind.isdecimal():
            return Reply(int(kind), b"", {"Location": f"{self.url}/a.png"})
        return Reply(200, b"x" * 40 if kind == "large.png" else b"\x89PNG")


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.loopback.close()


def fetch(host: Host, path: str) -> bytes:
    return asyncio.run(zalo.fetch(f"{host.url}/{path}", ("http://127.0.0.1",)))


def test_a_picture_is_fetched(host: Host) -> None:
    assert fetch(host, "a.png") == b"\x89PNG"


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 410])
def test_what_is_gone_or_leads_elsewhere_is_refused(status: int, host: Host) -> None:
    with pytest.raises(Refused):
        fetch(host, str(status))
    assert host.asked == [f"/{status}"]


@pytest.mark.parametrize("path", ["429", "500", "503", "cut", "reset"])
def test_what_may_pass_is_tried_again(path: str, host: Host) -> None:
    with pytest.raises(Later):
        fetch(host, path)


def test_no_more_is_read_than_we_keep(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo, "LARGEST_MEDIA", 39)
    with pytest.raises(Refused, match="too big"):
        fetch(host, "large.png")
    monkeypatch.setattr(zalo, "LARGEST_MEDIA", 40)
    assert len(fetch(host, "large.png")) == 40


@pytest.mark.parametrize("url", [
    "https://evil.example/a.png", "https://zdn.vn.evil.example/a.png", "https://evilzdn.vn/a.png", "https://zdn.vn/a",
    "http://photo.zdn.vn/a.png", "https://an@photo.zdn.vn/a.png", "https://photo.zdn.vn@evil.example/a.png",
    "https://127.0.0.1/a", "http://169.254.169.254/latest", "file:///etc/passwd", "//photo.zdn.vn/a", "", "http://[x",
])  # fmt: skip
def test_nobody_but_zalo_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo.httpx, "AsyncClient", None)  # whoever asks, falls
    with pytest.raises(Refused, match="not Zalo's"):
        asyncio.run(zalo.fetch(url))


@pytest.mark.parametrize("url", ["https://photo-stal-1.zdn.vn/a.png", "https://f1.photo.zadn.vn/2026/a?x=1"])
def test_zalo_s_own_hosts_are_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def client(**given: object) -> object:
        asked.append("client")
        raise zalo.httpx.ConnectError("no network in a test")

    monkeypatch.setattr(zalo.httpx, "AsyncClient", client)
    with pytest.raises(Later):
        asyncio.run(zalo.fetch(url))
    assert asked == ["client"]
