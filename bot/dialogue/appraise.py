"""Appraisal in chat: one card after the other, accepted, returned with a reason, or left for later."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.dialogue.deeds import AcceptAll, Appraise, NextCard, PreviewAll, Queue, Scope
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue.answer import Act, Awaiting, Reading, Value
from catalogue.text import Typed

SHORTEST, LONGEST = 3, 400  # characters of a reason
GIVEN_BACK = re.compile(r"(?:tra lai|tra ve)\b[ :,.-]*")


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


@dataclass(frozen=True)
class Judging(State):
    """Whether the figure that is being accepted reaches its target is awaited from whoever accepts it."""

    report: int
    scope: str = ""
    awaiting: ClassVar = Awaiting.YES_NO


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


def queue(rest: str, state: State, facts: Facts) -> Turn:
    """ "chờ thẩm định"; pressed for the next lines, it says how many have been seen."""
    return Turn(state, (), (Queue(int(rest) if rest.isdecimal() and rest.isascii() else 0),))


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


def judge(number: str, state: State, facts: Facts) -> Turn:
    """Accepting what arithmetic can't judge: first whether it reaches the target."""
    options = (
        Option(f"met {number}", "option.met", numbered=False),
        Option(f"short {number}", "option.short", numbered=False),
    )
    return Turn(Judging(int(number), _scope(state).write()), (Say("appraise.met_or_short", {}, options),))


def met(number: str, state: State, facts: Facts) -> Turn:
    return _judged(int(number), "met", state)


def short(number: str, state: State, facts: Facts) -> Turn:
    return _judged(int(number), "short", state)


def _judged(report: int, outcome: Literal["met", "short"], state: State) -> Turn:
    scope = _scope(state)
    return Turn(Appraising(scope.write()), (), (Appraise(report, True, outcome=outcome), NextCard(scope, report)))


def give_back(number: str, state: State, facts: Facts) -> Turn:
    return Turn(Returning(int(number), _scope(state).write()), (Say("appraise.why"),))


def later(number: str, state: State, facts: Facts) -> Turn:
    return _go_on(_scope(state), int(number))


def _scope(state: State) -> Scope:
    return Scope.read(state.scope) if isinstance(state, Appraising | Returning | Judging) else Scope()


def step(state: State, offered: tuple[Option, ...], said: Said, reading: Reading, facts: Facts) -> Turn:
    if isinstance(state, Returning):
        return _returned(state, said.text)
    if isinstance(state, Judging):
        return _told(state, reading, facts)
    if everything := next((option.id for option in offered if option.id.startswith("accept-all ")), ""):
        return _all_or_none(everything, state, said, reading, facts)
    accepting = next((option.id for option in offered if option.id.startswith(("accept ", "judge "))), "")
    how, _, report = accepting.partition(" ")
    act = reading.kind if isinstance(reading, Act) else ""
    if not report:
        return Turn(Idle(), (Say("appraise.stopped"),))
    typed = Typed.of(said.text)
    if returning := GIVEN_BACK.match(typed.bare):
        reason, returned = typed.shown[returning.end() :], Returning(int(report), _scope(state).write())
        return _returned(returned, reason) if len(reason) >= SHORTEST else give_back(report, state, facts)
    if act in ("confirm", "ack"):
        return (judge if how == "judge" else accept)(report, state, facts)
    if act == "reject":
        return give_back(report, state, facts)
    if act == "skip":
        return later(report, state, facts)
    return Turn(state, (Say("appraise.say_which", {}, offered),))


def _told(state: Judging, reading: Reading, facts: Facts) -> Turn:
    said = reading.answer.kind if isinstance(reading, Value) else ""
    if said in ("met", "not_met"):
        return _judged(state.report, "met" if said == "met" else "short", state)
    if isinstance(reading, Act) and reading.kind == "skip":
        return later(str(state.report), state, facts)
    return judge(str(state.report), state, facts)


def _all_or_none(id: str, state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    act = reading.kind if isinstance(reading, Act) else ""
    if act in ("confirm", "ack"):
        return accept_all(id.partition(" ")[2], state, facts)
    if act in ("reject", "skip") or said.choice == "accept-none":
        return Turn(Idle(), (Say("appraise.none_accepted"),))
    return Turn(state, (Say("appraise.all_or_none"),))


def _returned(state: Returning, reason: str) -> Turn:
    reason, scope = " ".join(reason.split()), Scope.read(state.scope)
    if not SHORTEST <= len(reason) <= LONGEST:
        return Turn(state, (Say("appraise.why_in_words", {"most": LONGEST}),))
    deeds = (Appraise(state.report, False, reason), NextCard(scope, state.report))
    return Turn(Appraising(state.scope), (), deeds)
