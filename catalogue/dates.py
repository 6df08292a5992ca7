"""Days and hours as officials write them: "tính đến 30/11", "xin lùi đến thứ 6", "hẹn 15h ngày mai"."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from catalogue.text import bare, shown

_DAY = r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d{2}))?"
_AS_OF = re.compile(rf"\s*(?:số liệu\s+)?(?:tính\s+)?đến\s+(?:hết\s+)?(?:ngày\s+)?{_DAY}\s*\.?\s*", re.IGNORECASE)


def as_of_named(text: str, today: date) -> date | None:
    """The day in "tính đến 30/11", the last such day that is not after today; None when the text is not that."""
    found = _AS_OF.fullmatch(text)
    return _past(found, today) if found else None


def _past(found: re.Match[str], today: date) -> date | None:
    day, month, year = found.groups()
    try:
        if year:
            return _dated(day, month, year)
        this = date(today.year, int(month), int(day))
        return this if this <= today else this.replace(year=today.year - 1)
    except ValueError:
        return None


def _dated(day: str, month: str, year: str) -> date:
    return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))


# Days ahead.

COUNTS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10}
_COUNT = rf"(\d{{1,2}}|{'|'.join(COUNTS)})"
_WEEKDAYS = {"2": 0, "hai": 0, "3": 1, "ba": 1, "4": 2, "tu": 2, "5": 3, "nam": 3, "6": 4, "sau": 4, "7": 5, "bay": 5}
_WEEK = r"(?:\s+(tuan\s+(?:sau|toi|nay)))?"


class Named(NamedTuple):
    """A day, and where in the text it was named."""

    day: date
    start: int
    end: int


def day_named(text: str, today: date) -> Named | None:
    """The first day ahead that the text names: "15/12", "thứ 6", "thứ hai tuần sau", "3 ngày nữa", "mai".

    Without a year it is the next such day. None when none is named, or none that there is, or one gone by.
    """
    for pattern, meant in _AHEAD:
        for found in pattern.finditer(bare(text)):
            day = meant(found, today)
            if day and day >= today:
                return Named(day, *found.span())
    return None


def _numbered(found: re.Match[str], today: date) -> date | None:
    day, month, year = found.groups()
    try:
        if year:
            return _dated(day, month, year)
        this = date(today.year, int(month), int(day))
        return this if this >= today else this.replace(year=today.year + 1)
    except ValueError:
        return None


def _weekday(found: re.Match[str], today: date) -> date:
    """The next one after today, or that of the week named."""
    word, week = found[1] or found[2], found[3] or ""
    wanted = _WEEKDAYS.get(word, 6)
    if not week:
        return today + timedelta(days=(wanted - today.weekday()) % 7 or 7)
    return today + timedelta(days=wanted - today.weekday() + (0 if week.endswith("nay") else 7))


def _count(word: str) -> int:
    return COUNTS.get(word) or int(word)


_AHEAD: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (re.compile(rf"(?<![\d/.,]){_DAY}(?![\d/])"), _numbered),
    (re.compile(r"\bngay\s+(\d{1,2})\s+thang\s+(\d{1,2})(?:\s+nam\s+(\d{4}))?\b"), _numbered),
    (re.compile(rf"\b(?:thu\s*([2-7]|hai|ba|tu|nam|sau|bay)|t([2-7])|chu\s+nhat|cn)\b{_WEEK}"), _weekday),
    (re.compile(rf"\b{_COUNT}\s+ngay\s+(?:nua|toi)\b"), lambda found, today: today + timedelta(_count(found[1]))),
    (re.compile(rf"\bsau\s+{_COUNT}\s+ngay\b"), lambda found, today: today + timedelta(_count(found[1]))),
    (re.compile(r"\bngay\s+(?:kia|mot)\b"), lambda found, today: today + timedelta(2)),
    (re.compile(r"\bmai\b"), lambda found, today: today + timedelta(1)),
    (re.compile(r"\b(?:hom|sang|trua|chieu|toi)\s+nay\b|\btrong\s+ngay\b"), lambda found, today: today),
)

_LONGER = re.compile(rf"\b(?:them|lui|lui han|gia han|hoan|cham)\s+(?:khoang\s+)?{_COUNT}\s+ngay\b")


def later_named(text: str, today: date, deadline: date) -> date | None:
    """Until when more time is asked for: "đến thứ 6", "thêm 3 ngày" (after the deadline); None when that is not said.

    A day that is no later than the deadline is none.
    """
    if longer := _LONGER.search(bare(text)):
        return deadline + timedelta(days=_count(longer[1]))
    named = day_named(text, today)
    return named.day if named and named.day > deadline else None


# Hours, and promises.

MORNING, EVENING, END = time(11, 30), time(20), time(16, 30)
_PARTS = {"sang": MORNING, "trua": MORNING, "chieu": END, "toi": EVENING}
_HOUR = re.compile(r"\b(\d{1,2})\s*(?:h|gio|g|:(?=\d))\s*(\d{2})?\b(?:\s*(sang|trua|chieu|toi)\b)?")
_PART = re.compile(r"\b(sang(?!\s+(?:tuan|thang|quy|nam|ky|dot)\b)|trua|chieu|toi)\b")
_EVENING_UNMARKED = re.compile(r"toi\s+nay\b")
_AN_HOUR = re.compile(r"(?:\d\s*(?:h|gio|g|:\d\d)|h\s*\d\d)\s*$")
_MORNING_UNMARKED = re.compile(r"sang\s+(?:mai|nay)\b")
_SENDS_NEXT = re.compile(r"toi\s+(?:xin|se|gui|nop|bao|nhap)\b")


def moment_named(text: str, now: datetime) -> datetime | None:
    """The hour of a day ahead: "15h ngày mai", "chiều nay", "thứ 6"; without an hour the end of office hours.

    None when neither a day nor an hour is named, or when it is gone by.
    """
    text = shown(text)
    day, hour, part = day_named(text, now.date()), _HOUR.search(bare(text)), _part_of_day(text)
    if not (day or hour or part):
        return None
    at = _hour(hour, part) if hour else _PARTS.get(part, END)
    if at is None:
        return None
    due = datetime.combine(day.day if day else now.date(), at, now.tzinfo)
    return due if due > now else None


def _part_of_day(text: str) -> str:
    """ "tối" is the evening and "tôi" is I; without its marks it is the evening only where it can be nothing else.

    So is "sang" the morning in a text that has no marks, or in front of a day.
    """
    said = bare(text)
    for found in _PART.finditer(said):
        typed, rest = text[found.start() : found.end()].lower(), said[found.start() :]
        after_an_hour = _AN_HOUR.search(said[: found.start()]) and not _SENDS_NEXT.match(rest)
        evening = typed == "tối" or (typed == "toi" and (after_an_hour or _EVENING_UNMARKED.match(rest)))
        morning = typed != "sang" or text.isascii() or _MORNING_UNMARKED.match(rest)
        if evening if found[1] == "toi" else morning:
            return found[1]
    return ""


def _hour(found: re.Match[str], part: str) -> time | None:
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour < 12 and part in ("chieu", "toi"):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


_SENDS = frozenset({"gui", "nop", "bao", "nhap"})
_BESIDE = frozenset(
    [
        "em",
        "toi",
        "minh",
        "don",
        "vi",
        "ben",
        "chi",
        "anh",
        "da",
        "a",
        "se",
        "xin",
        "nhe",
        "nha",
        "cao",
        "so",
        "lieu",
        "lai",
        "luon",
        "phep",
        "moi",
        "vao",
        "luc",
    ]
)
_WORDED = re.compile(
    rf"\b(?:(?:ngay\s+)?mai|ngay\s+(?:kia|mot)|(?:sang|trua|chieu|toi|hom)\s+nay|thu\s*(?:[2-7]|hai|ba|tu|nam|sau|bay)"
    rf"{_WEEK})\b"
)


def promised(text: str, now: datetime) -> datetime | None:
    """When somebody says that they will send: "mai gửi", "em gửi chiều nay", and nothing else besides.

    The day has to be in words: "gửi 10/12" may be a figure.
    """
    said = bare(text)
    rest, days = _WORDED.subn(" ", said)
    words = re.findall(r"\w+", _PART.sub(" ", _HOUR.sub(" ", rest)))
    if days != 1 or not _SENDS & set(words) or set(words) - _SENDS - _BESIDE:
        return None
    return moment_named(text, now)
