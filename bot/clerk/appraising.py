"""Reports are accepted or returned, by every office that has to."""

from typing import Any

from sqlalchemy import Row

from bot.clerk.errand import Errand, Says
from bot.dialogue import card
from bot.dialogue.deeds import Appraise
from bot.dialogue.turn import Say, jsonable
from catalogue.model import Answer, Catalogue
from catalogue.standing import needs_a_person
from storage import audit, campaigns, outbox, people, reports, units


def appraise(deed: Appraise, errand: Errand) -> Says:
    """In the name of the offices that the asker speaks for; refused to everybody whose row it is not."""
    row = reports.at(errand.tx, deed.report)
    if row is None:
        return (Say("appraise.too_late"),)
    campaign = campaigns.at(errand.tx, row.campaign)
    named = errand.catalogues[campaign.catalogue].evaluators(row.measure)
    mine = errand.facts.seat.speaks_for(named)
    if not mine:
        raise PermissionError(f"{row.measure} is not this person's to appraise")
    if not deed.accept:
        return _give_back(row, deed.reason, mine, errand)
    for_a_person = to_be_judged(errand.catalogues[campaign.catalogue], row.measure, reports.as_answer(row))
    if for_a_person and not deed.outcome and reports.waits(errand.tx, row.id):
        return (Say("appraise.not_judged", told(row, errand)),)
    outcome = deed.outcome if for_a_person else ""
    given = reports.agreed(errand.tx, deed.report)
    lacking = missing_offices(campaign, named, mine | given.keys())
    return _agree(row, mine, lacking, outcome, errand) if lacking else _accept(row, mine, outcome, errand)


def to_be_judged(catalogue: Catalogue, measure: str, answer: Answer) -> bool:
    """Whether whoever accepts it has to say if it reaches its targets."""
    return any(needs_a_person(answer, row, catalogue.measures[measure]) for row in catalogue.judging[measure])


def missing_offices(campaign: Row[Any], named: tuple[str, ...], given: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Which offices have to accept still: all that the row names, or the one that leads."""
    needed = named if campaign.joint == "both" else named[:1]
    return tuple(office for office in needed if office not in given)


def _accept(row: Row[Any], mine: frozenset[str], outcome: str, errand: Errand) -> Says:
    done = (row.id, reports.ACCEPTED, errand.me, errand.now, "", _joined(mine), outcome)
    if not reports.appraise(errand.tx, *done):
        return (_too_late(row, errand),)
    _note(row, reports.ACCEPTED, "", errand)
    if outcome:
        audit.note(errand.tx, errand.who, "judged", _subject(row), errand.now, became=outcome)
        return (Say("appraise.accepted_as", told(row, errand) | {"outcome": OUTCOMES[outcome]}),)
    if row.kind == "not_applicable":
        campaigns.exempt(errand.tx, row.campaign, row.unit, _codes(row, errand), _claim(row, errand))
    return (Say("appraise.accepted", told(row, errand)),)


def _claim(row: Row[Any], errand: Errand) -> str:
    """Why the unit does not owe the row: its own words, and which report said so."""
    return f"{row.verbatim} ({row.given:%d/%m/%Y}, số liệu {row.id})"


OUTCOMES = {"met": "option.met", "short": "option.short"}


def _agree(row: Row[Any], mine: frozenset[str], lacking: tuple[str, ...], outcome: str, errand: Errand) -> Says:
    """The others have to accept as well; what one office has said is told to them on the card."""
    if not reports.waits(errand.tx, row.id) or mine <= reports.agreed(errand.tx, row.id).keys():
        return (_too_late(row, errand),)
    reports.agree(errand.tx, row.id, errand.me, errand.now, _joined(mine), outcome)
    _note(row, reports.AGREED, "", errand)
    names = units.names(errand.tx)
    others = [names.get(office, office) for office in lacking]
    return (Say("appraise.agreed", told(row, errand) | {"offices": others}),)


def _give_back(row: Row[Any], reason: str, mine: frozenset[str], errand: Errand) -> Says:
    """The unit is told at once, with the reason; the question is open there again."""
    tx, now = errand.tx, errand.now
    if not reports.appraise(tx, row.id, reports.RETURNED, errand.me, now, reason, _joined(mine)):
        return (_too_late(row, errand),)
    _note(row, reports.RETURNED, reason, errand)
    if row.kind == "not_applicable":
        campaigns.oblige(tx, row.campaign, row.unit, _codes(row, errand), reason)
    facts = told(row, errand) | {"reason": reason}
    kind, example = "appraise.returned_to_unit", {"example": _codes(row, errand)[0]}
    if not errand.facts.tccb:
        kind, example = "appraise.returned_by_other", example | {"by": _named(mine, errand)}
    said = Say(kind, facts | example)
    for person in sorted({one.person for one in people.serving(tx, "focal", units=[row.unit])}):
        if to := people.reach(tx, person):
            outbox.put(tx, to, [jsonable(said)], outbox.REPLY, now, about=f"returned:{row.id}")
    return (Say("appraise.returned", facts),)


def _too_late(row: Row[Any], errand: Errand) -> Say:
    """Who was quicker, where somebody was: two officers may have the same card before them."""
    given = [one for one in reports.verdicts(errand.tx, [row.id]).get(row.id, []) if one.verdict in _ALREADY]
    if not given:
        return Say("appraise.too_late")
    last = given[-1]
    return Say(_ALREADY[last.verdict], told(row, errand) | {"by": last.by_name, "at": last.given.isoformat()})


_ALREADY = {
    reports.ACCEPTED: "appraise.already_accepted",
    reports.AGREED: "appraise.already_agreed",
    reports.RETURNED: "appraise.already_returned",
    reports.CONTESTED: "appraise.already_contested",
}


def told(row: Row[Any], errand: Errand) -> dict[str, Any]:
    """The report as sentences hold it."""
    unit = units.names(errand.tx).get(row.unit, row.unit)
    return {"codes": _codes(row, errand), "was": card.written(reports.as_answer(row)), "unit": unit}


def _codes(row: Row[Any], errand: Errand) -> list[str]:
    catalogue = errand.catalogues[campaigns.at(errand.tx, row.campaign).catalogue]
    return [indicator.code for indicator in catalogue.judging[row.measure]]


def _note(row: Row[Any], verdict: str, reason: str, errand: Errand) -> None:
    audit.note(errand.tx, errand.who, verdict, _subject(row), errand.now, became=row.id, verbatim=reason or None)


def _subject(row: Row[Any]) -> str:
    return f"{row.campaign}/{row.unit}/{row.measure}"


def _named(offices: frozenset[str], errand: Errand) -> str:
    names = units.names(errand.tx)
    return ", ".join(names.get(office, office) for office in sorted(offices))


def _joined(offices: frozenset[str]) -> str:
    return " ".join(sorted(offices))
