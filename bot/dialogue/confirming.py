"""A value on its way into the books: read back with its verdicts, doubted where it is odd, recorded after "đúng"."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.dialogue import card, coded
from bot.dialogue.asking import following
from bot.dialogue.deeds import Explain, Record, TellPending
from bot.dialogue.drafts import ChoosingRow, Confirming, Explaining, Typing
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Deed, Idle, Option, Say, Turn
from bot.words import texts
from catalogue import pending, shortfall
from catalogue.model import Answer, Measure
from catalogue.standing import Reported

REASONS = {
    "cases": "option.why_cases",
    "software": "option.why_software",
    "habit": "option.why_habit",
    "late": "option.why_late",
}


def draft(
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
    if refused := refusal(work, work.standing.measure(measure), answer, before):
        return Turn(state, (refused,))
    same = isinstance(state, Typing | Confirming) and state.measure == measure
    seen = state.seen if same else before.id if before else 0  # type: ignore[union-attr]
    skipped = state.skipped if isinstance(state, Typing | Confirming) else ()
    as_of = state.as_of if isinstance(state, Confirming) and same else facts.today.isoformat()
    at = (work.campaign, work.standing.unit, measure, seen)
    told = pending.beside(verbatim, answer)
    if told is not None and not work.standing.measure(measure).pools:
        return Turn(state, (Say("report.nothing_pending_here", {"name": work.standing.measure(measure).name}),))
    kept = state.pending if told is None and same and isinstance(state, Confirming) else told
    files = state.files if same and isinstance(state, Confirming) else ()
    draft = Confirming(*at, coded.write(answer), as_of, verbatim, skipped=skipped, pending=kept, files=files)
    return confirm(draft, work, card.doubts(work, measure, answer, read))


def confirm(draft: Confirming, work: Work, doubts: tuple[str, ...]) -> Turn:
    answer = answer_of(draft.answer)
    draft = replace(draft, doubtful=bool(doubts))
    day = date.fromisoformat(draft.as_of)
    return Turn(draft, card.read_back(work, draft.measure, answer, day, doubts, draft.pending))


def refusal(work: Work, measure: Measure, answer: Answer, before: Reported | None) -> Say | None:
    if before and before.stage == "accepted":
        return accepted_already(work, before)
    if answer.kind == "na" and measure.kps == "forbidden":
        return Say("report.cannot_be_na", {"name": measure.name})
    return None


def accepted_already(work: Work, before: Reported) -> Say:
    """What was entered on the unit's behalf is the unit's to contest all the same."""
    facts = {"name": work.standing.measure(before.measure).name}
    if before.asks:
        return Say("behalf.accepted_already", facts | {"code": work.standing.judged(before.measure)[0].code})
    return Say("report.accepted_already", facts)


def yes(state: Confirming, work: Work, facts: Facts) -> Turn:
    """Recorded, unless it is doubtful still, or somebody else was quicker."""
    answer, before = answer_of(state.answer), work.standing.reported.get(state.measure)
    if before and before.stage == "accepted":
        return Turn(Idle(), (accepted_already(work, before),))
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
    answer = answer_of(state.answer)
    told = {"by": before.by_name, "was": card.written(before.answer), "now": card.written(answer)}
    options = (
        Option(f"yes {state.measure} {state.answer}", "option.replace"),
        Option(f"keep {state.measure} {before.id}", "option.keep"),
    )
    return Turn(replace(state, seen=before.id), (Say("report.somebody_was_quicker", told, options),))


def _recorded(state: Confirming, answer: Answer, work: Work, facts: Facts) -> Turn:
    at = (state.campaign, state.unit, state.measure)
    deeds: tuple[Deed, ...] = (Record(*at, answer, date.fromisoformat(state.as_of), state.verbatim, files=state.files),)
    if state.pending is not None:
        deeds += (TellPending(*at, state.pending),)
    after = recorded(work, {state.measure: answer}, facts)
    rows = work.standing.judged(state.measure)
    stored = Say("report.stored", {"codes": [row.code for row in rows], "was": card.written(answer)})
    if unexplained(work, {state.measure: answer}):
        asked = why_short(work, state.measure, answer, known=state.pending is not None)
        return Turn(Explaining(*at, state.skipped), (stored, *asked), deeds)
    turn = following(after, facts, state.skipped)
    return Turn(turn.remember, (stored, *turn.say), deeds)


def unexplained(work: Work, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The measures among these that are short, and for which the unit has given no reason yet."""
    return tuple(
        code
        for code, answer in answers.items()
        if code not in work.standing.explained and _is_short(work, code, answer)
    )


def _is_short(work: Work, code: str, answer: Answer) -> bool:
    measure = work.standing.measure(code)
    return any(shortfall.assess(answer, row, measure) for row in work.standing.judged(code))


def why_short(work: Work, code: str, answer: Answer, known: bool) -> tuple[Say, ...]:
    """The reason is asked for, and with it, where it would tell more, how many cases are still to be decided."""
    measure = work.standing.measure(code)
    counts = measure.pools and answer.numerator is not None and not known
    told = (Say("report.how_many_pending", {"noun": measure.noun}),) if counts else ()
    return (*told, Say("report.why_short", {}, reasons()))


def reasons() -> tuple[Option, ...]:
    return tuple(Option(f"why {reason}", kind) for reason, kind in REASONS.items())


def explained(state: Explaining, reason: str, work: Work, facts: Facts) -> Turn:
    words = texts("vi")[REASONS[reason]] if reason in REASONS else reason
    short = (state.measure, *state.others)
    deeds = tuple(Explain(state.campaign, state.unit, measure, words[:400]) for measure in short)
    turn = following(work, facts, state.skipped)
    return Turn(turn.remember, (Say("report.explained"), *turn.say), deeds)


def still_pending(state: Explaining, cases: int, work: Work) -> Turn:
    """The cases still to be decided, told while the reason is asked for, which is asked for once more."""
    told = pending_told(work, state.measure, cases)
    return Turn(state, (*told.say, Say("report.why_short", {}, reasons())), told.do)


def pending_told(work: Work, code: str, cases: int) -> Turn:
    """The cases still to be decided behind a figure that has been recorded."""
    measure, said = work.standing.measure(code), work.standing.reported.get(code)
    if said is None or not measure.pools or said.answer.numerator is None:
        return Turn(Idle(), (Say("report.nothing_pending_here", {"name": measure.name}),))
    lines = [card.verdict(work, row, said.answer, cases) for row in work.standing.judged(code)]
    taken = Say("report.pending_taken", {"name": measure.name, "cases": cases, "noun": measure.noun})
    return Turn(Idle(), (taken, *lines), (TellPending(work.campaign, work.standing.unit, code, cases),))


def recorded(work: Work, answers: dict[str, Answer], facts: Facts) -> Work:
    """The work as it will be once these are recorded."""
    me = (facts.me.id, facts.me.name) if facts.me else (0, "")
    fresh = {code: Reported(-1, code, said, facts.today, facts.now, *me) for code, said in answers.items()}
    return replace(work, standing=replace(work.standing, reported={**work.standing.reported, **fresh}))


def answer_of(code: str) -> Answer:
    answer = coded.read(code)
    if answer is None:
        raise ValueError(f"not an answer of ours: {code!r}")
    return answer
