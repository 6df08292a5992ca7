"""What proves a figure: a document by its number and date, files and photographs; kept with the figure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from bot.dialogue import behalf, card, coded, enrol, notice
from bot.dialogue.asking import short
from bot.dialogue.confirming import accepted_already
from bot.dialogue.deeds import Record, ShowProof
from bot.dialogue.drafts import Confirming, Explaining
from bot.dialogue.facts import Facts, Work
from bot.dialogue.rows import row_label
from bot.dialogue.turn import Attachment, Idle, Said, Say, State, Turn, named
from catalogue import answer as reader
from catalogue.answer import Awaiting, Reading

LONGEST = 400  # characters
FILES = 5  # of one figure
WORDS = ("minh chung", "/minhchung")


@dataclass(frozen=True)
class Proving(State):
    """A file is awaited that proves this figure, or the number and date of a document."""

    campaign: int
    unit: str
    measure: str
    awaiting: ClassVar = Awaiting.NAME


@dataclass(frozen=True)
class ChoosingFigure(State):
    """Which figure a file proves that came by itself; `file`: our number of it."""

    file: int
    name: str
    awaiting: ClassVar = Awaiting.INDICATOR


def told(text: str, state: State, facts: Facts) -> Turn:
    """ "minh chứng 2.7: QĐ 123/QĐ-SNN ngày 05/11/2024"; "minh chứng 2.7" awaits a file, or the document."""
    reference, _, document = text.strip().partition(":")
    found = _figure(reference, facts)
    if isinstance(found, Say):
        return Turn(state, (found,))
    work, measure = found
    if not document.strip():
        if refused := _refused(work, measure):
            return Turn(state, (refused,))
        codes = [row.code for row in work.standing.judged(measure)]
        at = (work.campaign, work.standing.unit, measure)
        return Turn(Proving(*at), (Say("proof.file_or_document", {"codes": codes, "most": FILES}),))
    return _proved(work, measure, document, text.strip(), (), state)


def _figure(reference: str, facts: Facts) -> tuple[Work, str] | Say:
    """The figure meant, of the unit's own; or what to say instead."""
    found = [
        (work, code)
        for work in facts.works
        for code in work.measures_of(reader.references(reference.strip(), work.standing.catalogue))
    ]
    if len(found) == 1:
        return found[0]
    return Say("proof.which" if found else "lookup.no_such_row", {"text": short(reference)})


def _refused(work: Work, measure: str) -> Say | None:
    """Why nothing can be added to the figure."""
    before = work.standing.reported.get(measure)
    if before and before.stage == "accepted":
        return accepted_already(work, before)
    if before is None or before.answer.still_owed:
        return Say("proof.figure_first", {"name": work.standing.measure(measure).name})
    return None


def _proved(work: Work, measure: str, document: str, verbatim: str, file: tuple[Attachment, ...], state: State) -> Turn:
    """The figure goes to appraisal again, unchanged, with what proves it."""
    document, before = " ".join(document.split()), work.standing.reported.get(measure)
    if refused := _refused(work, measure):
        return Turn(state, (refused,))
    if not file and not 3 <= len(document) <= LONGEST:
        return Turn(state, (Say("proof.how", {"most": LONGEST}),))
    assert before  # or it would have been refused
    at = (work.campaign, work.standing.unit, measure)
    facts = {"codes": [row.code for row in work.standing.judged(measure)], "was": card.written(before.answer)}
    say = Say("proof.kept", facts | {"evidence": document})
    if file:
        say = Say("proof.file_kept", facts | {"name": file[0].name})
    numbers = tuple(one.kept or 0 for one in file)
    evidence = document[:LONGEST] or before.evidence
    return Turn(state, (say,), (Record(*at, before.answer, before.as_of, verbatim, evidence, numbers),))


# Files


def is_meant(state: State, facts: Facts) -> bool:
    """Whether a file may prove something: of those who report, while they write no notice and are no strangers."""
    elsewhere = type(state).__module__ in (notice.__name__, enrol.__name__)
    return facts.me is not None and bool(facts.works) and not elsewhere


def received(file: Attachment, state: State, facts: Facts) -> Turn:
    """A file without a word: it proves what is being talked of, or the figure that is chosen."""
    if trouble := notice.unfit(file, len(getattr(state, "files", ())), FILES):
        return Turn(state, (trouble,))
    if isinstance(state, Confirming):
        kept = replace(state, files=(*state.files, file.kept or 0))
        answer = coded.read(state.answer)
        options = (
            ()
            if answer is None
            else (
                card.option("yes", "option.yes", state.measure, answer),
                card.option("no", "option.no", state.measure, answer),
            )
        )
        return Turn(kept, (Say("proof.goes_along", {"name": file.name}, options),))
    if isinstance(state, Proving | Explaining) and (work := facts.work(state.campaign, state.unit)):
        after = Idle() if isinstance(state, Proving) else state
        return _proved(work, state.measure, "", _verbatim(file), (file,), after)
    return _choose(ChoosingFigure(file.kept or 0, file.name), state, facts)


