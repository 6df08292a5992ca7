"""Reporting: the next open figure → the answer → each target's verdict, is that right? → recorded, what next?"""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from bot.dialogue import card, coded
from bot.dialogue.deeds import Explain, Record
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Deed, Idle, Option, Said, Say, State, Turn, named
from bot.words import texts
from catalogue import answer as reader
from catalogue import shortfall
from catalogue.answer import Act, Ask, Awaiting, Batch, Choice, Context, Invalid, Mention, Reading, Value
from catalogue.dates import as_of_named
from catalogue.model import Answer, Measure
from catalogue.standing import Reported

REASONS = {
    "cases": "option.why_cases",
    "software": "option.why_software",
    "habit": "option.why_habit",
    "late": "option.why_late",
}


@dataclass(frozen=True)
class ChoosingUnit(State):
    """Which of their units a person with several wants to report for; `text`: what they said of it already."""

    text: str = ""
    awaiting: ClassVar = Awaiting.INDICATOR


@dataclass(frozen=True)
class ChoosingRow(State):
    """Which of several rows a reference meant; what came with it is kept."""

    campaign: int
    unit: str
    answer: str = ""
    awaiting: ClassVar = Awaiting.INDICATOR


@dataclass(frozen=True)
class Typing(State):
    """A figure is awaited. `seen`: the report that stood there when it was asked for, 0 for none."""

    campaign: int
    unit: str
    measure: str
    seen: int
    skipped: tuple[str, ...] = ()
    awaiting: ClassVar = Awaiting.VALUE


@dataclass(frozen=True)
class Confirming(State):
    """A figure has been read back, and counts only after "đúng"; twice "đúng" while there are doubts."""

    campaign: int
    unit: str
    measure: str
    seen: int
    answer: str
    as_of: str
    verbatim: str
    doubtful: bool = False
    skipped: tuple[str, ...] = ()
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class ConfirmingSeveral(State):
    """Several figures of one message have been read back; each draft is "measure answer"."""

    campaign: int
    unit: str
    drafts: tuple[str, ...]
    as_of: str
    verbatim: str
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Explaining(State):
    """Why the unit falls short of what was just recorded."""

    campaign: int
    unit: str
    measure: str
    skipped: tuple[str, ...] = ()
    awaiting: ClassVar = Awaiting.NOTHING


def start(facts: Facts) -> Turn:
    """Where it was left: the first open figure, of the only unit that has one or of the unit to be chosen."""
    if not facts.works:
        return Turn(Idle(), (Say("report.nothing_assigned"),))
    open = [work for work in facts.works if work.standing.owed]
    if not open:
        return Turn(Idle(), (Say("report.done"),))
    if len(open) > 1:
        options = tuple(named(f"unit {w.campaign} {w.standing.unit}", _unit_label(w, open)) for w in open)
        return Turn(ChoosingUnit(), (Say("report.which_unit", {}, options),))
    return ask(open[0], open[0].standing.owed[0], facts, lead=(_opening(open[0]),))


def _unit_label(work: Work, among: list[Work]) -> str:
    """The unit's name, with the year where it has several campaigns."""
    twice = sum(other.standing.unit == work.standing.unit for other in among) > 1
    return f"{work.standing.unit_name} ({work.plan.evaluation.year})" if twice else work.standing.unit_name


def _opening(work: Work) -> Say:
    facts = {"unit": work.standing.unit_name, "n": len(work.standing.owed), "deadline": work.plan.deadline.isoformat()}
    return Say("report.opening", facts)


def ask(work: Work, code: str, facts: Facts, lead: tuple[Say, ...] = (), skipped: tuple[str, ...] = ()) -> Turn:
    """The question for one measure, with its targets and what is to be counted."""
    stands, measure = work.standing, work.standing.measure(code)
    rows = [{"kind": "report.row", "facts": {"code": row.code, "target": row.target.raw if row.target else "",
             "unit": row.unit, "name": row.title}} for row in stands.judged(code)]  # fmt: skip
    asked = {"rows": rows, "name": measure.name, "numerator": measure.numerator, "denominator": measure.denominator}
    asked |= {"noun": measure.noun, "as_of": facts.today.isoformat(), "note": measure.note}
    before = stands.reported.get(code)
    told = [Say("report.ask_again", {"was": card.written(before.answer), "by": before.by_name})] if before else []
    told += [Say("report.returned", {"reason": before.reason})] if before and before.stage == "returned" else []
    typing = Typing(work.campaign, stands.unit, code, before.id if before else 0, skipped)
    return Turn(typing, (*lead, Say(_QUESTIONS[measure.kind], asked), *told))


