"""Whatever happens in whatever order, nobody is reminded twice, needlessly, at night or too early; nor forgotten."""

import asyncio
import os
import re
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.channels.channel import Refused
from bot.house import House
from bot.words import Words
from catalogue.calendar import HANOI, Calendar, due_steps
from catalogue.model import Answer
from catalogue.office import Office
from jobs import timetable
from storage import campaigns, db, people, reports, schema, units
from tests.house import BOOK, Far, at, run
from tests.stage import CATALOGUES, OFFICE

UNITS = ("CCKL", "HKL-DV", "HKL-MV", "HKL-YM", "TTRA")
SEATS = {  # chat → (role, unit) of each duty
    "one": [("focal", "HKL-DV")],
    "two": [("focal", "HKL-MV"), ("focal", "HKL-YM")],
    "also": [("focal", "HKL-MV")],
    "boss": [("focal", "CCKL"), ("head", "CCKL")],
    "head": [("head", "TTRA")],
}
ANSWERS = {"met": Answer.fraction(60, 60), "short": Answer.fraction(10, 60), "open": Answer("no_data_yet")}
HOURS = (time(0), time(7), time(7, 30), time(8, 29), time(8, 30), time(10), time(14), time(17, 59), time(18), time(23))
CALENDAR = Calendar({date(2024, 12, 4): "nghỉ"}, frozenset({date(2024, 12, 14)}))
FIRST = BOOK.plan(2024).deadline
PARENT = {unit: OFFICE.by_id[unit].parent for unit in UNITS}
OVERDUE = re.compile(r"quá hạn (\d\d/\d\d/\d{4})")
DEADLINE = re.compile(r"hạn (\d\d/\d\d/\d{4})")
DEADLINES = st.dates(date(2024, 12, 3), date(2024, 12, 20))


def dated(text):
    return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=HANOI).date()


class Killed(BaseException):
    """The process ended before its transaction did."""


@cache
def template() -> Path:
    """A database with its tables: migrating takes longer than a whole example."""
    folder = Path(tempfile.mkdtemp(prefix="model"))
    engine = db.connect(f"sqlite:///{folder}/template.db")
    db.upgrade(engine)
    engine.dispose()
    return folder / "template.db"


