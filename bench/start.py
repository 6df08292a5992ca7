"""From the start of the process to its first poll, and the memory it holds then: `python -m bench.start`.

Ours (the whole program: database, page, timetable, one Telegram bot) beside an idle python-telegram-bot Application
that only echoes, in turns in the same run. Medians; what counts is the ratio.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping

from bench.far import Far
from bench.peers.ours import TOKEN
from bench.process import resident, running, settings, telegram

PATIENCE = 60.0  # seconds for one start
SETTLES = 2.0  # seconds after the first poll in which what is loaded late comes in

Line = Callable[[str], list[str]]
PEERS: Mapping[str, tuple[str, Line]] = {
    "ours": ("Nhắc Hạn, the whole program", lambda far: [sys.executable, "-m", "bot", "run"]),
    "ptb": (
        "python-telegram-bot, an idle echo",
        lambda far: [sys.executable, "-m", "bench.peers.ptb", far, "1", "."],
    ),
}


def started(line: Line) -> tuple[float, float]:
    """Seconds to the first poll, and megabytes of resident memory a moment later."""
    polled = threading.Event()
    with tempfile.TemporaryDirectory() as folder, Far((), lambda count: polled.set()) as far:
        own = settings(f"sqlite:///{folder}/house.db", telegram(far.url, TOKEN))
        if "bot" in line(far.url):
            subprocess.run([*line(far.url)[:-1], "init"], cwd=folder, env=own, check=True, capture_output=True)
        begin = time.monotonic()
        with running(line(far.url), cwd=folder, env=own, stdout=subprocess.DEVNULL) as process:
            if not polled.wait(PATIENCE):
                raise TimeoutError("it has not polled")
            seconds = time.monotonic() - begin
            time.sleep(SETTLES)
            return seconds, resident(process.pid)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PEERS}
    for _ in range(given.rounds):
        for name, (_, line) in PEERS.items():
            found[name].append(started(line))
    medians = {name: [statistics.median(row) for row in zip(*rows, strict=True)] for name, rows in found.items()}
    print(f"{'':<36}{'first poll, s':>14}{'memory, MB':>12}{'':>4}against the echo: time, memory")
    for name, (title, _) in PEERS.items():
        seconds, held = medians[name]
        ratios = [ours / theirs for ours, theirs in zip(medians[name], medians["ptb"], strict=True)]
        print(f"{title:<36}{seconds:>14.2f}{held:>12.1f}{'':>4}{ratios[0]:.2f}x  {ratios[1]:.2f}x")


if __name__ == "__main__":
    main()
