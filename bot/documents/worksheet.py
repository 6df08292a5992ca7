"""A unit's own worksheet: what it owes and has reported, protected but for the cells to fill."""

from datetime import date
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from bot.dialogue import card, coded
from bot.documents import seal
from bot.words import Words
from catalogue.model import Measure
from catalogue.standing import Reported, Standing

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
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GREY, WHITE, HEADED = "FFF0F0F0", "FFFFFFFF", "FFDCE6F1"
STATES = {"na": "answer_as.na", "no_data_yet": "answer_as.no_data_yet", "not_applicable": "answer_as.not_applicable"}


def write(one: Standing, campaign: int, evaluation: date, words: Words, key: str) -> bytes:
    """The xlsx. What is appraised already is locked; an empty cell is no answer."""
    from openpyxl import Workbook  # heavy, and wanted here alone

    book = Workbook()
    sheet = book.active
    sheet.title = words("sheet.title", {})
    sheet["A1"] = seal.sign((campaign, one.unit, max((said.id for said in one.reported.values()), default=0)), key)
    facts = {"unit": one.unit_name, "year": evaluation.year, "deadline": one.deadline.isoformat()}
    for row, kind in enumerate(("sheet.heading", "sheet.whose", "sheet.how"), start=1):
        _write(sheet, f"B{row}", words(kind, facts))
    _write_heads(sheet, words)
    for number, code in enumerate(one.measures, start=FIRST):
        sheet[f"A{number}"] = code
        _write_row(sheet, number, one, code, words)
    _dress(sheet, FIRST + len(one.measures) - 1)
    _choices(sheet, one, words)
    book.security = _structure_locked()
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: "Worksheet", at: str, text: str) -> None:
    """Text that stays text, whatever it begins with."""
    cell = sheet[at]
    cell.value, cell.data_type = text, "s"
    cell.quotePrefix = text[:1] in "=+-@\t\r"


def _write_heads(sheet: "Worksheet", words: Words) -> None:
    heads = (
        *("sheet.head_codes", "sheet.head_name", "sheet.head_target", "sheet.head_counting", "sheet.head_numerator"),
        *("sheet.head_denominator", "sheet.head_share", "sheet.head_state", "sheet.head_as_of", "sheet.head_reason"),
        *("sheet.head_evidence", "sheet.head_sent"),
    )
    for letter, kind in zip(COLUMNS.values(), heads, strict=True):
        _write(sheet, f"{letter}{HEAD}", words(kind, {}))


def _write_row(sheet: "Worksheet", number: int, one: Standing, code: str, words: Words) -> None:
    measure, said = one.measure(code), one.reported.get(code)
    rows = one.judged(code)
    targets = [f"{row.code}: {row.target.raw if row.target else ''} {row.unit}" for row in rows]
    texts = {"codes": "\n".join(row.code for row in rows), "target": "\n".join(targets)}
    texts |= {"name": measure.name if len(rows) > 1 or rows[0].parent else rows[0].title}
    texts |= {"counting": _counting(measure, words), "sent": _sent(one, code, words)}
    for name, text in texts.items():
        _write(sheet, f"{COLUMNS[name]}{number}", text)
    for name in ("numerator", "denominator", "share", "state", "as_of", "reason", "evidence"):
        cell = sheet[f"{COLUMNS[name]}{number}"]
        cell.number_format = _FORMATS[name]
        if _open(name, measure, said):
            from openpyxl.styles import Protection

            cell.protection = Protection(locked=False)
    _prefill(sheet, number, one, code, words)


_FORMATS = {
    "numerator": "#,##0",
    "denominator": "#,##0",
    "share": "@",  # kept as typed, "75,5%", and read as in chat
    "state": "@",
    "as_of": "dd/mm/yyyy",
    "reason": "@",
    "evidence": "@",
}


def _counting(measure: Measure, words: Words) -> str:
    if measure.kind == "yes_no":
        return words("sheet.counting_yes_no", {"numerator": measure.numerator})
    return words("sheet.counting", {"numerator": measure.numerator, "denominator": measure.denominator})


def _sent(one: Standing, code: str, words: Words) -> str:
    """What stands there now, and how far its appraisal is."""
    said = one.reported.get(code)
    if said is None:
        return words("sheet.nothing_sent", {})
    facts = {"was": card.written(said.answer), "as_of": said.as_of.isoformat(), "reason": said.reason}
    return words(_SENT[said.stage], facts)


_SENT = {"waiting": "sheet.sent_waiting", "returned": "sheet.sent_returned", "accepted": "sheet.sent_accepted"}


def _open(name: str, measure: Measure, said: Reported | None) -> bool:
    if said and said.stage == "accepted":
        return False
    return measure.kind != "yes_no" or name not in ("numerator", "denominator")


def _prefill(sheet: "Worksheet", number: int, one: Standing, code: str, words: Words) -> None:
    said = one.reported.get(code)
    if said is None:
        return
    answer, at = said.answer, {name: f"{letter}{number}" for name, letter in COLUMNS.items()}
    if answer.numerator is not None:
        sheet[at["numerator"]], sheet[at["denominator"]] = answer.numerator, answer.denominator
    elif answer.kind in STATES:
        _write(sheet, at["state"], words(STATES[answer.kind], {}))
    elif answer.percent is not None:
        _write(sheet, at["share"], coded.write(answer).replace(".", ","))
    else:
        _write(sheet, at["share"], words("answer_as.yes" if answer.kind == "met" else "answer_as.no", {}))
    if reason := one.explained.get(code):
        _write(sheet, at["reason"], reason)


def _dress(sheet: "Worksheet", last: int) -> None:
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
        sheet.row_dimensions[number].height = LINE * max(_lines(sheet, number), 2) + 4
    sheet.freeze_panes = f"D{FIRST}"
    _set_up(sheet)


def _lines(sheet: "Worksheet", number: int) -> int:
    """How many lines the fullest cell of a row takes: not every program works that out when it opens a file."""
    pairs = zip(COLUMNS.values(), WIDTHS, strict=True)
    return max(lines_of(str(sheet[f"{letter}{number}"].value or ""), width) for letter, width in pairs)


def lines_of(text: str, width: int) -> int:
    """Lines that a text takes in a cell so many signs wide, at most one word too many."""
    return sum(max(ceil(len(line) * 0.95 / width), 1) for line in text.split("\n"))


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


def _choices(sheet: "Worksheet", one: Standing, words: Words) -> None:
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


def _structure_locked() -> Any:
    from openpyxl.workbook.protection import WorkbookProtection

    return WorkbookProtection(lockStructure=True)
