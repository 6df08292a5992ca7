"""What both of Zalo's families have in common: how they count, how they write ids, what answers in their place."""

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from bot.channels.channel import Later, Unknown
from bot.dialogue.turn import Attachment

GAVE_UP = 504  # of HTTP
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
LONGEST_ID = 128  # of a message or a chat; they are opaque, about 20 characters


def utf16(text: str) -> int:
    """Zalo's own offsets count so. Never less than the number of characters, should its limit count those."""
    return len(text.encode("utf-16-le")) // 2


def fields(told: Any) -> dict[str, Any]:
    """Of an object; none where it is something else."""
    return told if isinstance(told, dict) else {}


def text_of(value: Any) -> str:
    """Ids are text by the book; a number is taken for one."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


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


def page(status: int) -> Later | Unknown:
    """Somebody else has answered in Zalo's place: a gateway, a firewall, a portal."""
    maybe = status == GAVE_UP or 200 <= status < 300
    return (Unknown if maybe else Later)(f"a page instead of an answer ({status})")
