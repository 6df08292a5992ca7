"""What the pages ask of the house; the composition root answers, over storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.channels.channel import Button


@dataclass(frozen=True)
class FileLink:
    name: str
    url: str  # "" when the file can't be fetched again
    size: int  # bytes


@dataclass(frozen=True)
class Line:
    """One message as the chat page shows it."""

    id: int  # grows in the order in which lines are said, below 2**53; may become visible a moment late
    who: Literal["me", "bot"]
    text: str
    at: datetime
    buttons: tuple[Button, ...] = ()
    files: tuple[FileLink, ...] = ()
    live: bool = False  # the buttons may still be pressed: the newest with buttons, and nothing said since
    key: str = ""  # of one's own line: the Incoming.id it came in with
    choice: str = ""  # of one's own line: the id of the button pressed; the page shows its label


@dataclass(frozen=True)
class Heading:
    """Who this chat belongs to; both empty for a stranger."""

    name: str = ""
    detail: str = ""  # duty and unit, as one line


class Chats(Protocol):
    async def history(self, chat: str, after: int) -> Sequence[Line]:
        """The lines with a larger id than `after`, oldest first; from 0, the latest few hundred."""

    async def heading(self, chat: str) -> Heading: ...


@dataclass(frozen=True)
class Stored:
    name: str
    mime: str
    content: bytes


class Uploads(Protocol):
    async def put(self, name: str, mime: str, content: bytes) -> int:
        """Keeps what somebody sent; the number by which it is found again."""


class Files(Protocol):
    async def get(self, ref: str) -> Stored | None:
        """What a signed file link names; None when it is no longer there."""


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    detail: str = ""  # read by strangers: durations and counts at most


@dataclass(frozen=True)
class HealthReport:
    ok: bool
    checks: tuple[Check, ...] = ()


class Health(Protocol):
    async def report(self) -> HealthReport: ...


@dataclass(frozen=True)
class Persona:
    """Somebody of the rehearsal office, and what is worth typing in their window."""

    id: str
    name: str
    role: str
    unit: str
    chat: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A step of the one-minute guide; without a persona it is done with the clock."""

    title: str
    text: str
    persona: str = ""
    says: tuple[str, ...] = ()  # each becomes a chip that fills the persona's input


@dataclass(frozen=True)
class Ahead:
    """The reminder that comes next."""

    at: datetime
    name: str


@dataclass(frozen=True)
class Figure:
    label: str
    value: str


@dataclass(frozen=True)
class Happened:
    at: datetime
    text: str


@dataclass(frozen=True)
class Scene:
    """How the rehearsal stands."""

    run: str  # another one after each reset, so that every open window notices
    now: datetime
    ahead: Ahead | None = None
    figures: tuple[Figure, ...] = ()
    happened: tuple[Happened, ...] = ()  # newest first


class Stage(Protocol):
    """The rehearsal office with a clock that can be moved."""

    async def personas(self) -> Sequence[Persona]: ...

    async def guide(self) -> Sequence[Step]: ...

    async def scene(self) -> Scene: ...

    async def move(self, to: str) -> None:
        """`to` is "next" (the next reminder), "hour", "day", an ISO moment, or "midway": all over again,

        with a campaign under way. ValueError: a sentence for the person.
        """

    async def reset(self) -> None: ...
