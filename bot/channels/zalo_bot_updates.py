"""What an update of Zalo's Bot Platform says. Its shape has drifted: whatever is unknown or missing is survived."""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from bot.channels.channel import typed
from bot.channels.zalo_bot_api import fields
from bot.dialogue.turn import Attachment, Said

log = logging.getLogger(__name__)

TEXT, IMAGE = "message.text.received", "message.image.received"
UNREADABLE = {"message.sticker.received", "message.voice.received", "message.unsupported.received"}
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
LONGEST_ID = 128  # of a message or a chat; they are opaque, about 20 characters


@dataclass(frozen=True)
class Heard:
    chat: str
    id: str
    said: Said


def each(told: Any) -> Iterator[dict[str, Any]]:
    """The updates of a poll's result or a webhook's body: one, a list or none, bare or wrapped."""
    if isinstance(told, dict) and "event_name" not in told and "result" in told:
        told = told["result"]
    for update in told if isinstance(told, list) else [told]:
        if isinstance(update, dict) and update:
            yield update


def heard(update: dict[str, Any]) -> Heard | None:
    """Nothing where it is an event we do not know, where nobody speaks, or where it is ourselves."""
    event = _name(update.get("event_name"))
    if event not in {TEXT, IMAGE, *UNREADABLE}:
        log.info("an event that is not known is left out: %.60s", event)
        return None
    message = fields(update.get("message"))
    chat, sender = fields(message.get("chat")), fields(message.get("from"))
    place = _name(chat.get("id")) or _name(sender.get("id"))
    if not place or len(place) > LONGEST_ID or sender.get("is_bot") is True:
        log.info("%s from nobody who could be answered is left out", event)
        return None
    id = _id(message, update)
    return Heard(place, id, _said(event, id, message, sender, private=chat.get("chat_type", "PRIVATE") == "PRIVATE"))


def _said(event: str, id: str, message: dict[str, Any], sender: dict[str, Any], private: bool) -> Said:
    name = typed(_name(sender.get("display_name")) or _name(sender.get("account_name")))
    if event == TEXT and (text := _name(message.get("text"))):
        return Said(typed(text), sender=name, private=private)
    picture = _name(message.get("photo_url")) or _name(message.get("photo"))
    if event == IMAGE and picture:
        caption = typed(_name(message.get("caption")))
        return Said(caption, file=_picture(picture, id), sender=name, private=private)
    return Said(event="unsupported", sender=name, private=private)


def _picture(url: str, id: str) -> Attachment:
    """Zalo tells neither name nor size; the address is public and expires."""
    try:
        kind = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        kind = ""
    kind = kind if kind in PICTURES else ".jpg"
    return Attachment(url, f"{id}{kind}", 0, PICTURES[kind])


def _name(value: Any) -> str:
    """Ids are text by the book; a number is taken for one."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _id(message: dict[str, Any], update: dict[str, Any]) -> str:
    """The message's own id; where it has none, one that the same update has again."""
    own = _name(message.get("message_id"))
    if own and len(own) <= LONGEST_ID:
        return own
    return hashlib.sha256(json.dumps(update, sort_keys=True).encode()).hexdigest()
