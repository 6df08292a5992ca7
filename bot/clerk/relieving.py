"""A focal point is away, is back, or hands over: who is told, and whose duty it is then."""

from datetime import date

from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue.facts import Duty
from bot.dialogue.turn import Say, jsonable
from catalogue.text import bare
from storage import absences, audit, invitations, outbox, people


def _mine(errand: Errand) -> list[Duty]:
    """The units that they report for. Raises PermissionError where there is none."""
    found = [duty for duty in errand.facts.duties if duty.role == "focal"]
    if not found:
        raise PermissionError("only a focal point can be relieved")
    return found


def be_away(until: date, errand: Errand) -> Says:
    """No reminder until then; the others of the unit, its head and TCCB know whom not to wait for."""
    mine = _mine(errand)
    absences.begin(errand.tx, errand.me, until, errand.now)
    audit.note(errand.tx, errand.who, "away", f"{errand.me}", errand.now, became=until.isoformat())
    told = {"name": errand.at.name, "until": until.isoformat(), "units": [duty.unit_name for duty in mine]}
    others = _others(mine, errand)
    for person in others:
        _tell(person, Say("relief.colleague_away", told), errand)
    to_tccb(Say("relief.is_away", told | {"others": len(others)}), f"away:{errand.me}", errand)
    return (Say("relief.away" if others else "relief.away_alone", told | {"others": len(others)}),)


def come_back(errand: Errand) -> Says:
    if not absences.end(errand.tx, errand.me, errand.now):
        return (Say("relief.was_here"),)
    audit.note(errand.tx, errand.who, "back", f"{errand.me}", errand.now)
    return (Say("relief.back"),)


def _others(mine: list[Duty], errand: Errand) -> list[int]:
    """The other focal points of these units, and their heads."""
    places = {duty.unit for duty in mine}
    serving = people.serving(errand.tx, "focal", "head", units=places)
    return sorted({row.person for row in serving} - {errand.me})


def hand_over(name: str, phone: str, errand: Errand) -> Says:
    """Whoever reports for the unit already has it at once; anybody else gets a code, and TCCB's approval."""
    return tuple(_handed(duty, name, phone, errand) for duty in _mine(errand))


def _handed(duty: Duty, name: str, phone: str, errand: Errand) -> Say:
    tx, told = errand.tx, {"name": name, "unit": duty.unit_name}
    colleagues = people.serving(tx, "focal", units={duty.unit})
    known = [row.person for row in colleagues if row.person != errand.me and bare(row.name) == bare(name)]
    subject = f"{errand.me}/{duty.unit}"
    if len(known) == 1:
        people.resign(tx, errand.me, duty.unit, "focal", errand.now)
        audit.note(tx, errand.who, "hand over", subject, errand.now, became=known[0])
        _tell(known[0], Say("relief.yours_now", {"name": errand.at.name, "unit": duty.unit_name}), errand)
        to_tccb(Say("relief.has_handed", told | {"by": errand.at.name}), f"relief:{subject}", errand)
        return Say("relief.handed", told)
    code = invitations.issue(tx, duty.unit, "focal", errand.now, name, hands_over=errand.me)
    audit.note(tx, errand.who, "hand over", subject, errand.now, became={"name": name, "phone": phone})
    expires = (errand.now + invitations.VALID).isoformat()
    return Say("relief.code", told | {"code": code, "expires": expires})


def keep(errand: Errand) -> Says:
    _mine(errand)
    if not invitations.withdraw(errand.tx, errand.me, errand.now):
        return (Say("relief.nothing_handed"),)
    audit.note(errand.tx, errand.who, "keep", f"{errand.me}", errand.now)
    return (Say("relief.kept"),)


def relieved(person: int, unit: str, unit_name: str, by: str, errand: Errand) -> None:
    """Their successor has been let in: the duty is over, and they are told."""
    if people.resign(errand.tx, person, unit, "focal", errand.now):
        audit.note(errand.tx, errand.who, "relieve", f"{person}/{unit}", errand.now)
        _tell(person, Say("relief.handed", {"name": by, "unit": unit_name}), errand)


def _tell(person: int, say: Say, errand: Errand) -> None:
    if to := people.reach(errand.tx, person):
        outbox.put(errand.tx, to, [jsonable(say)], outbox.REPLY, errand.now, about=f"relief:{errand.me}")
