"""Messages that name their row themselves: one or several, with or without a value; corrections among them."""

import re
from dataclasses import replace

from bot.dialogue import coded, several
from bot.dialogue.asking import ask, of_another, short, start, unclear, unit_label
from bot.dialogue.confirming import draft, pending_told
from bot.dialogue.drafts import ChoosingRow, ChoosingUnit
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Idle, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue import pending
from catalogue.answer import Ask, Awaiting, Batch, Context, Invalid, Mention, Reading, Value

BECOMES = re.compile(r"(?<=\d)\s+(?:(?:lại\s+)?(?:thành|sang)|lại)\s+(?=\d)", re.IGNORECASE)


def referred(reading: Reading, said: Said, work: Work, facts: Facts, state: State) -> Turn:
    """What was typed names its row itself: one or several, with or without a value."""
    if isinstance(reading, Value | Batch) and (other := of_another(work, facts)):
        return Turn(state, (other,))
    match reading:
        case Mention("indicator_ref"):
            return _row(work, work.measures_of(reading.codes), None, said, facts, reading.text)
        case Value(reference=str(reference)):
            codes = reader.references(reference, work.standing.catalogue)
            return _row(work, work.measures_of(codes), reading, said, facts, reference)
        case Batch():
            return several.read_back(reading, said, work, facts)
        case Ask(reference=str(reference)) | Invalid(reference=str(reference)):
            found = work.measures_of(reader.references(reference, work.standing.catalogue))
            cases = pending.named(said.text.partition(reference)[2].lstrip(" :=-"))
            if len(found) == 1 and cases is not None:
                return replace(pending_told(work, found[0], cases), remember=state)
            if len(found) == 1:
                return unclear(work, found[0], reading, said.text)
            return _row(work, found, None, said, facts, reference)
    return Turn(state, (Say("report.which_first", {"text": short(said.text)}),))


def _row(work: Work, found: tuple[str, ...], value: Value | None, said: Said, facts: Facts, typed: str) -> Turn:
    if not found:
        return Turn(Idle(), (Say("report.no_such_row", {"text": typed, "unit": work.standing.unit_name}),))
    if len(found) > 1:
        options = tuple(named(f"row {code}", row_label(work, code)) for code in found[:9])
        waiting = ChoosingRow(*_at(work), coded.write(value.answer) if value else "", said.text)
        return Turn(waiting, (Say("report.which_row", {"text": typed}, options),))
    if value is None:
        return ask(work, found[0], facts)
    return draft(work, ChoosingRow(*_at(work)), found[0], value.answer, facts, said.text, value.doubts)


def row_label(work: Work, measure: str) -> str:
    codes = ", ".join(row.code for row in work.standing.judged(measure))
    return f"{codes}: {work.standing.measure(measure).name}"


def row_chosen(state: ChoosingRow, measure: str, work: Work, facts: Facts) -> Turn:
    if state.answer:
        return draft(work, state, measure, coded.read(state.answer), facts, state.verbatim, ())
    return ask(work, measure, facts)


def unasked(reading: Reading, said: Said, facts: Facts) -> Turn:
    """A value or a row named while nothing was being asked: for which unit, if that is not clear?"""
    if not facts.works:
        return start(facts)
    fitting = [work for work in facts.works if fits(work, reading)]
    meant = [work for work in fitting if not of_another(work, facts)]
    if len(fitting) > 1 and not meant and facts.meant:
        units = ", ".join(dict.fromkeys(work.standing.unit_name for work in fitting))
        return Turn(Idle(), (Say("report.other_unit", {"named": facts.meant.text, "unit": units}),))
    fitting = meant or fitting
    if not fitting and isinstance(reading, Mention) and not any(map(str.isdigit, reading.text)):
        return Turn(Idle(), (Say("talk.not_understood", {"text": short(said.text)}),))  # words that sound like a row
    if not fitting and not (isinstance(reading, Value) and reading.reference is None):
        fitting = [facts.works[0]]  # which says that it has no such row
    fitting = fitting or list(facts.works)
    if len(fitting) > 1:
        options = tuple(named(f"unit {w.campaign} {w.standing.unit}", unit_label(w, fitting)) for w in fitting[:9])
        return Turn(ChoosingUnit(said.text), (Say("report.which_unit", {}, options),))
    work = fitting[0]
    if isinstance(reading, Value) and reading.reference is None:
        if len(work.standing.owed) != 1:
            return Turn(Idle(), (Say("report.which_first", {"text": short(said.text)}),))
        (only,) = work.standing.owed
        if other := of_another(work, facts):
            return Turn(Idle(), (other,))
        return draft(work, ChoosingRow(*_at(work)), only, reading.answer, facts, said.text, reading.doubts)
    return referred(reading, said, work, facts, Idle())


def fits(work: Work, reading: Reading) -> bool:
    """Whether this unit owes a row that the message names; any unit does when it names none."""
    catalogue = work.standing.catalogue
    match reading:
        case Value(reference=str(reference)) | Ask(reference=str(reference)) | Invalid(reference=str(reference)):
            return bool(work.measures_of(reader.references(reference, catalogue)))
        case Mention(codes=codes):
            return bool(work.measures_of(codes))
        case Batch(items=items):
            return any(work.measures_of(item.codes) for item in items)
    return bool(work.standing.owed)


def correct(text: str, said: Said, state: State, facts: Facts) -> Turn:
    """ "sửa 2.8 76%", "sửa 2.8 thành 76%", "sửa 2.8", or "sửa" alone: what was reported last is offered."""
    text = BECOMES.sub(": ", text, count=1)
    if text.strip():
        reading = reader.read(
            text, Awaiting.INDICATOR, Context(facts.works[0].standing.catalogue if facts.works else None)
        )
        return unasked(reading, Said(text), facts)
    for work in facts.works:
        said_last = sorted(work.standing.reported.values(), key=lambda one: one.given, reverse=True)
        if said_last:
            options = tuple(named(f"row {one.measure}", row_label(work, one.measure)) for one in said_last[:5])
            return Turn(ChoosingRow(*_at(work)), (Say("report.correct_which", {}, options),))
    return Turn(state, (Say("report.nothing_to_correct"),))


def _at(work: Work) -> tuple[int, str]:
    return work.campaign, work.standing.unit
