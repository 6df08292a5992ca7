"""Looking without changing: what is missing, all rows, one row explained, its history."""

from bot.dialogue import card
from bot.dialogue.deeds import Look, Tell
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Deed, Say, State, Turn
from catalogue import answer as reader
from catalogue.model import Indicator


def missing(state: State, facts: Facts) -> Turn:
    """What is still owed, unit by unit; the talk in progress goes on."""
    told = [say for work in facts.works for say in _missing(work, facts)]
    told += [] if facts.works else _watched(facts)
    return Turn(state, tuple(told) or (Say("report.nothing_assigned"),))


def _watched(facts: Facts) -> list[Say]:
    """A head sees all units at one look, a line each; a single unit in full."""
    if len(facts.watched) <= 1:
        return [say for work in facts.watched for say in _missing(work, facts)]
    late = [work.standing for work in facts.watched if work.standing.owed]
    items = [
        {"kind": "remind.head_item", "facts": {"unit": one.unit_name, "n": len(one.owed), "all": len(one.measures)}}
        for one in late
    ]
    deadline = min(work.plan.deadline for work in facts.watched)
    told = {"deadline": deadline.isoformat(), "left": max((deadline - facts.today).days, 0), "all": len(facts.watched)}
    return [Say("lookup.watched" if late else "lookup.watched_complete", told | {"n": len(late), "items": items})]


def _missing(work: Work, facts: Facts) -> tuple[Say, ...]:
    stands = work.standing
    if not stands.measures:
        return ()
    left = (work.plan.deadline - facts.today).days
    told = {"unit": stands.unit_name, "deadline": work.plan.deadline.isoformat(), "left": max(left, 0)}
    if stands.complete:
        return (Say("lookup.nothing_missing", told),)
    rows = [_row(work, code) for code in stands.owed]
    return (Say("lookup.missing", told | {"n": len(stands.owed), "all": len(stands.measures), "items": rows}),)


def _row(work: Work, code: str) -> dict[str, object]:
    codes = [row.code for row in work.standing.judged(code)]
    return {"kind": "lookup.item", "facts": {"codes": codes, "name": work.standing.measure(code).name}}


def everything(state: State, facts: Facts) -> Turn:
    """Every row of the unit with what was reported."""
    told = []
    for work in facts.visible:
        items = [card.row_of(work.standing, code) for code in work.standing.measures]
        told.append(Say("lookup.all", {"unit": work.standing.unit_name, "items": items}))
    return Turn(state, tuple(told) or (Say("report.nothing_assigned"),))


def explain(reference: str, state: State, facts: Facts) -> Turn:
    """One indicator: what it counts, its target, where it comes from, where the unit stands, or all of them."""
    if facts.oversees and (named := _of_the_office(reference, facts)):
        return Turn(state, (), (Look("indicator", named),))
    for work in facts.visible:
        if codes := reader.references(reference, work.standing.catalogue):
            rows = [work.standing.catalogue.by_code[code] for code in codes[:3]]
            return Turn(state, tuple(say for row in rows for say in _explained(row, work)))
    return Turn(state, (Say("lookup.no_such_row", {"text": reference}),))


def _of_the_office(reference: str, facts: Facts) -> str:
    """The code of the row meant, for whoever looks at all units."""
    found = (reader.references(reference, catalogue) for catalogue in facts.catalogues)
    return next((codes[0] for codes in found if codes), "")


def _explained(row: Indicator, work: Work) -> tuple[Say, ...]:
    catalogue = work.standing.catalogue
    section = next(part for part in catalogue.sections if part.number == row.section)
    told = {"code": row.code, "printed": row.printed, "section": row.section, "name": row.title, "unit": row.unit}
    told |= {"target": row.target.raw if row.target else "", "basis": section.legal_basis, "lead": row.lead}
    if row.measure is None:
        return (Say("lookup.heading", told),)
    measure = catalogue.measures[row.measure]
    told |= {"numerator": measure.numerator, "denominator": measure.denominator, "note": measure.note}
    said = work.standing.reported.get(measure.code)
    if row.code not in work.standing.indicators:
        return (Say("lookup.explained", told), Say("lookup.not_yours"))
    verdict = (card.stands(work, row, said),) if said else (Say("lookup.not_yet"),)
    return (Say("lookup.explained", told), *verdict)


def history(reference: str, state: State, facts: Facts) -> Turn:
    """Everything ever reported on a row; the desk looks it up."""
    for work in facts.visible:
        found = work.measures_of(reader.references(reference, work.standing.catalogue))
        if found:
            deeds: tuple[Deed, ...] = tuple(Tell(work.campaign, work.standing.unit, code) for code in found[:3])
            return Turn(state, (), deeds)
    return Turn(state, (Say("lookup.no_such_row", {"text": reference}),))


def deadline(state: State, facts: Facts) -> Turn:
    told = [
        Say("lookup.deadline", {"deadline": w.plan.deadline.isoformat(), "left": (w.plan.deadline - facts.today).days})
        for w in {work.campaign: work for work in facts.visible}.values()
    ]
    return Turn(state, (*told, *missing(state, facts).say)) if told else missing(state, facts)
