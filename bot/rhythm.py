"""What changes a campaign's rhythm: more time for a unit, a new deadline, a step kept back, a reminder now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from bot.dialogue.changing import CHOICES
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Option, Say, jsonable
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import forecast, remind, worked
from storage import audit, board, campaigns, holds, outbox, people, units
from storage.audit import Who

REOPENED = timedelta(days=3)  # for which a locked campaign takes the figures of one unit again
NAMED = 12  # of those whom a reminder reaches
Says = tuple[Say, ...]


@dataclass(frozen=True)
class Hand:
    """Who turns the wheels, and what they turn by."""

    tx: Connection
    who: Who
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar
    now: datetime


def to_unit(hand: Hand, unit: str, say: Say, about: str, priority: int = outbox.REPLY) -> None:
    """To everybody who reports for the unit; at once, unless nobody waits for it."""
    for person in sorted({one.person for one in people.serving(hand.tx, "focal") if one.unit == unit}):
        if to := people.reach(hand.tx, person):
            outbox.put(hand.tx, to, [jsonable(say)], priority, hand.now, about=about)


def extend(hand: Hand, campaign: int, unit: str, until: date, reason: str) -> Says:
    """More time for one unit; what is said to whoever gave it. The unit is told."""
    if refused := _no_extension(hand, campaign, unit, until):
        return refused
    row, known = campaigns.at(hand.tx, campaign), _unit_until(hand, unit, until)
    was, subject = campaigns.deadlines(hand.tx, row).get(unit, row.deadline).isoformat(), f"{campaign}/{unit}"
    moved = _moved(hand, lambda: _extended(hand, campaign, unit, until, reason))
    audit.note(hand.tx, hand.who, "extend", subject, hand.now, was=was, became=until.isoformat(), verbatim=reason)
    to_unit(hand, unit, Say("respite.granted", known), f"extension:{subject}")
    return (Say("respite.given", known | _counted(moved)),)


def foresee_extension(hand: Hand, campaign: int, unit: str, until: date) -> Says:
    """The same, and nothing of it stays: how many reminders would be cancelled, how many planned anew."""
    if refused := _no_extension(hand, campaign, unit, until):
        return refused
    counts = counted_extension(hand, campaign, unit, until)
    return (Say("moving.sure_unit", _unit_until(hand, unit, until) | counts, CHOICES),)


def counted_extension(hand: Hand, campaign: int, unit: str, until: date) -> dict[str, object]:
    """How many reminders it would cancel, how many it would plan anew."""
    return _counted(_foreseen(hand, lambda: _extended(hand, campaign, unit, until, "")))


def _no_extension(hand: Hand, campaign: int, unit: str, until: date) -> Says:
    """Why it can't be given; nothing where it can."""
    row, known = campaigns.at(hand.tx, campaign), _unit_until(hand, unit, until)
    if unit not in campaigns.duties(hand.tx, campaign, unit):
        return (Say("desk.owes_nothing", known),)
    if until <= row.deadline:
        return (Say("respite.not_later", {"until": until.isoformat(), "deadline": row.deadline.isoformat()}),)
    return (Say("respite.already", known),) if until == campaigns.deadlines(hand.tx, row).get(unit) else ()


def _extended(hand: Hand, campaign: int, unit: str, until: date, reason: str) -> None:
    campaigns.extend(hand.tx, campaign, unit, until, reason, hand.who.person, hand.now)


def _unit_until(hand: Hand, unit: str, until: date) -> dict[str, object]:
    return {"unit": units.names(hand.tx).get(unit, unit), "deadline": until.isoformat()}


def move(hand: Hand, campaign: int, deadline: date, evaluation: date) -> None:
    """Another deadline for all; a unit with more time keeps it while it lasts longer."""
    was = campaigns.at(hand.tx, campaign).deadline.isoformat()
    campaigns.set_deadlines(hand.tx, campaign, deadline, evaluation)
    audit.note(hand.tx, hand.who, "deadline", f"{campaign}", hand.now, was=was, became=deadline.isoformat())


