"""One unit with the history of its figures; one indicator across units with the pooled figure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from bot.boardroom import matrix, told
from bot.boardroom.look import Look, cut, page_of
from bot.dialogue.turn import Paper
from bot.ledger import Line
from bot.web.board.ports import PER_PAGE, Entry, Figure, Pooled, RowCard, RowUnit, UnitCard, Wanted
from catalogue import shortfall, target
from catalogue.model import Answer, Indicator
from catalogue.standing import Standing
from storage import people, reports

Link = Callable[[Paper], str]
FATE = {reports.ACCEPTED: "board.accepted", reports.RETURNED: "board.returned", reports.AGREED: "board.agreed"}
OUTCOMES = {"met": "option.met", "short": "option.short"}
FATE |= {reports.CONTESTED: "board.contested", reports.AFFIRMED: "board.affirmed"}


def unit(look: Look, id: str, link: Link) -> UnitCard | None:
    line = look.lines.get(id)
    if line is None:
        return None
    one = look.standings([id])[id]
    row = matrix.unit_row(look, line, one, next(iter(people.serving(look.tx, "focal", units=[id])), None))
    of = look.office[id]
    kind = look.catalogue.unit_types.get(of.type, of.type)
    said = reports.told_by(look.tx, look.book.row.id, id)
    decided = reports.verdicts(look.tx, [row.id for rows in said.values() for row in rows])
    past = {code: entries(look, rows, decided) for code, rows in said.items()}
    figures = tuple(
        figure(look, one, line, code, past.get(code, ()), link) for code in one.measures if look.sight.reads(code)
    )
    return UnitCard(look.head, row, kind, look.named(of.parent) if of.parent in look.office else "", figures)


def figure(look: Look, one: Standing, line: Line, code: str, past: tuple[Entry, ...], link: Link) -> Figure:
    judged = one.judged(code)
    places = [place for place, leaf in enumerate(look.catalogue.leaves) if leaf in judged]
    cells = [told.cell(look, one, line, place) for place in places]
    worst = min(cells, key=lambda cell: _GRAVE.index(cell.mark))
    said = one.reported.get(code)
    reason = said.reason if said and said.reopened else ""
    evidence = said.evidence if said else ""
    verdicts = tuple(filter(None, (told.verdict(look, one, row) for row in judged)))
    codes = tuple(row.code for row in judged)
    notes = (one.explained.get(code, ""), evidence, reason)
    files = look.proofs(one.unit, said.id, link) if said else ()
    return Figure(one.measure(code).name, codes, worst, verdicts, *notes, files, past)


_GRAVE = ("contested", "returned", "lost", "short", "open", "later", "judged", "met", "none", "off")
"""Of several rows that one figure decides, the one that most wants attention is shown."""


def entries(look: Look, rows: Sequence[Row[Any]], decided: Mapping[int, Sequence[Row[Any]]]) -> tuple[Entry, ...]:
    """What was said and decided, newest first."""
    found = []
    for row in rows:
        answer = told.written(look, reports.as_answer(row), bool(row.on_behalf))
        found.append(Entry(row.given, row.by_name, answer, row.verbatim, row.as_of))
        for fate in decided.get(row.id, ()):
            what = look.words(FATE[fate.verdict], {})
            if fate.outcome:
                what += f": {look.words(OUTCOMES[fate.outcome], {}).lower()}"
            found.append(Entry(fate.given, fate.by_name, what, fate.reason or ""))
    return tuple(sorted(found, key=lambda entry: entry.at, reverse=True))


def indicator(look: Look, code: str, wanted: Wanted) -> RowCard | None:
    row = look.catalogue.by_code.get(code)
    if row is None or row.measure is None or not look.sight.reads(row.measure):
        return None
    at = look.catalogue.leaves.index(row)
    asked = [line for line in matrix.ordered(look, wanted) if line.marks[at] != "off"]
    if not asked:
        return None
    graver = sorted(asked, key=lambda line: _GRAVE.index(line.marks[at])) if wanted.order == "risk" else asked
    place = page_of(wanted.page, len(graver), PER_PAGE)
    measure = look.catalogue.measures[row.measure]
    section = next(part for part in look.catalogue.sections if part.number == row.section)
    about = (measure.numerator, measure.denominator, measure.note, section.legal_basis)
    whole, here = look.sight.units is None, graver[cut(place, PER_PAGE)]
    rows = tuple(row_units(look, row, at, here))
    return RowCard(look.head, told.column(row), *about, whole, pool(look, row, asked), rows, place)


def row_units(look: Look, row: Indicator, at: int, lines: list[Line]) -> Iterator[RowUnit]:
    stands = look.standings([line.unit for line in lines])
    for line in lines:
        one = stands[line.unit]
        why = one.explained.get(row.measure or "", "")
        cell = told.cell(look, one, line, at)
        yield RowUnit(line.unit, look.named(line.unit), cell, told.verdict(look, one, row), why)


def pool(look: Look, row: Indicator, asked: list[Line]) -> Pooled:
    """Σ tử / Σ mẫu of those who have counted; never a mean."""
    units = {line.unit for line in asked}
    said = reports.answers(look.tx, look.book.row.id, row.measure or "")
    answers = [answer for unit, answer in said.items() if unit in units]
    sums = shortfall.pool(answers)
    counted = sum(answer.numerator is not None for answer in answers)
    if not sums.denominator:
        return Pooled("", "", len(asked), counted, sums.left_out)
    whole = Answer.fraction(sums.numerator, sums.denominator)
    found = target.judge_answer(whole, row, look.catalogue.measures[row.measure or ""])
    verdict = found.outcome if found else "none"
    return Pooled(told.written(look, whole), verdict, len(asked), counted, sums.left_out)
