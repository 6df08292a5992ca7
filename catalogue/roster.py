"""The office's list of units, as a clerk keeps it (csv, xlsx) → an Office, or every fault at once with its line."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from catalogue import listing
from catalogue.listing import Columns, Found, Row
from catalogue.office import Office, Unit

EXAMPLE = Path(__file__).parent / "data" / "example" / "units.csv"
COLUMNS = Columns(
    headings={
        "id": ("id", "ma", "ma don vi", "ma dv"),
        "name": ("name", "ten", "ten don vi", "don vi", "ten day du"),
        "type": ("type", "loai", "loai don vi", "nhom"),
        "parent": ("parent", "thuoc", "truc thuoc", "cap tren", "don vi cap tren", "don vi chu quan"),
        "abbreviations": ("abbreviations", "viet tat", "ten viet tat", "ten khac", "ten goi khac"),
        "basis": ("basis", "can cu", "nguon", "ghi chu"),
        "number": ("stt", "tt", "so tt"),  # of no use
    },
    required={"id": "id (mã)", "name": "name (tên)", "type": "type (loại)"},
    known_by=frozenset({"id", "name"}),
    rows="đơn vị",
)
LONGEST = {"id": 32, "name": 200, "type": 64}


def example() -> Office:
    """An office of 54 units for the demonstration: names by pattern, not facts."""
    return read(EXAMPLE.name, EXAMPLE.read_bytes())


def read(name: str, data: bytes) -> Office:
    """The file's name tells csv from xlsx. Raises load.Faults with all that is wrong, in the order of the lines."""
    rows = listing.read(name, data, COLUMNS)
    listing.refuse(name, _faults(rows))
    return Office(_unit(cells) for _, cells in rows)


def _unit(cells: Mapping[str, str]) -> Unit:
    abbreviations = (short.strip() for short in re.split(r"[;,|\n]", cells["abbreviations"]))
    short = tuple(dict.fromkeys(filter(None, abbreviations)))
    return Unit(cells["id"], cells["name"], cells["type"], cells["parent"], short, cells["basis"])


# What can be wrong with the rows.


def _faults(rows: Sequence[Row]) -> Found:
    yield from listing.malformed(rows, COLUMNS, LONGEST)
    yield from _odd_ids(rows)
    yield from listing.twice(rows, ("id",), "mã “{}” đã dùng ở dòng {}")
    yield from listing.twice(rows, ("name", "parent"), "tên “{}” đã dùng ở dòng {} cho đơn vị cùng cấp trên")
    yield from _orphans(rows)
    yield from _cycles(rows)


def _odd_ids(rows: Iterable[Row]) -> Found:
    for line, cells in rows:
        if cells["id"] and not re.fullmatch(r"[A-Za-z0-9][\w.-]*", cells["id"], re.ASCII):
            yield line, f"mã “{cells['id']}” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối, gạch dưới"


def _orphans(rows: Sequence[Row]) -> Found:
    """One id may stand above units without being one of them: the department's. Where a unit has nothing above it,
    the department has no id; else it is the one named most often."""
    ids = {cells["id"] for _, cells in rows}
    strange = [(line, cells["parent"]) for line, cells in rows if cells["parent"] not in ids]
    if not strange:
        return
    times = Counter(parent for _, parent in strange)
    department = max(times, key=lambda parent: (parent == "", times[parent]))
    for line, parent in strange:
        if parent != department:
            near = get_close_matches(parent, ids)
            yield line, f"không có đơn vị cấp trên “{parent}”" + (f"; có phải là {near[0]}?" if near else "")


def _cycles(rows: Sequence[Row]) -> Found:
    """Each circle once, at its first line."""
    line = {cells["id"]: at for at, cells in reversed(rows) if cells["id"]}
    above = {cells["id"]: cells["parent"] for _, cells in rows}
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
