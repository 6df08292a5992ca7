"""Appraisal in chat: one card after the other, accepted, returned with a reason, or left for later."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.deeds import Appraise, NextCard, Scope
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue.answer import Act, Awaiting, Reading

LONGEST = 400  # characters of a reason


@dataclass(frozen=True)
class Appraising(State):
    """A card is shown; its options carry the report. `scope`: "unit CCKL", "measure M05", or all."""

    scope: str = ""
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Returning(State):
    """The reason for which a report goes back is awaited."""

    report: int
    scope: str = ""
    awaiting: ClassVar = Awaiting.NAME


def start(text: str, state: State, facts: Facts) -> Turn:
    """ "thẩm định", "thẩm định CCKL", "thẩm định 2.8"."""
    if not text.strip():
        return _go_on(Scope())
    match = facts.office.match(text) if facts.office else None
    codes = [(book, code) for book in facts.catalogues for code in reader.references(text, book)]
    measures = {book.by_code[code].measure or "" for book, code in codes} - {""}
    if len(measures) == 1:
        return _go_on(Scope("measure", measures.pop()))
    if match and len(match.units) == 1:
        return _go_on(Scope("unit", match.units[0].id))
    if match and match.units:
        options = tuple(named(f"appraise unit {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": text.strip()[:80]}, options),))
    return Turn(state, (Say("appraise.no_such", {"text": text.strip()[:80]}),))


def chosen(rest: str, state: State, facts: Facts) -> Turn:
    """A unit chosen from a list of several."""
    return _go_on(Scope.read(rest))


def _go_on(scope: Scope, after: int = 0) -> Turn:
    return Turn(Appraising(scope.write()), (), (NextCard(scope, after),))


def accept(number: str, state: State, facts: Facts) -> Turn:
    """The id is the report's: a card that was answered before says so, whatever stands there now."""
    scope = _scope(state)
    report = int(number)
    return Turn(Appraising(scope.write()), (), (Appraise(report, True), NextCard(scope, report)))


def give_back(number: str, state: State, facts: Facts) -> Turn:
    return Turn(Returning(int(number), _scope(state).write()), (Say("appraise.why"),))


def later(number: str, state: State, facts: Facts) -> Turn:
    return _go_on(_scope(state), int(number))


def _scope(state: State) -> Scope:
    return Scope.read(state.scope) if isinstance(state, Appraising | Returning) else Scope()


def step(state: State, offered: tuple[Option, ...], said: Said, reading: Reading, facts: Facts) -> Turn:
    if isinstance(state, Returning):
        return _returned(state, said.text)
    report = next((option.id.split()[1] for option in offered if option.id.startswith("accept ")), "")
    act = reading.kind if isinstance(reading, Act) else ""
    if not report:
        return Turn(Idle(), (Say("appraise.stopped"),))
    if act in ("confirm", "ack"):
        return accept(report, state, facts)
    if act == "reject":
        return give_back(report, state, facts)
    if act == "skip":
        return later(report, state, facts)
    return Turn(state, (Say("appraise.say_which", {}, offered),))


def _returned(state: Returning, reason: str) -> Turn:
    reason, scope = " ".join(reason.split()), Scope.read(state.scope)
    if not 3 <= len(reason) <= LONGEST:
        return Turn(state, (Say("appraise.why_in_words", {"most": LONGEST}),))
    deeds = (Appraise(state.report, False, reason), NextCard(scope, state.report))
    return Turn(Appraising(state.scope), (), deeds)
