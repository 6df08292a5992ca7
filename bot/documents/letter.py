"""The table as a document to be signed, laid out as administrative documents are (Decree 30/2020/NĐ-CP)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from bot.documents import page, table
from bot.words import Words
from catalogue.model import Catalogue
from catalogue.standing import Standing

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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
        page.begin(document, self.sender.name)
        self._head(document)
        page.line(document, self.words("letter.report", {}), bold=True, centre=True, size=14, before=14)
        page.line(document, self.subject, bold=True, centre=True, size=14, after=2)
        page.rule(document)
        if self.to:
            page.line(document, self.to, centre=True, before=10, after=8)
        for text in self.body:
            page.line(document, text, indent=True, after=6)
        self._sign(document)
        page.lying(document)
        self._appendix(document, parts, catalogue, year)
        if units:
            self._units(document, units)
        document.save(out)
        return out.getvalue()

    def _head(self, document: Any) -> None:
        """Who issues it on the left; the state's name and motto, place and day on the right."""
        words, day = self.words, self.today
        left, right = page.two(document, 68, 97)
        if self.sender.above:
            page.line(left, self.sender.above.upper(), centre=True, size=page.HEAD)
        page.line(left, self.sender.name.upper(), bold=True, centre=True, size=page.HEAD)
        page.rule(left, 16)
        page.line(left, words("letter.number", {}), centre=True, before=6)
        page.line(right, words("letter.state", {}), bold=True, centre=True, size=page.HEAD)
        page.line(right, words("letter.motto", {}), bold=True, centre=True)
        page.rule(right, 40)
        dated = {"day": f"{day.day:02}", "month": f"{day.month:02}" if day.month < 3 else day.month, "year": day.year}
        page.line(right, words("letter.dated", dated), italic=True, centre=True, before=6)

    def _sign(self, document: Any) -> None:
        """Who gets it on the left, who signs on the right."""
        page.line(document, "", size=10)
        left, right = page.two(document, 85, 80)
        page.line(left, self.words("letter.copies", {}), bold=True, italic=True, size=12)
        for copy in self.copies:
            page.line(left, copy, size=11)
        page.line(right, self.sender.head.upper(), bold=True, centre=True, size=14, after=70)
        page.line(right, self.words("letter.signature", {}), centre=True)

    def _appendix(self, document: Any, parts: Iterable[table.Part], catalogue: Catalogue, year: int) -> None:
        page.line(document, self.words("letter.appendix", {}), bold=True, centre=True, size=14)
        page.line(document, self.words("table.title", {"year": year}), bold=True, centre=True)
        page.line(document, self.words("letter.with", {"sender": self.sender.name}), italic=True, centre=True, after=6)
        rows: list[tuple[Sequence[str], bool]] = [(table.heads(year, self.words), True)]
        for part in parts:
            rows.append(((f"{part.section.number}. {part.section.title}",), True))
            rows += [
                ((*row.printed, row.result, row.verdict, row.note), row.indicator.measure is None) for row in part.rows
            ]
        page.table(document, rows, WIDTHS, (0, 2, 3, 7))

    def _units(self, document: Any, units: Sequence[Standing]) -> None:
        """How far each unit is: a line each."""
        page.line(document, self.words("letter.units", {}), bold=True, centre=True, before=14, after=6)
        kinds = ("table.head_printed", "letter.unit", "letter.unit_all", "letter.unit_answered")
        heads = [self.words(kind, {}) for kind in (*kinds, "letter.unit_met", "letter.unit_short")]
        rows: list[tuple[Sequence[str], bool]] = [(heads, True)]
        for number, one in enumerate(units[:LISTED], start=1):
            counts = table.counted(one)
            figures = (counts.all, counts.answered, counts.met, counts.short)
            rows.append(((f"{number}", one.unit_name, *map(str, figures)), False))
        page.table(document, rows, (12, 130, 30, 30, 30, 30), (0, 2, 3, 4, 5))
        if len(units) > LISTED:
            page.line(document, self.words("letter.more_units", {"n": len(units) - LISTED}), italic=True, before=4)
