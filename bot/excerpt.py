"""A long list in chat: so many lines in one message, and a word for those after them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bot.dialogue.deeds import Sight
from bot.dialogue.turn import Option

SHOWN = 15  # units or rows in one message: it fits the shortest of all channels
Item = Mapping[str, object]
Lines = tuple[list[Item], tuple[Option, ...]]
T = TypeVar("T")


def excerpt(found: Sequence[T], line: Callable[[T], Item], at: Sight, start: int, what: str = "") -> Lines:
    """The lines from there on, and what shows the next ones: it says by itself what is being looked at."""
    lines = [line(one) for one in found[start : start + SHOWN]]
    after = start + len(lines)
    if after >= len(found):
        return lines, ()
    following = Option(f"more {at} {after} {what}".strip(), "option.more", numbered=False)
    return [*lines, {"kind": "desk.more", "facts": {"n": len(found) - after}}], (following,)


def rest(count: int, kind: str = "desk.rest") -> list[Item]:
    """After the first lines of a list that nobody can leaf through where it is told."""
    return [{"kind": kind, "facts": {"n": count - SHOWN}}] if count > SHOWN else []