_QUESTIONS = {
    "ratio": "report.ask",
    "survey": "report.ask",
    "closed_list": "report.ask_list",
    "yes_no": "report.ask_yes_no",
}


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    """`said.choice`: the option chosen, however it was; `reading`: what was typed, as the state awaits it."""
    act, *rest = (said.choice or "").split() or [""]
    match state, act:
        case ChoosingUnit(text), "unit":
            return _unit_chosen(text, facts.work(int(rest[0]), rest[1]), facts)
        case ChoosingUnit(), _:
            return start(facts)
    work = facts.work(state.campaign, state.unit) if isinstance(state, WITH_WORK) else None
    if work is None:
        return Turn(Idle(), (Say("report.gone"),))
    match state, act:
        case ChoosingRow(), "row":
            return _row_chosen(state, rest[0], work, facts)
        case Typing(measure=measure), "as" if rest[0] == measure:
            return _draft(work, state, measure, coded.read(rest[1]), facts, said.text or rest[1], ())
        case Confirming(), "yes":
            return _yes(state, work, facts)
        case Confirming(), "no":
            return ask(work, state.measure, facts, skipped=state.skipped)
        case Confirming(), "keep":
            return following(work, facts, state.skipped)
        case Explaining(), "why":
            return _explained(state, rest[0], work, facts)
    return _typed(state, said, reading, work, facts)


def _unit_chosen(text: str, work: Work | None, facts: Facts) -> Turn:
    if work is None:
        return start(facts)
    if text:
        reading = reader.read(text, Awaiting.INDICATOR, Context(work.standing.catalogue))
        return unasked(reading, Said(text), replace(facts, works=(work,)))
    return ask(work, work.standing.owed[0], facts) if work.standing.owed else following(work, facts, ())


WITH_WORK = (ChoosingRow, Typing, Confirming, ConfirmingSeveral, Explaining)


def _typed(state: State, said: Said, reading: Reading, work: Work, facts: Facts) -> Turn:
    match state, reading:
        case Explaining(), Act("skip" | "reject"):
            return following(work, facts, state.skipped)
        case Explaining(), Value():
            return Turn(state, (Say("report.reason_first"),))
        case Explaining(), _:
            return _explained(state, said.text.strip(), work, facts)
        case Confirming(), Act("confirm"):
            return _yes(state, work, facts)
        case ConfirmingSeveral(), Act("confirm"):
            return _yes_to_all(state, work, facts)
        case Confirming(), Act("reject" | "edit"):
            return ask(work, state.measure, facts, skipped=state.skipped)
        case ConfirmingSeveral(), Act("reject" | "edit"):
            return Turn(Idle(), (Say("report.several_again"),))
        case Typing() | Confirming(), Act("skip"):
            return following(work, facts, (*state.skipped, state.measure))
        case Confirming(), _ if day := as_of_named(said.text, facts.today):
            return _confirm(replace(state, as_of=day.isoformat()), work, ())
        case ((Typing() | Confirming()), Value(reference=None)):
            return _value(state, reading, said, work, facts)
        case _, Value() | Batch() | Mention():
            return referred(reading, said, work, facts, state)
        case ((Typing() | Confirming()), Ask()):
            return _which(state, reading, said)
        case ((Typing() | Confirming()), Invalid()):
            return _refused(state, reading, said)
    return Turn(state, (_not_understood(state, said),))


def _value(state: Typing | Confirming, reading: Value, said: Said, work: Work, facts: Facts) -> Turn:
    if reading.unit_named and facts.office:
        meant = {unit.id for unit in facts.office.match(reading.unit_named).units}
        if meant and work.standing.unit not in meant:
            return Turn(
                state, (Say("report.other_unit", {"named": reading.unit_named, "unit": work.standing.unit_name}),)
            )
    return _draft(work, state, state.measure, reading.answer, facts, said.text, reading.doubts)


def _which(state: Typing | Confirming, reading: Ask, said: Said) -> Turn:
    """More than one meaning: each is an option that carries its own."""
    options = tuple(_meaning(state.measure, choice) for choice in reading.choices if choice.answer)
    typing = Typing(state.campaign, state.unit, state.measure, state.seen, state.skipped)
    return Turn(typing, (Say(reading.why, {"text": said.text.strip(), **reading.facts}, options),))


