"""The office's list of units, as a clerk keeps it (csv, xlsx) → an Office, or every fault at once with its line."""

import csv
import io
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from catalogue.load import Fault, Faults
from catalogue.office import Office, Unit
from catalogue.paper import unpackable
from catalogue.text import bare

EXAMPLE = Path(__file__).parent / "data" / "example" / "units.csv"
MOST_ROWS = 5_000
HEADINGS = {  # a field → how its column may be headed, without marks
    "id": ("id", "ma", "ma don vi", "ma dv"),
    "name": ("name", "ten", "ten don vi", "don vi", "ten day du"),
    "type": ("type", "loai", "loai don vi", "nhom"),
    "parent": ("parent", "thuoc", "truc thuoc", "cap tren", "don vi cap tren", "don vi chu quan"),
    "abbreviations": ("abbreviations", "viet tat", "ten viet tat", "ten khac", "ten goi khac"),
    "basis": ("basis", "can cu", "nguon", "ghi chu"),
    "number": ("stt", "tt", "so tt"),  # of no use
}
FIELDS = {heading: field for field, headings in HEADINGS.items() for heading in headings}
REQUIRED = {"id": "id (mã)", "name": "name (tên)", "type": "type (loại)"}
LONGEST = {"id": 32, "name": 200, "type": 64}
BEYOND = ""
"""Under this name a row keeps what stands under no heading."""
Line = tuple[int, tuple[str, ...]]
"""A line's number in the file, and its cells."""
Row = tuple[int, Mapping[str, str]]
"""The same by field."""
Found = Iterator[tuple[int, str]]


class Unreadable(ValueError):
    """The rows can't be read at all, for these reasons at that line."""

    def __init__(self, *reasons: str, line: int = 1) -> None:
        super().__init__(*reasons)
        self.reasons = reasons
        self.line = line


def example() -> Office:
    """An office of 54 units for the demonstration: names by pattern, not facts."""
    return read(EXAMPLE.name, EXAMPLE.read_bytes())


def read(name: str, data: bytes) -> Office:
    """The file's name tells csv from xlsx. Raises load.Faults with all that is wrong, in the order of the lines."""
    try:
        rows = _rows(_xlsx(data) if name.lower().endswith(".xlsx") else _csv(data))
    except Unreadable as error:
        raise Faults(tuple(Fault(name, error.line, reason) for reason in error.reasons)) from None
    if faults := sorted(_faults(rows)):
        raise Faults(tuple(Fault(name, line, message) for line, message in faults))
    return Office(_unit(cells) for _, cells in rows)


# A file → lines of cells.


def _csv(data: bytes) -> list[Line]:
    text = _decode(data)
    if text[:4].lower() == "sep=":  # Excel's note to itself
        text = "\n" + text.partition("\n")[2]
    heading = next(filter(str.strip, text.splitlines()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count), strict=True)
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


def _xlsx(data: bytes) -> list[Line]:
    """The first sheet that has the headings."""
    try:
        from openpyxl import load_workbook  # heavy, and wanted for workbooks alone

        with warnings.catch_warnings(action="ignore"):  # of what other programs add and openpyxl leaves out
            book = load_workbook(unpackable(data, ""), read_only=True, data_only=True, keep_links=False)
            sheets = [list(sheet.iter_rows(max_row=MOST_ROWS + 20, values_only=True)) for sheet in book.worksheets]
    except Exception:  # whatever a library trips over, the workbook is at fault
        raise Unreadable("tệp không phải là bảng tính .xlsx; đề nghị mở bằng Excel và lưu lại") from None
    book.close()
    pages = [[(n, tuple(map(_tidy, cells))) for n, cells in enumerate(sheet, 1)] for sheet in sheets]
    return next((page for page in pages if _top(page) is not None), [])


