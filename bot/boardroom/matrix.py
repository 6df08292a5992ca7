"""Units × indicators: which units, in which order, and a page of them in full."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from bot import overview
from bot.boardroom import told
from bot.boardroom.look import Look, cut, page_of
from bot.ledger import Line
from bot.web.board.ports import PER_PAGE, Choice, Matrix, UnitRow, Wanted
from catalogue.standing import Standing
from catalogue.text import bare
from storage import people

STATES: Mapping[str, Callable[[Look, Line], bool]] = {
    "silent": lambda look, line: line.silent,
    "partial": lambda look, line: not line.silent and not line.complete,
    "complete": lambda look, line: line.complete,
    "short": lambda look, line: line.short > 0,
    "waiting": lambda look, line: line.waiting > 0,
    "returned": lambda look, line: line.returned > 0,
    "late": lambda look, line: line.late > 0,
    "promise": lambda look, line: line.unit in look.promised and not line.complete,
    "nobody": lambda look, line: line.unit not in look.served,
}


def show(look: Look, wanted: Wanted) -> Matrix:
    found = ordered(look, wanted)
    place = page_of(wanted.page, len(found), PER_PAGE)
    rows = unit_rows(look, found[cut(place, PER_PAGE)])
    columns = tuple(told.column(leaf) for leaf in look.catalogue.leaves)
    return Matrix(look.head, columns, tuple(rows), place, counts(look), look.types(), parents(look))


def ordered(look: Look, wanted: Wanted) -> list[Line]:
    """What is asked for; those that most want attention first, unless the office's own order is wanted."""
    found = [line for line in look.lines.values() if fits(look, line, wanted)]
    return sorted(found, key=lambda line: risk(look, line)) if wanted.order == "risk" else found


def risk(look: Look, line: Line) -> tuple[bool, bool, int]:
    """As in chat: a promise broken, then silence; then by how much is owed, short or returned."""
    return not look.broken(line), not line.silent, -(line.owed + line.short + line.returned)


def fits(look: Look, line: Line, wanted: Wanted) -> bool:
    unit = look.office[line.unit]
    if wanted.type and unit.type != wanted.type:
        return False
    if wanted.under and line.unit not in look.subtree(wanted.under):
        return False
    if wanted.state in STATES and not STATES[wanted.state](look, line):
        return False
    return not wanted.text or bare(wanted.text) in bare(f"{unit.name} {unit.id}")


def counts(look: Look) -> dict[str, int]:
    """How many of the visitor's units each state has."""
    lines = look.lines.values()
    return {"all": len(lines)} | {state: sum(is_so(look, one) for one in lines) for state, is_so in STATES.items()}


def parents(look: Look) -> tuple[Choice, ...]:
    """The units under which there are others that the visitor sees."""
    above = dict.fromkeys(look.office[id].parent for id in look.lines)
    return tuple(Choice(id, look.named(id)) for id in above if id in look.office and look.sight.sees(id))


def unit_rows(look: Look, lines: Sequence[Line]) -> Iterator[UnitRow]:
    stands = look.standings([line.unit for line in lines])
    focal = first_of(people.serving(look.tx, "focal", units=[line.unit for line in lines]))
    for line in lines:
        yield unit_row(look, line, stands[line.unit], focal.get(line.unit))


def first_of(serving: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for row in serving:
        found.setdefault(row.unit, row)
    return found


def unit_row(look: Look, line: Line, one: Standing, focal: Row[Any] | None) -> UnitRow:
    cells = tuple(told.cell(look, one, line, place) for place in range(len(line.marks)))
    own = line.deadline if line.deadline != look.book.row.deadline else None
    promise = look.promised.get(line.unit) if line.owed else None
    who = told.sentence(look, overview.whom(focal, cut=False, phones=look.sight.tccb or look.sight.units is not None))
    counted = (line.owed, line.all, line.short, line.waiting)
    return UnitRow(line.unit, look.named(line.unit), who, cells, *counted, own, promise, look.broken(line))
