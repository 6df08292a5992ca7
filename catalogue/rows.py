"""A catalogue seen by those who point at its rows: by printed number, by section, by words of the name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from catalogue import telex
from catalogue.model import Catalogue, Indicator
from catalogue.spelling import Speller
from catalogue.text import bare, shown
from catalogue.vocabulary import WORDS

ROMANS = dict(zip(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"], map(str, range(1, 11)), strict=True))
SECTION = re.compile(r"(?:phan|section|bang|nhom) (?P<named>[ivx]{1,4}|[0-9]{1,2})|(?P<alone>i{1,3}|iv)")
PREFIX = re.compile(r"([a-z]*) ?0*([0-9]*)")
ABBREVIATIONS = {
    "bpmc": "bo phan mot cua",
    "dvc": "dich vu cong",
    "dvcqg": "dich vu cong quoc gia",
    "dvctt": "dich vu cong truc tuyen",
    "hs": "ho so",
    "kq": "ket qua",
    "online": "truc tuyen",
    "pakn": "phan anh kien nghi",
    "sohoa": "so hoa",
    "tthc": "thu tuc hanh chinh",
    "tttt": "thanh toan truc tuyen",
    "vb": "van ban",
}
SAYS_NOTHING = frozenset(
    [
        "ty",
        "le",
        "ti",
        "chi",
        "tieu",
        "ve",
        "muc",
        "nhap",
        "bao",
        "cao",
        "cho",
        "em",
        "da",
        "a",
        "cua",
        "viec",
        "so",
        "lieu",
        "xin",
        "toi",
        "o",
        "va",
        "cac",
        "nay",
        "sua",
    ]
)
"""Words, without marks, that tell no row from another."""

SHORTEST = 5
"""Letters that words of a name must have to say anything."""


@dataclass(frozen=True)
class Rows:
    """All rows; header rows are nobody's to report, and only lend their name to what stands under them."""

    rows: tuple[Indicator, ...] = ()

    @cached_property
    def leaves(self) -> tuple[Indicator, ...]:
        return tuple(row for row in self.rows if row.measure)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """What stands before the number in a code, as people shorten it → the section's number."""
        return {prefix(leaf.code): leaf.section for leaf in self.leaves}

    @cached_property
    def names(self) -> dict[str, str]:
        """Code → the words of the name, with those of its header."""
        headers = {row.code: row.name for row in self.rows}
        full = {leaf.code: f"{headers.get(leaf.parent or '', '')} {leaf.name}" for leaf in self.leaves}
        return {code: f" {' '.join(_words(name))} " for code, name in full.items()}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for name in self.names.values() for word in name.split())

    @cached_property
    def speller(self) -> Speller:
        return Speller(self.vocabulary)

    def numbered(self, row: str, section: str | None = None) -> tuple[str, ...]:
        """By the printed number, in one section or in all; "1.3" is also row 3 of section 1."""
        if section is not None:
            return tuple(leaf.code for leaf in self.leaves if (leaf.section, leaf.printed) == (section, row))
        head, _, tail = row.partition(".")
        either = {(leaf.section, row) for leaf in self.leaves} | ({(head, tail)} if tail else set())
        return tuple(leaf.code for leaf in self.leaves if (leaf.section, leaf.printed) in either)

    def of_section(self, text: str) -> tuple[str, ...]:
        """All rows of a section that is named alone: "NQ01", "phần II", "III"."""
        found = SECTION.fullmatch(text)
        number = (found["named"] or found["alone"]) if found else ""
        section = ROMANS.get(number, number) or self.prefixes.get(prefix(text))
        return tuple(leaf.code for leaf in self.leaves if leaf.section == section)

    def named(self, text: str) -> tuple[str, ...]:
        """By words of the name: those that stand together in it; where none do, those whose words are all in it."""
        typed = [self._known(word) for word in _words(text)]
        telling = [word for word in typed if word not in SAYS_NOTHING]
        if found := self._together(typed) or self._together(telling):
            return found
        if sum(word.isalpha() for word in {*telling}) < 2:
            return ()
        return tuple(code for code, name in self.names.items() if {*telling} <= {*name.split()})

    def quoted(self, text: str) -> tuple[str, ...]:
        """By at least three words that stand together in the name."""
        words = _words(text)
        return self._together(words) if len(words) > 2 else ()

    def means(self, codes: Iterable[str]) -> int:
        """How many different measures these rows are."""
        wanted = {*codes}
        return len({leaf.measure for leaf in self.leaves if leaf.code in wanted})

    def _together(self, words: Iterable[str]) -> tuple[str, ...]:
        phrase = " ".join(words)
        if len(phrase) < SHORTEST:
            return ()
        return tuple(code for code, name in self.names.items() if f" {phrase} " in name)

    def _known(self, word: str) -> str:
        """A word of the names: as typed, as its keys would have made it, or a slip away ("chưa" is none for "của")."""
        if word in self.vocabulary or word in WORDS:
            return word
        syllable = bare(telex.decoded(word) or word)
        return syllable if syllable in self.vocabulary else self.speller.mended(word) or word


NO_ROWS = Rows()
MOST_KEPT = 16
_KEPT: dict[int, tuple[Catalogue, Rows]] = {}


def rows_of(catalogue: Catalogue | None) -> Rows:
    """Kept for the few catalogues of a house; a catalogue can't be hashed, so it is known by its identity."""
    if catalogue is None:
        return NO_ROWS
    if id(catalogue) not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[id(catalogue)] = (catalogue, Rows(catalogue.indicators))
    return _KEPT[id(catalogue)][1]


def prefix(code: str) -> str:
    """NQ01.2 → nq1: case, spaces and leading zeros are not told apart."""
    found = PREFIX.match(bare(code).replace("nghi quyet", "nq"))
    return "".join(found.groups()) if found else ""


def _words(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", bare(shown(text)))
    return " ".join(ABBREVIATIONS.get(word, word) for word in words).split()