def _verbatim(file: Attachment, typed: str = "") -> str:
    return f"{typed} [{file.name}]".strip()


def _choose(file: ChoosingFigure, state: State, facts: Facts) -> Turn:
    """Of the figures that may still be proved, those sent last."""
    found = [
        (said.given, work, said.measure)
        for work in facts.works
        for said in work.standing.reported.values()
        if said.measure in work.standing.measures and _refused(work, said.measure) is None
    ]
    if not found:
        return Turn(state, (Say("proof.file_figure_first", {"name": file.name}),))
    newest = sorted(found, key=lambda one: one[0], reverse=True)[:9]
    options = tuple(
        named(f"prove {work.campaign} {work.standing.unit} {measure}", row_label(work, measure))
        for _, work, measure in newest
    )
    return Turn(file, (Say("proof.file_which", {"name": file.name}, options),))


def captioned(file: Attachment, said: Said, state: State, facts: Facts) -> Turn | None:
    """A file under which it says what it proves: "minh chứng 2.7", "2.7". None where it says something else."""
    document_of = behalf.after(said.text, WORDS)
    rest = said.text if document_of is None else document_of
    named_row = any(reader.references(rest.strip(), work.standing.catalogue) for work in facts.works)
    if document_of is None and not named_row:
        return None
    if trouble := notice.unfit(file, 0, FILES):
        return Turn(state, (trouble,))
    reference, _, document = rest.partition(":")
    found = _figure(reference, facts)
    if isinstance(found, Say):
        return Turn(state, (found,))
    return _proved(*found, document, _verbatim(file, said.text.strip()), (file,), state)


def along(turn: Turn, file: Attachment) -> Turn:
    """A file that came with a figure in its caption waits with it for "đúng"."""
    told = Say("proof.not_attached", {"name": file.name})
    if trouble := notice.unfit(file, 0, FILES):
        told = trouble
    elif isinstance(turn.remember, Confirming):
        told = Say("proof.comes_along", {"name": file.name})
        turn = replace(turn, remember=replace(turn.remember, files=(file.kept or 0,)))
    return replace(turn, say=(told, *turn.say))


def step(state: Proving | ChoosingFigure, said: Said, reading: Reading, facts: Facts) -> Turn:
    if isinstance(state, Proving):
        work = facts.work(state.campaign, state.unit)
        if work is None:
            return Turn(Idle(), (Say("report.gone"),))
        turn = _proved(work, state.measure, said.text, said.text.strip(), (), Idle())
        return turn if turn.do else replace(turn, remember=state)
    match (said.choice or "").split():
        case ["prove", campaign, unit, measure] if work := facts.work(int(campaign), unit):
            file = Attachment("", state.name, 0, "", kept=state.file)
            return _proved(work, measure, "", _verbatim(file), (file,), Idle())
    return _choose(state, Idle(), facts)


# Giving them back


def show(rest: str, state: State, facts: Facts) -> Turn:
    """ "xem minh chứng 1.1"; whoever looks at other units names the unit as well: "xem minh chứng CCKL 1.1"."""
    deeds = tuple(dict.fromkeys((*_own(rest, facts), *_of_others(rest, facts))))[:3]
    return Turn(state, (), deeds) if deeds else Turn(state, (Say("lookup.no_such_row", {"text": short(rest)}),))


def _own(rest: str, facts: Facts) -> Iterator[ShowProof]:
    for work in facts.visible:
        for measure in work.measures_of(reader.references(rest.strip(), work.standing.catalogue)):
            yield ShowProof(work.standing.unit, measure)


def _of_others(rest: str, facts: Facts) -> Iterator[ShowProof]:
    units, told = behalf.apart(rest, facts.office) if facts.office and rest.strip() else ((), "")
    if len(units) != 1 or not told:
        return
    for book in facts.catalogues:
        for code in reader.references(told.strip(), book):
            measure = book.by_code[code].measure or ""
            if measure and (facts.oversees or facts.seat.speaks_for(book.evaluators(measure))):
                yield ShowProof(units[0].id, measure)


def pressed(rest: str, state: State, facts: Facts) -> Turn:
    """Under a card: the unit, the measure."""
    unit, _, measure = rest.partition(" ")
    return Turn(state, (), (ShowProof(unit, measure),))
