"""Files as offices send them, made and spoilt: archives by their parts, workbooks by the rows of their sheets."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"


def archive(parts: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def spoilt(content: bytes, part: str, was: bytes, becomes: bytes) -> bytes:
    """The same file with other words in one of its parts."""
    sound = parts(content)
    assert was in sound[part]
    return archive({**sound, part: sound[part].replace(was, becomes)})


def workbook(*sheets: Iterable[Sequence[object]]) -> bytes:
    book = Workbook(write_only=True)
    for rows in sheets:
        sheet = book.create_sheet()
        for cells in rows:
            sheet.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