def _tidy(cell: object) -> str:
    """A cell as text in its composed form. A whole number in Excel has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else unicodedata.normalize("NFC", str(cell)).strip()


# Lines → rows by field.


def _top(lines: Sequence[Line]) -> int | None:
    """Where the headings stand; titles may stand above them."""
    for position, (_, cells) in enumerate(lines[:20]):
        if {"id", "name"} <= {_field(cell) for cell in cells}:
            return position
    return None


def _field(heading: str) -> str | None:
    return FIELDS.get(" ".join(re.findall(r"\w+", bare(heading))))


def _rows(lines: Sequence[Line]) -> list[Row]:
    top = _top(lines)
    if top is None:
        raise Unreadable("không thấy dòng tiêu đề; đề nghị có ít nhất các cột " + ", ".join(REQUIRED.values()))
    at, headings = lines[top]
    fields = _fields(at, headings)
    filled = [(line, cells) for line, cells in lines[top + 1 :] if any(cells)]
    if not filled:
        raise Unreadable("danh sách không có đơn vị nào", line=at)
    if len(filled) > MOST_ROWS:
        raise Unreadable(f"danh sách dài quá {MOST_ROWS} đơn vị", line=filled[MOST_ROWS][0])
    return [(line, _by_field(fields, cells)) for line, cells in filled]


def _by_field(fields: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    row = dict(zip(fields, [*cells, *[""] * len(fields)], strict=False))
    return row | {BEYOND: "".join(cells[len(fields) :])}


def _fields(line: int, headings: Sequence[str]) -> list[str]:
    """The columns' fields; a heading that stands for none is a mistake, lest a misspelt column go unread."""
    known = {heading: _field(heading) for heading in headings if heading}
    fields = [known.get(heading) or BEYOND for heading in headings]
    reasons = [
        *(f"không rõ cột “{head}” là gì; đề nghị đổi tên hoặc xóa cột" for head, field in known.items() if not field),
        *(f"có hai cột {field}; đề nghị bỏ bớt một cột" for field in HEADINGS if fields.count(field) > 1),
        *(f"thiếu cột {shown}" for field, shown in REQUIRED.items() if field not in fields),
    ]
    if reasons:
        raise Unreadable(*reasons, line=line)
    return fields


def _unit(cells: Mapping[str, str]) -> Unit:
    abbreviations = (short.strip() for short in re.split(r"[;,|\n]", cells.get("abbreviations", "")))
    short = tuple(dict.fromkeys(filter(None, abbreviations)))
    return Unit(cells["id"], cells["name"], cells["type"], cells.get("parent", ""), short, cells.get("basis", ""))


# What can be wrong with the rows.


def _faults(rows: Sequence[Row]) -> Found:
    yield from _malformed(rows)
    yield from _twice(rows, ("id",), "mã “{}” đã dùng ở dòng {}")
    yield from _twice(rows, ("name", "parent"), "tên “{}” đã dùng ở dòng {} cho đơn vị cùng cấp trên")
    yield from _orphans(rows)
    yield from _cycles(rows)


def _malformed(rows: Iterable[Row]) -> Found:
    for line, cells in rows:
        if cells[BEYOND]:
            yield line, "có ô không nằm dưới tiêu đề nào; đề nghị đặt trong ngoặc kép ô nào có dấu phân cách"
        for field, shown in REQUIRED.items():
            if not cells[field]:
                yield line, f"cột {shown} để trống"
            elif len(cells[field]) > LONGEST[field]:
                yield line, f"cột {shown} dài quá {LONGEST[field]} ký tự"
        if cells["id"] and not re.fullmatch(r"[A-Za-z0-9][\w.-]*", cells["id"], re.ASCII):
            yield line, f"mã “{cells['id']}” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới"


def _twice(rows: Iterable[Row], fields: tuple[str, ...], message: str) -> Found:
    first: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        key = tuple(cells.get(field, "").casefold() for field in fields)
        if key[0] and first.setdefault(key, line) != line:
            yield line, message.format(cells[fields[0]], first[key])


def _orphans(rows: Sequence[Row]) -> Found:
    """One id may stand above units without being one of them: the department's. Where a unit has nothing above it,
    the department has no id; else it is the one named most often."""
    ids = {cells["id"] for _, cells in rows}
    parents = Counter(cells.get("parent", "") for _, cells in rows if cells.get("parent", "") not in ids)
    department = "" if "" in parents else next((id for id, _ in parents.most_common(1)), "")
    for line, cells in rows:
        parent = cells.get("parent", "")
        if parent not in ids and parent != department:
            near = get_close_matches(parent, ids, 1)
            yield line, f"không có đơn vị cấp trên “{parent}”" + (f"; có phải là {near[0]}?" if near else "")


def _cycles(rows: Sequence[Row]) -> Found:
    """Each circle once, at its first line."""
    line = {cells["id"]: at for at, cells in reversed(rows) if cells["id"]}
    above = {cells["id"]: cells.get("parent", "") for _, cells in rows}
    seen: set[str] = set()
    for start in line:
        path: list[str] = []
        at = start
        while at in line and at not in seen:
            seen.add(at)
            path.append(at)
            at = above[at]
        if at in path:
            circle = path[path.index(at) :]
            first = min(circle, key=lambda id: line[id])
            turned = circle[circle.index(first) :] + circle[: circle.index(first)]
            yield line[first], f"các đơn vị trực thuộc lẫn nhau thành vòng: {' → '.join([*turned, first])}"
