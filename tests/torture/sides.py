"""Every channel's far side in the same way: some people, each of whom speaks when told to, and hears the answers."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
from sqlalchemy import Connection

from bot.channels import telegram, web, zalo_bot
from bot.channels.zalo_oa import ZaloOA
from bot.cli.kept import GRANT
from bot.web import links
from catalogue.calendar import HANOI
from storage import grants
from tests.far import telegram as far_telegram
from tests.far import zalo_bot as far_zalo_bot
from tests.far import zalo_oa as far_zalo_oa
from tests.far.zalo_bot_account import Plan

PEOPLE = 5  # at each side, unless more are asked for
KEY = "a signing key for the torture of tests only"
CLOSED = "closed"
PATIENCE = 1800.0  # seconds until somebody who calls gives up
AGAIN = 1.0  # seconds until the same house is called once more


class Side(Protocol):
    """`may_lose`: updates for each kill. `share`: of the updates that the fastest side gets in the same time.

    `senders`: envelopes that one process has on their way at once."""

    channel: str
    account: str
    senders: int
    settings: Mapping[str, str]
    chats: list[str]
    may_lose: int
    share: float

    def prepare(self, tx: Connection) -> None:
        """Whatever the database has to know of it."""

    def says(self, person: int, text: str) -> None:
        """Returns at once, or once the house has taken it where it is the far side who calls."""

    def steps(self) -> int:
        """How far it is: grows with each call in either direction."""

    def arrived(self) -> dict[str, list[str]] | None:
        """Chat → texts; None where sending is no call."""

    def close(self) -> None: ...


class Door:
    """The house's own address, which changes with each start: a call is made again until it is taken."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._address = ""
        self._http = httpx.Client(trust_env=False, timeout=20)
        self.taken = 0

    def opens(self, address: str) -> None:
        with self._moved:
            self._address = address
            self._moved.notify_all()

    def post(self, path: str, **content: Any) -> int:
        tried, until = "", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with self._moved:
                self._moved.wait_for(lambda was=tried: self._address not in ("", was), AGAIN)
                tried = self._address
            if tried == CLOSED:
                return 0
            try:
                status = self._http.post(tried + path, **content).status_code
            except httpx.HTTPError:
                continue
            if 200 <= status < 300:
                with self._moved:
                    self.taken += 1
                return status
        raise AssertionError("nobody takes it")

    def close(self) -> None:
        self.opens(CLOSED)
        self._http.close()


class Telegram:
    channel, may_lose, share, senders = "telegram", 0, 1.0, telegram.Telegram.traits.senders

    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        self._far = far_telegram.TelegramServer()
        self.account = far_telegram.TOKEN.partition(":")[0]
        self.settings = {
            "TELEGRAM_BOT_TOKEN": far_telegram.TOKEN,
            "TELEGRAM_API_BASE_URL": self._far.base_url,
        }
        self.chats = [str(1001 + number) for number in range(people)]
        for chat in self.chats:
            self._far.person(int(chat), f"Person {chat}")

    def prepare(self, tx: Connection) -> None: ...

    def says(self, person: int, text: str) -> None:
        self._far.says(int(self.chats[person]), text)

    def steps(self) -> int:
        return len(self._far.calls)

    def arrived(self) -> dict[str, list[str]]:
        return {str(chat.id): chat.texts for chat in self._far.chats.values()}

    def close(self) -> None:
        self._far.close()


class ZaloBot:
    """Reading is destructive: what a killed process has read and not kept, or would have read, is nowhere any more."""

    channel, may_lose, share, senders = "zalo_bot", 1, 1.0, zalo_bot.ZaloBot.traits.senders

    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        self._far = far_zalo_bot.ZaloServer(plan=Plan(people))
        self.account = self._far.account
        self.settings = {"ZALO_BOT_TOKENS": far_zalo_bot.TOKEN, "ZALO_BOT_API_BASE_URL": self._far.base_url}
        self._names = [f"Person {number}" for number in range(people)]
        self.chats = [self._far.person(name).id for name in self._names]

    def prepare(self, tx: Connection) -> None: ...

    def says(self, person: int, text: str) -> None:
        self._far.says(self._names[person], text)

    def steps(self) -> int:
        return len(self._far.calls)

    def arrived(self) -> dict[str, list[str]]:
        return {chat.id: chat.texts for chat in self._far.chats.values()}

    def close(self) -> None:
        self._far.close()


