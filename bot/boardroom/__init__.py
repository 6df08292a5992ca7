"""What the board page asks of the house: everything seen by the visitor's own right, everything done as if in chat."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Row

from bot import clerk, desk
from bot.boardroom import ahead, appraisal, cards, matrix, posting, wires
from bot.boardroom.look import Look
from bot.dialogue.turn import Deed, Paper, Said
from bot.house import House
from bot.ledger import Ledger
from bot.web.board.ports import (
    Cases,
    ChannelCard,
    Matrix,
    NoticeCard,
    Notices,
    PlanCard,
    RowCard,
    Told,
    UnitCard,
    Visitor,
    Wanted,
)
from storage import db, people, tide, visits

CHANNEL = "board"  # as the audit names it
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Boardroom:
    house: House
    link: Callable[[Paper], str] = lambda paper: ""  # where a paper can be fetched
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ledger", Ledger(self.house.catalogues))

    async def warm(self) -> None:
        """The first look, before anybody waits for it."""
        with suppress(*db.FAULT):  # whoever looks then will be told
            await self.house.look(self.ledger.settle)

    # The session

    async def openable(self, token: str) -> bool:
        fresh: bool = await self.house.look(visits.openable, token, self.house.clock())
        return fresh

    async def open(self, token: str) -> str | None:
        session: str | None = await self.house.do(visits.open, token, self.house.clock())
        return session

    async def close(self, session: str) -> None:
        await self.house.do(visits.end, session, self.house.clock())

    # Looking

    async def visitor(self, session: str) -> Visitor | None:
        return await self._look(session, None, lambda look: look.visitor)

    async def matrix(self, session: str, wanted: Wanted) -> Matrix | None:
        return await self._look(session, wanted.campaign, matrix.show, wanted)

    async def unit(self, session: str, unit: str, wanted: Wanted) -> UnitCard | None:
        return await self._look(session, wanted.campaign, cards.unit, unit, self.link)

    async def indicator(self, session: str, code: str, wanted: Wanted) -> RowCard | None:
        return await self._look(session, wanted.campaign, cards.indicator, code, wanted)

    async def cases(self, session: str, wanted: Wanted) -> Cases | None:
        return await self._look(session, wanted.campaign, appraisal.show, wanted, self.link)

    async def notices(self, session: str, page: int) -> Notices | None:
        return await self._look(session, None, posting.show, page)

    async def notice(self, session: str, number: int, page: int) -> NoticeCard | None:
        return await self._look(session, None, posting.card, number, page, self.link)

    async def named(self, session: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        return await self._look(session, None, posting.named, text)

    async def channels(self, session: str) -> ChannelCard | None:
        return await self._look(session, None, wires.show, self.house.channels, self.house.catalogues)

    async def plan(self, session: str, wanted: Wanted, day: date | None) -> PlanCard | None:
        return await self._look(session, wanted.campaign, ahead.show, day)

    async def stir(self, session: str) -> tuple[int, ...] | None:
        return await self.house.look(self._stirred, session)

    def _stirred(self, tx: Connection, session: str) -> tuple[int, ...] | None:
        return tide.stir(tx) if visits.at(tx, session, self.house.clock()) else None

    async def _look(
        self,
        session: str,
        campaign: int | None,
        show: Callable[Concatenate[Look, P], T | None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """None for whoever has no session, or where there is nothing to look at."""

        def read() -> T | None:
            with db.reading(self.house.engine) as tx:
                look = self._begin(tx, session, campaign)
                return show(look, *args, **kwargs) if look else None

        return await asyncio.to_thread(read)

    def _begin(self, tx: Connection, session: str, campaign: int | None) -> Look | None:
        book, now = self.ledger.settle(tx, campaign), self.house.clock()
        at = self._address(tx, session)
        duties = people.duties(tx, at.person) if at else ()
        if at is None or not duties or book is None:
            return None
        catalogue = self.house.catalogues[book.row.catalogue]
        return Look(tx, at, duties, book, catalogue, self.house.calendar, self.house.words, now)

    def _address(self, tx: Connection, session: str) -> Row[tuple[object, ...]] | None:
        held = visits.at(tx, session, self.house.clock()) if session else None
        return people.at(tx, held.address) if held else None

    # Doing

    async def act(self, session: str, deeds: Sequence[Deed], key: str = "") -> list[Told] | None:
        done: list[Told] | None = await self.house.do(self._act, session, deeds, key)
        self.house.wake()
        return done

    def _act(self, tx: Connection, session: str, deeds: Sequence[Deed], key: str) -> list[Told] | None:
        now = self.house.clock()
        held, at = visits.at(tx, session, now), self._address(tx, session)
        if held is None or at is None:
            return None
        if key and not visits.press(tx, held.id, key, now):
            return []
        facts = desk.gather(tx, self.house.catalogues, at, Said(), now)
        errand = clerk.Errand(
            tx, at, facts, self.house.catalogues, self.house.calendar, via=CHANNEL, channels=self.house.channels
        )
        says = [say for deed in deeds for say in clerk.carry_out(deed, errand)]
        words = self.house.words[at.language] if at.language else next(iter(self.house.words.values()))
        return [Told(say.kind, words(say.kind, say.facts), say.facts) for say in says]
