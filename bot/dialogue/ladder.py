"""TCCB's hand on the ladder of reminders: look ahead, keep a step back, remind now."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.deeds import Hold, Look, PreviewUrge, Urge
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Said, Say, State, Turn
from catalogue import dates
from catalogue.answer import Act, Awaiting, Reading
from catalogue.text import bare


@dataclass(frozen=True)
class Urging(State):
    """Everybody who still owes something is to be reminded now; it goes only after "gửi"."""

    awaiting: ClassVar = Awaiting.CONFIRMATION


def hold(text: str, state: State, facts: Facts) -> Turn:
    """ "hoãn nhắc T-3-head"."""
    return _set(text, True, state, facts)


def release(text: str, state: State, facts: Facts) -> Turn:
    """ "bỏ hoãn nhắc T-3-head"."""
    return _set(text, False, state, facts)


def _set(text: str, held: bool, state: State, facts: Facts) -> Turn:
    """In every running campaign that has such a step."""
    running = [one for one in facts.campaigns if not one.locked]
    known = {step.id.lower(): step.id for one in running for step in one.catalogue.steps}
    step = known.get(text.strip().lower())
    if step is None:
        return Turn(state, (Say("ladder.which_step", {"steps": list(known.values())}),))
    deeds = tuple(Hold(one.id, step, held) for one in running if any(s.id == step for s in one.catalogue.steps))
    return Turn(state, (Say("ladder.held" if held else "ladder.released", {"step": step}),), deeds)


def ahead(text: str, state: State, facts: Facts) -> Turn:
    """ "xem nhắc 03/12": who gets what that day; today without one."""
    day = dates.day_named(text, facts.today)
    if text.strip() and day is None:
        return Turn(state, (Say("ladder.which_day"),))
    return Turn(state, (), (Look("ahead", (day.day if day else facts.today).isoformat()),))


def worked(text: str, state: State, facts: Facts) -> Turn:
    """ "hiệu quả nhắc": how many reported within a day of each step."""
    return Turn(state, (), (Look("worked"),))


def urge(text: str, state: State, facts: Facts) -> Turn:
    """ "nhắc ngay": how many it would reach, and who, before anything is sent."""
    return Turn(Urging(), (), (PreviewUrge(),))


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    if said.choice == "send urge" or reading == Act("confirm") or bare(said.text).strip(" .") in _SEND:
        return Turn(Idle(), (), (Urge(),))
    if said.choice == "drop" or (isinstance(reading, Act) and reading.kind == "reject"):
        return Turn(Idle(), (Say("ladder.dropped"),))
    return Turn(state, (Say("ladder.send_or_drop"),))


_SEND = {"gui", "gui di", "gui ngay"}
