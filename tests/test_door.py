"""The one HTTP entrance: what it lets in, what it tells, how it opens and closes."""

import asyncio
import logging
import signal
import socket
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.channel import Hear, Incoming
from bot.dialogue.turn import Said
from bot.web import demo, door, guard, links
from bot.web.ports import Check, HealthReport, Stored
from tests.small_house import HANOI, MORNING, PERSONAS, SECRET, SmallHouse, in_loop

PAGE = {"Accept": "text/html"}


class Hooked:
    """A channel whose far side calls us."""

    name = "hooked"

    def routes(self, hear: Hear) -> list[BaseRoute]:
        async def hook(request: Request) -> Response:
            await hear(Incoming(self.name, "", "1", "1", Said((await request.body()).decode())))
            return Response()

        return [Route("/hooks/hooked", hook, methods=["POST"])]


# Links


def test_a_link_opens_until_it_runs_out() -> None:
    token = links.sign(SECRET, "chat", "an", MORNING + timedelta(days=1))
    assert links.open(SECRET, "chat", token, MORNING) == "an"
    assert links.open(SECRET, "chat", token, MORNING + timedelta(hours=23, minutes=59)) == "an"
    assert links.open(SECRET, "chat", token, MORNING + timedelta(days=1)) is None


@pytest.mark.parametrize("token", ["", ".", "a.b", "%00", "đ", "é.é", "W10.x", "." * 5000, "\udcff"])
def test_what_nobody_signed_does_not_open(token: str) -> None:
    assert links.open(SECRET, "chat", token, MORNING) is None


def test_a_changed_link_does_not_open() -> None:
    token = links.sign(SECRET, "chat", "an", MORNING + timedelta(days=1))
    changed = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(len(token))]
    # the last character of base64 carries bits that count for nothing
    assert [links.open(SECRET, "chat", one, MORNING) for one in changed[:-1]] == [None] * (len(token) - 1)


def test_a_link_opens_only_what_it_was_signed_for_and_by_whom() -> None:
    token = links.sign(SECRET, "file", "an", MORNING + timedelta(days=1))
    assert links.open(SECRET, "chat", token, MORNING) is None
    assert links.open("another secret", "file", token, MORNING) is None


def test_nothing_is_signed_with_an_empty_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        links.sign("", "chat", "an", MORNING)


# Health


@in_loop
async def test_health_tells_the_truth() -> None:
    house = SmallHouse()
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        well = await visitor.get("/health")
        house.health = HealthReport(False, (Check("database", False, "read-only"), Check("loops", True)))
        ill = await visitor.get("/health")
    assert (well.status_code, well.json()["ok"]) == (200, True)
    assert ill.status_code == 503
    assert ill.json() == {
        "ok": False,
        "checks": {"database": {"ok": False, "detail": "read-only"}, "loops": {"ok": True, "detail": ""}},
    }


@in_loop
async def test_health_that_can_not_be_told_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    house = SmallHouse()

    async def breaks() -> HealthReport:
        raise RuntimeError("postgresql://user:password@host")

    async def hangs() -> HealthReport:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(door, "PATIENCE", 0.05)
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        for report in (breaks, hangs):
            monkeypatch.setattr(house, "report", report)
            answer = await visitor.get("/health")
            assert answer.status_code == 503
            assert "password" not in answer.text


# What goes out


@in_loop
async def test_every_answer_keeps_the_browser_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    house = SmallHouse()
    paths = ["/", house.web.link("an"), "/health", "/static/chat.js", "/nowhere", "/c/forged", "/robots.txt"]
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        answers = [await visitor.get(path) for path in paths]
        answers.append(await visitor.put("/"))
        monkeypatch.setattr(house, "history", None)
        answers.append(await visitor.get(house.web.link("an") + "/lines"))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404, 404, 200, 405, 500]
    for answer in answers:
        assert set(guard.STRICT) <= {name.title().replace("Csp", "CSP") for name in answer.headers}, answer.url
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "server" not in answer.headers


