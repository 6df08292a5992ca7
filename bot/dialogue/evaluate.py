"""What TCCB does in chat: let people in, invite, see who has not answered."""

from bot.dialogue.deeds import Decide, Invite, Look, PrintInvitations, Sight
from bot.dialogue.facts import ROLES, Facts, Pending
from bot.dialogue.turn import Option, Say, State, Turn, named
from catalogue.text import bare


def pending(state: State, facts: Facts) -> Turn:
    """Who waits to be let in."""
    if not facts.pending:
        return Turn(state, (Say("desk.nobody_waits"),))
    items = [{"kind": "desk.waits", "facts": _person(person)} for person in facts.pending]
    options = tuple(
        Option(f"approve {p.id}", "option.approve", {"name": p.name}, numbered=False) for p in facts.pending[:8]
    )
    return Turn(state, (Say("desk.waiting", {"items": items}, options),))


def approve(number: str, state: State, facts: Facts) -> Turn:
    return _decide(number, True, "", state, facts)


def refuse(number: str, state: State, facts: Facts) -> Turn:
    number, _, reason = number.partition(" ")
    return _decide(number, False, reason.strip(), state, facts)


def _decide(number: str, yes: bool, reason: str, state: State, facts: Facts) -> Turn:
    waiting = {str(person.id): person for person in facts.pending}
    if not number and len(waiting) == 1:
        number = next(iter(waiting))
    if number not in waiting:
        return Turn(state, (Say("desk.not_waiting"),)) if number else pending(state, facts)
    told = _person(waiting[number])
    kind = "desk.approved" if yes else "desk.refused"
    return Turn(state, (Say(kind, told),), (Decide(int(number), yes, reason),))


def _person(person: Pending) -> dict[str, object]:
    return {"id": person.id, "name": person.name, "unit": person.unit_name, "role": ROLES[person.role]}


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


def missing(state: State) -> Turn:
    return Turn(state, (), (Look("missing"),))


def detail(number: str, state: State, facts: Facts) -> Turn:
    """ "chi tiết 1": a line of the day's summary, in full."""
    found = DETAILS.get(number.strip())
    return (
        Turn(state, (), (Look(found),))
        if found and _may_see(found, facts)
        else Turn(state, (Say("desk.which_detail"),))
    )


DETAILS: dict[str, Sight] = {"1": "missing", "2": "short", "3": "waiting", "4": "unreachable", "5": "nobody"}
_LONG: tuple[Sight, ...] = (*DETAILS.values(), "indicator", "notice")
_OF_PEOPLE: tuple[Sight, ...] = ("unreachable", "notice")


def _may_see(sight: Sight, facts: Facts) -> bool:
    """Lists of people, with their telephones, are TCCB's."""
    return facts.tccb or sight not in _OF_PEOPLE


def more(rest: str, state: State, facts: Facts) -> Turn:
    """The next lines of a list: which, from which line on, of what."""
    at, _, begin = rest.partition(" ")
    start, _, what = begin.partition(" ")
    for sight in _LONG:
        if sight == at and _may_see(sight, facts) and start.isdecimal() and start.isascii():
            return Turn(state, (), (Look(sight, what, int(start)),))
    return Turn(state, (Say("talk.old"),))


def letter(rest: str, state: State, facts: Facts) -> Turn:
    """ "thư mời": for units that nobody has registered for."""
    return Turn(state, (), (Look("letter"),))


def unit(text: str, state: State, facts: Facts) -> Turn:
    """ "đơn vị CCKL": one unit's rows."""
    match = facts.office.match(text) if facts.office else None
    if match is None or not match.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": text}),))
    if len(match.units) > 1:
        options = tuple(named(f"unit-card {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": text}, options),))
    return Turn(state, (), (Look("unit", match.units[0].id),))
