"""Papers are handed out: who may have which is decided here, and noted."""

from bot import results
from bot.clerk.errand import Errand, Says
from bot.dialogue.deeds import HandOut
from bot.dialogue.turn import Paper, Say
from storage import audit, campaigns, units

PICTURES = 10


def hand_out(deed: HandOut, errand: Errand) -> Says:
    """A worksheet to those who fill it in; of a unit to whoever sees that unit; of the office to TCCB alone."""
    if not _may(deed, errand):
        raise PermissionError(f"{', '.join(deed.papers)} of {deed.unit or 'the office'} is not for this person")
    if deed.unit and not campaigns.duties(errand.tx, deed.campaign, deed.unit):
        return (Say("desk.owes_nothing", {"unit": deed.unit}),)
    subject = f"{deed.campaign}/{deed.unit or '*'}"
    audit.note(errand.tx, errand.who, "export", subject, errand.now, became=list(deed.papers))
    if deed.papers == ("picture",):
        return _pictures(deed.campaign, errand)
    facts = {"campaign": deed.campaign, "unit": deed.unit, "for": errand.me}
    papers = tuple(Paper(kind, facts) for kind in deed.papers)
    name = units.names(errand.tx).get(deed.unit, deed.unit)
    kind = (
        "sheet.here"
        if deed.papers == ("worksheet",)
        else "sheet.table_of_unit"
        if deed.unit
        else "sheet.table_of_office"
    )
    return (Say(kind, {"unit": name}, (), papers),)


def _pictures(campaign: int, errand: Errand) -> Says:
    """One for each group of units, as many as a chat bears."""
    count = min(results.pictures(errand.tx, campaign), PICTURES)
    papers = tuple(
        Paper("picture", {"campaign": campaign, "number": number, "for": errand.me}) for number in range(1, count + 1)
    )
    return (Say("sheet.picture", {"n": count}, (), papers),) if papers else (Say("sheet.nothing_to_see"),)


def _may(deed: HandOut, errand: Errand) -> bool:
    if "worksheet" in deed.papers:
        return deed.papers == ("worksheet",) and errand.facts.work(deed.campaign, deed.unit) is not None
    seen = {(work.campaign, work.standing.unit) for work in errand.facts.visible}
    return errand.facts.tccb or (deed.campaign, deed.unit) in seen
