"""The day's summary for TCCB: at 16:30 on working days, once a day for each of them, as true as when it is sent."""

from datetime import date

import pytest

from catalogue.calendar import Calendar
from catalogue.model import Answer
from jobs import digest
from storage import campaigns, schema
from tests.house import Far, World, at, run
from tests.test_storage import at_once


@pytest.fixture
def desk(house: World) -> World:
    house.seat("hanh", "tccb", "TCCB")
    house.seat("dung", "tccb", "TCCB")
    return house


@pytest.mark.parametrize(
    ("moment", "comes"),
    [
        ("2024-11-26 08:30", False),
        ("2024-11-26 16:29:59", False),
        ("2024-11-26 16:30", True),
        ("2024-11-26 17:59", True),
        ("2024-11-26 18:00", False),
        ("2024-11-30 16:30", False),  # a Saturday
        ("2024-12-17 16:30", True),  # a week after the evaluation
        ("2024-12-18 16:30", False),
    ],
)
def test_it_comes_at_half_past_four_on_working_days_until_a_week_after_the_evaluation(desk, moment, comes):
    put = desk.do(digest.knock, desk.house.catalogues, desk.calendar, at(moment))
    assert put == (2 if comes else 0)


def test_each_of_tccb_gets_it_once_a_day(desk):
    for moment in ("2024-11-26 16:30", "2024-11-26 16:31", "2024-11-26 17:30"):
        desk.knock(moment)
    desk.deliver()
    assert sorted(message.chat for message in desk.far.sent) == ["dung", "hanh"]
    assert desk.knock("2024-11-27 16:30") == 2
    assert desk.knock("2024-11-26 16:45") == 0  # the clock has jumped back


def test_nobody_else_gets_it(desk):
    for chat, role in (("an", "focal"), ("bao", "head"), ("xem", "viewer")):
        desk.seat(chat, role, "NTM")
    desk.knock("2024-11-25 16:30")
    desk.deliver()
    assert {message.chat for message in desk.far.sent} == {"hanh", "dung"}


def test_two_campaigns_are_one_message(desk):
    other = desk.open(2025)
    desk.do(campaigns.set_deadlines, other, date(2025, 6, 10), date(2025, 6, 10))
    assert desk.knock("2024-11-26 16:30") == 2
    desk.deliver()
    (text,) = desk.far.texts("hanh")
    assert text.count("Tổng hợp ngày 26/11/2024") == 2


def test_without_a_campaign_there_is_nothing_to_sum_up(desk):
    desk.do(campaigns.lock, desk.campaign, desk.now)
    assert desk.knock("2024-11-26 16:30") == 0


def test_it_tells_what_is_true_when_it_is_sent(desk):
    desk.knock("2024-11-26 16:30")
    desk.report("HKL-DV", "M08", Answer.fraction(58, 60), 1)
    desk.deliver()
    assert "Gửi đủ: 1/53" in desk.far.texts("hanh")[0]


def test_several_processes_that_knock_at_once_send_it_once(desk):
    desk.go("2024-11-26 16:30")
    processes, put = [desk.another(Far()) for _ in range(4)], []
    at_once(*[lambda process=process: put.append(run(process.knock())) for process in processes])
    assert sum(put) == 2
    assert len(desk.rows(schema.outbox)) == 2


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2024-11-26 08:00", "2024-11-26 16:30"),
        ("2024-11-26 16:30", "2024-11-27 16:30"),
        ("2024-11-29 17:00", "2024-12-02 16:30"),
        ("2024-11-30 08:00", "2024-12-02 16:30"),
    ],
)
def test_the_next_one_is_on_the_next_working_day(now, then):
    assert digest.next_moment(Calendar(), at(now)) == at(then)


def test_who_is_not_registered_is_told_once_from_two_weeks_before_the_deadline(desk: World) -> None:
    """T-14 of 10/12/2024 is a Tuesday; the house slept that day, and the next summary says it."""
    for moment, told in (("2024-11-25 16:30", False), ("2024-11-27 16:30", True), ("2024-11-28 16:30", False)):
        desk.far.sent.clear()
        desk.knock(moment)
        desk.deliver()
        assert ["chưa có đầu mối (còn" in text for text in desk.far.texts("hanh")] == [told]


def test_it_is_told_on_the_working_day_before_where_that_day_is_off(desk: World) -> None:
    desk.do(campaigns.set_deadlines, desk.campaign, date(2024, 12, 14), date(2024, 12, 14))  # T-14: a Saturday
    desk.knock("2024-11-29 16:30")
    desk.deliver()
    assert "chưa có đầu mối (còn 15 ngày" in desk.far.texts("hanh")[0]
