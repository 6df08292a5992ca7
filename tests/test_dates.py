"""Days and hours as officials write them, on a Monday morning in November."""

from datetime import date, datetime

import pytest

from catalogue import dates
from catalogue.calendar import HANOI

NOW = datetime(2024, 11, 25, 9, tzinfo=HANOI)  # a Monday
TODAY, DEADLINE = NOW.date(), date(2024, 12, 10)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tính đến 30/10", (2024, 10, 30)),
        ("Số liệu tính đến hết ngày 25/11.", (2024, 11, 25)),
        ("đến ngày 5-1", (2024, 1, 5)),
        ("đến 30/11", (2023, 11, 30)),  # this year's is still to come
        ("đến 30/11/2024", (2024, 11, 30)),
        ("đến 30.11.22", (2022, 11, 30)),
        ("đến 31/11", None),
        ("đến 29/2/2023", None),
        ("số liệu 30/10", None),
        ("đến 30/10 là 45/60", None),
    ],
)
def test_the_day_that_figures_were_counted_on_is_read(text: str, day: tuple[int, int, int] | None) -> None:
    assert dates.as_of_named(text, TODAY) == (date(*day) if day else None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15/12", (2024, 12, 15)),
        ("đến hết ngày 15-12-2024", (2024, 12, 15)),
        ("15.12.24", (2024, 12, 15)),
        ("5/1", (2025, 1, 5)),
        ("25/11", (2024, 11, 25)),
        ("ngày 3 tháng 12", (2024, 12, 3)),
        ("thứ 6", (2024, 11, 29)),
        ("thu sau", (2024, 11, 29)),
        ("t6", (2024, 11, 29)),
        ("thứ hai", (2024, 12, 2)),
        ("thứ hai tuần sau", (2024, 12, 2)),
        ("thứ sáu tuần này", (2024, 11, 29)),
        ("thứ tư tuần tới", (2024, 12, 4)),
        ("chủ nhật", (2024, 12, 1)),
        ("3 ngày nữa", (2024, 11, 28)),
        ("ba ngày nữa", (2024, 11, 28)),
        ("sau 2 ngày", (2024, 11, 27)),
        ("mai", (2024, 11, 26)),
        ("ngày kia", (2024, 11, 27)),
        ("trong chiều nay", (2024, 11, 25)),
    ],
)
def test_a_day_ahead_is_read(text: str, day: tuple[int, int, int]) -> None:
    named = dates.day_named(text, TODAY)
    assert named and named.day == date(*day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("thứ hai", (2024, 12, 2)),
        ("thứ 5", (2024, 12, 5)),
        ("thứ 6", (2024, 11, 29)),
        ("chủ nhật", (2024, 12, 1)),
        ("thứ sáu tuần này", (2024, 11, 29)),
        ("thứ ba tuần sau", (2024, 12, 3)),
    ],
)
def test_days_of_the_week_are_counted_from_any_day(text: str, day: tuple[int, int, int]) -> None:
    named = dates.day_named(text, date(2024, 11, 28))  # a Thursday
    assert named and named.day == date(*day)


@pytest.mark.parametrize("text", ["", "vài hôm", "45/60", "32/12", "15/12/2023", "tuần sau", "một ngày", "1.250/1.300"])
def test_what_names_no_day_ahead_is_none(text: str) -> None:
    assert dates.day_named(text, TODAY) is None


def test_where_the_day_stands_is_known() -> None:
    named = dates.day_named("CCKL đến 15/12 vì mất điện", TODAY)
    assert named and "CCKL đến 15/12 vì mất điện"[named.start : named.end] == "15/12"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("xin lùi đến 15/12", (2024, 12, 15)),
        ("xin thêm 3 ngày", (2024, 12, 13)),
        ("cho em lùi hai ngày ạ", (2024, 12, 12)),
        ("xin lùi đến 10/12", None),
        ("xin lùi đến thứ 6", None),  # a Friday before the deadline is no more time
        ("xin lùi ít hôm", None),
    ],
)
def test_more_time_ends_after_the_deadline(text: str, day: tuple[int, int, int] | None) -> None:
    assert dates.later_named(text, TODAY, DEADLINE) == (date(*day) if day else None)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("chiều mai", "2024-11-26 16:30"),
        ("15h ngày mai", "2024-11-26 15:00"),
        ("15h30 mai", "2024-11-26 15:30"),
        ("3h chiều nay", "2024-11-25 15:00"),
        ("9 giờ sáng thứ 3", "2024-11-26 09:00"),
        ("10:30", "2024-11-25 10:30"),
        ("sáng mai", "2024-11-26 11:30"),
        ("15/12", "2024-12-15 16:30"),
        ("12h trưa mai", "2024-11-26 12:00"),
        ("12h chiều mai", "2024-11-26 12:00"),
        ("7h tối mai", "2024-11-26 19:00"),
        ("23:59", "2024-11-25 23:59"),
        ("7h toi mai", "2024-11-26 19:00"),
        ("9h mai toi di hop", "2024-11-26 09:00"),
        ("9h mai tôi gửi", "2024-11-26 09:00"),
        ("mai 9h toi gui", "2024-11-26 09:00"),
        ("toi nay gui", "2024-11-25 20:00"),
        ("sang thu 6", "2024-11-29 11:30"),
        ("sang mai em gửi", "2024-11-26 11:30"),
        ("thứ 6 chuyển sang", "2024-11-29 16:30"),
        ("8h", None),  # gone by
        ("9h", None),  # this very moment
        ("24h mai", None),
        ("25h mai", None),
        ("15h60 mai", None),
        ("sớm nhất có thể", None),
    ],
)
def test_an_hour_ahead_is_read(text: str, due: str | None) -> None:
    assert dates.moment_named(text, NOW) == (datetime.fromisoformat(due).replace(tzinfo=HANOI) if due else None)


@pytest.mark.parametrize(
    "text", ["mai gửi", "Mai em gửi ạ", "chiều nay gửi", "em sẽ gửi lúc 15h chiều mai", "thứ 6 nộp", "sáng thứ 6 nộp"]
)
def test_who_says_when_they_will_send_promises(text: str) -> None:
    assert dates.promised(text, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "gửi 10/12",
        "mai gửi 45/60",
        "chiều nay",
        "gửi sau",
        "mai họp",
        "1.3: 45/60",
        "gửi thứ 2 thứ 3",
        "hôm qua gửi rồi",
    ],
)
def test_what_may_be_anything_else_is_no_promise(text: str) -> None:
    assert dates.promised(text, NOW) is None
