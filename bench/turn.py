"""What one message costs, from its arrival to the reply: `python -m bench.turn`.

Processor time of the bot's own process per message, ours beside others in the same run, each against the same server
on loopback. Ours stores the message, talks, writes the report down, stores the reply and sends it, each before the
next is confirmed (SQLite, synchronous=FULL); the others echo and store nothing.
"""

import argparse
import statistics
import sys
import tempfile
import threading
from collections.abc import Sequence

from bench.far import Far, Message
from bench.process import processor_time, running

CHATS = 200  # people
TALK = ("1.6.2", "58/60", "đúng")  # every third message writes a report down
PEERS = {
    "ours": "Nhắc Hạn, stored and answered",
    "ptb": "python-telegram-bot Application, echo",
    "aiogram": "aiogram Dispatcher, echo",
    "httpx": "a bare httpx loop, echo",
    "aiohttp": "a bare aiohttp loop, echo",
}
PATIENCE = 300.0  # seconds for one run


def talk(count: int) -> list[Message]:
    """Everybody reports again and again; one message of each in turn."""
    rounds = range(count // CHATS)
    return [Message(chat + 1, TALK[number % len(TALK)]) for number in rounds for chat in range(CHATS)]


def measured(peer: str, messages: Sequence[Message]) -> float:
    """Milliseconds of processor time per message, once everybody has written: what is loaded first is no message's."""
    spent: dict[int, float] = {}
    done = threading.Event()

    def replied(count: int) -> None:
        if count in (CHATS, len(messages)):
            spent[count] = processor_time(process.pid)
        if count == len(messages):
            done.set()

    with tempfile.TemporaryDirectory() as folder, Far(messages, replied, first=CHATS) as far:
        line = [sys.executable, "-m", f"bench.peers.{peer}", far.url, str(CHATS), folder]
        with running(line) as process:
            if not done.wait(PATIENCE):
                raise TimeoutError(f"{peer} answered {len(far.replies)} of {len(messages)}")
    return 1000 * (spent[len(messages)] - spent[CHATS]) / (len(messages) - CHATS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    given = parser.parse_args()
    found: dict[str, list[float]] = {peer: [] for peer in given.peers}
    for _ in range(given.rounds):
        for peer in found:
            found[peer].append(measured(peer, talk(given.messages)))
    ours = statistics.median(found["ours"]) if "ours" in found else None
    print(f"{'processor time per message':<42}{'ms':>8}{'against ours':>14}")
    for peer, times in found.items():
        middle = statistics.median(times)
        print(f"{PEERS[peer]:<42}{middle:>8.2f}{middle / ours if ours else 0:>14.2f}")


if __name__ == "__main__":
    main()
