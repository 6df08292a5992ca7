"""A unit's figures in words, as the pages show them: the same sentences as in chat."""

from bot.boardroom.look import Look
from bot.dialogue import card
from bot.dialogue.facts import Work
from bot.dialogue.turn import Say
from bot.ledger import Line
from bot.web.board.ports import Cell, Column
from catalogue.model import Answer, Indicator
from catalogue.standing import Standing


def said(look: Look, one: Standing, measure: str) -> str:
    """ "39/50 (78,00 %)", marked where it came too late."""
    return sentence(look, card.told(one, measure)) if measure in one.reported else ""


def written(look: Look, answer: Answer, on_behalf: bool = False) -> str:
    return sentence(look, card.marked(card.written(answer), on_behalf=on_behalf))


def sentence(look: Look, item: dict[str, object]) -> str:
    return look.words(str(item["kind"]), item["facts"])  # type: ignore[arg-type] # as card makes them


def speak(look: Look, say: Say) -> str:
    return look.words(say.kind, say.facts)


def cell(look: Look, one: Standing, line: Line, place: int) -> Cell:
    """`place`: of the indicator among the leaves."""
    measure = look.catalogue.leaves[place].measure or ""
    shown = line.marks[place]
    if shown in ("off", "open"):
        return Cell(shown)
    return Cell(shown, line.accepted[place], said(look, one, measure), one.late(measure))


def column(row: Indicator) -> Column:
    return Column(row.code, row.printed, row.title, row.target.raw if row.target else "", row.section)


def verdict(look: Look, one: Standing, row: Indicator) -> str:
    """What the figure is worth for one indicator, and what would mend it."""
    reported = one.reported.get(row.measure or "")
    if reported is None or reported.answer.still_owed:
        return ""
    return speak(look, card.stands(Work(look.book.row.id, look.plan, one), row, reported))
