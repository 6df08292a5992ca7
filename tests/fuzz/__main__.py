"""`make fuzz`: every entrance in turn, bounded; one table, and the inputs that something tripped over.

python -m tests.fuzz [--share 0.1] [--seed 1] [--at-once 2] [--minutes 30] [NAME ...]
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.entrances import ENTRANCES

ROOT = Path(__file__).parent.parent.parent
GRACE = 120  # seconds to load and to sum up, besides those of the inputs


@dataclass(frozen=True)
class Found:
    inputs: int
    reached: int  # branches
    seconds: float
    tripped: str  # what it said last, if it tripped


def fuzzed(name: str, runs: int, seed: int, patience: int, folder: Path) -> Found:
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(runs), str(folder), str(seed), str(patience)]
    began, longest = time.perf_counter(), patience + GRACE
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=longest)
    executed = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    reached = re.findall(r"\bcov: (\d+)", done.stderr)
    trace = [line for line in (done.stdout + done.stderr).splitlines() if "Error" in line or "ALARM" in line]
    tripped = (trace or done.stderr.splitlines() or ["it ended by itself"])[-1] if done.returncode else ""
    seconds = time.perf_counter() - began
    return Found(int(executed[1]) if executed else 0, int(reached[-1]) if reached else 0, seconds, tripped)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz")
    asked.add_argument("names", nargs="*", choices=[*ENTRANCES, []])
    asked.add_argument("--share", type=float, default=1.0, help="of each entrance's usual number of inputs")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--at-once", type=int, default=1, help="entrances side by side")
    asked.add_argument("--minutes", type=int, default=30, help="at most, for each entrance")
    given = asked.parse_args()
    kept = Path(tempfile.mkdtemp(prefix="fuzz-"))
    names, every, tripped = given.names or list(ENTRANCES), 0, []

    def tried(name: str) -> Found:
        runs = int(ENTRANCES[name].runs * given.share)
        return fuzzed(name, runs, given.seed, given.minutes * 60, kept / name.replace(" ", "-"))

    print(f"{'entrance':12} {'inputs':>9} {'branches':>9} {'seconds':>8}  tripped")
    with ThreadPoolExecutor(given.at_once) as hands:
        for name, found in zip(names, hands.map(tried, names), strict=True):
            every += found.inputs
            tripped += [name] if found.tripped else []
            told = f"{found.inputs:9,} {found.reached:9,} {found.seconds:8.0f}  {found.tripped or '0'}"
            print(f"{name:12} {told}", flush=True)
    print(f"{'in all':12} {every:9,}" + (f"; the inputs are in {kept}" if tripped else ""))
    return 1 if tripped else 0


if __name__ == "__main__":
    sys.exit(main())
