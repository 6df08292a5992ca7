"""The whole house on the example office, with one channel whose far side is a list: conversations are played on it."""

import asyncio
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from openpyxl import load_workbook

from bot import papers
from bot.channels.channel import File, Hear, Incoming, Outgoing, Pulse, Refused, Traits, typed
from bot.clock import MovableClock
from bot.dialogue.turn import Attachment, Said
from bot.house import House
from bot.reception import archive
from bot.words import Words
from catalogue import load, roster
from catalogue.calendar import HANOI, Calendar
from storage import campaigns, db, invitations, notices, people, schema, units

CATALOGUES = load.all()
OFFICE = roster.example()
TRAITS = {
    "telegram": Traits(longest=4096, buttons=8, files=True),
    "zalo_bot": Traits(longest=2000, length=lambda text: len(text.encode("utf-16-le")) // 2),
    "zalo_oa": Traits(longest=2000, buttons=5),
    "web": Traits(longest=8000, buttons=12, files=True),
}
FIRST, SECOND = "Kênh một", "Kênh hai"  # the channel that is tried, and one more by which the same people are reached
BESIDE = "_2"  # after a name: as they are on the second
NUMBERED = re.compile(r"(\d+)\. (.+)")
MORNING = datetime(2024, 11, 25, 9, tzinfo=HANOI)


@dataclass
class Far:
    """A channel as wide as its traits; what was sent is kept, and trouble is raised first."""

    name: str
    traits: Traits
    account: str = ""
    pulse: Pulse = field(default_factory=Pulse)
    sent: list[Outgoing] = field(default_factory=list)
    trouble: list[Exception | None] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # what people have sent, by its handle

    def routes(self, hear: Hear) -> list[Any]:
        return []

    async def listen(self, hear: Hear) -> None:
        await asyncio.Event().wait()

    async def send(self, message: Outgoing) -> str | None:
        if self.trouble and (error := self.trouble.pop(0)):
            raise error
        self.sent.append(message)
        return str(len(self.sent))

    async def probe(self) -> None: ...

    async def fetch(self, ref: str) -> bytes:
        if ref not in self.files:
            raise Refused("gone")
        return self.files[ref]

    async def close(self) -> None: ...


class Stage:
    """`cast`: (name, role, unit), a name once for each duty. Whoever is not in it is a stranger."""

    def __init__(self, folder: Path, channel: str, cast: list[tuple[str, str, str]]) -> None:
        self.far, self.clock = (
            Far(channel, replace(TRAITS[channel], brand=FIRST)),
            MovableClock(lambda: MORNING, MORNING),
        )
        self.second = Far("second", Traits(longest=4000, brand=SECOND))
        engine = db.connect(f"sqlite:///{folder}/stage.db")
        db.upgrade(engine)
        self.house = House(engine, CATALOGUES, Calendar(), self.clock, {"vi": Words(), "en": Words("en")})
        self.offered: dict[str, dict[str, str | Said]] = {}  # who → label → how it is chosen
        self.codes: dict[str, str] = {}
        self.handed: dict[str, list[tuple[str, bytes]]] = {}  # who → the papers they got last, as files or by a link
        self.house.link = lambda paper: f"https://nhac.example/f/{quote(papers.ref(paper))}"
        self.house.open([self.far, self.second])
        self._messages = 0
        with engine.begin() as tx:
            units.apply(tx, OFFICE, MORNING.date())
            self.open(tx, "2024-qd55", 2024)
            for name, role, unit in cast:
                address = people.address_of(tx, channel, "", name, MORNING)
                known = people.at(tx, address).person
                if known:
                    people.assign(tx, known, unit, role, MORNING)
                else:
                    people.link(tx, address, people.join(tx, name, unit, role, MORNING))

    def set_joint(self, rule: str) -> None:
        with self.house.engine.begin() as tx:
            for row in campaigns.every(tx):
                campaigns.set_joint(tx, row.id, rule)

    def set_second_officer(self, n: int) -> None:
        with self.house.engine.begin() as tx:
            notices.second_officer_from(tx, n)

    def open(self, tx: Any, catalogue: str, year: int) -> int:
        book = CATALOGUES[catalogue]
        campaign = campaigns.open(tx, catalogue, year, book.plan(year), self.clock())
        assert campaign
        campaigns.assign(tx, campaign, book, OFFICE)
        return campaign

    def close(self) -> None:
        self.house.writer.close()
        self.house.engine.dispose()

    def invite(self, unit: str, role: str = "focal") -> str:
        with self.house.engine.begin() as tx:
            return invitations.issue(tx, unit, role, self.clock())

    def say(self, who: str, said: str | Said) -> None:
        """Every channel repeats itself, and some decompose what is typed."""
        self._messages += 1
        for form in ("NFD", "NFC"):
            told = said if isinstance(said, Said) else Said(typed(unicodedata.normalize(form, said)))
            far = self.second if who.endswith(BESIDE) else self.far
            chat = who.removesuffix(BESIDE)
            asyncio.run(self.house.hear(Incoming(far.name, "", chat, str(self._messages), told)))
        asyncio.run(self.house.settle())

    def hand(self, who: str, name: str, content: bytes, mime: str = "application/octet-stream", text: str = "") -> None:
        """Somebody sends a file."""
        ref = f"f{len(self.far.files) + 1}"
        self.far.files[ref] = content
        self.say(who, Said(text, file=Attachment(ref, name, len(content), mime)))

    def choose(self, who: str, label: str) -> None:
        """By its button, by its number, or typed where the sentence names the word."""
        self.say(who, self.offered.get(who, {}).get(label, label))

    def go(self, to: str) -> None:
        """The clock moves, and the timetable knocks."""
        self.clock.move(datetime.fromisoformat(to).replace(tzinfo=HANOI))
        asyncio.run(self._knock())

    async def _knock(self) -> None:
        await self.house.knock()
        await self.house.settle()

    def told(self) -> Iterator[tuple[str, list[str]]]:
        """Who was told what since the last look, in lines; the options last, as far as they are numbered or pressed."""
        sent = [(message.chat, message) for message in self.far.sent]
        sent += [(message.chat + BESIDE, message) for message in self.second.sent]
        self.far.sent, self.second.sent = [], []
        for chat, message in sent:
            lines = message.part.text.split("\n")
            if enclosed := [*message.files, *self._behind(message.part.text)]:
                self.handed[chat] = [(file.name, file.read()) for file in enclosed]
            listed: dict[str, str | Said] = {n[2]: n[1] for line in lines if (n := NUMBERED.fullmatch(line))}
            pressed: dict[str, str | Said] = {b.label: Said("", b.id) for b in message.part.buttons}
            self.offered[chat] = self.offered.get(chat, {}) | listed | pressed
            if link := re.search(r"LK-\w{8}", message.part.text):
                self.codes[chat] = link[0]
            yield chat, [line for line in lines if not NUMBERED.fullmatch(line)]

    def _behind(self, text: str) -> Iterator[File]:
        """What the links of a message lead to."""
        for ref in re.findall(r"https://nhac\.example/f/(\S+)", text):
            paper = papers.named(unquote(ref))
            with self.house.engine.begin() as tx:
                file = papers.make(tx, paper, archive(self.house)) if paper else None
            assert file, ref
            yield file

    def fill(self, who: str, cells: str, whose: str = "") -> None:
        """The worksheet that somebody was handed, sent back by `who` with these cells: "F6: 45; G6: 60"."""
        ((name, content),) = self.handed[whose or who]
        book = load_workbook(BytesIO(content))
        for at, text in (part.split(": ", 1) for part in cells.split("; ") if part):
            book.active[at] = int(text) if text.isdecimal() else text
        out = BytesIO()
        book.save(out)
        self.hand(who, name, out.getvalue())

    def rows(self, table: Any) -> list[Any]:
        with self.house.engine.begin() as tx:
            return list(tx.execute(table.select().order_by(*table.primary_key)))

    def reports(self) -> list[str]:
        return [f"{row.unit} {row.measure} {_answer(row)}" for row in self.rows(schema.report)]


def _answer(row: Any) -> str:
    if row.numerator is not None:
        return f"{row.numerator}/{row.denominator}"
    return f"{row.percent} %" if row.percent is not None else row.kind
