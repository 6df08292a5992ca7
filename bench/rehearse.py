"""Plays many campaigns, seed by seed, and writes what came of them into docs/reminding.md between its markers.

python -m bench.rehearse --seeds 20 --units 54
"""

import argparse
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time

from bot.rehearse import campaign
from bot.words import Words
from catalogue import load

PAGE = Path(__file__).parent.parent / "docs" / "reminding.md"
BEGIN, END = "<!-- rehearsals: begin -->", "<!-- rehearsals: end -->"
COLUMNS = {
    "seed": "seed",
    "deadline": "deadline",
    "people": "people",
    "troubles": "troubles",
    "messages": "messages",
    "messages_per_unit": "a unit",
    "unasked": "unasked",
    "reminders": "reminders",
    "reminders_per_unit": "a unit",
    "figures": "one a figure",
    "most_unasked_a_day": "most a day",
    "twice": "twice",
    "stale": "stale",
    "after_completion": "needless",
    "outside_hours": "outside hours",
    "missed": "missed",
    "recorded": "recorded",
    "confirmed": "confirmed",
    "cpu": "CPU s",
    "wall": "wall s",
}


def row(units: int, days: int, seed: int) -> tuple[bool, str]:
    begin, worked = perf_counter(), process_time()
    verdict, circumstances = campaign.rehearse(units, days, seed, load.all()["2024-qd55"], {"vi": Words()})
    found = circumstances | asdict(verdict)
    found |= {"cpu": f"{process_time() - worked:.0f}", "wall": f"{perf_counter() - begin:.0f}"}
    return verdict.kept, "| " + " | ".join(str(found[name]) for name in COLUMNS) + " |"


def told(units: int, days: int, seeds: int, rows: list[str]) -> str:
    load_then = f"{os.getloadavg()[0]:.0f}"
    heading = f"{seeds} campaigns of {units} units and {days} days; {os.cpu_count()} cores, load {load_then}:"
    return "\n".join([heading, "", "| " + " | ".join(COLUMNS.values()) + " |", "|" + " --- |" * len(COLUMNS), *rows])


def write(table: str) -> None:
    before, rest = PAGE.read_text(encoding="utf8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf8")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seeds", type=int, default=20)
    words.add_argument("--units", type=int, default=54)
    words.add_argument("--days", type=int, default=17)
    asked = words.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    found = []
    for seed in range(1, asked.seeds + 1):
        found.append(row(asked.units, asked.days, seed))
        print(found[-1][1], flush=True)
        write(told(asked.units, asked.days, seed, [line for _, line in found]))
    return 0 if all(kept for kept, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main())
