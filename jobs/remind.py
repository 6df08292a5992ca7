"""Which reminder is due, and one envelope for each person who still has something to answer for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Plan, Step, When, Whom
from catalogue.standing import Standing
from storage import board, campaigns, outbox, people, slots, units

KIND = "due.remind"
ROLES: tuple[Whom, ...] = ("focal", "head", "tccb")


def due(plan: Plan, calendar: Calendar, now: datetime, whom: Whom) -> Step | None:
    """The newest step for them whose moment has come; what an outage made us miss before it is let go."""
    come = [(at, step) for at, step in days.due_steps(plan, calendar) if whom in step.to and at <= now]
    if not come:
        return None
    at, step = come[-1]
    return step if now - at <= timedelta(days=step.stale_after) else None


@dataclass(frozen=True)
class Round:
    """One campaign as the timetable sees it on its round."""

    campaign: int
    catalogue: Catalogue
    plan: Plan
    standings: Mapping[str, Standing]


@dataclass(frozen=True)
class Knock:
    """What one person is to be reminded of: (campaign, step, the units that make it necessary)."""

    person: int
    name: str
    steps: tuple[tuple[int, Step, tuple[str, ...]], ...]


def rounds(tx: Connection, catalogues: Mapping[str, Catalogue]) -> list[Round]:
    names = units.names(tx)
    found = []
    for row in campaigns.running(tx):
        catalogue = catalogues[row.catalogue]
        stands = board.standings(tx, row, catalogue, names)
        found.append(Round(row.id, catalogue, campaigns.plan(row, catalogue), stands))
    return found


def concerned(standing: Standing, when: When) -> bool:
    """Whether a step that asks for this has anything to say to the unit."""
    match when:
        case "missing":
            return bool(standing.owed)
        case "short":
            return bool(standing.owed or standing.shortfalls)
        case "silent":
            return standing.silent


def plan(tx: Connection, running: Iterable[Round], calendar: Calendar, now: datetime) -> list[Knock]:
    """Who would be reminded of what at this moment, whatever has been sent before."""
    parents = {unit.id: unit.parent for unit in units.office(tx, now.date()).units}
    found: dict[int, Knock] = {}
    for here in running:
        for role in ROLES:
            if step := due(here.plan, calendar, now, role):
                for one in reached(here, step, people.serving(tx, role), parents):
                    before = found[one.person].steps if one.person in found else ()
                    found[one.person] = Knock(one.person, one.name, before + one.steps)
    return list(found.values())


def reached(here: Round, step: Step, serving: Iterable[Row[Any]], parents: Mapping[str, str | None]) -> Iterator[Knock]:
    """The people of that duty whose units are concerned; a head answers for those below as well, TCCB for all."""
    concern = {unit for unit, standing in here.standings.items() if concerned(standing, step.when)}
    mine: dict[tuple[int, str], list[str]] = {}
    for row in serving:
        below = [unit for unit in concern if row.role == "head" and parents.get(unit) == row.unit]
        about = sorted(concern) if row.role == "tccb" else sorted({row.unit} & concern) + sorted(below)
        if about:
            mine.setdefault((row.person, row.name), []).extend(about)
    for (person, name), about in mine.items():
        yield Knock(person, name, ((here.campaign, step, tuple(dict.fromkeys(about))),))


def knock(tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime) -> int:
    """Puts one envelope down for each person reminded: which steps, not a sentence and not a list.

    What is owed, and whether anything still is, is looked up when it is sent. Returns the number of envelopes.
    """
    if not calendar.awake(now):
        return 0
    already, put = slots.reminded_on(tx, now.date()), 0
    here = rounds(tx, catalogues)
    standings = {one.campaign: one.standings for one in here}
    for one in plan(tx, here, calendar, now):
        if one.person in already or not (to := people.reach(tx, one.person)):
            continue  # one message a day; a step still due tomorrow is sent tomorrow
        steps = [(id, step.id) for id, step, _ in one.steps if slots.take(tx, id, step.id, one.person, now)]
        if steps:
            say = {"kind": KIND, "facts": {"steps": [list(pair) for pair in steps]}, "options": []}
            outbox.put(tx, to, [say], outbox.BULK, now, about=f"remind:{steps[0][0]}:{steps[0][1]}")
            _tells_of_shortfalls(tx, one, standings, now)
            put += 1
    return put


def _tells_of_shortfalls(
    tx: Connection, one: Knock, standings: Mapping[int, Mapping[str, Standing]], now: datetime
) -> None:
    """A reminder of a step "short" is a warning as well: the unit is not warned of the same once more."""
    for campaign, step, about in one.steps:
        for unit in about if step.when == "short" else ():
            slots.told(tx, campaign, unit, standings[campaign][unit].gaps, now)


def next_moment(
    tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime
) -> datetime | None:
    """When the next step of any running campaign falls."""
    plans = [campaigns.plan(row, catalogues[row.catalogue]) for row in campaigns.running(tx)]
    ahead = [at for one in plans for at, _ in days.due_steps(one, calendar) if at > now]
    return min(ahead, default=None)
