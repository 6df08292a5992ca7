"""How people point at a row: "NQ01.3", "1.3", "I.3", "mục 3 phần 1", "6.1", words of its name. Never a number."""

import re
from dataclasses import dataclass

from catalogue.model import Catalogue
from catalogue.rows import ROMANS, Rows, prefix, rows_of
from catalogue.text import bare, shown

ROW = r"(?P<row{n}>[0-9]{{1,2}}(?:\.[0-9]{{1,2}}){{0,2}})"
SECTION = r"(?P<section{n}>[ivx]{{1,4}}|[0-9]{{1,2}})"
A_ROW = r"(?:muc|chi\ tieu|ct|stt|so\ thu\ tu|so|dong|tieu\ chi|cau|row)(?:\ so|\ thu)?"
A_ROW_ALONE = A_ROW.replace("|so|", "|")
A_SECTION = r"(?:phan|muc|bang|nhom|section)(?:\ so|\ thu)?"
OF = r",?\ (?:cua\ |o\ |trong\ |thuoc\ |-\ )?"
ENDS = r"(?![0-9a-z%]|[.,/][0-9]|:[0-9](?![0-9.,]*\ ?(?:%|/\ ?[0-9])))"
FORMS = re.compile(
    rf"""(?:
    {A_ROW}\ {ROW.format(n=1)}{OF}(?:{A_SECTION}\ {SECTION.format(n=1)}|(?P<owner1>[a-z]{{2,5}}\ ?[0-9]{{1,4}}))
    | {ROW.format(n=2)}{OF}{A_SECTION}\ {SECTION.format(n=2)}
    | {A_SECTION}\ {SECTION.format(n=3)},?\ {A_ROW}\ {ROW.format(n=3)}
    | (?:{A_ROW}\ )?(?P<section4>[ivx]{{1,4}})(?:\ ?[.\-/]\ ?|\ (?:{A_ROW}\ )?){ROW.format(n=4)}
    | (?:(?P<word>{A_ROW_ALONE}\ )|so\ )?{ROW.format(n=5)}
    | (?:{A_ROW}\ )?(?P<owner6>nghi\ quyet\ [0-9]+|[a-z]{{2,5}}\ ?[0-9]{{0,4}})
      (?:\ ?[.\-/]\ ?|\ |,?\ ?{A_ROW}\ ){ROW.format(n=6)}
    ){ENDS}""",
    re.VERBOSE,
)
"""The forms of a reference, without marks. An owner is what stands before the number in a code."""

CODE_LIKE = re.compile(r"(?:[a-z]{2,5}[0-9]{2,4}|ubqg)\.[0-9.]+")


@dataclass(frozen=True)
class Found:
    """A reference at the start of a line: where it ends, what it means, and whether it can be nothing else."""

    end: int
    text: str
    codes: tuple[str, ...]
    certain: bool  # named by a code or by words, not by a bare number that could be a figure


def references(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """What a typed reference may mean: indicator codes in printed order, none where no row is meant."""
    rows = rows_of(catalogue)
    typed = bare(shown(text)).strip(" .:;,")
    found = leading(typed, rows)
    return found.codes if found and found.end == len(typed) else rows.named(typed)


def leading(text: str, rows: Rows) -> Found | None:
    """The reference that the text (without marks) begins with, in whatever form."""
    match = FORMS.match(text)
    if match is None:
        return None
    group = {name.rstrip("123456"): value for name, value in match.groupdict().items() if value}
    if "owner" in group:
        return _coded(match, group["owner"], group["row"], rows)
    section = ROMANS.get(group["section"], group["section"]) if "section" in group else None
    codes = rows.numbered(group["row"], section)
    if match["section4"] and rows.leaves and not codes:
        return None  # "v 75": no section is called so
    return Found(match.end(), match[0], codes, section is not None or "word" in group)


def _coded(match: re.Match[str], owner: str, row: str, rows: Rows) -> Found | None:
    """A code whose prefix the catalogue has; without a catalogue, one that can't be anything but a code."""
    if not rows.leaves:
        return Found(match.end(), match[0], (), True) if CODE_LIKE.fullmatch(match[0]) else None
    section = rows.prefixes.get(prefix(owner))
    return Found(match.end(), match[0], rows.numbered(row, section), True) if section else None
