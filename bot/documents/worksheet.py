"""A unit's own worksheet: what it owes and has reported, protected but for the cells to fill."""

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from bot.dialogue import card, coded
from bot.documents import form, seal
from bot.documents.cells import keep_as_text
from bot.documents.form import COLUMNS, FIRST, HEAD, STATES
from bot.words import Words
from catalogue.model import Measure
from catalogue.standing import Reported, Standing

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(one: Standing, campaign: int, evaluation: date, words: Words, key: str) -> bytes:
    """The xlsx. What is appraised already is locked; an empty cell is no answer."""
    from openpyxl import Workbook  # heavy, and wanted here alone

    book = Workbook()
    book.properties.creator = words("letter.office", {})
    sheet = book.active
    sheet.title = words("sheet.title", {})
    sheet["A1"] = seal.sign((campaign, one.unit, max((said.id for said in one.reported.values()), default=0)), key)
    facts = {"unit": one.unit_name, "year": evaluation.year, "deadline": one.deadline.isoformat()}
    for row, kind in enumerate(("sheet.heading", "sheet.whose", "sheet.how"), start=1):
        keep_as_text(sheet[f"B{row}"], words(kind, facts))
    _write_heads(sheet, words)
    for number, code in enumerate(one.measures, start=FIRST):
        sheet[f"A{number}"] = code
        _write_row(sheet, number, one, code, words)
    form.dress(sheet, FIRST + len(one.measures) - 1)
    form.offer_choices(sheet, one, words)
    book.security = form.structure_locked()
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write_heads(sheet: "Worksheet", words: Words) -> None:
    heads = (
        *("sheet.head_codes", "sheet.head_name", "sheet.head_target", "sheet.head_counting", "sheet.head_numerator"),
        *("sheet.head_denominator", "sheet.head_share", "sheet.head_state", "sheet.head_as_of", "sheet.head_reason"),
        *("sheet.head_evidence", "sheet.head_sent"),
    )
    for letter, kind in zip(COLUMNS.values(), heads, strict=True):
        keep_as_text(sheet[f"{letter}{HEAD}"], words(kind, {}))


def _write_row(sheet: "Worksheet", number: int, one: Standing, code: str, words: Words) -> None:
    measure, said = one.measure(code), one.reported.get(code)
    rows = one.judged(code)
    targets = [f"{row.code}: {row.target.raw if row.target else ''} {row.unit}" for row in rows]
    texts = {"codes": "\n".join(row.code for row in rows), "target": "\n".join(targets)}
    texts |= {"name": measure.name if len(rows) > 1 or rows[0].parent else rows[0].title}
    texts |= {"counting": _counting(measure, words), "sent": _sent(one, code, words)}
    for name, text in texts.items():
        keep_as_text(sheet[f"{COLUMNS[name]}{number}"], text)
    for name in ("numerator", "denominator", "share", "state", "as_of", "reason", "evidence"):
        cell = sheet[f"{COLUMNS[name]}{number}"]
        cell.number_format = _FORMATS[name]
        if _open(name, measure, said):
            form.unlock(cell)
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


_SENT = {
    "waiting": "sheet.sent_waiting",
    "returned": "sheet.sent_returned",
    "contested": "sheet.sent_contested",
    "accepted": "sheet.sent_accepted",
}


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
        keep_as_text(sheet[at["state"]], words(STATES[answer.kind], {}))
    elif answer.percent is not None:
        keep_as_text(sheet[at["share"]], coded.write(answer).replace(".", ","))
    else:
        keep_as_text(sheet[at["share"]], words("answer_as.yes" if answer.kind == "met" else "answer_as.no", {}))
    if said.evidence:
        keep_as_text(sheet[at["evidence"]], said.evidence)
    if reason := one.explained.get(code):
        keep_as_text(sheet[at["reason"]], reason)
