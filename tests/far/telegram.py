"""Telegram on loopback: what people do there, the faults it has, and a check of every request against the reference."""

import itertools
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import httpx

from tests.far import bot_api
from tests.far.loopback import Call, Carry, Loopback, Reply, carry
from tests.far.telegram_account import (
    BLOCKED,
    DATE,
    Account,
    Chat,
    Message,
    Query,
    Refusal,
    person,
    scopes,
)
from tests.far.telegram_html import Unparsable, parse

TOKEN = "123456789:AAloopback-token_of_35_characters_x"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds between two tries of a webhook; then it waits for a change
_TOKEN = re.compile(r"\d+:[\w-]{35,}")


@dataclass(frozen=True)
class Fault:
    """What the next matching request meets; with `accepted` it is carried out all the same."""

    reply: Reply
    accepted: bool = False


def refused(status: int, description: str, **parameters: int) -> Fault:
    return Fault(_refusal(Refusal(status, description, **parameters)))


def throttled(seconds: int) -> Fault:
    return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def migrated(chat: int) -> Fault:
    return refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat)


def page(status: int, text: str = "<html><body>Bad Gateway</body></html>") -> Fault:
    return Fault(Reply(status, text.encode(), {"Content-Type": "text/html"}))


def reset(accepted: bool = False) -> Fault:
    return Fault(Reply(wire="reset"), accepted)


def hang(accepted: bool = False) -> Fault:
    """No answer ever comes; the line stays open."""
    return Fault(Reply(wire="hang"), accepted)


def slow() -> Fault:
    """Carried out, and answered late, but in time."""
    return Fault(Reply(wire="slow"), accepted=True)


def cut() -> Fault:
    """Accepted, but only half of the answer arrives."""
    return Fault(Reply(wire="cut"), accepted=True)


@dataclass
class Bucket:
    """A rate with a burst; says how long one has to wait."""

    rate: float
    burst: float
    level: float = 0.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        self.level, self.at = max(0.0, self.level - (now - self.at) * self.rate), now
        return max(0.0, (self.level + 1 - self.burst) / self.rate)


@dataclass
class Pace:
    """What Telegram lets through before it answers 429."""

    per_second: float = 30.0
    burst: float = 30.0
    chat_per_second: float = 1.0
    chat_burst: float = 3.0
    _all: Bucket = field(init=False)
    _chats: dict[str, Bucket] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._all = Bucket(self.per_second, self.burst)

    def wait(self, chat: str, now: float) -> float:
        mine = self._chats.setdefault(chat, Bucket(self.chat_per_second, self.chat_burst))
        if not (wait := max(self._all.wait(now), mine.wait(now))):
            self._all.level += 1
            mine.level += 1
        return wait


@dataclass(frozen=True)
class Called:
    """One request as it was understood, and how it was answered."""

    method: str
    given: dict[str, Any]
    status: int
    at: float  # monotonic seconds


