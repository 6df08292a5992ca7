"""Somebody else for a while, or from now on: a focal point is away, or hands their duty over."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bot.dialogue.changing import CHOICES, agrees
from bot.dialogue.deeds import BeAway, ComeBack, HandOver, KeepDuty
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Said, Say, State, Turn
from catalogue import dates, phone
from catalogue.answer import Awaiting, Reading

NAME = 100  # characters


@dataclass(frozen=True)
class Leaving(State):
    """They are away until that day (ISO), once they confirm."""

    awaiting: ClassVar = Awaiting.CONFIRMATION
    until: str


@dataclass(frozen=True)
class HandingOver(State):
    """Their duty goes to somebody of that name, once they confirm."""

    awaiting: ClassVar = Awaiting.CONFIRMATION
    name: str
    phone: str


def away(text: str, state: State, facts: Facts) -> Turn:
    """ "tôi nghỉ đến 05/12"."""
    if not _units(facts):
        return Turn(state, (Say("relief.no_focal"),))
    day = dates.day_named(text, facts.today)
    if day is None or day.day < facts.today:
        return Turn(state, (Say("relief.which_day"),))
    told = {"until": day.day.isoformat(), "units": _units(facts)}
    return Turn(Leaving(day.day.isoformat()), (Say("relief.sure_away", told, CHOICES),))


def back(text: str, state: State, facts: Facts) -> Turn:
    """ "tôi đi làm lại"."""
    return Turn(state, (), (ComeBack(),))


def hand_over(text: str, state: State, facts: Facts) -> Turn:
    """ "bàn giao cho Nguyễn Văn B 0912345678"."""
    if not _units(facts):
        return Turn(state, (Say("relief.no_focal"),))
    number, name = phone.apart(" ".join(text.split()).strip(" .,;:-"))
    if not name or len(name) > NAME:
        return Turn(state, (Say("relief.whom"),))
    told = {"name": name, "units": _units(facts)}
    return Turn(HandingOver(name, number), (Say("relief.sure_over", told, CHOICES),))


def keep(text: str, state: State, facts: Facts) -> Turn:
    """ "hủy bàn giao": codes that nobody has used are worth nothing any more."""
    return Turn(state, (), (KeepDuty(),)) if _units(facts) else Turn(state, (Say("relief.no_focal"),))


def step(state: Leaving | HandingOver, said: Said, reading: Reading, facts: Facts) -> Turn:
    if (agreed := agrees(said, reading)) is None:
        return Turn(state, (Say("moving.yes_or_no", {}, CHOICES),))
    if not agreed:
        return Turn(Idle(), (Say("relief.dropped"),))
    if isinstance(state, Leaving):
        return Turn(Idle(), (), (BeAway(date.fromisoformat(state.until)),))
    return Turn(Idle(), (), (HandOver(state.name, state.phone),))


def _units(facts: Facts) -> list[str]:
    return [duty.unit_name for duty in facts.duties if duty.role == "focal"]
