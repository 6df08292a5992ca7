"""What channels have remembered for them: the tokens of an Official Account, over storage."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from bot.channels.zalo_oa_grant import LEASE, Pair
from storage import grants

GRANT = "zalo_oa.grant"
Do = Callable[..., Awaitable[Any]]
"""Carries out a deed with its arguments; returns after the commit."""


def at_once(engine: Engine) -> Do:
    """For a command, which has no house around it."""

    def whole(deed: Callable[..., Any], *args: object) -> Any:
        with engine.begin() as tx:
            return deed(tx, *args)

    async def do(deed: Callable[..., Any], *args: object) -> Any:
        return await asyncio.to_thread(whole, deed, *args)

    return do


@dataclass(frozen=True)
class KeptTokens:
    """`clock`: the real one, as it is Zalo who counts the hours."""

    do: Do
    clock: Callable[[], datetime]

    async def load(self) -> Pair | None:
        kept = await self.do(grants.load, GRANT)
        return _pair(kept) if kept else None

    async def claim(self, stale: Pair) -> bool:
        return bool(await self.do(grants.claim, GRANT, _row(stale), self.clock(), LEASE))

    async def store(self, pair: Pair) -> None:
        await self.do(grants.store, GRANT, _row(pair))


def _row(pair: Pair) -> dict[str, str]:
    times = {"until": pair.until.isoformat(), "renewed": pair.renewed.isoformat()}
    return {"access": pair.access, "refresh": pair.refresh} | times


def _pair(row: dict[str, str]) -> Pair:
    until, renewed = datetime.fromisoformat(row["until"]), datetime.fromisoformat(row["renewed"])
    return Pair(row["access"], row["refresh"], until, renewed)
