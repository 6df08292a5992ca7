"""A unit's own worksheet: handed out, and taken back cell by cell after one "đúng". Read as chat is read."""

from collections.abc import Iterable
from datetime import date

from bot.dialogue import enrol, notice
from bot.dialogue.asking import following
from bot.dialogue.confirming import answer_of, recorded
from bot.dialogue.deeds import Explain, HandOut, Record
from bot.dialogue.drafts import ConfirmingSheet, Filled
from bot.dialogue.facts import Facts, Work
from bot.dialogue.several import standing_in
from bot.dialogue.sheet import Sheet
from bot.dialogue.taking import take
from bot.dialogue.turn import Attachment, Deed, Idle, Option, Say, State, Turn

MOST = 5  # units of one person whose sheets go out at once


def wanted(state: State, facts: Facts) -> Turn:
    """ "mẫu": a sheet for each unit that the person reports for."""
    if not facts.works:
        return Turn(state, (Say("report.only_watched" if facts.watched else "report.nothing_assigned"),))
    works = [work for work in facts.works if work.standing.measures][:MOST]
    return Turn(state, (), tuple(HandOut(("worksheet",), work.campaign, work.standing.unit) for work in works))


def is_meant(sheet: Sheet, state: State, facts: Facts) -> bool:
    """Whether a workbook is figures sent back, and not a notice's attachment or a stranger's."""
    composing = type(state).__module__ in (notice.__name__, enrol.__name__)
    return facts.me is not None and not composing and bool(facts.works) and (not sheet.refused or state == Idle())


def received(sheet: Sheet, file: Attachment, state: State, facts: Facts) -> Turn:
    """What was read, line by line; the figures wait for "đúng"."""
    if sheet.refused:
        return Turn(state, (Say(sheet.refused, sheet.facts),))
    work = facts.work(sheet.campaign, sheet.unit)
    if work is None:
        own = any(one.standing.unit == sheet.unit for one in facts.works)
        return Turn(state, (Say("sheet.old_campaign" if own else "sheet.other_unit"),))
    taking = take(sheet, work, facts.today)
    told = (Say("sheet.read", {"unit": work.standing.unit_name}), *taking.told)
    told += (Say("sheet.unchanged", {"n": taking.same}),) if taking.same else ()
    if not taking.filled:
        return Turn(Idle(), (*told, Say("sheet.nothing_new" if not taking.faults else "sheet.nothing_taken")))
    number = file.kept or 0
    options = tuple(
        Option(f"{act} sheet {number}", kind, numbered=False)
        for act, kind in (("yes", "option.yes"), ("no", "option.no"))
    )
    sure = "sheet.sure_of_the_rest" if taking.faults else "sheet.sure"
    state = ConfirmingSheet(work.campaign, work.standing.unit, number, tuple(taking.filled))
    return Turn(state, (*told, Say(sure, {"n": len(taking.filled), "faults": taking.faults}, options)))


def yes(state: ConfirmingSheet, work: Work, facts: Facts) -> Turn:
    """All are recorded but those that somebody else has reported in between."""
    mine = [one for one in state.filled if standing_in(work, one.measure) == one.seen]
    overtaken = [work.standing.measure(one.measure).name for one in state.filled if one not in mine]
    told = [Say("report.stored_several", {"n": len(mine)})]
    told += [Say("report.overtaken", {"names": overtaken})] if overtaken else []
    after = recorded(work, {one.measure: answer_of(one.answer) for one in mine}, facts)
    turn = following(after, facts, ())
    return Turn(turn.remember, (*told, *turn.say), deeds_of(state.campaign, state.unit, mine))


def deeds_of(campaign: int, unit: str, filled: Iterable[Filled]) -> tuple[Deed, ...]:
    """The figures of a sheet to be recorded, and the reasons given beside them."""
    deeds: list[Deed] = []
    for one in filled:
        at = (campaign, unit, one.measure)
        deeds.append(Record(*at, answer_of(one.answer), date.fromisoformat(one.as_of), one.verbatim, one.evidence))
        deeds += [Explain(*at, one.reason)] if one.reason else []
    return tuple(deeds)
