"""The questions of a report: where to begin, the next open figure, what is left."""

from bot.dialogue import card, coded
from bot.dialogue.drafts import ChoosingUnit, Typing
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Idle, Option, Say, Turn, named
from catalogue.answer import Ask, Invalid
from catalogue.model import Answer, Indicator
from catalogue.reading import yes_or_no


def start(facts: Facts) -> Turn:
    """Where it was left: the first open figure, of the only unit that has one or of the unit to be chosen."""
    if not facts.works:
        return Turn(Idle(), (Say("report.only_watched" if facts.watched else "report.nothing_assigned"),))
    open = [work for work in facts.works if work.standing.owed]
    if not open:
        return Turn(Idle(), (Say("report.done"),))
    if len(open) > 1:
        options = tuple(named(f"unit {w.campaign} {w.standing.unit}", unit_label(w, open)) for w in open)
        return Turn(ChoosingUnit(), (Say("report.which_unit", {}, options),))
    return ask(open[0], open[0].standing.owed[0], facts, lead=(_opening(open[0]),))


def unit_label(work: Work, among: list[Work]) -> str:
    """The unit's name, with the year where it has several campaigns."""
    twice = sum(other.standing.unit == work.standing.unit for other in among) > 1
    return f"{work.standing.unit_name} ({work.plan.evaluation.year})" if twice else work.standing.unit_name


def _opening(work: Work) -> Say:
    facts = {"unit": work.standing.unit_name, "n": len(work.standing.owed), "deadline": work.plan.deadline.isoformat()}
    return Say("report.opening", facts)


def ask(work: Work, code: str, facts: Facts, lead: tuple[Say, ...] = (), skipped: tuple[str, ...] = ()) -> Turn:
    """The question for one measure, with its targets and what is to be counted."""
    stands, measure = work.standing, work.standing.measure(code)
    rows = [{"kind": "report.row", "facts": _assigned(row)} for row in stands.judged(code)]
    first = stands.judged(code)[0]  # a row below a heading says too little alone
    asked: dict[str, object] = {"rows": rows, "name": measure.name if first.parent else first.title}
    asked |= {"numerator": measure.numerator, "denominator": measure.denominator}
    otherwise = "report.later" if measure.kps == "forbidden" else "report.none_or_later"
    asked |= {"otherwise": {"kind": otherwise, "facts": {"noun": measure.noun}}, "as_of": facts.today.isoformat()}
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


def _assigned(row: Indicator) -> dict[str, str]:
    return {"code": row.code, "target": row.target.raw if row.target else "", "unit": row.unit}


def unclear(work: Work, measure: str, reading: Ask | Invalid, typed: str, skipped: tuple[str, ...] = ()) -> Turn:
    """A question back about what was typed, or why it can't be; what it may have meant are the options."""
    before = work.standing.reported.get(measure)
    typing = Typing(work.campaign, work.standing.unit, measure, before.id if before else 0, skipped, typed)
    if isinstance(reading, Invalid) and work.standing.measure(measure).kind == "yes_no":
        reading = yes_or_no(typed)  # what is wrong with it as a figure is beside the point
    if isinstance(reading, Ask):
        options = tuple(_meaning(measure, choice.label, choice.answer) for choice in reading.choices if choice.answer)
    else:
        meant = reading.proposal
        options = (_meaning(measure, "answer.choice.fraction", meant),) if meant else ()
    return Turn(typing, (Say(reading.why, {**reading.facts, "text": short(typed)}, options),))


def _meaning(measure: str, label: str, answer: Answer) -> Option:
    facts = {"numerator": answer.numerator, "denominator": answer.denominator, "percent": str(answer.percent)}
    return Option(f"as {measure} {coded.write(answer)}", label, facts)


def of_another(work: Work, facts: Facts) -> Say | None:
    """What to say where the message names units, but not the one whose figure it would be."""
    if facts.meant is None or work.standing.unit in facts.meant.units:
        return None
    return Say("report.other_unit", {"named": facts.meant.text, "unit": work.standing.unit_name})


def short(text: str) -> str:
    """As much of what was typed as an answer repeats."""
    return " ".join(text.split())[:80]


def following(work: Work, facts: Facts, skipped: tuple[str, ...]) -> Turn:
    """The next open figure that was not put off; how many are left when there is none."""
    owed = work.standing.owed
    if nexts := [code for code in owed if code not in skipped]:
        return ask(work, nexts[0], facts, lead=(Say("report.left", {"n": len(owed)}),), skipped=skipped)
    told = {"n": len(owed), "unit": work.standing.unit_name, "deadline": work.plan.deadline.isoformat()}
    elsewhere = [w for w in facts.works if w.standing.owed and w.standing.unit != work.standing.unit]
    more = (Say("report.other_units", {"n": len(elsewhere)}),) if elsewhere else ()
    return Turn(Idle(), (Say("report.skipped_left" if owed else "report.unit_done", told), *more))
