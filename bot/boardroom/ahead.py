"""The plan of reminders: what has gone, what is due next, whom it would concern."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from bot.boardroom.look import Look
from bot.dialogue.facts import ROLES
from bot.web.board.ports import PlanCard, PromiseRow, Respite, StepRow
from catalogue import calendar as days
from catalogue.model import Step
from jobs import remind
from storage import campaigns, holds, people, promises, slots


def show(look: Look, day: date | None) -> PlanCard | None:
    if not look.sight.tccb:
        return None
    respites = tuple(
        Respite(unit, look.named(unit), given.deadline, given.reason)
        for unit, given in campaigns.extensions(look.tx, look.book.row.id).items()
        if given.deadline > look.book.row.deadline
    )
    return PlanCard(look.head, tuple(steps(look)), respites, tuple(promised(look)), (), day)


def steps(look: Look) -> Iterator[StepRow]:
    """Of the deadline that holds for all; a unit with more time has its own, later."""
    campaign = look.book.row
    held = holds.kept_back(look.tx, campaign.id)
    done = Counter(mark for mark, _ in slots.taken(look.tx, campaign.id))
    here = remind.Round(campaign.id, look.catalogue, look.plan, {}, dated=campaign.deadline != campaign.first)
    due = days.due_steps(look.plan, look.calendar)
    next_at = min((at for at, step in due if at > look.now and step.id not in held), default=None)
    for at, step in due:
        to = tuple(look.words(ROLES[role], {}) for role in step.to)
        past = at <= look.now
        about = 0 if past else concerned(look, step)
        known = (past, at == next_at and not campaign.locked, step.id in held, about, done[here.mark(step)])
        yield StepRow(step.id, at, to, step.when, *known)


def concerned(look: Look, step: Step) -> int:
    """How many units it would speak of, if nothing more were reported."""
    lines = look.lines.values()
    match step.when:
        case "missing":
            return sum(line.owed > 0 for line in lines)
        case "short":
            return sum(line.owed + line.short > 0 for line in lines)
        case "silent":
            return sum(line.silent for line in lines)


def promised(look: Look) -> Iterator[PromiseRow]:
    """Of those that still owe something; the earliest hour first."""
    made = promises.newest(look.tx, look.book.row.id)
    open = [(row.due, unit, person) for (unit, person), row in made.items() if owes(look, unit)]
    for due, unit, person in sorted(open):
        yield PromiseRow(unit, look.named(unit), people.named(look.tx, person), due, due <= look.now)


def owes(look: Look, unit: str) -> bool:
    return unit in look.lines and look.lines[unit].owed > 0
