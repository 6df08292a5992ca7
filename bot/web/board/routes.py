"""The board's pages: each asks the house by the visitor's session, and shows what it is told."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.web.board import asked, live, render, session
from bot.web.board.appraising import Appraising
from bot.web.board.noticing import Noticing
from bot.web.board.planning import Planning
from bot.web.board.ports import Board
from bot.web.board.sheet import Sheet
from bot.web.ports import Uploads


def routes(board: Board, uploads: Uploads, secret: str) -> list[BaseRoute]:
    sheet = Sheet(board, secret)
    door, views = Door(board), Views(sheet)
    appraising, noticing, planning = Appraising(sheet), Noticing(sheet, uploads), Planning(sheet)
    both = ["GET", "POST"]
    return [
        Route("/b/{token}", door.open, methods=both),
        Route("/bang", views.matrix),
        Route("/bang/don-vi/{unit}", views.unit),
        Route("/bang/chi-tieu/{code}", views.indicator),
        Route("/bang/kenh", views.channels),
        Route("/bang/tham-dinh", appraising.page, methods=both),
        Route("/bang/thong-bao", noticing.page, methods=both),
        Route("/bang/thong-bao/{number:int}", noticing.one, methods=both),
        Route("/bang/lich-nhac", planning.page, methods=both),
        Route("/bang/tin", views.news),
        Route("/bang/thoat", views.leave, methods=["POST"]),
    ]


@dataclass(frozen=True)
class Door:
    board: Board

    async def open(self, request: Request) -> Response:
        """Looking at the link opens nothing, or whatever previews links in chats would use it up: pressing does."""
        token = request.path_params["token"]
        if request.method != "POST":
            if not await self.board.openable(token):
                raise session.nothing()
            return render.page("open")
        begun = await self.board.open(token)
        if begun is None:
            raise session.nothing()
        return session.begin(RedirectResponse(session.PATH, 303), begun, request)


@dataclass(frozen=True)
class Views:
    sheet: Sheet

    async def matrix(self, request: Request) -> Response:
        wanted = asked.wanted(request.query_params)
        shown = await self.sheet.board.matrix(session.of(request), wanted)
        return await self.sheet.page(request, "matrix", shown, wanted=wanted)

    async def unit(self, request: Request) -> Response:
        wanted = asked.wanted(request.query_params)
        shown = await self.sheet.board.unit(session.of(request), request.path_params["unit"], wanted)
        return await self.sheet.page(request, "unit", shown, wanted=wanted)

    async def indicator(self, request: Request) -> Response:
        wanted = asked.wanted(request.query_params)
        shown = await self.sheet.board.indicator(session.of(request), request.path_params["code"], wanted)
        return await self.sheet.page(request, "indicator", shown, wanted=wanted)

    async def channels(self, request: Request) -> Response:
        return await self.sheet.page(request, "channels", await self.sheet.board.channels(session.of(request)))

    async def news(self, request: Request) -> Response:
        held = session.of(request)
        first = await self.sheet.board.stir(held)
        if first is None:
            raise session.nothing()
        told = live.tell(self.sheet.board, held, first, request.app.state.leaving)
        return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def leave(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=4) as form:
            session.check(self.sheet.secret, session.of(request), form)
        await self.sheet.board.close(session.of(request))
        return session.end(render.page("left"))
