"""What a cell of a spreadsheet needs: text that stays text whatever it begins with, and room for its lines."""

from collections.abc import Iterable
from math import ceil
from typing import Any

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def keep_as_text(cell: Any, text: str) -> None:
    """No program computes it, neither when the file is opened nor when somebody touches the cell."""
    cell.value, cell.data_type = text, "s"
    if text.startswith(BEGINS_A_FORMULA):
        cell.quotePrefix = True


def lines_of(text: str, width: int) -> int:
    """Lines that a text takes in a cell so many signs wide, at most one word too many."""
    return sum(max(ceil(len(line) * 0.95 / width), 1) for line in text.split("\n"))


def most_lines(texts: Iterable[str], widths: Iterable[int]) -> int:
    """Of a row's fullest cell: not every program works that out when it opens a file."""
    return max(lines_of(text, width) for text, width in zip(texts, widths, strict=False))
