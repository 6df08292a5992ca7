"""What is taken back: codes that nobody has used, the duties of a person. Shown first, and noted."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Row

from bot import overview
from bot.clerk.errand import Errand, Says
from bot.dialogue.deeds import RevokeCodes
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Option, Say, jsonable, named
from bot.excerpt import Item, excerpt
from bot.overview import View
from catalogue.text import bare
from storage import audit, invitations, outbox, people, units, visits

MOST = 9  # people of one name to choose from; codes that one press takes back


def codes(unit: str, start: int, errand: Errand) -> Says:
    """Who took which code, the newest first; the codes themselves are known to nobody any more."""
    rows, names = invitations.issued(errand.tx, unit), units.names(errand.tx)
    if not rows:
        return (Say("revoke.no_codes"),)

    def line(row: Row[tuple[object, ...]]) -> Item:
        return {"kind": "revoke.code", "facts": _code(row, names) | {"state": _state(row, errand)}}

    items, following = excerpt(rows, line, "codes", start, unit)
    return (Say("revoke.codes", {"n": len(rows), "items": items}, following),)


def _code(row: Row[tuple[object, ...]], names: Mapping[str, str]) -> dict[str, object]:
    return {"id": row.id, "unit": names.get(row.unit, row.unit), "role": ROLES[row.role]}


def _state(row: Row[tuple[object, ...]], errand: Errand) -> Item:
    if row.taken:
        kind = {"approved": "revoke.let_in", "refused": "revoke.turned_away"}.get(row.verdict or "", "revoke.waits")
        return {"kind": kind, "facts": {"name": row.by or "-", "at": row.taken.isoformat()}}
    if row.revoked:
        return {"kind": "revoke.taken_back", "facts": {"at": row.revoked.isoformat()}}
    kind = "revoke.free" if row.expires > errand.now else "revoke.expired"
    return {"kind": kind, "facts": {"at": row.expires.isoformat()}}


def revoke(deed: RevokeCodes, errand: Errand) -> Says:
    """Those of a unit, or the one of this number."""
    tx, names = errand.tx, units.names(errand.tx)
    rows = invitations.unused(tx, errand.now, deed.unit, deed.number)[:MOST]
    if not rows:
        return (Say("revoke.none_unused"),)
    if deed.sure:
        for row in rows:
            invitations.revoke(tx, row.id, errand.now)
            audit.note(tx, errand.who, "revoke", f"{row.id}", errand.now, was=row.unit)
        return tuple(Say("revoke.code_gone", {"id": row.id, "unit": names.get(row.unit, row.unit)}) for row in rows)
    items = [{"kind": "revoke.unused", "facts": _code(row, names)} for row in rows]
    yes = Option(f"revoke {','.join(str(row.id) for row in rows)}", "option.yes", numbered=False)
    return (Say("revoke.sure_codes", {"n": len(rows), "items": items}, (yes,)),)


def seek(name: str, errand: Errand) -> Says:
    """Whoever serves under that name."""
    serving = people.serving(errand.tx, *people.ROLES)
    found = {row.person: row.name for row in serving if bare(row.name) == bare(name)}
    if len(found) == 1:
        return dismiss(next(iter(found)), False, errand)
    if not found:
        return (Say("revoke.nobody", {"name": name[:80]}),)
    names = units.names(errand.tx)
    places = {who: ", ".join(names[row.unit] for row in serving if row.person == who) for who in found}
    options = tuple(named(f"dismiss {who}", f"{called} - {places[who]}") for who, called in list(found.items())[:MOST])
    return (Say("revoke.which", {"name": name[:80]}, options),)


def dismiss(person: int, sure: bool, errand: Errand) -> Says:
    """All that they hold ends; what is left undone, and which units have nobody then, is told before and after."""
    tx, now = errand.tx, errand.now
    duties = people.duties(tx, person)
    if not duties:
        return (Say("revoke.holds_nothing"),)
    if person == errand.me:
        return (Say("revoke.not_yourself"),)
    seen = overview.views(tx, errand.catalogues, now) if any(duty.role == "focal" for duty in duties) else []
    told = {
        "name": people.named(tx, person),
        "items": [item for duty in duties for item in _left(duty, person, seen, errand)],
    }
    if not sure:
        yes = Option(f"dismiss-surely {person}", "option.yes", numbered=False)
        return (Say("revoke.sure_person", told, (yes,)),)
    for duty in duties:
        people.resign(tx, person, duty.unit, duty.role, now)
        audit.note(tx, errand.who, "dismiss", f"{person}/{duty.unit}", now, was=duty.role)
    visits.end_all(tx, person, now)
    if to := people.reach(tx, person):
        farewell = Say("revoke.farewell", {"units": [duty.unit_name for duty in duties]})
        outbox.put(tx, to, [jsonable(farewell)], outbox.REPLY, now, about=f"dismiss:{person}")
    return (Say("revoke.person_gone", told),)


def _left(duty: people.Duty, person: int, seen: Sequence[View], errand: Errand) -> list[dict[str, object]]:
    """The duty, what its unit still owes in each campaign, and whether anybody is left to report it."""
    facts: dict[str, object] = {"role": ROLES[duty.role], "unit": duty.unit_name}
    items: list[dict[str, object]] = [{"kind": "revoke.duty", "facts": facts}]
    if duty.role != "focal":
        return items
    others = [row for row in people.serving(errand.tx, "focal", units={duty.unit}) if row.person != person]
    if not others:
        items.append({"kind": "revoke.nobody_left", "facts": facts})
    for view in seen:
        one = view.standings.get(duty.unit)
        if one and one.owed:
            counts = {"n": len(one.owed), "all": len(one.measures), "deadline": one.deadline.isoformat()}
            items.append({"kind": "revoke.owes", "facts": facts | counts})
    return items
