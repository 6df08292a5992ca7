"""One bot's account at Telegram: its chats, its updates, and what each method of the Bot API does."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.far.loopback import Upload
from tests.far.telegram_html import Unparsable, parse

DATE = 1_796_000_000  # of every message: nothing here depends on the hour
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook"
BLOCKED = "Forbidden: bot was blocked by the user"
RAREST = {"chat_member", "message_reaction", "message_reaction_count"}  # only delivered when asked for

Given = dict[str, Any]


class Refusal(Exception):
    """An answer with "ok": false."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass
class Message:
    """As people see it: text after the entities, buttons as they are now and as they were offered."""

    id: int
    chat: int
    text: str
    mode: str | None = None
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    offered: list[list[dict[str, str]]] = field(default_factory=list)
    document: Upload | None = None
    from_bot: bool = True
    json: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for row in self.rows for button in row]

    @property
    def layout(self) -> list[list[str]]:
        return [[button["text"] for button in row] for row in self.rows]

    def data(self, label: str) -> str | None:
        return next((b["callback_data"] for row in self.offered for b in row if b["text"] == label), None)


@dataclass
class Chat:
    id: int
    name: str
    type: str = "private"
    started: bool = True  # the person has pressed Start: before, a bot may not write
    refusal: Refusal | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def sent(self) -> list[Message]:
        """What the bot sent, oldest first."""
        return [message for message in self.messages if message.from_bot]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.sent]

    @property
    def last(self) -> Message:
        assert self.sent, f"nothing was sent to {self.id}"
        return self.sent[-1]

    def json(self) -> dict[str, Any]:
        named = {"first_name": self.name} if self.type == "private" else {"title": self.name}
        return {"id": self.id, "type": self.type, **named}


@dataclass
class Query:
    """A pressed button that waits for its answer."""

    id: str
    until: float  # monotonic seconds
    answered: bool = False


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""


