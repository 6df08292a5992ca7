"""What channels have remembered for them, over storage: tokens, and whose an e-mail address is."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from bot.channels.email import Letterhead
from bot.channels.zalo_oa_grant import LEASE, Pair
from bot.words import Words
from storage import grants, people

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


@dataclass(frozen=True)
class Letterheads:
    """What stands around a letter: for whom we know, with a link to their own page where the office has one.

    `page`: chat of the web page → the whole address of the page; None where the office has none.
    """

    do: Do
    words: Mapping[str, Words]
    clock: Callable[[], datetime]
    page: Callable[[str], str] | None = None

    async def __call__(self, email: str) -> Letterhead:
        language, chat = await self.do(self._reader, email)
        words = self.words[language]
        if self.page is None or not chat:
            return Letterhead(words("mail.sender", {}), words("mail.note", {}))
        return Letterhead(
            words("mail.sender", {}), words("mail.note_page", {}), self.page(chat), words("mail.open", {})
        )

    def _reader(self, tx: Connection, email: str) -> tuple[str, str]:
        """Language, and chat on the web page; a person's first visit there begins with the first letter."""
        known = people.address_at(tx, "email", "", email)
        at = people.at(tx, known) if known else None
        if at is None or at.person is None:
            return "vi", ""
        chat = people.chat_of(tx, at.person, "web")
        if chat is None and self.page:
            chat = secrets.token_urlsafe(16)
            people.link(tx, people.address_of(tx, "web", "", chat, self.clock()), at.person)
        return at.language or "vi", chat or ""
