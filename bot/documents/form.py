"""What a worksheet looks like, and what its cells accept: columns, frames, locks, lists to choose from."""

from typing import TYPE_CHECKING, Any

from bot.documents.cells import most_lines
from bot.words import Words
from catalogue.standing import Standing

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = {
    "codes": "B",
    "name": "C",
    "target": "D",
    "counting": "E",
    "numerator": "F",
    "denominator": "G",
    "share": "H",
    "state": "I",
    "as_of": "J",
    "reason": "K",
    "evidence": "L",
    "sent": "M",
}
"""What stands in which column; the hidden first one holds the mark and the measures' codes."""
WIDTHS = (11, 30, 21, 42, 9, 9, 11, 15, 12, 22, 20, 24)
LINE = 14.5  # points that a line of text is high
HEAD, FIRST, LAST = 5, 6, 400  # rows: the column heads, the first measure, as far as anybody may have moved one
GREY, WHITE, HEADED = "FFF0F0F0", "FFFFFFFF", "FFDCE6F1"
STATES = {"na": "answer_as.na", "no_data_yet": "answer_as.no_data_yet", "not_applicable": "answer_as.not_applicable"}


def unlock(cell: Any) -> None:
    from openpyxl.styles import Protection

    cell.protection = Protection(locked=False)


def dress(sheet: "Worksheet", last: int) -> None:
    """Widths, frames, what is locked in grey; one landscape page wide."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    line = Side("thin", "FF999999")
    sheet.column_dimensions["A"].hidden = True
    for letter, width in zip(COLUMNS.values(), WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=HEAD, max_row=last, min_col=2, max_col=len(COLUMNS) + 1):
        for cell in row:
            head = cell.row == HEAD
            colour = HEADED if head else GREY if cell.protection.locked else WHITE
            cell.fill, cell.border = PatternFill("solid", colour), Border(line, line, line, line)
            cell.font = Font("Times New Roman", 11, bold=head)
            cell.alignment = Alignment("center" if head else None, "center" if head else "top", wrap_text=True)
    for row, height in ((1, 22), (2, 18), (3, 34)):
        sheet.merge_cells(f"B{row}:M{row}")
        sheet.row_dimensions[row].height = height
        sheet[f"B{row}"].font = Font("Times New Roman", 14 if row == 1 else 11, bold=row < 3)
        sheet[f"B{row}"].alignment = Alignment(vertical="top", wrap_text=True)
    for number in range(HEAD, last + 1):
        sheet.row_dimensions[number].height = LINE * max(most_lines(_texts(sheet, number), WIDTHS), 2) + 4
    sheet.freeze_panes = f"D{FIRST}"
    _set_up(sheet)


def _texts(sheet: "Worksheet", number: int) -> list[str]:
    return [str(sheet[f"{letter}{number}"].value or "") for letter in COLUMNS.values()]


def _set_up(sheet: "Worksheet") -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.5)  # inches
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # allowed, that is
    sheet.protection.selectLockedCells = False


def offer_choices(sheet: "Worksheet", one: Standing, words: Words) -> None:
    """What may stand in a cell, told by the program in which it is filled."""
    for number, code in enumerate(one.measures, start=FIRST):
        measure = one.measure(code)
        states = [kind for kind in STATES if kind != "na" or measure.kps != "forbidden"]
        listed = [words(STATES[kind], {}) for kind in states]
        _validate(sheet, f"I{number}", words, type="list", formula1=f'"{",".join(listed)}"')
        if measure.kind == "yes_no":
            pair = f"{words('answer_as.yes', {})},{words('answer_as.no', {})}"
            _validate(sheet, f"H{number}", words, type="list", formula1=f'"{pair}"')
        else:
            whole = {"type": "whole", "operator": "greaterThanOrEqual", "formula1": "0"}
            _validate(sheet, f"F{number}:G{number}", words, **whole)


def _validate(sheet: "Worksheet", cells: str, words: Words, **rule: Any) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    kind = "sheet.choose" if rule["type"] == "list" else "sheet.whole_number"
    found = DataValidation(**rule, allow_blank=True, showErrorMessage=True, error=words(kind, {}))
    sheet.add_data_validation(found)
    found.add(cells)


def structure_locked() -> Any:
    from openpyxl.workbook.protection import WorkbookProtection

    return WorkbookProtection(lockStructure=True)
