"""Which reminder is due, and one envelope for each person who still has something to answer for."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row

from catalogue import calendar as days
from catalogue.calendar import Calendar
from catalogue.model import Catalogue, Plan, Step, When, Whom
from catalogue.standing import Standing
from storage import absences, board, campaigns, holds, outbox, people, promises, runs, slots, units

KIND, JOB = "due.remind", "remind"
ROLES: tuple[Whom, ...] = ("focal", "head", "tccb")
NOW = Step("now", 0, time.min, ("focal",), "missing", "remind.now")  # when TCCB reminds without waiting for a step
Parents = Mapping[str, str | None]
Time = tuple[date, datetime | None]  # the deadline that units keep, and since when, where they were given more time


def due(plan: Plan, calendar: Calendar, now: datetime, whom: Whom, since: datetime | None = None) -> Step | None:
    """The newest step for them whose moment has come; what an outage made us miss before it is let go.

    `since`: when this plan came to hold; what lies before it was never asked.
    """
    come = [(at, step) for at, step in days.due_steps(plan, calendar) if whom in step.to and at <= now]
    if not come:
        return None
    at, step = come[-1]
    fresh = now - at <= timedelta(days=step.stale_after)
    return step if fresh and (since is None or at > since) else None


@dataclass(frozen=True)
class Round:
    """One campaign as the timetable sees it on its round: those of its units that keep the same time."""

    campaign: int
    catalogue: Catalogue
    plan: Plan
    standings: Mapping[str, Standing]
    dated: bool = False  # it counts from another deadline than the one with which it was opened
    since: datetime | None = None  # when these units were given more time
    promises: Mapping[tuple[str, int], datetime] = field(default_factory=dict)  # (unit, person) → until when
    held: frozenset[str] = frozenset()  # steps that TCCB keeps back
    away: Mapping[int, date] = field(default_factory=dict)  # person → the last day on which they are away

    def mark(self, step: Step) -> str:
        """The step's name in the slots: counted from another deadline it comes again, once."""
        return f"{step.id}@{self.plan.deadline}" if self.dated else step.id

    def marked(self, mark: str) -> Step | None:
        """The step of that name, unless it is kept back."""
        steps = (step for step in self.plan.steps if step.id not in self.held and self.mark(step) == mark)
        return NOW if mark == NOW.id else next(steps, None)


@dataclass(frozen=True)
class Knock:
    """What one person is to be reminded of: (round, step, the units that make it necessary)."""

    person: int
    name: str
    steps: tuple[tuple[Round, Step, tuple[str, ...]], ...]


def rounds(tx: Connection, catalogues: Mapping[str, Catalogue]) -> list[Round]:
    """Every campaign that takes figures, those of its units apart that were given more time or let in again."""
    return [one for row in campaigns.taking(tx) for one in rounds_of(tx, row, catalogues)]


def rounds_of(
    tx: Connection, row: Row[Any], catalogues: Mapping[str, Catalogue], only: Collection[str] | None = None
) -> list[Round]:
    """One campaign's; `only`: of these units, where the others don't matter."""
    given, groups = campaigns.extensions(tx, row.id), dict[Time, dict[str, Standing]]()
    if row.locked:
        given = campaigns.let_in(tx, row)
        only = given.keys() if only is None else given.keys() & only
    for unit, one in board.standings(tx, row, catalogues[row.catalogue], units.open_names(tx), only).items():
        since = given[unit].given if one.deadline > row.deadline else None
        groups.setdefault((one.deadline, since), {})[unit] = one
    return _rounds(tx, row, catalogues, groups)


def timed(tx: Connection, catalogues: Mapping[str, Catalogue]) -> list[Round]:
    """As `rounds`, for whoever asks when and not how the units stand."""
    found: list[Round] = []
    for row in campaigns.taking(tx):
        given = campaigns.let_in(tx, row) if row.locked else campaigns.extensions(tx, row.id)
        times: list[Time] = [] if row.locked else [(row.deadline, None)]
        times += [(one.deadline, one.given) for one in given.values() if one.deadline > row.deadline]
        found += _rounds(tx, row, catalogues, {time: {} for time in times})
    return found


