"""The entrances: what each is begun with, and what has to hold whatever comes in. Loaded by name, one a process."""

import asyncio
import csv
import hashlib
import json
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from catalogue import answer, expression, load, naming, paper, roster
from catalogue.calendar import HANOI

DATA = Path(__file__).parent.parent / "data"
NOW = datetime(2024, 11, 25, 9, tzinfo=HANOI)
SECRET = "a secret for tests only"
Try = Callable[[bytes], None]


@dataclass(frozen=True)
class Entrance:
    """`runs`: inputs of the long form. `open` gives the bytes to begin with, and what is done with each input."""

    runs: int
    open: Callable[[], tuple[list[bytes], Try]]
    json: bool = False  # its inputs are trees: bytes changed at random would hardly ever be one


def text_of(data: bytes) -> str:
    """Any text that a channel may bring: it has passed JSON, so nothing in it is half a sign."""
    return data.decode("utf-8", "ignore")


def column(name: str, field: str) -> list[bytes]:
    with (DATA / name).open(encoding="utf8", newline="") as lines:
        return [row[field].encode() for row in csv.DictReader(lines)]


# What people type.


def answers() -> tuple[list[bytes], Try]:
    context, every = answer.Context(load.all()["2024-qd55"], None), list(answer.Awaiting)

    def one(data: bytes) -> None:
        text, awaiting = text_of(data), every[sum(data[:4]) % len(every)]
        read = answer.read(text, awaiting, context)
        if isinstance(read, answer.Value) and read.answer.numerator is not None and read.answer.denominator:
            assert 0 <= read.answer.numerator <= read.answer.denominator, "more than all"
        decomposed = answer.read(unicodedata.normalize("NFD", text))
        assert answer.kind_of(decomposed) == answer.kind_of(answer.read(text)) or len(text) * 3 > answer.LONGEST

    return column("answers.csv", "text"), one


def targets() -> tuple[list[bytes], Try]:
    def one(data: bytes) -> None:
        raw, _, rest = text_of(data).partition("\n")
        unit, _, name = rest.partition("\n")
        assert expression.read(raw, unit, name).raw == raw

    return column("targets.csv", "raw"), one


def unit_names() -> tuple[list[bytes], Try]:
    office = roster.example()
    names = naming.names(tuple(office.units))

    def one(data: bytes) -> None:
        assert all(unit.id in office.by_id for unit in names.match(text_of(data)).units)

    return column("unit_names.csv", "text"), one


def talks() -> tuple[list[bytes], Try]:
    """Lines said one after the other by the focal point of a unit; each sentence that is answered can be worded."""
    from bot.dialogue import router
    from bot.dialogue.facts import Duty, Facts, Person, Work
    from bot.dialogue.turn import Idle, Option, Said, State
    from bot.words import Words
    from catalogue.standing import Standing

    book, office, words = load.all()["2024-qd55"], roster.example(), Words()
    here = office.by_id["CCKL"]
    codes = tuple(leaf.code for leaf in book.leaves if leaf.owed_by(here.id, here.type, here.name))
    work = Work(1, book.plan(2024), Standing(book, here.id, here.name, codes, {}))
    duties = (Duty(here.id, here.name, "focal"),)
    facts = Facts(NOW, Person(1, "An"), duties, (work,), (work,), office=office, catalogues=(book,))

    def one(data: bytes) -> None:
        state: State = Idle()
        offered: tuple[Option, ...] = ()
        for line in text_of(data).split("\0")[:8]:
            turn = router.step(state, offered, Said(line), facts)
            state, offered = turn.remember, tuple(option for say in turn.say for option in say.options)
            for say in turn.say:
                words(say.kind, dict(say.facts))
            for option in offered:
                assert option.id.isascii() and len(option.id) <= 64
                words(option.kind, dict(option.facts))

    said = column("answers.csv", "text")
    return [b"\0".join((one, "đúng".encode(), b"1", "hủy".encode())) for one in said], one


