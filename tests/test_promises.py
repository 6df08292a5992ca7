"""A promise keeps reminders away until its hour, is checked then, and is seen by TCCB."""

import asyncio

import pytest

from catalogue.model import Answer
from storage import campaigns, schema
from tests.house import World, at
from tests.test_storage import at_once


@pytest.fixture
def my(house: World) -> World:
    house.seat("my", "focal", "HKL-DV")
    house.go("2024-12-06 08:00")
    return house


def say(house: World, *texts: str) -> None:
    house.hear("my", *texts)
    house.answer()


def kinds(house: World) -> list[str]:
    return [kind for kind in house.kinds() if kind.startswith("due.")]


def test_until_its_hour_there_is_no_reminder_and_after_it_one_message(my: World) -> None:
    say(my, "hẹn 15h thứ 2")
    for moment in ("2024-12-06 08:30", "2024-12-09 08:30", "2024-12-09 14:59"):
        assert my.knock(moment) == 0
    assert my.knock("2024-12-09 15:00") == 1  # the promise, not T-1 besides
    assert my.knock("2024-12-09 15:01") == my.knock("2024-12-09 17:00") == 0
    assert my.knock("2024-12-10 08:30") == 1
    assert kinds(my) == ["due.promise", "due.remind"]


def test_a_promise_that_was_kept_is_not_mentioned(my: World) -> None:
    say(my, "hẹn 15h thứ 2", "6.2: 58/60", "đúng")
    assert my.knock("2024-12-09 15:00") == 0


def test_what_was_sent_while_the_question_was_on_its_way_makes_it_moot(my: World) -> None:
    say(my, "hẹn 15h thứ 2")
    my.knock("2024-12-09 15:00")
    my.report("HKL-DV", "M08", Answer.fraction(58, 60), my.address("my").person)
    my.deliver()
    assert my.outcomes()[-1] == "moot"


@pytest.mark.parametrize("word", ["hẹn 20h", "hẹn thứ 7"])
def test_an_hour_out_of_office_is_checked_when_the_office_opens(my: World, word: str) -> None:
    say(my, word)
    assert my.knock("2024-12-07 16:30") == 0
    assert my.knock("2024-12-09 07:30") == 1


def test_a_new_promise_takes_the_place_of_the_old_one(my: World) -> None:
    say(my, "hẹn 10h", "hẹn 15h thứ 2")
    assert my.knock("2024-12-06 10:00") == my.knock("2024-12-09 14:00") == 0
    assert [row.due for row in my.rows(schema.promise)] == [at("2024-12-06 10:00"), at("2024-12-09 15:00")]


def test_one_person_s_promise_does_not_quieten_another_of_the_unit(my: World) -> None:
    my.seat("ly", "focal", "HKL-DV")
    say(my, "hẹn chiều nay")
    assert my.knock("2024-12-06 08:30") == 1
    my.deliver()
    assert my.far.sent[-1].chat == "ly"


def test_with_two_units_both_are_promised_and_while_one_is_asked_that_one(my: World) -> None:
    house = my
    house.seat("an", "focal", "HKL-MV", "HKL-YM")
    house.hear("an", "mai gửi")
    house.answer()
    assert {row.unit for row in house.rows(schema.promise)} == {"HKL-MV", "HKL-YM"}
    house.hear("an", "báo cáo", "1", "hẹn 10h mai")
    house.answer()
    assert len(house.rows(schema.promise)) == 3


def test_nothing_is_promised_beyond_the_deadline_or_for_nothing(my: World) -> None:
    say(my, "hẹn 11/12")
    my.report("HKL-DV", "M08", Answer.fraction(58, 60), my.address("my").person)
    say(my, "hẹn mai")
    assert my.rows(schema.promise) == []
    assert my.kinds()[-2:] == ["promise.too_late", "report.done"]


def test_after_the_deadline_some_days_can_still_be_promised(my: World) -> None:
    my.go("2024-12-12 09:00")
    say(my, "hẹn 10h mai", "hẹn 31/12")
    assert [row.due for row in my.rows(schema.promise)] == [at("2024-12-13 10:00")]


def test_however_many_knock_a_broken_promise_is_mentioned_once(my: World) -> None:
    say(my, "hẹn 10h")
    my.go("2024-12-06 10:00")
    processes = [my.another(my.far) for _ in range(3)]
    found: list[int] = []
    at_once(*[lambda one=one: found.append(asyncio.run(one.knock())) for one in processes])
    assert sum(found) == 1


def test_a_locked_campaign_checks_no_promise(my: World) -> None:
    say(my, "hẹn 10h")
    my.do(campaigns.lock, my.campaign, my.now)
    assert my.knock("2024-12-06 10:00") == 0
