"""TCCB lets people in: invites, sees who waits, approves or refuses one, some or all of them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.changing import CHOICES, agrees
from bot.dialogue.deeds import Decide, Invite, Look, PrintInvitations
from bot.dialogue.facts import ROLES, Facts, Pending
from bot.dialogue.turn import Deed, Idle, Said, Say, State, Turn, named
from catalogue.answer import Awaiting, Reading
from catalogue.text import bare

NUMBERS = re.compile(r"(?:số )?\d+(?:(?:\s*(?:[,;–-]|và|va)\s*|\s+)(?:số )?\d+)*", re.IGNORECASE)
LISTED = re.compile(r"(?:số )?\d+(?:\s*(?:[,;–-]|và|va)\s*\d+)*", re.IGNORECASE)
"""As NUMBERS, but with a sign between them: what comes after a blank alone may be a reason."""
RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
ALL = ("tat ca", "het", "het tat ca")
SHOWN = 15  # people in one message


@dataclass(frozen=True)
class Admitting(State):
    """Those who waited when all of them were to be let in; whoever has come since waits on."""

    awaiting: ClassVar = Awaiting.CONFIRMATION
    enrolments: tuple[int, ...]


def pending(state: State, facts: Facts) -> Turn:
    """Who waits to be let in."""
    return Turn(state, (), (Look("pending"),))


def line(person: Pending) -> dict[str, object]:
    return {"kind": "desk.waits", "facts": _person(person)}


def _lines(people: Sequence[Pending]) -> list[dict[str, object]]:
    """The first of them, and how many more there are."""
    shown, more = [line(one) for one in people[:SHOWN]], len(people) - SHOWN
    return [*shown, {"kind": "desk.more_people", "facts": {"n": more}}] if more > 0 else shown


def _person(person: Pending) -> dict[str, object]:
    facts = {"id": person.id, "name": person.name, "unit": person.unit_name, "role": ROLES[person.role]}
    return facts | {"phone": by_phone(person.phone)}


def by_phone(number: str) -> dict[str, object]:
    """For TCCB alone, who may call them."""
    if not number:
        return {"kind": "desk.nothing", "facts": {}}
    return {"kind": "desk.by_phone", "facts": {"phone": number}}


def approve(text: str, state: State, facts: Facts) -> Turn:
    """ "duyệt 1", "duyệt 1,3,5", "duyệt 2-6", "duyệt tất cả"; "duyệt" alone where one waits."""
    if bare(text.strip()) in ALL:
        return _all(state, facts)
    if text.strip() and not NUMBERS.fullmatch(text.strip()):
        return Turn(state, (Say("desk.not_waiting"),))
    return _decide(text, True, "", state, facts)


def refuse(text: str, state: State, facts: Facts) -> Turn:
    """ "từ chối 2 lý do", "từ chối 2,4 lý do"."""
    numbers = LISTED.match(text.strip())
    if text.strip() and not numbers:
        return Turn(state, (Say("desk.not_waiting"),))
    told = numbers[0] if numbers else ""
    return _decide(told, False, text.strip()[len(told) :].strip(" :,.-"), state, facts)


def _all(state: State, facts: Facts) -> Turn:
    """What is about to be done is shown first: it is everybody at once."""
    if len(facts.pending) < 2:
        return _decide("", True, "", state, facts)
    told = {"n": len(facts.pending), "items": _lines(facts.pending)}
    ids = tuple(one.id for one in facts.pending)
    return Turn(Admitting(ids), (Say("desk.sure_all", told, CHOICES),))


def step(state: Admitting, said: Said, reading: Reading, facts: Facts) -> Turn:
    if (agreed := agrees(said, reading)) is None:
        return Turn(state, (Say("moving.yes_or_no", {}, CHOICES),))
    if not agreed:
        return Turn(Idle(), (Say("desk.nobody_approved"),))
    still = [one for one in facts.pending if one.id in state.enrolments]
    return _decided(still, True, "", Idle()) if still else Turn(Idle(), (Say("desk.nobody_waits"),))


def _decide(numbers: str, yes: bool, reason: str, state: State, facts: Facts) -> Turn:
    """All that are named or, where one of them does not wait, none."""
    if not numbers.strip():
        return _decided(facts.pending, yes, reason, state) if len(facts.pending) == 1 else pending(state, facts)
    waits = {one.id: one for one in facts.pending}
    wanted = _meant(numbers, waits)
    if strange := [number for number in wanted if number not in waits]:
        if len(wanted) == 1:
            return Turn(state, (Say("desk.not_waiting"),))
        return Turn(state, (Say("desk.some_not_waiting", {"numbers": [str(number) for number in strange]}),))
    return _decided([waits[number] for number in wanted], yes, reason, state)


def _meant(text: str, waits: Collection[int]) -> list[int]:
    """Each number once; a range stands for those of it who wait."""
    found: list[int] = []
    for one in RANGE.finditer(text):
        first, last = sorted(map(int, one.groups()))
        found += [id for id in waits if first <= id <= last] or [first]
    return list(dict.fromkeys([*found, *map(int, re.findall(r"\d+", RANGE.sub(" ", text)))]))


def _decided(people: Sequence[Pending], yes: bool, reason: str, state: State) -> Turn:
    deeds: tuple[Deed, ...] = tuple(Decide(one.id, yes, reason) for one in people)
    if len(people) == 1:
        return Turn(state, (Say("desk.approved" if yes else "desk.refused", _person(people[0])),), deeds)
    told = {"n": len(people), "items": _lines(people)}
    return Turn(state, (Say("desk.approved_some" if yes else "desk.refused_some", told),), deeds)


def invite(text: str, state: State, facts: Facts) -> Turn:
    """ "mời CCKL", "mời thủ trưởng CCKL", "mời thẩm định VP", "mời xem BGD"."""
    role, rest = "focal", text.strip()
    for word, meant in _ROLES:
        if rest.casefold().startswith(word):
            role, rest = meant, rest[len(word) :].strip()
    match = facts.office.match(rest) if facts.office else None
    if match is None or not match.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": rest}),))
    if len(match.units) > 1:
        options = tuple(named(f"invite {role} {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": rest}, options),))
    return invite_unit(role, match.units[0].id, state)


_ROLES = (
    *((word, "head") for word in ("thủ trưởng", "thu truong")),
    *((word, "tccb") for word in ("cán bộ", "can bo")),
    *((word, "evaluator") for word in ("thẩm định", "tham dinh")),
    *((word, "viewer") for word in ("xem", "người xem", "nguoi xem", "lãnh đạo", "lanh dao")),
)


def invite_unit(role: str, unit: str, state: State) -> Turn:
    return Turn(state, (), (Invite(unit, role),))


def sheet(text: str, state: State, facts: Facts) -> Turn:
    """ "phiếu mời", "phiếu mời tất cả", "phiếu mời đổi mã"."""
    asked = bare(text.strip()).replace("doi ma", "").split()
    if asked not in ([], ["tat", "ca"]):
        return Turn(state, (Say("invite.which"),))
    return Turn(state, (), (PrintInvitations(bool(asked), "doi ma" in bare(text)),))
