"""A house of one room behind the web door: it keeps what it hears in lists and answers from a script."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.channel import Button, Channel, Incoming, Outgoing, Part
from bot.channels.web import Web
from bot.web import door
from bot.web.ports import (
    Ahead,
    Check,
    Figure,
    FileLink,
    Happened,
    Heading,
    HealthReport,
    Line,
    Persona,
    Scene,
    Step,
    Stored,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2024, 11, 25, 8, tzinfo=HANOI)
SECRET = "a secret for tests only"
PERSONAS = (
    Persona("kl", "Nguyễn Văn An", "Đầu mối", "Chi cục Kiểm lâm", "p-kl", ("báo cáo", "45/60", "còn thiếu gì")),
    Persona("ts", "Giàng Thị Mỷ", "Đầu mối", "Chi cục Thủy sản", "p-ts", ("báo cáo", "không phát sinh", "30/60")),
    Persona("tt", "Lê Quang Bình", "Thủ trưởng", "Chi cục Kiểm lâm", "p-tt", ("còn thiếu gì", "bảng tổng hợp")),
    Persona("cb", "Hoàng Thị Dung", "Phòng TCCB", "Sở Nông nghiệp và PTNT", "p-cb", ("tổng hợp", "thẩm định")),
)
GUIDE = (
    Step("Báo cáo", "Đầu mối gõ lệnh, chọn chỉ tiêu rồi nhập số liệu.", "kl", ("báo cáo", "45/60")),
    Step(
        "Cảnh báo", "Số thấp hơn chỉ tiêu giao: đơn vị được cho biết còn thiếu bao nhiêu.", "ts", ("báo cáo", "30/60")
    ),
    Step("Nhắc hạn", "Bấm «Đến lần nhắc kế tiếp»: ai còn nợ số liệu thì được nhắc, thủ trưởng được báo."),
    Step("Thẩm định", "Phòng TCCB xem nơi nào còn thiếu, thẩm định, gửi thông báo.", "cb", ("tổng hợp", "thẩm định")),
)
Script = Callable[[str], Sequence[tuple[str, Sequence[str]]]]  # what was said → lines and their buttons


def in_loop(test: Callable[..., Any]) -> Callable[..., None]:
    """An async test in an event loop of its own."""

    @wraps(test)
    def run(*given: Any, **named: Any) -> None:
        asyncio.run(test(*given, **named))

    return run


def silent(text: str) -> Sequence[tuple[str, Sequence[str]]]:
    return ()


class SmallHouse:
    """All the ports at once."""

    def __init__(self, script: Script = silent) -> None:
        self.now, self.script = MORNING, script
        self.heard: list[Incoming] = []
        self.lines: defaultdict[str, list[Line]] = defaultdict(list)
        self.uploads: dict[str, Stored] = {}
        self.health = HealthReport(True, (Check("database", True, "writable"),))
        self.headings: dict[str, Heading] = {}
        self.broken = False  # nothing can be kept
        self.runs = 1
        self.happened: list[Happened] = []
        self.seconds = 0.0  # of the monotonic clock
        self.web = Web(SECRET, self.clock, self, self, lambda: self.seconds)

    def clock(self) -> datetime:
        return self.now

    @asynccontextmanager
    async def open(self, port: int = 0, staged: bool = False, others: Sequence[Channel] = ()) -> AsyncIterator[str]:
        """The door of this house on loopback, and its address."""
        channels: list[Channel] = [self.web, *others]
        app = door.build(channels, self.hear, self, SECRET, self.clock, self, self if staged else None)
        async with door.serve(app, "127.0.0.1", port) as address:
            yield address

    async def hear(self, incoming: Incoming) -> None:
        if self.broken:
            raise OSError("disk full")
        if any(before.id == incoming.id for before in self.heard):
            return
        self.heard.append(incoming)
        said = incoming.said
        files = (FileLink(said.file.name, "", said.file.size),) if said.file else ()
        self.add(incoming.chat, "me", said.text, files=files, key=incoming.id, choice=said.choice or "")
        for text, labels in self.script(said.text or said.choice or ""):
            await self.say(incoming.chat, text, *labels)

    async def say(self, chat: str, text: str, *labels: str, files: tuple[FileLink, ...] = ()) -> None:
        buttons = tuple(Button(f"c:{label.encode().hex()[:40]}", label) for label in labels)
        self.add(chat, "bot", text, buttons=buttons, files=files)
        await self.web.send(Outgoing(chat, Part(text, buttons)))

    def add(self, chat: str, who: str, text: str, **more: object) -> None:
        id = sum(len(lines) for lines in self.lines.values()) + 1
        self.lines[chat].append(Line(id, who, text, self.now, **more))  # type: ignore[arg-type]

    # Chats

    async def history(self, chat: str, after: int) -> Sequence[Line]:
        lines = self.lines.get(chat, [])
        newest = max((line.id for line in lines if line.who == "me" or line.buttons), default=0)
        return [replace(line, live=line.id == newest) for line in lines if line.id > after]

    async def heading(self, chat: str) -> Heading:
        persona = next((one for one in PERSONAS if one.chat == chat), None)
        return (
            Heading(persona.name, f"{persona.role}, {persona.unit}") if persona else self.headings.get(chat, Heading())
        )

    # Uploads, Files, Health

    async def put(self, name: str, mime: str, content: bytes) -> int:
        number = len(self.uploads) + 1
        self.uploads[f"u{number}"] = Stored(name, mime, content)
        return number

    async def get(self, ref: str) -> Stored | None:
        return self.uploads.get(ref)

    async def report(self) -> HealthReport:
        return self.health

    # Stage

    async def personas(self) -> Sequence[Persona]:
        return PERSONAS

    async def guide(self) -> Sequence[Step]:
        return GUIDE

    async def scene(self) -> Scene:
        steps = ((14, "Còn 14 ngày"), (7, "Còn 07 ngày"), (3, "Còn 03 ngày"))
        deadline = datetime(2024, 12, 10, 8, tzinfo=HANOI)
        ahead = [Ahead(deadline - timedelta(days=days), name) for days, name in steps]
        figures = (Figure("Đã báo cáo", "3/36"), Figure("Tin đã gửi", str(len(self.happened))))
        coming = next((step for step in ahead if step.at > self.now), None)
        return Scene(str(self.runs), self.now, coming, figures, tuple(reversed(self.happened)))

    async def move(self, to: str) -> None:
        scene = await self.scene()
        match to:
            case "next" if scene.ahead:
                self.now = scene.ahead.at
                for persona in PERSONAS[:2]:
                    await self.say(persona.chat, f"{scene.ahead.name} đến hạn 10/12/2024. Gõ «tiếp» để nhập ngay.")
                    self.happened.append(Happened(self.now, f"Nhắc {persona.name}, {persona.unit}: {scene.ahead.name}"))
            case "day":
                self.now += timedelta(days=1)
            case "hour":
                self.now += timedelta(hours=1)
            case _:
                raise ValueError("Không còn lần nhắc nào. Đề nghị bấm «Làm lại từ đầu».")

    async def reset(self) -> None:
        self.now, self.runs = MORNING, self.runs + 1
        self.lines.clear()
        self.heard.clear()
        self.happened.clear()
