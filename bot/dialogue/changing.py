"""A change of the rhythm by TCCB: what it does to the reminders is shown first, and it is made after "đúng"."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from bot.dialogue.deeds import Extend, Move, PreviewExtend, PreviewMove
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn
from catalogue import dates
from catalogue.answer import Act, Awaiting, Reading

CHOICES = (Option("change", "option.yes", numbered=False), Option("drop", "option.drop", numbered=False))


@dataclass(frozen=True)
class Extending(State):
    """More time for one unit is to be confirmed; `until`: an ISO date."""

    awaiting: ClassVar = Awaiting.CONFIRMATION
    campaign: int
    unit: str
    until: str
    why: str = ""


@dataclass(frozen=True)
class Moving(State):
    """Another deadline for all units is to be confirmed; `deadline`: an ISO date."""

    awaiting: ClassVar = Awaiting.CONFIRMATION
    campaign: int
    deadline: str


def extend(campaign: int, unit: str, until: date, why: str = "") -> Turn:
    return Turn(Extending(campaign, unit, until.isoformat(), why), (), (PreviewExtend(campaign, unit, until),))


def move(text: str, state: State, facts: Facts) -> Turn:
    """ "đổi hạn 05/12"; with the year where several campaigns run: "đổi hạn 2024 sang 05/12/2024"."""
    day = dates.day_named(text, facts.today)
    running = [one for one in facts.campaigns if not one.locked]
    if day is None or not running:
        return Turn(state, (Say("moving.which_day" if running else "desk.no_campaign"),))
    named = [one for one in running if str(one.year) in text[: day.start]]
    if len(named or running) > 1:
        return Turn(state, (Say("moving.which_campaign", {"years": [str(one.year) for one in running]}),))
    (one,) = named or running
    return Turn(Moving(one.id, day.day.isoformat()), (), (PreviewMove(one.id, day.day),))


def agrees(said: Said, reading: Reading) -> bool | None:
    """To what was shown before it is done; None where they say neither."""
    if said.choice == "drop" or (isinstance(reading, Act) and reading.kind == "reject"):
        return False
    return True if said.choice == "change" or reading == Act("confirm") else None


def step(state: Extending | Moving, said: Said, reading: Reading, facts: Facts) -> Turn:
    if (agreed := agrees(said, reading)) is None:
        return Turn(state, (Say("moving.yes_or_no", {}, CHOICES),))
    if not agreed:
        return Turn(Idle(), (Say("moving.dropped"),))
    if isinstance(state, Moving):
        return Turn(Idle(), (), (Move(state.campaign, date.fromisoformat(state.deadline)),))
    return Turn(Idle(), (), (Extend(state.campaign, state.unit, date.fromisoformat(state.until), state.why),))
