"""The closed vocabulary of answers, from `vocabulary.toml`: which words have a part to play, and which part.

A part is one letter, so that a whole message becomes a short string that a grammar can match.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from catalogue.text import bare, shown

LETTERS = {
    "about": "~",
    "bound": ">",
    "range": "&",
    "change": "F",
    "other_time": "Y",
    "plan": "Z",
    "money": "$",
    "no": "N",
    "not_yet": "C",
    "bad": "L",
    "other_way": "o",
    "more": "f",
    "partly": "W",
    "elsewhere": "E",
    "same": "=",
    "rating": "K",
    "question": "j",
    "taken_back": "r",
    "wrong": "w",
    "time": "t",
    "row": "i",
    "over": "/",
    "total": "A",
    "part": "B",
    "among": "I",
    "percent": "%",
    "scope": "S",
    "beyond": "X",
    "ongoing": "G",
    "arise": "P",
    "none_arose": "z",
    "awaited": "g",
    "either": "y",
    "times": "m",
    "handled": "v",
    "compile": "O",
    "done": "M",
    "data": "D",
    "unit": "u",
    "good": "Q",
    "thing": "T",
    "matter": "k",
    "noise": "",
}
"""Part → its letter. Where marks are left out and a word could play two parts, the one named first here is meant: the
first ones make the reader ask."""


class Entry(NamedTuple):
    """What a phrase means without its marks, and with the marks of each way to write it."""

    means: str
    marked: Mapping[str, str]

    def of(self, typed: str) -> str | None:
        """What it means as typed, or nothing where marks contradict: "đóng" is not "đồng", though both are "dong"."""
        if (meaning := self.marked.get(typed)) is not None:
            return meaning
        if typed.isascii():
            return self.means
        return next((meaning for way, meaning in self.marked.items() if _agree(typed, way)), None)


def _agree(typed: str, meant: str) -> bool:
    """Whether every mark that was typed is meant, wherever on the syllable it was put."""
    return all(marks(word) <= marks(way) for word, way in zip(typed.split(), meant.split(), strict=True) if word != way)


@lru_cache(maxsize=4096)
def marks(word: str) -> frozenset[str]:
    return frozenset(sign for sign in unicodedata.normalize("NFD", word) if not sign.isascii())


Table = Mapping[str, Entry]


def phrases(text: str) -> Iterable[str]:
    return (shown(phrase).replace("\n", " ").lower() for phrase in text.split(";") if phrase.strip())


def _table(lists: Mapping[str, str], unmarked: Mapping[str, str] = MappingProxyType({})) -> dict[str, Entry]:
    """Phrase without marks → what it means. `lists` is in order of precedence; `unmarked` are the exceptions."""
    meanings: dict[str, dict[str, str]] = {}
    for meaning, text in lists.items():
        for phrase in phrases(text):
            meanings.setdefault(bare(phrase), {}).setdefault(phrase, meaning)
    return {
        phrase: Entry(unmarked.get(phrase, next(iter(marked.values()))), marked) for phrase, marked in meanings.items()
    }


def _longest(table: Iterable[str]) -> dict[str, int]:
    """First word → the most words of a phrase that begins with it."""
    longest: dict[str, int] = {}
    for phrase in table:
        first, *more = phrase.split()
        longest[first] = max(longest.get(first, 0), 1 + len(more))
    return longest


_BOOK = tomllib.loads(resources.files("catalogue").joinpath("vocabulary.toml").read_text(encoding="utf-8"))

SHORTHAND: Mapping[str, tuple[str, str]] = {short: (bare(word), word) for short, word in _BOOK["shorthand"].items()}
"""A word as chat shortens it, without marks → the word without marks, and with them."""

PARTS: Table = _table(
    {letter: _BOOK["parts"][part] for part, letter in LETTERS.items()},
    {word: LETTERS[part] for word, part in _BOOK["unmarked"].items()},
)
ACTS: Table = _table(_BOOK["acts"])
ENDS_A_NAME = frozenset(bare(phrase) for phrase in phrases(_BOOK["names"]["ends"]))
BEFORE_A_PERSON = frozenset(bare(phrase) for phrase in phrases(_BOOK["names"]["persons"]))
LONGEST_PART = _longest(PARTS)
LONGEST_ACT = _longest(ACTS)
WORDS = frozenset(word for phrase in (*PARTS, *ACTS) for word in phrase.split())
"""Every single word of the vocabulary, without marks: what a slip may be mended to."""
