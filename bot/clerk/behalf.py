"""What TCCB enters for a unit that telephoned, and what the unit says to it."""

from typing import Any

from sqlalchemy import Row

from bot.clerk import reporting
from bot.clerk.appraising import told
from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue import card, contesting
from bot.dialogue.deeds import Explain, OnBehalf, Record, TellPending
from bot.dialogue.turn import Say, jsonable
from storage import audit, campaigns, outbox, people, reports, units


def enter(deed: OnBehalf, errand: Errand) -> None:
    """Recorded like the unit's own, and marked; whoever reports for the unit is told at once, and may object."""
    entered: list[tuple[Record, int]] = []
    for one in deed.deeds:
        match one:
            case Record():
                before = {said.measure: said for _, said in reports.newest(errand.tx, one.campaign, one.unit)}
                entered.append((one, reporting.put(one, errand, before.get(one.measure), on_behalf=True)))
            case Explain(campaign, unit, measure, reason):
                reporting.put_reason(campaign, unit, measure, reason, errand)
            case TellPending():
                reporting.put_pending(one, errand)
    if entered:
        _echo(entered, errand)


def _echo(entered: list[tuple[Record, int]], errand: Errand) -> None:
    """One message of all that was entered: each answer to it names the last report that it showed."""
    (first, newest) = entered[0][0], entered[-1][1]
    catalogue = errand.catalogues[campaigns.at(errand.tx, first.campaign).catalogue]
    items, example = [], ""
    for one, _ in entered:
        codes = [row.code for row in catalogue.judging[one.measure]]
        items.append({"kind": "behalf.item", "facts": {"codes": codes, "was": card.written(one.answer)}})
        example = example or codes[0]
    facts = {"unit": units.names(errand.tx).get(first.unit, first.unit), "items": items, "example": example}
    said = Say("behalf.echo", facts, contesting.options(newest, first.campaign, first.unit))
    for person in sorted({row.person for row in people.serving(errand.tx, "focal", units=[first.unit])}):
        if to := people.reach(errand.tx, person):
            outbox.put(errand.tx, to, [jsonable(said)], outbox.REPLY, errand.now, about=f"on_behalf:{newest}")


def affirm(entered: tuple[int, ...], errand: Errand) -> Says:
    items = []
    for row in filter(None, [_of_mine(report, errand) for report in entered]):
        reports.affirm(errand.tx, row.id, errand.me, errand.now)
        _note(row, reports.AFFIRMED, "", errand)
        items.append({"kind": "behalf.item", "facts": told(row, errand)})
    return (Say("behalf.affirmed", {"items": items}) if items else Say("behalf.answered"),)


def contest(report: int, reason: str, errand: Errand) -> Says:
    """The figure counts no more, even if it had been accepted; TCCB is told with the unit's own words."""
    row = _of_mine(report, errand)
    if row is None or not reports.contest(errand.tx, report, errand.me, errand.now, reason):
        return (Say("behalf.answered"),)
    _note(row, reports.CONTESTED, reason, errand)
    facts = told(row, errand)
    if row.kind == "not_applicable":
        campaigns.oblige(errand.tx, row.campaign, row.unit, facts["codes"], reason)
    facts |= {"reason": reason, "example": facts["codes"][0]}
    to_tccb(
        Say("behalf.contested_to_tccb", facts | {"name": errand.at.name, "id": row.unit}), f"contested:{report}", errand
    )
    return (Say("behalf.contested", facts),)


def _of_mine(report: int, errand: Errand) -> Row[Any] | None:
    """A report that was entered for one of the asker's units and that they have not answered; else None."""
    row = reports.at(errand.tx, report)
    if row is None:
        return None
    stands = errand.reports_for(row.campaign, row.unit).standing
    said = stands.reported.get(row.measure)
    return row if said and said.id == report and said.asks else None


def _note(row: Row[Any], deed: str, reason: str, errand: Errand) -> None:
    subject = f"{row.campaign}/{row.unit}/{row.measure}"
    audit.note(errand.tx, errand.who, deed, subject, errand.now, became=row.id, verbatim=reason or None)
