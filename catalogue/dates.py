"""The day up to which a figure counts, as officials write it: "tính đến 30/11", "số liệu đến ngày 30/11/2026"."""

import re
from datetime import date

_DAY = r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d{2}))?"
_AS_OF = re.compile(rf"\s*(?:số liệu\s+)?(?:tính\s+)?đến\s+(?:hết\s+)?(?:ngày\s+)?{_DAY}\s*\.?\s*", re.IGNORECASE)


def as_of_named(text: str, today: date) -> date | None:
    """The day in "tính đến 30/11", the last such day that is not after today; None when the text is not that."""
    found = _AS_OF.fullmatch(text)
    return _day(found, today) if found else None


def _day(found: re.Match[str], today: date) -> date | None:
    day, month, year = found.groups()
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        this = date(today.year, int(month), int(day))
        return this if this <= today else this.replace(year=today.year - 1)
    except ValueError:
        return None
