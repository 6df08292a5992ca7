"""TCCB enters what a unit told by telephone: read, read back and confirmed as if the unit had typed it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from bot.dialogue import asking, report, rows
from bot.dialogue.deeds import Explain, OnBehalf, Record, TellPending
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Idle, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue import text
from catalogue.answer import Awaiting, Context, Reading
from catalogue.office import Office
from catalogue.unit import Unit

WORDS = ("nhap ho", "/nhapho")
MOST = 9  # units offered when a name may mean several
WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Choosing(State):
    """Which of several units was meant; `text`: what was told of it."""

    units: tuple[str, ...]
    text: str = ""
    awaiting: ClassVar = Awaiting.UNIT


def concerned(typed: str, state: State | None, office: Office) -> tuple[str, ...]:
    """The units that a message or the talk in progress is about, as far as somebody may enter for them."""
    if (rest := after(typed, WORDS)) is not None:
        return tuple(unit.id for unit in apart(rest, office)[0])
    if isinstance(state, Choosing):
        return state.units
    unit = getattr(state, "unit", "")
    return (unit,) if unit in office.by_id else ()


def after(typed: str, beginnings: Collection[str]) -> str | None:
    """What follows one of these beginnings, as typed; None where the message begins with none of them."""
    plain = text.bare(text.shown(typed)).strip()
    words = next((words for words in beginnings if plain.startswith(f"{words} ")), None)
    return typed.strip().split(None, len(words.split()))[-1] if words else None


def apart(typed: str, office: Office) -> tuple[tuple[Unit, ...], str]:
    """ "CCKL 1.1: 45/60": the units that the name before the first row may mean, and what is told of it."""
    for word in WORD.finditer(typed):
        if word.start() and re.search("[0-9]", word[0]) and (found := office.match(typed[: word.start()]).units):
            return found[:MOST], typed[word.start() :]
    return office.match(typed).units[:MOST], ""


def start(rest: str, state: State, facts: Facts) -> Turn:
    """ "nhập hộ CCKL 1.1: 45/60"; "nhập hộ CCKL" asks for what is open, row by row."""
    units, told = apart(rest, facts.office) if facts.office else ((), "")
    if not units:
        return Turn(state, (Say("desk.no_such_unit", {"text": asking.short(rest)}),))
    return _among(_of([unit.id for unit in units], facts), told, facts)


def _of(units: Collection[str], facts: Facts) -> list[Work]:
    """What there is to enter for these units; a unit of this person's own needs no stand-in."""
    return [work for work in (*facts.behalf.works, *facts.works) if work.standing.unit in units]


def _among(works: list[Work], told: str, facts: Facts) -> Turn:
    if not works:
        return Turn(Idle(), (Say("behalf.owes_nothing"),))
    if len(works) == 1:
        return _enter(works[0], told, facts)
    options = tuple(
        named(f"for {work.campaign} {work.standing.unit}", f"{work.standing.unit_name} ({work.plan.evaluation.year})")
        for work in works[:MOST]
    )
    units = tuple(dict.fromkeys(work.standing.unit for work in works))
    return Turn(Choosing(units, told), (Say("behalf.which", {}, options),))


def _enter(work: Work, told: str, facts: Facts) -> Turn:
    """With nothing told, the first open figure is asked for."""
    inside = replace(facts, works=(work,))
    if not told:
        turn = asking.start(inside)
    else:
        reading = reader.read(told, Awaiting.INDICATOR, Context(work.standing.catalogue))
        turn = rows.unasked(reading, Said(told), inside)
    return _marked(replace(turn, say=(Say("behalf.entering", {"unit": work.standing.unit_name}), *turn.say)), facts)


def is_meant(state: State, facts: Facts) -> bool:
    """Whether the talk in progress enters something on behalf of another unit."""
    if isinstance(state, Choosing):
        return True
    at = (getattr(state, "campaign", 0), getattr(state, "unit", ""))
    return at in {(work.campaign, work.standing.unit) for work in facts.behalf.works}


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    """The talk goes on as with the unit itself."""
    if isinstance(state, Choosing):
        return _chosen(state, said, facts)
    return _marked(report.step(state, said, reading, speaking(state, facts)), facts)


def speaking(state: State, facts: Facts) -> Facts:
    """The world as it is for whoever speaks for the unit that the talk is about."""
    return replace(facts, works=facts.behalf.works) if is_meant(state, facts) else facts


def _chosen(state: Choosing, said: Said, facts: Facts) -> Turn:
    found = _of(state.units, facts)
    match (said.choice or "").split():
        case ["for", campaign, unit]:
            found = [work for work in found if (str(work.campaign), work.standing.unit) == (campaign, unit)]
    return _among(found, state.text, facts)


def _marked(turn: Turn, facts: Facts) -> Turn:
    """What is recorded is recorded on the unit's behalf; who enters it reads whether somebody there is told."""
    own = {(work.campaign, work.standing.unit) for work in facts.works}
    entered = (deed for deed in turn.do if isinstance(deed, Record | Explain | TellPending))
    mine = tuple(deed for deed in entered if (deed.campaign, deed.unit) not in own)
    if not mine:
        return turn
    say = turn.say
    if any(isinstance(deed, Record) for deed in mine):
        names = facts.behalf.heard.get(mine[0].unit, ())
        echo = Say("behalf.echoed", {"names": list(names)}) if names else Say("behalf.nobody_hears")
        say = (*say[:1], echo, *say[1:])
    return Turn(turn.remember, say, (OnBehalf(mine), *(deed for deed in turn.do if deed not in mine)))