# What channels are called with.


def telegram() -> tuple[list[bytes], Try]:
    from telegram import User

    from bot.channels.telegram import SECRET_HEADER, Telegram

    channel = Telegram("1:not-a-token", webhook_secret=SECRET, webhook_url="https://nhac.example")
    channel._me = User(1, "Nhắc Hạn", True, username="nhachan_bot")  # so that nobody has to be asked
    chat = {"id": 5, "type": "private", "first_name": "An"}
    message = {"message_id": 2, "date": 1732500000, "chat": chat, "from": chat | {"is_bot": False}, "text": "45/60"}
    document = {"file_id": "x", "file_unique_id": "y", "file_name": "a.xlsx", "file_size": 5}
    press = {"id": "7", "from": message["from"], "chat_instance": "1", "data": "missing", "message": message}
    blocked = {"user": {"id": 1, "is_bot": True, "first_name": "N"}, "status": "kicked", "until_date": 0}
    member = {"chat": chat, "from": message["from"], "date": 1, "old_chat_member": blocked, "new_chat_member": blocked}
    seeds = [
        {"update_id": 1, "message": message},
        {"update_id": 2, "edited_message": message | {"edit_date": 1732500001}},
        {"update_id": 3, "message": {**message, "document": document, "caption": "mẫu"}},
        {"update_id": 4, "callback_query": press},
        {"update_id": 5, "my_chat_member": member},
    ]
    return [json.dumps(one).encode() for one in seeds], called(channel, lambda body: {SECRET_HEADER: SECRET})


def zalo_bot() -> tuple[list[bytes], Try]:
    from bot.channels.zalo_bot import SECRET_HEADER, ZaloBot

    channel = ZaloBot("1:not-a-token", webhook_secret=SECRET, webhook_url="https://nhac.example")
    chat = {"id": "abc", "chat_type": "PRIVATE"}
    message = {"message_id": "m1", "date": 1732500000000, "chat": chat, "from": {"id": "abc", "display_name": "An"}}
    event = {"event_name": "message.text.received", "message": message | {"text": "1.3: 45/60"}}
    seeds = [event, {"ok": True, "result": event}, {"event_name": "message.image.received", "message": message}]
    return [json.dumps(one).encode() for one in seeds], called(channel, lambda body: {SECRET_HEADER: SECRET})


