"""Notices, and what became of each, person by person."""

import re
from collections.abc import Callable

from sqlalchemy import Row

from bot import overview
from bot.boardroom.look import Look, cut, page_of
from bot.dialogue.turn import Paper, kept
from bot.web.board.ports import NoticeCard, NoticeRow, Notices, Recipient
from storage import notices, people, units

PER_PAGE = 15
RECIPIENTS = 60


def show(look: Look, page: int) -> Notices | None:
    if not look.sight.tccb:
        return None
    rows = notices.every(look.tx)
    place = page_of(page, len(rows), PER_PAGE)
    here = tuple(row_of(look, row) for row in rows[cut(place, PER_PAGE)])
    return Notices(here, place, look.types())


def named(look: Look, text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """`text`: names or ids, by lines, semicolons or commas."""
    if not look.sight.tccb:
        return None
    office = units.office(look.tx, look.now.date())
    pieces = [piece.strip() for piece in re.split(r"[;,\n]", text) if piece.strip()]
    found = {piece: office.match(piece).units for piece in pieces}
    sure = (match[0].id for match in found.values() if len(match) == 1)
    return tuple(dict.fromkeys(sure)), tuple(piece for piece, match in found.items() if len(match) != 1)


def row_of(look: Look, row: Row[tuple[object, ...]]) -> NoticeRow:
    counted = overview.tally(overview.receipts(look.tx, row.id))
    del counted["all"]
    state = " ".join(look.words(say.kind, say.facts) for say in overview.notice_state(row))
    return NoticeRow(row.id, row.title, row.made, people.named(look.tx, row.author), counted, state, _may(row))


def _may(row: Row[tuple[object, ...]]) -> tuple[str, ...]:
    if row.recalled or row.replaced:
        return ()
    return ("release", "withhold") if row.held else ("recall",)


def card(look: Look, number: int, page: int, link: Callable[[Paper], str]) -> NoticeCard | None:
    row = notices.at(look.tx, number) if look.sight.tccb else None
    if row is None:
        return None
    found = overview.receipts(look.tx, row.id)
    place = page_of(page, len(found), RECIPIENTS)
    shown = tuple(
        Recipient(one.name, look.named(one.unit), one.phone or "", stage, one.acknowledged, one.verbatim or "")
        for stage, one in found[cut(place, RECIPIENTS)]
    )
    files = tuple((one.name, link(kept(one.id))) for one in notices.enclosed(look.tx, number))
    return NoticeCard(row_of(look, row), row.body, files, shown, place)
