"""How people point at a row: "NQ01.3", "1.3", "I.3", "mục 3 phần 1", "6.1", words of its name. Never a number."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from catalogue import telex
from catalogue.model import Catalogue, Indicator
from catalogue.spelling import Speller
from catalogue.text import bare, shown

ROMANS = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
ROW = r"(?P<row{n}>[0-9]{{1,2}}(?:\.[0-9]{{1,2}}){{0,2}})"
SECTION = r"(?P<section{n}>[ivx]{{1,4}}|[0-9]{{1,2}})"
A_ROW = r"(?:muc|chi\ tieu|ct|stt|so\ thu\ tu|so|dong|tieu\ chi|cau|row)(?:\ so|\ thu)?"
A_ROW_ALONE = A_ROW.replace("|so|", "|")
A_SECTION = r"(?:phan|muc|bang|nhom|section)(?:\ so|\ thu)?"
SECTION_ALONE = re.compile(r"(?:phan|section|bang|nhom) ([ivx]{1,4}|[0-9]{1,2})|(?=i{1,3}|iv)([ivx]{1,4})")
ENDS = r"(?![0-9a-z%]|[.,/:][0-9])"
FORMS = re.compile(
    rf"""
    {A_ROW}\ {ROW.format(n=2)},?\ (?:cua\ |o\ |trong\ |thuoc\ |-\ )?(?:{A_SECTION}\ {SECTION.format(n=2)}|(?P<owner2>[a-z]{{2,5}}\ ?[0-9]{{1,4}})){ENDS}
    | {ROW.format(n=3)},?\ (?:cua\ |o\ |trong\ |thuoc\ )?{A_SECTION}\ {SECTION.format(n=3)}{ENDS}
    | {A_SECTION}\ {SECTION.format(n=4)},?\ {A_ROW}\ {ROW.format(n=4)}{ENDS}
    | (?:{A_ROW}\ )?(?P<section5>[ivx]{{1,4}})(?:\ ?[.\-/]\ ?|\ (?:{A_ROW}\ )?){ROW.format(n=5)}{ENDS}
    | (?:(?P<word>{A_ROW_ALONE}\ )|so\ )?{ROW.format(n=6)}{ENDS}
    | (?:{A_ROW}\ )?(?P<code>nghi\ quyet\ [0-9]+|[a-z]{{2,5}}\ ?[0-9]{{0,4}})(?:\ ?[.\-/]\ ?|\ |,?\ ?{A_ROW}\ ){ROW.format(n=1)}{ENDS}
    """,
    re.VERBOSE,
)
CODE_LIKE = re.compile(r"(?:[a-z]{2,5}[0-9]{2,4}|ubqg)\.[0-9.]+")
ABBREVIATIONS = {
    "online": "truc tuyen",
    "tthc": "thu tuc hanh chinh",
    "pakn": "phan anh kien nghi",
    "dvc": "dich vu cong",
    "dvctt": "dich vu cong truc tuyen",
    "dvcqg": "dich vu cong quoc gia",
    "hs": "ho so",
    "vb": "van ban",
    "kq": "ket qua",
    "cntt": "cong nghe thong tin",
    "sohoa": "so hoa",
    "tttt": "thanh toan truc tuyen",
    "bpmc": "bo phan mot cua",
    "qlvb": "quan ly van ban",
    "cqd": "cong quoc gia",
}
SAYS_NOTHING = frozenset(
    "ty le ti chi tieu ve muc nhap bao cao cho em da a cua viec so lieu xin toi o va cac nay sua".split()
)


@dataclass(frozen=True)
class Found:
    """A reference at the start of a line: where it ends, what it means, and whether it can be nothing else."""

    end: int
    text: str
    codes: tuple[str, ...]
    certain: bool  # named by a code or by words, not by a bare number that could be a figure


@dataclass(frozen=True)
class Rows:
    """A catalogue seen by those who point at its rows. Header rows are nobody's to report."""

    rows: tuple[Indicator, ...] = ()

    @cached_property
    def leaves(self) -> tuple[Indicator, ...]:
        return tuple(row for row in self.rows if row.measure)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """What stands before the number in a code, as people shorten it → the section's number."""
        return {_prefix(leaf.code): leaf.section for leaf in self.leaves}

    @cached_property
    def names(self) -> dict[str, str]:
        """What a row is called, with the name of the header that it stands under."""
        headers = {row.code: row.name for row in self.rows}
        full = {leaf.code: f"{headers.get(leaf.parent or '', '')} {leaf.name}" for leaf in self.leaves}
        return {code: f" {' '.join(_expanded(_words(name)))} " for code, name in full.items()}

    @cached_property
    def _vocabulary(self) -> tuple[frozenset[str], Speller]:
        words = frozenset(word for name in self.names.values() for word in name.split())
        return words, Speller(words)

    def _known(self, word: str) -> str:
        """A word of the names: as typed, as its keys would have made it, or a slip away."""
        words, speller = self._vocabulary
        if word in words:
            return word
        syllable = bare(telex.decoded(word) or word)
        return syllable if syllable in words else speller.mended(word) or word

    def numbered(self, row: str, section: str | None = None) -> tuple[str, ...]:
        """By the printed number, in one section or in all; "1.3" is also row 3 of section 1."""
        if section is not None:
            return tuple(leaf.code for leaf in self.leaves if leaf.section == section and leaf.printed == row)
        head, _, tail = row.partition(".")
        return tuple(
            leaf.code
            for leaf in self.leaves
            if leaf.printed == row or (tail and leaf.section == head and leaf.printed == tail)
        )

    def of_section(self, text: str) -> tuple[str, ...]:
        """All rows of a section that is named alone: "NQ01", "phần II", "III"."""
        number = SECTION_ALONE.fullmatch(text)
        section = (
            ROMANS.get(number[number.lastindex or 1], number[number.lastindex or 1])
            if number
            else self.prefixes.get(_prefix(text))
        )
        return tuple(leaf.code for leaf in self.leaves if leaf.section == section)

    def named(self, text: str) -> tuple[str, ...]:
        """By words of the name: those that stand together in it; where none do, those whose words are all in it."""
        typed = [self._known(word) for word in _expanded(_words(text))]
        telling = [word for word in typed if word not in SAYS_NOTHING]
        for phrase in (f" {' '.join(words)} " for words in (typed, telling)):
            if len(phrase) > 6 and (together := self._holding(lambda name, phrase=phrase: phrase in name)):
                return together
        wanted = frozenset(telling)
        letters = sum(word.isalpha() for word in wanted)
        return self._holding(lambda name: wanted <= {*name.split()}) if letters > 1 else ()

    def together(self, text: str) -> tuple[str, ...]:
        """By words that stand together in the name, at least three."""
        words = _expanded(_words(text))
        phrase = f" {' '.join(words)} "
        return self._holding(lambda name: phrase in name) if len(words) > 2 else ()

    def _holding(self, fits: Callable[[str], bool]) -> tuple[str, ...]:
        return tuple(code for code, name in self.names.items() if fits(name))

    def means(self, codes: Iterable[str]) -> int:
        """How many different measures these rows are."""
        return len({leaf.measure for leaf in self.leaves if leaf.code in set(codes)})


