"""TCCB's hand on the ladder: a step kept back is not sent, not even one on its way; "now" is said once a day."""

import pytest

from catalogue.model import Answer
from jobs import remind
from storage import holds, schema
from tests.house import World
from tests.test_storage import at_once


@pytest.fixture
def desk(house: World) -> World:
    for name, role, unit in (("my", "focal", "HKL-DV"), ("ly", "focal", "HKL-MV"), ("hanh", "tccb", "TCCB")):
        house.seat(name, role, unit)
    return house


def say(house: World, *texts: str) -> None:
    house.hear("hanh", *texts)
    house.answer()


def test_a_step_kept_back_is_not_sent_until_it_is_let_go(desk: World) -> None:
    say(desk, "hoãn nhắc T-7", "hoãn nhắc t-7")
    assert desk.knock("2024-12-03 08:30") == 0
    say(desk, "bỏ hoãn nhắc T-7")
    assert desk.knock("2024-12-04 08:30") == 2
    assert [row.deed for row in desk.rows(schema.audit)] == ["hold", "release"]


def test_kept_back_on_its_way_it_becomes_moot(desk: World) -> None:
    desk.knock("2024-12-03 08:30")
    desk.do(holds.keep_back, desk.campaign, "T-7", None, desk.now)
    desk.deliver()
    assert desk.outcomes() == ["moot", "moot"]


def test_a_unit_can_hold_nothing(desk: World) -> None:
    desk.hear("my", "hoãn nhắc T-7", "nhắc ngay", "gửi", "xem nhắc 03/12")
    desk.answer()
    assert desk.rows(schema.hold) == [] and desk.rows(schema.audit) == []


def test_now_is_said_at_night_once_a_day_and_is_written_down(desk: World) -> None:
    desk.go("2024-12-07 21:00")  # a Saturday night
    say(desk, "nhắc ngay", "gửi", "nhắc ngay", "gửi")
    desk.deliver()
    assert len(desk.far.texts("my")) == len(desk.far.texts("ly")) == 1
    assert [(row.deed, row.now) for row in desk.rows(schema.audit)] == [("urge", {"people": 2})]
    desk.go("2024-12-09 09:00")
    say(desk, "nhắc ngay", "gửi")
    assert desk.knock() == 0  # nobody is reminded twice that day


def test_now_leaves_out_who_has_sent_everything_before_it_arrives(desk: World) -> None:
    say(desk, "nhắc ngay", "gửi")
    desk.report("HKL-DV", "M08", Answer.fraction(58, 60), desk.address("my").person)
    desk.deliver()
    assert desk.far.texts("my") == [] and len(desk.far.texts("ly")) == 1


def test_two_of_tccb_who_say_now_at_once_remind_everybody_once(desk: World) -> None:
    put: list[int] = []
    at_once(*[lambda: put.append(desk.do(remind.urge, desk.house.catalogues, desk.now))] * 4)
    assert sorted(put) == [0, 0, 0, 2]


def test_hủy_sends_nothing(desk: World) -> None:
    say(desk, "nhắc ngay", "hủy", "gửi")
    assert desk.rows(schema.slot) == []