class Reminding(RuleBasedStateMachine):
    """What the office knows by itself is in `owed` and `short`; what arrived is checked against it on arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="model"))
        shutil.copy(template(), self.folder / "house.db")
        self.engine = db.connect(f"sqlite:///{self.folder}/house.db")
        self.now, self.plan = at("2024-11-25 10:00"), BOOK.plan(2024)
        self.far = Far()
        self.far.on_the_way = self.arriving
        self.faults: list[str] = []
        self.arrived: list[tuple[date, str]] = []  # (day, chat) of every reminder and warning
        self.blocked: set[str] = set()
        self.dies = False
        self.houses: list[House] = []
        self.restart()
        self.persons = self.do(self.furnish)

    def furnish(self, tx):
        office = Office(unit for unit in OFFICE.units if unit.id in UNITS)
        units.apply(tx, office, self.now.date())
        self.campaign = campaigns.open(tx, BOOK.id, 2024, self.plan, self.now)
        campaigns.assign(tx, self.campaign, BOOK, office)
        self.owed = {unit: set(self.measures(unit)) for unit in UNITS}
        self.short = {unit: set() for unit in UNITS}
        self.last: dict[tuple[str, str], int] = {}  # (unit, measure) → its newest report
        self.more: dict[str, tuple[date, datetime]] = {}  # unit → its last extension, and when it was given
        return {self.enter(tx, chat, duties): chat for chat, duties in SEATS.items()}

    def enter(self, tx, chat, duties):
        (role, unit), *more = duties
        whom = people.join(tx, chat, unit, role, self.now)
        for role, unit in more:
            people.assign(tx, whom, unit, role, self.now)
        people.link(tx, people.address_of(tx, "far", "", chat, self.now), whom)
        return whom

    def measures(self, unit):
        one = OFFICE.by_id[unit]
        return {leaf.measure for leaf in BOOK.leaves if leaf.owed_by(one.id, one.type, one.name)}

    def do(self, deed, *given):
        with self.engine.begin() as tx:
            return deed(tx, *given)

    def teardown(self):
        for house in self.houses:
            house.writer.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    # Whatever may happen

    @initialize(moment=st.sampled_from([moment for moment, _ in due_steps(BOOK.plan(2024), CALENDAR)]))
    def begins(self, moment):
        """Anywhere in the campaign: what is rare comes late in it."""
        self.now = moment

    @rule(
        unit=st.sampled_from(UNITS),
        what=st.sampled_from(("met", "met", "short", "open")),
        all_of_them=st.booleans(),
    )
    def report(self, unit, what, all_of_them):
        measures = sorted(self.measures(unit))
        for measure in measures if all_of_them else measures[:1]:
            where = {"campaign": self.campaign, "unit": unit, "measure": measure, "person": 1, "channel": "far"}
            self.last[unit, measure] = self.do(reports.add, where, ANSWERS[what], self.now.date(), "", self.now)
            (self.owed[unit].add if what == "open" else self.owed[unit].discard)(measure)
            (self.short[unit].add if what == "short" else self.short[unit].discard)(measure)

    @precondition(lambda self: self.last)
    @rule(data=st.data())
    def give_back(self, data):
        unit, measure = data.draw(st.sampled_from(sorted(self.last)))
        if self.do(reports.appraise, self.last[unit, measure], reports.RETURNED, 1, self.now, "rà soát"):
            self.owed[unit].add(measure)

    @rule(deadline=DEADLINES)
    def move_the_deadline(self, deadline):
        """Of whatever has not been sent yet as well."""
        self.do(campaigns.set_deadlines, self.campaign, deadline, deadline)
        self.plan = type(self.plan)(deadline, deadline, self.plan.steps)

    @rule(unit=st.sampled_from(UNITS), deadline=DEADLINES)
    def extend(self, unit, deadline):
        """More time for one unit, counted from now; given again, or less than all have, it takes back the last."""
        self.do(campaigns.extend, self.campaign, unit, deadline, "mất điện", None, self.now)
        self.more[unit] = deadline, self.now

    @rule(days=st.integers(0, 4), hour=st.sampled_from(HOURS))
    def clock_goes_on(self, days, hour):
        ahead = datetime.combine(self.now.date() + timedelta(days=days), hour, HANOI)
        self.now = max(ahead, self.now + timedelta(minutes=1))

    @rule(after=st.sampled_from((0, 0, 1, 90, 400)))
    def to_the_next_step(self, after):
        ahead = [moment for moment, _ in due_steps(self.plan, CALENDAR) if moment > self.now]
        self.now = (ahead[0] if ahead else self.now) + timedelta(minutes=after)

    @rule(hours=st.sampled_from((1, 5, 24, 75)))
    def clock_goes_back(self, hours):
        self.now -= timedelta(hours=hours)

    @rule(chat=st.sampled_from(sorted(SEATS)), told=st.booleans())
    def block(self, chat, told):
        self.blocked.add(chat)
        if told:
            self.do(lambda tx: people.refused(tx, people.address_at(tx, "far", "", chat), "blocked"))

    @rule(chat=st.sampled_from(sorted(SEATS)))
    def come_back(self, chat):
        self.blocked.discard(chat)
        self.do(people.address_of, "far", "", chat, self.now)

    # The house at work

    def restart(self):
        house = House(self.engine, CATALOGUES, CALENDAR, lambda: self.now, {"vi": Words()}, [self.far])
        self.houses.append(house)

    @rule(how=st.sampled_from(("well", "well", "two at once", "dies before sending", "dies while sending")))
    def knock(self, how):
        before, may = self.told(), self.permitted()
        if how == "dies before sending":
            run(self.houses[-1].knock())
            self.nothing_else(before, may)
            return self.restart()
        if how == "two at once":
            self.restart()
        expected, self.dies = self.expected(), how == "dies while sending"
        run(self.work(*self.houses[-2 if how == "two at once" else -1 :]))
        self.all_told(expected)
        self.nothing_else(before, may)
        if self.dies:
            self.restart()
        self.dies = False

    @rule()
    def dies_while_knocking(self):
        with suppress(Killed), self.engine.begin() as tx:
            timetable.knock(tx, CATALOGUES, CALENDAR, self.now)
            raise Killed

    async def work(self, *houses):
        await asyncio.gather(*(house.knock() for house in houses))
        while sum(await asyncio.gather(*(post.deliver() for house in houses for post in house.posts))):
            pass

    # What has to be true

    async def arriving(self, message):
        """Before it arrives: where it can't, and whether it may."""
        if message.chat in self.blocked:
            raise Refused("blocked")
        text, chat = message.part.text, message.chat
        if text.startswith("Đã đạt"):
            return  # the good news that follows a person's own figure
        self.arrived.append((self.now.date(), chat))
        warning, overdue = text.startswith("Cảnh báo"), OVERDUE.findall(text)
        mine = self.below(chat)
        checks = {
            "outside office hours": CALENDAR.awake(self.now),
            "owes nothing": any(self.short[unit] if warning else self.owed[unit] for unit in mine),
            "overdue before the deadline": all(self.now.date() > day for day in map(dated, overdue)),
            "another deadline than theirs": {*map(dated, DEADLINE.findall(text))}
            <= {self.until(unit) for unit in mine},
            "twice a day": self.arrived.count((self.now.date(), chat)) == 1,
        }
        self.faults += [f"{chat} {self.now}: {why}: {text[:60]}" for why, holds in checks.items() if not holds]
        if self.dies:
            raise asyncio.CancelledError

    def below(self, chat):
        """The units for which somebody is reminded; the head of CCKL for the stations below as well."""
        mine = {unit for _, unit in SEATS[chat]}
        heads = {unit for role, unit in SEATS[chat] if role == "head"}
        return mine | {unit for unit in UNITS if OFFICE.by_id[unit].parent in heads}

    def until(self, unit):
        """The deadline that the unit keeps."""
        return max(self.plan.deadline, self.more[unit][0]) if unit in self.more else self.plan.deadline

    def since(self, unit):
        return self.more[unit][1] if self.until(unit) > self.plan.deadline else None

    def expected(self):
        """Who owes, can be reached and is to be told a step now: chat → the newest for each duty and deadline."""
        found = {}
        for chat, duties in SEATS.items():
            for role, unit in self.answers_for(duties) if CALENDAR.awake(self.now) and chat not in self.blocked else ():
                step, silent = self.newest(role, unit), not any(at == unit for at, _ in self.last)
                if step and self.owed[unit] and (silent or step.when != "silent"):
                    found.setdefault(chat, set()).add(self.mark(step, unit))
        return found

    def permitted(self):
        """What may be put down now: (chat, the newest step of a unit for which they answer), and no other."""
        pairs = ((chat, role, unit) for chat, duties in SEATS.items() for role, unit in self.answers_for(duties))
        newest = ((chat, unit, self.newest(role, unit)) for chat, role, unit in pairs)
        return {(chat, self.mark(step, unit)) for chat, unit, step in newest if step}

    def mark(self, step, unit):
        return step.id if self.until(unit) == FIRST else f"{step.id}@{self.until(unit)}"

    def told(self):
        return {(chat, mark) for chat, _, marks in self.put() for mark in marks}

    def nothing_else(self, before, may):
        if other := self.told() - before - may:
            self.faults.append(f"{self.now}: {other} not due")

    def answers_for(self, duties):
        below = {("head", unit) for unit in UNITS for role, of in duties if role == "head" and PARENT[unit] == of}
        return {*duties} | below

    def newest(self, role, unit):
        plan = type(self.plan)(self.until(unit), self.plan.evaluation, self.plan.steps)
        come = [(moment, step) for moment, step in due_steps(plan, CALENDAR) if role in step.to and moment <= self.now]
        if not come or self.now - come[-1][0] > timedelta(days=come[-1][1].stale_after):
            return None
        since = self.since(unit)
        return come[-1][1] if since is None or come[-1][0] > since else None

    def all_told(self, expected):
        """For each that step was put down, now or before, or today's message was already, or enough were."""
        put = list(self.put())
        told = {(chat, mark) for chat, _, marks in put for mark in marks}
        today = {chat for chat, day, _ in put if day == self.now.date()}
        days = Counter(chat for chat, _ in {(chat, day) for chat, day, _ in put})
        for chat, marks in expected.items():
            if chat not in today and days[chat] < BOOK.most_before and not all((chat, mark) in told for mark in marks):
                self.faults.append(f"{chat} {self.now}: {marks} forgotten")

    def put(self):
        """(chat, day, steps) of every envelope that was put down for a reminder or a warning."""
        box = schema.outbox
        with db.reading(self.engine) as tx:
            rows = list(tx.execute(box.select().where(box.c.about.like("remind:%") | box.c.about.like("warn:%"))))
        for row in rows:
            if (row.outcome or "").startswith("refused"):
                continue
            marks = [mark for _, mark in row.say[0]["facts"].get("steps", ())]
            yield next(chat for chat in SEATS if self.address(chat) == row.address), row.made.date(), marks

    @cache  # noqa: B019 # as long as the example
    def address(self, chat):
        return self.do(people.address_at, "far", "", chat)

    @invariant()
    def nothing_went_wrong(self):
        assert self.faults == []

    @invariant()
    def nobody_is_told_a_step_twice(self):
        pairs = [(chat, mark) for chat, _, marks in self.put() for mark in marks]
        assert {pair: count for pair, count in Counter(pairs).items() if count > 1} == {}


