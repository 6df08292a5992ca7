"""An appendix as it was received (txt, docx, xlsx) → its lines: paragraphs and rows of cells, nothing executed."""

import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from typing import Any

MEGABYTE = 1024 * 1024
LARGEST, LARGEST_UNPACKED, MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 10 * MEGABYTE, 40 * MEGABYTE, 1_000, 2_000, 30


class Refused(ValueError):
    """The file can't be read as an appendix; says why and what to do."""


@dataclass(frozen=True)
class Line:
    """A paragraph (one text) or a row of a table (`cells`); `first`: the row begins a table."""

    cells: tuple[str, ...]
    table: bool = False
    first: bool = False

    @property
    def text(self) -> str:
        return " ".join(filter(None, self.cells))


def lines(content: bytes, name: str) -> tuple[Line, ...]:
    """Of a file with that name; blank lines are left out. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(f"Tệp {name} lớn hơn {LARGEST // MEGABYTE} MB; đề nghị gửi riêng phụ lục.")
    reader = READERS.get(name.rpartition(".")[2].lower())
    if not reader:
        raise Refused(f"Không đọc được loại tệp {name}; đề nghị lưu thành txt, docx hoặc xlsx.")
    found = tuple(islice((line for line in reader(content, name) if line.text), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise Refused(f"Tệp {name} có quá {MOST_ROWS} dòng; đề nghị gửi riêng phụ lục.")
    return found


def tidy(text: str) -> str:
    """Composed letters, single spaces, nothing invisible; otherwise as printed."""
    printed = "".join(mark for mark in unicodedata.normalize("NFC", text) if unicodedata.category(mark) != "Cf")
    return " ".join("".join(mark if mark.isprintable() else " " for mark in printed).split())


def _plain(content: bytes, name: str) -> Iterator[Line]:
    """Cells between tabs, or between the bars of a text table."""
    text = _decoded(content, name)
    in_table = False
    for line in text.splitlines():
        bars = line.strip().startswith("|")
        cells = tuple(map(tidy, line.strip().strip("|").split("|") if bars else line.split("\t")))
        table = len(cells) > 1
        yield Line(cells[:MOST_COLUMNS], table, first=table and not in_table)
        in_table = table or (in_table and not any(cells))


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"Tệp {name} không phải chữ UTF-8; đề nghị lưu lại với mã UTF-8.") from None
    if "\0" in text:
        raise Refused(f"Tệp {name} không phải văn bản; đề nghị lưu thành txt, docx hoặc xlsx.")
    return text


def _word(content: bytes, name: str) -> Iterator[Line]:
    from docx import Document
    from docx.table import Table

    try:
        body = list(Document(unpackable(content, name)).iter_inner_content())
    except Refused:
        raise
    except Exception as error:  # python-docx lets through whatever its parsers raise
        raise _damaged(name) from error
    for part in body:
        if isinstance(part, Table):
            for at, row in enumerate(part.rows):
                yield Line(_unmerged(row.cells), table=True, first=at == 0)
        else:
            yield Line((tidy(part.text),))


def _unmerged(cells: Any) -> tuple[str, ...]:
    """A cell merged over several columns stands in the first of them."""
    shown: list[str] = []
    seen: set[int] = set()
    for cell in cells[:MOST_COLUMNS]:
        shown.append("" if id(cell._tc) in seen else tidy(cell.text))
        seen.add(id(cell._tc))
    return tuple(shown)


def _sheet(content: bytes, name: str) -> Iterator[Line]:
    """Every sheet. Of a formula only the value that was last shown is read."""
    try:
        with worksheets(content, name) as sheets:
            found = [*islice(chain.from_iterable(map(_rows, sheets)), MOST_ROWS + 1)]
    except Refused:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise _damaged(name) from error
    yield from found


@contextmanager
def worksheets(content: bytes, name: str) -> Iterator[Sequence[Any]]:
    """Of a workbook, to their last row: how far a sheet reaches by its own account need not be true.

    Raises Refused, or whatever the library trips over. Meanwhile it warns of nothing that other programs add.
    """
    from openpyxl import load_workbook  # heavy, and wanted for workbooks alone

    with warnings.catch_warnings(action="ignore"):
        book = load_workbook(unpackable(content, name), data_only=True, read_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
        yield book.worksheets
        book.close()


def _rows(sheet: Any) -> Iterator[Line]:
    """All that hold something."""
    in_table = False
    for row in sheet.iter_rows(max_col=MOST_COLUMNS):
        cells = tuple(_shown(cell) for cell in row)
        if not any(cells):
            continue
        table = sum(map(bool, cells)) > 1
        yield Line(cells if table else (" ".join(cells).strip(),), table, first=table and not in_table)
        in_table = table or in_table


def _shown(cell: Any) -> str:
    """As the sheet shows it: 0.75 in a percent format is "75%", 2.1 with two decimals is "2.10"."""
    value = cell.value
    if isinstance(value, datetime | date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else tidy(str(value))
    number = Decimal(str(value))
    if "%" in cell.number_format:
        return f"{_short(100 * number)}%"
    places = re.fullmatch(r"0\.(0+)", cell.number_format)
    return f"{number:.{len(places[1])}f}" if places else _short(number)


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"


def unpackable(content: bytes, name: str) -> BytesIO:
    """The same bytes, once it is known that they unpack to something of a sane size and no document type."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise Refused(f"Tệp {name} giải nén ra quá lớn; đề nghị gửi riêng phụ lục.")
            for part in parts:
                text = archive.read(part).replace(b"\0", b"") if part.filename.endswith((".xml", ".rels")) else b""
                if b"<!DOCTYPE" in text:  # in whichever Unicode it is
                    raise _damaged(name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _damaged(name) from error
    return BytesIO(content)


def _damaged(name: str) -> Refused:
    return Refused(f"Tệp {name} bị hỏng hoặc có mật khẩu; đề nghị mở, lưu lại rồi gửi lại.")


READERS = {"txt": _plain, "tsv": _plain, "md": _plain, "docx": _word, "xlsx": _sheet}