def move_for_all(hand: Hand, campaign: int, deadline: date) -> Says:
    """The same, said in chat; the day of evaluation stays."""
    row = campaigns.at(hand.tx, campaign)
    if refused := _no_move(hand, row, deadline):
        return refused
    moved = _moved(hand, lambda: move(hand, campaign, deadline, row.evaluation))
    return (Say("moving.moved", _year_until(row, deadline) | _counted(moved)),)


def foresee_move(hand: Hand, campaign: int, deadline: date) -> Says:
    row = campaigns.at(hand.tx, campaign)
    if refused := _no_move(hand, row, deadline):
        return refused
    moved = _foreseen(hand, lambda: campaigns.set_deadlines(hand.tx, campaign, deadline, row.evaluation))
    return (Say("moving.sure_all", _year_until(row, deadline) | _counted(moved), CHOICES),)


def _no_move(hand: Hand, row: Row[Any], deadline: date) -> Says:
    known = {"deadline": deadline.isoformat(), "evaluation": row.evaluation.isoformat()}
    if row.locked:
        return (Say("closing.locked_before", {"year": row.year, "at": row.locked.isoformat()}),)
    if deadline == row.deadline:
        return (Say("moving.already", known),)
    return (Say("moving.out_of_reach", known),) if not hand.now.date() <= deadline <= row.evaluation else ()


def _year_until(row: Row[Any], deadline: date) -> dict[str, object]:
    return {"year": row.year, "was": row.deadline.isoformat(), "deadline": deadline.isoformat()}


def _moved(hand: Hand, change: Callable[[], None]) -> forecast.Moved:
    return forecast.moved_by(change, hand.tx, hand.catalogues, hand.calendar, hand.now)


def _foreseen(hand: Hand, change: Callable[[], None]) -> forecast.Moved:
    """What the change would do, and is then taken back."""
    point = hand.tx.begin_nested()
    moved = _moved(hand, change)
    point.rollback()
    return moved


def _counted(moved: forecast.Moved) -> dict[str, object]:
    return {"cancelled": len(moved.cancelled), "planned": len(moved.planned)}


def refuse(hand: Hand, campaign: int, unit: str) -> Says:
    """The deadline stays; the unit is told."""
    row = campaigns.at(hand.tx, campaign)
    until = campaigns.deadlines(hand.tx, row).get(unit, row.deadline)
    known = {"unit": units.names(hand.tx).get(unit, unit), "deadline": until.isoformat()}
    subject = f"{campaign}/{unit}"
    audit.note(hand.tx, hand.who, "no extension", subject, hand.now, became=until.isoformat())
    to_unit(hand, unit, Say("respite.refused", known), f"extension:{subject}")
    return (Say("respite.kept", known),)


def lock(hand: Hand, campaign: int) -> Says:
    """No more figures; every unit is told how it stands. What is said to whoever locked it."""
    row = campaigns.at(hand.tx, campaign)
    known: dict[str, object] = {"year": row.year, "at": hand.now.isoformat()}
    if row.locked:
        return (Say("closing.locked_before", known | {"at": row.locked.isoformat()}),)
    stands = board.standings(hand.tx, row, hand.catalogues[row.catalogue], units.open_names(hand.tx))
    campaigns.lock(hand.tx, campaign, hand.now)
    audit.note(hand.tx, hand.who, "lock", f"{campaign}", hand.now)
    for unit, one in stands.items():
        counts = {"unit": one.unit_name, "owed": len(one.owed), "all": len(one.measures), "short": len(one.shortfalls)}
        to_unit(hand, unit, Say("closing.told", known | counts), f"lock:{campaign}", outbox.BULK)
    return (Say("closing.locked", known | {"n": len(stands)}), *effects(hand, row))