@in_loop
async def test_pages_carry_nothing_inline() -> None:
    house = SmallHouse()
    async with house.open(staged=True) as address, httpx.AsyncClient(base_url=address, headers=PAGE) as visitor:
        pages = [(await visitor.get(path)).text for path in ("/", house.web.link("an"), "/nowhere")]
    for page in pages:
        assert "style=" not in page and " on" not in page.replace(" one", "").replace(" only", "")
        assert page.count("<script") == page.count('<script type="module" src="/static/')


@in_loop
async def test_static_files_stay_in_their_folder() -> None:
    async with SmallHouse().open() as address, httpx.AsyncClient(base_url=address) as visitor:
        script = await visitor.get("/static/chat.js")
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert script.headers["Cache-Control"] == "no-cache"
        again = await visitor.get("/static/chat.js", headers={"If-None-Match": script.headers["ETag"]})
        assert again.status_code == 304
        for path in ("/static/../door.py", "/static/%2e%2e/door.py", "/static/..%2fdoor.py", "/static/"):
            assert (await visitor.get(path)).status_code == 404, path


# What comes in


@in_loop
async def test_webhooks_of_all_channels_come_in_by_the_one_door() -> None:
    house = SmallHouse()
    async with house.open(others=[Hooked()]) as address, httpx.AsyncClient(base_url=address) as far_side:  # type: ignore[list-item]
        assert (await far_side.post("/hooks/hooked", content="45/60")).status_code == 200
    assert [heard.said.text for heard in house.heard] == ["45/60"]


@in_loop
async def test_a_body_that_is_too_long_is_refused() -> None:
    house = SmallHouse()

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    async with house.open(others=[Hooked()]) as address, httpx.AsyncClient(base_url=address) as far_side:  # type: ignore[list-item]
        announced = await far_side.post("/hooks/hooked", content=b"x" * (guard.BODY + 1))
        longest = await far_side.post("/hooks/hooked", content=b"x" * guard.BODY)
        unannounced = await far_side.post("/hooks/hooked", content=chunks())
    assert [announced.status_code, longest.status_code, unannounced.status_code] == [413, 200, 413]
    assert [len(heard.said.text) for heard in house.heard] == [guard.BODY]


