"""Reports are accepted or returned, card by card."""

from dataclasses import asdict

from bot import overview
from bot.clerk.errand import Errand, Says
from bot.dialogue import card
from bot.dialogue.deeds import (
    Scope,
)
from bot.dialogue.facts import Work
from bot.dialogue.turn import Option, Say
from storage import audit, campaigns, outbox, people, reports, units


def appraise(report: int, accept: bool, reason: str, errand: Errand) -> Says:
    """A return goes to the unit at once, with the reason; the question is open there again."""
    tx, now = errand.tx, errand.now
    row, verdict = reports.at(tx, report), reports.ACCEPTED if accept else reports.RETURNED
    if row is None or not reports.appraise(tx, report, verdict, errand.me, now, reason):
        return (Say("appraise.too_late"),)
    subject = f"{row.campaign}/{row.unit}/{row.measure}"
    audit.note(tx, errand.who, verdict, subject, now, became=report, verbatim=reason or None)
    catalogue = errand.catalogues[campaigns.at(tx, row.campaign).catalogue]
    codes = [indicator.code for indicator in catalogue.judging[row.measure]]
    facts = {"codes": codes, "was": card.written(reports.as_answer(row)), "reason": reason}
    facts["unit"] = units.names(tx).get(row.unit, row.unit)
    if accept:
        return (Say("appraise.accepted", facts),)
    for person in sorted({one.person for one in people.serving(tx, "focal") if one.unit == row.unit}):
        if to := people.reach(tx, person):
            said = asdict(Say("appraise.returned_to_unit", facts | {"example": codes[0]}))
            outbox.put(tx, to, [said], outbox.REPLY, now, about=f"returned:{report}")
    return (Say("appraise.returned", facts),)


def next_card(scope: Scope, after: int, errand: Errand) -> Says:
    """Unit by unit in the office's order; after the last one, those that were left for later are over."""
    waiting = [
        (seen, one, one.reported[code])
        for seen in overview.views(errand.tx, errand.catalogues, errand.now)
        for one, code in seen.waiting
        if scope in (Scope(), Scope("unit", one.unit), Scope("measure", code))
    ]
    ahead = [found for found in waiting if found[2].id > after]
    if not ahead:
        return (Say("appraise.left_for_later" if waiting else "appraise.nothing_waits", {"n": len(waiting)}),)
    seen, one, said = min(ahead, key=lambda found: found[2].id)
    work = Work(seen.campaign, seen.plan, one)
    facts = card.value(work, said.measure, said.answer) | {"unit": one.unit_name, "n": len(waiting)}
    facts |= {"was": card.told(one, said.measure), "by": said.by_name, "given": said.given.isoformat()}
    facts |= {"as_of": said.as_of.isoformat()}
    verdicts = tuple(card.verdict(work, row, said.answer) for row in one.judged(said.measure))
    options = tuple(Option(f"{act} {said.id}", kind, numbered=False) for act, kind in _APPRAISALS.items())
    why = one.explained.get(said.measure)
    told = [Say("appraise.explained", {"reason": why})] if why else []
    told += [Say("appraise.proved", {"evidence": said.evidence})] if said.evidence else []
    return (Say("appraise.card", facts), *verdicts, *told, Say("appraise.which", {}, options))


_APPRAISALS = {"accept": "option.accept", "return": "option.give_back", "later": "option.later"}
