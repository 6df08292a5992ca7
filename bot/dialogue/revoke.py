"""TCCB takes back: a code that nobody has used, or all that a person holds. What goes is shown first."""

from bot.dialogue.deeds import Dismiss, Look, RevokeCodes, SeekPerson
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Say, State, Turn, named


def codes(text: str, state: State, facts: Facts) -> Turn:
    """ "ai dùng mã", "ai dùng mã CCKL"."""
    if not text.strip():
        return Turn(state, (), (Look("codes"),))
    match = facts.office.match(text) if facts.office else None
    if match is None or len(match.units) != 1:
        return Turn(state, (Say("desk.no_such_unit", {"text": text.strip()[:80]}),))
    return Turn(state, (), (Look("codes", match.units[0].id),))


def code(text: str, state: State, facts: Facts) -> Turn:
    """ "thu hồi mã 12", "thu hồi mã CCKL"."""
    typed = text.strip()
    if _is_number(typed):
        return Turn(state, (), (RevokeCodes(number=int(typed)),))
    match = facts.office.match(typed) if facts.office else None
    if match is None or not match.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": typed[:80]}),))
    if len(match.units) > 1:
        options = tuple(named(f"revoke-of {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": typed[:80]}, options),))
    return codes_of(match.units[0].id, state, facts)


def codes_of(unit: str, state: State, facts: Facts) -> Turn:
    return Turn(state, (), (RevokeCodes(unit),))


def surely(rest: str, state: State, facts: Facts) -> Turn:
    """What was shown, by the numbers of the codes."""
    numbers = tuple(int(number) for number in rest.split(",") if _is_number(number))
    return Turn(state, (), tuple(RevokeCodes(number=number, sure=True) for number in numbers))


def person(text: str, state: State, facts: Facts) -> Turn:
    """ "thu hồi Lê Thị Đạt"."""
    return Turn(state, (), (SeekPerson(text.strip()),))


def chosen(rest: str, state: State, facts: Facts) -> Turn:
    return _dismiss(rest, False, state)


def dismissed(rest: str, state: State, facts: Facts) -> Turn:
    return _dismiss(rest, True, state)


def _dismiss(number: str, sure: bool, state: State) -> Turn:
    if not _is_number(number):
        return Turn(state, (Say("talk.old"),))
    return Turn(state, (), (Dismiss(int(number), sure),))


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 10
