"""Invitations to be printed and cut up: a card for each unit, with its code and the picture that leads to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from bot.dialogue.facts import Way
from bot.documents import letter, page
from bot.words import Words

MIME = letter.MIME
ACROSS, MARGIN, HIGH = 2, 12, 52  # cards side by side; millimetres around the page, and of a card's height
PICTURE, QUIET = 34, 4  # millimetres of the picture; modules around it, without which some phones don't see it
WIDTHS = (38, 55)  # millimetres of a card: its picture, its words


@dataclass(frozen=True)
class Card:
    unit: str
    code: str
    expires: datetime


def write(cards: Sequence[Card], ways: Sequence[Way], words: Words) -> bytes:
    """The first of the ways stands in the picture; with none to follow, the code itself."""
    from docx import Document  # heavy, and wanted here alone
    from docx.shared import Mm

    document, out = Document(), BytesIO()
    _set_up(document, words)
    table = document.add_table(rows=0, cols=ACROSS * 2)
    table.autofit = False
    for column, width in zip(table.columns, WIDTHS * ACROSS, strict=True):
        column.width = Mm(width)
    for first in range(0, len(cards), ACROSS):
        cells = _row(table)
        for place, card in enumerate(cards[first : first + ACROSS]):
            _draw(card, cells[place * 2], ways)
            _tell(card, cells[place * 2 + 1], ways, words)
            _cut_along(cells[place * 2], cells[place * 2 + 1])
    document.save(out)
    return out.getvalue()


def leads_to(code: str, ways: Sequence[Way]) -> str:
    """What the picture says."""
    return ways[0].to(code) if ways and ways[0].link else code


def picture(text: str) -> bytes:
    """A PNG that phones read."""
    import segno  # wanted for this alone

    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=QUIET)
    return out.getvalue()


def _set_up(document: Any, words: Words) -> None:
    from docx.shared import Mm

    page.begin(document, words("letter.office", {}))
    sheet = document.sections[0]
    sheet.top_margin = sheet.bottom_margin = sheet.left_margin = sheet.right_margin = Mm(MARGIN)
    sheet.header_distance = Mm(5)
    page.line(sheet.header, words("invite.head", {}), size=9)


def _row(table: Any) -> Any:
    """No card is cut in two by the end of a page."""
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    row = table.add_row()
    row.height, row.height_rule = Mm(HIGH), WD_ROW_HEIGHT_RULE.AT_LEAST
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, width in zip(row.cells, WIDTHS * ACROSS, strict=True):
        cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
    return row.cells


def _draw(card: Card, cell: Any, ways: Sequence[Way]) -> None:
    from docx.shared import Mm

    where = page.line(cell, "", centre=True)
    where.runs[0].add_picture(BytesIO(picture(leads_to(card.code, ways))), width=Mm(PICTURE))


def _tell(card: Card, cell: Any, ways: Sequence[Way], words: Words) -> None:
    page.line(cell, card.unit, bold=True, size=11)
    page.line(cell, card.code, bold=True, size=15, before=3, after=3)
    first, *others = ways or [Way("", "")]
    kind = "invite.scan" if first.carries else "invite.open" if first.link else "invite.send"
    others = others if first.link else list(ways)
    lines = [words(kind, {"way": first.called})]
    lines += [words("invite.elsewhere", {"ways": [way.called for way in others]})] if others else []
    lines += [words("invite.once", {"expires": card.expires.date().isoformat()})]
    for line in lines:
        page.line(cell, line, size=9)


def _cut_along(left: Any, right: Any) -> None:
    """A broken line around the two cells of a card, and none between them."""
    for cell, sides in ((left, ("top", "bottom", "left")), (right, ("top", "bottom", "right"))):
        _frame(cell, sides)


def _frame(cell: Any, sides: Sequence[str]) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    frame = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):  # in the order that the format asks for
        if side in sides:
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", "dashed"), ("sz", "4"), ("color", "999999")):
                line.set(qn(f"w:{name}"), value)
            frame.append(line)
    properties = cell._tc.get_or_add_tcPr()
    properties.insert_element_before(frame, "w:shd", "w:noWrap", "w:tcMar", "w:vAlign")
