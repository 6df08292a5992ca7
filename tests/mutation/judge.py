"""The tests of `catalogue` as plain calls, one for each row of their tables, without a runner around them.

A runner collects thousands of tests anew for each change, which takes longer by far than to carry them out.
"""

import importlib
import inspect
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

LIGHT = (
    "numerals",
    "answer",
    "pointing",
    "dates",
    "calendar",
    "standing",
    "conditions",
    "shortfall",
    "target",
    "office",
    "spelling",
    "telex",
    "effacing",
    "text",
    "listing",
)
HEAVY = ("answer_properties", "load", "pending", "prospects", "members", "privacy", "appendix", "paper")
"""They take longer, or import what stands upon the catalogue: not called again on code that is built anew."""

REPEATED = (  # they go over a whole table again, or over more than is needed to notice a change
    "test_reads_nothing_wrongly_in_silence",
    "test_the_page_shows_the_table_of_today",
    "test_every_reason_is_met_by_some_case",
    "test_the_sweep_of_integer_cases_is_exact",
    "test_how_letters_are_stored_never_changes_a_reading",
    "test_case_and_marks_never_lead_to_another_value",
    "test_300_people_are_read",
    "test_each_of_five_faults_among_300_rows_is_told_with_its_line",
)
OURS = ("catalogue", "storage", "jobs", "bot", "tests.test_", "tests.answer_families", "tests.house")
FOLDER = "tmp_path"
FEW = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Trial:
    """One call, the functions of `catalogue` that it reaches when nothing is wrong, and its seconds."""

    name: str
    call: Callable[[], object]
    reaches: frozenset[str] = frozenset()
    seconds: float = 0.0

    def passes(self) -> bool:
        try:
            self.call()
        except (Exception, pytest.fail.Exception):
            return False
        return True


@dataclass
class Judges:
    trials: Sequence[Trial]
    built: frozenset[str]
    """Functions that make something at import, or once and for all: it has to be made anew to show a change of them."""

    _reaching: dict[str, list[Trial]] = field(default_factory=dict)

    def reaching(self, place: str) -> list[Trial]:
        """Changes come function by function, so the last one asked for is kept."""
        if place not in self._reaching:
            self._reaching = {place: [one for one in self.trials if place in one.reaches]}
        return self._reaching[place]


def summoned(names: Iterable[str] = (*LIGHT, *HEAVY)) -> Judges:
    """All trials with what they reach. What they reach the first time alone, they have built."""
    found: list[Trial] = []
    built = _reached(lambda: found.extend(trials(names)))
    first = [_reached(trial.call) for trial in found]
    again = [_watched(trial) for trial in found]
    once = (before - trial.reaches for before, trial in zip(first, again, strict=True))
    return Judges(again, built.union(*once))


def trials(names: Iterable[str]) -> list[Trial]:
    """In an order that brings something of every table early, and always the same one."""
    found = [trial for name in names for trial in _of(importlib.import_module(f"tests.test_{name}"))]
    Random(1).shuffle(found)
    return found


def forget() -> None:
    """So that the next import builds everything again."""
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        del sys.modules[name]


def _of(module: ModuleType) -> Iterator[Trial]:
    """What needs a database or the like is left out; a folder, and what the module makes of one, is given."""
    for name, test in vars(module).items():
        marks = getattr(test, "pytestmark", [])
        if not name.startswith("test_") or name in REPEATED or any(map(_left_out, marks)):
            continue
        drawing = hasattr(test, "hypothesis")
        if drawing:
            test._hypothesis_internal_use_settings = FEW
        for number, row in enumerate(_rows(marks)):
            left = set() if drawing else _wanted(test) - set(row)
            if all(_can_be_made(module, one) for one in left):
                call = partial(_in_a_folder, module, left, partial(test, **row)) if left else partial(test, **row)
                yield Trial(f"{module.__name__}.{name} {number}", call)


def _wanted(function: Any) -> set[str]:
    return set(function.__code__.co_varnames[: function.__code__.co_argcount])


def _fixture(module: ModuleType, name: str) -> Any:
    """What stands behind the name in the module; None where it is no fixture, or one with an end."""
    found = getattr(vars(module).get(name), "__wrapped__", None)
    return None if inspect.isgeneratorfunction(found) else found


def _can_be_made(module: ModuleType, name: str) -> bool:
    found = _fixture(module, name)
    return name == FOLDER or (found is not None and all(_can_be_made(module, one) for one in _wanted(found)))


def _in_a_folder(module: ModuleType, wanted: Iterable[str], call: Callable[..., object]) -> object:
    def made(name: str) -> object:
        if name == FOLDER:
            return Path(folder)
        found = _fixture(module, name)
        return found(**{one: made(one) for one in _wanted(found)})

    with TemporaryDirectory() as folder:
        return call(**{name: made(name) for name in wanted})


def _left_out(mark: Any) -> bool:
    return mark.name == "usefixtures" or (mark.name == "skipif" and mark.args[0])


def _rows(marks: Iterable[Any]) -> Iterator[Mapping[str, object]]:
    """Every combination of the rows of its tables; one without anything where it has none."""
    tables = [list(_named(*mark.args)) for mark in marks if mark.name == "parametrize"]
    for rows in itertools.product(*tables):
        yield {name: value for row in rows for name, value in row.items()}


def _named(names: str | Sequence[str], rows: Iterable[Any]) -> Iterator[dict[str, object]]:
    split = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    for row in rows:
        yield dict(zip(split, row if len(split) > 1 else (row,), strict=True))


def _watched(trial: Trial) -> Trial:
    reaches = _reached(trial.call)
    began = time.process_time()
    trial.call()
    return replace(trial, reaches=reaches, seconds=time.process_time() - began)


def _reached(call: Callable[[], object]) -> frozenset[str]:
    reached: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            reached.add(frame.f_code)

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    places = {f"{code.co_filename}:{code.co_qualname}" for code in reached if "/catalogue/" in code.co_filename}
    return frozenset(map(sys.intern, places))
