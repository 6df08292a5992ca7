"""The pages of a docx: sizes and margins as Decree 30/2020/NĐ-CP has them, lines, columns, tables."""

from collections.abc import Sequence
from typing import Any

FONT, BODY, HEAD, TABLE = "Times New Roman", 14, 12, 11  # points
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15  # millimetres, as the decree has them


def begin(document: Any, author: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document.core_properties.author, document.core_properties.comments = author, ""
    style, page = document.styles["Normal"], document.sections[0]
    style.font.name, style.font.size = FONT, Pt(BODY)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(TOP), Mm(BOTTOM), Mm(LEFT), Mm(RIGHT)


def lying(document: Any) -> None:
    """The appendix begins on a page that lies on its side."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(20), Mm(15), Mm(17), Mm(17)


def line(
    to: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    centre: bool = False,
    indent: bool = False,
    size: int = BODY,
    before: int = 0,
    after: int = 0,
) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    empty = [one for one in to.paragraphs if not one.runs] if hasattr(to, "width") else []  # a new cell has one
    paragraph = empty[0] if empty else to.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    found = paragraph.paragraph_format
    found.space_before, found.space_after = Pt(before), Pt(after)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        paragraph.alignment, found.first_line_indent = WD_ALIGN_PARAGRAPH.JUSTIFY, Mm(10)
        found.line_spacing = 1.15
    return paragraph


def rule(to: Any, length: int = 24) -> None:
    """A thin line in the middle, so many signs long, below what it belongs to."""
    line(to, "_" * length, centre=True, size=4)


def two(document: Any, left: int, right: int) -> tuple[Any, Any]:
    """Two columns without frames, so many millimetres wide."""
    from docx.shared import Mm

    found = document.add_table(rows=1, cols=2)
    found.autofit = False
    for column, cell, width in zip(found.columns, found.rows[0].cells, (left, right), strict=True):
        column.width = cell.width = Mm(width)
    one, other = found.rows[0].cells
    return one, other


def table(
    document: Any, rows: Sequence[tuple[Sequence[str], bool]], widths: Sequence[int], centred: Sequence[int]
) -> None:
    """The first row is repeated on every page; a row of one cell goes right across."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    found = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    found.autofit = False
    for column, width in zip(found.columns, widths, strict=True):
        column.width = Mm(width)
    for number, (texts, bold) in enumerate(rows):
        row = found.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            head = OxmlElement("w:tblHeader")
            head.set(qn("w:val"), "true")
            properties.append(head)
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
        if len(texts) == 1:
            cells[0].merge(cells[-1])
        for at, text in enumerate(texts):
            line(cells[at], text, bold=bold, centre=number == 0 or (at in centred and len(texts) > 1), size=TABLE)
