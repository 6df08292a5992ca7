"""A worksheet taken cell by cell: read as chat is read, refused by the same rules, told by the cell's address."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.dialogue import card, coded
from bot.dialogue.asking import short
from bot.dialogue.confirming import refusal
from bot.dialogue.drafts import Filled
from bot.dialogue.facts import Work
from bot.dialogue.several import standing_in
from bot.dialogue.sheet import Cell, Line, Sheet
from bot.dialogue.turn import Say
from catalogue import answer as reader
from catalogue import shortfall
from catalogue.answer import Ask, Awaiting, Context, Reading, Value
from catalogue.dates import as_of_named
from catalogue.model import Answer, Measure

REASON = 400  # characters


@dataclass
class Taking:
    """What becomes of a sheet: figures to take, lines to tell, how much is wrong, how much is as it was."""

    filled: list[Filled] = field(default_factory=list)
    told: list[Say] = field(default_factory=list)
    faults: int = 0
    same: int = 0

    def refuse(self, cell: Cell, why: str, **facts: object) -> None:
        self.faults += 1
        self.told.append(Say("sheet.cell", {"cell": cell.at, "why": {"kind": why, "facts": facts}}))


def take(sheet: Sheet, work: Work, today: date) -> Taking:
    """Every line of the sheet judged by the rules of chat; nothing that is newer than the sheet is touched."""
    taking, seen = Taking(), set[str]()
    for line in sheet.lines:
        if line.measure not in work.standing.measures:
            taking.refuse(line.numerator, "sheet.no_such_row", code=line.measure)
        elif line.measure in seen:
            taking.refuse(line.numerator, "sheet.row_twice")
        else:
            _take_line(line, sheet.seen, work, today, taking)
        seen.add(line.measure)
    return taking


def _take_line(line: Line, seen: int, work: Work, today: date, taking: Taking) -> None:
    measure = work.standing.measure(line.measure)
    if faulty := [cell for cell in (*line.figures, line.as_of, line.reason, line.evidence) if cell.fault]:
        for cell in faulty:
            taking.refuse(cell, cell.fault, text=short(cell.text))
        return
    if (found := _typed(line, taking)) is None:
        return
    cell, text = found
    awaiting = Awaiting.YES_NO if measure.kind == "yes_no" else Awaiting.VALUE
    reading = reader.read(text, awaiting, Context(work.standing.catalogue))
    if not isinstance(reading, Value) or reading.reference is not None:
        return taking.refuse(cell, _why(reading), **{**getattr(reading, "facts", {}), "text": short(text)})
    _take_answer(line, cell, measure, reading.answer, reading.doubts, seen, work, today, taking)


def _why(reading: Reading) -> str:
    """A question with choices can't be put cell by cell: it says instead what is to be entered."""
    why = getattr(reading, "why", "answer.unreadable")
    return _PUT_OTHERWISE.get(why, "sheet.unclear" if isinstance(reading, Ask) else why)


_PUT_OTHERWISE = {
    "answer.reversed": "sheet.reversed",
    "answer.mismatch": "sheet.mismatch",
    "answer.unreadable": "sheet.unclear",
}


def _typed(line: Line, taking: Taking) -> tuple[Cell, str] | None:
    """What the line says, as somebody would type it in chat, and the cell to name; None when it says nothing."""
    top, bottom, share, state = line.figures
    counted = [cell for cell in (top, bottom) if cell.text]
    if state.text and (counted or share.text):
        taking.refuse(state, "sheet.both", text=short(state.text))
    elif state.text:
        return state, state.text
    elif len(counted) == 1:
        taking.refuse(bottom if counted[0] is top else top, "sheet.half")
    elif counted:
        stated = f" ({share.text.rstrip('% ')}%)" if share.text else ""
        return top, f"{top.text}/{bottom.text}{stated}"
    elif share.text:
        return share, share.text
    elif line.reason.text or line.evidence.text or line.as_of.text:
        taking.refuse(top, "sheet.no_figure")
    return None


def _take_answer(
    line: Line,
    cell: Cell,
    measure: Measure,
    answer: Answer,
    doubts: tuple[str, ...],
    seen: int,
    work: Work,
    today: date,
    taking: Taking,
) -> None:
    before = work.standing.reported.get(line.measure)
    day = today if not line.as_of.text else as_of_named(f"đến {line.as_of.text}", today)
    if before and before.answer == answer and (not line.as_of.text or before.as_of == day):
        taking.same += before.stage != "returned"
        if before.stage == "returned":
            taking.refuse(cell, "sheet.still_returned", reason=before.reason)
    elif before and before.id > seen:
        was = {"was": card.written(before.answer), "by": before.by_name, "given": before.given.isoformat()}
        taking.refuse(cell, "sheet.newer", **was)
    elif refused := refusal(work, measure, answer, before):
        taking.refuse(cell, refused.kind, **refused.facts)
    elif day is None or day > today:
        taking.refuse(line.as_of, "sheet.no_such_day", text=short(line.as_of.text))
    else:
        at = (line.measure, coded.write(answer), standing_in(work, line.measure), day.isoformat())
        taking.filled.append(Filled(*at, _verbatim(line), line.reason.text[:REASON]))
        taking.told += list(_accepted(line, cell, measure, answer, doubts, work))


def _accepted(
    line: Line, cell: Cell, measure: Measure, answer: Answer, doubts: tuple[str, ...], work: Work
) -> Iterator[Say]:
    """The line read back, with what is odd about it."""
    rows = work.standing.judged(line.measure)
    missed = any(shortfall.assess(answer, row, measure) for row in rows)
    facts = {"codes": [row.code for row in rows], "name": measure.name, "was": card.written(answer)}
    yield Say("sheet.line_short" if missed else "sheet.line", facts)
    yield from (Say(doubt) for doubt in card.doubts(work, line.measure, answer, doubts))


def _verbatim(line: Line) -> str:
    """Every cell that was filled, by its address: what the book of changes keeps of it."""
    cells = (*line.figures, line.as_of, line.reason, line.evidence)
    return "; ".join(f"{cell.at}: {cell.text}" for cell in cells if cell.text)
