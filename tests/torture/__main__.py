"""`make torture`: the long form, over every channel at once and on each database; one table at its end.

python -m tests.torture [--updates 200] [--kills 100] [--seed 1] [--on sqlite,postgresql,four] [CHANNEL ...]

"four": four processes on PostgreSQL. PostgreSQL is asked where TEST_POSTGRES_URL says which server.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import database
from storage import db
from tests.torture.books import Account
from tests.torture.ordeal import Survived, endure
from tests.torture.sides import CALLS, SIDES

SERVER = os.environ.get("TEST_POSTGRES_URL", "")
PLACES = {"sqlite": 1, "postgresql": 1, "four": 4}  # and how many processes there are
HEADINGS = f"{'where':<11}{'what':<14}{'kills':>6}{'number':>8}{'lost':>6}{'may be':>8}{'twice':>7}{'uncertain':>11}"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    asked.add_argument("channels", nargs="*", metavar="CHANNEL", help=", ".join(SIDES | CALLS))
    asked.add_argument(
        "--updates", type=int, default=200, help="over each channel, those with which notices are sent among them"
    )
    asked.add_argument("--kills", type=int, default=100, help="moments at which one process, or all, are killed")
    asked.add_argument("--seed", default="1")
    asked.add_argument("--on", default=",".join(PLACES if SERVER else ["sqlite"]), help=", ".join(PLACES))
    given = asked.parse_args()
    if unknown := ", ".join({*given.channels} - {*SIDES, *CALLS} | {*given.on.split(",")} - {*PLACES}):
        asked.error(f"not known: {unknown}")
    table, failed = [HEADINGS], False
    for place in given.on.split(","):
        for channels in [given.channels] if given.channels else [[*SIDES], [*CALLS]]:
            found = tortured(place, channels, given.updates, given.kills, given.seed)
            table += [line(place, found.kills, one) for one in found.accounts.values()]
            failed |= not found.holds
            print("\n".join(table[-len(found.accounts) :]), flush=True)
    print("\n".join(table))
    sys.exit(failed)


def tortured(place: str, channels: Sequence[str], updates: int, kills: int, seed: str) -> Survived:
    with tempfile.TemporaryDirectory() as folder, emptied(place, folder) as url:
        engine = db.connect(url)
        db.upgrade(engine)
        try:
            return endure(Path(folder), url, engine, updates, kills, seed, channels, True, PLACES[place])
        finally:
            engine.dispose()


@contextmanager
def emptied(place: str, folder: str) -> Iterator[str]:
    """A database in which nothing is."""
    if place == "sqlite":
        yield f"sqlite:///{folder}/house.db"
        return
    with database(SERVER) as url:
        yield url


def line(place: str, kills: int, one: Account) -> str:
    figures = f"{kills:>6}{one.number:>8}{one.lost:>6}{one.may_lose:>8}{one.twice:>7}{one.uncertain:>11}"
    return f"{place:<11}{one.what:<14}{figures}"


if __name__ == "__main__":
    main()
