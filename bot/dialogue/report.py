"""Reporting: the next open figure → the answer → each target's verdict, is that right? → recorded, what next?"""

from dataclasses import replace

from bot.dialogue import coded, several, worksheet
from bot.dialogue.asking import ask, following, of_another, short, start, unclear
from bot.dialogue.confirming import confirm, draft, explained, still_pending, yes
from bot.dialogue.drafts import (
    ChoosingRow,
    ChoosingUnit,
    Confirming,
    ConfirmingSeveral,
    ConfirmingSheet,
    Explaining,
    Typing,
)
from bot.dialogue.facts import Facts, Work
from bot.dialogue.rows import fits, referred, row_chosen, unasked
from bot.dialogue.turn import Idle, Said, Say, State, Turn
from catalogue import answer as reader
from catalogue import pending, phrases, pointing
from catalogue.answer import Act, Ask, Awaiting, Batch, Context, Invalid, Mention, Reading, Value
from catalogue.dates import as_of_named
from catalogue.reading import yes_or_no
from catalogue.text import Typed


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    """`said.choice`: the option chosen, however it was; `reading`: what was typed, as the state awaits it."""
    act, *rest = (said.choice or "").split() or [""]
    match state, act:
        case ChoosingUnit(text), "unit":
            return _unit_chosen(text, facts.work(int(rest[0]), rest[1]), facts)
        case ChoosingUnit(), _ if facts.meant and isinstance(reading, Value | Batch):
            return unasked(reading, said, facts)
        case ChoosingUnit(), _:
            return start(facts)
    work = facts.work(state.campaign, state.unit) if isinstance(state, WITH_WORK) else None
    if work is None:
        return Turn(Idle(), (Say("report.gone"),))
    match state, act:
        case ChoosingRow(), "row":
            return row_chosen(state, rest[0], work, facts)
        case Typing(measure=measure), "as" if rest[0] == measure:
            return draft(work, state, measure, coded.read(rest[1]), facts, _verbatim(state, said), ())
        case Confirming(), "yes":
            return yes(state, work, facts)
        case Confirming(), "no":
            return ask(work, state.measure, facts, skipped=state.skipped)
        case ConfirmingSeveral(), "yes":
            return several.yes(state, work, facts)
        case ConfirmingSeveral(), "no":
            return Turn(Idle(), (Say("report.several_again"),))
        case ConfirmingSheet(), "yes":
            return worksheet.yes(state, work, facts)
        case ConfirmingSheet(), "no":
            return Turn(Idle(), (Say("sheet.dropped"),))
        case Confirming(), "keep":
            return following(work, facts, state.skipped)
        case Explaining(), "why":
            return explained(state, rest[0], work, facts)
    return _typed(state, said, reading, work, facts)


def _unit_chosen(text: str, work: Work | None, facts: Facts) -> Turn:
    if work is None:
        return start(facts)
    if text:
        reading = reader.read(text, Awaiting.INDICATOR, Context(work.standing.catalogue))
        return unasked(reading, Said(text), replace(facts, works=(work,)))
    return ask(work, work.standing.owed[0], facts) if work.standing.owed else following(work, facts, ())


WITH_WORK = (ChoosingRow, Typing, Confirming, ConfirmingSeveral, ConfirmingSheet, Explaining)


def _typed(state: State, said: Said, reading: Reading, work: Work, facts: Facts) -> Turn:
    if isinstance(state, Explaining):
        return _reason(state, said, reading, work, facts)
    match state, reading:
        case Confirming(), Act("confirm"):
            return yes(state, work, facts)
        case ConfirmingSeveral(), Act("confirm"):
            return several.yes(state, work, facts)
        case ConfirmingSheet(), Act("confirm"):
            return worksheet.yes(state, work, facts)
        case ConfirmingSheet(), Act("reject" | "edit"):
            return Turn(Idle(), (Say("sheet.dropped"),))
        case Confirming(), Act("reject" | "edit"):
            return ask(work, state.measure, facts, skipped=state.skipped)
        case ConfirmingSeveral(), Act("reject" | "edit"):
            return Turn(Idle(), (Say("report.several_again"),))
        case Typing() | Confirming(), Act("skip"):
            return following(work, facts, (*state.skipped, state.measure))
        case Confirming(), _ if (cases := pending.named(said.text)) is not None:
            return _pending(state, cases, work)
        case Confirming(), _ if day := as_of_named(said.text, facts.today):
            return confirm(replace(state, as_of=day.isoformat()), work, ())
        case ((Typing() | Confirming()), Value(reference=None)):
            return _value(state, _measure(state, said, work), reading, said, work, facts)
        case _, Value() | Batch() | Mention() | Ask(reference=str()) | Invalid(reference=str()):
            here = fits(work, reading)
            return referred(reading, said, work, facts, state) if here else unasked(reading, said, facts)
        case ((Typing() | Confirming()), Ask() | Invalid()):
            return unclear(work, _measure(state, said, work), reading, said.text, state.skipped)
    return _not_understood(state, said, work, facts)


