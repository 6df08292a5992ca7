"""Slips of the finger: a word one edit away from exactly one word that is known."""

from collections.abc import Iterable

SHORTEST = 4
"""Letters a known word must have: shorter ones lie too close together."""
LONGEST = 40


def shortened(word: str) -> set[str]:
    """The word, and the word with any one letter left out."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def slip(typed: str, meant: str) -> int | None:
    """How likely a slip makes the one of the other: 0 two neighbours exchanged, 1 a letter too many or too few,
    2 a wrong letter; None where it takes more than one."""
    short, long = sorted((typed, meant), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) > len(short):
        return 1 if long[at + 1 :] == short[at:] else None
    if short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]:
        return 0
    return 2 if short[at + 1 :] == long[at + 1 :] else None


class Speller:
    """Known words indexed by what is left of them, so that a lookup costs the length of the word."""

    def __init__(self, words: Iterable[str], shortest: int = SHORTEST) -> None:
        self._known: dict[str, set[str]] = {}
        self._shortest = shortest
        for word in words:
            if len(word) >= shortest:
                for part in shortened(word):
                    self._known.setdefault(part, set()).add(word)

    def mended(self, typed: str) -> str | None:
        """The one known word that the likeliest slip leads to, or None: no such word, or several."""
        if not self._shortest - 1 <= len(typed) <= LONGEST:
            return None
        near = {word for part in shortened(typed) for word in self._known.get(part, ())}
        slips = {word: kind for word in near if (kind := slip(typed, word)) is not None}
        likeliest = [word for word, kind in slips.items() if kind == min(slips.values())]
        return likeliest[0] if len(likeliest) == 1 else None
