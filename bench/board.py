"""How fast the board of a large office is: `python -m bench.board [--units 10000]`.

Every unit owes all 26 indicators and has reported all 20 measures, drawn with a fixed seed, as for bench.papers.
Measured is the time from the request to the whole page, asked of the application without a network between, beside the
plain SQL query that would have to fetch the same unit's figures to sort the office by what most wants attention. The
first look of a process works out every unit's line; those after it only what has changed since.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import Engine, event
from starlette.applications import Starlette

from bench.papers import NOW, UNITS, furnish, plain_query
from bot.boardroom import Boardroom
from bot.house import House
from bot.reception import Shelf
from bot.web.board import routes, session
from bot.words import Words
from catalogue import load
from catalogue.calendar import Calendar
from catalogue.model import Answer
from storage import db, people, reports, visits

SECRET, ROUNDS = "a secret for the bench only", 7
PAGES = {
    "first page, by risk": "/bang",
    "a page in the middle": "/bang?trang=100",
    "filtered by state and name": "/bang?tt=short&tim=so 77",
    "one indicator, pooled": "/bang/chi-tieu/NQ02.1",
    "what waits for appraisal": "/bang/tham-dinh?trang=200",
    "one unit": "/bang/don-vi/U47",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=UNITS)
    count = parser.parse_args().units
    with tempfile.TemporaryDirectory() as folder:
        engine = db.connect(f"sqlite:///{folder}/office.db")
        db.upgrade(engine)
        catalogues = load.all()
        with engine.begin() as tx:
            campaign = furnish(tx, catalogues["2024-qd55"], count)
        house = House(engine, catalogues, Calendar(), lambda: NOW, {"vi": Words()})
        asyncio.run(measured(house, engine, campaign, count))
        house.writer.close()
        engine.dispose()


async def measured(house: House, engine: Engine, campaign: int, count: int) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    async with visiting(house, "U0") as (visitor, whom):

        async def query() -> None:
            await house.look(lambda tx: len(plain_query(tx, campaign)))

        plain = await spent(query)
        cold = await spent(lambda: fetched(visitor, "/bang"), rounds=1)
        print(f"{count:,} units × 26 indicators; the median of {ROUNDS}, milliseconds\n")
        print("| what | ms | beside the query | statements | KiB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        print(f"| plain SQL query of all reports | {1000 * plain:,.0f} | 1 | 1 | |")
        print(f"| the first look of a process | {1000 * cold:,.0f} | {cold / plain:.2f} | | |")
        for name, path in PAGES.items():
            took = await spent(lambda path=path: fetched(visitor, path))  # type: ignore[misc] # bound at once
            row(name, took, plain, *await looked_at(visitor, path, statements))
        took = await spent(lambda: changed(house, visitor, campaign, whom))
        row("first page, after a figure has come", took, plain, *await looked_at(visitor, "/bang", statements))


@asynccontextmanager
async def visiting(house: House, unit: str) -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """A browser of somebody of TCCB, which is that unit; and who that is."""
    held, whom = await house.do(entered, unit, house.clock())
    app = Starlette(routes=routes.routes(Boardroom(house), Shelf(house), SECRET))
    cookies, at = {session.COOKIE: held}, httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=at, base_url="http://bench", cookies=cookies) as visitor:
        yield visitor, whom


def row(name: str, took: float, plain: float, statements: int, size: int) -> None:
    print(f"| {name} | {1000 * took:,.0f} | {took / plain:.2f} | {statements} | {size / 1024:,.0f} |")


async def looked_at(visitor: httpx.AsyncClient, path: str, statements: list[str]) -> tuple[int, int]:
    """How many statements a look takes, and how many bytes it gives."""
    statements.clear()
    answer = await visitor.get(path)
    return sum(one.startswith(("SELECT", "WITH")) for one in statements), len(answer.content)


async def spent(work: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> float:
    """Seconds, the median."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        await work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


async def fetched(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


async def changed(house: House, visitor: httpx.AsyncClient, campaign: int, whom: int) -> None:
    at = {"campaign": campaign, "unit": "U47", "measure": "M01", "person": whom, "channel": "web"}
    await house.do(reports.add, at, Answer.fraction(3, 4), NOW.date(), "3/4", NOW)
    await fetched(visitor, "/bang")


def entered(tx: Any, unit: str, now: datetime) -> tuple[str, int]:
    """Somebody with a session."""
    whom = people.join(tx, "Hạnh", unit, "tccb", now)
    address = people.address_of(tx, "web", "", "hanh", now)
    people.link(tx, address, whom)
    held = visits.open(tx, visits.issue(tx, address, whom, now), now)
    assert held
    return held, whom


if __name__ == "__main__":
    main()
