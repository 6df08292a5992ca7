"""People at their devices, far from the program: each message is answered before the next is sent."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests.far.telegram import TelegramServer
from tests.far.telegram_account import Chat, Message

PATIENCE = 60  # seconds


@dataclass
class TelegramPhone:
    telegram: TelegramServer
    id: int
    name: str = "Nguyễn Văn An"

    def __post_init__(self) -> None:
        self.chat: Chat = self.telegram.person(self.id, self.name)

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

    def says(self, text: str) -> str:
        return self._told("said", json={"id": secrets.token_hex(8), "text": text})

    def sends_photo(self) -> str:
        picture = {"file": ("anh.jpg", b"\xff\xd8\xff" * 100, "image/jpeg")}
        return self._told("file", data={"id": secrets.token_hex(8)}, files=picture)

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
