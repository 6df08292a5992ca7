"""The rehearsal office in one browser window: its people, its clock, its guide."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web import links, page
from bot.web.ports import Persona, Stage
from bot.web.wire import STALE

LASTS = timedelta(days=3650)  # the clock may be moved far


def routes(stage: Stage, secret: str, clock: Callable[[], datetime]) -> list[BaseRoute]:
    async def front(request: Request) -> Response:
        return page.render("demo")

    async def cast(request: Request) -> Response:
        expires = clock() + LASTS
        personas = [_persona(one, secret, expires) for one in await stage.personas()]
        guide = [asdict(step) for step in await stage.guide()]
        return JSONResponse({"personas": personas, "guide": guide})

    async def scene(request: Request) -> Response:
        return JSONResponse(asdict(await stage.scene(), dict_factory=_json))

    async def move(request: Request) -> Response:
        to = await _asked(request)
        try:
            await stage.move(to)
        except ValueError as refusal:
            raise HTTPException(409, str(refusal)) from None
        return await scene(request)

    async def reset(request: Request) -> Response:
        await _asked(request)
        await stage.reset()
        return await scene(request)

    return [
        Route("/", front),
        Route("/demo/cast", cast),
        Route("/demo/scene", scene),
        Route("/demo/move", move, methods=["POST"]),
        Route("/demo/reset", reset, methods=["POST"]),
    ]


def _persona(persona: Persona, secret: str, expires: datetime) -> dict[str, Any]:
    return {
        "id": persona.id,
        "name": persona.name,
        "role": persona.role,
        "unit": persona.unit,
        "token": links.sign(secret, "chat", persona.chat, expires),
        "hints": persona.hints,
    }


async def _asked(request: Request) -> str:
    """Where to move. JSON alone is read: no page of another site can send it unasked."""
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, STALE)
    try:
        body = await request.json()
    except ValueError:
        raise HTTPException(400, STALE) from None
    return str(body.get("to", "")) if isinstance(body, dict) else ""


def _json(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _iso(value) if isinstance(value, datetime) else value for name, value in pairs}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
