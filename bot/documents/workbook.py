"""The table as xlsx: the appendix's own shape first, and for the whole office every unit row by row behind it."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.documents import table
from bot.documents.cells import BEGINS_A_FORMULA, keep_as_text, most_lines
from bot.words import Words
from catalogue.model import Catalogue
from catalogue.standing import Standing

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (6, 52, 8, 13, 22, 22, 22, 14, 40)
LINE = 15.5  # points that a line of text is high
CENTRED = (0, 2, 3, 7)  # columns


def of_unit(one: Standing, year: int, words: Words) -> bytes:
    facts = {"unit": one.unit_name, "year": year}
    titles = [words("table.title", facts), words("table.of_unit", facts)]
    return _book([_shaped(table.of_unit(one, words), titles, one.catalogue, year, words)], words)


def of_office(catalogue: Catalogue, standings: Mapping[str, Standing], year: int, words: Words) -> bytes:
    titles = [words("table.title", {"year": year}), words("table.of_office", {"n": len(standings)})]
    shaped = _shaped(table.of_office(catalogue, standings, words), titles, catalogue, year, words)
    return _book([shaped, _long(standings.values(), words)], words)


Drawn = tuple[
    str, tuple[int, ...], list[tuple[float | None, list[Any]]] | Iterator[tuple[float | None, list[Any]]], int
]
"""A page: its title, its widths, its rows with their heights, and how many of them stand above the table."""


def _book(pages: Iterable[Drawn], words: Words) -> bytes:
    from openpyxl import Workbook  # heavy, and wanted here alone

    book, out = Workbook(write_only=True), BytesIO()
    book.properties.creator = words("letter.office", {})
    for title, widths, rows, above in pages:
        sheet = book.create_sheet(title)
        _lay_out(sheet, widths, above)
        number = 1
        for number, (height, cells) in enumerate(rows, start=1):
            if height:
                sheet.row_dimensions[number].height = height
            if cells and "across" in getattr(cells[0], "look", ""):
                sheet.merged_cells.add(f"A{number}:{_letter(len(cells))}{number}")
            sheet.append([_drawn(sheet, cell) for cell in cells])
        if above == 1:
            sheet.auto_filter.ref = f"A1:{_letter(len(widths))}{number}"
    book.save(out)
    return out.getvalue()


def _letter(column: int) -> str:
    return "ABCDEFGHIJKLMN"[column - 1]


def _lay_out(sheet: "Worksheet", widths: tuple[int, ...], above: int) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[_letter(column)].width = width
    sheet.freeze_panes = f"A{above + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{above}:{above}"
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.6)  # inches


class Styled(str):
    """A text with how it looks: bold, centred, framed, heading."""

    look: str

    def __new__(cls, text: str, look: str) -> "Styled":
        made = super().__new__(cls, text)
        made.look = look
        return made


def _drawn(sheet: "Worksheet", text: Any) -> Any:
    """A text stays a text, whatever it begins with; numbers and plain texts need no cell of their own."""
    look = text.look if isinstance(text, Styled) else ""
    formula = isinstance(text, str) and text.startswith(BEGINS_A_FORMULA)
    if not look and not formula:
        return text
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    keep_as_text(cell, str(text))
    for name, value in _look(look).items():
        setattr(cell, name, value)
    return cell


_LOOKS: dict[str, dict[str, Any]] = {}


def _look(look: str) -> dict[str, Any]:
    """Made once for all cells that look so: "framed bold centre"."""
    if look not in _LOOKS:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        line, words = Side("thin", "FF808080"), set(look.split())
        size = 14 if "title" in words else 12
        made: dict[str, Any] = {"font": Font("Times New Roman", size, bold=bool({"bold", "title"} & words))}
        across = "center" if "centre" in words else None
        made["alignment"] = Alignment(across, "center", wrap_text="framed" in words)
        if "framed" in words:
            made["border"] = Border(line, line, line, line)
        if "head" in words:
            made["fill"] = PatternFill("solid", "FFDCE6F1")
        _LOOKS[look] = made
    return _LOOKS[look]


def _shaped(parts: Iterable[table.Part], titles: list[str], catalogue: Catalogue, year: int, words: Words) -> Drawn:
    """Sections, printed numbers and columns as in the appendix, and three columns more."""
    rows: list[tuple[float | None, list[Any]]] = [(20.0, [Styled(title, "title")]) for title in titles]
    rows += [(18.0, [Styled(words("table.basis", {"decision": catalogue.decision}), "plain")]), (None, [])]
    heads = [Styled(text, "framed bold centre head") for text in table.heads(year, words)]
    rows.append((_height(heads), list(heads)))
    for part in parts:
        title = f"{part.section.number}. {part.section.title}"
        rows.append(
            (_height([title], (sum(WIDTHS),)), [Styled(title, "framed bold across"), *[Styled("", "framed")] * 8])
        )
        rows += [_shaped_row(row) for row in part.rows]
    return words("table.page", {}), WIDTHS, rows, 5


def _shaped_row(row: table.Row) -> tuple[float | None, list[Any]]:
    texts = [*row.printed, row.result, row.verdict, row.note]
    bold = " bold" if row.indicator.measure is None else ""
    looks = [f"framed{bold}{' centre' if at in CENTRED else ''}" for at in range(len(texts))]
    return _height(texts), [Styled(text, look) for text, look in zip(texts, looks, strict=True)]


def _height(texts: Iterable[str], widths: tuple[int, ...] = WIDTHS) -> float:
    return LINE * most_lines(texts, widths) + 3


LONG = (12, 44, 12, 60, 14, 26, 18, 50)


def _long(stands: Iterable[Standing], words: Words) -> Drawn:
    """A row for each indicator of each unit, to be filtered and sorted."""
    named = ("table.long_unit", "table.long_name", "table.long_code", "table.head_name", "table.long_target")
    kinds = (*named, "table.head_result", "table.head_verdict", "table.head_note")
    head: list[Any] = [Styled(words(kind, {}), "framed bold centre head") for kind in kinds]

    def rows() -> Iterator[tuple[float | None, list[Any]]]:
        yield 20.0, head
        for one in stands:
            for part in table.of_unit(one, words):
                for row in part.rows:
                    if row.indicator.measure:
                        yield None, _long_row(one, row)

    return words("table.long_page", {}), LONG, rows(), 1


def _long_row(one: Standing, row: table.Row) -> list[Any]:
    found = row.indicator
    return [
        *(one.unit, one.unit_name, found.code, found.title, found.target.raw if found.target else ""),
        *(row.result, row.verdict, row.note),
    ]
