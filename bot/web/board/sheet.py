"""What every page of the board has around it, and what every form of it is asked."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.dialogue.turn import Deed
from bot.web.board import asked, render, session
from bot.web.board.ports import Board, Told

FIELDS = 300  # of one form: a page of ticks and some more


@dataclass(frozen=True)
class Sheet:
    board: Board
    secret: str

    async def page(self, request: Request, name: str, shown: object, **more: object) -> Response:
        """404 where there is nothing to show, whoever asks."""
        held = session.of(request)
        visitor = await self.board.visitor(held) if shown is not None else None
        if shown is None or visitor is None:
            raise session.nothing()
        blanks = {"shown": shown, "visitor": visitor, "token": session.token(self.secret, held)}
        blanks |= {"once": session.once(), "here": request.url.path, "there": _address(request)}
        blanks |= {"query": asked.query(asked.wanted(request.query_params)), "told": (), **more}
        return render.page(name, blanks)

    @asynccontextmanager
    async def form(self, request: Request, files: int = 0) -> AsyncIterator[FormData]:
        """A form of the visitor's own pages. 404 for whoever has no session, 403 for what is not from our pages."""
        held = session.of(request)
        if await self.board.visitor(held) is None:
            raise session.nothing()
        async with request.form(max_files=files, max_fields=FIELDS, max_part_size=64 * 1024) as form:
            session.check(self.secret, held, form)
            yield form

    async def act(self, request: Request, deeds: Sequence[Deed], key: str = "") -> list[Told]:
        try:
            told = await self.board.act(session.of(request), deeds, key)
        except PermissionError:
            raise session.nothing() from None
        if told is None:
            raise session.nothing()
        return told


def _address(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
