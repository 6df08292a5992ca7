"""What proves a figure, given back to whoever may see the figure."""

from typing import Any

from sqlalchemy import Row

from bot.clerk.errand import Errand, Says
from bot.dialogue.deeds import ShowProof
from bot.dialogue.turn import Paper, Say
from storage import campaigns, proofs, reports, units


def show(deed: ShowProof, errand: Errand) -> Says:
    """Of every campaign in which the unit has such a figure."""
    said = [say for row in campaigns.running(errand.tx) for say in _of(row, deed, errand)]
    return tuple(said) or (Say("proof.none"),)


def _of(campaign: Row[Any], deed: ShowProof, errand: Errand) -> Says:
    catalogue = errand.catalogues[campaign.catalogue]
    if deed.measure not in catalogue.measures:
        return ()
    seen = {(work.campaign, work.standing.unit) for work in errand.facts.visible}
    mine = errand.facts.seat.speaks_for(catalogue.evaluators(deed.measure))
    if not (errand.facts.oversees or mine or (campaign.id, deed.unit) in seen):
        raise PermissionError(f"{deed.measure} of {deed.unit} is not this person's to see")
    newest = {said.measure: said for _, said in reports.newest(errand.tx, campaign.id, deed.unit)}
    report = newest.get(deed.measure)
    files = proofs.of(errand.tx, [report.id]).get(report.id, []) if report else []
    if report is None or not (files or report.evidence):
        return ()
    codes = [row.code for row in catalogue.judging[deed.measure]]
    name = units.names(errand.tx).get(deed.unit, deed.unit)
    facts = {"unit": name, "codes": codes, "n": len(files), "evidence": report.evidence or "-"}
    papers = tuple(Paper("kept", {"file": one.id, "unit": deed.unit, "for": errand.me}) for one in files)
    return (Say("proof.here", facts, (), papers),)
