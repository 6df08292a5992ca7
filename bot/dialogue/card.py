"""The card that reads an answer back: the value, each target and its verdict, what is missing, what looks odd."""

from collections.abc import Iterator
from datetime import date

from bot.dialogue import coded
from bot.dialogue.facts import Work
from bot.dialogue.turn import Option, Say
from catalogue import shortfall, target
from catalogue.model import Answer, Indicator
from catalogue.shortfall import Shortfall
from catalogue.standing import Reported, Standing

DROP = 30  # percentage points below the last value that are worth a second question


def read_back(
    work: Work, measure: str, answer: Answer, as_of: date, doubts: tuple[str, ...], pending: int | None = None
) -> tuple[Say, ...]:
    """Ends with the question whether it is right."""
    stands = work.standing
    facts = {"unit": stands.unit_name, **value(work, measure, answer)}
    told = [Say(_KINDS[answer.kind], facts)]
    told += [verdict(work, row, answer, pending) for row in stands.judged(measure)]
    if before := stands.reported.get(measure):
        told.append(Say("card.before", {"was": written(before.answer), "by": before.by_name}))
    told += [Say(doubt) for doubt in doubts] + list(checks(work, measure, answer))
    options = (option("yes", "option.yes", measure, answer), option("no", "option.no", measure, answer))
    sure = "card.sure_strong" if doubts else "card.sure"
    return (*told, Say(sure, {"as_of": as_of.isoformat()}, options))


_KINDS = {
    "value_fraction": "card.fraction",
    "value_percent": "card.percent",
    "met": "card.yes",
    "not_met": "card.no",
    "na": "card.na",
    "no_data_yet": "card.no_data_yet",
    "not_applicable": "card.not_applicable",
}


def option(act: str, kind: str, measure: str, answer: Answer) -> Option:
    """A button that says what it confirms: an old "Đúng" has another value in it."""
    return Option(f"{act} {measure} {coded.write(answer)}", kind, numbered=False)


def value(work: Work, measure: str, answer: Answer) -> dict[str, object]:
    asked = work.standing.measure(measure)
    codes = [row.code for row in work.standing.judged(measure)]
    facts: dict[str, object] = {"name": asked.name, "codes": codes, "noun": asked.noun}
    if answer.numerator is not None:
        facts |= {"numerator": answer.numerator, "denominator": answer.denominator}
    if answer.percent is not None:
        facts["percent"] = str(answer.percent)
    return facts


def written(answer: Answer) -> dict[str, object]:
    """An answer as a sentence of its own, for other sentences to hold."""
    facts: dict[str, object] = {}
    if answer.percent is not None:
        facts["percent"] = str(answer.percent)
    if answer.numerator is not None:
        facts |= {"numerator": answer.numerator, "denominator": answer.denominator}
    return {"kind": _WRITTEN[answer.kind], "facts": facts}


def told(one: Standing, measure: str) -> dict[str, object]:
    """What a unit has reported, marked where it came too late or was entered on the unit's behalf."""
    said = one.reported[measure]
    return marked(written(said.answer), one.late(measure), said.on_behalf)


def marked(was: dict[str, object], late: bool = False, on_behalf: bool = False) -> dict[str, object]:
    """An answer with how it came."""
    if late:
        was = {"kind": "answer_as.late", "facts": {"was": was}}
    return {"kind": "answer_as.on_behalf", "facts": {"was": was}} if on_behalf else was


_WRITTEN = {
    "value_fraction": "answer_as.fraction",
    "value_percent": "answer_as.percent",
    "met": "answer_as.yes",
    "not_met": "answer_as.no",
    "na": "answer_as.na",
    "no_data_yet": "answer_as.no_data_yet",
    "not_applicable": "answer_as.not_applicable",
}


def stands(work: Work, row: Indicator, said: Reported) -> Say:
    """One indicator's line of what has been reported, with the verdict of whoever accepted it."""
    line = verdict(work, row, said.answer)
    return Say(_JUDGED[said.judged], line.facts) if line.kind == "card.judged" else line


_JUDGED = {"": "card.judged", "met": "card.judged_met", "short": "card.judged_short"}


def verdict(work: Work, row: Indicator, answer: Answer, pending: int | None = None) -> Say:
    """One indicator's line: met, short by how much and what would mend it, or not for arithmetic to say."""
    measure = work.standing.measure(row.measure or "")
    found = target.judge_answer(answer, row, measure)
    facts = {"code": row.code, "target": row.target.raw if row.target else "", "unit": row.unit}
    if found is None:
        return Say("card.left_out", facts)
    if found.outcome != "short":
        return Say("card.met" if found.outcome == "met" else "card.judged", facts)
    lacking = shortfall.assess(answer, row, measure, pending)
    facts |= {"gap": str(found.gap), "noun": measure.noun}
    if lacking is None:
        return Say("card.short", facts)
    if lacking.pending is not None:
        return _of_pending(lacking, answer, facts)
    if not lacking.possible:
        return Say("card.out_of_reach", facts)
    if lacking.more is None:
        return Say("card.short", facts)
    return Say("card.short_growing" if measure.grows else "card.short_fixed", facts | {"more": lacking.more})


