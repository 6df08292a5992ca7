"""Zalo's Official Accounts on loopback: one account, its consent, its people, and the faults it has.

After each behaviour stands how well it is known: [D] documented, [M] measured by somebody on the live service,
[C] seen in code that uses it, [U] nobody has said. A live trial corrects the [U].
"""

import base64
import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from catalogue.calendar import HANOI
from tests.far.loopback import Call, Loopback, Reply, Upload
from tests.far.telegram import Fault, cut, hang, page, reset, slow

__all__ = ["APP", "APP_SECRET", "KEY", "OAServer", "Refusal", "Ways", "cut", "hang", "page", "refused", "reset", "slow"]

APP, APP_SECRET, KEY = "360846524940903967", "app-secret_of_the_loopback", "oa_secret_demo_0123456789"
OA = "388613280878808645"
START = datetime(2026, 11, 24, 8, tzinfo=HANOI)
TOKEN_LASTS, REFRESH_LASTS, CODE_LASTS = timedelta(hours=25), timedelta(days=90), timedelta(minutes=10)  # [D]
FREE, WINDOW = timedelta(hours=48), timedelta(days=7)  # [D]
RETRIES = 5  # of a webhook, after 30 s, 5, 15, 30 minutes and an hour; then it is switched off [D]
LONGEST, BUTTONS, TITLE, PAYLOAD = 2000, 5, 100, 1000  # [D]
UPLOADS = {  # endings and most bytes [D]
    "image": ({".jpg", ".jpeg", ".png"}, 1 << 20),
    "gif": ({".gif"}, 5 << 20),
    "file": ({".pdf", ".doc", ".docx"}, 5 << 20),
}

Given = dict[str, Any]
Door = Callable[[bytes, Mapping[str, str]], int]
"""Our webhook: a body and headers in, the status out."""


