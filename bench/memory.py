"""What the bot's own process holds after so many turns: `python -m bench.memory`.

Resident memory, by the operating system's count, of the process that answers (as in `bench.turn`), at equal steps of
one long talk with many people. What grows with each turn shows as a slope that does not flatten.
"""

import argparse
import sys
import tempfile
import threading

from bench.far import Far, Message
from bench.process import resident, running
from bench.turn import TALK

CHATS = 2000  # people: nobody says so much that it is set aside
STEPS = 6
PATIENCE = 900.0  # seconds


def grown(turns: int) -> list[tuple[int, float]]:
    """(turns so far, MiB), from the first poll to the last reply."""
    rounds = range(-(-turns // CHATS))
    talk = [Message(chat + 1, TALK[number % len(TALK)]) for number in rounds for chat in range(CHATS)][:turns]
    marks = {turns * step // STEPS for step in range(STEPS + 1)}
    found: list[tuple[int, float]] = []
    done = threading.Event()

    def replied(count: int) -> None:
        if count in marks:
            found.append((count, resident(process.pid)))
        if count == turns:
            done.set()

    with tempfile.TemporaryDirectory() as folder, Far(talk, replied) as far:
        line = [sys.executable, "-m", "bench.peers.ours", far.url, str(CHATS), folder]
        with running(line) as process:
            if not done.wait(PATIENCE):
                raise TimeoutError(f"{len(far.replies)} of {turns} answered")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=30_000)
    found = grown(parser.parse_args().turns)
    print(f"{'turns':>8}{'MiB':>8}{'MiB per 10,000 turns since the step before':>46}")
    before: tuple[int, float] | None = None
    for turns, held in found:
        rate = f"{10_000 * (held - before[1]) / (turns - before[0]):>46.2f}" if before else ""
        print(f"{turns:>8}{held:>8.1f}{rate}")
        before = turns, held


if __name__ == "__main__":
    main()
