"""The vocabulary of a conversation: what came in, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, Literal

Event = Literal["", "blocked", "returned", "edited", "contact", "unsupported", "seen"]


@dataclass(frozen=True)
class Attachment:
    """A file somebody sent; `ref` is the channel's own handle, by which only that channel can fetch it."""

    ref: str
    name: str
    size: int  # bytes; 0 where the channel does not tell
    mime: str
    kept: int | None = None  # our own number of it, once it has been fetched
    lost: Literal["", "too_big", "gone"] = ""  # why it could not be fetched


@dataclass(frozen=True)
class Said:
    """One thing a person said: typed, pressed, or sent."""

    text: str = ""
    choice: str | None = None  # the id of the button pressed
    file: Attachment | None = None
    # "edited": text is a message's new text; "unsupported": a sticker, a voice, a place; "seen": text is the ids of
    # our messages that they have looked at
    event: Event = ""
    phone: str = ""  # with the event "contact": their own number, for which the channel vouches
    sender: str = ""  # the name the channel shows for them, if any
    private: bool = True  # False in a group, where no figure is ever told


@dataclass(frozen=True)
class Option:
    """Something to choose. The id carries all that choosing means, so that an old button can't mean something new."""

    id: str  # at most 64 bytes of ASCII
    kind: str  # the label, as a sentence to be
    facts: Mapping[str, Any] = field(default_factory=dict)
    numbered: bool = True  # False: the sentence names the word to type, so "1" may go on meaning a value


def named(id: str, text: str) -> Option:
    """An option whose label is a name: a unit, a row."""
    return Option(id, "option.text", {"text": text})


@dataclass(frozen=True)
class Paper:
    """A file to be: its kind, and exact facts that JSON can hold. It is made when it is sent."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    linked: bool = False  # told by its address even where the channel takes files: it would not take this one


def kept(file: int) -> Paper:
    """A file that we keep, as it came."""
    return Paper("kept", {"file": file})


@dataclass(frozen=True)
class Say:
    """A sentence to be: its kind, and exact facts that JSON can hold. It is put into words when it is sent."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class State:
    """What a conversation remembers; each kind is stored under its own name."""


@dataclass(frozen=True)
class Idle(State):
    """Nothing in progress."""


@dataclass(frozen=True)
class Deed:
    """Something to be done in the same transaction; each kind is carried out by the desk."""


@dataclass(frozen=True)
class Turn:
    """What follows from one message: the new state, what to say, what to do."""

    remember: State
    say: tuple[Say, ...]
    do: tuple[Deed, ...] = ()


def jsonable(value: Any) -> Any:
    """What JSON can hold, of the words of a talk: `asdict` without its copies, which took longer than a statement."""
    kind = type(value)
    if kind in (str, int, bool, type(None)):
        return value
    if kind is dict:
        return {name: jsonable(each) for name, each in value.items()}
    if kind in (tuple, list):
        return kind(map(jsonable, value))
    return {name: jsonable(getattr(value, name)) for name in field_names(kind)} if is_dataclass(kind) else value


@cache
def field_names(kind: Any) -> tuple[str, ...]:
    """Of a dataclass."""
    return tuple(one.name for one in fields(kind))
