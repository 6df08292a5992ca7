"""The web page as a channel: a chat behind a signed link. What is sent is stored already, so sending is waking."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.channels.channel import Hear, Incoming, Outgoing, Pulse, Refused, Traits
from bot.dialogue.turn import Attachment, Said
from bot.web import links, news, page, wire
from bot.web.bucket import Buckets, address
from bot.web.ports import Chats, Uploads
from bot.web.watch import Watch

LASTS = timedelta(days=400)  # a personal link: the year it is given for, and the questions after it
MOST_CHATS = 8  # followed by one stream
TOO_FAST = "Tin gửi quá nhanh. Đề nghị chờ vài giây rồi gửi tiếp."
TOO_MANY = "Đã mở quá nhiều cuộc trao đổi từ địa chỉ này. Đề nghị thử lại sau vài phút."


class Web:
    name = "web"
    account = ""
    traits = Traits(brand="Web", longest=8000, buttons=12, files=True, per_second=1000.0)

    def __init__(
        self,
        secret: str,
        clock: Callable[[], datetime],
        chats: Chats,
        uploads: Uploads,
        monotonic: Callable[[], float] = time.monotonic,
        base: str = "",
    ) -> None:
        """`base`: the public address, where there is one."""
        self.traits = replace(self.traits, entrance=f"{base}/?ma={{code}}" if base else "")
        self.pulse = Pulse()
        self._secret, self._clock, self._monotonic = secret, clock, monotonic
        self._chats, self._uploads, self._watch = chats, uploads, Watch()
        self._newcomers = Buckets(burst=5, every=60, monotonic=monotonic)
        self._talkers = Buckets(burst=30, every=0.5, monotonic=monotonic)

    def link(self, chat: str) -> str:
        """The path of this chat's page: whoever holds it is taken for the person."""
        return f"/c/{links.sign(self._secret, 'chat', chat, self._clock() + LASTS)}"

    def routes(self, hear: Hear) -> list[BaseRoute]:
        async def said(request: Request) -> Response:
            return await self._said(request, hear)

        async def file(request: Request) -> Response:
            return await self._file(request, hear)

        return [
            Route("/start", self._start, methods=["POST"]),
            Route("/c/news", self._news),
            Route("/c/{token}", self._page),
            Route("/c/{token}/lines", self._lines),
            Route("/c/{token}/said", said, methods=["POST"]),
            Route("/c/{token}/file", file, methods=["POST"]),
        ]

    async def listen(self, hear: Hear) -> None:
        """The far side calls us: nothing to do but to be there."""
        await asyncio.Event().wait()

    async def probe(self) -> None:
        """The far side is our own door."""

    async def send(self, message: Outgoing) -> str | None:
        self._watch.wake(message.chat)
        return secrets.token_hex(8)

    async def fetch(self, ref: str) -> bytes:
        """What is sent here is kept at once, so nothing is left to fetch."""
        raise Refused("nothing to fetch")

    async def close(self) -> None: ...

    async def _start(self, request: Request) -> Response:
        """A chat of its own for a newcomer; the code they came with waits in the input of their page."""
        if not self._newcomers.take(address(request.client.host if request.client else "")):
            raise HTTPException(429, TOO_MANY, {"Retry-After": "60"})
        async with request.form(max_files=0, max_fields=2) as form:
            code = wire.code_of(form)
        return RedirectResponse(self.link(secrets.token_urlsafe(16)) + (code and f"#{code}"), 303)

    async def _page(self, request: Request) -> Response:
        self._opened(request.path_params["token"])
        return page.render("chat")

    async def _lines(self, request: Request) -> Response:
        chat = self._opened(request.path_params["token"])
        lines = await self._chats.history(chat, wire.number(request.query_params.get("after", "")))
        heading = await self._chats.heading(chat)
        shown = [wire.shown(line, chat) for line in lines]
        return JSONResponse({"heading": {"name": heading.name, "detail": heading.detail}, "lines": shown})

    async def _news(self, request: Request) -> Response:
        tokens = request.query_params.getlist("chat")
        if not 0 < len(tokens) <= MOST_CHATS:
            raise HTTPException(400, wire.STALE)
        watched = [self._opened(token) for token in tokens]
        # before the answer begins: the page fetches when it does, and what comes after this is told
        seen = [await news.newest(self._chats, chat) for chat in watched]
        told = news.tell(self._chats, self._watch, watched, seen, request.app.state.leaving)
        return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def _said(self, request: Request, hear: Hear) -> Response:
        chat = self._talking(request)
        key, said = await wire.told(request)
        return await self._heard(chat, key, said, hear)

    async def _file(self, request: Request, hear: Hear) -> Response:
        chat = self._talking(request)
        async with request.form(max_files=1, max_fields=1, max_part_size=1024) as form:
            key, upload = wire.sent(form)
            content = await upload.read()
        name, mime = wire.file_name(upload.filename or ""), upload.content_type or "application/octet-stream"
        number = await self._uploads.put(name, mime, content)
        return await self._heard(chat, key, Said(file=Attachment("", name, len(content), mime, number)), hear)

    async def _heard(self, chat: str, key: str, said: Said, hear: Hear) -> Response:
        await hear(Incoming(self.name, self.account, chat, f"{chat}/{key}", said))
        self.pulse.last = self._monotonic()
        self._watch.wake(chat)
        return JSONResponse({}, 202)

    def _talking(self, request: Request) -> str:
        chat = self._opened(request.path_params["token"])
        if not self._talkers.take(chat):
            raise HTTPException(429, TOO_FAST, {"Retry-After": "2"})
        return chat

    def _opened(self, token: str) -> str:
        """The chat behind a link. A forged link and an expired one look the same from outside."""
        chat = links.open(self._secret, "chat", token, self._clock())
        if chat is None:
            raise HTTPException(404)
        return chat
