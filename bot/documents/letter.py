"""The table as a document to be signed, laid out as administrative documents are (Decree 30/2020/NĐ-CP)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from bot.documents import table
from bot.words import Words
from catalogue.model import Catalogue
from catalogue.standing import Standing

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT, BODY, HEAD, TABLE = "Times New Roman", 14, 12, 11  # points
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15  # millimetres, as the decree has them
WIDTHS = (11, 58, 14, 22, 31, 31, 34, 22, 40)  # millimetres of the appendix's columns, on A4 lying
LISTED = 300  # units that a document names; more are in the workbook


@dataclass(frozen=True)
class Sender:
    """Who signs: the body above, the body itself, and as what its head signs."""

    above: str
    name: str
    head: str


def of_unit(one: Standing, year: int, today: date, above: str, words: Words) -> bytes:
    """One unit's results, for its head to sign and to send to the office that evaluates."""
    counts = table.counted(one)
    facts = {"unit": one.unit_name, "year": year, "decision": one.catalogue.decision}
    facts |= {"all": counts.all, "answered": counts.answered, "met": counts.met, "short": counts.short}
    body = [words(kind, facts) for kind in ("letter.body_unit", "letter.body_counts", "letter.body_end")]
    sender = Sender(above, one.unit_name, words("letter.head_of_unit", {}))
    to, copies = words("letter.to_evaluator", {}), [words("letter.copy_above", {}), words("letter.copy_file", {})]
    made = _Letter(sender, words("letter.subject_unit", facts), to, body, copies, today, words)
    return made.write(table.of_unit(one, words), one.catalogue, year, ())


def of_office(catalogue: Catalogue, standings: Mapping[str, Standing], year: int, today: date, words: Words) -> bytes:
    """The whole office's results, for its director to sign."""
    parts = table.of_office(catalogue, standings, words)
    verdicts = [row.verdict for part in parts for row in part.rows if row.indicator.measure]
    met, short = (verdicts.count(words(kind, {})) for kind in ("table.met", "table.short"))
    facts = {"year": year, "decision": catalogue.decision, "all": len(verdicts), "met": met, "short": short}
    facts |= {"units": len(standings), "complete": sum(one.complete for one in standings.values())}
    body = [words(kind, facts) for kind in ("letter.body_office", "letter.body_office_counts", "letter.body_end")]
    sender = Sender(words("letter.parent", {}), words("letter.office", {}), words("letter.director", {}))
    copies = [words(kind, {}) for kind in ("letter.copy_board", "letter.copy_units", "letter.copy_file_office")]
    made = _Letter(
        sender, words("letter.subject_office", facts), words("letter.to_nobody", {}), body, copies, today, words
    )
    return made.write(parts, catalogue, year, tuple(standings.values()))


