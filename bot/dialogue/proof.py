"""The document that proves a figure, by its number and date: told in chat, and kept with the figure."""

from bot.dialogue import card
from bot.dialogue.asking import short
from bot.dialogue.deeds import Record
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Say, State, Turn
from catalogue import answer as reader
from catalogue.standing import Reported

LONGEST = 400  # characters


def told(text: str, state: State, facts: Facts) -> Turn:
    """ "minh chứng 2.7: QĐ 123/QĐ-SNN ngày 05/11/2024". The figure goes to appraisal again, unchanged, with it."""
    reference, _, document = text.strip().partition(":")
    document = " ".join(document.split())
    if not 3 <= len(document) <= LONGEST:
        return Turn(state, (Say("proof.how", {"most": LONGEST}),))
    found = [
        (work, code)
        for work in facts.works
        for code in work.measures_of(reader.references(reference.strip(), work.standing.catalogue))
    ]
    if len(found) != 1:
        return Turn(state, (Say("proof.which" if found else "lookup.no_such_row", {"text": short(reference)}),))
    (work, code) = found[0]
    before = work.standing.reported.get(code)
    if before is None or before.stage == "accepted" or before.answer.still_owed:
        kind = "report.accepted_already" if before and before.stage == "accepted" else "proof.figure_first"
        return Turn(state, (Say(kind, {"name": work.standing.measure(code).name}),))
    return _kept(work, before, document, text, state)


def _kept(work: Work, before: Reported, document: str, text: str, state: State) -> Turn:
    at = (work.campaign, work.standing.unit, before.measure)
    codes = [row.code for row in work.standing.judged(before.measure)]
    say = Say("proof.kept", {"codes": codes, "was": card.written(before.answer), "evidence": document})
    return Turn(state, (say,), (Record(*at, before.answer, before.as_of, text.strip(), document),))
