"""What a unit tells: figures, and what it asks of the evaluating office."""

from datetime import datetime

from bot import rhythm
from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue import card, coded, respite
from bot.dialogue.deeds import (
    AskTime,
    Record,
    TellPending,
)
from bot.dialogue.proof import FILES
from bot.dialogue.turn import Say
from catalogue.standing import Reported
from storage import audit, files, promises, proofs, reports, units


def record(deed: Record, errand: Errand) -> Says:
    report = put(deed, errand, errand.reports_for(deed.campaign, deed.unit).standing.reported.get(deed.measure))
    if not deed.files:
        return ()
    left_out = len(deed.files) - len({row.id for row in proofs.of(errand.tx, [report]).get(report, [])} & {*deed.files})
    return (Say("proof.enough", {"most": FILES}),) if left_out else ()


def put(deed: Record, errand: Errand, before: Reported | None, on_behalf: bool = False) -> int:
    """Into the books, whoever may: asked before. Returns the report."""
    tx, at = errand.tx, {"campaign": deed.campaign, "unit": deed.unit, "measure": deed.measure}
    who = {"person": errand.me, "channel": errand.at.channel}
    rest = (deed.verbatim, errand.now, deed.evidence, on_behalf)
    report = reports.add(tx, at | who, deed.answer, deed.as_of, *rest)
    was, became = before and coded.write(before.answer), coded.write(deed.answer)
    subject = f"{deed.campaign}/{deed.unit}/{deed.measure}"
    audit.note(tx, errand.who, "report", subject, errand.now, was=was, became=became, verbatim=deed.verbatim)
    if deed.as_of != errand.now.date():
        audit.note(tx, errand.who, "as_of", subject, errand.now, became=deed.as_of.isoformat())
    if deed.evidence:
        audit.note(tx, errand.who, "evidence", subject, errand.now, became=deed.evidence)
    if before and before.answer == deed.answer:
        proofs.carry(tx, before.id, report)
    for number in deed.files[: FILES - len(proofs.of(tx, [report]).get(report, []))]:
        proofs.add(tx, report, number, errand.me, errand.now)
        if kept := files.at(tx, number):
            told = {"file": number, "name": kept.name, "digest": kept.digest}
            audit.note(tx, errand.who, "evidence_file", subject, errand.now, became=told)
    if on_behalf:
        audit.note(tx, errand.who, "on_behalf", subject, errand.now, became=report)
    return report


def explain(campaign: int, unit: str, measure: str, reason: str, errand: Errand) -> None:
    """Why the unit falls short, in its own words."""
    errand.reports_for(campaign, unit)
    put_reason(campaign, unit, measure, reason, errand)


def put_reason(campaign: int, unit: str, measure: str, reason: str, errand: Errand) -> None:
    at = {"campaign": campaign, "unit": unit, "measure": measure, "person": errand.me}
    reports.explain(errand.tx, at, reason, errand.now)
    audit.note(errand.tx, errand.who, "explain", f"{campaign}/{unit}/{measure}", errand.now, became=reason)


def tell_pending(deed: TellPending, errand: Errand) -> None:
    errand.reports_for(deed.campaign, deed.unit)
    put_pending(deed, errand)


def put_pending(deed: TellPending, errand: Errand) -> None:
    at = {"campaign": deed.campaign, "unit": deed.unit, "measure": deed.measure}
    reports.tell_pending(errand.tx, {**at, "person": errand.me}, deed.cases, errand.now)
    subject = f"{deed.campaign}/{deed.unit}/{deed.measure}"
    audit.note(errand.tx, errand.who, "pending", subject, errand.now, became=str(deed.cases))


def history(campaign: int, unit: str, measure: str, errand: Errand) -> Says:
    """For whoever sees the unit."""
    seen = {(work.campaign, work.standing.unit): work for work in errand.facts.visible}
    if (campaign, unit) not in seen:
        raise PermissionError(f"{unit} is not this person's to see")
    codes = [row.code for row in seen[campaign, unit].standing.judged(measure)]
    rows = reports.history(errand.tx, campaign, unit, measure)
    if not rows:
        return (Say("lookup.history_none", {"codes": codes}),)
    items = [
        {
            "kind": "lookup.history_item",
            "facts": {
                "at": row.given.isoformat(),
                "was": card.marked(card.written(reports.as_answer(row)), on_behalf=bool(row.on_behalf)),
                "by": row.by_name,
                "as_of": row.as_of.isoformat(),
            },
        }
        for row in rows
    ]
    return (Say("lookup.history", {"codes": codes, "items": items}),)


def ask_time(asked: AskTime, errand: Errand) -> None:
    """TCCB may answer by a button, or by typing the unit and the day."""
    errand.reports_for(asked.campaign, asked.unit)
    was, until, subject = (
        asked.deadline.isoformat(),
        asked.until and asked.until.isoformat(),
        f"{asked.campaign}/{asked.unit}",
    )
    audit.note(errand.tx, errand.who, "ask time", subject, errand.now, was=was, became=until, verbatim=asked.text)
    name = units.names(errand.tx).get(asked.unit, asked.unit)
    facts = {"name": errand.at.name, "unit": name, "id": asked.unit, "text": asked.text[:1000]}
    facts |= {"deadline": asked.deadline.isoformat(), "until": asked.until and asked.until.isoformat()}
    kind = "desk.extension_until" if asked.until else "desk.extension_open"
    if asked.until:
        facts |= rhythm.counted_extension(errand.hand, asked.campaign, asked.unit, asked.until)
    to_tccb(Say(kind, facts, respite.options(asked)), f"extension:{asked.campaign}/{asked.unit}", errand)


def promise(campaign: int, unit: str, due: datetime, errand: Errand) -> None:
    errand.reports_for(campaign, unit)
    promises.make(errand.tx, campaign, unit, errand.me, due, errand.now)
    audit.note(errand.tx, errand.who, "promise", f"{campaign}/{unit}", errand.now, became=due.isoformat())


def forward(text: str, errand: Errand) -> None:
    """A stranger is no voice of a unit."""
    if errand.facts.me is None:
        raise PermissionError("a stranger may only enrol")
    unit = errand.facts.duties[0].unit_name if errand.facts.duties else ""
    facts = {"name": errand.at.name, "unit": unit, "text": text[:1000]}
    audit.note(errand.tx, errand.who, "forward", f"{errand.me}", errand.now, verbatim=text)
    to_tccb(Say("desk.extension", facts), f"forward:{errand.at.id}", errand)
