"""Where one unit stands in one campaign: what it owes, what it has said, what that is worth."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Literal

from catalogue import shortfall, target
from catalogue.model import Answer, Catalogue, Indicator, Measure
from catalogue.shortfall import Shortfall

Stage = Literal["waiting", "returned", "contested", "accepted"]
REOPENED: tuple[Stage, ...] = ("returned", "contested")
"""Of a figure that the unit has to come back to: the appraisers do not take it, or the unit does not stand by it."""


@dataclass(frozen=True)
class Reported:
    """The newest report on one measure, and how far its appraisal is."""

    id: int
    measure: str
    answer: Answer
    as_of: date
    given: datetime
    by: int
    by_name: str
    stage: Stage = "waiting"
    reason: str = ""  # why it was returned or contested
    evidence: str = ""  # number and date of the document that proves it
    on_behalf: bool = False  # TCCB entered it for a unit that told it by telephone
    affirmed: bool = False  # and the unit has said that it is right
    judged: Literal["", "met", "short"] = ""  # what whoever accepted it made of it, where arithmetic can't say

    @property
    def waits(self) -> bool:
        """For appraisal."""
        return self.stage == "waiting" and not self.owed

    @property
    def reopened(self) -> bool:
        return self.stage in REOPENED

    @property
    def owed(self) -> bool:
        """Whether the unit has to come back to it."""
        return self.answer.still_owed or self.reopened

    @property
    def asks(self) -> bool:
        """Whether the unit has not said yet what it holds of a figure that was entered on its behalf."""
        return self.on_behalf and not self.affirmed and not self.reopened


@dataclass(frozen=True)
class CellState:
    """How one row of one unit stands: how far it is on its way, and what its figure is worth.

    `outcome`: what arithmetic says, or whoever appraises where it can't say; "lost" is short and out of reach;
    nothing while there is no figure, or where it counts neither way.
    """

    stage: Literal["off", "missing", "no_data_yet", "waiting", "returned", "contested", "accepted"]
    outcome: Literal["", "met", "short", "lost", "judged", "na", "not_applicable"] = ""
    lacking: Shortfall | None = None

    @property
    def short(self) -> bool:
        return self.outcome in ("short", "lost")

    @property
    def verdict(self) -> str:
        """As programs are told it: met, short or judged."""
        return "short" if self.short else self.outcome if self.outcome in ("met", "judged") else ""


@dataclass(frozen=True)
class Short:
    """One indicator that the unit falls short of, and by how much."""

    indicator: Indicator
    answer: Answer
    lacking: Shortfall
    explained: str = ""  # the unit's own reason


@dataclass(frozen=True)
class Standing:
    """A unit in a campaign. `indicators`: the codes assigned to it; `reported`: measure → its newest report."""

    catalogue: Catalogue
    unit: str
    unit_name: str
    indicators: tuple[str, ...]
    reported: Mapping[str, Reported]
    explained: Mapping[str, str] = field(default_factory=dict)  # measure → the reason given for a shortfall
    deadline: date = date.max  # the unit's own
    pending: Mapping[str, int] = field(default_factory=dict)  # measure → cases still to be decided, where told

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """What the unit is asked for, in the order of the appendix, each once."""
        rows = (leaf.measure for leaf in self.catalogue.leaves if leaf.code in self.indicators)
        return tuple(dict.fromkeys(code for code in rows if code))

    @cached_property
    def owed(self) -> tuple[str, ...]:
        """Measures not reported yet, reported as still to come, or returned."""
        return tuple(code for code in self.measures if code not in self.reported or self.reported[code].owed)

    def late(self, measure: str) -> bool:
        """Whether the newest report came after the day of the unit's own deadline."""
        return measure in self.reported and self.reported[measure].given.date() > self.deadline

    @cached_property
    def silent(self) -> bool:
        return bool(self.measures) and not any(code in self.reported for code in self.measures)

    @property
    def complete(self) -> bool:
        return not self.owed

    def measure(self, code: str) -> Measure:
        return self.catalogue.measures[code]

    def judged(self, measure: str) -> tuple[Indicator, ...]:
        """The unit's own indicators that this measure decides."""
        return tuple(row for row in self.catalogue.judging[measure] if row.code in self.indicators)

    def rows(self, measures: Iterable[str]) -> tuple[Indicator, ...]:
        return tuple(row for code in measures for row in self.judged(code))

    @cached_property
    def shortfalls(self) -> tuple[Short, ...]:
        """Indicators whose newest figure misses the target, in the order of the appendix."""
        found = (self._short(row, code) for code in self.measures if code in self.reported for row in self.judged(code))
        return tuple(short for short in found if short)

    @cached_property
    def gaps(self) -> str:
        """A digest of what the unit falls short of, and by how much; empty when nothing is short."""
        text = ";".join(f"{short.indicator.code}={short.lacking.gap}" for short in self.shortfalls)
        return hashlib.sha256(text.encode()).hexdigest() if text else ""

    def state(self, row: Indicator) -> CellState:
        """The one place that says how a row stands, for everything that shows it."""
        if row.code not in self.indicators:
            return CellState("off")
        said = self.reported.get(row.measure or "")
        if said is None:
            return CellState("missing")
        if said.answer.still_owed:
            return CellState(said.stage if said.reopened else "no_data_yet")
        found = target.judge_answer(said.answer, row, self.measure(said.measure))
        if found is None:
            kind = said.answer.kind
            return CellState(said.stage, kind if kind == "na" or kind == "not_applicable" else "")
        outcome = said.judged or "judged" if found.outcome == "judged" else found.outcome
        lacking = self.lacking(row) if outcome == "short" else None
        return CellState(said.stage, "lost" if lacking and not lacking.possible else outcome, lacking)

    def lacking(self, row: Indicator) -> Shortfall | None:
        """What the newest figure lacks of this row's target; cases still to be decided count where they were told.

        Of what a person has judged nobody can say by how much it is missed.
        """
        said, measure = self.reported[row.measure or ""], self.measure(row.measure or "")
        if said.judged == "short" and needs_a_person(said.answer, row, measure):
            return Shortfall(Fraction(0), None, None, None, True)
        return shortfall.assess(said.answer, row, measure, self.pending.get(said.measure))

    def _short(self, row: Indicator, code: str) -> Short | None:
        lacking = self.lacking(row)
        return Short(row, self.reported[code].answer, lacking, self.explained.get(code, "")) if lacking else None


def needs_a_person(answer: Answer, row: Indicator, measure: Measure) -> bool:
    """Whether only whoever appraises can say if the figure reaches the row's target."""
    found = target.judge_answer(answer, row, measure)
    return found is not None and found.outcome == "judged"


def office_answers(stands: Iterable[Standing], measure: str) -> tuple[Answer, ...]:
    """The newest answers of those who owe it, of which the office's figure is made; what is open again is none."""
    said = (one.reported.get(measure) for one in stands if measure in one.measures)
    return tuple(report.answer for report in said if report and not report.reopened)
