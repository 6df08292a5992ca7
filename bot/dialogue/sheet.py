"""What came back on a unit's own worksheet: cells with their addresses, read but not yet judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell to fill. `fault`: the sentence why it can't be read at all, a formula, say."""

    at: str  # its address: "D7"
    text: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Line:
    """One measure's cells."""

    measure: str
    numerator: Cell
    denominator: Cell
    share: Cell  # a percentage, or "đạt", "chưa đạt"
    state: Cell  # "không phát sinh", "chưa có số liệu", "không thuộc phạm vi"
    as_of: Cell
    reason: Cell
    evidence: Cell

    @property
    def figures(self) -> tuple[Cell, ...]:
        return (self.numerator, self.denominator, self.share, self.state)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.figures, self.as_of, self.reason, self.evidence)


@dataclass(frozen=True)
class Sheet:
    """A workbook that somebody has sent: ours, or the sentence why it is not taken.

    `seen`: the newest report of the unit when the sheet was made; what came after it is newer than the sheet.
    """

    refused: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    campaign: int = 0
    unit: str = ""
    seen: int = 0
    lines: tuple[Line, ...] = ()
