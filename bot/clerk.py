"""Carries out what a turn asks to be done, in the turn's own transaction; some deeds have something to say."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot import overview, rhythm
from bot.dialogue import card, coded, respite
from bot.dialogue.deeds import (
    Acknowledge,
    Aim,
    Appraise,
    AskTime,
    Broadcast,
    Decide,
    Enrol,
    Explain,
    Extend,
    Forward,
    Hold,
    Invite,
    KeepDeadline,
    Lock,
    Look,
    NextCard,
    Preview,
    PreviewUrge,
    Promise,
    Record,
    Reopen,
    Scope,
    Speak,
    Tell,
    Urge,
    WrongCode,
)
from bot.dialogue.facts import ROLES, Facts, Work
from bot.dialogue.turn import Deed, Option, Say
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from storage import audit, campaigns, invitations, notices, outbox, people, promises, reports, units
from storage.audit import Who

Says = tuple[Say, ...]


@dataclass(frozen=True)
class Errand:
    """One deed's circumstances: who asked from where, and what is known."""

    tx: Connection
    at: Row[Any]  # the address, with its person
    facts: Facts
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def now(self) -> datetime:
        return self.facts.now

    @property
    def me(self) -> int:
        if self.at.person is None:
            raise PermissionError("a stranger may only enrol")
        return int(self.at.person)

    @property
    def who(self) -> Who:
        return Who(self.at.person, self.at.channel)

    @property
    def hand(self) -> rhythm.Hand:
        return rhythm.Hand(self.tx, self.who, self.catalogues, self.calendar, self.now)


def carry_out(deed: Deed, errand: Errand) -> Says:
    """What the deed itself has to say, after what the turn says."""
    match deed:
        case Record():
            return record(deed, errand)
        case Explain(campaign, unit, measure, reason):
            at = {"campaign": campaign, "unit": unit, "measure": measure, "person": errand.me}
            reports.explain(errand.tx, at, reason, errand.now)
        case Tell(campaign, unit, measure):
            return history(campaign, unit, measure, errand)
        case WrongCode():
            invitations.wrong(errand.tx, errand.at, errand.now)
        case Enrol(invitation, name):
            return enrol(invitation, name, errand)
        case Acknowledge(notice, verbatim):
            notices.acknowledge(errand.tx, notice, errand.me, verbatim, errand.now)
        case Speak(language):
            people.speak(errand.tx, errand.me, language)
        case Forward(kind, text):
            forward(kind, text, errand)
        case AskTime():
            ask_time(deed, errand)
        case Promise(campaign, unit, due):
            promises.make(errand.tx, campaign, unit, errand.me, due, errand.now)
        case _:
            return for_tccb(deed, errand)
    return ()


def for_tccb(deed: Deed, errand: Errand) -> Says:
    """Deeds of the evaluating office: refused here too, whatever the dialogue thought of who is talking."""
    if not errand.facts.tccb:
        raise PermissionError(f"{type(deed).__name__} is for TCCB")
    match deed:
        case Decide(enrolment, approve, reason):
            decide(enrolment, approve, reason, errand)
            return ()
        case Appraise(report, accept, reason):
            return appraise(report, accept, reason, errand)
        case NextCard(scope, after):
            return next_card(scope, after, errand)
        case Invite(unit, role):
            return invite(unit, role, errand)
        case Look(at, what):
            return look(at, what, errand)
        case Preview():
            return preview(deed, errand)
        case Broadcast():
            return broadcast(deed, errand)
    return for_the_rhythm(deed, errand)


def for_the_rhythm(deed: Deed, errand: Errand) -> Says:
    """What TCCB changes in the course of a campaign."""
    match deed:
        case Extend(campaign, unit, until, reason):
            return rhythm.extend(errand.hand, campaign, unit, until, reason)
        case Hold(campaign, step, held):
            rhythm.hold(errand.hand, campaign, step, held)
            return ()
        case Lock(campaign):
            return rhythm.lock(errand.hand, campaign)
        case Reopen(campaign, unit, reason):
            return rhythm.reopen(errand.hand, campaign, unit, reason)
        case PreviewUrge():
            return rhythm.preview_urge(errand.hand)
        case Urge():
            return rhythm.urge(errand.hand)
        case KeepDeadline():
            return keep_deadline(deed, errand)
    raise TypeError(f"nobody carries out {type(deed).__name__}")


def record(deed: Record, errand: Errand) -> Says:
    tx, at = errand.tx, {"campaign": deed.campaign, "unit": deed.unit, "measure": deed.measure}
    work = errand.facts.work(deed.campaign, deed.unit)
    if work is None:
        raise PermissionError(f"{deed.unit} is not this person's to report for")
    before = work.standing.reported.get(deed.measure)
    reports.add(
        tx,
        {**at, "person": errand.me, "channel": errand.at.channel},
        deed.answer,
        deed.as_of,
        deed.verbatim,
        errand.now,
    )
    was, became = before and coded.write(before.answer), coded.write(deed.answer)
    subject = f"{deed.campaign}/{deed.unit}/{deed.measure}"
    audit.note(tx, errand.who, "report", subject, errand.now, was=was, became=became, verbatim=deed.verbatim)
    return ()