@dataclass(frozen=True)
class _Letter:
    sender: Sender
    subject: str
    to: str
    body: Sequence[str]
    copies: Sequence[str]
    today: date
    words: Words

    def write(self, parts: Iterable[table.Part], catalogue: Catalogue, year: int, units: Sequence[Standing]) -> bytes:
        from docx import Document  # heavy, and wanted here alone

        document, out = Document(), BytesIO()
        _begin(document)
        self._head(document)
        _line(document, self.words("letter.report", {}), bold=True, centre=True, size=14, before=14)
        _line(document, self.subject, bold=True, centre=True, size=14, after=2)
        _rule(document)
        if self.to:
            _line(document, self.to, centre=True, before=10, after=8)
        for text in self.body:
            _line(document, text, indent=True, after=6)
        self._sign(document)
        _lying(document)
        self._appendix(document, parts, catalogue, year)
        if units:
            self._units(document, units)
        document.save(out)
        return out.getvalue()

    def _head(self, document: Any) -> None:
        """Who issues it on the left; the state's name and motto, place and day on the right."""
        words, day = self.words, self.today
        left, right = _two(document, 68, 97)
        if self.sender.above:
            _line(left, self.sender.above.upper(), centre=True, size=HEAD)
        _line(left, self.sender.name.upper(), bold=True, centre=True, size=HEAD)
        _rule(left, 16)
        _line(left, words("letter.number", {}), centre=True, before=6)
        _line(right, words("letter.state", {}), bold=True, centre=True, size=HEAD)
        _line(right, words("letter.motto", {}), bold=True, centre=True)
        _rule(right, 40)
        dated = {"day": f"{day.day:02}", "month": f"{day.month:02}" if day.month < 3 else day.month, "year": day.year}
        _line(right, words("letter.dated", dated), italic=True, centre=True, before=6)

    def _sign(self, document: Any) -> None:
        """Who gets it on the left, who signs on the right."""
        _line(document, "", size=10)
        left, right = _two(document, 85, 80)
        _line(left, self.words("letter.copies", {}), bold=True, italic=True, size=12)
        for copy in self.copies:
            _line(left, copy, size=11)
        _line(right, self.sender.head.upper(), bold=True, centre=True, size=14, after=70)
        _line(right, self.words("letter.signature", {}), centre=True)

    def _appendix(self, document: Any, parts: Iterable[table.Part], catalogue: Catalogue, year: int) -> None:
        _line(document, self.words("letter.appendix", {}), bold=True, centre=True, size=14)
        _line(document, self.words("table.title", {"year": year}), bold=True, centre=True)
        _line(document, self.words("letter.with", {"sender": self.sender.name}), italic=True, centre=True, after=6)
        rows: list[tuple[Sequence[str], bool]] = [(table.heads(year, self.words), True)]
        for part in parts:
            rows.append(((f"{part.section.number}. {part.section.title}",), True))
            rows += [
                ((*row.printed, row.result, row.verdict, row.note), row.indicator.measure is None) for row in part.rows
            ]
        _table(document, rows, WIDTHS, (0, 2, 3, 7))

    def _units(self, document: Any, units: Sequence[Standing]) -> None:
        """How far each unit is: a line each."""
        _line(document, self.words("letter.units", {}), bold=True, centre=True, before=14, after=6)
        kinds = ("table.head_printed", "letter.unit", "letter.unit_all", "letter.unit_answered")
        heads = [self.words(kind, {}) for kind in (*kinds, "letter.unit_met", "letter.unit_short")]
        rows: list[tuple[Sequence[str], bool]] = [(heads, True)]
        for number, one in enumerate(units[:LISTED], start=1):
            counts = table.counted(one)
            figures = (counts.all, counts.answered, counts.met, counts.short)
            rows.append(((f"{number}", one.unit_name, *map(str, figures)), False))
        _table(document, rows, (12, 130, 30, 30, 30, 30), (0, 2, 3, 4, 5))
        if len(units) > LISTED:
            _line(document, self.words("letter.more_units", {"n": len(units) - LISTED}), italic=True, before=4)


def _begin(document: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    style, page = document.styles["Normal"], document.sections[0]
    style.font.name, style.font.size = FONT, Pt(BODY)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(TOP), Mm(BOTTOM), Mm(LEFT), Mm(RIGHT)


def _lying(document: Any) -> None:
    """The appendix begins on a page that lies on its side."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(20), Mm(15), Mm(17), Mm(17)


def _line(
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

    unused = (
        hasattr(to, "paragraphs") and len(to.paragraphs) == 1 and not to.paragraphs[0].text and hasattr(to, "width")
    )
    paragraph = to.paragraphs[0] if unused and not to.paragraphs[0].runs else to.add_paragraph()
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


def _rule(to: Any, length: int = 24) -> None:
    """A thin line in the middle, so many signs long, below what it belongs to."""
    _line(to, "_" * length, centre=True, size=4)


def _two(document: Any, left: int, right: int) -> tuple[Any, Any]:
    """Two columns without frames, so many millimetres wide."""
    from docx.shared import Mm

    found = document.add_table(rows=1, cols=2)
    found.autofit = False
    for column, cell, width in zip(found.columns, found.rows[0].cells, (left, right), strict=True):
        column.width = cell.width = Mm(width)
    one, other = found.rows[0].cells
    return one, other


def _table(
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
            _line(cells[at], text, bold=bold, centre=number == 0 or (at in centred and len(texts) > 1), size=TABLE)
