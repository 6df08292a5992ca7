"""The board page over the whole house: people ask for their link in chat and look with a client of their own."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.boardroom import Boardroom
from bot.reception import Pulse, Shelf
from bot.web import door
from bot.web.board import routes
from tests.stage import Stage

SECRET = "a secret for tests only"
HOST = "http://nhachan.test"
CAST = [
    ("an", "focal", "CCKL"),
    ("my", "focal", "HKL-DV"),
    ("lien", "focal", "CCTL"),
    ("bao", "head", "CCKL"),
    ("xem", "viewer", "CCKL"),
    ("vanphong", "evaluator", "VP"),
    ("hanh", "tccb", "TCCB"),
    ("nga", "tccb", "TCCB"),
]
LINK = re.compile(r"/b/[\w-]+")
TOKEN = re.compile(r'name="token" value="(\w+)"')
ONCE = re.compile(r'name="once" value="(\w+)"')


@dataclass
class Browser:
    """Whoever looks: with their cookie, and the token of the page that they saw last."""

    app: Starlette
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    host: str = HOST

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._call("GET", path))

    def post(self, path: str, seen: str = "", **fields: str | list[str]) -> httpx.Response:
        """`seen`: the page with the form; its token and key go along."""
        form = fields | self.form(seen) if seen else fields
        return asyncio.run(self._call("POST", path, form))

    def send(self, path: str, name: str, content: bytes, **fields: str) -> httpx.Response:
        """A form with a file."""
        return asyncio.run(self._call("POST", path, fields, {"file": (name, content, "application/pdf")}))

    def form(self, page: str) -> dict[str, str]:
        text = self.get(page).text
        token, once = TOKEN.search(text), ONCE.search(text)
        return {"token": token[1] if token else ""} | ({"once": once[1]} if once else {})

    async def _call(self, method: str, path: str, form: Any = None, files: Any = None) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self.host, cookies=self.cookies) as client:
            answer = await client.request(method, path, data=form, files=files, headers={"Accept": "text/html"})
            self.cookies = client.cookies
        return answer


class BoardStage(Stage):
    def __init__(self, folder: Path, cast: list[tuple[str, str, str]] | None = None) -> None:
        super().__init__(folder, "web", CAST if cast is None else cast)
        self.room, shelf = Boardroom(self.house, lambda paper: f"/f/{paper.facts['file']}"), Shelf(self.house)
        pages = routes.routes(self.room, shelf, SECRET)
        channels, hear, clock = self.house.channels, self.house.hear, self.house.clock
        self.app = door.build(channels, hear, Pulse(self.house), SECRET, clock, shelf, more=pages)

    def browser(self, host: str = HOST) -> Browser:
        return Browser(self.app, host=host)

    def link(self, who: str) -> str:
        self.say(who, "bảng")
        texts = [line for chat, lines in self.told() for line in lines if chat == who]
        return next(found[0] for line in texts if (found := LINK.search(line)))

    def enter(self, who: str, host: str = HOST) -> Browser:
        browser = self.browser(host)
        assert browser.post(self.link(who)).status_code == 303
        return browser

    def report(self, who: str, *texts: str) -> None:
        for text in texts:
            self.say(who, text)
            self.say(who, "đúng")
            self.say(who, "hủy")  # or what is said next were the reason for a shortfall
        list(self.told())