def reopen(hand: Hand, campaign: int, unit: str, reason: str) -> Says:
    """A locked campaign takes one unit's figures again, for some days; the unit is told."""
    row = campaigns.at(hand.tx, campaign)
    until = hand.calendar.after(max(hand.now.date(), row.deadline) + REOPENED)
    known = {"unit": units.names(hand.tx).get(unit, unit), "deadline": until.isoformat()}
    if unit not in campaigns.duties(hand.tx, campaign, unit):
        return (Say("desk.owes_nothing", known),)
    campaigns.extend(hand.tx, campaign, unit, until, reason, hand.who.person, hand.now)
    subject = f"{campaign}/{unit}"
    audit.note(hand.tx, hand.who, "reopen", subject, hand.now, became=until.isoformat(), verbatim=reason)
    to_unit(hand, unit, Say("closing.reopened_to_unit", known), f"extension:{subject}")
    return (Say("closing.reopened", known),)


def hold(hand: Hand, campaign: int, step: str, held: bool) -> None:
    if held:
        done = holds.keep_back(hand.tx, campaign, step, hand.who.person, hand.now)
    else:
        done = holds.let_go(hand.tx, campaign, step)
    if done:
        audit.note(hand.tx, hand.who, "hold" if held else "release", f"{campaign}/{step}", hand.now)


def ahead(hand: Hand, day: date) -> Says:
    """Who gets what that day, if nothing more were reported: step by step, in numbers and first names."""
    items = list(_day_of(hand, day))
    known = {"day": day.isoformat()}
    return (Say("ladder.ahead", known | {"items": items}) if items else Say("ladder.nothing_ahead", known),)


def _day_of(hand: Hand, day: date) -> Iterator[dict[str, object]]:
    running = remind.rounds(hand.tx, hand.catalogues)
    for at, here, step, role, knocks in forecast.coming(hand.tx, running, hand.calendar, hand.now, day):
        facts = {"at": at.isoformat(), "step": step.id, "role": ROLES[role], "n": len(knocks)}
        facts |= {"names": first_names(one.name for one in knocks)}
        yield {"kind": "ladder.step_held" if step.id in here.held else "ladder.step", "facts": facts}


def worked_so_far(hand: Hand) -> Says:
    """Which reminder worked, in every campaign that runs; in the one closed last when none does."""
    every = campaigns.every(hand.tx)
    rows = [row for row in every if not row.locked] or every[-1:]
    return tuple(say for row in rows for say in effects(hand, row)) or (Say("ladder.nothing_sent"),)


def effects(hand: Hand, row: Row[Any]) -> Says:
    """Of those told of each step, how many reported within a day; nothing when nobody has been told."""
    found = worked.effects(hand.tx, row.id, hand.catalogues[row.catalogue])
    items = [{"kind": "ladder.effect", "facts": asdict(one)} for one in found]
    total = {"told": sum(one.told for one in found), "answered": sum(one.answered for one in found)}
    return (Say("ladder.effects", {"year": row.year, "items": items} | total),) if found else ()


def first_names(names: Iterable[str]) -> list[str]:
    """The given names, which come last; not all of many."""
    given = [name.split()[-1] for name in names]
    return given[:NAMED] + (["..."] if len(given) > NAMED else [])


def preview_urge(hand: Hand) -> Says:
    knocks = remind.urgent(hand.tx, hand.catalogues, hand.now)
    if not knocks:
        return (Say("ladder.nobody"),)
    options = (Option("send urge", "option.send", numbered=False), Option("drop", "option.drop", numbered=False))
    facts = {"n": len(knocks), "names": first_names(one.name for one in knocks)}
    return (Say("ladder.urge_sure", facts, options),)


def urge(hand: Hand) -> Says:
    """At once, at any hour, and to each of them once a day."""
    count = remind.urge(hand.tx, hand.catalogues, hand.now)
    if not count:
        return (Say("ladder.nobody"),)
    audit.note(hand.tx, hand.who, "urge", f"{hand.now:%Y-%m-%d}", hand.now, became={"people": count})
    return (Say("ladder.urged", {"n": count}),)
