"""What came of each change, which survivors are explained, and the table of both."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutant import ROOT, Mutant

KEPT = ROOT / "mutants" / "results.csv"
EXPLAINED = ROOT / "tests" / "data" / "mutants.csv"
PAGE = ROOT / "docs" / "mutants.md"
START, END = "<!-- scores -->\n", "<!-- end of scores -->"


@dataclass(frozen=True)
class Result:
    """Known by its change: where the code around it changes, numbers move on."""

    module: str
    function: str
    was: str
    becomes: str
    number: int
    outcome: str


def key(one: Result | Mutant) -> tuple[str, str, int, str, str]:
    return one.module, one.function, one.number, one.was, one.becomes


def kept() -> dict[tuple[str, str, int, str, str], Result]:
    """The last outcome of each."""
    if not KEPT.exists():
        return {}
    with KEPT.open(newline="", encoding="utf8") as file:
        found = [Result(*row[:4], int(row[4]), row[5]) for row in csv.reader(file)]
    return {key(one): one for one in found}


def explanations() -> list[dict[str, str]]:
    with EXPLAINED.open(newline="", encoding="utf8") as file:
        return list(csv.DictReader(file))


def unexplained(results: Iterable[Result]) -> list[Result]:
    told = {(row["module"], row["function"], row["was"], row["becomes"]) for row in explanations()}
    survived = (one for one in results if one.outcome == "survived")
    return [one for one in survived if (one.module, one.function, one.was, one.becomes) not in told]


def table(results: Iterable[Result]) -> str:
    """One line a module, in alphabetical order."""
    counted: Counter[tuple[str, str]] = Counter()
    every = list(results)
    for one in every:
        counted[one.module, one.outcome] += 1
    for one in unexplained(every):
        counted[one.module, "open"] += 1
    columns = ("killed", "timeout", "survived", "open")
    lines = [
        "| module | mutants | killed | timeouts | survived | of them explained | score |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    total = [0] * len(columns)
    for module in sorted({one.module for one in every}):
        row = [counted[module, column] for column in columns]
        total = [a + b for a, b in zip(total, row, strict=True)]
        lines.append(_line(f"`{module}`", *row))
    return "\n".join([*lines, _line("all", *total)]) + "\n"


def _line(name: str, killed: int, timeouts: int, survived: int, left: int) -> str:
    every = killed + timeouts + survived
    score = f"{100 * (killed + timeouts) / every:.1f} %" if every else ""
    return f"| {name} | {every} | {killed} | {timeouts} | {survived} | {survived - left} | {score} |"


def write_page(results: Iterable[Result], page: Path = PAGE) -> None:
    head, _, rest = page.read_text(encoding="utf8").partition(START)
    page.write_text(head + START + table(results) + END + rest.partition(END)[2], encoding="utf8")
