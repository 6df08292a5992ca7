"""Several figures in one message: each line taken, asked about or refused by itself; recorded after one "đúng"."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.dialogue import card, coded
from bot.dialogue.asking import following, short
from bot.dialogue.confirming import answer_of, reasons, recorded, refusal, unexplained
from bot.dialogue.deeds import Record
from bot.dialogue.drafts import ConfirmingSeveral, Explaining
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Idle, Option, Said, Say, Turn
from catalogue import shortfall
from catalogue.answer import Ask, Batch, Item, Value
from catalogue.dates import as_of_named
from catalogue.model import Answer

YES_OR_NO = (Option("yes all", "option.yes", numbered=False), Option("no all", "option.no", numbered=False))
LIKE_A_ROW = re.compile(r"[\w. ]*\d ?[:=]")


def read_back(reading: Batch, said: Said, work: Work, facts: Facts) -> Turn:
    """Line by line what was understood; the drafts wait for "đúng"."""
    drafts: dict[str, Answer] = {}
    odd: list[str] = []
    told = [say for item in reading.items for say in _line(work, item, drafts, odd)]
    if not drafts:
        return Turn(Idle(), (Say("report.several"), *told, Say("report.several_none")))
    days = (as_of_named(line, facts.today) for line in said.text.splitlines())
    as_of = next(filter(None, days), facts.today).isoformat()
    told += [Say("report.several_as_of", {"as_of": as_of})] if as_of != facts.today.isoformat() else []
    bare = [code for code, answer in drafts.items() if answer.kind == "value_percent"]
    told += [Say("report.several_bare", {"names": _names(work, bare)})] if bare else []
    kept = tuple(f"{measure} {coded.write(answer)} {standing_in(work, measure)}" for measure, answer in drafts.items())
    state = ConfirmingSeveral(work.campaign, work.standing.unit, kept, as_of, said.text, tuple(odd))
    return Turn(state, (Say("report.several"), *told, Say("report.several_sure", {"n": len(drafts)}, YES_OR_NO)))


def _names(work: Work, measures: Iterable[str]) -> list[str]:
    return [work.standing.measure(code).name for code in measures]


def standing_in(work: Work, measure: str) -> int:
    """The report that stands there now, 0 for none."""
    before = work.standing.reported.get(measure)
    return before.id if before else 0


def _line(work: Work, item: Item, drafts: dict[str, Answer], odd: list[str]) -> tuple[Say, ...]:
    """What became of one line; a value taken is added to the drafts, and to the odd ones where it is doubted."""
    found = work.measures_of(item.codes)
    if not item.reference and item.text and not LIKE_A_ROW.match(item.text):
        return (Say("report.line_unread", {"text": short(item.text)}),)
    if len(found) != 1:
        text = item.reference or short(item.text)
        return (Say("report.line_row" if found else "report.line_no_row", {"reference": text}),)
    (code,) = found
    told = {"reference": item.reference, "name": work.standing.measure(code).name}
    match item.reading:
        case Value(answer=answer, doubts=doubts):
            says = _taken(work, code, answer, doubts, told, drafts)
            odd += [code] if len(says) > 1 else []
            return says
        case Ask():
            return (Say("report.line_ask", told),)
    return (Say("report.line_refused", told),)


def _taken(
    work: Work, code: str, answer: Answer, doubts: tuple[str, ...], told: dict[str, str], drafts: dict[str, Answer]
) -> tuple[Say, ...]:
    measure = work.standing.measure(code)
    if refused := refusal(work, measure, answer, work.standing.reported.get(code)):
        return (refused,)
    if code in drafts:
        return (Say("report.line_twice", told),)
    drafts[code] = answer
    missed = any(shortfall.assess(answer, row, measure) for row in work.standing.judged(code))
    line = Say("report.line_short" if missed else "report.line_taken", {**told, "was": card.written(answer)})
    return (line, *(Say(doubt) for doubt in card.doubts(work, code, answer, doubts)))


def yes(state: ConfirmingSeveral, work: Work, facts: Facts) -> Turn:
    """All are recorded but those that somebody else has reported in between; odd ones are asked about once more."""
    if state.doubtful:
        asked = Say("report.really_several", {"names": _names(work, state.doubtful)}, YES_OR_NO)
        return Turn(replace(state, doubtful=()), (asked,))
    drafts = [(measure, answer_of(code), int(seen)) for measure, code, seen in map(str.split, state.drafts)]
    mine = {measure: answer for measure, answer, seen in drafts if standing_in(work, measure) == seen}
    overtaken = _names(work, [measure for measure, _, _ in drafts if measure not in mine])
    day = date.fromisoformat(state.as_of)
    deeds = tuple(
        Record(state.campaign, state.unit, measure, answer, day, state.verbatim) for measure, answer in mine.items()
    )
    told = [Say("report.stored_several", {"n": len(mine)})]
    told += [Say("report.overtaken", {"names": overtaken})] if overtaken else []
    if short := unexplained(work, mine):
        asked = Say("report.why_short_several", {"names": _names(work, short)}, reasons())
        return Turn(Explaining(state.campaign, state.unit, short[0], (), short[1:]), (*told, asked), deeds)
    turn = following(recorded(work, mine, facts), facts, ())
    return Turn(turn.remember, (*told, *turn.say), deeds)
