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
from catalogue.standing import Reported

LONGEST = 400  # characters of a reason, of a document's number


@dataclass
class Taking:
    """What becomes of a sheet: figures to take, lines to tell, how much is wrong, how much is as it was.

    `seen`: the newest report when the sheet was made.
    """

    work: Work
    today: date
    seen: int
    filled: list[Filled] = field(default_factory=list)
    told: list[Say] = field(default_factory=list)
    faults: int = 0
    same: int = 0

    def refuse(self, cell: Cell, why: str, **facts: object) -> None:
        self.faults += 1
        self.told.append(Say("sheet.cell", {"cell": cell.at, "why": {"kind": why, "facts": facts}}))


def take(sheet: Sheet, work: Work, today: date) -> Taking:
    """Every line of the sheet judged by the rules of chat; nothing that is newer than the sheet is touched."""
    taking, met = Taking(work, today, sheet.seen), set[str]()
    for line in sheet.lines:
        if line.measure not in work.standing.measures:
            taking.refuse(line.numerator, "sheet.no_such_row", code=line.measure)
        elif line.measure in met:
            taking.refuse(line.numerator, "sheet.row_twice")
        else:
            _take_line(line, taking)
        met.add(line.measure)
    return taking


def _take_line(line: Line, taking: Taking) -> None:
    standing = taking.work.standing
    if faulty := [cell for cell in line.cells if cell.fault]:
        for cell in faulty:
            taking.refuse(cell, cell.fault, text=short(cell.text))
        return
    if (found := _typed(line, taking)) is None:
        return
    cell, text = found
    awaiting = Awaiting.YES_NO if standing.measure(line.measure).kind == "yes_no" else Awaiting.VALUE
    reading = reader.read(text, awaiting, Context(standing.catalogue))
    if isinstance(reading, Value) and reading.reference is None:
        _take_value(line, cell, reading, taking)
    else:
        taking.refuse(cell, _why(reading), **{**getattr(reading, "facts", {}), "text": short(text)})


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


def _take_value(line: Line, cell: Cell, value: Value, taking: Taking) -> None:
    work, today = taking.work, taking.today
    before, measure = work.standing.reported.get(line.measure), work.standing.measure(line.measure)
    day = today if not line.as_of.text else as_of_named(f"đến {line.as_of.text}", today)
    if before and _says_the_same(line, value, day, before, work):
        taking.same += not before.reopened
        if before.reopened:
            taking.refuse(cell, "sheet.still_returned", reason=before.reason)
    elif before and before.id > taking.seen:
        was = {"was": card.written(before.answer), "by": before.by_name, "given": before.given.isoformat()}
        taking.refuse(cell, "sheet.newer", **was)
    elif refused := refusal(work, measure, value.answer, before):
        taking.refuse(cell, refused.kind, **refused.facts)
    elif day is None or day > today:
        taking.refuse(line.as_of, "sheet.no_such_day", text=short(line.as_of.text))
    else:
        at = (line.measure, coded.write(value.answer), standing_in(work, line.measure), day.isoformat())
        taking.filled.append(Filled(*at, _verbatim(line), line.reason.text[:LONGEST], line.evidence.text[:LONGEST]))
        taking.told += list(_accepted(line, value, work))


def _says_the_same(line: Line, value: Value, day: date | None, before: Reported, work: Work) -> bool:
    """Whether every cell that is filled says what stands there already."""
    if before.answer != value.answer or (line.as_of.text and before.as_of != day):
        return False
    explained = work.standing.explained.get(line.measure, "")
    return line.reason.text in ("", explained) and line.evidence.text in ("", before.evidence)


def _accepted(line: Line, value: Value, work: Work) -> Iterator[Say]:
    """The line read back, with what is odd about it."""
    rows, measure = work.standing.judged(line.measure), work.standing.measure(line.measure)
    missed = any(shortfall.assess(value.answer, row, measure) for row in rows)
    facts = {"codes": [row.code for row in rows], "name": measure.name, "was": card.written(value.answer)}
    yield Say("sheet.line_short" if missed else "sheet.line", facts)
    yield from (Say(doubt) for doubt in card.doubts(work, line.measure, value.answer, value.doubts))


def _verbatim(line: Line) -> str:
    """Every cell that was filled, by its address: what the book of changes keeps of it."""
    return "; ".join(f"{cell.at}: {cell.text}" for cell in line.cells if cell.text)