EXAMPLES = int(os.environ.get("REMINDING_EXAMPLES", "15"))
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
TestReminding = Reminding.TestCase
TestReminding.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, suppress_health_check=SLOW
)


# What such sequences have found


@pytest.fixture
def office():
    made = Reminding()
    yield made
    made.nothing_went_wrong()
    made.nobody_is_told_a_step_twice()
    made.teardown()


def test_a_reminder_that_waited_is_not_sent_once_the_deadline_has_moved(office):
    office.begins(at("2024-12-11 08:30"))
    office.knock("dies before sending")
    office.move_the_deadline(date(2024, 12, 20))
    office.knock("well")


def test_a_reminder_that_waited_too_long_is_not_sent_beside_the_next(office):
    office.begins(at("2024-12-06 08:30"))
    office.knock("dies before sending")
    office.begins(at("2024-12-09 08:30"))
    office.knock("well")
    assert {chat for _, chat in office.arrived} == {"one", "two", "also", "boss", "head"}


def test_who_was_warned_is_not_reminded_on_the_same_day(office):
    office.begins(at("2024-12-10 10:00"))
    office.report("HKL-DV", "short", all_of_them=True)
    office.begins(at("2024-12-11 08:30"))
    office.knock("well")
    assert [chat for _, chat in office.arrived].count("one") == 1
    assert office.do(reports.appraise, office.last["HKL-DV", "M08"], reports.RETURNED, 1, office.now, "rà soát")
    office.owed["HKL-DV"].add("M08")
    office.begins(at("2024-12-11 16:00"))
    office.knock("well")
    office.begins(at("2024-12-12 08:30"))
    office.knock("well")
    assert [day.day for day, chat in office.arrived if chat == "one"] == [11, 12]


def test_who_had_blocked_us_unsaid_is_reminded_once_back(office):
    office.begins(at("2024-12-03 08:30"))
    office.block("one", told=False)
    office.knock("well")
    office.begins(at("2024-12-05 10:00"))
    office.knock("well")  # still away
    office.come_back("one")
    office.knock("well")
    office.knock("well")
    assert [day.day for day, chat in office.arrived if chat == "one"] == [5]
