"""Sentences, cut to fit a channel: buttons where it has them, a numbered list where not."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.channel import Button, Part, Traits


@dataclass(frozen=True)
class Choice:
    """An option with its label in words; only a numbered one is listed where there are no buttons."""

    id: str
    label: str
    numbered: bool


def render(text: str, choices: Sequence[Choice], traits: Traits) -> list[Part]:
    """The parts to send, in order; the buttons under the last."""
    shown = choices if len(choices) <= traits.buttons else ()
    listed = [choice for choice in choices if choice.numbered] if traits.listed or not shown else []
    lines = [f"{number}. {choice.label}" for number, choice in enumerate(listed, start=1)]
    *parts, last = split("\n".join([text, *lines]), traits)
    buttons = tuple(Button(choice.id, choice.label) for choice in shown)
    return [*(Part(part) for part in parts), Part(last, buttons)]


def split(text: str, traits: Traits) -> list[str]:
    """Cut at a line end if there is one, else at a space, else where it must."""
    parts = []
    while traits.length(text) > traits.longest:
        head = text[: _fits(text, traits)]
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0) or len(head)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text]


def _fits(text: str, traits: Traits) -> int:
    """How many characters of it the channel takes, by its own measure."""
    low, high = 1, min(len(text), traits.longest)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if traits.length(text[:middle]) <= traits.longest else (low, middle - 1)
    return low
