"""Who comes in: invitations, requests to join, TCCB's decision."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from bot.clerk import linking, relieving
from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue import admit
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Option, Paper, Say, jsonable
from jobs import digest
from storage import audit, invitations, members, outbox, people, units, visits


def enrol(invitation: int, name: str, phone: str, errand: Errand) -> Says:
    """The code is used up. Whoever is on the office's list is in; of anybody else TCCB is asked. Whoever came first
    with the code has it."""
    tx, now = errand.tx, errand.now
    if not invitations.take(tx, invitation, now):
        return (Say("enrol.taken"),)
    asked = invitations.ask(tx, errand.at.id, invitation, name, now, phone, errand.facts.called)
    row = invitations.waiting_at(tx, asked)
    facts = {"id": asked, "name": name, "unit": units.names(tx).get(row.unit, row.unit), "role": ROLES[row.role]}
    audit.note(tx, errand.who, "enrol", f"{asked}", now, became={"unit": row.unit, "role": row.role})
    if row.role == "tccb" and not people.serving(tx, "tccb"):
        return found(row, facts, errand)
    if _by_list(row, errand):
        return listed(row, facts, errand)
    options = (
        Option(f"approve {asked}", "option.approve", {"name": name}, numbered=False),
        Option(f"refuse {asked}", "option.refuse", {"name": name}, numbered=False),
    )
    again = not row.hands_over and _there(row, name, errand)
    facts |= {"phone": admit.by_phone(phone), "again": {"kind": "desk.again" if again else "desk.nothing", "facts": {}}}
    to_tccb(Say("desk.asks_in", facts, options), f"enrolment:{asked}", errand)
    return (Say("enrol.asked", facts),)


def _there(row: Row[Any], name: str, errand: Errand) -> int | None:
    """Who serves there under the same name already: it is them, with one more account."""
    serving = people.serving(errand.tx, row.role, units={row.unit})
    same = {one.person for one in serving if one.name.casefold() == name.casefold()}
    return same.pop() if len(same) == 1 else None


def _by_list(row: Row[Any], errand: Errand) -> bool:
    """Whether nobody need be asked: on the list, in a role without power over others, and not there already."""
    tx = errand.tx
    if row.role not in members.AUTOMATIC or not members.admits(tx):
        return False
    expected = members.known(tx, row.unit, row.role, row.name, row.phone or "")
    return expected is not None and not _there(row, expected.name, errand)


def listed(row: Row[Any], facts: dict[str, Any], errand: Errand) -> Says:
    """TCCB reads of it in the day's summary or, while there is none, at once."""
    tx, now = errand.tx, errand.now
    invitations.decide(tx, row.id, "approved", None, now)
    facts = facts | {"name": let_in(row, errand)}
    audit.note(tx, errand.who, "approve", f"{row.id}", now, became=row.unit, verbatim="on the list")
    if not digest.comes(tx, now):
        to_tccb(Say("desk.listed", facts), f"enrolment:{row.id}", errand)
    return (Say("enrol.approved", facts),)


def found(row: Row[Any], facts: dict[str, Any], errand: Errand) -> Says:
    """The first of TCCB has nobody to approve them: the code, from whoever runs the house, is enough."""
    invitations.decide(errand.tx, row.id, "approved", None, errand.now)
    let_in(row, errand)
    audit.note(errand.tx, errand.who, "approve", f"{row.id}", errand.now, became=row.unit)
    return (Say("enrol.approved_tccb", facts),)


