"""People as they are: they answer late, mistype, skip, correct, ask for help, answer several at once, or not at all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.channels.channel import Button, Outgoing
from bot.dialogue.turn import Said
from bot.rehearse.cast import Seat

FIGURE = "Đề nghị nhập dạng"
YES_NO = "Đề nghị gõ: đạt"
RECORDED = re.compile(r"Đã ghi nhận (?:(\d+) số liệu|(\S+)(?:, \S+)* = )")
LISTED = re.compile(r"^- ([^\s,:]+)(?:, [^\s,:]+)*: ", re.MULTILINE)
MISTYPED = ("45/", "6O/60", "60/45", "khoảng 70", "75,5 %%", "0,75", "1.250", "abc", "45 60", "/60")
LATER = timedelta(days=1)  # whoever has waited so long for an answer begins again


@dataclass
class Player:
    """Says one thing, and nothing more until it was answered. `session`: messages left before they go off."""

    seat: Seat
    rng: Random
    begins: datetime | None = None  # when they next sit down to it
    waits: datetime | None = None  # since when for an answer
    session: int = 0
    confirmed: int = 0  # figures that we told them were recorded
    codes: list[str] = field(default_factory=list)  # of what was recorded, for corrections
    listed: list[str] = field(default_factory=list)  # what was last said to be missing

    @property
    def chat(self) -> str:
        return self.seat.chats[0]

    @property
    def idle(self) -> bool:
        return self.waits is None and self.session == 0

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def act(self, unread: Sequence[Outgoing], now: datetime) -> Said | None:
        """Reads what came, and says what they say to it."""
        for message in unread:
            self.read(message, now)
        answers = [message for message in unread if message.reply_to is not None]
        if answers:
            self.waits = None
        said = self.speak(answers[-1] if answers else None, now)
        if said:
            self.waits = now
        return said

    def read(self, message: Outgoing, now: datetime) -> None:
        if message.reply_to is None and (after := self.moved(message.part.text)) is not None:
            self.begins = min(self.begins or now + after, now + after)
        for several, code in RECORDED.findall(message.part.text):
            self.confirmed += int(several or 1)
            self.codes += [code] if code else []

    def speak(self, answer: Outgoing | None, now: datetime) -> Said | None:
        if answer and self.session > 0:
            self.session -= 1
            return self.reply(answer.part.text, answer.part.buttons)
        if self.waits and now - self.waits < LATER:
            return None
        self.session = 0
        if self.begins is None or now < self.begins:
            return None
        self.begins, self.session = None, self.rng.randint(2, 60)
        return Said(self.opening())

    def moved(self, text: str) -> timedelta | None:
        """How long after this message they sit down to it; None when it leaves them cold."""
        return None

    def opening(self) -> str:
        raise NotImplementedError

    def reply(self, text: str, buttons: Sequence[Button]) -> Said | None:
        """What they say to an answer of ours; None when they leave it at that."""
        self.session = 0
        return None


@dataclass
class Focal(Player):
    """`diligence`: how many of a hundred messages move them; `care`: how many figures they type right."""

    diligence: int = 70
    care: int = 90
    several: bool = False  # likes to answer a handful of rows in one message

    def moved(self, text: str) -> timedelta | None:
        return timedelta(minutes=self.rng.randint(5, 2000)) if self.chance(self.diligence) else None

    def opening(self) -> str:
        if self.codes and self.chance(8):
            return f"sửa {self.rng.choice(self.codes)} {self.fraction()}"
        if self.several:
            return "còn thiếu gì"
        return self.rng.choice(("báo cáo", "báo cáo", "BÁO CÁO", "bao cao", "tiếp", "còn thiếu gì", "trợ giúp"))

    def reply(self, text: str, buttons: Sequence[Button]) -> Said | None:
        acts: dict[str, Callable[[Sequence[Button]], Said | None]] = {"yes": self.confirm, "why": self.explain}
        acts |= {"unit": self.press, "row": self.press, "as": self.press}
        for act, deed in acts.items():
            if any(button.id.startswith(f"{act} ") for button in buttons):
                return deed(buttons)
        if YES_NO in text:
            return Said(self.rng.choice(("đạt", "đạt", "đạt", "chưa đạt", "không phát sinh", "ok")))
        if FIGURE in text:
            return Said(self.figure())
        return self.go_on(text)

    def press(self, buttons: Sequence[Button]) -> Said:
        return Said("", self.rng.choice(buttons).id)

    def confirm(self, buttons: Sequence[Button]) -> Said | None:
        choice = self.rng.randrange(100)
        if choice < 3:
            return self.press(buttons)
        if choice < 6:
            return Said(self.fraction())
        if choice < 8:
            self.session = 0
            return None  # called away, and the figure is not confirmed
        return Said("đúng") if choice < 60 else Said("", buttons[0].id)

    def explain(self, buttons: Sequence[Button]) -> Said:
        choice = self.rng.randrange(3)
        return self.press(buttons) if choice == 0 else Said("bỏ qua" if choice == 1 else "do đường truyền hay lỗi")

    def figure(self) -> str:
        if not self.chance(self.care):
            return self.rng.choice((*MISTYPED, "trợ giúp", "?2.8", "còn thiếu gì", "bỏ qua", "chưa có số liệu"))
        if self.chance(10):
            return self.rng.choice(("không phát sinh", "75,5 %", "100%", "98 %"))
        return self.fraction()

    def fraction(self) -> str:
        whole = self.rng.randint(5, 400)
        return f"{whole - self.rng.randint(0, whole // self.rng.choice((3, 20, 40)))}/{whole}"

    def go_on(self, text: str) -> Said | None:
        """To whatever asks for nothing in particular."""
        self.listed = LISTED.findall(text) or self.listed
        if self.several and self.listed:
            some, self.listed = self.listed[: self.rng.randint(2, 8)], []
            return Said("\n".join(f"{code}: {self.fraction()}" for code in some))
        if "đã gửi đủ" in text or "để sau, hạn" in text or "không còn thiếu" in text:
            self.session = 0
            return None
        return Said("báo cáo" if '"báo cáo"' in text else self.fraction())


@dataclass
class Head(Player):
    """Looks at what is missing, now and then."""

    def moved(self, text: str) -> timedelta | None:
        return timedelta(minutes=self.rng.randint(5, 300)) if self.chance(40) else None

    def opening(self) -> str:
        return self.rng.choice(("còn thiếu gì", "hạn ngày nào", "trợ giúp", "Đã nhận"))


@dataclass
class Evaluator(Player):
    """TCCB: appraises card after card, returns some, and comes back to it several times a day."""

    def moved(self, text: str) -> timedelta | None:
        return timedelta(minutes=self.rng.randint(5, 60))

    def opening(self) -> str:
        return self.rng.choice(("thẩm định", "thẩm định", "thẩm định", "thiếu", "chi tiết 2", "chi tiết 4"))

    def reply(self, text: str, buttons: Sequence[Button]) -> Said | None:
        if any(button.id.startswith("accept ") for button in buttons):
            accept, give_back, later = (button.id for button in buttons)
            return Said("", self.rng.choices((accept, give_back, later), (80, 15, 5))[0])
        if "nội dung cần điều chỉnh" in text:
            return Said("Đề nghị rà soát lại số liệu theo sổ theo dõi")
        return super().reply(text, buttons)


def play(seat: Seat, rng: Random, first: datetime) -> Player:
    """How a person of that role is, drawn once."""
    if seat.role == "head":
        return Head(seat, rng)
    if seat.role == "tccb":
        return Evaluator(seat, rng, begins=first + timedelta(hours=rng.randint(1, 30)))
    eager = first + timedelta(minutes=rng.randint(0, 6000)) if rng.randrange(100) < 15 else None
    diligence = rng.choices((0, 35, 60, 90), (4, 26, 40, 30))[0]
    several = len(seat.units) == 1 and rng.randrange(100) < 30
    return Focal(seat, rng, eager, diligence=diligence, care=rng.randint(80, 97), several=several)
