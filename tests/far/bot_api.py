"""The Bot API reference as data: what of a request to Telegram, or of an update, does not fit it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.far.loopback import Upload

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "telegram-bot-api-10.2.json"
SCALARS: dict[str, Callable[[Any], bool]] = {
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "InputFile": lambda value: isinstance(value, Upload),
}
MODES = {"HTML", "MarkdownV2", "Markdown"}
_LENGTH = re.compile(r"(\d+)-(\d+) (bytes|characters)")
_AT_MOST = re.compile(r"[Aa]t most (\d+) \w+ can be specified")
_BETWEEN = re.compile(r"[Vv]alues between (\d+)-(\d+) are accepted")
_CONSTANT = re.compile(r"\b(?:must be|always) [“\"]?(\w+)[”\"]?$")
_ALPHABETS = {
    "only lowercase English letters, digits and underscores": re.compile(r"[a-z0-9_]*"),
    "Only characters A-Z, a-z, 0-9, _ and - are allowed": re.compile(r"[A-Za-z0-9_-]*"),
}

Measure = Callable[[str, str | None], int]
"""A text and its parse mode → its length after the entities are parsed."""


class BotApi:
    def __init__(self, reference: Mapping[str, Any], measure: Measure) -> None:
        self.methods: Mapping[str, Any] = reference["methods"]
        self.types: Mapping[str, Any] = reference["types"]
        self._measure = measure

    def request(self, method: str, given: Mapping[str, Any]) -> list[str]:
        """Every fault of a request, each with the place where it is."""
        if method not in self.methods:
            return [f"{method}: no such method"]
        fields = self.methods[method].get("fields", [])
        return list(self._fields(fields, _decoded(fields, given), method))

    def result(self, method: str, value: Any) -> list[str]:
        """Every fault of what a method returned."""
        faults = [self.value(kind, value) for kind in self.methods[method]["returns"]]
        return [] if not all(faults) else min(faults, key=len)

    def value(self, kind: str, value: Any) -> list[str]:
        """Every fault of an object of that type."""
        return list(self._value(kind, value, kind))

    def _fields(self, fields: list[Any], given: Mapping[str, Any], where: str) -> Iterator[str]:
        known = {field["name"]: field for field in fields}
        yield from (f"{where}.{name}: no such field" for name in given.keys() - known.keys())
        for name, field in known.items():
            if name in given:
                yield from self._field(field, given[name], given.get("parse_mode"), f"{where}.{name}")
            elif field["required"]:
                yield f"{where}.{name}: missing"

    def _field(self, field: Any, value: Any, mode: str | None, where: str) -> Iterator[str]:
        faults = [list(self._value(kind, value, where)) for kind in field["types"]]
        if all(faults):
            yield from min(faults, key=len)
        else:
            yield from self._rules(field, value, mode, where)

    def _value(self, kind: str, value: Any, where: str) -> Iterator[str]:
        if kind in SCALARS:
            if not SCALARS[kind](value):
                yield f"{where}: {value!r} is no {kind}"
        elif kind.startswith("Array of "):
            yield from self._array(kind.removeprefix("Array of "), value, where)
        elif subtypes := self.types[kind].get("subtypes"):
            yield from self._one_of(subtypes, value, where)
        elif not isinstance(value, dict):
            yield f"{where}: {value!r} is no {kind}"
        else:
            yield from self._fields(self.types[kind].get("fields", []), value, where)
            if kind == "InlineKeyboardButton" and len(value.keys() - {"text", "icon_custom_emoji_id", "style"}) != 1:
                yield f"{where}: a button does exactly one thing"

    def _array(self, kind: str, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no array"
            return
        for number, each in enumerate(value):
            yield from self._value(kind, each, f"{where}[{number}]")

    def _one_of(self, kinds: list[str], value: Any, where: str) -> Iterator[str]:
        faults = [list(self._value(kind, value, where)) for kind in kinds]
        if all(faults):
            yield from min(faults, key=len)

    def _rules(self, field: Any, value: Any, mode: str | None, where: str) -> Iterator[str]:
        """What the reference only says in prose: lengths, alphabets, constants."""
        prose = field["description"]
        if isinstance(value, str):
            yield from self._text_rules(prose, value, mode, where)
        if isinstance(value, list) and (most := _AT_MOST.search(prose)) and len(value) > int(most[1]):
            yield f"{where}: {len(value)} are too many"
        if isinstance(value, int) and (range_ := _BETWEEN.search(prose)) and not _within(value, range_):
            yield f"{where}: {value} is out of range"
        if field["name"] == "allowed_updates":
            yield from (f"{where}: {kind} is no kind of update" for kind in value if kind not in self._update_kinds())

    def _text_rules(self, prose: str, value: str, mode: str | None, where: str) -> Iterator[str]:
        if length := _LENGTH.search(prose):
            measured = self._measured(value, length[3], mode if "after entit" in prose else None)
            if not _within(measured, length):
                yield f"{where}: {measured} {length[3]}, may be {length[0]}"
        for words, alphabet in _ALPHABETS.items():
            if words in prose and not alphabet.fullmatch(value):
                yield f"{where}: {value!r} has characters that are not allowed"
        if (constant := _CONSTANT.search(prose)) and value != constant[1]:
            yield f"{where}: {value!r} must be {constant[1]!r}"
        if where.endswith("parse_mode") and value not in MODES:
            yield f"{where}: {value!r} is no parse mode"

    def _measured(self, value: str, unit: str, mode: str | None) -> int:
        return len(value.encode()) if unit == "bytes" else self._measure(value, mode)

    def _update_kinds(self) -> set[str]:
        return {field["name"] for field in self.types["Update"]["fields"]} - {"update_id"}


def _within(value: int, bounds: re.Match[str]) -> bool:
    return int(bounds[1]) <= value <= int(bounds[2])


def _decoded(fields: list[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A form carries all but text as JSON."""
    textual = {field["name"] for field in fields if "String" in field["types"]}
    return {name: value if name in textual else _json(value) for name, value in given.items()}


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


@cache
def reference() -> Mapping[str, Any] | None:
    """None where the project's shared reference data is not at hand."""
    return json.loads(REFERENCE.read_text("utf-8")) if REFERENCE.exists() else None


def load(measure: Measure = lambda text, mode: len(text)) -> BotApi | None:
    data = reference()
    return BotApi(data, measure) if data else None
