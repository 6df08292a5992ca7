"""People at their devices, far from the program: each message is answered before the next is sent."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests.far.telegram import TelegramServer
from tests.far.telegram_account import Chat, Message
from tests.far.zalo_bot_account import Bot
from tests.far.zalo_oa import OAServer

PATIENCE = 60  # seconds


@dataclass
class TelegramPhone:
    telegram: TelegramServer
    id: int
    name: str = "Nguyễn Văn An"

    def __post_init__(self) -> None:
        self.chat: Chat = self.telegram.person(self.id, self.name)

    @property
    def heard(self) -> list[str]:
        return self.chat.texts

    def enters(self, code: str) -> str:
        return self.says(f"/start {code}")

    def says(self, text: str) -> str:
        before = len(self.chat.sent)
        self.telegram.says(self.id, text)
        return self.hears(before).text

    def sends_photo(self) -> str:
        before = len(self.chat.sent)
        self.telegram.sends_photo(self.id, b"\xff\xd8\xff" * 100)
        return self.hears(before).text

    def presses(self, label: str, message: Message | None = None) -> str:
        """What is said then; the press itself is answered, and the buttons go."""
        before = len(self.chat.sent)
        pressed = message or next(one for one in reversed(self.chat.sent) if label in one.buttons)
        query = self.telegram.queries[self.telegram.presses(self.id, label, message)]
        heard = self.hears(before)
        self.telegram.wait_for(lambda: query.answered, PATIENCE, f"the press on {label} is answered")
        self.telegram.wait_for(lambda: not pressed.rows, PATIENCE, f"the buttons beside {label} go")
        return heard.text

    def presses_again(self, label: str) -> str:
        """The oldest button of that label that the screen still shows."""
        return self.presses(label, next(one for one in self.chat.sent if label in one.buttons))

    def hears(self, before: int) -> Message:
        """What comes after that many messages."""
        self.telegram.wait_for(lambda: len(self.chat.sent) > before, PATIENCE, f"{self.name} hears something")
        return self.chat.sent[before]

    def hears_after(self, before: int) -> str:
        return self.hears(before).text

    def has(self, words: str) -> str:
        """The message with these words, once it is there."""
        found: str = self.telegram.wait_for(
            lambda: next((text for text in self.chat.texts if words in text), ""), PATIENCE, f"{self.name}: {words}"
        )
        return found


@dataclass
class WebPhone:
    """The chat page as a program sees it. `page`: its path."""

    browser: httpx.Client
    page: str

    @property
    def heard(self) -> list[str]:
        return [str(line["text"]) for line in self._heard()]

    def enters(self, code: str) -> str:
        return self.says(code)

    def says(self, text: str) -> str:
        return self._told("said", json={"id": secrets.token_hex(8), "text": text})

    def sends_photo(self) -> str:
        picture = {"file": ("anh.jpg", b"\xff\xd8\xff" * 100, "image/jpeg")}
        return self._told("file", data={"id": secrets.token_hex(8)}, files=picture)

    def presses(self, label: str) -> str:
        return self.says(label)

    def hears_after(self, before: int) -> str:
        return self.heard[before]

    def presses_again(self, label: str) -> str:
        """The oldest button of that label, whether it may be pressed or not."""
        buttons = [button for line in self._lines() for button in line["buttons"] if button["label"] == label]
        return self._told("said", json={"id": secrets.token_hex(8), "choice": buttons[0]["id"]})

    def _told(self, where: str, **body: Any) -> str:
        """What the bot says to it; the stream tells when to look."""
        before = len(self._heard())
        news = {"chat": self.page.removeprefix("/c/")}
        with self.browser.stream("GET", "/c/news", params=news, timeout=PATIENCE) as stream:
            told = stream.iter_lines()
            next(told)
            self.browser.post(f"{self.page}/{where}", **body).raise_for_status()
            while len(heard := self._heard()) <= before:
                next(line for line in told if line == "event: news")
        return str(heard[before]["text"])

    def _heard(self) -> list[dict[str, Any]]:
        return [line for line in self._lines() if line["who"] == "bot"]

    def _lines(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.browser.get(f"{self.page}/lines").json()["lines"]
        return lines


@dataclass
class ZaloPhone:
    """Text alone: what stands in a numbered list is chosen by its number, the rest is typed."""

    bot: Bot
    name: str

    @property
    def heard(self) -> list[str]:
        return self.bot.person(self.name).texts

    def enters(self, code: str) -> str:
        return self.says(code)

    def says(self, text: str) -> str:
        before = len(self.heard)
        self.bot.says(self.name, text)
        return self.hears_after(before)

    def presses(self, label: str) -> str:
        return self.says(instead_of(label, self.heard[-1]))

    def hears_after(self, before: int) -> str:
        with self.bot.moved:
            assert self.bot.moved.wait_for(lambda: len(self.heard) > before, PATIENCE), f"{self.name} hears nothing"
            return self.heard[before]

    def has(self, words: str) -> str:
        """The message with these words, once it is there."""
        with self.bot.moved:
            found = self.bot.moved.wait_for(lambda: [text for text in self.heard if words in text], PATIENCE)
            assert found, f"{self.name}: {words}"
            return str(found[0])


@dataclass
class OfficialPhone:
    """An app that draws the buttons of an Official Account."""

    far: OAServer
    name: str

    @property
    def heard(self) -> list[str]:
        return self.far.person(self.name).texts

    def enters(self, code: str) -> str:
        return self.says(code)

    def says(self, text: str) -> str:
        before = len(self.heard)
        self.far.says(self.name, text)
        return self.hears_after(before)

    def presses(self, label: str) -> str:
        """More options than an account may draw are a list alone."""
        before = len(self.heard)
        if not self.far.draws(self.name, label):
            return self.says(instead_of(label, self.heard[-1]))
        self.far.presses(self.name, label)
        return self.hears_after(before)

    def hears_after(self, before: int) -> str:
        self.far.wait_for(lambda: len(self.heard) > before, PATIENCE)
        return self.heard[before]

    def has(self, words: str) -> str:
        """The message with these words, once it is there."""
        self.far.wait_for(lambda: any(words in text for text in self.heard), PATIENCE)
        return next(text for text in self.heard if words in text)


def instead_of(label: str, text: str) -> str:
    """What is typed for an option where there is no button: its number, what the text says to type, or its words."""
    numbered = re.findall(rf"^(\d+)\. {re.escape(label)}$", text, re.MULTILINE)
    code = re.search(rf'"({label.split()[0]} \d+)"', text, re.IGNORECASE)
    return str(numbered[-1] if numbered else code[1] if code else label)
