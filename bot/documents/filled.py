"""A worksheet that came back: its cells as text with their addresses. Nothing in it is computed, followed or run."""

import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import PurePath
from typing import Any

from bot.dialogue.sheet import Cell, Line, Sheet
from bot.documents import seal, unpacking
from bot.documents.form import COLUMNS, FIRST, LAST

SUFFIXES = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".ods"}
MIMES = re.compile("spreadsheet|ms-excel|opendocument.spreadsheet")
SHEETS = 20  # looked through for ours
LONGEST = 1000  # characters of one cell
FACTS = {"most": unpacking.LARGEST >> 20}  # megabytes
TOO_BIG = Sheet("sheet.too_big", FACTS)


def looks_like_a_workbook(name: str, mime: str) -> bool:
    return PurePath(name).suffix.lower() in SUFFIXES or bool(MIMES.search(mime))


def read(content: bytes, key: str) -> Sheet:
    """What it says, or the sentence why it is not taken; never an exception for what people send."""
    try:
        unpacking.check(content)
    except unpacking.Refused as refused:
        return Sheet(refused.kind, FACTS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what other programs add and openpyxl leaves out
            marked = list(_marked(content))
    except Exception:  # whatever a library trips over, the workbook is at fault
        return Sheet("sheet.broken")
    if len(marked) != 1:
        return Sheet("sheet.twice" if marked else "sheet.not_ours")
    mark, lines = marked[0]
    found = seal.opened(mark, key)
    return Sheet("", {}, *found, lines) if found else Sheet("sheet.not_ours")


def _marked(content: bytes) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Every sheet with our mark in its corner, whatever it is called now."""
    from openpyxl import load_workbook  # heavy, and wanted here alone

    book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
    for sheet in book.worksheets[:SHEETS]:
        rows = sheet.iter_rows(min_row=1, max_row=LAST, max_col=len(COLUMNS) + 1)
        first = next(rows, ())
        mark = first[0].value if first else None
        if isinstance(mark, str) and mark.startswith(seal.BEGINS):
            yield mark, tuple(_lines(rows))
    book.close()


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=2):
        code = row[0].value if row else None
        if number < FIRST or not isinstance(code, str) or not code.strip():
            continue
        cells = {name: _cell(row, name, f"{letter}{number}") for name, letter in COLUMNS.items() if name in FILLED}
        yield Line(code.strip()[:32], **cells)


FILLED = ("numerator", "denominator", "share", "state", "as_of", "reason", "evidence")


def _cell(row: tuple[Any, ...], name: str, at: str) -> Cell:
    index = list(COLUMNS.values()).index(at.rstrip("0123456789")) + 1
    cell = row[index] if index < len(row) else None
    value = None if cell is None else cell.value
    if cell is None or value is None:
        return Cell(at)
    if cell.data_type == "f":
        return Cell(at, fault="sheet.formula")
    if cell.data_type == "e":
        return Cell(at, fault="sheet.error_value")
    if isinstance(value, date | time) or type(value).__name__ == "timedelta":
        return _dated(at, value, name)
    if isinstance(value, str):
        return Cell(at, value.strip()[:LONGEST])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Cell(at, fault="sheet.error_value")
    return Cell(at, _number(value, "%" in (cell.number_format or "")))


def _dated(at: str, value: object, name: str) -> Cell:
    if not isinstance(value, date):
        return Cell(at, fault="sheet.is_a_date")
    day = value.date() if isinstance(value, datetime) else value
    if name == "as_of":
        return Cell(at, f"{day:%d/%m/%Y}")
    return Cell(at, fault="" if name in ("reason", "evidence") else "sheet.is_a_date", text=f"{day:%d/%m/%Y}")


def _number(value: float, share: bool) -> str:
    """As somebody would have typed it: 75,5 for 75.5, and 75,5% for 0.755 in a cell that shows percentages."""
    exact = Decimal(repr(value)) * (100 if share else 1)
    whole = exact == exact.to_integral_value()
    return f"{int(exact) if whole else format(exact.normalize(), 'f')}".replace(".", ",") + ("%" if share else "")