def history(campaign: int, unit: str, measure: str, errand: Errand) -> Says:
    work = errand.facts.work(campaign, unit)
    codes = [row.code for row in work.standing.judged(measure)] if work else []
    rows = reports.history(errand.tx, campaign, unit, measure)
    if not rows:
        return (Say("lookup.history_none", {"codes": codes}),)
    items = [
        {
            "kind": "lookup.history_item",
            "facts": {
                "at": row.given.isoformat(),
                "was": card.written(reports.as_answer(row)),
                "by": row.by_name,
                "as_of": row.as_of.isoformat(),
            },
        }
        for row in rows
    ]
    return (Say("lookup.history", {"codes": codes, "items": items}),)


def enrol(invitation: int, name: str, errand: Errand) -> Says:
    """The code is used up, and TCCB is asked; whoever came first with it has it."""
    tx, now = errand.tx, errand.now
    if not invitations.take(tx, invitation, now):
        return (Say("enrol.taken"),)
    asked = invitations.ask(tx, errand.at.id, invitation, name, now)
    row = invitations.waiting_at(tx, asked)
    facts = {"id": asked, "name": name, "unit": units.names(tx).get(row.unit, row.unit), "role": ROLES[row.role]}
    audit.note(tx, errand.who, "enrol", f"{asked}", now, became={"unit": row.unit, "role": row.role})
    if row.role == "tccb" and not people.serving(tx, "tccb"):
        return found(row, facts, errand)
    options = (
        Option(f"approve {asked}", "option.approve", {"name": name}, numbered=False),
        Option(f"refuse {asked}", "option.refuse", {"name": name}, numbered=False),
    )
    to_tccb(Say("desk.asks_in", facts, options), f"enrolment:{asked}", errand)
    return (Say("enrol.asked", facts),)


def found(row: Row[Any], facts: dict[str, Any], errand: Errand) -> Says:
    """The first of TCCB has nobody to approve them: the code, from whoever runs the house, is enough."""
    invitations.decide(errand.tx, row.id, "approved", None, errand.now)
    admit(row, errand)
    audit.note(errand.tx, errand.who, "approve", f"{row.id}", errand.now, became=row.unit)
    return (Say("enrol.approved_tccb", facts),)


def to_tccb(say: Say, about: str, errand: Errand) -> None:
    """To everybody at TCCB who can be reached, at once: somebody waits for it."""
    for person in sorted({row.person for row in people.serving(errand.tx, "tccb")}):
        if to := people.reach(errand.tx, person):
            outbox.put(errand.tx, to, [asdict(say)], outbox.REPLY, errand.now, about=about)


def decide(id: int, approve: bool, reason: str, errand: Errand) -> None:
    tx, now = errand.tx, errand.now
    row = invitations.waiting_at(tx, id)
    if not invitations.decide(tx, id, "approved" if approve else "refused", errand.me, now, reason or None):
        return
    facts = {"name": row.name, "unit": units.names(tx).get(row.unit, row.unit), "role": ROLES[row.role]}
    if approve:
        admit(row, errand)
        say = Say("enrol.approved_tccb" if row.role == "tccb" else "enrol.approved", facts)
    else:
        say = Say("enrol.refused", facts | {"reason": {"kind": "option.text", "facts": {"text": reason}} if reason
                  else {"kind": "enrol.no_reason", "facts": {}}})  # fmt: skip
    audit.note(tx, errand.who, "approve" if approve else "refuse", f"{id}", now, became=row.unit, verbatim=reason)
    outbox.put(tx, people.at(tx, row.address), [asdict(say)], outbox.REPLY, now, about=f"enrolment:{id}")


def admit(row: Row[Any], errand: Errand) -> None:
    """A new person, or one more duty of whoever speaks from that address already."""
    known = people.at(errand.tx, row.address).person
    if known:
        people.assign(errand.tx, known, row.unit, row.role, errand.now)
    else:
        people.link(errand.tx, row.address, people.join(errand.tx, row.name, row.unit, row.role, errand.now))


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
    told = (Say("appraise.explained", {"reason": why}),) if why else ()
    return (Say("appraise.card", facts), *verdicts, *told, Say("appraise.which", {}, options))


_APPRAISALS = {"accept": "option.accept", "return": "option.give_back", "later": "option.later"}


def invite(unit: str, role: str, errand: Errand) -> Says:
    code = invitations.issue(errand.tx, unit, role, errand.now)
    audit.note(errand.tx, errand.who, "invite", unit, errand.now, became=role)
    expires = (errand.now + invitations.VALID).isoformat()
    name = units.names(errand.tx).get(unit, unit)
    return (Say("desk.invited", {"unit": name, "role": ROLES[role], "code": code, "expires": expires}),)


