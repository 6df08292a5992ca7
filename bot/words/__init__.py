"""Every sentence a person reads is in vi.toml or en.toml; its blanks say how an exact amount is shown."""

import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Office:
    """How the office speaks of itself and to its people."""

    name: str = "Sở"
    tccb: str = "Phòng Tổ chức cán bộ Sở"
    address: str = "đồng chí"
    phone: str = ""
    above: str = ""  # the body above it, as documents name it
    place: str = ""  # where it signs
    page: str = ""  # the public address of its pages


def _decimal(value: Any, towards: Callable[[Fraction], int]) -> str:
    """Two places, a comma, and never the step that would turn a miss into a pass."""
    hundredths = towards(Fraction(value) * 100)
    sign, hundredths = "-" if hundredths < 0 else "", abs(hundredths)
    return f"{sign}{_grouped(hundredths // 100)},{hundredths % 100:02}"


def _grouped(value: Any) -> str:
    return f"{int(value):,}".replace(",", ".")


def _exact(value: Any) -> str:
    """All the places that a typed amount has: 75 and 1,25."""
    amount = Fraction(value)
    return f"{Decimal(amount.numerator) / Decimal(amount.denominator):f}".replace(".", ",")


SHOWN: Mapping[str, Callable[[Any], str]] = {
    "down": lambda value: _decimal(value, floor),  # what is reached
    "up": lambda value: _decimal(value, ceil),  # what is lacking
    "exact": _exact,
    "count": _grouped,
    "two": lambda value: f"{int(value):02}",
    "date": lambda value: f"{date.fromisoformat(value):%d/%m/%Y}",
    "moment": lambda value: f"{datetime.fromisoformat(value):%H:%M ngày %d/%m/%Y}",
}


class Blanks(string.Formatter):
    """Fills a sentence's blanks; `{items:lines}` is a list of sentences, one a line."""

    def __init__(self, words: "Words") -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "lines":
            return "\n".join(self._words(item["kind"], item["facts"]) for item in value)
        if format_spec == "list":
            return ", ".join(value)
        if format_spec == "said":
            return self._words(value["kind"], value["facts"])
        if format_spec == "word":
            return self._words(value, {})
        return SHOWN[format_spec](value) if format_spec else str(value)


class Words:
    """One language, spoken for one office."""

    def __init__(self, language: str = "vi", office: Office = Office()) -> None:
        self.texts = texts(language)
        capital = office.address[:1].upper() + office.address[1:]
        self._known = {"so": office.name, "tccb": office.tccb, "so_goi": f": {office.phone}" if office.phone else ""}
        self._known |= {"co_quan_cap_tren": office.above, "dia_danh": office.place or "…………"}
        self._known |= {"trang": office.page, "xung_ho": office.address, "xung_ho_hoa": capital}
        self._blanks = Blanks(self)

    def __call__(self, kind: str, facts: Mapping[str, Any]) -> str:
        return self._blanks.vformat(self.texts[kind], (), {**self._known, **facts})


def office_words(spoken: Mapping[str, Words]) -> Words:
    """Of the languages spoken, the first: the office's own, for whoever has not chosen."""
    return next(iter(spoken.values()))


@cache
def texts(language: str) -> Mapping[str, str]:
    """Kind → sentence with blanks."""
    book = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf8"))
    return dict(_flat(book))


def _flat(book: Mapping[str, Any], part: str = "") -> Iterator[tuple[str, str]]:
    for key, value in book.items():
        if isinstance(value, str):
            yield part + key, value.strip()
        else:
            yield from _flat(value, f"{part}{key}.")
