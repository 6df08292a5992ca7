"""What an event of Zalo's Official Accounts says, and whether Zalo has signed it."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bot.channels import webhook
from bot.channels.channel import typed
from bot.channels.zalo import LONGEST_ID, fields, id_of, picture, text_of
from bot.dialogue.turn import Attachment, Said

log = logging.getLogger(__name__)

PRESSED = "#chon:"  # before an option's id: a pressed button comes back as a text, and no typed one begins so
TEXT, IMAGE, FILE, FOLLOW, UNFOLLOW = "user_send_text", "user_send_image", "user_send_file", "follow", "unfollow"
SEEN, MOST_SEEN = "user_seen_message", 50  # messages told of at once
UNREADABLE = {f"user_send_{kind}" for kind in ("gif", "audio", "video", "sticker", "location", "business_card", "link")}
SPOKEN = {TEXT, IMAGE, FILE, *UNREADABLE}
GREETING = "/start"  # whoever begins to follow is greeted like one who begins to talk
KINDS = {
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Heard:
    chat: str
    id: str
    said: Said


def signed(header: str, body: bytes, event: Any, app_id: str, secret: str) -> bool:
    """A plain digest over the raw bytes, not an HMAC; "mac=" before it may be missing."""
    timestamp = text_of(fields(event).get("timestamp"))
    mac = hashlib.sha256(app_id.encode() + body + timestamp.encode("utf-8", "replace") + secret.encode()).hexdigest()
    return webhook.same(header.strip().lower().removeprefix("mac="), mac)


def heard(event: dict[str, Any]) -> Heard | None:
    """Nothing where it is an event we do not know, where nobody speaks, or where it is ourselves."""
    name = text_of(event.get("event_name"))
    who = fields(event.get("follower" if name in (FOLLOW, UNFOLLOW) else "sender"))
    chat = text_of(who.get("id"))
    if name not in {FOLLOW, UNFOLLOW, SEEN, *SPOKEN} or not chat or len(chat) > LONGEST_ID:
        log.info("an event that says nothing to us is left out: %.60s", name)
        return None
    message = fields(event.get("message"))
    id = id_of(message.get("msg_id"), event)
    return Heard(chat, id, _said(name, id, message))


def _said(name: str, id: str, message: dict[str, Any]) -> Said:
    text = text_of(message.get("text"))
    match name:
        case "follow":
            return Said(GREETING)
        case "unfollow":
            return Said(event="blocked")
        case "user_seen_message":
            ids = message.get("msg_ids")
            known = [text_of(one)[:LONGEST_ID] for one in ids[:MOST_SEEN]] if isinstance(ids, list) else []
            return Said(" ".join(filter(None, known)), event="seen")
        case "user_send_text" if text.startswith(PRESSED):
            return Said(choice=typed(text.removeprefix(PRESSED)))
        case "user_send_text" | "user_send_link" if text:
            return Said(typed(text))
        case "user_send_image" | "user_send_file" if file := _file(name, id, message):
            return Said(typed(text), file=file)
    return Said(event="unsupported")


def _file(name: str, id: str, message: dict[str, Any]) -> Attachment | None:
    """The first attachment; Zalo's addresses are public and expire."""
    listed = message.get("attachments")
    payload = fields(fields(listed[0]).get("payload")) if isinstance(listed, list) and listed else {}
    url = text_of(payload.get("url"))
    if not url:
        return None
    if name == IMAGE:
        return picture(url, id)
    called = typed(text_of(payload.get("name")))[:200] or id
    mime = KINDS.get(PurePath(called).suffix.lower(), "application/octet-stream")
    return Attachment(url, called, _size(payload.get("size")), mime)


def _size(value: Any) -> int:
    """Bytes; 0 where it is not told."""
    size = text_of(value)
    return int(size) if size.isascii() and size.isdecimal() and len(size) < 16 else 0
