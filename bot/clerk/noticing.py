"""Notices: whom they reach, and one envelope for each."""

from dataclasses import asdict

from bot import overview
from bot.clerk.errand import Errand, Says
from bot.dialogue.deeds import (
    Aim,
    Broadcast,
    Preview,
)
from bot.dialogue.turn import Option, Say, kept
from storage import audit, notices, outbox, people, units


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
    notices.enclose(tx, id, deed.files)
    papers = tuple(kept(file) for file in deed.files)
    ack = Option(f"ack {id}", "option.ack", numbered=False)
    say = asdict(Say("notice.text", {"number": id, "title": deed.title, "text": deed.body}, (ack,), papers))
    for person in found:
        if to := people.reach(tx, person):
            outbox.put(tx, to, [say], outbox.BULK, now, about=notices.about(id))
    audit.note(tx, errand.who, "notice", f"{id}", now, became={"people": len(found), **asdict(deed.aim)})
    return (Say("notice.queued", {"number": id, "n": len(found)}),)
