"""A stranger comes in: invitation code → data notice → name → TCCB approves or refuses."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.deeds import Enrol, Join, WrongCode
from bot.dialogue.facts import ROLES, Crowded, Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn
from catalogue import answer as reader
from catalogue import phone, staff
from catalogue.answer import Act, Awaiting, Mention, Reading


@dataclass(frozen=True)
class Consenting(State):
    """The data notice is shown; nothing goes on without a word of consent."""

    invitation: int
    unit_name: str
    name: str = ""
    listed: bool = False  # the office has a list of people for this unit: a telephone number helps to know them
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Naming(State):
    """The invitation names nobody: whoever took it says who they are."""

    invitation: int
    unit_name: str
    phone: str = ""
    awaiting: ClassVar = Awaiting.NAME


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    if facts.guest.held:
        return Turn(Idle(), (Say("link.held_here"),))
    if facts.guest.joins is not None:
        return _joining(facts.guest.joins, facts.guest.crowded)
    if facts.guest.waiting:
        return Turn(Idle(), (Say("enrol.waiting", {"unit": facts.guest.waiting}),))
    if facts.guest.locked:
        return Turn(Idle(), (Say("enrol.locked"),))
    agreed = said.choice == "agree" or reading == Act("confirm")
    match state:
        case Consenting(invitation, unit, name, listed) if agreed:
            ask = Say("enrol.name_and_phone" if listed else "enrol.name")
            return _asked(invitation, name) if name else Turn(Naming(invitation, unit), (ask,))
        case Consenting() | Naming() if isinstance(reading, Act) and reading.kind in ("reject", "cancel"):
            return Turn(Idle(), (Say("enrol.not_agreed"),))
        case Naming(invitation, unit) if said.phone:
            return Turn(Naming(invitation, unit, phone.plain(said.phone)), (Say("enrol.name_too"),))
        case Naming() if facts.guest.invitation is None:
            return _named(state, said.text)
    return _invited(state, said, facts)


def _joining(ticket: int, crowded: Crowded | None) -> Turn:
    """No consent and no approval once more: whoever has the code has had both."""
    return Turn(Idle(), (_full(crowded),)) if crowded else Turn(Idle(), (), (Join(ticket),))


def _full(crowded: Crowded) -> Say:
    full = "enrol.full" if crowded.elsewhere else "enrol.full_everywhere"
    return Say(full, {"people": crowded.people, "bots": list(crowded.elsewhere)})


def _invited(state: State, said: Said, facts: Facts) -> Turn:
    if facts.guest.invitation and (crowded := facts.guest.crowded):
        return Turn(Idle(), (_full(crowded),))
    if guest := facts.guest.invitation:
        told = {"unit": guest.unit_name, "role": ROLES[guest.role]}
        consenting = Consenting(guest.id, guest.unit_name, guest.name, guest.listed)
        return Turn(consenting, (Say("enrol.notice", told, (Option("agree", "option.agree", numbered=False),)),))
    if isinstance(state, Consenting):
        return Turn(state, (Say("enrol.agree", {}, (Option("agree", "option.agree", numbered=False),)),))
    if looks_like_a_code(said.text):
        return Turn(Idle(), (Say("enrol.wrong_code"),), (WrongCode(),))
    return Turn(Idle(), (Say("enrol.code"),))


def looks_like_a_code(text: str) -> bool:
    """One word with a digit or a hyphen in it: worth looking up, and worth counting when it is wrong."""
    typed = text.strip()
    return 6 <= len(typed) <= 20 and len(typed.split()) == 1 and any(c.isdigit() or c == "-" for c in typed)


def _named(state: Naming, text: str) -> Turn:
    """ "Em là Lê Thị Đạt ạ" or, with a number of their own, "Lê Thị Đạt 0912345678"."""
    number, rest = phone.apart(" ".join(text.split()))
    told = reader.read(rest, Awaiting.NAME)
    if not isinstance(told, Mention) or not staff.is_name(told.text):
        return Turn(state, (Say("enrol.bad_name"),))
    return _asked(state.invitation, told.text, number or state.phone)


def _asked(invitation: int, name: str, number: str = "") -> Turn:
    return Turn(Idle(), (), (Enrol(invitation, name, number),))
