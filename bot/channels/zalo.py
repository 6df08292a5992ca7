"""What both of Zalo's families have in common: how they count, how they write ids, what answers in their place."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.channel import Later, Refused, Unknown, typed
from bot.dialogue.turn import Attachment

GAVE_UP = 504  # of HTTP
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MEDIA = ("https://.zdn.vn", "https://.zadn.vn")  # where Zalo keeps what people send; "." before a host: all below it
LARGEST_MEDIA = 20 << 20  # bytes
MEDIA_PATIENCE = 60.0  # seconds
LONGEST_ID = 128  # of a message or a chat; they are opaque, about 20 characters


def utf16(text: str) -> int:
    """Zalo's own offsets count so. Never less than the number of characters, should its limit count those."""
    return len(text.encode("utf-16-le")) // 2


def fields(told: Any) -> dict[str, Any]:
    """Of an object; none where it is something else."""
    return told if isinstance(told, dict) else {}


def text_of(value: Any) -> str:
    """Ids are text by the book; a number is taken for one. What no database can keep is not in it."""
    return typed(value) if isinstance(value, str) else str(value) if type(value) is int else ""


def id_of(own: Any, update: dict[str, Any]) -> str:
    """The message's own id; where it has none, one that the same update has again."""
    id = text_of(own)
    if id and len(id) <= LONGEST_ID:
        return id
    return hashlib.sha256(json.dumps(update, sort_keys=True).encode()).hexdigest()


def picture(url: str, id: str) -> Attachment:
    """Zalo tells neither name nor size; the address is public and expires."""
    try:
        kind = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        kind = ""
    kind = kind if kind in PICTURES else ".jpg"
    return Attachment(url, f"{id}{kind}", 0, PICTURES[kind])


async def fetch(url: str, media: Sequence[str] = MEDIA) -> bytes:
    """What somebody sent, from the address that Zalo told. Raises Later, or Refused where it can't be had.

    Only from Zalo's own hosts, and never by way of a redirection: the address comes from outside.
    """
    if not any(_within(url, place) for place in media):
        raise Refused("the file lies at a host that is not Zalo's")
    try:
        client = httpx.AsyncClient(timeout=MEDIA_PATIENCE, trust_env=False)
        async with client, client.stream("GET", url) as told:
            if told.status_code >= 500 or told.status_code == 429:
                raise Later(f"the file's host answers {told.status_code}")
            if told.status_code != 200:
                raise Refused(f"the file's host answers {told.status_code}")
            return await _limited(told)
    except httpx.HTTPError as error:
        raise Later(type(error).__name__) from None


def _within(url: str, place: str) -> bool:
    try:
        asked, allowed = urlsplit(url), urlsplit(place)
        host, under = asked.hostname or "", allowed.hostname or ""
    except ValueError:
        return False
    same = host.endswith(under) if under.startswith(".") else host == under
    return same and asked.scheme == allowed.scheme and asked.username is None


async def _limited(told: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in told.aiter_bytes():
        content += piece
        if len(content) > LARGEST_MEDIA:
            raise Refused("the file is too big")
    return bytes(content)


def page(status: int) -> Later | Unknown:
    """Somebody else has answered in Zalo's place: a gateway, a firewall, a portal."""
    maybe = status == GAVE_UP or 200 <= status < 300
    return (Unknown if maybe else Later)(f"a page instead of an answer ({status})")
