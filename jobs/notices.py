"""Notices on their way: to whom, at their hour, once more to those who keep silent, and how far each has come."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from catalogue.standing import Standing
from storage import board, campaigns, notices, outbox, people, units
from storage.audit import Who, note

AGAIN, PROGRESS = "due.notice_again", "due.notice_progress"
AGAIN_AFTER, AGAIN_AT = 2, time(8, 30)  # working days until those who have not acknowledged are told once more
MOVES = timedelta(days=1)  # so long the message about its progress is kept true
WATCHED = 20  # from so many recipients on, its author is told how far it has come
Found = dict[int, tuple[str, str]]
"""Person → the unit for which they receive a notice, and their name."""


def aimed(
    tx: Connection, audience: str, what: Sequence[str], catalogues: Mapping[str, Catalogue], today: date
) -> Found:
    """Whom a notice reaches that is for such an audience, as things stand now."""
    if audience == "of":
        return {one.person: (one.unit, one.name) for one in notices.recipients(tx, int(what[0]))}
    if audience == "unreachable":
        return {one.id: (one.unit, one.name) for one in people.unreachable(tx)}
    wanted = _units(tx, audience, what, catalogues, today)
    rows = people.serving(tx, "head" if audience == "heads" else "focal")
    return {row.person: (row.unit, row.name) for row in rows if wanted is None or row.unit in wanted}


def _units(
    tx: Connection, audience: str, what: Sequence[str], catalogues: Mapping[str, Catalogue], today: date
) -> Collection[str] | None:
    """The units aimed at; None for all."""
    match audience:
        case "all" | "heads":
            return None
        case "units":
            return set(what)
        case "below":
            office = units.office(tx, today)
            return {unit.id for top in what for unit in office.subtree(top)}
        case "type":
            return {unit.id for unit in units.office(tx, today).of_types(what)}
    return {one.unit for one in _standings(tx, catalogues) if _is_meant(one, audience, what)}


def _standings(tx: Connection, catalogues: Mapping[str, Catalogue]) -> Iterable[Standing]:
    names = units.open_names(tx)
    for row in campaigns.running(tx):
        yield from board.standings(tx, row, catalogues[row.catalogue], names).values()


def _is_meant(one: Standing, audience: str, what: Sequence[str]) -> bool:
    """`what`: the rows that a unit has to fall short of; any of them without one."""
    match audience:
        case "missing":
            return bool(one.owed)
        case "silent":
            return one.silent
        case "short":
            return any(not what or short.indicator.code in what for short in one.shortfalls)
    raise ValueError(f"no such audience: {audience}")


def second_moment(calendar: Calendar, now: datetime) -> datetime:
    """When those are told once more who have not acknowledged what goes out now."""
    day = now.date()
    for _ in range(AGAIN_AFTER):
        day = calendar.after(day + timedelta(days=1))
    return datetime.combine(day, AGAIN_AT, HANOI)


def dispatch(tx: Connection, row: Row[Any], found: Found, now: datetime) -> None:
    """One envelope for each of them, in this transaction: all or none. What it puts right is dropped where it waits."""
    notices.address_to(tx, row.id, {person: unit for person, (unit, _) in found.items()})
    notices.note(tx, row.id, sent=now)
    if row.corrects:
        notices.note(tx, row.corrects, replaced=row.id)
        outbox.withdraw(tx, notices.about(row.corrects), now)
    reachable = people.reachable(tx)
    to = [reachable[person] for person in found if person in reachable]
    watched = reachable.get(row.author) if len(found) >= WATCHED else None
    if watched:
        _watch(tx, row.id, watched, now, moving=True)
    outbox.put_all(tx, to, [worded(tx, row)], priority(row.title), now, notices.about(row.id))


_MARK = re.compile(r"\W*(?:khẩn|thượng khẩn|hỏa tốc|hoả tốc)\s*[:.!\])–-]", re.IGNORECASE)


def priority(title: str) -> int:
    """The marks of urgency that official documents bear, before the title: "KHẨN: …"; "Khẩn trương …" is none."""
    return outbox.URGENT if _MARK.match(title) else outbox.BULK


def worded(tx: Connection, row: Row[Any]) -> dict[str, Any]:
    """The notice as its recipients get it."""
    facts = {"number": row.id, "title": row.title, "text": row.body, "corrects": row.corrects}
    ack = {"id": f"ack {row.id}", "kind": "option.ack", "facts": {}, "numbered": False}
    papers = [{"kind": "kept", "facts": {"file": one.id}} for one in notices.enclosed(tx, row.id)]
    kind = "notice.correction" if row.corrects else "notice.text"
    return {"kind": kind, "facts": facts, "options": [ack], "papers": papers}


def _watch(tx: Connection, id: int, to: Row[Any], now: datetime, first: int | None = None, *, moving: bool) -> None:
    """Its author's progress: one message that moves where the channel can do that, and one at the end where not."""
    say = {"kind": PROGRESS, "facts": {"notice": id, "moving": moving, "mark": [*_mark(tx, id)]}, "options": []}
    outbox.put(tx, to, [say], outbox.BULK, now, about=watching(id), edits=first)