class Called:
    """A far side that calls the house by the one public address that it was told, wherever the house is by now."""

    public, secret = "https://house.example", "a-secret_of-the-torture"

    def __init__(self, door: Door) -> None:
        self._door = door

    def __call__(self, client: httpx.Client, url: str, update: Any, headers: Mapping[str, str]) -> int:
        return self._door.post(url.removeprefix(self.public), json=update, headers=dict(headers))


class TelegramCalls(Telegram):
    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        super().__init__(door, people)
        self._door, self._far.carry = door, Called(door)
        self.settings |= {"TELEGRAM_WEBHOOK_SECRET": Called.secret, "WEB_BASE_URL": Called.public}

    def steps(self) -> int:
        return super().steps() + len(self._far.carried)

    def close(self) -> None:
        self._door.close()
        super().close()


class ZaloBotCalls(ZaloBot):
    """Nobody says whether Zalo brings a message again [U]: here it does, so nothing may be lost."""

    may_lose = 0

    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        super().__init__(door, people)
        self._door, self._far.carry = door, Called(door)
        self.settings |= {"ZALO_BOT_WEBHOOK_SECRET": Called.secret, "WEB_BASE_URL": Called.public}

    def steps(self) -> int:
        return super().steps() + len(self._far.carried)

    def close(self) -> None:
        self._door.close()
        super().close()


class Official:
    channel, account, may_lose, share, senders = "zalo_oa", "", 0, 0.25, ZaloOA.traits.senders

    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        self._far = far_zalo_oa.OAServer()
        self.settings = {
            "ZALO_OA_APP_ID": far_zalo_oa.APP,
            "ZALO_OA_APP_SECRET": far_zalo_oa.APP_SECRET,
            "ZALO_OA_SECRET_KEY": far_zalo_oa.KEY,
            "ZALO_OA_API_BASE_URL": self._far.url,
            "ZALO_OA_OAUTH_BASE_URL": self._far.url,
        }
        self._names = [f"Person {number}" for number in range(people)]
        self.chats = [self._far.person(name).id for name in self._names]
        for name in self._names:
            self._far.person(name).heard = self._far.now
        path = ZaloOA(far_zalo_oa.APP, "", far_zalo_oa.KEY, None, self._far.clock).path  # type: ignore[arg-type]
        self._far.door = lambda body, headers: door.post(path, content=body, headers=dict(headers))

    def prepare(self, tx: Connection) -> None:
        """What an administrator's consent leaves in the database."""
        pair, now = self._far.issue(), datetime.now(HANOI)
        kept = {"access": pair["access_token"], "refresh": pair["refresh_token"], "renewed": now.isoformat()}
        kept["until"] = (now + timedelta(hours=25)).isoformat()
        grants.store(tx, GRANT, kept)

    def says(self, person: int, text: str) -> None:
        self._far.says(self._names[person], text)

    def steps(self) -> int:
        return len(self._far.calls) + len(self._far.carried)

    def arrived(self) -> dict[str, list[str]]:
        return {person.id: person.texts for person in self._far.people.values()}

    def close(self) -> None:
        self._far.__exit__(None, None, None)


class Page:
    channel, account, may_lose, share, senders = "web", "", 0, 1.0, web.Web.traits.senders

    def __init__(self, door: Door, people: int = PEOPLE) -> None:
        self._door = door
        self.settings = {"SECRET_KEY": KEY}
        self.chats = [secrets.token_urlsafe(16) for _ in range(people)]
        until = datetime(2030, 1, 1, tzinfo=HANOI)
        self.tokens = [links.sign(KEY, "chat", chat, until) for chat in self.chats]  # of the pages

    def prepare(self, tx: Connection) -> None: ...

    def says(self, person: int, text: str) -> None:
        content = json.dumps({"id": secrets.token_urlsafe(12), "text": text})
        path, headers = f"/c/{self.tokens[person]}/said", {"Content-Type": "application/json"}
        self._door.post(path, content=content, headers=headers)

    def steps(self) -> int:
        return self._door.taken

    def arrived(self) -> None:
        """Sending there is storing, so the books themselves are what arrived."""

    def close(self) -> None: ...


SIDES: dict[str, Callable[..., Side]] = {side.channel: side for side in (Telegram, ZaloBot, Official, Page)}
CALLS: dict[str, Callable[..., Side]] = {"telegram_calls": TelegramCalls, "zalo_bot_calls": ZaloBotCalls}
"""The same accounts, called by a webhook instead of polling: asked for by name."""
