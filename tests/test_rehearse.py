"""A whole campaign played out keeps every promise; and the witness who says so would have noticed if it had not."""

import re
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.running import REHEARSED
from bot.house import House
from bot.rehearse import campaign, cast
from bot.rehearse.campaign import Rehearsal
from bot.rehearse.witness import Verdict
from bot.words import Words
from catalogue import roster
from catalogue.calendar import Calendar, due_steps
from catalogue.office import Office, Unit
from storage import campaigns, people, schema, units
from tests.house import BOOK, Far, at, run

ROOT = Path(__file__).parent.parent
WORDS = {"vi": Words()}


def test_a_campaign_of_a_small_office_keeps_every_promise():
    verdict, circumstances = campaign.rehearse(6, 6, 3, BOOK, WORDS)
    assert verdict.kept, verdict
    assert verdict.recorded >= 10 and verdict.reminders >= 10
    assert circumstances["troubles"] > 0 and circumstances["heard"] > 30


def test_the_generated_office_is_like_the_example():
    example, office = roster.example(), cast.office(300)
    assert len(office.by_id) == len(office.units) == len({unit.name for unit in office.units}) == 300
    assert {unit.type for unit in office.units} == {unit.type for unit in example.units}
    assert [unit.id for unit in office.children("CCKL-3")] == [f"{unit.id}-3" for unit in example.children("CCKL")]
    assert {unit.parent for unit in office.units} <= {"", *office.by_id}


# The witness


@pytest.fixture
def rehearsal(tmp_path):
    """Twelve units, a week before the deadline; nobody has said anything, and everybody has just been reminded."""
    made = Rehearsal(tmp_path, 12, 17, 1, BOOK, WORDS)
    made.calendar = made.witness.calendar = made.house.calendar = Calendar()
    for post in made.house.posts:
        post.calendar = made.calendar
    made.now = next(moment for moment, step in due_steps(made.plan, made.calendar) if step.id == "T-7")
    due = made.witness.due(made.now, set())
    run(knocked(made))
    made.witness.expect(due, made.far)
    yield made
    made.house.writer.close()
    made.engine.dispose()


async def knocked(made):
    await made.house.knock()
    await made.house.settle()


def broken(made):
    """Which promises the witness says were broken."""
    verdict = made.witness.verdict(made.far, confirmed=0)
    names = ("twice", "stale", "after_completion", "outside_hours", "missed")
    assert verdict.kept == (not any(getattr(verdict, name) for name in names) and verdict.most_unasked_a_day <= 1)
    return {name for name in names if getattr(verdict, name)}


def first(made, **changes):
    """The first arrival was another than it was."""
    made.far.log[0] = replace(made.far.log[0], **changes)


def test_a_round_of_reminders_breaks_nothing(rehearsal):
    asked = [
        seat
        for seat in rehearsal.witness.scope
        if seat.role == "focal" and any(rehearsal.witness.assigned[unit] for unit in seat.units)
    ]
    assert broken(rehearsal) == set()
    assert sorted(one.chat for one in rehearsal.far.log) == sorted(seat.chats[0] for seat in asked)


def test_a_message_that_came_twice_is_seen(rehearsal):
    rehearsal.far.log.append(rehearsal.far.log[0])
    assert broken(rehearsal) == {"twice"}


def test_a_message_that_never_came_is_seen(rehearsal):
    del rehearsal.far.log[0]
    assert broken(rehearsal) == {"missed"}


def test_a_message_tried_in_vain_is_not_missed(rehearsal):
    first(rehearsal, outcome="later")
    assert broken(rehearsal) == set()


def test_a_message_at_night_is_seen(rehearsal):
    first(rehearsal, at=rehearsal.now.replace(hour=22))
    assert broken(rehearsal) == {"outside_hours"}


def test_a_stale_message_is_seen(rehearsal):
    first(rehearsal, at=rehearsal.now + timedelta(days=7))
    assert broken(rehearsal) >= {"stale"}