class Mark(NamedTuple):
    """Another one whenever a notice has come further."""

    acknowledged: int
    waiting: int


def _mark(tx: Connection, id: int) -> Mark:
    return Mark(notices.count(tx, id)[1], outbox.open_about(tx, notices.about(id)))


def watching(id: int) -> str:
    """How the envelopes are marked that tell of a notice's progress."""
    return f"notice-progress:{id}"


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """What is due now; how many envelopes that were put down."""
    moved = sum(_moved(tx, row.id, now) for row in notices.sent_since(tx, now - MOVES))
    if not calendar.awake(now):
        return moved
    put = sum(_at_its_hour(tx, row, catalogues, now) for row in notices.ripe(tx, now))
    return moved + put + sum(_once_more(tx, row, now) for row in notices.to_repeat(tx, now))


def _at_its_hour(tx: Connection, row: Row[Any], catalogues: Mapping[str, Catalogue], now: datetime) -> int:
    found = aimed(tx, row.audience["audience"], row.audience["what"], catalogues, now.date())
    if found:
        dispatch(tx, row, found, now)
    else:
        notices.note(tx, row.id, recalled=now)
    note(tx, Who(None, "clock"), "notice sent", f"{row.id}", now, became={"people": len(found)})
    tell_author(tx, row, "notice.went_out" if found else "notice.went_to_nobody", now, {"n": len(found)})
    return len(found)


def tell_author(tx: Connection, row: Row[Any], kind: str, now: datetime, more: Mapping[str, Any]) -> None:
    """What has become of their notice, by another's doing or at its hour."""
    if to := people.reach(tx, row.author):
        say = {"kind": kind, "facts": {"number": row.id, "title": row.title, **more}, "options": []}
        outbox.put(tx, to, [say], outbox.REPLY, now, about=f"notice-author:{row.id}")


def _once_more(tx: Connection, row: Row[Any], now: datetime) -> int:
    """To those who have it, or may have it, and have not said so."""
    notices.note(tx, row.id, repeated=now)
    outcomes, reachable = outbox.outcomes(tx, notices.about(row.id)), people.reachable(tx)
    to = [
        reachable[one.person]
        for one in notices.recipients(tx, row.id)
        if not one.acknowledged and outcomes.get(one.person) in ("sent", "seen", "unknown") and one.person in reachable
    ]
    say = {"kind": AGAIN, "facts": {"notice": row.id}, "options": []}
    return outbox.put_all(tx, to, [say], outbox.BULK, now, f"notice-again:{row.id}")


def _moved(tx: Connection, id: int, now: datetime) -> int:
    """The message that shows how far a notice has come takes its own place, when it has come further."""
    shown = outbox.every_about(tx, watching(id))
    if not shown or shown[-1].settled is None:
        return 0  # nobody watches, or a change is under way
    mark, told = _mark(tx, id), [one.say[0]["facts"] for one in shown]
    ends = mark.waiting == 0 and all(one["moving"] for one in told)
    if not ends and (shown[0].external is None or told[-1]["mark"] == [*mark]):
        return 0  # the channel can't change what it has sent, or there is nothing new
    _watch(tx, id, people.at(tx, shown[0].address), now, shown[0].id, moving=not ends)
    return 1


def receipts(tx: Connection, id: int) -> list[tuple[str, Row[Any]]]:
    """(stage, recipient); whoever has no address at all could not be told.

    The stage: acknowledged, seen, sent, uncertain, waiting, failed.
    """
    sent = outbox.outcomes(tx, notices.about(id))
    return [(_stage(one, sent.get(one.person)), one) for one in notices.recipients(tx, id)]


STAGES = {"": "waiting", "sent": "sent", "seen": "seen", "unknown": "uncertain"}


def _stage(one: Row[Any], outcome: str | None) -> str:
    """`outcome`: of the newest envelope; "" while it waits, None where there never was one."""
    if one.acknowledged:
        return "acknowledged"
    return "failed" if outcome is None else STAGES.get(outcome, "failed")
