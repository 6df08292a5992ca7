"""A bot of Zalo's Bot Platform: its people, its updates, its methods.

After each behaviour stands how well it is known: [D] documented, [M] measured by somebody on the live service,
[C] seen in code that uses it, [U] nobody has said. A live trial corrects the [U].
"""

import hashlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

DATE = 1_764_000_000_000  # milliseconds [D]
PEOPLE, MONTH, LONGEST = 50, 3000, 2000  # of the free plan [D]
PRIVATE_HOSTS = ("localhost", "127.", "10.", "192.168.", "172.16.")
NO_SECRET = "Bad request: The secret_token must not be empty"  # [D]

Given = dict[str, Any]


class Refusal(Exception):
    """An answer with "ok": false, under HTTP 200 [M]. `spelt`: the name of the field with the number."""

    def __init__(self, code: int, description: str, spelt: str = "error_code") -> None:
        super().__init__(description)
        self.code, self.description, self.spelt = code, description, spelt


@dataclass
class Chat:
    id: str
    name: str
    group: bool = False
    texts: list[str] = field(default_factory=list)  # what the bot sent, oldest first
    refusal: Refusal | None = None

    @property
    def last(self) -> str:
        assert self.texts, f"nothing was sent to {self.name}"
        return self.texts[-1]


@dataclass
class Ways:
    """What differs between documents and captures, or is known to nobody: how this far side behaves."""

    listed: bool = False  # getUpdates answers with a list; otherwise with one object [D]
    silent: str = "408"  # an empty poll: "408" [M], or a result that is "null" or "missing" [U]
    wrapped: bool = False  # a webhook's body is wrapped as documented [D], or bare as captured [M]
    repeats: int = 1  # how often each webhook comes [U]
    tries: int = 1  # how often a webhook is brought to a house that does not answer 2xx [U]
    while_called: Refusal = field(default_factory=lambda: Refusal(400, "Bad request: webhook is active"))  # [U]
    no_webhook: Refusal | None = None  # deleteWebhook and getWebhookInfo without one: 404 or 400 were seen [M]
    stranger: Refusal = field(default_factory=lambda: Refusal(400, "Bad request: The chat_id is invalid"))  # [U]
    full: bool = False  # somebody beyond the people that the plan allows is told so; else their event is lost [U]
    photo: str = "photo"  # where an image's address stands: "photo" [D] or "photo_url" [M]
    verification: str = "webhook.ok"  # what Zalo finds when it tries a webhook [D]
    http_allowed: bool = False  # for a house on loopback; the real one wants https and a public host [D]
    units: Callable[[str], int] = lambda text: len(text.encode("utf-16-le")) // 2  # of the longest text [U]
    both_ways: bool = False  # what comes in counts towards the month as well [U]


@dataclass
class Plan:
    """Of one owner, whose bots share the month [U]."""

    people: int = PEOPLE
    month: int = MONTH
    allowance: int = 10  # calls of setWebhook and testWebhook a day; the real number is not told [U]
    used: int = 0

    def count(self) -> None:
        if self.used >= self.month:
            raise Refusal(429, "Quota exceeded")  # [D]; no Retry-After [D]
        self.used += 1

    def allow(self) -> None:
        if not self.allowance:
            raise Refusal(426, "Daily quota exceeded", "errorCode")  # [D], spelt so [D]
        self.allowance -= 1


