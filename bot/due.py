"""Envelopes put down by the timetable: what they say is worked out when they are sent, from what is true then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot import overview
from bot.dialogue.turn import Option, Say
from bot.excerpt import SHOWN, rest
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Plan, Step
from catalogue.standing import Standing
from jobs import digest, notices, promises, remind, unreached, warn
from storage import audit, board, campaigns, people, slots, units
from storage import notices as posted

LAST_DAYS = timedelta(days=3)  # before the deadline: whom to telephone
OF_NOTICES = (notices.AGAIN, notices.PROGRESS)
KINDS = (remind.KIND, warn.KIND, warn.MENDED, promises.KIND, unreached.KIND, digest.KIND, *OF_NOTICES)
REPORT = Option("report", "option.report", numbered=False)


def says(
    tx: Connection,
    kind: str,
    facts: Mapping[str, Any],
    person: int,
    catalogues: Mapping[str, Catalogue],
    calendar: Calendar,
    now: datetime,
) -> tuple[Say, ...]:
    """Empty when it has become moot: nothing is owed any more."""
    match kind:
        case remind.KIND:
            steps = [(int(campaign), str(step)) for campaign, step in facts["steps"]]
            return tuple(_reminder(tx, steps, person, catalogues, calendar, now))
        case warn.KIND:
            mine = {duty.unit for duty in people.duties(tx, person) if duty.role == "focal"}
            return tuple(s for at, unit in facts["about"] if unit in mine for s in _warning(tx, at, unit, catalogues))
        case warn.MENDED:
            return tuple(say for at, unit in facts["about"] for say in _mended(tx, at, unit, catalogues))
        case promises.KIND:
            return _broken(tx, facts, catalogues)
        case unreached.KIND:
            return overview.unreachable(tx) if people.unreachable(tx) else ()
        case digest.KIND:
            return tuple(_summary(tx, facts, catalogues, now))
        case notices.AGAIN:
            return _again(tx, facts["notice"], person)
        case notices.PROGRESS:
            return overview.progress(tx, facts["notice"])
    raise ValueError(f"not an envelope of the timetable: {kind}")


def is_due(kind: str) -> bool:
    return kind in KINDS


def moves(kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether it is worth saying only where the channel can change what it has sent."""
    return kind == notices.PROGRESS and bool(facts["moving"])


TEMPLATES = {remind.KIND: "remind", warn.KIND: "warn"}


def blanks(says: Sequence[Mapping[str, Any]], name: str) -> dict[str, str]:
    """What a template tells somebody of their units, under the names that its author was given; empty where it is

    not about units of their own.
    """
    first: dict[str, Mapping[str, Any]] = {}
    for say in says:
        first.setdefault(say["facts"].get("unit", ""), say["facts"])
    if not all(first):
        return {}
    deadline = min(date.fromisoformat(facts["deadline"]) for facts in first.values())
    told = {"ten": name[:30], "don_vi": ", ".join(first)[:200]}
    return told | {"han": f"{deadline:%d/%m/%Y}", "so_luong": str(sum(facts["n"] for facts in first.values()))}


def not_reached(tx: Connection, kind: str, facts: Mapping[str, Any], person: int) -> None:
    """Refused at the last address: whoever is back before the step is over is reminded then."""
    for campaign, mark in facts["steps"] if kind == remind.KIND else ():
        slots.give_back(tx, campaign, mark, person)


def _summary(
    tx: Connection, facts: Mapping[str, Any], catalogues: Mapping[str, Catalogue], now: datetime
) -> Iterator[Say]:
    """Campaign by campaign; once, of those in which there is still time, for which units nobody has registered.

    In the last days also whom only a telephone reaches. The last one says where the audit ends: a copy out of reach
    of whoever might cut it.
    """
    for campaign in facts["campaigns"]:
        seen = overview.view(tx, campaigns.at(tx, campaign), catalogues, now)
        yield from overview.digest(seen, audit.head(tx) if campaign == facts["campaigns"][-1] else None)
        if seen.plan.deadline - LAST_DAYS <= now.date() <= seen.plan.deadline:
            yield from overview.to_call(seen)
        if campaign in facts.get("unregistered", ()) and seen.unregistered:
            yield from overview.unregistered(seen)
    if "since" in facts:
        yield from overview.let_in(tx, datetime.fromisoformat(facts["since"]), now)


