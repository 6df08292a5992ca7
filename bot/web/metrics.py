"""Figures for a watcher that asks by itself: Prometheus' text format, for whoever knows the token."""

import asyncio
import hmac
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE = 5  # seconds that counting may take
UNTOLD = "Chưa đếm được số liệu. Đề nghị thử lại sau."
ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gauge:
    """Something that goes up and down; `samples`: labels → value, at most one for the same labels."""

    name: str
    help: str  # one line
    samples: Sequence[tuple[Mapping[str, str], float]]


class Gauges(Protocol):
    async def read(self) -> Sequence[Gauge]: ...


def text(gauges: Sequence[Gauge]) -> str:
    return "".join(f"{line}\n" for gauge in gauges for line in _lines(gauge))


def _lines(gauge: Gauge) -> Iterator[str]:
    yield f"# HELP {gauge.name} {gauge.help}"
    yield f"# TYPE {gauge.name} gauge"
    for labels, value in gauge.samples:
        told = ",".join(f'{name}="{label.translate(ESCAPED)}"' for name, label in labels.items())
        yield f"{gauge.name}{{{told}}} {value}" if told else f"{gauge.name} {value}"


def route(gauges: Gauges, token: str) -> Route:
    """Without the token there is no such page."""
    if not token:
        raise ValueError("an empty token would let anyone read")
    wanted = f"Bearer {token}".encode()

    async def metrics(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
            raise HTTPException(404)
        try:
            async with asyncio.timeout(PATIENCE):
                return Response(text(await gauges.read()), media_type=FORMAT)
        except Exception as fault:
            log.warning("figures can't be told: %s", type(fault).__name__)
            raise HTTPException(503, UNTOLD) from None

    return Route("/metrics", metrics)
