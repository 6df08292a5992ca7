"""What a channel is: it listens, it sends, and it says what it can and can't do."""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Literal, Protocol

import httpx
from starlette.routing import BaseRoute

from bot.dialogue.turn import Paper, Said

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
Menu = Literal["", "stranger", "focal", "tccb"]


@dataclass(frozen=True)
class Button:
    id: str
    label: str


@dataclass(frozen=True)
class File:
    """A file to send along: read only when it is sent."""

    name: str
    mime: str
    read: Callable[[], bytes]
    size: int | None = None  # bytes, where that is known without reading
    url: str = ""  # its public address, for a channel that fetches pictures by themselves

    @property
    def ending(self) -> str:
        """Such as ".pdf"; "" where there is none."""
        return PurePath(self.name).suffix.lower()


@dataclass(frozen=True)
class Part:
    """One message as it goes out. Text is plain: a channel with markup escapes it."""

    text: str
    buttons: tuple[Button, ...] = ()
    papers: tuple[Paper, ...] = ()  # what goes along; a channel gets them as the files of the Outgoing


@dataclass(frozen=True)
class Template:
    """Words that the far side has approved beforehand, by our name for them, and what goes into their blanks."""

    kind: str
    blanks: Mapping[str, str]


@dataclass(frozen=True)
class Outgoing:
    """One part of an envelope on its way to one chat."""

    chat: str
    part: Part
    reply_to: str | None = None  # the external id of the message that is answered
    menu: Menu = ""  # which command menu this person should have from now on
    files: tuple[File, ...] = ()
    edits: str | None = None  # the external id of the message of ours whose place it takes, if that is still possible
    template: Template | None = None  # sent instead of the part, which says the same


@dataclass(frozen=True)
class Incoming:
    channel: str
    account: str  # which of our bots was written to; "" where there is only one
    chat: str
    id: str  # the channel's own id of this message; the same twice is the same message
    said: Said


@dataclass(frozen=True)
class Traits:
    """The channel's limits as data, so that nothing else need ask which channel it is."""

    longest: int  # of one message, in the channel's own unit
    length: Callable[[str], int] = len
    buttons: int = 0  # how many it can show; more options become a numbered list
    listed: bool = False  # not every app of it draws buttons: options are a numbered list as well
    files: bool = False
    endings: Mapping[str, int] | None = None  # where not all files are taken: ".pdf" → the most bytes of such a file
    pictures: frozenset[str] = frozenset()  # endings of those of which one goes along, by its public address
    receives: bool = True  # files that people send arrive
    edits: bool = False  # it can change what it has sent
    per_second: float = 25.0  # messages a second for the whole account, without bursts
    chat_gap: float = 0.0  # seconds between two messages to one chat
    senders: int = 4  # envelopes under way at once
    monthly: int | None = None  # messages, in both directions, that the account's owner is allowed
    owner: str = ""  # who that is, where an office's accounts belong to several
    people: int | None = None  # whom the account may talk to
    alone: bool = False  # one process at a time listens and sends for the account, however many the office has
    reply_window: timedelta | None = None  # since somebody was last heard; after it nothing reaches them any more
    templates: frozenset[str] = frozenset()  # but these, which do then as well
    title: str = ""  # what people see the account called, once it is known
    brand: str = ""  # what people call the service that it belongs to
    entrance: str = ""  # the address at which people come in; an invitation's code goes where "{code}" stands

    def takes(self, file: File) -> bool:
        """Whether it goes along as it is, as far as can be said before it is read."""
        if self.endings is None:
            return self.files
        return file.ending in self.endings and (file.size or 0) <= self.endings[file.ending]


class Later(Exception):
    """Not sent: busy, unreachable, throttled. Try again; with `halt`, the whole account stands still until then."""

    def __init__(self, why: str, after: timedelta = timedelta(0), halt: bool = False) -> None:
        super().__init__(why)
        self.after = after
        self.halt = halt


class Refused(Exception):
    """This person can't be reached here: blocked, gone. Trying again would not help."""


class Unknown(Exception):
    """It may have arrived."""


class NotTaken(Exception):
    """A file that goes along is not taken: it has to go as a link. `said`: the text is out already."""

    def __init__(self, why: str, said: bool = False) -> None:
        super().__init__(why)
        self.said = said


class Stopped(Exception):
    """The account can't work at all (a revoked token): the operator has to mend it."""


Hear = Callable[[Incoming], Awaitable[None]]
"""Returns once the message is in the inbox: only then may the channel confirm it to its far side."""


@dataclass
class Pulse:
    """When a channel last heard from its far side; for /health, in seconds of the monotonic clock."""

    last: float | None = None
    fault: str = ""
    standby: bool = False  # another process works for the account


class Channel(Protocol):
    name: str
    account: str
    traits: Traits
    pulse: Pulse

    def routes(self, hear: Hear) -> list[BaseRoute]:
        """Where the far side calls us, if it does: handed to the one HTTP door."""

    async def listen(self, hear: Hear) -> None:
        """Runs until cancelled. Confirms only what hear() has returned from; raises Later when cut off, or Stopped."""

    async def probe(self) -> None:
        """Asks the far side whether it knows us. Raises Later, Unknown or Stopped."""

    async def send(self, message: Outgoing) -> str | None:
        """The far side's id of it. Raises Later, Refused, NotTaken, Unknown or Stopped; the rest is our own fault."""

    async def fetch(self, ref: str) -> bytes:
        """A file that somebody sent, by its Attachment's handle. Raises Later, or Refused where it can't be had."""

    async def close(self) -> None: ...


def labels(channels: Sequence[Channel]) -> list[str]:
    """A name for each: the first of a kind has the kind's, those after it are counted."""
    kinds = [channel.name for channel in channels]
    counted = [kinds[:place].count(kind) + 1 for place, kind in enumerate(kinds)]
    return [kind if number == 1 else f"{kind} {number}" for kind, number in zip(kinds, counted, strict=True)]


def sharing(one: Channel, channels: Sequence[Channel]) -> tuple[str, ...]:
    """The accounts that one month's messages are for: all of a kind that belong to one owner."""
    kind = [other for other in channels if other.name == one.name and other.traits.owner == one.traits.owner]
    return (one.account, *(other.account for other in kind if other is not one))


def typed(text: str) -> str:
    """NFC here, at the edge: a decomposed "có" would be unequal to every "có" inside. Kept verbatim otherwise,

    but for what no database can keep: NUL goes, half a surrogate pair becomes U+FFFD.
    """
    whole = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", whole)


def lost(error: BaseException | None) -> Later | Unknown:
    """What a broken connection means for what was being sent. Its text may hold the token: only its type is told."""
    return (Later if error is None or isinstance(error, NEVER_LEFT) else Unknown)(type(error).__name__)
