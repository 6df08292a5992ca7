"""What waits for appraisal, unit by unit in the office's order."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.boardroom import matrix, told
from bot.boardroom.look import Look, page_of
from bot.dialogue.turn import Paper
from bot.ledger import COUNTED, Line, mark
from bot.web.board.ports import Case, Cases, Choice, Place, Wanted
from catalogue.standing import Reported, Standing, needs_a_person

PER_PAGE = 25


def show(look: Look, wanted: Wanted, link: Callable[[Paper], str]) -> Cases | None:
    if not look.sight.appraises:
        return None
    here = [line for line in look.lines.values() if waiting(look, line, "")]
    lines = [line for line in here if matrix.fits(look, line, wanted)]
    choices = tuple(Choice(line.unit, look.named(line.unit)) for line in here)
    columns = tuple(told.column(leaf) for leaf in look.catalogue.leaves)
    place, found = paged(look, lines, wanted)
    shown = tuple(replace(one, files=look.proofs(one.unit, one.report, link)) for one in found)
    return Cases(look.head, shown, place, choices, columns)


def paged(look: Look, lines: list[Line], wanted: Wanted) -> tuple[Place, list[Case]]:
    """Only the units of the page are looked at, unless one indicator is wanted: its measure may wait anywhere."""
    counts = [waiting(look, line, wanted.row) for line in lines]
    place = page_of(wanted.page, sum(counts), PER_PAGE)
    first, here, before = (place.page - 1) * PER_PAGE, [], 0
    for line, count in zip(lines, counts, strict=True):
        if count and before < first + PER_PAGE and before + count > first:
            here.append((line, before))
        before += count
    stands = look.standings([line.unit for line, _ in here])
    skipped = first - here[0][1] if here else 0
    found = [case for line, _ in here for case in cases(look, stands[line.unit], wanted.row)]
    return place, found[skipped : skipped + PER_PAGE]


def waiting(look: Look, line: Line, row: str) -> int:
    """How many of its figures wait for the visitor; of one indicator, none or one."""
    if not line.waiting:
        return 0
    leaves, settled = look.catalogue.leaves, look.settled.get(line.unit, frozenset())
    at = next((place for place, leaf in enumerate(leaves) if leaf.code == row), None)
    if at is not None:
        return int(counts(line, at) and leaves[at].measure not in settled)
    if look.sight.measures is None:
        return line.waiting - len(settled)
    found = {leaves[place].measure for place in range(len(line.marks)) if counts(line, place)}
    return len(found - settled)


def counts(line: Line, place: int) -> bool:
    return line.marks[place] in COUNTED and not line.accepted[place]


def cases(look: Look, one: Standing, row: str) -> Iterator[Case]:
    for code in one.measures:
        said = one.reported.get(code)
        if said is None or not said.waits or not look.sight.reads(code):
            continue
        if code in look.settled.get(one.unit, ()):
            continue
        if row in ("", *(judged.code for judged in one.judged(code))):
            yield case(look, one, said)


def case(look: Look, one: Standing, said: Reported) -> Case:
    judged = one.judged(said.measure)
    verdicts = tuple((mark(one, row), told.verdict(look, one, row)) for row in judged)
    about = (said.id, one.unit, one.unit_name, tuple(row.code for row in judged), one.measure(said.measure).name)
    when = (said.by_name, said.given, said.as_of)
    notes = (one.explained.get(said.measure, ""), said.evidence)
    person = any(needs_a_person(said.answer, row, one.measure(said.measure)) for row in judged)
    return Case(*about, told.said(look, one, said.measure), *when, verdicts, *notes, person, (), behalf(look, said))


def behalf(look: Look, said: Reported) -> str:
    if not said.on_behalf:
        return ""
    return look.words("appraise.affirmed" if said.affirmed else "appraise.on_behalf", {})
