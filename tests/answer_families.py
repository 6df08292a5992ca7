"""The tables of answers, read and counted: how many of each family are read as they should be, and how many wrongly.

`python -m tests.answer_families` writes the table into docs/answers.md.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from catalogue import load, roster
from catalogue.answer import (
    REASONS,
    Act,
    Ask,
    Awaiting,
    Batch,
    Choice,
    Context,
    Invalid,
    Item,
    Mention,
    Reading,
    Value,
    kind_of,
    read,
)
from catalogue.reading import choice
from catalogue.text import shown

ROOT = Path(__file__).parents[1]
OWN = ROOT / "tests" / "data" / "answers.csv"
SHARED = ROOT / ".." / "shared" / "data" / "utterances.csv"
PAGE = ROOT / "docs" / "answers.md"
START, END = "<!-- families -->\n", "<!-- end of families -->"
ANY = "VBCKI-"
EXAMPLES = ("45/60", "NQ01.3", "HKL Đồng Văn", "Nguyễn Văn An")
ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|[ntr\\])")
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


@dataclass(frozen=True)
class Case:
    """One text after one question, and what must come of it."""

    family: str
    awaiting: Awaiting
    text: str
    kind: str
    numerator: int | None
    denominator: int | None
    percent: Fraction | None
    carries: str | None = None  # the reason to ask or to refuse; the doubts of a value; what an act or a name is about
    offered: str = ""  # what would settle a question, where the table says it

    def __str__(self) -> str:
        return f"{self.family}-{self.awaiting}-{self.text.encode('unicode_escape').decode()}"


@cache
def context() -> Context:
    """The office's own catalogue, and the example office."""
    office = roster.example()
    return Context(load.all()["2024-qd55"], lambda name: tuple(unit.id for unit in office.match(name).units))


def unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: PLAIN.get(found[1]) or chr(int(found[1][1:], 16)), text)


def own() -> Iterator[Case]:
    """The project's own table; state * is every state in which a command may come."""
    for row in _rows(OWN):
        for state in ANY if row["state"] == "*" else row["state"]:
            yield _case(row["family"], state, unescaped(row["text"]), row["kind"], row)


def shared() -> Iterator[Case]:
    """The sample of utterances, where it is at hand. "ctx:V; …" names the state, "any" means every one."""
    for row in _rows(SHARED) if SHARED.exists() else ():
        state = row["note"].partition(";")[0].removeprefix("ctx:").strip()
        for one in ANY if state == "any" else state:
            yield _case("sample", one, row["text"], row["expected_kind"], row)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf8") as file:
        return list(csv.DictReader(file))


def _case(family: str, state: str, text: str, kind: str, row: dict[str, str]) -> Case:
    numerator, denominator = (int(row[name]) if row[name] else None for name in ("numerator", "denominator"))
    percent = Fraction(row["percent"]) if row["percent"] else None
    if numerator is not None and denominator:
        percent = Fraction(100 * numerator, denominator)
    carries, offered = (row[name] or "" if name in row else None for name in ("carries", "offered"))
    return Case(family, Awaiting(state), text, kind, numerator, denominator, percent, carries, offered or "")


def understood(case: Case) -> Reading:
    return read(case.text, case.awaiting, context())


def right(case: Case, reading: Reading) -> bool:
    if kind_of(reading, case.awaiting) != case.kind:
        return False
    if not isinstance(reading, Value) or case.percent is None:
        return True
    answer = reading.answer
    return (answer.numerator, answer.denominator, answer.percent) == (case.numerator, case.denominator, case.percent)


def whole(case: Case, reading: Reading) -> bool:
    """Everything else that it carries: a reason that has words, the facts that those need, doubts, rows, units."""
    if isinstance(reading, Ask | Invalid) and not _worded(case, reading):
        return False
    unsaid = isinstance(reading, Ask | Invalid) and not case.carries
    return unsaid or case.carries in (None, "?", carried(reading))


def _worded(case: Case, reading: Ask | Invalid) -> bool:
    if set(reading.facts) != set(REASONS.get(reading.why, ["?"])) or "" in reading.facts.values():
        return False
    if reading.facts.get("text", "") not in shown(case.text) or (
        isinstance(reading, Invalid) and reading.example not in EXAMPLES
    ):
        return False
    if isinstance(reading, Ask) and {"codes", "units"} & set(reading.facts):
        several = reading.facts.get("codes", reading.facts.get("units"))
        if several != ", ".join(reading.codes):
            return False
    fitting = all(map(_labelled, reading.choices)) if isinstance(reading, Ask) else True
    return fitting and case.offered in ("", offered(reading))


def _labelled(one: Choice) -> bool:
    """The label is that of the answer behind it."""
    label, answer = one.label.removeprefix("answer.choice."), one.answer
    if answer is None:
        return label in ("count", "retype")
    return label in (answer.kind, answer.kind.removeprefix("value_")) or (label == "zero" and answer.percent == 0)


def carried(reading: Reading) -> str:
    match reading:
        case Ask(why) | Invalid(why):
            return why.removeprefix("answer.")
        case Value(_, reference, unit, doubts):
            return "; ".join(filter(None, (reference, unit, *doubts)))
        case Act(_, rest):
            return rest
        case Mention(_, text, codes):
            return "; ".join(filter(None, (" ".join(codes), text)))
        case Batch(items):
            return "; ".join(map(_line, items))


def _line(item: Item) -> str:
    figure = told(choice(item.reading.answer)) if isinstance(item.reading, Value) else ""
    return " ".join(filter(None, (item.reference, *item.codes, item.text, figure, carried(item.reading))))


def offered(reading: Ask | Invalid) -> str:
    """The choices of a question, or what a refusal proposes instead."""
    if isinstance(reading, Invalid):
        return told(choice(reading.proposal)) if reading.proposal else "nothing"
    return (
        "; ".join(filter(None, (" ".join(reading.codes), reading.reference, *map(told, reading.choices)))) or "nothing"
    )


def told(one: Choice) -> str:
    label = one.label.removeprefix("answer.choice.")
    if one.answer is None or one.answer.percent is None or label == "zero":
        return label
    answer = one.answer
    return f"{answer.numerator}/{answer.denominator}" if answer.denominator else f"{float(answer.percent):g} %"


def silently_wrong(case: Case, reading: Reading) -> bool:
    """A value was taken where another one, or none, was meant: the one fault that nobody would notice."""
    return isinstance(reading, Value) and not right(case, reading)


def table() -> str:
    """One line a family, in the order of the table of cases."""
    lines = ["| family | cases | read as meant | misread in silence |", "| --- | ---: | ---: | ---: |"]
    counts: dict[str, list[int]] = {}
    for case in own():
        reading = understood(case)
        count = counts.setdefault(case.family, [0, 0, 0])
        for at, true in enumerate((True, right(case, reading), silently_wrong(case, reading))):
            count[at] += true
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    for family, (all_of_them, fit, silent) in [*counts.items(), ("all", total)]:
        lines.append(f"| {family} | {all_of_them} | {fit} | {silent} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with the table of today between its markers."""
    head, _, rest = page.partition(START)
    return head + START + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf8")), encoding="utf8")
