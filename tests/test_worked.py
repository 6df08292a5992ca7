"""Which reminder worked: figures within 24 hours of each step, per step and per channel, counted exactly."""

from jobs import worked
from storage import schema
from tests.house import BOOK, World, at


def effects(house: World) -> list[tuple[str, str, int, int]]:
    found = house.do(worked.effects, house.campaign, BOOK)
    return [(one.step, one.channel, one.told, one.answered) for one in found]


def report(house: World, name: str, moment: str) -> None:
    house.go(moment)
    house.hear(name, "6.2: 59/60", "đúng")
    house.answer()


def reminded(house: World) -> str:
    for name, unit in (("my", "HKL-DV"), ("ly", "HKL-MV"), ("an", "HKL-YM")):
        house.seat(name, "focal", unit)
    house.knock("2024-12-03 08:30")
    house.deliver()
    (channel,) = {row.channel for row in house.rows(schema.outbox)}
    return str(channel)


def test_figures_within_a_day_are_counted_for_the_step_and_later_ones_are_not(house: World) -> None:
    channel = reminded(house)
    report(house, "my", "2024-12-04 08:30")  # 24 hours to the second
    report(house, "ly", "2024-12-04 08:31")
    assert effects(house) == [("T-7", channel, 3, 1)]


def test_who_had_reported_before_has_not_answered_and_a_later_step_counts_apart(house: World) -> None:
    house.seat("bo", "focal", "HKL-BM")
    report(house, "bo", "2024-12-02 09:00")
    channel = reminded(house)
    house.knock("2024-12-06 08:30")
    house.deliver()
    report(house, "an", "2024-12-06 09:00")
    assert effects(house) == [("T-7", channel, 3, 0), ("T-3", channel, 3, 1)]


def test_what_did_not_go_out_is_not_counted(house: World) -> None:
    house.seat("my", "focal", "HKL-DV")
    house.knock("2024-12-03 08:30")
    report(house, "my", "2024-12-03 08:40")
    house.deliver()
    assert effects(house) == []


def test_tccb_is_shown_it_at_the_end(house: World) -> None:
    channel = reminded(house)
    report(house, "my", "2024-12-03 09:00")
    house.seat("hanh", "tccb", "TCCB")
    house.hear("hanh", "khóa đợt 2024")
    house.answer()
    house.deliver()
    told = house.far.texts("hanh")[-1]
    assert f"- T-7, {channel}: 1/3" in told and "1/3 lượt" in told
    assert at("2024-12-03 09:00") == house.now
