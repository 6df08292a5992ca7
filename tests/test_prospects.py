"""How many more cases a unit can expect, by its own reports: exact, and silent where they tell no pace."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.model import Answer
from catalogue.prospects import cases
from tests.house import World

DEADLINE = date(2024, 12, 10)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], None),
        ([(date(2024, 11, 20), 60)], None),
        ([(date(2024, 11, 14), 50), (date(2024, 11, 20), 60)], None),  # six days apart
        ([(date(2024, 11, 10), 50), (date(2024, 11, 20), 60)], 20),  # one a day, 20 days to go
        ([(date(2024, 11, 10), 50), (date(2024, 11, 17), 51), (date(2024, 11, 20), 60)], 20),
        ([(date(2024, 11, 13), 50), (date(2024, 11, 20), 51)], 3),  # 20/7, rounded in the unit's favour
        ([(date(2024, 11, 10), 60), (date(2024, 11, 20), 60)], None),
        ([(date(2024, 11, 10), 60), (date(2024, 11, 20), 50)], None),  # it was corrected
        ([(date(2024, 11, 10), 50), (date(2024, 12, 10), 60)], None),  # the period is over
    ],
)
def test_the_pace_of_the_reports_goes_on(told: list[tuple[date, int]], expected: int | None) -> None:
    assert cases(told, DEADLINE) == expected


@given(st.integers(7, 300), st.integers(1, 10**6), st.integers(1, 300))
def test_never_less_than_the_pace_says_and_less_than_one_more(days: int, grown: int, left: int) -> None:
    first = date(2024, 1, 1)
    last = first + timedelta(days)
    found = cases([(first, 10), (last, 10 + grown)], last + timedelta(left))
    assert found is not None and 0 <= found * days - grown * left < days


def told(house: World, chat: str) -> list[str]:
    return "\n".join(house.far.texts(chat)).splitlines()


def test_tccb_and_the_unit_are_told_where_the_pace_will_not_do(house: World) -> None:
    """45/60 lacks many of growing cases; two a week come until the deadline, or a hundred."""
    for unit, before in (("CCKL", 58), ("CCTL", 10)):
        house.seat(unit.lower(), "focal", unit)
        house.go("2024-11-12 09:00")
        house.report(unit, "M03", Answer.fraction(before // 2, before), 1)
        house.go("2024-11-26 09:00")
        house.report(unit, "M03", Answer.fraction(20, 60), 1)
    house.seat("hanh", "tccb", "TCCB")
    house.hear("hanh", "chi tiết 2")
    house.answer()
    house.deliver()
    slow, other = (
        [line for line in told(house, "hanh") if name in line] for name in ("Chi cục Kiểm lâm", "Chi cục Thủy lợi")
    )
    assert slow and all(
        "cần thêm 20 hồ sơ; theo nhịp đã báo cáo, đến hạn chỉ còn khoảng 2 hồ sơ" in line for line in slow
    )
    assert other and not any("theo nhịp" in line for line in other)
    for moment in ("2024-11-27 08:30", "2024-11-28 08:30"):  # a reminder on the first day, the warning on the next
        house.knock(moment)
        house.deliver()
    assert any("theo nhịp đã báo cáo" in line for line in told(house, "cckl"))
    assert not any("theo nhịp đã báo cáo" in line for line in told(house, "cctl"))