def _meaning(measure: str, choice: Choice) -> Option:
    code = coded.write(choice.answer) if choice.answer else ""
    facts = card.written(choice.answer)["facts"] if choice.answer else {}
    return Option(f"as {measure} {code}", choice.label, facts)  # type: ignore[arg-type] # a dict


def _refused(state: Typing | Confirming, reading: Invalid, said: Said) -> Turn:
    options: tuple[Option, ...] = ()
    if reading.proposal:
        options = (_meaning(state.measure, Choice("answer.choice.fraction", reading.proposal)),)
    typing = Typing(state.campaign, state.unit, state.measure, state.seen, state.skipped)
    facts = {"text": said.text.strip(), "example": reading.example, **reading.facts}
    return Turn(typing, (Say(reading.why, facts, options),))


def _not_understood(state: State, said: Said) -> Say:
    told = {"text": said.text.strip()[:80]}
    if isinstance(state, Confirming | ConfirmingSeveral):
        return Say("report.say_yes_or_no", told)
    return Say("answer.unreadable", told | {"example": "45/60"})


def _draft(
    work: Work,
    state: Typing | Confirming | ChoosingRow,
    measure: str,
    answer: Answer | None,
    facts: Facts,
    verbatim: str,
    read: tuple[str, ...],
) -> Turn:
    """The value read back, to be confirmed; refused where it can't be taken at all."""
    before = work.standing.reported.get(measure)
    if answer is None:
        return Turn(state, (Say("talk.old"),))
    if refusal := _refusal(work, work.standing.measure(measure), answer, before):
        return Turn(state, (refusal,))
    same = isinstance(state, Typing | Confirming) and state.measure == measure
    seen = state.seen if same else before.id if before else 0  # type: ignore[union-attr]
    skipped = state.skipped if isinstance(state, Typing | Confirming) else ()
    as_of = state.as_of if isinstance(state, Confirming) and same else facts.today.isoformat()
    at = (work.campaign, work.standing.unit, measure, seen)
    draft = Confirming(*at, coded.write(answer), as_of, verbatim, skipped=skipped)
    return _confirm(draft, work, card.doubts(work, measure, answer, read))


def _confirm(draft: Confirming, work: Work, doubts: tuple[str, ...]) -> Turn:
    answer = _answer(draft.answer)
    draft = replace(draft, doubtful=bool(doubts))
    return Turn(draft, card.read_back(work, draft.measure, answer, date.fromisoformat(draft.as_of), doubts))


def _refusal(work: Work, measure: Measure, answer: Answer, before: Reported | None) -> Say | None:
    if before and before.stage == "accepted":
        return Say("report.accepted_already", {"name": measure.name})
    if answer.kind == "na" and measure.kps == "forbidden":
        return Say("report.cannot_be_na", {"name": measure.name})
    return None


def _yes(state: Confirming, work: Work, facts: Facts) -> Turn:
    """Recorded, unless it is doubtful still, or somebody else was quicker."""
    answer, before = _answer(state.answer), work.standing.reported.get(state.measure)
    if before and before.stage == "accepted":
        return Turn(Idle(), (Say("report.accepted_already", {"name": work.standing.measure(state.measure).name}),))
    if before and before.id != state.seen:
        return _somebody_was_quicker(state, before)
    if state.doubtful:
        options = (
            card.option("yes", "option.yes", state.measure, answer),
            card.option("no", "option.no", state.measure, answer),
        )
        return Turn(replace(state, doubtful=False), (Say("report.really", {"was": card.written(answer)}, options),))
    return _recorded(state, answer, work, facts)


def _somebody_was_quicker(state: Confirming, before: Reported) -> Turn:
    answer = _answer(state.answer)
    told = {"by": before.by_name, "was": card.written(before.answer), "now": card.written(answer)}
    options = (
        Option(f"yes {state.measure} {state.answer}", "option.replace"),
        Option(f"keep {state.measure} {before.id}", "option.keep"),
    )
    return Turn(replace(state, seen=before.id), (Say("report.somebody_was_quicker", told, options),))


