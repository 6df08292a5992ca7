"""The appendix with results: its sections and rows as printed, and beside each what came of it, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.dialogue import card
from bot.words import Words
from catalogue import shortfall, target
from catalogue.model import Answer, Catalogue, Indicator, Section
from catalogue.standing import CellState, Reported, Standing, office_answers

Item = Mapping[str, object]


@dataclass(frozen=True)
class Row:
    """One row as printed, with its result, its verdict and what is to be noted; a heading has none of the three."""

    indicator: Indicator
    result: str = ""
    verdict: str = ""
    note: str = ""

    @property
    def printed(self) -> tuple[str, ...]:
        """The columns of the appendix."""
        row = self.indicator
        return (row.printed, row.name, row.unit, row.target.raw if row.target else "", row.lead, row.evaluator)


@dataclass(frozen=True)
class Part:
    section: Section
    rows: tuple[Row, ...]


def of_unit(one: Standing, words: Words) -> tuple[Part, ...]:
    """What the unit owes, section by section, with the headings above it."""
    return _parts(one.catalogue, {code: _unit_row(one, code, words) for code in one.indicators})


def of_office(catalogue: Catalogue, standings: Mapping[str, Standing], words: Words) -> tuple[Part, ...]:
    """Every row of the appendix with the office's own figure: sums over all units, never a mean of percentages."""
    stands = tuple(standings.values())
    return _parts(catalogue, {leaf.code: _office_row(leaf, catalogue, stands, words) for leaf in catalogue.leaves})


def _parts(catalogue: Catalogue, rows: Mapping[str, Row]) -> tuple[Part, ...]:
    above = {catalogue.by_code[code].parent for code in rows}
    shown = [rows.get(row.code) or Row(row) for row in catalogue.indicators if row.code in rows or row.code in above]
    parts = (Part(s, tuple(row for row in shown if row.indicator.section == s.number)) for s in catalogue.sections)
    return tuple(part for part in parts if part.rows)


def _unit_row(one: Standing, code: str, words: Words) -> Row:
    row = one.catalogue.by_code[code]
    said = one.reported.get(row.measure or "")
    if said is None:
        return Row(row, "", _fixed(words, "table.missing"), "")
    found = one.state(row)
    verdict = "table.no_data_yet" if said.answer.still_owed else _VERDICTS[found.outcome]
    return Row(row, _said(words, card.written(said.answer)), _fixed(words, verdict), _note(one, said, found, words))


_VERDICTS = {
    "met": "table.met",
    "short": "table.short",
    "lost": "table.short",
    "judged": "table.judged",
    "": "table.judged",
    "na": "table.na",
    "not_applicable": "table.not_applicable",
}


@lru_cache(maxsize=256)
def _fixed(words: Words, kind: str) -> str:
    """A sentence without blanks of its own, the same in every row."""
    return words(kind, {})


def _note(one: Standing, said: Reported, found: CellState, words: Words) -> str:
    """How much is missing, why, and how far the appraisal is."""
    told = []
    if found.lacking and found.lacking.gap:
        told.append(words("table.gap", {"gap": str(found.lacking.gap)}))
    if found.lacking and (why := one.explained.get(said.measure)):
        told.append(words("table.because", {"reason": why}))
    if said.evidence:
        told.append(words("table.evidence", {"evidence": said.evidence}))
    if one.late(said.measure):
        told.append(_fixed(words, "table.late"))
    if said.on_behalf:
        told.append(_fixed(words, "table.on_behalf"))
    told.append(words(_STAGES[said.stage], {"reason": said.reason}))
    return "; ".join(told)


_STAGES = {
    "waiting": "table.waiting",
    "accepted": "table.accepted",
    "returned": "table.returned",
    "contested": "table.contested",
}


def _office_row(row: Indicator, catalogue: Catalogue, stands: Iterable[Standing], words: Words) -> Row:
    code = row.measure or ""
    owing = [one for one in stands if row.code in one.indicators]
    answers = office_answers(owing, code)
    if not owing:
        return Row(row, "", "", words("table.nobody_owes", {}))
    note = words("table.came", {"n": len(answers), "all": len(owing)})
    if catalogue.measures[code].kind == "yes_no":
        return _office_yes_no(row, answers, note, words)
    pooled = shortfall.pool(answers)
    if pooled.left_out:
        note += "; " + words("table.left_out", {"n": pooled.left_out})
    if none := sum(answer.kind == "na" for answer in answers):
        note += "; " + words("table.none_arose", {"n": none})
    if pooled.percent is None:
        nothing = "table.na" if none and none == len(answers) else "table.no_data_yet"
        return Row(row, "", words(nothing if answers else "table.missing", {}), note)
    answer = Answer.fraction(pooled.numerator, pooled.denominator)
    found = target.judge_answer(answer, row, catalogue.measures[code])
    return Row(
        row, _said(words, card.written(answer)), words(_VERDICTS[found.outcome if found else "judged"], {}), note
    )


def _office_yes_no(row: Indicator, answers: Sequence[Answer], note: str, words: Words) -> Row:
    met, not_met = (sum(answer.kind == kind for answer in answers) for kind in ("met", "not_met"))
    if not met + not_met:
        return Row(row, "", words("table.missing" if not answers else "table.no_data_yet", {}), note)
    result = words("table.units_met", {"n": met, "all": met + not_met})
    return Row(row, result, words("table.short" if not_met else "table.met", {}), note)


def _said(words: Words, said: Item) -> str:
    return words(str(said["kind"]), said["facts"])  # type: ignore[arg-type]


def heads(year: int, words: Words) -> tuple[str, ...]:
    """The columns as printed, and the three beside them."""
    printed = ("table.head_printed", "table.head_name", "table.head_unit", "table.head_target")
    more = ("table.head_lead", "table.head_evaluator", "table.head_result", "table.head_verdict", "table.head_note")
    return tuple(words(kind, {"year": year}) for kind in (*printed, *more))


@dataclass(frozen=True)
class Counts:
    """How many rows there are, how many were answered, met and missed."""

    all: int
    answered: int
    met: int
    short: int


def counted(one: Standing) -> Counts:
    rows = [one.catalogue.by_code[code] for code in one.indicators]
    answered = [found for found in map(one.state, rows) if found.stage not in ("missing", "no_data_yet")]
    met = sum(found.outcome == "met" for found in answered)
    return Counts(len(rows), len(answered), met, sum(found.short for found in answered))
