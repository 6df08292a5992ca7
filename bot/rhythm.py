"""What changes a campaign's rhythm: more time for a unit, a new deadline; and telling those whom it concerns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from bot.dialogue.turn import Say
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import remind
from storage import audit, board, campaigns, outbox, people, units
from storage.audit import Who

Says = tuple[Say, ...]


@dataclass(frozen=True)
class Hand:
    """Who turns the wheels, and what they turn by."""

    tx: Connection
    who: Who
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar
    now: datetime


def to_unit(hand: Hand, unit: str, say: Say, about: str) -> None:
    """To everybody who reports for the unit, at once: somebody waits for it."""
    for person in sorted({one.person for one in people.serving(hand.tx, "focal") if one.unit == unit}):
        if to := people.reach(hand.tx, person):
            outbox.put(hand.tx, to, [asdict(say)], outbox.REPLY, hand.now, about=about)


def extend(hand: Hand, campaign: int, unit: str, until: date, reason: str) -> Says:
    """More time for one unit; what is said to whoever gave it. The unit is told."""
    row = campaigns.at(hand.tx, campaign)
    known = {"unit": units.names(hand.tx).get(unit, unit), "deadline": until.isoformat()}
    stands = board.standings(hand.tx, row, hand.catalogues[row.catalogue], units.names(hand.tx), unit)
    if unit not in stands:
        return (Say("desk.owes_nothing", known),)
    if until <= row.deadline:
        return (Say("respite.not_later", {"until": until.isoformat(), "deadline": row.deadline.isoformat()}),)
    if until == stands[unit].deadline:
        return (Say("respite.already", known),)

    def change() -> None:
        by = hand.who.person
        campaigns.extend(hand.tx, campaign, unit, until, reason, by, hand.now)

    moved = remind.moved_by(change, hand.tx, hand.catalogues, hand.calendar, hand.now)
    was, subject = stands[unit].deadline.isoformat(), f"{campaign}/{unit}"
    audit.note(hand.tx, hand.who, "extend", subject, hand.now, was=was, became=until.isoformat(), verbatim=reason)
    to_unit(hand, unit, Say("respite.granted", known), f"extension:{subject}")
    return (Say("respite.given", known | {"cancelled": len(moved.cancelled), "planned": len(moved.planned)}),)


def move(hand: Hand, campaign: int, deadline: date, evaluation: date) -> None:
    """Another deadline for all; a unit with more time keeps it while it lasts longer."""
    was = campaigns.at(hand.tx, campaign).deadline.isoformat()
    campaigns.set_deadlines(hand.tx, campaign, deadline, evaluation)
    audit.note(hand.tx, hand.who, "deadline", f"{campaign}", hand.now, was=was, became=deadline.isoformat())


def refuse(hand: Hand, campaign: int, unit: str) -> Says:
    """The deadline stays; the unit is told."""
    row = campaigns.at(hand.tx, campaign)
    until = campaigns.deadlines(hand.tx, row).get(unit, row.deadline)
    known = {"unit": units.names(hand.tx).get(unit, unit), "deadline": until.isoformat()}
    subject = f"{campaign}/{unit}"
    audit.note(hand.tx, hand.who, "no extension", subject, hand.now, became=until.isoformat())
    to_unit(hand, unit, Say("respite.refused", known), f"extension:{subject}")
    return (Say("respite.kept", known),)
