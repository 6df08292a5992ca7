"""The one HTTP entrance: the channels' webhooks and pages, files behind signed links, /health."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.channel import Channel, Hear
from bot.web import demo, links, page
from bot.web.guard import STRICT, BodyLimit, StrictHeaders
from bot.web.ports import Check, Files, Health, HealthReport, Stage
from bot.web.wire import TOO_BIG

STATIC = Path(__file__).with_name("static")
GRACE = 3  # seconds that requests under way are given when we stop
PATIENCE = 5  # seconds that finding out about our health may take
SENTENCES = {
    404: "Liên kết không đúng hoặc đã hết hạn. Đề nghị mở lại liên kết được gửi gần nhất, "
    "hoặc liên hệ cán bộ phụ trách để được cấp liên kết mới.",
    405: "Trang này không nhận yêu cầu vừa gửi. Đề nghị quay lại trang trước.",
    413: TOO_BIG,
    500: "Hệ thống đang gặp lỗi, quản trị đã được báo. Đề nghị thử lại sau ít phút.",
}
log = logging.getLogger(__name__)


def build(
    channels: Sequence[Channel],
    hear: Hear,
    health: Health,
    secret: str,
    clock: Callable[[], datetime],
    files: Files | None = None,
    stage: Stage | None = None,
    office: str = "Phòng Tổ chức cán bộ Sở",
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The whole entrance. With a stage, the front page is the rehearsal; without, the entrance for newcomers.

    `more`: further pages of this house.
    """
    routes: list[BaseRoute] = [route for channel in channels for route in channel.routes(hear)]
    routes += demo.routes(stage, secret, clock) if stage else [_front(office)]
    routes += [_health(health), _robots()] + ([_files(files, secret, clock)] if files else [])
    routes += [*more, Mount("/static", _Static(directory=STATIC))]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(StrictHeaders), Middleware(BodyLimit)],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.leaving = asyncio.Event()  # set when the door closes: streams that never end by themselves end then
    return app


@asynccontextmanager
async def serve(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """Serves while the block runs, and gives the address; port 0 takes a free one. OSError when it is taken."""
    with _listener(host, port) as listening:
        server = _Server(_config(app))
        serving = asyncio.create_task(server.serve([listening]), name="door")
        try:
            await asyncio.wait([serving, asyncio.create_task(server.ready.wait())], return_when="FIRST_COMPLETED")
            if serving.done():
                await serving
            yield _address(listening)
        finally:
            app.state.leaving.set()
            server.should_exit = True
            await serving


def file_link(secret: str, ref: str, expires: datetime) -> str:
    """The path of a file, for whoever gets to see it, until then."""
    return f"/f/{links.sign(secret, 'file', ref, expires)}"


class _Server(uvicorn.Server):
    """uvicorn inside our loop: signals belong to the command line."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _Static(StaticFiles):
    """Asked about again each time, so that an upgrade shows at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def _config(app: Starlette) -> uvicorn.Config:
    """Without an access log: the tokens are in the addresses."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips="127.0.0.1",
        timeout_graceful_shutdown=GRACE,
    )


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _front(office: str) -> Route:
    async def front(request: Request) -> Response:
        return page.render("front", office=office, code=request.query_params.get("ma", ""))

    return Route("/", front)


def _robots() -> Route:
    async def robots(request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    return Route("/robots.txt", robots)


def _health(health: Health) -> Route:
    async def report(request: Request) -> Response:
        found = await _found(health)
        checks = {check.name: {"ok": check.ok, "detail": check.detail} for check in found.checks}
        return JSONResponse({"ok": found.ok, "checks": checks}, 200 if found.ok else 503)

    return Route("/health", report)


async def _found(health: Health) -> HealthReport:
    """Not being able to tell is not being well."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await health.report()
    except Exception as error:
        log.warning("health can't be told: %s", type(error).__name__)
        return HealthReport(False, (Check("report", False, type(error).__name__),))


def _files(files: Files, secret: str, clock: Callable[[], datetime]) -> Route:
    async def file(request: Request) -> Response:
        ref = links.open(secret, "file", request.path_params["token"], clock())
        stored = await files.get(ref) if ref else None
        if stored is None:
            raise HTTPException(404)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(stored.content, headers=headers, media_type=stored.mime)

    return Route("/f/{token}", file)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    own = error.detail if error.detail != HTTPException(error.status_code).detail else ""
    return _sorry(request, error.status_code, own or SENTENCES.get(error.status_code, SENTENCES[404]), error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    """Answered outside of every middleware, so the strict headers are set here."""
    return _sorry(request, 500, SENTENCES[500], STRICT)


def _sorry(request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """For a person a page, for a program JSON; neither tells more than the sentence."""
    if "text/html" in request.headers.get("accept", ""):
        response: Response = page.render("sorry", status, sentence=sentence)
    else:
        response = JSONResponse({"error": sentence}, status)
    response.headers.update(headers or {})
    return response