class Refusal(Exception):
    """An answer with "error" below zero, under HTTP 200 [D]."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message


def refused(code: int, message: str = "") -> Fault:
    return Fault(_refusal(Refusal(code, message)))


@dataclass
class Person:
    id: str
    heard: datetime | None = None  # their last interaction
    got: list[Given] = field(default_factory=list)  # messages, oldest first
    refusal: Refusal | None = None

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.got if "text" in message]


@dataclass
class Ways:
    """What differs between accounts, or is known to nobody."""

    kind: int = 2  # 4 is a state agency [C]
    new_api: bool = True  # False: -235, as state agencies were told [M]
    old_api: bool = True  # False: -240 [D], against what was measured [M]
    wallet: bool = True  # pays for messages after 48 hours [D]
    templates: set[str] = field(default_factory=set)  # numbers that are approved
    package: int = 0  # -224, or -221 where the account is not verified [D]
    units: Callable[[str], int] = lambda text: len(text.encode("utf-16-le")) // 2  # of the longest text [U]


class OAServer:
    """Behind `url` stand both the API and its OAuth host. On leaving, an undocumented request fails."""

    def __init__(self, ways: Ways | None = None) -> None:
        self.ways = ways or Ways()
        self.now = START
        self.people: dict[str, Person] = {}
        self.calls: list[tuple[str, int]] = []  # path and the number of its failure; 0 when it went well
        self.violations: list[str] = []
        self.carried: list[int] = []  # what our webhook answered each time
        self.door: Door | None = None
        self.moved = threading.Condition(threading.RLock())
        self.codes: dict[str, tuple[str, datetime]] = {}  # code → challenge and end
        self.uploads: dict[str, tuple[Upload, datetime]] = {}
        self._numbers = itertools.count(1)
        self._faults: list[tuple[Fault, str]] = []
        self.access = self.refresh = ""
        self.issued = START
        self._http = Loopback(self._answer)
        self.url = self._http.url

    def __enter__(self) -> "OAServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._http.close()
        if error is None:
            assert not self.violations, self.violations

    # What a test arranges and asks

    def clock(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        with self.moved:
            self.now += timedelta(**time)

    def faults(self, *faults: Fault, path: str = "/message/cs") -> None:
        """What the next requests to a path with that end meet, one each."""
        with self.moved:
            self._faults += [(fault, path) for fault in faults]

    def called(self, path: str) -> list[int]:
        return [code for called, code in self.calls if called.endswith(path)]

    def wait_for(self, happened: Callable[[], Any], timeout: float = 10.0) -> None:
        with self.moved:
            assert self.moved.wait_for(happened, timeout), f"it did not happen within {timeout:g} s"

    def person(self, name: str) -> Person:
        """Ids are per account [D], and digits [D]."""
        id = str(int(hashlib.sha256(name.encode()).hexdigest()[:14], 16))
        return self.people.setdefault(id, Person(id))

    # The consent

    def agrees(self, challenge: str) -> str:
        """An administrator has; the code that comes back to the callback."""
        code = f"code-{next(self._numbers)}-{'x' * 24}"
        self.codes[code] = (challenge, self.now + CODE_LASTS)
        return code

    def issue(self) -> dict[str, str]:
        """A pair; the one before it is dead [D]."""
        number = next(self._numbers)
        self.access, self.refresh = f"access-{number}-{'a' * 24}", f"refresh-{number}-{'r' * 24}"
        self.issued = self.now
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}  # as text [D]

    def _exchange(self, call: Call) -> Reply:
        given = call.parameters()
        known = call.headers.get("secret_key") == APP_SECRET and given.get("app_id") == APP
        if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self.violations.append("tokens are asked for by a form [D]")
        if not known:
            return _denied(-14002, "Invalid app")
        if given["grant_type"] == "authorization_code":
            challenge, end = self.codes.pop(given.get("code", ""), ("", self.now))  # works once [D]
            proof = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
            if self.now >= end or challenge != _base64(proof):
                return _denied(-118, "Invalid grant")  # [C]
        elif given.get("refresh_token") != self.refresh or self.now > self.issued + REFRESH_LASTS:
            return _denied(-14014, "Invalid refresh token")  # used already, or too old [D]
        return Reply.json(self.issue())

    # What people do

    def says(self, name: str, text: str, **more: Any) -> Given:
        return self.happens("user_send_text", name, {"text": text} | more)

    def sends(self, name: str, kind: str, payload: Given, **more: Any) -> Given:
        return self.happens(f"user_send_{kind}", name, {"attachments": [{"type": kind, "payload": payload}]} | more)

    def draws(self, name: str, title: str) -> bool:
        """Whether a button with that title is on the screen."""
        return any(button["title"] == title for button in self._shown(name))

    def presses(self, name: str, title: str) -> Given:
        """The button with that title under the last message that has buttons: its payload comes back as a text [D]."""
        payload = next(button["payload"] for button in reversed(self._shown(name)) if button["title"] == title)
        return self.says(name, payload)

    def _shown(self, name: str) -> list[Given]:
        return [button for message in self.person(name).got for button in _buttons(message)]

    def happens(self, event: str, name: str, message: Given) -> Given:
        person = self.person(name)
        number = next(self._numbers)
        head = {"app_id": APP, "sender": {"id": person.id}, "recipient": {"id": OA}, "user_id_by_app": f"9{number}"}
        told = {"event_name": event, "message": {"msg_id": f"{number:019x}"} | message}
        return self._interacts(person, head | told)

    def follows(self, name: str, event: str = "follow") -> Given:
        person = self.person(name)
        return self._interacts(person, {"oa_id": OA, "follower": {"id": person.id}, "app_id": APP, "event_name": event})

    def _interacts(self, person: Person, event: Given) -> Given:
        person.heard = self.now
        event["timestamp"] = str(int(self.now.timestamp() * 1000) + next(self._numbers))  # milliseconds, as text [D]
        self.brings(event)
        return event

    # The webhook

    def brings(self, event: Any) -> None:
        """As the house answers, once or again [D]."""
        body = json.dumps(event).encode()
        for number in range(1 + RETRIES):
            headers = {"num_retry": str(number)} if number else {}
            if self.posts(body, {"X-ZEvent-Signature": signature(body, event)} | headers) == 200:
                return

    def posts(self, body: bytes, headers: Mapping[str, str] = {}) -> int:
        """Anything at all, by anybody."""
        assert self.door, "nobody has told Zalo where the house is"
        self.carried.append(self.door(body, {"Content-Type": "application/json", **headers}))
        return self.carried[-1]

    # The wire

    def _answer(self, call: Call) -> Reply:
        with self.moved:
            planned = next(((fault, path) for fault, path in self._faults if call.path.endswith(path)), None)
            if planned:
                self._faults.remove(planned)
            reply = planned[0].reply if planned and not planned[0].accepted else self._carried_out(call)
            if planned and planned[0].accepted:
                reply = planned[0].reply if planned[0].reply.body else replace(reply, wire=planned[0].reply.wire)
            self.calls.append((call.path, _code(reply)))
            self.moved.notify_all()
            return reply

    def _carried_out(self, call: Call) -> Reply:
        if call.path == "/v4/oa/access_token":
            return self._exchange(call)
        try:
            return Reply.json({"data": self._data(call), "error": 0, "message": "Success"})
        except Refusal as refusal:
            return _refusal(refusal)

    def _data(self, call: Call) -> Given:
        given = call.headers.get("access_token")
        if given != self.access:
            raise Refusal(-216, "Access token is invalid")  # missing or dead [D]
        if self.now >= self.issued + TOKEN_LASTS:
            raise Refusal(-220, "Access token has expired")  # [D]
        match call.verb, call.path:
            case "GET", "/v2.0/oa/getoa":
                return self._about()
            case "POST", "/v3.0/oa/message/cs" | "/v2.0/oa/message":
                return self._message(json.loads(call.body), call.path.startswith("/v2"))
            case "POST", "/v3.0/oa/message/template":
                return self._template(json.loads(call.body))
            case "POST", path if path.startswith("/v2.0/oa/upload/"):
                return self._upload(path.rpartition("/")[2], call.parameters()["file"])
        self.violations.append(f"{call.verb} {call.path}: no such method")
        raise Refusal(-201, "Not found")

    def _about(self) -> Given:
        named = {"oa_id": OA, "name": "Sở NN&PTNT", "num_follower": len(self.people)}
        return named | {"is_verified": self.ways.package != -221, "oa_type": self.ways.kind, "package_name": "Growth"}

    def _message(self, given: Given, old: bool) -> Given:
        if self.ways.package:
            raise Refusal(self.ways.package, "OA package is too low")
        if not old and not self.ways.new_api:
            raise Refusal(-235, "This API does not support this type of OA")  # [M]
        if old and not self.ways.old_api:
            raise Refusal(-240, "MessageV2 has been shut down")  # [D]
        person = self.people.get(given["recipient"]["user_id"])
        if person is None:
            raise Refusal(-201, "user_id is invalid")  # the code [D], the words [U]
        self._reachable(person)
        self._checked(given["message"])
        person.got.append(given["message"])
        return {"message_id": f"{next(self._numbers):019x}", "user_id": person.id, "sent_time": "1750316131602"}

    def _template(self, given: Given) -> Given:
        """Paid, to whoever follows, however long they have been silent [D]."""
        person = self.people.get(given["user_id"])
        if person is None or person.heard is None:
            raise Refusal(-118, "recipient does not exist")  # [D]
        if person.refusal:
            raise person.refusal
        if given["template_id"] not in self.ways.templates:
            raise Refusal(-131, "template is not approved")  # [D]
        if not self.ways.wallet:
            raise Refusal(-115, "out of money")  # [D]
        if not all(isinstance(value, str) and value for value in given["template_data"].values()):
            raise Refusal(-112, "a parameter is empty")  # the code [D], what counts as empty [U]
        person.got.append(given)
        return {"message_id": f"{next(self._numbers):019x}", "user_id": person.id, "sent_time": "1750316131602"}

    def _reachable(self, person: Person) -> None:
        if person.refusal:
            raise person.refusal
        if person.heard is None:
            raise Refusal(-213, "User has not followed OA")  # [D]
        if self.now - person.heard > WINDOW:
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")  # [D]
        if self.now - person.heard > FREE and not self.ways.wallet:
            raise Refusal(-320, "OA has no ZCA")  # [D]

    def _checked(self, message: Given) -> None:
        """As documented; what differs is a refusal or, where the refusal is not known, a violation."""
        text, payload = message.get("text"), message.get("attachment", {}).get("payload", {})
        if text is not None and not 1 <= self.ways.units(text) <= LONGEST:
            raise Refusal(-210, "text is over the limit")  # [M]
        for button in _buttons(message):
            if button["type"] not in ("oa.query.show", "oa.query.hide") or not isinstance(button["payload"], str):
                self.violations.append(f"a button of no known kind: {button}")
            if not 1 <= len(button["title"]) <= TITLE or not 1 <= len(button["payload"]) <= PAYLOAD:
                raise Refusal(-201, "button is invalid")
        if len(_buttons(message)) > BUTTONS:
            raise Refusal(-201, "too many buttons")
        handles = [payload.get("token"), *(each.get("attachment_id") for each in payload.get("elements", []))]
        for handle in filter(None, handles):
            upload = self.uploads.get(handle)
            if upload is None or upload[1] <= self.now:
                raise Refusal(-100, "attachment has expired")  # after seven days [D]
        if text is None and not any(handles):
            raise Refusal(-201, "message is empty")

    def _upload(self, kind: str, file: Upload) -> Given:
        endings, most = UPLOADS[kind]
        if not any(file.name.endswith(ending) for ending in endings) or len(file.content) > most:
            raise Refusal(-210, "file is not allowed")
        handle = f"upload-{next(self._numbers)}"
        self.uploads[handle] = (file, self.now + timedelta(days=7))
        return {"token" if kind == "file" else "attachment_id": handle}


def signature(body: bytes, event: Any, app: str = APP, key: str = KEY) -> str:
    """Over the raw bytes, with the body's own timestamp; not an HMAC [D]."""
    timestamp = event.get("timestamp", "") if isinstance(event, dict) else ""
    return "mac=" + hashlib.sha256(app.encode() + body + str(timestamp).encode() + key.encode()).hexdigest()


def _buttons(message: Given) -> list[Given]:
    payload = message.get("attachment", {}).get("payload", {})
    return payload.get("buttons", []) if isinstance(payload, dict) else []


def _base64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refusal(refusal: Refusal) -> Reply:
    return Reply.json({"error": refusal.code, "message": refusal.message})


def _denied(code: int, words: str) -> Reply:
    """Under HTTP 200 [M]."""
    return Reply.json({"error": code, "error_name": words, "error_reason": words, "error_description": words})


def _code(reply: Reply) -> int:
    try:
        told = json.loads(reply.body)
    except ValueError:
        return reply.status if reply.status != 200 else -1
    code = told.get("error", 0) if isinstance(told, dict) else -1
    return code if isinstance(code, int) else -1
