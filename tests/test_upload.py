"""A file from somebody whose channel carries none: by a signed page, answered in their chat."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.dialogue.turn import Paper, Said
from bot.papers import make
from bot.reception import Shelf, archive
from bot.web import links, upload
from bot.web.guard import BodyLimit
from storage import schema
from tests.house import Far, World, run

SECRET = "a secret for tests only"
PDF = b"%PDF-1.7 ..."


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """A house whose channel carries no files of people's; An reports there."""
    world = World(engine, far=Far(traits=replace(Far().traits, receives=False)))
    world.seat("an", "focal", "HKL-DV")
    world.house.upload = lambda *chat: (
        "https://nhac.example" + upload.link(SECRET, *chat, world.now + timedelta(days=1))
    )
    yield world
    world.close()


def answer(world: World, chat: str, *said: Said | str) -> str:
    world.hear(chat, *said)
    world.answer()
    world.deliver()
    return world.far.texts(chat)[-1]


def page(world: World) -> str:
    """The path that An was told."""
    told = answer(world, "an", Said(event="unsupported"))
    assert "Kênh này không chuyển được tệp" in told
    return told.rpartition("https://nhac.example")[2]


def ask(world: World, verb: str, path: str, **content: Any) -> httpx.Response:
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return PlainTextResponse(error.detail, error.status_code)

    async def at_the_door() -> httpx.Response:
        routes = upload.routes(world.house.hear, Shelf(world.house), SECRET, world.house.clock)
        app = Starlette(routes=routes, middleware=[Middleware(BodyLimit)], exception_handlers={HTTPException: refused})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as visitor:
            return await visitor.request(verb, path, **content)

    return run(at_the_door())


def send(world: World, path: str, name: str, content: bytes) -> httpx.Response:
    return ask(world, "POST", path, files={"file": (name, content, "x/y")})


def test_a_file_sent_on_the_page_is_answered_in_the_chat(world: World) -> None:
    path = page(world)
    assert "zalo" not in path and "Gửi tệp" in ask(world, "GET", path).text
    told = send(world, path, "Báo cáo.pdf", PDF)
    assert (told.status_code, "Báo cáo.pdf" in told.text) == (200, True)
    world.answer()
    world.deliver()
    assert "Tệp Báo cáo.pdf chưa gắn được" in world.far.texts("an")[-1]
    (file,) = world.rows(schema.file)
    assert (file.name, file.mime, file.size) == ("Báo cáo.pdf", "application/pdf", len(PDF))


def test_the_unit_s_workbook_comes_back_this_way(world: World) -> None:
    facts = {"campaign": world.campaign, "unit": "HKL-DV"}
    sheet = world.do(make, Paper("worksheet", facts), archive(world.house))
    assert sheet
    path = page(world)
    assert send(world, path, sheet.name, sheet.read()).status_code == 200
    world.answer()
    world.deliver()
    assert "tệp hoặc ảnh chưa phải là số liệu" not in world.far.texts("an")[-1]
    assert len(world.far.texts("an")) == 2


def test_the_same_file_twice_is_one_message(world: World) -> None:
    path = page(world)
    for _ in range(2):
        send(world, path, "a.pdf", PDF)
    send(world, path, "b.pdf", PDF)
    assert len([row for row in world.rows(schema.inbox) if row.said.get("file")]) == 2


@pytest.mark.parametrize(("name", "content"), [
    ("a.exe", b"MZ"), ("a.html", b"<html>"), ("a.pdf", b"<html>"), ("a.xlsx", PDF), ("a.svg", b"<svg>"), ("a", PDF),
    ("a.png", b"\xff\xd8\xff"), ("a.xlsm", b"PK\x03\x04"), ("a.pdf.exe", PDF),
])  # fmt: skip
def test_what_is_not_what_it_says_is_not_taken(world: World, name: str, content: bytes) -> None:
    told = send(world, page(world), name, content)
    assert (told.status_code, upload.WRONG_KIND in told.text) == (415, True)
    assert world.rows(schema.file) == []


@pytest.mark.parametrize(("ending", "begins"), [(ending, begins) for ending, (_, begins) in upload.KINDS.items()])
def test_what_is_taken(world: World, ending: str, begins: bytes) -> None:
    assert send(world, page(world), f"a{ending.upper()}", begins + b"...").status_code == 200


def test_what_is_empty_or_too_large_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = page(world)
    assert send(world, path, "a.pdf", b"").status_code == 400
    assert ask(world, "POST", path, data={}).status_code == 400
    monkeypatch.setattr("bot.web.guard.FILE", 100)
    assert send(world, path, "a.pdf", PDF + b"x" * (100 + (64 << 10))).status_code == 413
    assert world.rows(schema.file) == []


def test_a_link_is_good_for_a_day_and_for_its_own_purpose(world: World) -> None:
    path = page(world)
    chat = json.dumps(["far", "", "an"])
    others = [links.sign(key, purpose, chat, world.now + timedelta(days=1))
              for key, purpose in ((SECRET, "chat"), (SECRET, "file"), ("another", "upload"))]  # fmt: skip
    for token in (*others, "x", path.removeprefix("/u/")[:-5]):
        assert (
            ask(world, "GET", f"/u/{token}").status_code == send(world, f"/u/{token}", "a.pdf", PDF).status_code == 404
        )
    world.go(timedelta(days=1))
    assert send(world, path, "a.pdf", PDF).status_code == 404
    assert world.rows(schema.file) == []


def test_nobody_sends_without_end(world: World) -> None:
    path = page(world)

    async def many() -> list[int]:
        routes = upload.routes(world.house.hear, Shelf(world.house), SECRET, world.house.clock, lambda: 0.0)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://house"
        ) as visitor:
            return [(await visitor.post(path, files={"file": (f"{n}.pdf", PDF, "x/y")})).status_code for n in range(11)]

    assert run(many()) == [200] * 10 + [429]


@pytest.mark.parametrize("case", ["stranger", "no public address", "files arrive there"])
def test_who_is_told_of_no_page(world: World, case: str) -> None:
    if case == "no public address":
        world.house.upload = None
    if case == "files arrive there":
        world.far.traits = replace(world.far.traits, receives=True)
    told = answer(world, "somebody" if case == "stranger" else "an", Said(event="unsupported"))
    assert "https://" not in told
