"""What TCCB sees in chat: who has not answered, who falls short, one unit."""

from bot.dialogue.deeds import Look, Sight
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Say, State, Turn, named
from catalogue import answer as reader


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
_LONG: tuple[Sight, ...] = (
    *DETAILS.values(),
    "unit",
    "indicator",
    "notice",
    "pending",
    "codes",
    "questions",
    "journal",
)
_OF_PEOPLE: tuple[Sight, ...] = ("unreachable", "notice", "pending", "codes", "questions", "journal")


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


def journal(rest: str, state: State, facts: Facts) -> Turn:
    """ "nhật ký CCKL", "nhật ký 2.8 CCKL": what was done about a unit, or about one row of it."""
    first, _, others = rest.strip().partition(" ")
    found = (reader.references(first, catalogue) for catalogue in facts.catalogues) if others else ()
    code = next((codes[0] for codes in found if codes), "")
    named_unit = others if code else rest
    match = facts.office.match(named_unit) if facts.office else None
    if match is None or not match.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": named_unit}),))
    if len(match.units) > 1:
        return Turn(state, (Say("journal.which_unit", {"names": [unit.name for unit in match.units[:9]]}),))
    return Turn(state, (), (Look("journal", f"{match.units[0].id} {_measure(code, facts)}".strip()),))


def _measure(code: str, facts: Facts) -> str:
    rows = (catalogue.by_code[code].measure for catalogue in facts.catalogues if code in catalogue.by_code)
    return next((measure for measure in rows if measure), "")


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