def zalo_oa() -> tuple[list[bytes], Try]:
    """Signed as Zalo would, or nothing were ever looked at."""
    from bot.channels.zalo_oa import SIGNATURE, ZaloOA

    channel = ZaloOA("1", SECRET, SECRET, None, lambda: NOW)  # type: ignore[arg-type] # no token is ever asked for

    def signed(body: bytes) -> dict[str, str]:
        try:
            at = json.loads(body)["timestamp"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return {}
        text = at if isinstance(at, str) else str(at)
        signature = hashlib.sha256(b"1" + body + text.encode("utf-8", "replace") + SECRET.encode()).hexdigest()
        return {SIGNATURE: f"mac={signature}"}

    who = {"sender": {"id": "5"}, "recipient": {"id": "1"}, "timestamp": "1732500000000", "app_id": "1"}
    file = {"type": "file", "payload": {"url": "https://f.zdn.vn/a", "size": "5", "name": "a.xlsx", "type": "xlsx"}}
    seeds = [
        who | {"event_name": "user_send_text", "message": {"msg_id": "m1", "text": "1.3: 45/60"}},
        who | {"event_name": "user_send_file", "message": {"msg_id": "m2", "attachments": [file]}},
        who | {"event_name": "follow", "follower": {"id": "5"}},
    ]
    return [json.dumps(one).encode() for one in seeds], called(channel, signed)


def called(channel: Any, sealed: Callable[[bytes], Mapping[str, str]]) -> Try:
    """Our door, called with the right secret and any body: never our fault, and what is heard can be kept."""

    async def hear(incoming: Any) -> None:
        json.dumps([incoming.chat, incoming.id, asdict(incoming.said)], ensure_ascii=False, allow_nan=False).encode()
        assert incoming.chat and incoming.id, "said by nobody"

    (route,) = channel.routes(hear)

    def one(body: bytes) -> None:
        status = asyncio.run(answered(route, channel.path, sealed(body), body))
        assert status in (200, 400, 413), status

    return one


async def answered(route: Any, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status, by the interface of web servers itself: a client in between would cost most of the time."""
    told: list[int] = []
    head = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": head, "query_string": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Any) -> None:
        if event["type"] == "http.response.start":
            told.append(event["status"])

    await route.app(scope, receive, send)
    return told[0]


# Files that people send.


def worksheets() -> tuple[list[bytes], Try]:
    from bot.documents import filled, worksheet
    from bot.words import Words, texts
    from catalogue.standing import Standing

    book, office, sentences = load.all()["2024-qd55"], roster.example(), texts("vi")
    here = Standing(book, "CCKL", office.by_id["CCKL"].name, tuple(leaf.code for leaf in book.leaves), {})
    form = worksheet.write(here, 1, NOW.date(), Words(), SECRET)

    def one(data: bytes) -> None:
        sheet = filled.read(packed(form, SHEET, data), SECRET)
        assert not sheet.refused or sheet.refused in sentences

    return [form, member(form, SHEET)], one


def rosters() -> tuple[list[bytes], Try]:
    example, book = roster.EXAMPLE.read_bytes(), workbook([["Mã", "Tên đơn vị", "Loại"], ["A", "Chi cục A", "chi cục"]])

    def one(data: bytes) -> None:
        for name, content in (("a.csv", data), ("a.xlsx", packed(book, SHEET, data))):
            try:
                roster.read(name, content)
            except load.Faults as faults:
                assert str(faults)

    return [example[:2000], example[:300], book, member(book, SHEET)], one


def appendices() -> tuple[list[bytes], Try]:
    from catalogue import appendix

    rows = [["STT", "Chỉ tiêu", "Đơn vị", "Chỉ tiêu năm 2024"], ["1", "Tỷ lệ hồ sơ trực tuyến", "%", "Tối thiểu 50 %"]]
    table = "\n".join("\t".join(row) for row in rows)
    book, letter = workbook(rows), document(rows)

    def one(data: bytes) -> None:
        files = {"a.txt": data, "a.xlsx": packed(book, SHEET, data), "a.docx": packed(letter, LETTER, data)}
        for name, content in files.items():
            try:
                appendix.draft(content, name)
            except paper.Refused as refused:
                assert str(refused)

    return [table.encode(), book, member(book, SHEET), letter, member(letter, LETTER)], one


SHEET, LETTER = "xl/worksheets/sheet1.xml", "word/document.xml"


def member(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def packed(content: bytes, name: str, data: bytes) -> bytes:
    """The same file with other data in that member: its sums are right, so that it is looked into."""
    if data.startswith(b"PK"):
        return data
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            new.writestr(part, data if part == name else old.read(part))
    return out.getvalue()


def document(rows: list[list[str]]) -> bytes:
    from docx import Document

    letter, out = Document(), BytesIO()
    table = letter.add_table(0, len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    letter.save(out)
    return out.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


ENTRANCES: Mapping[str, Entrance] = {
    "answers": Entrance(300_000, answers),
    "targets": Entrance(300_000, targets),
    "unit names": Entrance(100_000, unit_names),
    "talks": Entrance(60_000, talks),
    "telegram": Entrance(200_000, telegram, json=True),
    "zalo bot": Entrance(200_000, zalo_bot, json=True),
    "zalo oa": Entrance(200_000, zalo_oa, json=True),
    "worksheets": Entrance(30_000, worksheets),
    "rosters": Entrance(30_000, rosters),
    "appendices": Entrance(30_000, appendices),
}