class Account:
    """Its methods are called with the lock held; whatever changes is told to those who wait."""

    query_ttl = 15.0

    def __init__(self, token: str, username: str, moved: threading.Condition | None = None) -> None:
        self.token, self.id, self.username = token, int(token.partition(":")[0]), username
        self.moved = moved or threading.Condition()
        self.closing = self.revoked = False
        self.chats: dict[int, Chat] = {}
        self.updates: list[dict[str, Any]] = []
        self.confirmed = 0  # every update below is
        self.allowed: set[str] | None = None
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, tuple[str, bytes]] = {}  # file_id → path, content
        self.webhook = Webhook()
        self._update_ids = itertools.count(700_000_001)
        self._message_ids = itertools.count(101)
        self.polls = 0  # under way
        self._poll = 0  # the newest one

    # What happens at the far side

    def push(self, kind: str, content: Any) -> int:
        """A new update; its id, though nobody may be told of it when its kind is not asked for."""
        with self.moved:
            number = next(self._update_ids)
            if (kind in self.allowed) if self.allowed else (kind not in RAREST):
                self.updates.append({"update_id": number, kind: content})
                self.moved.notify_all()
            return number

    def put(self, chat: Chat, message: Message, **content: Any) -> Message:
        sender = self.getMe({}) if message.from_bot else person(chat.id if chat.id > 0 else 1, chat.name)
        head = {"message_id": message.id, "date": DATE, "chat": chat.json(), "from": sender}
        message.json = head | content | ({"text": message.text} if message.text and not content else {})
        chat.messages.append(message)
        self.moved.notify_all()
        return message

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def reachable(self, chat_id: Any) -> Chat:
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        if not chat.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.refusal:
            raise chat.refusal
        return chat

    # The methods of the Bot API, under their own names

    def getMe(self, given: Given) -> Any:
        return {"id": self.id, "is_bot": True, "first_name": "Nhắc Hạn", "username": self.username}

    def getUpdates(self, given: Given) -> Any:
        if self.webhook.url:
            raise Refusal(409, WEBHOOK_SET)
        self._allow(given)
        self._confirm(int(given.get("offset", 0)))
        self._hold(min(50.0, float(given.get("timeout", 0))))
        return self.updates[: int(given.get("limit", 100))]

    def _hold(self, seconds: float) -> None:
        """Until there is something to tell; a newer poll ends an older one."""
        self._poll += 1
        mine = self._poll
        self.polls += 1
        self.moved.notify_all()
        self.moved.wait_for(lambda: self.updates or self.closing or self.revoked or self._poll != mine, seconds)
        self.polls -= 1
        if self.revoked:
            raise Refusal(401, "Unauthorized")
        if self._poll != mine:
            raise Refusal(409, OTHER_POLL)

    def _allow(self, given: Given) -> None:
        if "allowed_updates" in given:
            self.allowed = set(_json(given["allowed_updates"])) or None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = self.updates[max(offset, -len(self.updates))]["update_id"] if self.updates else 0
        self.confirmed = max(self.confirmed, offset)
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        self.moved.notify_all()

    def sendMessage(self, given: Given) -> Any:
        return self._send(given, self._text(given, "text", 4096), None)

    def sendDocument(self, given: Given) -> Any:
        upload = given["document"]
        if not isinstance(upload, Upload):
            raise Refusal(400, "Bad Request: wrong remote file identifier specified: Wrong string length")
        if not upload.content:
            raise Refusal(400, "Bad Request: file must be non-empty")
        return self._send(given, self._text(given, "caption", 1024), upload)

    def _text(self, given: Given, name: str, longest: int) -> str:
        raw = str(given.get(name, ""))
        if len(raw.encode()) > 1 << 15:
            raise Refusal(400, "Bad Request: text is too long")
        try:
            text = parse(raw, given.get("parse_mode")).strip()
        except Unparsable as error:
            raise Refusal(400, f"Bad Request: can't parse entities: {error}") from None
        if not text and name == "text":
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text) > longest:
            raise Refusal(400, f"Bad Request: message {'caption ' if name == 'caption' else ''}is too long")
        return text

    def _send(self, given: Given, text: str, upload: Upload | None) -> Any:
        chat, rows = self.reachable(given["chat_id"]), _rows(given)
        message = Message(self.next_message_id(), chat.id, text, given.get("parse_mode"), rows, rows, upload)
        content: Given = {}
        if upload:
            content["document"] = self.store(upload.content, upload.name, upload.mime)
            content |= {"caption": text} if text else {}
        self.put(chat, message, **content)
        return message.json | _markup(rows)

    def editMessageText(self, given: Given) -> Any:
        chat, rows, text = self.reachable(given["chat_id"]), _rows(given), self._text(given, "text", 4096)
        message = _sent(chat, given)
        if message.document:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        if (text, rows) == (message.text, message.rows):
            raise Refusal(400, NOT_MODIFIED)
        message.text, message.rows = text, rows
        message.json["text"] = text
        self.moved.notify_all()
        return message.json | _markup(rows)

    def editMessageReplyMarkup(self, given: Given) -> Any:
        chat, rows = self.reachable(given["chat_id"]), _rows(given)
        message = _sent(chat, given)
        if rows == message.rows:
            raise Refusal(400, NOT_MODIFIED)
        message.rows = rows
        self.moved.notify_all()
        return message.json | _markup(rows)

    def answerCallbackQuery(self, given: Given) -> Any:
        query = self.queries.get(given["callback_query_id"])
        if query is None or query.answered or time.monotonic() > query.until:
            raise Refusal(400, TOO_OLD)
        query.answered = True
        self.moved.notify_all()
        return True

    def sendChatAction(self, given: Given) -> Any:
        return bool(self.reachable(given["chat_id"]))

    def setMyCommands(self, given: Given) -> Any:
        self.commands[_scope(given)] = _json(given["commands"])
        self.moved.notify_all()
        return True

    def deleteMyCommands(self, given: Given) -> Any:
        self.commands.pop(_scope(given), None)
        self.moved.notify_all()
        return True

    def getMyCommands(self, given: Given) -> Any:
        return self.commands.get(_scope(given), [])

    def getFile(self, given: Given) -> Any:
        if given["file_id"] not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, content = self.files[given["file_id"]]
        if len(content) > 20 << 20:
            raise Refusal(400, "Bad Request: file is too big")
        identity = {"file_id": given["file_id"], "file_unique_id": f"u{given['file_id']}"}
        return {**identity, "file_size": len(content), "file_path": path}

    def setWebhook(self, given: Given) -> Any:
        url = given["url"]
        if not url.startswith(("https://", "http://127.0.0.1:")):  # the real one wants https, without exception
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self._allow(given)
        self.webhook = Webhook(url, given.get("secret_token", ""))
        self.moved.notify_all()
        return True

    def deleteWebhook(self, given: Given) -> Any:
        self.webhook = Webhook()
        if _json(given.get("drop_pending_updates", False)):
            self.updates = []
        self.moved.notify_all()
        return True

    def getWebhookInfo(self, given: Given) -> Any:
        return {"url": self.webhook.url, "has_custom_certificate": False, "pending_update_count": len(self.updates)}

    def store(self, content: bytes, name: str, mime: str) -> dict[str, Any]:
        """A file as a message tells of it."""
        file_id = f"BQACAgUAAxkB{len(self.files)}"
        self.files[file_id] = (f"documents/file_{len(self.files)}", content)
        identity = {"file_id": file_id, "file_unique_id": f"u{file_id}"}
        return {**identity, "file_size": len(content), "file_name": name, "mime_type": mime}

    def method(self, name: str) -> Callable[[Given], Any] | None:
        return getattr(self, name, None) if name in METHODS else None


METHODS = {name for name in vars(Account) if any(letter.isupper() for letter in name)}


def person(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": name, "language_code": "vi"}


def _sent(chat: Chat, given: Given) -> Message:
    message = next((m for m in chat.sent if m.id == int(given["message_id"])), None)
    if message is None:
        raise Refusal(400, "Bad Request: message to edit not found")
    return message


def _rows(given: Given) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = _json(given.get("reply_markup", {})).get("inline_keyboard", [])
    for button in itertools.chain(*rows):
        if not 1 <= len(button.get("callback_data", "-").encode()) <= 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _markup(rows: list[list[dict[str, str]]]) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _scope(given: Given) -> tuple[str, str]:
    scope = _json(given.get("scope", {"type": "default"}))
    return f"{scope['type']}:{scope.get('chat_id', '')}", given.get("language_code", "")


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def scopes(chat: int, language: str) -> Iterator[tuple[str, str]]:
    """Where a person's command menu is looked for, in that order."""
    kind = "all_private_chats" if chat > 0 else "all_group_chats"
    for scope in (f"chat:{chat}", f"{kind}:", "default:"):
        yield from ((scope, language), (scope, ""))
