"""What an update of Zalo's Bot Platform says. Its shape has drifted: whatever is unknown or missing is survived."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.channels.channel import typed
from bot.channels.zalo import LONGEST_ID, fields, id_of, picture, text_of
from bot.dialogue.turn import Said

log = logging.getLogger(__name__)

TEXT, IMAGE = "message.text.received", "message.image.received"
UNREADABLE = {"message.sticker.received", "message.voice.received", "message.unsupported.received"}


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
    event = text_of(update.get("event_name"))
    if event not in {TEXT, IMAGE, *UNREADABLE}:
        log.info("an event that is not known is left out: %.60s", event)
        return None
    message = fields(update.get("message"))
    chat, sender = fields(message.get("chat")), fields(message.get("from"))
    place = text_of(chat.get("id")) or text_of(sender.get("id"))
    if not place or len(place) > LONGEST_ID or sender.get("is_bot") is True:
        log.info("%s from nobody who could be answered is left out", event)
        return None
    id = id_of(message.get("message_id"), update)
    return Heard(place, id, _said(event, id, message, sender, private=chat.get("chat_type", "PRIVATE") == "PRIVATE"))


def _said(event: str, id: str, message: dict[str, Any], sender: dict[str, Any], private: bool) -> Said:
    name = typed(text_of(sender.get("display_name")) or text_of(sender.get("account_name")))
    if event == TEXT and (text := text_of(message.get("text"))):
        return Said(typed(text), sender=name, private=private)
    photo = text_of(message.get("photo_url")) or text_of(message.get("photo"))
    if event == IMAGE and photo:
        caption = typed(text_of(message.get("caption")))
        return Said(caption, file=picture(photo, id), sender=name, private=private)
    return Said(event="unsupported", sender=name, private=private)