def _rounds(
    tx: Connection, row: Row[Any], catalogues: Mapping[str, Catalogue], groups: Mapping[Time, Mapping[str, Standing]]
) -> list[Round]:
    catalogue, held = catalogues[row.catalogue], holds.kept_back(tx, row.id)
    promised = {who: made.due for who, made in promises.newest(tx, row.id).items()}
    away = absences.away(tx)
    return [
        Round(
            row.id,
            catalogue,
            campaigns.plan(row, catalogue, until),
            stands,
            until != row.first,
            since,
            promised,
            held,
            away,
        )
        for (until, since), stands in groups.items()
    ]


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
    parents, found, serving = _parents(tx, now), dict[int, Knock](), dict[Whom, Sequence[Row[Any]]]()
    for here in running:
        for role in ROLES:
            step = due(here.plan, calendar, now, role, here.since)
            if step and step.id not in here.held:
                if role not in serving:
                    serving[role] = people.serving(tx, role)
                for one in reached(here, step, serving[role], parents, now):
                    before = found[one.person].steps if one.person in found else ()
                    found[one.person] = Knock(one.person, one.name, before + one.steps)
    return list(found.values())


def _parents(tx: Connection, now: datetime) -> Parents:
    return units.parents(tx, now.date())


def reached(here: Round, step: Step, serving: Iterable[Row[Any]], parents: Parents, now: datetime) -> Iterator[Knock]:
    """The people of that duty whose units are concerned; a head answers for those below as well, TCCB for all."""
    concern = {unit for unit, standing in here.standings.items() if concerned(standing, step.when)}
    under = _under(concern, parents) if "head" in step.to else {}
    mine: dict[tuple[int, str], list[str]] = {}
    for row in serving:
        if about := sorted(concern) if row.role == "tccb" else _asked(here, row, concern, under, now):
            mine.setdefault((row.person, row.name), []).extend(about)
    for (person, name), about in mine.items():
        yield Knock(person, name, ((here, step, tuple(dict.fromkeys(about))),))


def _under(concern: Iterable[str], parents: Parents) -> dict[str, list[str]]:
    """Unit → those of them that are below it, however far."""
    found: dict[str, list[str]] = {}
    for unit in concern:
        above = parents.get(unit)
        while above:
            found.setdefault(above, []).append(unit)
            above = parents.get(above)
    return found


def _asked(here: Round, row: Row[Any], concern: set[str], under: Mapping[str, list[str]], now: datetime) -> list[str]:
    """The units concerned for which this duty answers; a promise, or being away, keeps them quiet."""
    if row.role == "head":
        return sorted({row.unit} & concern) + sorted(under.get(row.unit, ()))
    promised = here.promises.get((row.unit, row.person))
    quiet = (promised and now < promised) or absences.is_away(here.away, row.person, now.date())
    return [row.unit] if row.unit in concern and not quiet else []


def meant_for(
    tx: Connection,
    person: int,
    campaign: int,
    mark: str,
    catalogues: Mapping[str, Catalogue],
    calendar: Calendar,
    now: datetime,
) -> Iterator[tuple[Round, Step, tuple[str, ...]]]:
    """What that step still has to say to that person; nothing when it has become moot.

    A message that waited too long is: the next step is due, the deadline has moved, or it is stale.
    """
    row, parents = campaigns.at(tx, campaign), _parents(tx, now)
    mine = _answered_for(people.duties(tx, person), parents)
    for here in rounds_of(tx, row, catalogues, mine):
        step = here.marked(mark)
        if step and (step == NOW or any(due(here.plan, calendar, now, role, here.since) == step for role in step.to)):
            for knock in reached(here, step, people.serves(tx, person, *step.to), parents, now):
                yield from knock.steps


def _answered_for(duties: Iterable[people.Duty], parents: Parents) -> list[str] | None:
    """The units of these duties and those below them; None for all of them."""
    if any(duty.role == "tccb" for duty in duties):
        return None
    own = {duty.unit for duty in duties}
    under = _under(parents, parents)
    return sorted(own.union(*(under.get(unit, ()) for unit in own)))


def knock(tx: Connection, running: Sequence[Round], calendar: Calendar, now: datetime) -> int:
    """Puts one envelope down for each person reminded: which steps, not a sentence and not a list.

    What is owed, and whether anything still is, is looked up when it is sent. Returns the number of envelopes.
    """
    if not calendar.awake(now):
        runs.note(tx, JOB, now, 0, 0)
        return 0
    known, fates = Known(tx, slots.reminded_on(tx, now.date()), running), Counter[Fate]()
    for one in plan(tx, running, calendar, now):
        fates[_remind(tx, one, known, now)] += 1
    put = fates["put"]
    runs.note(tx, JOB, now, put, fates.total(), {fate: count for fate, count in fates.items() if fate != "put"})
    return put


Fate = Literal["put", "today", "told", "enough", "unreachable", "elsewhere"]
"""What became of somebody who was to be reminded: an envelope was put down, or one message came today already, the step

has been told before, the plan allows no more before the deadline, no address is open, another process was quicker."""