class TelegramServer(Account):
    """One bot account (`also` adds more) behind `base_url`. On leaving, a request that broke the reference fails."""

    def __init__(self, token: str = TOKEN, username: str = "nhac_han_bot", pace: Pace | None = None) -> None:
        super().__init__(token, username)
        self.calls: list[Called] = []
        self.violations: list[str] = []
        self.carried: list[int] = []  # what our webhook answered each time; 0 where nobody did
        self.pace = pace
        self._accounts: dict[str, Account] = {token: self}
        self._faults: list[tuple[Fault, str | None, int | None]] = []
        self._reference = bot_api.load(_measure)
        self._query_ids = itertools.count(4_300_000_000)
        self.carry: Carry = carry
        self._http = Loopback(self._answer)
        self.base_url = self._http.url
        self._carrier = threading.Thread(target=self._carry, daemon=True)
        self._carrier.start()

    def __enter__(self) -> "TelegramServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        if error is None:
            assert not self.violations, self.violations

    def close(self) -> None:
        with self.moved:
            for account in (self, *self._accounts.values()):
                account.closing = True
            self.moved.notify_all()
        self._http.close()
        self._carrier.join()

    def also(self, token: str, username: str) -> Account:
        self._accounts[token] = account = Account(token, username, self.moved)
        return account

    # What people do

    def person(self, chat: int, name: str = "Nguyễn Văn An", started: bool = True) -> Chat:
        """Somebody who pressed Start some time ago."""
        return self.chats.setdefault(chat, Chat(chat, name, started=started))

    def group(self, chat: int, title: str = "Cán bộ đầu mối") -> Chat:
        return self.chats.setdefault(chat, Chat(chat, title, "group"))

    def chat(self, chat: int) -> Chat:
        assert chat in self.chats, f"nobody has a chat {chat}"
        return self.chats[chat]

    def says(self, chat: int, text: str, **content: Any) -> int:
        """Typed and sent. More content, as the reference names it, goes into the message."""
        entities = {"entities": _entities(text)} if text.startswith("/") else {}
        return self.sends(chat, text=text, **entities, **content)

    def sends(self, chat: int, **content: Any) -> int:
        """Any other message: `sends(7, sticker={…})`."""
        with self.moved:
            place = self.chats.get(chat) or (self.person(chat) if chat > 0 else self.group(chat))
            message = Message(self.next_message_id(), chat, str(content.get("text", "")), from_bot=False)
            return self.push("message", self.put(place, message, **content).json)

    def sends_file(
        self, chat: int, name: str, content: bytes, mime: str = "application/octet-stream", caption: str = ""
    ) -> int:
        with self.moved:
            captioned = {"caption": caption} if caption else {}
            return self.sends(chat, document=self.store(content, name, mime), **captioned)

    def sends_photo(self, chat: int, content: bytes, caption: str = "") -> int:
        """As Telegram tells of it: the same picture in several sizes, smallest first."""
        with self.moved:
            sizes = [self.store(content[: len(content) * part // 3], "", "") for part in (1, 2, 3)]
            for width, size in zip((90, 320, 1280), sizes, strict=True):
                size |= {"width": width, "height": width}
                del size["file_name"], size["mime_type"]
            return self.sends(chat, photo=sizes, **({"caption": caption} if caption else {}))

    def edits(self, chat: int, text: str) -> int:
        """Their last message gets a new text."""
        with self.moved:
            last = [message for message in self.chat(chat).messages if not message.from_bot][-1]
            last.json |= {"text": text, "edit_date": DATE + 60}
            return self.push("edited_message", last.json)

    def presses(self, chat: int, label: str, message: Message | None = None) -> str:
        """The newest button of that label, or an old one that their screen still shows; the id of the query."""
        with self.moved:
            offering = [message] if message else [m for m in reversed(self.chat(chat).sent) if label in m.buttons]
            data = offering[0].data(label) if offering else None
            assert data, f"no button {label!r} in {chat}"
            query = Query(str(next(self._query_ids)), time.monotonic() + self.query_ttl)
            self.queries[query.id] = query
            shown = offering[0].json | {"reply_markup": {"inline_keyboard": offering[0].offered}}
            sender = person(chat if chat > 0 else 1, self.chat(chat).name)
            head = {"id": query.id, "from": sender, "chat_instance": str(chat)}
            self.push("callback_query", {**head, "message": shown, "data": data})
            return query.id

    def blocks(self, chat: int, told: bool = True) -> None:
        """Without `told`, the bot only learns it from a 403."""
        with self.moved:
            self.chat(chat).refusal = Refusal(403, BLOCKED)
            if told:
                self._membership(chat, {"status": "kicked", "until_date": 0}, {"status": "member"})

    def returns(self, chat: int) -> None:
        with self.moved:
            self.chat(chat).refusal = None
            self._membership(chat, {"status": "member"}, {"status": "kicked", "until_date": 0})

    def bars(self, chat: int, status: int, description: str) -> None:
        """Every send to this chat is refused so, silently."""
        with self.moved:
            self.chat(chat).refusal = Refusal(status, description)

    def raw(self, **update: Any) -> int:
        """An update as it stands, valid or not."""
        with self.moved:
            number = next(self._update_ids)
            self.updates.append({"update_id": number, **update})
            self.moved.notify_all()
            return number

    def _membership(self, chat: int, new: dict[str, Any], old: dict[str, Any]) -> None:
        place, bot = self.chat(chat), self.getMe({})
        sides = {"old_chat_member": old | {"user": bot}, "new_chat_member": new | {"user": bot}}
        sender = person(abs(chat), place.name)
        self.push("my_chat_member", {"chat": place.json(), "from": sender, "date": DATE, **sides})

    # What a test arranges and asks

    def faults(self, *faults: Fault, method: str | None = "sendMessage", chat: int | None = None) -> None:
        """What the next requests of that kind meet, one each."""
        with self.moved:
            self._faults += [(fault, method, chat) for fault in faults]

    def revoke(self) -> None:
        with self.moved:
            self._accounts.pop(self.token)
            self.revoked = True
            self.moved.notify_all()

    def expire_queries(self) -> None:
        with self.moved:
            for query in self.queries.values():
                query.until = 0.0

    def menu(self, chat: int, language: str = "vi") -> list[str]:
        """The command menu that this person sees."""
        found = next((self.commands[key] for key in scopes(chat, language) if key in self.commands), [])
        return [command["command"] for command in found]

    def called(self, method: str) -> list[Called]:
        return [call for call in self.calls if call.method == method]

    def wait_for(self, happened: Callable[[], Any], timeout: float = 10.0, what: str = "") -> Any:
        """What `happened` returns, as soon as it is true; looked at whenever something moves here."""
        with self.moved:
            found = self.moved.wait_for(happened, timeout)
            assert found, f"it did not happen within {timeout:g} s: {what or happened}"
            return found

    # The wire

    def _answer(self, call: Call) -> Reply:
        _, *path = call.path.split("/", 3)
        if path and path[0] == "file":
            return self._download(call.path)
        token, _, method = call.path.removeprefix("/bot").partition("/")
        with self.moved:
            account = self._accounts.get(token)
            if account is None:
                known = _TOKEN.fullmatch(token)
                return _refusal(Refusal(401, "Unauthorized") if known else Refusal(404, "Not Found"))
            given = call.parameters()
            reply = self._faulted(account, method, given)
            self.calls.append(Called(method, given, reply.status, time.monotonic()))
            self.moved.notify_all()
            return reply

    def _faulted(self, account: Account, method: str, given: dict[str, Any]) -> Reply:
        if self._reference:
            self.violations += self._reference.request(method, given)
        if (fault := self._fault(method, given)) is None:
            return self._carried_out(account, method, given)
        done = self._carried_out(account, method, given) if fault.accepted else fault.reply
        return replace(done, wire=fault.reply.wire)

    def _fault(self, method: str, given: dict[str, Any]) -> Fault | None:
        for planned in self._faults:
            fault, of, chat = planned
            if of in (None, method) and (chat is None or str(chat) == str(given.get("chat_id"))):
                self._faults.remove(planned)
                return fault
        return None

    def _carried_out(self, account: Account, method: str, given: dict[str, Any]) -> Reply:
        carry_out = account.method(method)
        if carry_out is None:
            self.violations.append(f"{method}: not imitated here")
            return _refusal(Refusal(404, "Not Found"))
        try:
            self._enforce_pace(account, method, given)
            result = carry_out(given)
            self._check(method, result)
            return Reply.json({"ok": True, "result": result})
        except Refusal as refusal:
            return _refusal(refusal)

    def _check(self, method: str, result: Any) -> None:
        """That this far side itself answers as the real one does; `getUpdates` may carry what a test made up."""
        if self._reference and method != "getUpdates":
            self.violations += self._reference.result(method, result)

    def push(self, kind: str, content: Any) -> int:
        if self._reference:
            self.violations += self._reference.value("Update", {"update_id": 1, kind: content})
        return super().push(kind, content)

    def _enforce_pace(self, account: Account, method: str, given: dict[str, Any]) -> None:
        if self.pace is None or method not in ("sendMessage", "sendDocument"):
            return
        if wait := math.ceil(self.pace.wait(f"{account.id}:{given['chat_id']}", time.monotonic())):
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    def _download(self, path: str) -> Reply:
        token, _, wanted = path.removeprefix("/file/bot").partition("/")
        with self.moved:
            account = self._accounts.get(token)
            found = [content for kept, content in account.files.values() if kept == wanted] if account else []
        return Reply(body=found[0]) if found else _refusal(Refusal(404, "Not Found"))

    # The webhook

    def _carry(self) -> None:
        """Brings updates one by one to whoever set a webhook, again and again until it says 2xx."""
        with httpx.Client(trust_env=False, verify=False, timeout=5) as client:
            tries = 0
            while self._due(tries):
                tries = 0 if self._carried(client) else tries + 1

    def _due(self, tries: int) -> bool:
        """Waits for something to carry, or to carry again; False at the end."""
        with self.moved:
            if tries:
                self.moved.wait_for(lambda: self.closing, RETRIES[min(tries, len(RETRIES)) - 1])
            self.moved.wait_for(lambda: self.closing or (self.webhook.url and self.updates))
            return not self.closing

    def _carried(self, client: httpx.Client) -> bool:
        with self.moved:
            if not (self.updates and self.webhook.url):
                return True
            update, webhook = self.updates[0], self.webhook
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            status = self.carry(client, webhook.url, update, headers)
        except httpx.HTTPError:
            status = 0
        with self.moved:
            self.carried.append(status)
            self.moved.notify_all()
            if not 200 <= status < 300:
                return False
            self._confirm(update["update_id"] + 1)
        return True


def _refusal(refusal: Refusal) -> Reply:
    body = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    retry = refusal.parameters.get("retry_after")
    headers = {"Retry-After": str(retry)} if retry else {}
    return Reply.json(
        body | ({"parameters": refusal.parameters} if refusal.parameters else {}), refusal.status, **headers
    )


def _measure(text: str, mode: str | None) -> int:
    try:
        return len(parse(text, mode))
    except Unparsable:
        return len(text)


def _entities(command: str) -> list[dict[str, Any]]:
    return [{"type": "bot_command", "offset": 0, "length": len(command.split()[0])}]
