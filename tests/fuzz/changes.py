"""How an input becomes another: a tree of JSON at one place, bytes at a few."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

ODD: list[Any] = [
    *(None, True, False, 0, -1, 10**30, 1.5, float("nan"), "", " ", "0", "-1", "null", [], {}, [[]], {"id": 1}),
    *("a" * 5000, "\ud800", "\x00", "\u202e", "e\u0301" * 90, "../../etc/passwd", "=1+1", "<b>", "45/60", "/start x"),
]


def of_tree(data: bytes, chance: Random) -> bytes:
    """One place of the tree holds something else, or is gone; no tree stays as it is."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(tree))
    if not places:
        return data
    holder, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice(ODD)
        case 2:
            other, there = chance.choice(places)
            holder[key] = json.loads(json.dumps(other.get(there) if isinstance(other, dict) else other[there]))
        case _:
            text = str(holder[key]).encode("utf-8", "replace")
            holder[key] = of_bytes(text, chance, [b"45/60"]).decode("utf-8", "replace")
    return json.dumps(tree).encode()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from _places(tree[key])


def of_bytes(data: bytes, chance: Random, others: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(changed))
        match chance.randrange(4):
            case 0:
                changed[at:at] = chance.randbytes(1)
            case 1:
                del changed[at : at + chance.randint(1, 8)]
            case 2:
                changed[at : at + 1] = chance.randbytes(1)
            case _:
                changed[at:at] = chance.choice(others)[: chance.randint(0, 12)]
    return bytes(changed)