def _reminder(
    tx: Connection,
    steps: list[tuple[int, str]],
    person: int,
    catalogues: Mapping[str, Catalogue],
    calendar: Calendar,
    now: datetime,
) -> Iterator[Say]:
    """All that the person owes in these campaigns, in one message."""
    name = people.named(tx, person)
    for campaign, mark in steps:
        for here, step, about in remind.meant_for(tx, person, campaign, mark, catalogues, calendar, now):
            stands = [here.standings[unit] for unit in about]
            expected = overview.prospects_of(tx, campaign, stands) if step.when == "short" else {}
            yield from reminder(step, here.plan, stands, name, now, expected)


def reminder(
    step: Step, plan: Plan, about: list[Standing], name: str, now: datetime, expected: overview.Expected
) -> Iterator[Say]:
    """The sentences of one step about these units, to a focal point of each or to a head of all."""
    days = (plan.deadline - now.date()).days
    told = {"name": name, "deadline": plan.deadline.isoformat(), "left": max(days, 0), "late": max(-days, 0)}
    if "focal" not in step.to:  # a head or TCCB: unit by unit
        late = [one for one in about if one.owed]
        if late:
            items = [_unit_line(one) for one in late[:SHOWN]] + rest(len(late))
            yield Say(step.words, told | {"n": len(late), "items": items})
        return
    for one in about:
        facts = told | {"unit": one.unit_name, "n": len(one.owed), "all": len(one.measures)}
        if one.owed:
            yield Say(step.words, facts | {"items": [_open(one, code) for code in one.owed]}, (REPORT,))
        if step.when == "short" and one.shortfalls:
            yield _short(one, expected)


def _unit_line(one: Standing) -> dict[str, object]:
    return {"kind": "remind.head_item", "facts": {"unit": one.unit_name, "n": len(one.owed), "all": len(one.measures)}}


def _open(one: Standing, code: str) -> dict[str, object]:
    codes = [row.code for row in one.judged(code)]
    return {"kind": "remind.item", "facts": {"codes": codes, "name": one.measure(code).name}}


def _broken(tx: Connection, facts: Mapping[str, Any], catalogues: Mapping[str, Catalogue]) -> tuple[Say, ...]:
    one = _standing(tx, facts["campaign"], facts["unit"], catalogues)
    if one is None or not one.owed:
        return ()
    told = {"unit": one.unit_name, "n": len(one.owed), "due": facts["due"], "deadline": one.deadline.isoformat()}
    return (Say("promise.broken", told, (REPORT,)),)


def _warning(tx: Connection, campaign: int, unit: str, catalogues: Mapping[str, Catalogue]) -> tuple[Say, ...]:
    one = _standing(tx, campaign, unit, catalogues)
    return (_short(one, overview.prospects_of(tx, campaign, [one])),) if one and one.shortfalls else ()


def _again(tx: Connection, number: int, person: int) -> tuple[Say, ...]:
    """A notice once more; nothing when it was acknowledged meanwhile, called back or put right."""
    row = next((row for row in posted.unacknowledged(tx, person) if row.id == number), None)
    if row is None:
        return ()
    ack = Option(f"ack {number}", "option.ack", numbered=False)
    return (Say("notice.again", {"number": number, "title": row.title, "text": row.body}, (ack,)),)


def _mended(tx: Connection, campaign: int, unit: str, catalogues: Mapping[str, Catalogue]) -> tuple[Say, ...]:
    one = _standing(tx, campaign, unit, catalogues)
    if one is None or not warn.is_mended(one):
        return ()
    return (Say("warn.mended", {"unit": one.unit_name}),)


def _standing(tx: Connection, campaign: int, unit: str, catalogues: Mapping[str, Catalogue]) -> Standing | None:
    """Of a unit in a campaign that still runs."""
    row = campaigns.at(tx, campaign)
    stands = board.standings(tx, row, catalogues[row.catalogue], units.names(tx), unit)
    return None if row.locked else stands.get(unit)


def _short(one: Standing, expected: overview.Expected) -> Say:
    items = [overview.short_item(one, short, expected) for short in one.shortfalls]
    facts = {"unit": one.unit_name, "n": len(one.shortfalls), "deadline": one.deadline.isoformat()}
    return Say("warn.short", facts | {"items": items})
