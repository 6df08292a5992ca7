"""One person, several addresses: who joins which chat to whom, in what order, and who is told of it."""

from datetime import timedelta

from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue.turn import Option, Say, jsonable
from storage import audit, invitations, outbox, people, tickets

LASTS, MOST, WITHIN = timedelta(minutes=10), 5, timedelta(hours=1)  # of a code; so many an hour
DOUBTED = timedelta(days=7)  # how long an account that was added can be disowned


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
    add(errand.at.id, found.person, errand.facts.called, errand)
    audit.note(
        tx, audit.Who(found.person, errand.at.channel), "link", f"{found.person}", now, became=errand.facts.called
    )
    tccb = any(duty.role == "tccb" for duty in people.duties(tx, found.person))
    facts = {
        "channel": errand.facts.called,
        "name": people.named(tx, found.person),
        "menu": "tccb" if tccb else "focal",
    }
    first = Option(f"prefer {errand.at.id}", "option.prefer", {"channel": errand.facts.called}, numbered=False)
    return (Say("link.joined", facts, (first,)),)


def add(address: int, whom: int, called: str, errand: Errand) -> None:
    """One more of their addresses; at each of those they had they can say that it is not theirs."""
    tx, now = errand.tx, errand.now
    before = people.addresses(tx, whom)
    people.link(tx, address, whom, now)
    say = jsonable(Say("link.new_device", {"channel": called, "at": now.isoformat()}))
    for one in before:
        if one.refused is None:
            outbox.put(tx, one, [say], outbox.REPLY, now, about=f"link:{whom}")


def disown(errand: Errand) -> Says:
    """What has been added since, and in the last days, is nobody's until TCCB has decided. An older one may say so of a
    newer one alone: whoever has come in by stealth shuts nobody out."""
    tx, now, me = errand.tx, errand.now, errand.me
    doubted = people.newer(tx, errand.at, now - DOUBTED)
    if not doubted:
        return (Say("link.nothing_new"),)
    names = {one.id: one.called for one in errand.facts.addresses}
    for one in doubted:
        people.hold(tx, one.id, me)
        outbox.forward(tx, one.id, errand.at)
        facts = {"number": one.id, "channel": names[one.id], "name": errand.at.name}
        facts |= {"units": list(dict.fromkeys(duty.unit_name for duty in errand.facts.duties))}
        options = (
            Option(f"give-back {one.id}", "option.open_again", numbered=False),
            Option(f"take-away {one.id}", "option.take_away", numbered=False),
        )
        to_tccb(Say("desk.disowned", facts, options), f"link:{me}", errand)
    tickets.void(tx, "link", me, now)
    audit.note(tx, errand.who, "disown", f"{me}", now, became=[names[one.id] for one in doubted])
    return (Say("link.held", {"channels": [names[one.id] for one in doubted]}),)


def decide(address: int, keep: bool, errand: Errand) -> Says:
    """TCCB has asked them."""
    tx, now = errand.tx, errand.now
    row = people.found(tx, address)
    if row is None or row.held is None:
        return (Say("link.not_held", {"number": address}),)
    told = {"channel": _brand(row.channel, errand), "name": people.named(tx, row.held)}
    if keep:
        people.link(tx, address, row.held)
    else:
        people.retire(tx, address)
    audit.note(tx, errand.who, "give back" if keep else "take away", f"{row.held}", now, became=told["channel"])
    if to := people.reach(tx, row.held):
        kind = "link.given_back" if keep else "link.taken_away"
        outbox.put(tx, to, [jsonable(Say(kind, told))], outbox.REPLY, now, about=f"link:{row.held}")
    return (Say("desk.given_back" if keep else "desk.taken_away", told),)


def _brand(channel: str, errand: Errand) -> str:
    return next((one.traits.brand for one in errand.channels if one.name == channel), "") or channel


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
