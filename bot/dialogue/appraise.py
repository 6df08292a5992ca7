"""Appraisal in chat: one card after the other, accepted, returned with a reason, or left for later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.deeds import AcceptAll, Appraise, NextCard, PreviewAll, Scope
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
    return _meant(text, state, facts, "appraise", _go_on)


def start_all(text: str, state: State, facts: Facts) -> Turn:
    """ "chấp nhận tất cả", "chấp nhận tất cả CCKL", "chấp nhận tất cả 2.8"."""
    return _meant(text, state, facts, "preview-all", _preview)


def _meant(text: str, state: State, facts: Facts, act: str, go_on: Callable[[Scope], Turn]) -> Turn:
    """`act`: the option by which one of several units is chosen."""
    if not text.strip():
        return go_on(Scope())
    match = facts.office.match(text) if facts.office else None
    codes = [(book, code) for book in facts.catalogues for code in reader.references(text, book)]
    measures = {book.by_code[code].measure or "" for book, code in codes} - {""}
    if len(measures) == 1:
        return go_on(Scope("measure", measures.pop()))
    if match and len(match.units) == 1:
        return go_on(Scope("unit", match.units[0].id))
    if match and match.units:
        options = tuple(named(f"{act} unit {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": text.strip()[:80]}, options),))
    return Turn(state, (Say("appraise.no_such", {"text": text.strip()[:80]}),))


def chosen(rest: str, state: State, facts: Facts) -> Turn:
    """A unit chosen from a list of several."""
    return _go_on(Scope.read(rest))


def _go_on(scope: Scope, after: int = 0) -> Turn:
    return Turn(Appraising(scope.write()), (), (NextCard(scope, after),))


def chosen_all(rest: str, state: State, facts: Facts) -> Turn:
    return _preview(Scope.read(rest))


def _preview(scope: Scope) -> Turn:
    return Turn(Appraising(scope.write()), (), (PreviewAll(scope),))


def accept_all(rest: str, state: State, facts: Facts) -> Turn:
    """The id says what was shown: what came in since is not accepted unseen."""
    newest, _, scope = rest.partition(" ")
    if not newest.isdecimal():
        return Turn(state, (Say("talk.old"),))
    return Turn(Idle(), (), (AcceptAll(Scope.read(scope), int(newest)),))


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
    if everything := next((option.id for option in offered if option.id.startswith("accept-all ")), ""):
        return _all_or_none(everything, state, said, reading, facts)
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


def _all_or_none(id: str, state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    act = reading.kind if isinstance(reading, Act) else ""
    if act in ("confirm", "ack"):
        return accept_all(id.partition(" ")[2], state, facts)
    if act in ("reject", "skip") or said.choice == "accept-none":
        return Turn(Idle(), (Say("appraise.none_accepted"),))
    return Turn(state, (Say("appraise.all_or_none"),))


def _returned(state: Returning, reason: str) -> Turn:
    reason, scope = " ".join(reason.split()), Scope.read(state.scope)
    if not 3 <= len(reason) <= LONGEST:
        return Turn(state, (Say("appraise.why_in_words", {"most": LONGEST}),))
    deeds = (Appraise(state.report, False, reason), NextCard(scope, state.report))
    return Turn(Appraising(state.scope), (), deeds)
