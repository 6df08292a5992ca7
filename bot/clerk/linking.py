"""One person, several addresses: who joins which chat to whom, in what order, and who is told of it."""

from dataclasses import asdict
from datetime import timedelta

from bot.clerk.errand import Errand, Says
from bot.dialogue.turn import Option, Say
from storage import audit, invitations, outbox, people, tickets

LASTS, MOST, WITHIN = timedelta(minutes=10), 5, timedelta(hours=1)  # of a code; so many an hour


def open_link(errand: Errand) -> Says:
    """A new code; the one before is worth nothing any more."""
    tx, me, now = errand.tx, errand.me, errand.now
    if tickets.issued(tx, "link", me, now - WITHIN) >= MOST:
        return (Say("link.too_many", {"most": MOST}),)
    tickets.void(tx, "link", me, now)
    code = invitations.new_code("LK")
    tickets.issue(tx, "link", invitations.digest(code), errand.at, now, LASTS)
    audit.note(tx, errand.who, "link code", f"{me}", now)
    return (Say("link.code", {"code": code, "minutes": LASTS // timedelta(minutes=1)}),)


def join(ticket: int, errand: Errand) -> Says:
    """This chat is one more of theirs, after those they had; all of those are told."""
    tx, now = errand.tx, errand.now
    if errand.at.person is not None:
        raise PermissionError("this chat is somebody's already")
    found = tickets.at(tx, ticket)
    if not people.duties(tx, found.person) or not tickets.take(tx, ticket, now):  # whoever has left joins nothing
        return (Say("enrol.wrong_code"),)
    before = people.addresses(tx, found.person)
    people.link(tx, errand.at.id, found.person)
    audit.note(
        tx, audit.Who(found.person, errand.at.channel), "link", f"{found.person}", now, became=errand.facts.called
    )
    told = {"channel": errand.facts.called, "at": now.isoformat()}
    for one in before:
        if one.refused is None:
            outbox.put(tx, one, [asdict(Say("link.new_device", told))], outbox.REPLY, now, about=f"link:{found.person}")
    tccb = any(duty.role == "tccb" for duty in people.duties(tx, found.person))
    facts = told | {"name": people.named(tx, found.person), "menu": "tccb" if tccb else "focal"}
    first = Option(f"prefer {errand.at.id}", "option.prefer", {"channel": errand.facts.called}, numbered=False)
    return (Say("link.joined", facts, (first,)),)


def prefer(address: int, errand: Errand) -> Says:
    called = _own(address, errand)
    people.prefer(errand.tx, address, errand.me)
    audit.note(errand.tx, errand.who, "prefer", f"{errand.me}", errand.now, became=called)
    return (Say("link.preferred", {"channel": called}),)


def drop(address: int, errand: Errand) -> Says:
    """What waits for it goes where this is said from."""
    called = _own(address, errand)
    if address == errand.at.id:
        raise PermissionError("nobody drops the chat they are in")
    outbox.forward(errand.tx, address, errand.at)
    people.retire(errand.tx, address)
    audit.note(errand.tx, errand.who, "unlink", f"{errand.me}", errand.now, was=called, became=address)
    return (Say("link.dropped", {"channel": called}),)


def _own(address: int, errand: Errand) -> str:
    """What it is called. Raises PermissionError where it is not theirs."""
    mine = {one.id: one.called for one in errand.facts.addresses}
    if errand.me and address not in mine:
        raise PermissionError("not an address of this person")
    return mine[address]
