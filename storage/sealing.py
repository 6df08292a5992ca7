"""How a row of the book of changes is bound to the one before it: with a key where the office has one."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from catalogue.calendar import HANOI

PLAIN = "sha256"  # without a key: whoever writes in the database can also bind anew all that follows
CONTENT = ("was", "now", "verbatim")
BOUND = ("at", "person", "channel", "deed", "subject", "digest")
BOUND_AT_FIRST = ("at", "person", "channel", "deed", "subject", *CONTENT)  # before contents could be erased


class NoKey(Exception):
    """A row was bound with a key that is not among those we have; `how` names it."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass(frozen=True)
class Keys:
    """What rows are bound with: the first for new rows, the others for what they bound in their time."""

    of: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def newest(self) -> str:
        return named(self.of[0]) if self.of else PLAIN

    def __contains__(self, how: str) -> bool:
        return how == PLAIN or any(named(key) == how for key in self.of)

    def bind(self, how: str, last: str, body: str) -> str:
        """The link of a row with this body to the link before it. Raises NoKey."""
        if how == PLAIN:
            return hashlib.sha256((last + body).encode()).hexdigest()
        for key in self.of:
            if named(key) == how:
                return hmac.new(key, (last + body).encode(), hashlib.sha256).hexdigest()
        raise NoKey(how)


def named(key: bytes) -> str:
    """By what a row says which key bound it; the key itself cannot be told from it."""
    return "hmac-" + hmac.new(key, b"the name of this key", hashlib.sha256).hexdigest()[:12]


def use(engine: Engine, keys: Keys) -> None:
    """All that is written over this engine from now on is bound with the first of them."""
    engine.update_execution_options(keys=keys)


def keys_of(tx: Connection) -> Keys:
    found: Keys = tx.get_execution_options().get("keys", Keys())
    return found


def salt() -> str:
    return secrets.token_hex(16)


def digest(salt: str, row: Mapping[str, Any]) -> str:
    """Of a row's content. Without the salt nobody can find out by trial what the content was."""
    return _hashed([salt, *(row[name] for name in CONTENT)])


def body(row: Mapping[str, Any]) -> str:
    """What is bound: of the content only its digest, so that the content can be erased and the chain still holds."""
    return _written([_plain(row, name) for name in BOUND])


def body_at_first(row: Mapping[str, Any]) -> str:
    return _written([_plain(row, name) for name in BOUND_AT_FIRST])


def as_it_stands(row: Mapping[str, Any]) -> str:
    """A digest of a whole row, link and all: what an erasure leaves behind is known by it."""
    return _hashed([_plain(row, name) for name in (*BOUND_AT_FIRST, "salt", "link")])


def _plain(row: Mapping[str, Any], name: str) -> Any:
    return row[name].astimezone(HANOI).isoformat() if name == "at" else row[name]


def _written(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _hashed(values: list[Any]) -> str:
    return hashlib.sha256(_written(values).encode()).hexdigest()