def _of_pending(lacking: Shortfall, answer: Answer, facts: dict[str, str]) -> Say:
    """Of the cases still to be decided, how many have to turn out well."""
    if not lacking.pending:
        return Say("card.out_of_reach", facts)
    known = {**facts, "pending": lacking.pending, "counted": answer.denominator}
    if not lacking.possible:
        return Say("card.pending_lost", known)
    kind = "card.short_rest" if shortfall.is_rest(answer, lacking.pending) else "card.short_pending"
    return Say(kind, {**known, "more": lacking.more})


def doubts(work: Work, measure: str, answer: Answer, read: tuple[str, ...]) -> tuple[str, ...]:
    """Why this value is asked about twice; `read`: what the reader noticed in the text itself."""
    return tuple(dict.fromkeys((*(_DOUBTS[why] for why in read if why in _DOUBTS), *_against(work, measure, answer))))


_DOUBTS = {
    "date": "doubt.date",
    "time": "doubt.date",
    "small": "doubt.small",
    "zero": "doubt.zero",
    "no_cases": "doubt.no_cases",
    "misspelt": "doubt.misspelt",
    "spelled_out": "doubt.misspelt",
}


def _against(work: Work, measure: str, answer: Answer) -> Iterator[str]:
    """What is odd beside the value reported before."""
    if answer.percent == 0:
        yield "doubt.zero"
    before = work.standing.reported.get(measure)
    if before is None or answer.percent is None or before.answer.percent is None:
        return
    if before.answer.percent - answer.percent > DROP:
        yield "doubt.drop"
    (n, m), (earlier, all_earlier) = _counts(answer), _counts(before.answer)
    if m is None or n is None or earlier is None or all_earlier is None:
        return  # a bare percentage has no counts that could fall
    if m < all_earlier:
        yield "doubt.falls"
    elif work.standing.measure(measure).grows and n < earlier:
        yield "doubt.part_falls"


def _counts(answer: Answer) -> tuple[int | None, int | None]:
    return answer.numerator, answer.denominator


def checks(work: Work, measure: str, answer: Answer) -> Iterator[Say]:
    """Soft questions between measures: never a refusal."""
    for check in work.standing.catalogue.checks:
        if measure not in (check.measure, check.other) or check.other == check.measure:
            continue
        answers = {code: said.answer for code, said in work.standing.reported.items()} | {measure: answer}
        one, other = answers.get(check.measure), answers.get(check.other)
        if one and other and _odd(check.kind, one, other):
            names = {"one": _name(work, check.measure), "other": _name(work, check.other)}
            yield Say(_CHECKS[check.kind], names)


def _name(work: Work, measure: str) -> str:
    return work.standing.measure(measure).name


def _odd(kind: str, one: Answer, other: Answer) -> bool:
    """Whether two answers can hardly both be right."""
    whole, numerator, against = _cases(one), one.numerator or 0, _cases(other)
    if whole is None or against is None:
        return kind == "late_is_whole" and one.percent == 100 and bool(against or other.has_value)
    match kind:
        case "late_is_whole":  # what was late in the one is what the other is about
            return whole - numerator != against
        case "whole_near":
            return abs(whole - against) * 10 > max(whole, against)
        case "whole_at_most":
            return whole > against
    return whole != against


def _cases(answer: Answer) -> int | None:
    """Where nothing arose there were none."""
    return 0 if answer.kind == "na" else answer.denominator


_CHECKS = {
    "late_is_whole": "check.late_is_whole",
    "whole_near": "check.whole_near",
    "whole_at_most": "check.whole_at_most",
    "whole_same": "check.whole_same",
}


def row_of(one: Standing, code: str) -> dict[str, object]:
    """One measure of a unit: what was said of it, and how that stands."""
    facts: dict[str, object] = {"codes": [row.code for row in one.judged(code)], "name": one.measure(code).name}
    said = one.reported.get(code)
    if said is None:
        return {"kind": "lookup.open", "facts": facts}
    facts["was"] = told(one, code)
    found = [one.state(row) for row in one.judged(code)]
    short = any(state.short for state in found)
    if said.stage == "waiting":
        kind = "lookup.owed_still" if said.owed else "lookup.short" if short else "lookup.said"
    else:
        kind = "lookup.accepted_short" if said.stage == "accepted" and short else _STAGES[said.stage]
    return {"kind": kind, "facts": facts}


_STAGES = {"returned": "lookup.returned", "contested": "lookup.contested", "accepted": "lookup.accepted"}