NO_ROWS = Rows()
_KNOWN: dict[int, tuple[Catalogue, Rows]] = {}


def rows_of(catalogue: Catalogue | None) -> Rows:
    """Kept for the few catalogues of a house; a catalogue can't be hashed, so it is known by its identity."""
    if catalogue is None:
        return NO_ROWS
    if id(catalogue) not in _KNOWN:
        if len(_KNOWN) > 15:
            _KNOWN.clear()
        _KNOWN[id(catalogue)] = (catalogue, Rows(catalogue.indicators))
    return _KNOWN[id(catalogue)][1]


def references(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """What a typed reference may mean: indicator codes in printed order, none where no row is meant."""
    rows = rows_of(catalogue)
    typed = bare(shown(text)).strip(" .:;,")
    found = leading(typed, rows)
    if found and found.end == len(typed):
        return found.codes
    return rows.named(typed)


def leading(text: str, rows: Rows) -> Found | None:
    """The reference that the text (without marks) begins with, in whatever form."""
    match = FORMS.match(text)
    if match is None:
        return None
    group = {name.rstrip("123456"): value for name, value in match.groupdict().items() if value}
    if owner := group.get("code") or group.get("owner"):
        return _coded(match, owner, group["row"], rows)
    section = ROMANS.get(group["section"], group["section"]) if "section" in group else None
    codes = rows.numbered(group["row"], section)
    if match["section5"] and rows.leaves and not codes:
        return None
    return Found(match.end(), match[0], codes, section is not None or "word" in group)


def _coded(match: re.Match[str], owner: str, row: str, rows: Rows) -> Found | None:
    """A code whose prefix the catalogue has; without a catalogue, one that can't be anything but a code."""
    if not rows.leaves:
        return Found(match.end(), match[0], (), True) if CODE_LIKE.fullmatch(match[0]) else None
    section = rows.prefixes.get(_prefix(owner))
    return Found(match.end(), match[0], rows.numbered(row, section), True) if section else None


def _prefix(code: str) -> str:
    """NQ01.2 → nq1: case, spaces and leading zeros are not told apart."""
    letters, digits = re.match(r"([a-z]*)\ ?0*([0-9]*)", bare(code).replace("nghi quyet", "nq")).groups()  # type: ignore[union-attr]
    return str(letters) + str(digits)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", bare(shown(text)))


def _expanded(words: Iterable[str]) -> list[str]:
    return " ".join(ABBREVIATIONS.get(word, word) for word in words).split()
