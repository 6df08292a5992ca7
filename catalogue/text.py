"""Typed text made comparable: one composed form with plain signs, and the same letters without marks.

What was typed is kept by whoever received it; nothing here is ever stored or shown as the person's own words.
"""

import unicodedata
from functools import cache
from typing import NamedTuple

LONGEST = 2_000
"""Characters of a message that are read at all: what the shortest-spoken channel carries."""

INVISIBLE = [0x00AD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
INVISIBLE += [*range(0xFE00, 0xFE10), 0xFEFF, *range(0x1F3FB, 0x1F400), *range(0xE0100, 0xE01F0)]
SIGNS = {
    "/": "\u2044\u2215\u29f8\u00f7\u2797",
    ":": "\u2236\ua789\ufe55",
    "%": "\ufe6a\u066a",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u2796",
    "+": "\u2795",
    "?": "\u2753\u2754\u2047",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033",
    "'": "\u2018\u2019\u201a\u201b\u2032\u00b4",
    "*": "\u00d7\u2217\u22c5",
    "~": "\u2248\u223c\u2243\u301c",
    ",": "\u3001\ufe50\ufe51",
    ".": "\ufe52\u3002",
    " ": "\u2022\u25cf\u25aa\u25cb\u25e6\u25a0",
    "...": "\u2026",
    "->": "\u2192\u21d2\u279c\u2794\u27a1",
    ">=": "\u2265\u2a7e",
    "<=": "\u2264\u2a7d",
    "I": "\u2160",
    "II": "\u2161",
    "III": "\u2162",
    "IV": "\u2163",
}

PLAIN: dict[int, str | None] = dict.fromkeys(INVISIBLE)
PLAIN |= {ord(odd): plain for plain, odds in SIGNS.items() for odd in odds}
PLAIN |= {0xFF00 + code - 0x20: chr(code) for code in range(0x21, 0x7F)}  # full-width forms
PLAIN |= dict.fromkeys(range(0x0300, 0x0370))  # marks that compose with nothing


@cache
def _bare_letters() -> dict[int, str]:
    """Every composed Latin letter → its base. đ has no decomposition, so it is named."""
    letters = {}
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            letters[code] = base.lower()
    return letters | {ord("đ"): "d", ord("Đ"): "d", ord("ð"): "d", ord("Ð"): "d"}


BARE = _bare_letters()


class Typed(NamedTuple):
    """One message, or a piece of one, twice: as it can be shown, and without marks, letter for letter."""

    shown: str
    bare: str

    @classmethod
    def of(cls, text: str) -> "Typed":
        plain = shown(text)
        return cls(plain, bare(plain))

    def part(self, start: int, end: int | None = None) -> "Typed":
        return Typed(self.shown[start:end], self.bare[start:end])

    def stripped(self, signs: str = " ") -> "Typed":
        start = len(self.bare) - len(self.bare.lstrip(signs))
        return self.part(start, max(start, len(self.bare.rstrip(signs))))


def shown(text: str) -> str:
    """One composed form, plain signs, single spaces; lines are kept apart, letters keep case and marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(PLAIN)
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def bare(text: str) -> str:
    """Lower case without marks, letter for letter: positions in the result are positions in `text`."""
    return text.lower() if text.isascii() else "".join(text.lower().split("\u0307")).translate(BARE)