def look(at: str, what: str, errand: Errand) -> Says:
    tx = errand.tx
    if at == "notice":
        return overview.notice(tx, what)
    if at == "ahead":
        return rhythm.ahead(errand.hand, date.fromisoformat(what))
    if at == "unreachable":
        return overview.unreachable(tx)
    seen = overview.views(tx, errand.catalogues, errand.now)
    if at == "unit":
        return tuple(say for one in seen for say in overview.unit_card(one, what)) or (Say("desk.no_campaign"),)
    tell = {"missing": overview.missing, "short": overview.shortfalls, "waiting": overview.to_appraise}[at]
    return tuple(say for one in seen for say in tell(one)) or (Say("desk.no_campaign"),)


def aimed(aim: Aim, errand: Errand) -> dict[int, tuple[str, str]]:
    """Person → the unit they receive it for, and their name."""
    rows = people.serving(errand.tx, "head" if aim.audience == "heads" else "focal")
    wanted = _units_of(aim, errand)
    return {row.person: (row.unit, row.name) for row in rows if wanted is None or row.unit in wanted}


def _units_of(aim: Aim, errand: Errand) -> set[str] | None:
    """The units aimed at; None for all."""
    match aim.audience:
        case "all" | "heads":
            return None
        case "units":
            return set(aim.what)
        case "type":
            office = units.office(errand.tx, errand.facts.today)
            return {unit.id for unit in office.units if unit.type in aim.what}
    seen = overview.views(errand.tx, errand.catalogues, errand.now)
    stands = [one for view in seen for one in view.standings.values()]
    return {one.unit for one in stands if (one.owed if aim.audience == "missing" else one.shortfalls)}


def preview(deed: Preview, errand: Errand) -> Says:
    found = aimed(deed.aim, errand)
    if not found:
        return (Say("notice.nobody"),)
    names = [name for _, name in found.values()]
    shown = names[:8] + (["..."] if len(names) > 8 else [])
    facts = {"n": len(found), "units": len({unit for unit, _ in found.values()}), "names": shown}
    options = (
        Option("send notice", "option.send", numbered=False),
        Option("drop", "option.drop", numbered=False),
    )
    return (Say("notice.preview", facts | {"title": deed.title, "text": deed.body}, options),)


def broadcast(deed: Broadcast, errand: Errand) -> Says:
    """The notice and one envelope for each recipient, in this transaction: all of them or none."""
    tx, now, found = errand.tx, errand.now, aimed(deed.aim, errand)
    if not found:
        return (Say("notice.nobody"),)
    id = notices.add(tx, deed.title, deed.body, asdict(deed.aim), errand.me, now)
    notices.address_to(tx, id, {person: unit for person, (unit, _) in found.items()})
    ack = Option(f"ack {id}", "option.ack", numbered=False)
    say = asdict(Say("notice.text", {"number": id, "title": deed.title, "text": deed.body}, (ack,)))
    for person in found:
        if to := people.reach(tx, person):
            outbox.put(tx, to, [say], outbox.BULK, now, about=notices.about(id))
    audit.note(tx, errand.who, "notice", f"{id}", now, became={"people": len(found), **asdict(deed.aim)})
    return (Say("notice.queued", {"number": id, "n": len(found)}),)


def ask_time(asked: AskTime, errand: Errand) -> None:
    """TCCB may answer by a button, or by typing the unit and the day."""
    name = units.names(errand.tx).get(asked.unit, asked.unit)
    facts = {"name": errand.at.name, "unit": name, "id": asked.unit, "text": asked.text[:1000]}
    facts |= {"deadline": asked.deadline.isoformat(), "until": asked.until and asked.until.isoformat()}
    kind = "desk.extension_until" if asked.until else "desk.extension_open"
    to_tccb(Say(kind, facts, respite.options(asked)), f"extension:{asked.campaign}/{asked.unit}", errand)


def keep_deadline(deed: KeepDeadline, errand: Errand) -> Says:
    """An old refusal does not answer for a deadline that has moved since."""
    row = campaigns.at(errand.tx, deed.campaign)
    now = campaigns.deadlines(errand.tx, row).get(deed.unit, row.deadline)
    if deed.deadline not in (None, now):
        name = units.names(errand.tx).get(deed.unit, deed.unit)
        return (Say("respite.already", {"unit": name, "deadline": now.isoformat()}),)
    return rhythm.refuse(errand.hand, deed.campaign, deed.unit)


def forward(kind: str, text: str, errand: Errand) -> None:
    unit = errand.facts.duties[0].unit_name if errand.facts.duties else ""
    facts = {"name": errand.at.name, "unit": unit, "text": text[:1000]}
    to_tccb(Say("desk.extension" if kind == "extension" else "desk.question", facts), f"forward:{errand.at.id}", errand)
