"""How many cases are still to be decided, as officials say it, alone or behind a figure; how long that counts."""

import pytest

from catalogue import pending
from catalogue.model import Answer
from storage import board, campaigns, reports, units
from tests.house import BOOK, World


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        ("còn 12 hồ sơ chưa giải quyết", 12),
        ("con 12 hs", 12),
        ("Còn lại 12 hồ sơ ạ.", 12),
        ("còn 1.250 hồ sơ đang xử lý", 1250),
        ("12 hồ sơ chưa giải quyết", 12),
        ("12 hs dang gq", 12),
        ("em còn 3 hs trong hạn", 3),
        ("hiện còn 12 hồ sơ đang giải quyết ạ", 12),
        ("còn 0 hồ sơ", 0),
        ("không còn hồ sơ nào", 0),
        ("còn 12", 12),
        ("còn 12, trong hạn", 12),
        ("còn thiếu 12 hồ sơ", None),
        ("còn 12 hồ sơ trễ", None),
        ("còn khoảng 12 hồ sơ", None),
        ("còn 12 ngày", None),
        ("còn 12%", None),
        ("còn 12/60", None),
        ("còn 1,5 hồ sơ", None),
        ("12 hồ sơ", None),
        ("12", None),
        ("", None),
    ],
)
def test_what_is_told(text: str, cases: int | None) -> None:
    assert pending.named(text) == cases


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("45/60, còn 12 hồ sơ chưa giải quyết", ("45/60", 12)),
        ("45/60 còn 12 hs", ("45/60", 12)),
        ("45/60 (còn 12 hồ sơ đang xử lý)", ("45/60", 12)),
        ("NQ01.3: 45/60; con 12 hs", ("NQ01.3: 45/60", 12)),
        ("45/60\ncòn 12 hồ sơ", ("45/60", 12)),
        ("45/60", None),
        ("còn 12 hồ sơ", None),
        ("45/60, còn thiếu 12 hồ sơ", None),
    ],
)
def test_what_stands_before_it(text: str, parts: tuple[str, int] | None) -> None:
    assert pending.apart(text) == parts


def test_only_a_fraction_has_cases_behind_it() -> None:
    assert pending.beside("45/60, còn 12 hồ sơ", Answer.fraction(45, 60)) == 12
    assert pending.beside("kps, còn 12 hồ sơ", Answer("na")) is None


def test_it_counts_until_the_next_figure(house: World) -> None:
    an = house.seat("an", "focal", "CCKL")
    where = {"campaign": house.campaign, "unit": "CCKL", "measure": "M03", "person": an}
    for hour, figure in ((9, Answer.fraction(20, 60)), (12, Answer.fraction(30, 80))):
        house.go(f"2024-11-25 {hour:02}:00")
        house.report("CCKL", "M03", figure, an)
        assert told(house) == {}
        for cases in (50, 10):
            house.do(reports.tell_pending, where, cases, house.now)
        assert told(house) == {"M03": 10}


def told(house: World) -> dict[str, int]:
    row = house.do(campaigns.at, house.campaign)
    return dict(house.do(board.standings, row, BOOK, house.do(units.names))["CCKL"].pending)
