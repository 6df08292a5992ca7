"""`make mutants`: change `catalogue` in one small place at a time, and see whether a test notices.

python -m tests.mutation [--again] [--page] [--children 2] [MODULE ...]
"""

import argparse
import csv
import gc
import os
import sys
from collections.abc import Iterable, Iterator

from tests.mutation import changes, judge, results, trial
from tests.mutation.mutant import Mutant
from tests.mutation.results import Result


def judged(mutants: Iterable[Mutant], children: int) -> Iterator[Result]:
    judges = judge.summoned()
    gc.freeze()
    waiting = iter(mutants)
    running: dict[int, Mutant] = {}
    while True:
        while len(running) < children and (mutant := next(waiting, None)):
            running[trial.begun(mutant, judges)] = mutant
        if not running:
            return
        pid, status = os.wait()
        one = running.pop(pid)
        yield Result(one.module, one.function, one.was, one.becomes, one.number, trial.outcome(status))


def keep(found: Iterable[Result]) -> None:
    """One line after the other, so that whatever ends it early costs no more than what was running."""
    results.KEPT.parent.mkdir(exist_ok=True)
    with results.KEPT.open("a", newline="", encoding="utf8") as file:
        for one in found:
            csv.writer(file).writerow((one.module, one.function, one.was, one.becomes, one.number, one.outcome))
            file.flush()


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.mutation")
    asked.add_argument("modules", nargs="*", help="in this order; all where none is named")
    asked.add_argument(
        "--again", action="store_true", help="what survived last time, instead of what is not judged yet"
    )
    asked.add_argument("--page", action="store_true", help="write the scores into docs/mutants.md")
    asked.add_argument("--children", type=int, default=2, help="processes at a time")
    given = asked.parse_args()
    kept, wanted = results.kept(), "survived" if given.again else None
    due = (one for one in changes.of_modules(given.modules) if _outcome(kept.get(results.key(one))) == wanted)
    keep(judged(due, given.children))
    kept = results.kept()
    of_today = [kept[key] for key in map(results.key, changes.of_modules(given.modules)) if key in kept]
    print(results.table(of_today))
    for one in (left := results.unexplained(of_today)):
        print(f"{one.module}.{one.function} {one.number}\n  - {one.was}\n  + {one.becomes}")
    if given.page:
        results.write_page(of_today)
    return 1 if left else 0


def _outcome(result: Result | None) -> str | None:
    return result.outcome if result else None


if __name__ == "__main__":
    sys.exit(main())
