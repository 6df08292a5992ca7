"""A list that an office keeps in a file (csv, xlsx) → its rows by field, or why it can't be read."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from catalogue.load import Fault, Faults
from catalogue.paper import worksheets
from catalogue.text import bare

MOST_ROWS = 5_000
MOST_TITLES = 20  # lines down to the headings
MOST_LINES = MOST_TITLES + MOST_ROWS + 1  # of a sheet: with one row too many, so that it shows
BEYOND = ""
"""Under this name a row keeps what stands under no heading."""
Line = tuple[int, tuple[str, ...]]
"""A line's number in the file, and its cells."""
Row = tuple[int, Mapping[str, str]]
"""The same by field; every field has one, if an empty one."""
Found = Iterator[tuple[int, str]]
"""What is wrong, and at which line."""


class Unreadable(ValueError):
    """The rows can't be read at all, for these reasons at that line."""

    def __init__(self, *reasons: str, line: int = 1) -> None:
        super().__init__(*reasons)
        self.reasons = reasons
        self.line = line


@dataclass(frozen=True)
class Columns:
    """What a list tells of each row. `headings`: a field → how its column may be headed, without marks; `required`: a
    field → how it is called; `known_by`: the fields that tell a line of headings; `rows`: what its rows are called."""

    headings: Mapping[str, tuple[str, ...]]
    required: Mapping[str, str]
    known_by: frozenset[str]
    rows: str

    @cached_property
    def fields(self) -> Mapping[str, str]:
        return {heading: field for field, headings in self.headings.items() for heading in headings}

    def field(self, heading: str) -> str | None:
        return self.fields.get(" ".join(re.findall(r"\w+", bare(heading))))


def read(name: str, data: bytes, columns: Columns) -> list[Row]:
    """The file's name tells csv from xlsx. Raises load.Faults where there are no rows to be had."""
    try:
        return _rows(_xlsx(data, columns) if name.lower().endswith(".xlsx") else _csv(data), columns)
    except Unreadable as error:
        raise Faults(tuple(Fault(name, error.line, reason) for reason in error.reasons)) from None


def refuse(name: str, found: Iterable[tuple[int, str]]) -> None:
    """Raises load.Faults with all that is wrong, in the order of the lines."""
    if faults := sorted(found):
        raise Faults(tuple(Fault(name, line, message) for line, message in faults))


def twice(rows: Iterable[Row], fields: tuple[str, ...], message: str) -> Found:
    """Rows that have the same there as one before; the first of the fields must be filled."""
    first: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        key = tuple(cells[field].casefold() for field in fields)
        if key[0] and first.setdefault(key, line) != line:
            yield line, message.format(cells[fields[0]], first[key])


def malformed(rows: Iterable[Row], columns: Columns, longest: Mapping[str, int]) -> Found:
    """Cells under no heading, required ones that are empty, too long ones. `longest`: in characters."""
    for line, cells in rows:
        if cells[BEYOND]:
            yield line, "có ô không nằm dưới tiêu đề nào; đề nghị đặt trong ngoặc kép ô nào có dấu phân cách"
        for field, shown in columns.required.items():
            if not cells[field]:
                yield line, f"cột {shown} để trống"
            elif len(cells[field]) > longest[field]:
                yield line, f"cột {shown} dài quá {longest[field]} ký tự"


# A file → lines of cells.


def _csv(data: bytes) -> list[Line]:
    text = _decode(data)
    heading = next(filter(str.strip, text.splitlines()), "")
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=max(",;\t", key=heading.count), strict=True)
    lines: list[Line] = []
    line = 1
    try:
        for cells in reader:
            lines.append((line, tuple(map(_tidy, cells))))
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable("dấu ngoặc kép không khớp; đề nghị mở bằng Excel và lưu lại", line=line) from None
    return lines


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("tệp không đọc được; đề nghị lưu lại dạng .xlsx hoặc “CSV UTF-8”") from None


def _xlsx(data: bytes, columns: Columns) -> list[Line]:
    """The first sheet that has the headings."""
    try:
        with worksheets(data, "") as sheets:
            pages = [list(islice(_lines(sheet), MOST_LINES)) for sheet in sheets]
    except Exception:  # whatever a library trips over, the workbook is at fault
        raise Unreadable("tệp không phải là bảng tính .xlsx; đề nghị mở bằng Excel và lưu lại") from None
    return next((page for page in pages if _top(page, columns) is not None), [])


def _lines(sheet: Any) -> Iterator[Line]:
    """Those that hold something."""
    for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(cells := tuple(map(_tidy, row))):
            yield line, cells


def _tidy(cell: object) -> str:
    """A cell as text in its composed form. A whole number in Excel has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else unicodedata.normalize("NFC", str(cell)).strip()


# Lines → rows by field.


def _top(lines: Sequence[Line], columns: Columns) -> int | None:
    """Where the headings stand; titles may stand above them."""
    for position, (_, cells) in enumerate(lines[:MOST_TITLES]):
        if columns.known_by <= {columns.field(cell) for cell in cells}:
            return position
    return None


def _rows(lines: Sequence[Line], columns: Columns) -> list[Row]:
    top = _top(lines, columns)
    if top is None:
        needed = ", ".join(columns.required.values())
        raise Unreadable(f"không thấy dòng tiêu đề; đề nghị có ít nhất các cột {needed}")
    at, headings = lines[top]
    fields = _fields(at, headings, columns)
    filled = [(line, cells) for line, cells in lines[top + 1 :] if any(cells)]
    if not filled:
        raise Unreadable(f"danh sách không có {columns.rows} nào", line=at)
    if len(filled) > MOST_ROWS:
        raise Unreadable(f"danh sách dài quá {MOST_ROWS} {columns.rows}", line=filled[MOST_ROWS][0])
    return [(line, _by_field(columns, fields, cells)) for line, cells in filled]


def _by_field(columns: Columns, fields: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    row = dict.fromkeys(columns.headings, "") | dict(zip(fields, cells, strict=False))
    return row | {BEYOND: "".join(cells[len(fields) :])}


def _fields(line: int, headings: Sequence[str], columns: Columns) -> list[str]:
    """The columns' fields; a heading that stands for none is a mistake, lest a misspelt column go unread."""
    known = {heading: columns.field(heading) for heading in headings if heading}
    fields = [known.get(heading) or BEYOND for heading in headings]
    reasons = [
        *(f"không rõ cột “{head}” là gì; đề nghị đổi tên hoặc xóa cột" for head, field in known.items() if not field),
        *(f"có hai cột {field}; đề nghị bỏ bớt một cột" for field in columns.headings if fields.count(field) > 1),
        *(f"thiếu cột {shown}" for field, shown in columns.required.items() if field not in fields),
    ]
    if reasons:
        raise Unreadable(*reasons, line=line)
    return fields