def _recorded(state: Confirming, answer: Answer, work: Work, facts: Facts) -> Turn:
    record = Record(state.campaign, state.unit, state.measure, answer, date.fromisoformat(state.as_of), state.verbatim)
    after = _after(work, {state.measure: answer}, facts)
    rows = work.standing.judged(state.measure)
    stored = Say("report.stored", {"codes": [row.code for row in rows], "was": card.written(answer)})
    measure = work.standing.measure(state.measure)
    short = any(shortfall.assess(answer, row, measure) for row in rows)
    if short and state.measure not in work.standing.explained:
        why = tuple(Option(f"why {reason}", kind) for reason, kind in REASONS.items())
        explaining = Explaining(state.campaign, state.unit, state.measure, state.skipped)
        return Turn(explaining, (stored, Say("report.why_short", {}, why)), (record,))
    turn = following(after, facts, state.skipped)
    return Turn(turn.remember, (stored, *turn.say), (record,))


def _explained(state: Explaining, reason: str, work: Work, facts: Facts) -> Turn:
    words = texts("vi")[REASONS[reason]] if reason in REASONS else reason
    deed = Explain(state.campaign, state.unit, state.measure, words[:400])
    turn = following(work, facts, state.skipped)
    return Turn(turn.remember, (Say("report.explained"), *turn.say), (deed,))


def _yes_to_all(state: ConfirmingSeveral, work: Work, facts: Facts) -> Turn:
    drafts = {measure: _answer(code) for measure, _, code in (draft.partition(" ") for draft in state.drafts)}
    day = date.fromisoformat(state.as_of)
    deeds: list[Deed] = [
        Record(state.campaign, state.unit, measure, answer, day, state.verbatim) for measure, answer in drafts.items()
    ]
    turn = following(_after(work, drafts, facts), facts, ())
    return Turn(turn.remember, (Say("report.stored_several", {"n": len(deeds)}), *turn.say), tuple(deeds))


def _after(work: Work, recorded: dict[str, Answer], facts: Facts) -> Work:
    """The work as it will be once these are recorded."""
    me = (facts.me.id, facts.me.name) if facts.me else (0, "")
    fresh = {code: Reported(-1, code, said, facts.today, facts.now, *me) for code, said in recorded.items()}
    return replace(work, standing=replace(work.standing, reported={**work.standing.reported, **fresh}))


def following(work: Work, facts: Facts, skipped: tuple[str, ...]) -> Turn:
    """The next open figure that was not put off; how many are left when there is none."""
    owed = work.standing.owed
    if nexts := [code for code in owed if code not in skipped]:
        return ask(work, nexts[0], facts, lead=(Say("report.left", {"n": len(owed)}),), skipped=skipped)
    told = {"n": len(owed), "unit": work.standing.unit_name, "deadline": work.plan.deadline.isoformat()}
    elsewhere = [w for w in facts.works if w.standing.owed and w.standing.unit != work.standing.unit]
    more = (Say("report.other_units", {"n": len(elsewhere)}),) if elsewhere else ()
    return Turn(Idle(), (Say("report.skipped_left" if owed else "report.unit_done", told), *more))


def referred(reading: Reading, said: Said, work: Work, facts: Facts, state: State) -> Turn:
    """What was typed names its row itself: one or several, with or without a value."""
    match reading:
        case Mention("indicator_ref"):
            return _row(work, measures_of(work, reading.codes), None, said, facts, reading.text)
        case Value(reference=str(reference)):
            codes = reader.references(reference, work.standing.catalogue)
            return _row(work, measures_of(work, codes), reading, said, facts, reference)
        case Batch():
            return _several(reading, said, work, facts)
    return Turn(state, (_not_understood(state, said),))


