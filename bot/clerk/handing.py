"""Papers are handed out: who may have which is decided here, and noted."""

from bot.clerk.errand import Errand, Says
from bot.dialogue.deeds import HandOut
from bot.dialogue.turn import Paper, Say
from storage import audit, units


def hand_out(deed: HandOut, errand: Errand) -> Says:
    """A worksheet to those who fill it in; of a unit to whoever sees that unit; of the office to TCCB alone."""
    if not _may(deed, errand):
        raise PermissionError(f"{', '.join(deed.papers)} of {deed.unit or 'the office'} is not for this person")
    subject = f"{deed.campaign}/{deed.unit or '*'}"
    audit.note(errand.tx, errand.who, "export", subject, errand.now, became=list(deed.papers))
    facts = {"campaign": deed.campaign, "unit": deed.unit}
    papers = tuple(Paper(kind, facts) for kind in deed.papers)
    name = units.names(errand.tx).get(deed.unit, deed.unit)
    return (Say("sheet.here" if deed.papers == ("worksheet",) else "sheet.papers", {"unit": name}, (), papers),)


def _may(deed: HandOut, errand: Errand) -> bool:
    if "worksheet" in deed.papers:
        return deed.papers == ("worksheet",) and errand.facts.work(deed.campaign, deed.unit) is not None
    seen = {(work.campaign, work.standing.unit) for work in errand.facts.visible}
    return errand.facts.tccb or (deed.campaign, deed.unit) in seen