def decide(id: int, approve: bool, reason: str, errand: Errand) -> None:
    tx, now = errand.tx, errand.now
    row = invitations.waiting_at(tx, id)
    if not invitations.decide(tx, id, "approved" if approve else "refused", errand.me, now, reason or None):
        return
    facts = {"name": row.name, "unit": units.names(tx).get(row.unit, row.unit), "role": ROLES[row.role]}
    if approve:
        let_in(row, errand)
        say = Say("enrol.approved_tccb" if row.role == "tccb" else "enrol.approved", facts)
    else:
        say = Say("enrol.refused", facts | {"reason": {"kind": "option.text", "facts": {"text": reason}} if reason
                  else {"kind": "enrol.no_reason", "facts": {}}})  # fmt: skip
    audit.note(tx, errand.who, "approve" if approve else "refuse", f"{id}", now, became=row.unit, verbatim=reason)
    outbox.put(tx, people.at(tx, row.address), [jsonable(say)], outbox.REPLY, now, about=f"enrolment:{id}")


def let_in(row: Row[Any], errand: Errand) -> str:
    """A new person, or one more duty of whoever speaks from that address already; how they are called from now on."""
    tx, now = errand.tx, errand.now
    expected = members.known(tx, row.unit, row.role, row.name, row.phone or "")
    name = expected.name if expected else str(row.name)
    whom = people.at(tx, row.address).person
    if whom:
        people.assign(tx, whom, row.unit, row.role, now)
    elif not row.hands_over and (whom := _there(row, name, errand)):
        linking.add(row.address, whom, row.called or "", errand)
    else:
        phone = row.phone or (expected.phone if expected else "")
        whom = people.join(tx, name, row.unit, row.role, now, phone or None)
        people.link(tx, row.address, whom)
    if expected and expected.email:
        _by_mail(expected.email, whom, errand)
    if row.hands_over:
        relieving.relieved(row.hands_over, row.unit, units.names(tx).get(row.unit, row.unit), name, errand)
    return name


def _by_mail(email: str, whom: int, errand: Errand) -> None:
    """Where they are reached when nothing else reaches them, unless that is somebody else's."""
    at = people.address_of(errand.tx, "email", "", email, errand.now)
    if people.at(errand.tx, at).person is None:
        people.link(errand.tx, at, whom)


def invite(unit: str, role: str, errand: Errand) -> Says:
    code = invitations.issue(errand.tx, unit, role, errand.now)
    audit.note(errand.tx, errand.who, "invite", unit, errand.now, became=role)
    expires = (errand.now + invitations.VALID).isoformat()
    name = units.names(errand.tx).get(unit, unit)
    return (Say("desk.invited", {"unit": name, "role": ROLES[role], "code": code, "expires": expires}),)


def print_invitations(all: bool, renew: bool, errand: Errand) -> Says:
    """A sheet to be printed: what stands on it is looked up when it is sent."""
    tx, now = errand.tx, errand.now
    wanted = invitations.addressed(tx, all, now.date())
    if not wanted:
        return (Say("invite.nobody"),)
    new, withdrawn = invitations.print_for(tx, wanted, errand.key, now, renew)
    became = {"units": len(wanted), "new": new, "withdrawn": withdrawn}
    audit.note(tx, errand.who, "print invitations", "*", now, became=became)
    facts = {"all": all, "ways": [asdict(way) for way in errand.facts.ways], "for": errand.me}
    told = {"n": len(wanted), "new": new, "withdrawn": withdrawn, "days": invitations.VALID.days}
    return (Say("invite.renewed" if renew else "invite.sheet", told, (), (Paper("invitations", facts),)),)


def wrong_code(errand: Errand) -> None:
    """Counted, so that nobody tries them all; noted, so that somebody sees who does."""
    was, subject = errand.at.wrong_codes, f"address {errand.at.id}"
    invitations.wrong(errand.tx, errand.at, errand.now)
    audit.note(errand.tx, errand.who, "wrong code", subject, errand.now, was=was, became=was + 1)


def open_board(errand: Errand) -> Says:
    """The link opens the page of whoever asks, once."""
    audit.note(errand.tx, errand.who, "open board", f"{errand.me}", errand.now)
    token = visits.issue(errand.tx, errand.at.id, errand.me, errand.now)
    return (Say("board.link", {"path": f"/b/{token}", "minutes": visits.TO_OPEN.total_seconds() // 60}),)