def _not_understood(state: State, said: Said, work: Work, facts: Facts) -> Turn:
    """A greeting is answered by the question that is open."""
    told = {"text": short(said.text)}
    if not isinstance(state, Typing):
        return Turn(
            state, (Say("answer.unreadable" if isinstance(state, ChoosingRow) else "report.say_yes_or_no", told),)
        )
    courtesy = phrases.courtesy(said.text)
    if courtesy == "thanks":
        return Turn(state, (Say("talk.thanks"),))
    if courtesy == "greeting":
        return ask(work, state.measure, facts, lead=(Say("talk.greeting"),), skipped=state.skipped)
    if work.standing.measure(state.measure).kind == "yes_no":
        return unclear(work, state.measure, yes_or_no(said.text), said.text, state.skipped)
    return Turn(state, (Say("answer.unreadable", told),))


def _reason(state: Explaining, said: Said, reading: Reading, work: Work, facts: Facts) -> Turn:
    """Whatever is typed is the reason, but a figure is not, nor how many cases are still to be decided, nor "ok"."""
    cases = None if state.others else pending.named(said.text)
    if cases is not None:
        return still_pending(state, cases, work)
    if (isinstance(reading, Act) and reading.kind in ("skip", "reject")) or phrases.courtesy(said.text):
        return following(work, facts, state.skipped)
    if isinstance(reading, Value | Batch) or _points_at_a_row(reading) or not any(map(str.isalpha, said.text)):
        return Turn(state, (Say("report.reason_first"),))
    return explained(state, said.text.strip(), work, facts)


def _pending(state: Confirming, cases: int, work: Work) -> Turn:
    """The card once more, with what the cases still to be decided make of it."""
    if not work.standing.measure(state.measure).pools or not state.answer.count("/"):
        return Turn(state, (Say("report.nothing_pending_here", {"name": work.standing.measure(state.measure).name}),))
    return confirm(replace(state, pending=cases), work, ())


def _measure(state: Typing | Confirming, said: Said, work: Work) -> str:
    """The one that is asked for, unless the words before the figure are those of another that the unit owes."""
    catalogue = work.standing.catalogue
    named = pointing.in_front(Typed.of(said.text), Context(catalogue))
    found = work.measures_of(reader.references(named, catalogue)) if named else ()
    told = len(found) == 1 and "yes_no" not in {work.standing.measure(code).kind for code in (*found, state.measure)}
    return found[0] if told else state.measure


def _points_at_a_row(reading: Reading) -> bool:
    """By its number; words of a row's name are those of any reason."""
    told = reading.text if isinstance(reading, Mention) else getattr(reading, "reference", None) or ""
    return any(map(str.isdigit, told))


def _value(state: Typing | Confirming, measure: str, reading: Value, said: Said, work: Work, facts: Facts) -> Turn:
    if other := of_another(work, facts):
        return Turn(state, (other,))
    return draft(work, state, measure, reading.answer, facts, said.text, reading.doubts)


def _verbatim(state: Typing, said: Said) -> str:
    """What was typed at first, and how the question about it was answered."""
    return " → ".join(part for part in (state.typed, said.text or (said.choice or "")) if part)


def back(state: State, facts: Facts) -> Turn:
    """One question back: from a read-back to its question, from a question to the choice of rows."""
    if isinstance(state, Confirming) and (work := facts.work(state.campaign, state.unit)):
        return ask(work, state.measure, facts, skipped=state.skipped)
    return Turn(Idle(), (Say("talk.stopped"),))
