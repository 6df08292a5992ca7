"""`make torture`: the long form, over every channel at once; one line a channel.

python -m tests.torture [--updates 1000] [--kills 50] [--seed 1] [--database URL] [CHANNEL ...]
"""

import argparse
import tempfile
import time
from pathlib import Path

from storage import db
from tests.torture.ordeal import endure
from tests.torture.sides import CALLS, SIDES


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    asked.add_argument("channels", nargs="*", metavar="CHANNEL", help=", ".join(SIDES | CALLS))
    asked.add_argument("--updates", type=int, default=1000, help="over each channel")
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--seed", default="1")
    asked.add_argument("--database", default="", help="an empty one; a new SQLite file where there is none")
    given = asked.parse_args()
    if unknown := ", ".join({*given.channels} - {*SIDES, *CALLS}):
        asked.error(f"no such channel: {unknown}")
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/house.db"
        engine = db.connect(url)
        db.upgrade(engine)
        began = time.perf_counter()
        found = endure(Path(folder), url, engine, given.updates, given.kills, given.seed, given.channels, whole=True)
        seconds = time.perf_counter() - began
    print(f"{given.kills} kills, seed {given.seed}, {seconds:.0f} s")
    print(f"{'channel':<12}{'updates':>9}{'lost':>6}{'may be':>8}{'uncertain':>11}")
    for one in found:
        print(f"{one.channel:<12}{one.updates:>9}{one.lost:>6}{one.most:>8}{one.uncertain:>11}")


if __name__ == "__main__":
    main()
