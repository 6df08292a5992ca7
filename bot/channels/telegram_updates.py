"""What a Telegram update says, and whether it is said to us."""

import logging
import re
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, Document, Message, PhotoSize, Update, User
from telegram.constants import ChatType

from bot.channels.channel import typed
from bot.dialogue.turn import Attachment, Said

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)", re.IGNORECASE | re.ASCII)


def readable(raw: Any) -> Update | None:
    """An update that can't be read is left out, with a line in the log; its content stays out of it."""
    try:
        update = Update.de_json(raw)
        if not all(isinstance(number, int) for number in (update.update_id, _number(update))):
            raise TypeError("ids are numbers")
        return update
    except Exception as error:
        kinds = sorted(map(str, raw.keys() - {"update_id"})) if isinstance(raw, dict) else type(raw).__name__
        number = raw.get("update_id") if isinstance(raw, dict) else None
        log.error("update %s (%s) can't be read and is left out: %s", number, kinds, type(error).__name__)
        return None


def said(update: Update, me: User) -> Said | None:
    """Nothing where it is not for us: talk in a group, a note by Telegram itself."""
    if query := update.callback_query:
        return _pressed(query)
    if member := update.my_chat_member:
        return _came_or_went(member)
    message = update.message or update.edited_message
    if not message or (message.from_user and message.from_user.is_bot) or not _for_us(message, me):
        return None
    return _edited(message, me) if update.edited_message else _written(message, me)


def _pressed(query: CallbackQuery) -> Said | None:
    if not query.data:
        return None
    private = not query.message or query.message.chat.type == ChatType.PRIVATE
    return Said(choice=typed(query.data), sender=typed(query.from_user.full_name), private=private)


def _came_or_went(change: ChatMemberUpdated) -> Said | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    gone = change.new_chat_member.status == ChatMember.BANNED
    return Said(event="blocked" if gone else "returned", sender=typed(change.from_user.full_name))


def _written(message: Message, me: User) -> Said | None:
    text, file = _text(message, me), _file(message)
    if text or file:
        return Said(text, file=file, sender=_sender(message), private=_private(message))
    if (contact := message.contact) and message.from_user and contact.user_id == message.from_user.id:
        return Said(
            event="contact", phone=typed(contact.phone_number), sender=_sender(message), private=_private(message)
        )
    if message.effective_attachment or message.checklist or message.api_kwargs:
        return Said(event="unsupported", sender=_sender(message), private=_private(message))
    return None  # a note by Telegram itself: a member joined, a message was pinned


def _edited(message: Message, me: User) -> Said | None:
    text = _text(message, me)
    return Said(text, event="edited", sender=_sender(message), private=_private(message)) if text else None


def _text(message: Message, me: User) -> str:
    """Verbatim, but without what only addresses us: "/start CODE", "/huy@our_bot", "@our_bot 45/60"."""
    text = typed(message.text or message.caption or "")
    if not (command := _COMMAND.match(text)):
        return text if _private(message) else _mention(me).sub("", text).strip()
    rest = text[command.end() :]
    return rest.strip() if command[1].casefold() == "start" and rest.strip() else f"/{command[1]}{rest}"


def _file(message: Message) -> Attachment | None:
    if message.document and not message.animation:
        sent = message.document
        return _attached(sent, sent.file_name or "", sent.mime_type or "")
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return _attached(photo, f"{photo.file_unique_id}.jpg", "image/jpeg")
    return None


def _attached(sent: Document | PhotoSize, name: str, mime: str) -> Attachment:
    """Handles are cleaned as texts are. A size that is no number PostgreSQL would refuse, and the update come again."""
    size = sent.file_size if isinstance(sent.file_size, int) else 0
    return Attachment(typed(sent.file_id), typed(name), size, typed(mime))


def _for_us(message: Message, me: User) -> bool:
    if _private(message):
        return True
    text = message.text or message.caption or ""
    if command := _COMMAND.match(text):
        return (command[2] or me.username or "").casefold() == (me.username or "").casefold()
    answered = message.reply_to_message
    return bool(_mention(me).search(text) or (answered and answered.from_user and answered.from_user.id == me.id))


def _mention(me: User) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(me.username or '')}\b", re.IGNORECASE)


def _private(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE


def _sender(message: Message) -> str:
    return typed(message.from_user.full_name) if message.from_user else ""


def chat(update: Update) -> str:
    return str(_number(update))


def _number(update: Update) -> Any:
    """Of the chat, or of the person who presses a button under a message that is in none."""
    who = update.effective_chat or update.effective_user
    return who.id if who else 0