def _remind(tx: Connection, one: Knock, known: "Known", now: datetime) -> Fate:
    """One message a day; a step still due tomorrow is sent tomorrow."""
    if one.person in known.today:
        return "today"
    if known.all_told(one):
        return "told"
    if enough(one, known.running, slots.told_to(tx, one.person)):
        return "enough"
    if not (to := people.reach(tx, one.person)):
        return "unreachable"
    marks = [(here.campaign, here.mark(step)) for here, step, _ in one.steps]
    steps = [[campaign, mark] for campaign, mark in marks if slots.take(tx, campaign, mark, one.person, now)]
    if not steps:
        return "elsewhere"
    say = {"kind": KIND, "facts": {"steps": steps}, "options": []}
    last_day = any(step.days == 0 for _, step, _ in one.steps)
    priority = outbox.URGENT if last_day else outbox.BULK
    outbox.put(tx, to, [say], priority, now, about=f"remind:{steps[0][0]}:{steps[0][1]}")
    _tells_of_shortfalls(tx, one, now)
    return "put"


@dataclass(frozen=True)
class Known:
    """Who has had a message today, and who has been told of which step: asked once for all."""

    tx: Connection
    today: set[int]
    running: Sequence[Round]
    holders: dict[tuple[int, str], set[int]] = field(default_factory=dict)  # (campaign, mark) → persons

    def all_told(self, one: Knock) -> bool:
        return all(one.person in self._holders(here.campaign, here.mark(step)) for here, step, _ in one.steps)

    def _holders(self, campaign: int, mark: str) -> set[int]:
        if (campaign, mark) not in self.holders:
            self.holders[campaign, mark] = slots.holders(self.tx, campaign, mark)
        return self.holders[campaign, mark]


Told = dict[tuple[int, str], date]
"""(campaign, mark) of each step that a person has been told → the day."""


def enough(one: Knock, running: Iterable[Round], told: Told) -> bool:
    """Whether the person has had as many reminders before the deadline as the plan allows, all campaigns together.

    A deadline that has moved begins a count of its own; what comes after the deadline is not counted, nor held back.
    """
    if any(step.days > 0 for _, step, _ in one.steps):
        return False
    its = {here.campaign for here, _, _ in one.steps}
    counting = [here for here, _, _ in one.steps] + [here for here in running if here.campaign not in its]
    marks = {(here.campaign, here.mark(step)) for here in counting for step in here.plan.steps if step.days <= 0}
    most = min(here.catalogue.most_before for here, _, _ in one.steps)
    return len({day for mark, day in told.items() if mark in marks}) >= most


def _tells_of_shortfalls(tx: Connection, one: Knock, now: datetime) -> None:
    """A reminder of a step "short" is a warning as well: the unit is not warned of the same once more."""
    for here, step, about in one.steps:
        for unit in about if step.when == "short" else ():
            if gaps := here.standings[unit].gaps:
                slots.told(tx, here.campaign, unit, gaps, now)


def urgent(tx: Connection, catalogues: Mapping[str, Catalogue], now: datetime) -> list[Knock]:
    """Who is reminded when TCCB says "now": all who report for a unit that owes something, once a day."""
    parents, serving, found = _parents(tx, now), people.serving(tx, *NOW.to), dict[int, Knock]()
    for here in rounds(tx, catalogues):
        done = slots.taken(tx, here.campaign)
        for one in reached(here, NOW, serving, parents, now):
            if (_today(now), one.person) not in done:
                before = found[one.person].steps if one.person in found else ()
                found[one.person] = Knock(one.person, one.name, before + one.steps)
    return list(found.values())


def urge(tx: Connection, catalogues: Mapping[str, Catalogue], now: datetime) -> int:
    """Puts one envelope down for each of them, to be sent whatever the hour; how many."""
    put = 0
    for one in urgent(tx, catalogues, now):
        to = people.reach(tx, one.person)
        in_these = dict.fromkeys(here.campaign for here, _, _ in one.steps)
        steps = [[id, NOW.id] for id in in_these if to and slots.take(tx, id, _today(now), one.person, now)]
        if to and steps:
            say = {"kind": KIND, "facts": {"steps": steps}, "options": []}
            outbox.put(tx, to, [say], outbox.REPLY, now, about=f"remind:{steps[0][0]}:{_today(now)}")
            put += 1
    return put


def _today(now: datetime) -> str:
    return f"{NOW.id}:{now:%Y-%m-%d}"


def next_moment(
    tx: Connection, catalogues: Mapping[str, Catalogue], calendar: Calendar, now: datetime
) -> datetime | None:
    """When the next step of any running campaign falls."""
    ahead = [at for one in timed(tx, catalogues) for at, _ in days.due_steps(one.plan, calendar) if at > now]
    return min(ahead, default=None)
