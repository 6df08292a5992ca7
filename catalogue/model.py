"""What is to be reported, and how much is enough: frozen values that every floor shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from functools import cached_property
from typing import Literal

AnswerKind = Literal["value_fraction", "value_percent", "met", "not_met", "na", "no_data_yet", "not_applicable"]
KpsPolicy = Literal["exclude", "achieved", "zero", "forbidden"]
"""What "không phát sinh" does to the evaluation: left out, counted as met, counted as 0 %, or cannot happen."""
MeasureKind = Literal["ratio", "closed_list", "yes_no", "survey"]
Whom = Literal["focal", "head", "tccb"]
When = Literal["missing", "short", "silent"]
"""What a unit is reminded for: figures still owed; figures owed or below their targets; nothing sent at all."""
Direction = Literal["higher", "lower", "none"]
Bound = str | Fraction | date | None


@dataclass(frozen=True)
class Answer:
    """What a unit says of one measure. Exact: counts are integers, the percentage a fraction of 100.

    `numerator` and `denominator` only with "value_fraction"; `percent` with both kinds of value.
    """

    kind: AnswerKind
    numerator: int | None = None
    denominator: int | None = None
    percent: Fraction | None = None

    @classmethod
    def fraction(cls, numerator: int, denominator: int) -> "Answer":
        return cls("value_fraction", numerator, denominator, Fraction(100 * numerator, denominator))

    @classmethod
    def of_percent(cls, percent: Fraction) -> "Answer":
        return cls("value_percent", percent=percent)

    @property
    def has_value(self) -> bool:
        return self.percent is not None

    @property
    def still_owed(self) -> bool:
        """ "Chưa có số liệu" is an answer, but the figure is still to come."""
        return self.kind == "no_data_yet"


@dataclass(frozen=True)
class Target:
    """A target as printed and as understood. `raw` is always kept and always shown.

    `op` is one of >=, >, <=, <, =, between, by, judged; bounds are exact (Fraction), a date, a label, or nothing.
    What arithmetic can't judge has op "judged": the evaluator decides.
    """

    raw: str
    kind: str
    op: str
    value: Bound = None
    value2: Bound = None
    unit: str = ""
    open_low: bool = False
    open_high: bool = False
    direction: Direction = "higher"
    period: str = ""  # "quý", "năm" … when it recurs
    baseline: str = ""  # what a reduction or an increase is measured against
    parts: tuple["Target", ...] = ()  # conditions that must all hold
    note: str = ""


@dataclass(frozen=True)
class Section:
    number: str
    title: str  # verbatim
    legal_basis: str


@dataclass(frozen=True)
class Measure:
    """What is really counted; a unit is asked for it once, whatever it is judged by."""

    code: str
    name: str  # short, for lists
    kind: MeasureKind
    numerator: str  # tử số, in words
    denominator: str  # mẫu số, in words
    noun: str  # what is counted: "hồ sơ", "TTHC", "văn bản"
    grows: bool  # each new good case adds to the denominator as well
    kps: KpsPolicy
    note: str = ""  # ghi chú cách tính

    @property
    def pools(self) -> bool:
        """Whether cases still to be decided will add to what is counted."""
        return self.grows and self.kind in ("ratio", "survey")


@dataclass(frozen=True)
class Indicator:
    """A row of the appendix. `code` is unique and for ever; `printed` is text and may repeat."""

    code: str
    section: str
    printed: str  # the number on paper: "6", "6.1", "2.10"
    name: str  # verbatim
    order: int
    parent: str | None = None
    unit: str = ""
    target: Target | None = None  # a header row has none
    measure: str | None = None
    lead: str = ""  # verbatim: who carries it out
    scope: tuple[str, ...] = ()  # who owes it by default: see owed_by
    evaluator: str = ""  # verbatim
    evaluators: tuple[str, ...] = ()  # unit ids
    display: str = ""  # a corrected name for display, set by the office

    @property
    def title(self) -> str:
        return self.display or self.name

    def owed_by(self, unit: str, type: str, name: str) -> bool:
        """Whether a unit (its id, type and name) is in the row's scope.

        A word of the scope is a unit type, a unit's id or how its name begins; a "-" before it takes those units out.
        """
        spoken_of = {word for word in self.scope if _means(word.removeprefix("-"), unit, type, name)}
        return bool(spoken_of) and not any(word.startswith("-") for word in spoken_of)


@dataclass(frozen=True)
class Step:
    """When to remind whom. A step is data; adding one needs no code."""

    id: str
    days: int  # from the units' deadline; negative is before it
    at: time
    to: tuple[Whom, ...]
    when: When
    words: str
    stale_after: int = 1  # days after its moment when it is no longer worth sending


@dataclass(frozen=True)
class Check:
    """Two measures that can hardly disagree: worth a soft question, never a refusal.

    late_is_whole: what `measure` lacks to its denominator is the denominator of `other`;
    whole_near, whole_same, whole_at_most: how the denominator of `measure` stands to that of `other`.
    """

    kind: Literal["late_is_whole", "whole_near", "whole_same", "whole_at_most"]
    measure: str
    other: str


@dataclass(frozen=True)
class Plan:
    """The rhythm of one campaign. Steps count from the units' deadline, the only one that is advertised."""

    deadline: date  # the units' own
    evaluation: date  # when TCCB has evaluated; never before the units' own, but for a unit with more time
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Catalogue:
    """One decision's appendix as data."""

    id: str
    title: str
    decision: str
    sections: tuple[Section, ...]
    indicators: tuple[Indicator, ...]  # header rows too, in printed order
    measures: Mapping[str, Measure]
    steps: tuple[Step, ...]
    deadline: tuple[int, int]  # (day, month) by which units have sent
    evaluation: tuple[int, int]  # (day, month) by which TCCB has evaluated
    most_before: int = 6  # reminders a person gets before the deadline, all campaigns together
    unit_types: Mapping[str, str] = field(default_factory=dict)  # type → its name, those that scopes may speak of
    checks: tuple[Check, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def leaves(self) -> tuple[Indicator, ...]:
        """The rows that somebody reports."""
        return tuple(indicator for indicator in self.indicators if indicator.measure)

    @cached_property
    def judging(self) -> Mapping[str, tuple[Indicator, ...]]:
        """Measure → the indicators that are judged by it, in printed order."""
        return {code: tuple(i for i in self.leaves if i.measure == code) for code in self.measures}

    def evaluators(self, measure: str) -> tuple[str, ...]:
        """The offices that evaluate what this measure decides, the one that leads first."""
        return tuple(dict.fromkeys(office for row in self.judging[measure] for office in row.evaluators))

    def plan(self, year: int) -> Plan:
        """The appendix's own rhythm, in that year."""
        (day, month), (last_day, last_month) = self.deadline, self.evaluation
        return Plan(date(year, month, day), date(year, last_month, last_day), self.steps)


def _means(word: str, unit: str, type: str, name: str) -> bool:
    return word in (unit, type) or name.casefold().startswith(word.casefold())
