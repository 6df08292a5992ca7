"""Who is reminded of what and when: once, in office hours, and only while there is something to answer for."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from catalogue.calendar import Calendar, due_steps
from catalogue.model import Answer, Plan, Step, Whom
from jobs import forecast, remind, timetable
from storage import campaigns, db, people, reports, runs, schema, slots
from tests.house import BOOK, Far, World, at, run
from tests.program import Program
from tests.test_storage import at_once

MET, SHORT = Answer.fraction(58, 60), Answer.fraction(45, 60)  # M08 is judged against 95
PLAN, VIET_NAM = BOOK.plan(2024), Calendar()
WEEK = "2024-12-03 08:30"


def step(plan: Plan, moment: str, whom: Whom = "focal", calendar: Calendar = VIET_NAM) -> str | None:
    found = remind.due(plan, calendar, at(moment), whom)
    return found and found.id


@pytest.mark.parametrize(
    ("moment", "focal", "head", "tccb"),
    [
        ("2024-11-25 17:00", None, None, None),  # before the first
        ("2024-11-26 07:59", None, None, None),
        ("2024-11-26 08:29:59.999999", None, None, None),
        ("2024-11-26 08:30", "T-14", None, None),
        ("2024-11-26 15:59", "T-14", None, None),  # the server was down
        ("2024-12-01 08:30", "T-14", None, None),  # five days on it is still worth saying
        ("2024-12-01 08:31", None, None, None),
        ("2024-12-03 08:29", None, None, None),
        ("2024-12-03 08:30", "T-7", None, None),
        ("2024-12-06 08:30", "T-3", "T-3-head", None),  # the 7th is a Saturday: the working day before
        ("2024-12-07 08:30", "T-3", "T-3-head", None),
        ("2024-12-07 08:31", None, None, None),
        ("2024-12-09 08:30", "T-1", "T-1-head", None),  # after three days down only the newest
        ("2024-12-10 08:29", "T-1", "T-1-head", None),
        ("2024-12-10 08:30", "T-0", "T-1-head", None),
        ("2024-12-10 14:00", "T-0", "T-0-head", None),
        ("2024-12-11 08:30", "T+1", "T+1-head", None),
        ("2024-12-13 08:30", "T+3", "T+1-head", "T+3-tccb"),
        ("2024-12-20 08:30", "T+3", None, "T+3-tccb"),
        ("2024-12-20 08:31", None, None, None),
        ("2025-06-01 08:30", None, None, None),
    ],
)
def test_the_newest_step_whose_moment_has_come_is_due(moment, focal, head, tccb):
    assert (step(PLAN, moment), step(PLAN, moment, "head"), step(PLAN, moment, "tccb")) == (focal, head, tccb)


def test_a_step_on_a_day_off_comes_before_the_deadline_if_it_was_before_and_after_if_it_was_after():
    off = Calendar({date(2024, 12, 9): "nghỉ", date(2024, 12, 11): "nghỉ", date(2024, 12, 12): "nghỉ"})
    moments = {step.id: moment for moment, step in due_steps(PLAN, off)}
    assert moments["T-1"] == at("2024-12-06 08:30")
    assert moments["T+1"] == moments["T+3"] == at("2024-12-13 08:30")
    assert step(PLAN, "2024-12-06 08:30", calendar=off) == "T-1"  # the one meant later wins
    assert step(PLAN, "2024-12-13 08:30", calendar=off) == "T+3"


def test_an_extended_deadline_takes_its_steps_along():
    assert step(replace(PLAN, deadline=date(2024, 12, 17)), "2024-12-10 08:30") == "T-7"


def test_a_plan_without_steps_for_somebody_reminds_them_of_nothing():
    only = Step("T-1", -1, time(8, 30), ("head",), "missing", "remind.head")
    assert step(replace(PLAN, steps=(only,)), "2024-12-09 09:00") is None
    assert step(replace(PLAN, steps=(only,)), "2024-12-09 09:00", "head") == "T-1"


# Knocking

UNITS = ("HKL-TPHG", "HKL-DV", "HKL-MV", "HKL-YM", "CCKL", "NTM")


@pytest.fixture
def seated(house: World) -> World:
    for unit in UNITS:
        house.seat(unit, "focal", unit)
    return house


def reminded(house: World) -> list[str]:
    """Whose chats the reminders have come to."""
    house.deliver()
    return sorted(message.chat for message in house.far.sent)


def test_so_many_units_with_so_many_figures_missing_are_so_many_messages(seated):
    assert seated.knock(WEEK) == len(UNITS)
    assert reminded(seated) == sorted(UNITS)
    text = next(message.part.text for message in seated.far.sent if message.chat == "CCKL")
    assert text.count("\n- ") == len(seated.do(remind.rounds, seated.house.catalogues)[0].standings["CCKL"].owed) > 10


@pytest.mark.parametrize(
    ("moment", "reminds"),
    [
        ("2024-12-03 07:59", False),
        ("2024-12-03 08:29:59", False),
        ("2024-12-03 08:30", True),
        ("2024-12-03 17:59", True),
        ("2024-12-03 18:00", False),
        ("2024-12-04 03:00", False),
        ("2024-12-04 07:30", True),  # missed in the night, and not stale
        ("2024-12-07 10:00", False),  # a Saturday
    ],
)
def test_a_reminder_comes_at_its_hour_and_never_at_night_or_on_a_day_off(seated, moment, reminds):
    assert seated.knock(moment) == (len(UNITS) if reminds else 0)


def test_knocking_again_reminds_nobody_again(seated):
    seated.knock(WEEK)
    for moment in (WEEK, "2024-12-03 08:31", "2024-12-03 17:00", "2024-12-04 08:30", "2024-12-05 08:30"):
        assert seated.knock(moment) == 0
    assert reminded(seated) == sorted(UNITS)


def test_several_processes_that_knock_at_once_remind_everyone_once(seated):
    seated.go(WEEK)
    processes, put = [seated.another(Far()) for _ in range(4)], []
    at_once(*[lambda process=process: put.append(run(process.knock())) for process in processes])
    assert sum(put) == len(UNITS)
    assert reminded(seated) == sorted(UNITS)


def test_a_clock_that_jumps_back_and_forth_reminds_everyone_of_a_step_once(seated):
    moments = [at("2024-11-25 07:00") + timedelta(minutes=37 * n) for n in range(700)]
    random.Random(7).shuffle(moments)
    for moment in moments[:60]:
        seated.now = moment
        run(seated.house.knock())
    taken = Counter(row.say[0]["facts"]["steps"][0][1] for row in seated.rows(schema.outbox))
    assert taken
    assert set(taken.values()) == {len(UNITS)}
    assert len(seated.rows(schema.slot)) == sum(taken.values())


def test_after_days_of_outage_only_the_newest_step_is_sent(seated):
    assert seated.knock("2024-12-10 10:00") == len(UNITS)
    seated.deliver()
    assert {text[:18] for text in seated.far.texts()} == {"Hôm nay, 10/12/202"}


def test_what_was_sent_already_is_not_asked_for(seated):
    seated.report("HKL-DV", "M08", MET, 1)
    assert seated.knock("2024-12-06 08:30") == len(UNITS) - 1
    assert "HKL-DV" not in reminded(seated)


def test_what_was_sent_between_the_knock_and_the_message_is_not_asked_for(seated):
    seated.knock(WEEK)
    seated.report("HKL-DV", "M08", MET, 1)
    seated.report("CCKL", "M03", MET, 1)
    assert reminded(seated) == sorted(set(UNITS) - {"HKL-DV"})
    assert seated.outcomes().count("moot") == 1
    text = next(message.part.text for message in seated.far.sent if message.chat == "CCKL")
    assert "NQ01.3" not in text


def test_a_figure_still_to_come_or_returned_is_still_asked_for(seated):
    seated.report("HKL-DV", "M08", Answer("no_data_yet"), 1)
    returned = seated.report("HKL-MV", "M08", MET, 1)
    seated.do(reports.appraise, returned, reports.RETURNED, 1, seated.now, "thiếu minh chứng")
    assert seated.knock("2024-12-06 08:30") == len(UNITS)


def test_a_step_for_shortfalls_reaches_who_has_sent_but_falls_short(seated):
    seated.report("HKL-DV", "M08", SHORT, 1)
    seated.report("HKL-MV", "M08", MET, 1)
    seated.knock(WEEK)
    assert reminded(seated) == sorted(set(UNITS) - {"HKL-MV"})


def test_nobody_is_asked_about_a_locked_campaign(seated):
    seated.do(campaigns.lock, seated.campaign, seated.now)
    assert seated.knock(WEEK) == 0


def test_whoever_has_left_or_can_t_be_reached_is_not_reminded_and_is_when_they_are_back(seated):
    address = seated.address("HKL-DV")
    seated.do(people.refused, address.id, "blocked")
    gone = schema.person.c.id == seated.address("NTM").person
    seated.do(lambda tx: tx.execute(schema.person.update().where(gone).values(left=seated.now)))
    assert seated.knock(WEEK) == len(UNITS) - 2
    seated.hear("HKL-DV", "xin chào")
    assert seated.knock("2024-12-04 09:00") == 1


def test_two_units_of_one_person_are_one_message(house: World):
    house.seat("an", "focal", "HKL-DV", "HKL-MV")
    assert house.knock(WEEK) == 1
    house.deliver()
    (text,) = house.far.texts("an")
    assert "Đồng Văn" in text
    assert "Mèo Vạc" in text


def test_two_campaigns_of_one_person_are_one_message(house: World):
    house.seat("an", "focal", "HKL-DV")
    other = house.open(2025)
    house.do(campaigns.set_deadlines, other, date(2024, 12, 10), date(2024, 12, 31))
    assert house.knock(WEEK) == 1
    assert [row.campaign for row in house.rows(schema.slot)] == [house.campaign, other]
    house.deliver()
    assert house.far.texts("an")[0].count("Hạt Kiểm lâm huyện Đồng Văn còn") == 2


def test_nobody_gets_two_reminders_on_one_day(house: World):
    house.seat("an", "focal", "HKL-DV")
    other = house.open(2025)
    house.do(campaigns.set_deadlines, other, date(2024, 12, 17), date(2024, 12, 31))  # its T-7 is the 10th
    person = house.seat("bao", "head", "CCKL")
    house.do(people.assign, person, "HKL-MV", "focal", house.now)
    sent: Counter[tuple[str, date]] = Counter()
    for day in range(30):
        for hour in (8, 9, 14, 15, 17):
            house.now = at(f"2024-11-20 {hour:02}:30") + timedelta(days=day)
            run(house.house.knock())
            house.deliver()
            sent.update((message.chat, house.now.date()) for message in house.far.sent)
            house.far.sent.clear()
    assert set(sent.values()) == {1}
    assert len(sent) > 10


def test_a_head_gets_one_message_about_all_units_below(house: World):
    house.seat("bao", "head", "CCKL")
    house.report("HKL-DV", "M08", MET, 1)
    assert house.knock("2024-12-09 08:30") == 1
    house.deliver()
    (text,) = house.far.texts("bao")
    below = [unit for unit in ("Đồng Văn", "Mèo Vạc", "Yên Minh", "Chi cục Kiểm lâm") if unit in text]
    assert below == ["Mèo Vạc", "Yên Minh", "Chi cục Kiểm lâm"]


def test_a_head_of_a_unit_and_of_one_below_is_told_of_each_once(house: World):
    house.seat("bao", "head", "CCKL", "HKL-DV")
    house.knock("2024-12-09 08:30")
    house.deliver()
    assert house.far.texts("bao")[0].count("Đồng Văn") == 1


def test_a_head_answers_for_all_that_is_below_however_far(house: World):
    house.do(lambda tx: tx.execute(schema.unit.update().where(schema.unit.c.id == "HKL-DV").values(parent="HKL-MV")))
    house.seat("bao", "head", "CCKL")
    house.seat("ha", "head", "HKL-MV")
    house.knock("2024-12-09 08:30")
    house.deliver()
    for chat in ("bao", "ha"):
        (text,) = house.far.texts(chat)
        assert "Hạt Kiểm lâm huyện Đồng Văn" in text
    house.far.sent.clear()
    house.hear("ha", "thiếu")
    house.answer()
    house.deliver()
    assert "Hạt Kiểm lâm huyện Đồng Văn" in house.far.texts("ha")[0]


def test_a_head_is_told_of_silent_units_alone_where_the_step_says_so(house: World):
    house.seat("bao", "head", "HKL-DV")
    house.report("HKL-DV", "M08", Answer("no_data_yet"), 1)
    assert house.knock("2024-12-06 08:30") == 0  # T-3-head: silent
    assert house.knock("2024-12-09 08:30") == 1  # T-1-head: missing


def test_tccb_is_told_once_after_the_deadline_who_has_still_not_sent(house: World):
    house.seat("hanh", "tccb", "TCCB")
    assert house.knock("2024-12-13 08:30") == 1
    house.deliver()
    assert house.far.lines("hanh")[0].startswith("Đã quá hạn 10/12/2024 3 ngày. Còn 53 đơn vị")


# The timetable


def test_every_run_leaves_its_trace_what_was_planned_put_down_and_skipped_and_why(seated):
    seated.seat("cut", "focal", UNITS[0])
    seated.do(people.refused, seated.address("cut").id, "blocked")
    seated.knock("2024-12-02 07:00")
    seated.knock("2024-12-02 07:05")
    seated.knock("2024-12-03 08:29")
    seated.knock(WEEK)
    seated.knock("2024-12-03 08:31")
    seated.knock("2024-12-03 08:32")
    seated.knock("2024-12-04 08:30")
    seated.deliver()
    found = [
        (f"{one.started:%d %H:%M}", f"{one.ended:%d %H:%M}", one.rounds, one.planned, one.enqueued, dict(one.skipped))
        for one in reversed(seated.do(runs.of_reminders, 10))
    ]
    many = len(UNITS)
    assert found == [
        ("02 07:00", "02 07:05", 2, 0, 0, {}),
        ("03 08:29", "03 08:29", 1, 0, 0, {}),  # none of the day before: a silence begins a new row
        ("03 08:30", "03 08:30", 1, many + 1, many, {"unreachable": 1}),
        ("03 08:31", "03 08:32", 2, many + 1, 0, {"today": many, "unreachable": 1}),
        ("04 08:30", "04 08:30", 1, many + 1, 0, {"told": many, "unreachable": 1}),
    ]
    assert seated.do(runs.last, "knock") == at(WEEK)  # of all jobs together, only what put something down
    assert [row.enqueued for row in seated.do(runs.newest, 5)] == [len(UNITS)]


def test_a_run_tells_what_became_of_its_envelopes(seated):
    seated.knock(WEEK)
    assert seated.do(runs.of_reminders, 1)[0].outcomes == {"": len(UNITS)}
    seated.report(UNITS[0], "M08", MET, 1)
    owed = seated.do(remind.rounds, seated.house.catalogues)[0].standings[UNITS[0]].owed
    seated.deliver()
    assert seated.do(runs.of_reminders, 1)[0].outcomes == Counter(
        {"sent": len(UNITS) - (not owed)} | ({} if owed else {"moot": 1})
    )


def test_a_knock_that_fails_half_way_reminds_nobody_and_the_next_reminds_all(seated, monkeypatch):
    def trip(*given, **named):
        raise ZeroDivisionError

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(timetable.digest, "knock", trip)
        seated.knock(WEEK)
    assert (seated.rows(schema.slot), seated.rows(schema.outbox)) == ([], [])
    assert seated.knock() == len(UNITS)


def test_the_next_moment_is_the_next_step_or_summary(seated):
    calendar, catalogues = seated.calendar, seated.house.catalogues
    for now, then in (
        ("2024-11-25 08:00", "2024-11-25 16:30"),
        ("2024-11-25 16:30", "2024-11-26 08:30"),
        ("2024-11-26 08:30", "2024-11-26 16:30"),
        ("2024-12-06 17:00", "2024-12-09 08:30"),
    ):
        assert seated.do(timetable.next_moment, catalogues, calendar, at(now)) == at(then)


def test_the_scheduler_only_knocks_and_makes_up_for_what_it_missed():
    scheduler = timetable.start(lambda: None)
    try:
        (job,) = scheduler.get_jobs()
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    finally:
        scheduler.shutdown(wait=False)


def test_a_slot_is_all_that_decides(seated):
    seated.go(WEEK)
    for unit in UNITS[:2]:
        seated.do(slots.take, seated.campaign, "T-7", seated.address(unit).person, at("2024-12-02 10:00"))
    assert seated.knock() == len(UNITS) - 2


# At most so many before the deadline

MANY = tuple(Step(f"D{day}", -day, time(8, 30), ("focal",), "missing", "remind.soon") for day in range(12, 0, -1))
AFTER = Step("T+1", 1, time(8, 30), ("focal",), "missing", "remind.overdue")


def remind_by(house, book, now):
    return house.do(lambda tx: remind.knock(tx, remind.rounds(tx, book), VIET_NAM, now))


def test_nobody_gets_more_reminders_before_the_deadline_than_the_plan_allows(house):
    house.seat("my", "focal", "HKL-DV")
    book = {BOOK.id: replace(BOOK, steps=(*MANY, AFTER))}
    moments = [at(f"{date(2024, 11, 28) + timedelta(days=n)} 08:30") for n in range(14)]
    put = [remind_by(house, book, now) for now in moments if VIET_NAM.awake(now)]
    assert put == [1, 1, 1, 1, 1, 1, 0, 0, 0, 1]  # six, then none until the deadline is gone by


def test_a_look_ahead_names_nobody_who_will_have_had_enough_by_then(house):
    house.seat("my", "focal", "HKL-DV")
    book = {BOOK.id: replace(BOOK, steps=(*MANY, AFTER))}

    def ahead(moment, day=None):
        running = house.do(remind.rounds, book)
        found = house.do(lambda tx: list(forecast.coming(tx, running, VIET_NAM, at(moment), day)))
        return [(one.step.id, f"{one.at:%d/%m}", [knock.name for knock in one.knocks]) for one in found]

    every = ahead("2024-11-28 07:00")
    named = [(step, day) for step, day, names in every if names]
    assert [step for step, _, names in every if not names] == ["D4", "D3", "D2", "D1"]
    assert len({day for _, day in named}) == 7 and named[-1] == ("T+1", "11/12")  # three move to one Friday
    for day in ("28", "29"):
        remind_by(house, book, at(f"2024-11-{day} 08:30"))
    assert ahead("2024-11-29 09:00") == [one for one in every if one[1] not in ("28/11", "29/11")]
    assert ahead("2024-11-29 09:00", date(2024, 12, 9)) == [("D1", "09/12", [])]
    assert ahead("2024-11-29 09:00", date(2024, 11, 29))[-1] == ("D9", "29/11", ["my"])  # gone by: as it was planned


def test_the_runs_are_listed_at_a_keyboard(tmp_path):
    program = Program(tmp_path)
    assert "chưa chạy lượt nào" in program.done("remind", "runs")
    with db.connect(f"sqlite:///{tmp_path}/var/nhachan.db").begin() as tx:
        runs.note(tx, "remind", at("2024-12-03 08:30"), 40, 43, {"today": 2, "unreachable": 1})
        for second in (20, 40):
            runs.note(tx, "remind", at(f"2024-12-03 08:30:{second}"), 0, 3, {"today": 2, "unreachable": 1})
    assert program.done("remind", "runs").splitlines() == [
        "03/12/2024 08:30:20 định nhắc 3 người; không nhắc: 2 hôm nay đã có tin, 1 không liên lạc được; "
        "2 lượt đến 08:30:40 03/12",
        "03/12/2024 08:30:00 định nhắc 43 người; đặt gửi 40; không nhắc: 2 hôm nay đã có tin, 1 không liên lạc được",
    ]


def test_a_step_that_was_over_before_it_went_out_leaves_the_day_to_the_next(house: World):
    """Put down after an outage and sent hours later, when the next step is due: that one comes on the same day."""
    house.seat("my", "focal", "HKL-DV")
    house.go("2024-12-11 07:40")
    assert house.knock() == 1  # T-0, of the day before
    house.go("2024-12-11 12:30")
    house.deliver()
    assert house.far.texts("my") == []
    assert house.knock() == 1
    house.deliver()
    assert len(house.far.texts("my")) == 1 and "quá hạn" in house.far.texts("my")[0]
    assert [row.step for row in house.rows(schema.slot)] == ["T+1"]