def measures_of(work: Work, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The unit's own measures behind these indicators."""
    catalogue = work.standing.catalogue
    found = (catalogue.by_code[code].measure for code in codes if code in catalogue.by_code)
    return tuple(dict.fromkeys(code for code in found if code in work.standing.measures and code))


def _row(work: Work, found: tuple[str, ...], value: Value | None, said: Said, facts: Facts, typed: str) -> Turn:
    if not found:
        return Turn(Idle(), (Say("report.no_such_row", {"text": typed, "unit": work.standing.unit_name}),))
    if len(found) > 1:
        options = tuple(named(f"row {code}", row_label(work, code)) for code in found[:9])
        waiting = ChoosingRow(work.campaign, work.standing.unit, coded.write(value.answer) if value else "")
        return Turn(waiting, (Say("report.which_row", {"text": typed}, options),))
    if value is None:
        return ask(work, found[0], facts)
    at = ChoosingRow(work.campaign, work.standing.unit)
    return _draft(work, at, found[0], value.answer, facts, said.text, value.doubts)


def row_label(work: Work, measure: str) -> str:
    codes = ", ".join(row.code for row in work.standing.judged(measure))
    return f"{codes}: {work.standing.measure(measure).name}"


def _row_chosen(state: ChoosingRow, measure: str, work: Work, facts: Facts) -> Turn:
    if state.answer:
        return _draft(work, state, measure, coded.read(state.answer), facts, state.answer, ())
    return ask(work, measure, facts)


def _several(reading: Batch, said: Said, work: Work, facts: Facts) -> Turn:
    """Each line by itself: taken, to be asked, or refused; nothing is recorded before "đúng"."""
    drafts: dict[str, Answer] = {}
    told: list[Say] = []
    for reference, codes, one in reading.items:
        found = measures_of(work, codes)
        told.append(_line(work, reference, found, one, drafts))
    if not drafts:
        return Turn(Idle(), (Say("report.several"), *told, Say("report.several_none")))
    options = (Option("yes all", "option.yes", numbered=False), Option("no all", "option.no", numbered=False))
    codes_kept = tuple(f"{measure} {coded.write(answer)}" for measure, answer in drafts.items())
    state = ConfirmingSeveral(work.campaign, work.standing.unit, codes_kept, facts.today.isoformat(), said.text)
    return Turn(state, (Say("report.several"), *told, Say("report.several_sure", {"n": len(drafts)}, options)))


def _line(work: Work, reference: str, found: tuple[str, ...], one: Reading, drafts: dict[str, Answer]) -> Say:
    if len(found) != 1:
        return Say("report.line_row" if found else "report.line_no_row", {"reference": reference})
    measure = work.standing.measure(found[0])
    match one:
        case Value(answer=answer):
            refusal = _refusal(work, measure, answer, work.standing.reported.get(found[0]))
            if refusal or found[0] in drafts:
                return refusal or Say("report.line_twice", {"reference": reference})
            drafts[found[0]] = answer
            short = any(shortfall.assess(answer, row, measure) for row in work.standing.judged(found[0]))
            facts = {"reference": reference, "name": measure.name, "was": card.written(answer)}
            return Say("report.line_short" if short else "report.line_taken", facts)
        case Ask():
            return Say("report.line_ask", {"reference": reference, "name": measure.name})
    return Say("report.line_refused", {"reference": reference, "name": measure.name})


def _answer(code: str) -> Answer:
    answer = coded.read(code)
    if answer is None:
        raise ValueError(f"not an answer of ours: {code!r}")
    return answer


def unasked(reading: Reading, said: Said, facts: Facts) -> Turn:
    """A value or a row named while nothing was being asked: for which unit, if that is not clear?"""
    if not facts.works:
        return Turn(Idle(), (Say("report.nothing_assigned"),))
    fitting = [work for work in facts.works if _fits(work, reading)] or list(facts.works)
    if len(fitting) > 1:
        options = tuple(named(f"unit {w.campaign} {w.standing.unit}", _unit_label(w, fitting)) for w in fitting[:9])
        return Turn(ChoosingUnit(said.text), (Say("report.which_unit", {}, options),))
    work = fitting[0]
    if isinstance(reading, Value) and reading.reference is None:
        if len(work.standing.owed) != 1:
            return Turn(Idle(), (Say("report.which_first", {"text": said.text.strip()[:80]}),))
        (only,) = work.standing.owed
        return _draft(work, ChoosingRow(*_at(work)), only, reading.answer, facts, said.text, reading.doubts)
    return referred(reading, said, work, facts, Idle())


def _fits(work: Work, reading: Reading) -> bool:
    """Whether this unit owes a row that the message names; any unit does when it names none."""
    catalogue = work.standing.catalogue
    match reading:
        case Value(reference=str(reference)):
            return bool(measures_of(work, reader.references(reference, catalogue)))
        case Mention(codes=codes):
            return bool(measures_of(work, codes))
        case Batch(items=items):
            return any(measures_of(work, codes) for _, codes, _ in items)
    return bool(work.standing.owed)


def correct(text: str, said: Said, state: State, facts: Facts) -> Turn:
    """ "sửa 2.8 76%", "sửa 2.8", or "sửa" alone: what was reported last is offered."""
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


def back(state: State, facts: Facts) -> Turn:
    """One question back: from a read-back to its question, from a question to the choice of rows."""
    if isinstance(state, Confirming) and (work := facts.work(state.campaign, state.unit)):
        return ask(work, state.measure, facts, skipped=state.skipped)
    return Turn(Idle(), (Say("talk.stopped"),))


def _at(work: Work) -> tuple[int, str]:
    return work.campaign, work.standing.unit