def test_a_message_to_who_owes_nothing_any_more_is_seen(rehearsal):
    owing = rehearsal.far.log[0].owing
    first(rehearsal, owing=dict.fromkeys(owing, frozenset()))
    assert broken(rehearsal) == {"after_completion"}


def test_a_message_that_asks_for_what_was_sent_is_seen(rehearsal):
    number, one = next((n, one) for n, one in enumerate(rehearsal.far.log) if max(map(len, one.owing.values())) > 1)
    owing = {unit: frozenset(sorted(measures)[1:]) for unit, measures in one.owing.items()}
    rehearsal.far.log[number] = replace(one, owing=owing)
    assert broken(rehearsal) == {"after_completion"}


def test_two_messages_on_one_day_are_seen(rehearsal):
    one, other = rehearsal.far.log[:2]
    with rehearsal.engine.begin() as tx:  # as if the second had been a warning to the first
        to, meant = (people.address_at(tx, "far", "", arrival.chat) for arrival in (one, other))
        turned = schema.outbox.update().where(schema.outbox.c.address == meant)
        tx.execute(turned.values(address=to, about="warn:1:CCKL"))
    rehearsal.far.log[1] = replace(other, chat=one.chat)
    assert rehearsal.witness.verdict(rehearsal.far, 0).most_unasked_a_day == 2
    assert not rehearsal.witness.verdict(rehearsal.far, 0).kept


def test_a_figure_recorded_that_nobody_was_told_of_is_seen(rehearsal):
    assert rehearsal.witness.verdict(rehearsal.far, 0).kept
    assert not rehearsal.witness.verdict(rehearsal.far, 1).kept


# So many units, so many messages


def test_300_units_that_lack_26_figures_each_are_300_messages(engine):
    rows = [
        replace(BOOK.leaves[0], code=f"X.{number}", measure=f"X{number}", scope=("don_vi",)) for number in range(26)
    ]
    measures = {row.measure: replace(next(iter(BOOK.measures.values())), code=row.measure) for row in rows}
    book = replace(BOOK, id="wide", indicators=tuple(rows), measures=measures, checks=())
    office = Office(Unit(f"U{number}", f"Đơn vị {number}", "don_vi") for number in range(300))
    far, now = Far(), at("2024-12-09 08:30")
    with engine.begin() as tx:
        units.apply(tx, office, now.date())
        opened = campaigns.open(tx, book.id, 2024, book.plan(2024), now)
        assert campaigns.assign(tx, opened, book, office) == 300 * 26
        for unit in office.units:
            whom = people.join(tx, unit.name, unit.id, "focal", now)
            people.link(tx, people.address_of(tx, "far", "", unit.id, now), whom)
    house = House(engine, {book.id: book}, Calendar(), lambda: now, WORDS, [far])

    async def work():
        return await house.knock(), await house.settle(), await house.knock()

    assert run(work()) == (300, None, 0)
    house.writer.close()
    assert sorted(message.chat for message in far.sent) == sorted(unit.id for unit in office.units)
    assert {message.part.text.count("\n- ") for message in far.sent} == {26}


# The page


def test_whatever_is_counted_has_its_line_in_the_table():
    assert {field.name for field in fields(Verdict)} <= REHEARSED.keys()


def test_every_promise_on_the_page_names_a_test_that_exists():
    page = (ROOT / "docs" / "reminding.md").read_text(encoding="utf8")
    named = re.findall(r"`tests/(\w+)\.py::(\w+)`", page)
    missing = [
        f"{file}::{name}" for file, name in named if not re.search(rf"^(?:def )?{name}\b", _text(file), re.MULTILINE)
    ]
    assert len(named) > 20 and missing == []


def _text(file):
    path = ROOT / "tests" / f"{file}.py"
    return path.read_text(encoding="utf8") if path.is_file() else ""


def test_the_page_shows_the_plan_as_it_is():
    page = (ROOT / "docs" / "reminding.md").read_text(encoding="utf8")
    days = [int(day) for day in re.findall(r"^\| ([-+]?\d+) \| \d\d:\d\d", page, re.MULTILINE)]
    assert days == sorted({step.days for step in BOOK.steps})
