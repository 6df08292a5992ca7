"""A value on its way into the books: read back with its verdicts, doubted where it is odd, recorded after "đúng"."""

from dataclasses import replace
from datetime import date

from bot.dialogue import card, coded
from bot.dialogue.asking import following
from bot.dialogue.deeds import Explain, Record
from bot.dialogue.drafts import ChoosingRow, Confirming, Explaining, Typing
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Idle, Option, Say, Turn
from bot.words import texts
from catalogue import shortfall
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
    draft = Confirming(*at, coded.write(answer), as_of, verbatim, skipped=skipped)
    return confirm(draft, work, card.doubts(work, measure, answer, read))


def confirm(draft: Confirming, work: Work, doubts: tuple[str, ...]) -> Turn:
    answer = answer_of(draft.answer)
    draft = replace(draft, doubtful=bool(doubts))
    return Turn(draft, card.read_back(work, draft.measure, answer, date.fromisoformat(draft.as_of), doubts))


def refusal(work: Work, measure: Measure, answer: Answer, before: Reported | None) -> Say | None:
    if before and before.stage == "accepted":
        return Say("report.accepted_already", {"name": measure.name})
    if answer.kind == "na" and measure.kps == "forbidden":
        return Say("report.cannot_be_na", {"name": measure.name})
    return None


def yes(state: Confirming, work: Work, facts: Facts) -> Turn:
    """Recorded, unless it is doubtful still, or somebody else was quicker."""
    answer, before = answer_of(state.answer), work.standing.reported.get(state.measure)
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
    answer = answer_of(state.answer)
    told = {"by": before.by_name, "was": card.written(before.answer), "now": card.written(answer)}
    options = (
        Option(f"yes {state.measure} {state.answer}", "option.replace"),
        Option(f"keep {state.measure} {before.id}", "option.keep"),
    )
    return Turn(replace(state, seen=before.id), (Say("report.somebody_was_quicker", told, options),))


def _recorded(state: Confirming, answer: Answer, work: Work, facts: Facts) -> Turn:
    record = Record(state.campaign, state.unit, state.measure, answer, date.fromisoformat(state.as_of), state.verbatim)
    after = recorded(work, {state.measure: answer}, facts)
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


def explained(state: Explaining, reason: str, work: Work, facts: Facts) -> Turn:
    words = texts("vi")[REASONS[reason]] if reason in REASONS else reason
    deed = Explain(state.campaign, state.unit, state.measure, words[:400])
    turn = following(work, facts, state.skipped)
    return Turn(turn.remember, (Say("report.explained"), *turn.say), (deed,))


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
