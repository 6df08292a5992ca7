"""A unit's word on what TCCB entered on its behalf: it is right, or it is not and why."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue import card
from bot.dialogue.confirming import draft
from bot.dialogue.deeds import Affirm, Contest
from bot.dialogue.drafts import ChoosingRow
from bot.dialogue.facts import Facts, Work
from bot.dialogue.rows import row_label
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue import text
from catalogue.answer import Act, Awaiting, Reading, Value
from catalogue.standing import Reported

LONGEST = 400  # characters of a reason
Entered = tuple[Work, Reported]


@dataclass(frozen=True)
class Contesting(State):
    """What is wrong with the figure is awaited; the right figure will do as well."""

    report: int
    awaiting: ClassVar = Awaiting.VALUE


def options(newest: int, campaign: int, unit: str) -> tuple[Option, ...]:
    """Of everything entered for the unit up to that report: what came after it was not shown."""
    at = f"{newest} {campaign} {unit}"
    return (
        Option(f"right {at}", "option.right", numbered=False),
        Option(f"contest {at}", "option.contest", numbered=False),
    )


def asked(facts: Facts) -> list[Entered]:
    """What was entered for this person's units, and not answered by them."""
    found = [(work, one) for work in facts.works for one in work.standing.reported.values() if one.asks]
    return sorted(found, key=lambda pair: pair[1].id)


def _up_to(rest: str, facts: Facts) -> list[Entered]:
    match rest.split():
        case [newest, campaign, unit] if newest.isdecimal():
            at = (campaign, unit)
            return [
                (work, one)
                for work, one in asked(facts)
                if (str(work.campaign), work.standing.unit) == at and one.id <= int(newest)
            ]
    return []


def said_right(typed: str, state: State, facts: Facts) -> Turn | None:
    """ "Đúng rồi" while nothing else is asked; a mere "ok" may answer a notice, where one is open."""
    if state != Idle() or not (found := asked(facts)):
        return None
    if facts.notices and not text.bare(text.shown(typed)).startswith("dung"):
        return None
    return affirm(found, state) if reader.read(typed, Awaiting.CONFIRMATION) == Act("confirm") else None


def affirmed(rest: str, state: State, facts: Facts) -> Turn:
    return affirm(_up_to(rest, facts), state)


def affirm(found: list[Entered], state: State) -> Turn:
    if not found:
        return Turn(state, (Say("behalf.answered"),))
    return Turn(state, (), (Affirm(tuple(one.id for _, one in found)),))


def pressed(rest: str, state: State, facts: Facts) -> Turn:
    return _contest(_up_to(rest, facts), state)


def chosen(rest: str, state: State, facts: Facts) -> Turn:
    return _contest([pair for pair in asked(facts) if str(pair[1].id) == rest], state)


def _contest(found: list[Entered], state: State) -> Turn:
    if not found:
        return Turn(state, (Say("behalf.answered"),))
    if len(found) > 1:
        choices = tuple(named(f"contest-one {one.id}", row_label(work, one.measure)) for work, one in found[:9])
        return Turn(state, (Say("behalf.contest_which", {}, choices),))
    return Turn(Contesting(found[0][1].id), (Say("behalf.why", _told(*found[0])),))


def typed(rest: str, state: State, facts: Facts) -> Turn:
    """ "phản đối", "phản đối 1.1", "phản đối 1.1 số của tháng trước", "phản đối số của tháng trước"."""
    first, _, reason = rest.partition(" ")
    found = asked(facts)
    if named_rows := [pair for pair in found if _names(first.strip(":,."), *pair)]:
        found = named_rows
    else:
        reason = rest
    if len(found) == 1 and reason.strip():
        return _said(found[0], reason)
    return _contest(found, state)


def _names(reference: str, work: Work, one: Reported) -> bool:
    return one.measure in work.measures_of(reader.references(reference, work.standing.catalogue))


def step(state: Contesting, said: Said, reading: Reading, facts: Facts) -> Turn:
    """The reason, in words; a figure instead of it is the unit's own, and replaces what was entered."""
    found = next((pair for pair in asked(facts) if pair[1].id == state.report), None)
    if found is None:
        return Turn(Idle(), (Say("behalf.answered"),))
    work, one = found
    if isinstance(reading, Value) and reading.reference is None and one.stage == "waiting":
        at = ChoosingRow(work.campaign, work.standing.unit)
        return draft(work, at, one.measure, reading.answer, facts, said.text, reading.doubts)
    return _said(found, said.text)


def _said(found: Entered, reason: str) -> Turn:
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= LONGEST:
        return Turn(Contesting(found[1].id), (Say("behalf.why_in_words", {"most": LONGEST}),))
    return Turn(Idle(), (), (Contest(found[1].id, reason),))


def _told(work: Work, one: Reported) -> dict[str, object]:
    codes = [row.code for row in work.standing.catalogue.judging[one.measure]]
    mine = [row.code for row in work.standing.judged(one.measure)] or codes
    return {"codes": mine, "was": card.written(one.answer), "unit": work.standing.unit_name}