class Bot:
    """Its methods are called with the lock held; whatever changes is told to those who wait."""

    def __init__(self, token: str, moved: threading.Condition, plan: Plan, ways: Ways) -> None:
        self.token, self.account = token, token.partition(":")[0]
        self.moved, self.plan, self.ways = moved, plan, ways
        self.closing = self.reset = False
        self.chats: dict[str, Chat] = {}
        self.updates: list[Given] = []
        self.polls = 0  # under way
        self.url = self.secret = ""
        self._numbers = itertools.count(1)

    # What people do

    def person(self, name: str, group: bool = False) -> Chat:
        """Ids are opaque, and each bot sees other ones [U]."""
        id = hashlib.sha256(f"{self.account} {name}".encode()).hexdigest()[:20]
        return self.chats.setdefault(id, Chat(id, name, group))

    def says(self, name: str, text: str, **more: Any) -> str:
        """Typed and sent; the message's id."""
        return self.happens("message.text.received", name, text=text, **more)

    def sends_image(self, name: str, url: str, caption: str = "") -> str:
        named = {self.ways.photo: url} | ({"caption": caption} if caption else {})
        return self.happens("message.image.received", name, message_type="CHAT_PHOTO", **named)

    def happens(self, event: str, name: str, group: bool = False, **content: Any) -> str:
        with self.moved:
            chat = self.person(name, group)
            id = f"{next(self._numbers):020x}"
            place = {"id": chat.id, "chat_type": "GROUP" if group else "PRIVATE"}
            sender = {"id": chat.id, "display_name": name, "is_bot": False}
            head = {"from": sender, "chat": place, "message_id": id, "date": DATE}
            self.raw({"event_name": event, "message": head | content}, chat)
            return id

    def raw(self, update: Any, chat: Chat | None = None) -> None:
        """An update as it stands, valid or not."""
        with self.moved:
            if chat and self._too_many(chat):
                return
            if self.ways.both_ways:
                self.plan.count()
            self.updates.append(update)
            self.moved.notify_all()

    def _too_many(self, chat: Chat) -> bool:
        people = [one for one in self.chats.values() if not one.group]
        if chat.group or people.index(chat) < self.plan.people:
            return False
        chat.refusal = Refusal(400, "Bad request: user limit reached") if self.ways.full else self.ways.stranger
        return True

    def blocks(self, name: str, refusal: Refusal | None = None) -> None:
        """Nothing tells the bot [D by absence], and what it gets when it writes is not known [U]."""
        with self.moved:
            self.person(name).refusal = refusal or Refusal(403, "Forbidden")

    def returns(self, name: str) -> None:
        with self.moved:
            self.person(name).refusal = None

    # The methods, under their own names; there are no others [D]

    def getMe(self, given: Given) -> Any:
        names = {"account_name": "bot.VDKyGxQvc", "account_type": "BASIC", "display_name": f"Bot {self.account}"}
        return {"id": "1459232241454765289", **names, "can_join_groups": False}

    def getUpdates(self, given: Given) -> Any:
        if self.url:
            raise self.ways.while_called
        self._hold(float(given.get("timeout", 30)))  # as text or as a number [M]
        if self.reset:
            raise Refusal(401, "Unauthorized")
        if not self.updates:
            return self._nobody_spoke()
        update = self.updates.pop(0)  # one at a time [D], and gone once it is answered with [C]
        self.moved.notify_all()
        return [update] if self.ways.listed else update

    def _hold(self, seconds: float) -> None:
        """Two that poll at once share the updates between them [U]."""
        self.polls += 1
        self.moved.notify_all()
        self.moved.wait_for(lambda: self.updates or self.closing or self.reset, seconds)  # exactly so long [M]
        self.polls -= 1

    def _nobody_spoke(self) -> Any:
        if self.ways.silent == "408":
            raise Refusal(408, "Request timeout")
        return None if self.ways.silent == "null" else {}

    def sendMessage(self, given: Given) -> Any:
        text = str(given.get("text", ""))
        if not 1 <= self.ways.units(text) <= LONGEST:  # that it is refused [M]; in which words [U]
            raise Refusal(400, "Bad request: The text must have between 1 and 2000 characters")
        if given.get("parse_mode") and text.count("{") != text.count("}"):
            raise Refusal(400, "Bad request: The text can't be parsed")  # [M]
        return self._sent(given, text)

    def sendPhoto(self, given: Given) -> Any:
        photo = given.get("photo", "")
        if not isinstance(photo, str) or not photo:
            raise Refusal(400, "Bad request: The photo must not be empty")  # uploads are not parsed [M]
        if not photo.startswith(("http://", "https://")):
            raise Refusal(400, "Bad request: The photo must start with http:// or https://")  # [M]
        if urlsplit(photo).hostname == "upload.wikimedia.org":
            raise Refusal(400, "Bad request: The photo URL is invalid")  # its host refuses the fetcher [M]
        return self._sent(given, photo)

    def sendSticker(self, given: Given) -> Any:
        return self._sent(given, str(given["sticker"]))

    def sendVoice(self, given: Given) -> Any:
        return self._sent(given, str(given["voice_url"]))

    def sendChatAction(self, given: Given) -> Any:
        self._reachable(given)
        return ...  # ok without a result [D]

    def _sent(self, given: Given, content: str) -> Any:
        chat = self._reachable(given)
        self.plan.count()
        chat.texts.append(content)
        self.moved.notify_all()
        return {"message_id": f"{next(self._numbers):020x}", "date": DATE}

    def _reachable(self, given: Given) -> Chat:
        """Only who has written to this bot [M]."""
        chat = self.chats.get(str(given.get("chat_id")))
        if chat is None:
            raise self.ways.stranger
        if chat.refusal:
            raise chat.refusal
        return chat

    def setWebhook(self, given: Given) -> Any:
        url, secret = str(given.get("url", "")), str(given.get("secret_token", ""))
        if not secret:
            raise Refusal(400, NO_SECRET)
        if not 8 <= len(secret) <= 256:
            raise Refusal(400, "Bad request: The secret_token must have between 8 and 256 characters")  # [D] the rule
        if not self.ways.http_allowed and not _public(url):
            raise Refusal(400, "Bad request: The url must be a public https address")  # [D] the rule, [U] the words
        self.plan.allow()
        self.url, self.secret = url, secret  # kept even where the house can't be reached [D]
        self.moved.notify_all()
        return {"url": url, "updated_at": DATE, "verification": self._verification()}

    def testWebhook(self, given: Given) -> Any:
        self.plan.allow()
        return self._verification()

    def _verification(self) -> Given:
        outcome = self.ways.verification
        return {"ok": outcome == "webhook.ok", "url": self.url, "outcome": outcome, "latency_ms": 12}

    def deleteWebhook(self, given: Given) -> Any:
        self._called()
        self.url = self.secret = ""
        self.moved.notify_all()
        return {"url": "", "updated_at": DATE}

    def getWebhookInfo(self, given: Given) -> Any:
        self._called()
        return {"url": self.url, "updated_at": DATE}

    def _called(self) -> None:
        if not self.url and self.ways.no_webhook:
            raise self.ways.no_webhook

    def method(self, name: str) -> Callable[[Given], Any] | None:
        """Names are case-sensitive [D]."""
        return getattr(self, name, None) if name in METHODS else None


METHODS: dict[str, set[str]] = {
    "getMe": set(),
    "getUpdates": {"timeout"},
    "setWebhook": {"url", "secret_token"},
    "testWebhook": set(),
    "deleteWebhook": set(),
    "getWebhookInfo": set(),
    "sendMessage": {"chat_id", "text", "parse_mode", "text_styles"},
    "sendPhoto": {"chat_id", "photo", "caption"},
    "sendSticker": {"chat_id", "sticker"},
    "sendVoice": {"chat_id", "voice_url"},
    "sendChatAction": {"chat_id", "action"},
}  # and their parameters [D]


def _public(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return url.startswith("https://") and bool(host) and not host.startswith(PRIVATE_HOSTS)