@in_loop
async def test_what_does_not_open_looks_the_same_from_outside() -> None:
    house = SmallHouse()
    expired = "/c/" + links.sign(SECRET, "chat", "an", MORNING)
    foreign = "/c/" + links.sign("another secret", "chat", "an", MORNING + timedelta(days=1))
    async with house.open() as address, httpx.AsyncClient(base_url=address, headers=PAGE) as visitor:
        answers = [await visitor.get(path) for path in (expired, foreign, "/c/x", "/nowhere", "/f/x")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert "hết hạn" in answers[0].text


@in_loop
async def test_an_error_tells_the_visitor_nothing_and_the_log_enough(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = SmallHouse()

    async def breaks(chat: str, after: int) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(house, "history", breaks)
    link = house.web.link("an")
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        answer = await visitor.get(f"{link}/lines")
    assert answer.status_code == 500 and answer.json() == {"error": door.SENTENCES[500]}
    assert "the disk is full" in caplog.text
    assert link not in caplog.text


@in_loop
async def test_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    house = SmallHouse()
    token = house.web.link("an").removeprefix("/c/")
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        for path in (f"/c/{token}", f"/c/{token}/lines", f"/c/{token}/none", f"/f/{token}"):
            await visitor.get(path)
        await visitor.post(f"/c/{token}/said", content=b"{")
    logged = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    assert logged and not any(token in message for message in logged)


@in_loop
async def test_the_front_page_escapes_what_came_in_the_address() -> None:
    async with SmallHouse().open() as address, httpx.AsyncClient(base_url=address) as visitor:
        answer = await visitor.get("/", params={"ma": '"><script>alert(1)</script>'})
    assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text


# Files


@in_loop
async def test_a_file_link_gives_the_file_for_as_long_as_it_was_signed() -> None:
    house = SmallHouse()
    house.uploads["r1"] = Stored('Phụ lục "01"\r\nSet-Cookie: x.html', "text/html", b"<script>alert(1)</script>")
    path = door.file_link(SECRET, "r1", MORNING + timedelta(hours=1))
    gone = door.file_link(SECRET, "r2", MORNING + timedelta(hours=1))
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        answer = await visitor.get(path)
        assert (await visitor.get(gone)).status_code == 404
        house.now += timedelta(hours=1)
        assert (await visitor.get(path)).status_code == 404
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''Ph%E1%BB%A5%20l%E1%BB%A5c")
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "set-cookie" not in answer.headers


# Opening and closing


@in_loop
async def test_signals_stay_with_the_command_line() -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    async with SmallHouse().open():
        assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


@in_loop
async def test_a_taken_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        async with SmallHouse().open(taken.getsockname()[1]):
            raise AssertionError("opened all the same")


@in_loop
async def test_closing_ends_open_streams_in_peace(caplog: pytest.LogCaptureFixture) -> None:
    house = SmallHouse()
    async with httpx.AsyncClient() as visitor:
        async with asyncio.timeout(door.GRACE), house.open() as address:
            token = house.web.link("an").removeprefix("/c/")
            stream = visitor.stream("GET", f"{address}/c/news", params={"chat": token})
            answer = await stream.__aenter__()
            assert answer.status_code == 200
        assert [line async for line in answer.aiter_lines() if line] == ["retry: 1000"]
        await stream.__aexit__(None, None, None)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@in_loop
async def test_the_same_port_opens_again() -> None:
    house = SmallHouse()
    async with house.open() as address:
        port = int(address.rpartition(":")[2])
    async with house.open(port) as address, httpx.AsyncClient(base_url=address) as visitor:
        assert (await visitor.get("/health")).status_code == 200


# The rehearsal


@in_loop
async def test_the_rehearsal_seats_every_persona_at_a_real_chat() -> None:
    house = SmallHouse()
    async with house.open(staged=True) as address, httpx.AsyncClient(base_url=address) as visitor:
        cast = (await visitor.get("/demo/cast")).json()
        for persona, seated in zip(PERSONAS, cast["personas"], strict=True):
            answer = await visitor.get(f"/c/{seated['token']}/lines")
            assert answer.json()["heading"]["name"] == persona.name == seated["name"]
    assert cast["guide"][0]["says"] == ["báo cáo", "45/60"]


@in_loop
async def test_the_rehearsal_moves_its_clock_and_begins_again() -> None:
    house = SmallHouse()
    async with house.open(staged=True) as address, httpx.AsyncClient(base_url=address) as visitor:
        moments = [(await visitor.get("/demo/scene")).json()["now"]]
        for to in ("next", "day", "hour"):
            moments.append((await visitor.post("/demo/move", json={"to": to})).json()["now"])
        scene = (await visitor.get("/demo/scene")).json()
        refused = await visitor.post("/demo/move", json={"to": "yesterday"})
        again = (await visitor.post("/demo/reset", json={})).json()
    assert [moment[5:16] for moment in moments] == ["11-25T08:00", "11-26T08:00", "11-27T08:00", "11-27T09:00"]
    assert scene["ahead"] == {"at": "2024-12-03T08:00:00+07:00", "name": "Còn 07 ngày"}
    assert len(scene["happened"]) == 2
    assert (refused.status_code, refused.json()["error"][:10]) == (409, "Không còn ")
    assert (again["now"], again["run"], again["happened"]) == (MORNING.isoformat(), "2", [])


@in_loop
async def test_a_page_of_another_site_can_not_move_the_clock() -> None:
    house = SmallHouse()
    async with house.open(staged=True) as address, httpx.AsyncClient(base_url=address) as visitor:
        plain = await visitor.post("/demo/reset", content=b"{}", headers={"Content-Type": "text/plain"})
        form = await visitor.post("/demo/move", data={"to": "day"})
    assert [plain.status_code, form.status_code] == [415, 415]
    assert (house.runs, house.now) == (1, MORNING)


@in_loop
async def test_without_a_stage_there_is_no_rehearsal() -> None:
    async with SmallHouse().open() as address, httpx.AsyncClient(base_url=address) as visitor:
        assert (await visitor.get("/demo/scene")).status_code == 404
        assert "Bắt đầu" in (await visitor.get("/")).text


def test_the_demo_links_outlast_every_move_of_the_clock() -> None:
    token = links.sign(SECRET, "chat", "p-kl", MORNING + demo.LASTS)
    assert links.open(SECRET, "chat", token, MORNING.replace(year=2030, tzinfo=HANOI)) == "p-kl"
