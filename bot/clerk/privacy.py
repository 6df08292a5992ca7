"""What is kept about a person: told to them, put right, erased when TCCB agrees."""

from dataclasses import asdict

from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Option, Say, jsonable
from storage import audit, erasing, outbox, people

APPROVED, REFUSED = "approved", "refused"


def show(errand: Errand) -> Says:
    me, facts = errand.facts.me, errand.facts
    if me is None:
        raise PermissionError("nothing is kept about a stranger")
    kept = erasing.kept(errand.tx, me.id)
    duties = [
        {"kind": "lookup.duty", "facts": {"unit": duty.unit_name, "role": ROLES[duty.role]}} for duty in facts.duties
    ]
    told = {"name": me.name, "phone": me.phone or "-", "duties": duties, "joined": errand.at.joined.date().isoformat()}
    told |= {"channels": [one.called for one in facts.addresses] or [facts.called]}
    return (Say("privacy.mine", told | asdict(kept)),)


def rename(name: str, errand: Errand) -> Says:
    """TCCB is told: nobody takes another's name unseen."""
    was = people.named(errand.tx, errand.me)
    if was == name:
        return (Say("privacy.same"),)
    people.rename(errand.tx, errand.me, name)
    audit.note(errand.tx, errand.who, erasing.RENAMED, f"{errand.me}", errand.now, was=was, became=name)
    units = [duty.unit_name for duty in errand.facts.duties]
    to_tccb(Say("desk.renamed", {"was": was, "name": name, "units": units}), f"rename:{errand.me}", errand)
    return (Say("privacy.renamed", {"name": name}),)


def speak(language: str, errand: Errand) -> None:
    people.speak(errand.tx, errand.me, language)
    audit.note(errand.tx, errand.who, "language", f"{errand.me}", errand.now, was=errand.at.language, became=language)


def set_phone(phone: str, errand: Errand) -> Says:
    was = errand.at.phone
    if (was or "") == phone:
        return (Say("privacy.same"),)
    people.set_phone(errand.tx, errand.me, phone)
    audit.note(errand.tx, errand.who, erasing.TELEPHONE, f"{errand.me}", errand.now, was=was, became=phone or None)
    return (Say("privacy.phone", {"phone": phone}) if phone else Say("privacy.no_phone"),)


def ask(errand: Errand) -> Says:
    """TCCB decides: somebody has to take over what this person reports."""
    id = erasing.ask(errand.tx, errand.me, errand.now)
    audit.note(errand.tx, errand.who, "ask erasure", f"{errand.me}", errand.now, became=id)
    units = [duty.unit_name for duty in errand.facts.duties]
    options = (
        Option(f"erase {id}", "option.erase", {"id": id}, numbered=False),
        Option(f"keep-data {id}", "option.keep_data", {"id": id}, numbered=False),
    )
    to_tccb(
        Say("desk.asks_erasure", {"id": id, "name": errand.at.name, "units": units}, options), f"erase:{id}", errand
    )
    return (Say("privacy.asked"),)


def decide(request: int, erase: bool, reason: str, errand: Errand) -> Says:
    """Nobody decides of themselves; the last of TCCB stays until there is another."""
    tx, now = errand.tx, errand.now
    row = erasing.waiting(tx, request)
    if row is None:
        return (Say("privacy.no_such"),)
    if row.person == errand.me:
        return (Say("privacy.not_oneself"),)
    if not erasing.decide(tx, request, APPROVED if erase else REFUSED, errand.me, now):
        return (Say("privacy.no_such"),)
    deed = "erase" if erase else "refuse erasure"
    audit.note(tx, errand.who, deed, f"{row.person}", now, became=request, verbatim=reason or None)
    if erase:
        erasing.erase(tx, row.person, errand.who, now)
        return (Say("privacy.erased", {"id": request, "person": row.person}),)
    if to := people.reach(tx, row.person):
        outbox.put(tx, to, [jsonable(Say("privacy.refused", {"reason": reason or "-"}))], outbox.REPLY, now)
    return (Say("privacy.kept", {"id": request}),)
