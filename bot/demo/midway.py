"""A campaign two days after the units' deadline, played by its people in chat: some late, some short, some returned.

Nothing is entered past the house: every figure was typed, read back and confirmed, every reminder sent by the
timetable. The same seed gives the same office.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import Connection

from bot.channels.channel import Incoming
from bot.clock import MovableClock
from bot.dialogue.turn import Said
from bot.house import House
from catalogue import target
from catalogue.calendar import HANOI
from catalogue.model import Catalogue, Indicator, Plan
from catalogue.office import Office, Unit
from jobs import timetable
from storage import people, talks

SEED = 20241205
BEGINS = datetime(2024, 11, 18, 8, tzinfo=HANOI)
DEADLINE = date(2024, 12, 3)  # the units' own; the office evaluates by 10/12
NOW = datetime(2024, 12, 5, 9, 15, tzinfo=HANOI)
SURNAMES = ("Nguyễn", "Sùng", "Trần", "Lê", "Vàng", "Lò", "Nông", "Hoàng", "Giàng", "Phạm", "Lý", "Đặng", "Ma", "Vũ")
MIDDLE = ("Văn", "Thị", "Quốc", "Minh", "Thu", "Đức", "Hồng", "Xuân")
GIVEN = ("Thịnh", "Hiền", "Tiến", "Hương", "Phúc", "Tuấn", "Nga", "Quân", "Dính", "Sử", "Yến", "Cường", "Lan", "Hòa")
NOBODY = 4  # of a hundred units have no focal point yet
REASONS = ("Phần mềm một cửa lỗi đường truyền tháng 10", "Người dân chưa quen nộp trực tuyến", "Ít hồ sơ phát sinh")
RETURNS = ("Mẫu số chưa khớp Cổng dịch vụ công quốc gia, đề nghị rà soát", "Đề nghị ghi rõ số liệu tính đến ngày nào")
NOTICE = "thông báo Họp giao ban cải cách hành chính\nMời đầu mối các đơn vị dự họp lúc 14 giờ ngày 06/12/2024."
SHARES = {"whole": 34, "parts": 32, "late": 12, "promise": 10, "silent": 12}  # of a hundred focal points
HABITS = {  # whatever is drawn: those played by hand have something to do, and of each habit there is one
    "an": "parts",
    "my": "silent",
    "KHTC-focal": "promise",
    "BVTV-DV-focal": "promise",
    "NTM-focal": "late",
    "CCTTBVTV-focal": "late",
}
PROMISES = ("hẹn 15h hôm nay", "hẹn 15h ngày mai")  # of whoever owes one figure, or more
IDLE = "turn.Idle"
CARDS, MOST = 22, 12  # appraised at one sitting; turns of one report
Act = Callable[[str], Awaitable[None]]
Line = tuple[datetime, str, Act]
"""When, in whose chat, what is done there."""


@dataclass(frozen=True)
class Seat:
    """Somebody with a duty: their chat, and who they are."""

    chat: str
    name: str
    role: str
    unit: Unit
    phone: str = ""


def seats(office: Office, taken: Sequence[Seat], seed: int = SEED) -> list[Seat]:
    """Those played by hand, and a focal point for nearly every other unit, a head for those that have units below."""
    rng, found = Random(seed), list(taken)
    served = {(seat.unit.id, seat.role) for seat in taken}
    for unit in office.units:
        wanted = ["focal"] if rng.randrange(100) >= NOBODY else []
        wanted += ["head"] if office.children(unit.id) else []
        for role in wanted:
            if (unit.id, role) not in served:
                found.append(Seat(f"{unit.id}-{role}", _name(rng), role, unit, f"0912 {rng.randrange(1000):03} 456"))
    return found


def _name(rng: Random) -> str:
    return f"{rng.choice(SURNAMES)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"


@dataclass
class Midway:
    """`prefix`: of every chat of this run."""

    house: House
    clock: MovableClock
    catalogue: Catalogue
    seats: Sequence[Seat]
    prefix: str
    seed: int = SEED
    _said: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    async def play(self) -> None:
        """Moment by moment, what people say and what the timetable does between."""
        for at, who, act in sorted(self._script(), key=lambda line: line[0]):
            await self._until(at)
            await act(who)
        await self._until(NOW)

    async def _say(self, who: str, text: str) -> str:
        """Says it, is answered, and tells what is being talked about then."""
        self._said += 1
        id = f"{self.prefix}/{self._said}"
        await self.house.hear(Incoming("web", "", f"{self.prefix}-{who}", id, Said(text)))
        await self.house.settle()
        return str(await self.house.look(self._talk, who))

    def _talk(self, tx: Connection, who: str) -> str:
        address = people.address_at(tx, "web", "", f"{self.prefix}-{who}")
        state, _ = talks.load(tx, address) if address else ({}, [])
        return str(state.get("at", ""))

    def _saying(self, *texts: str) -> Act:
        async def say(who: str) -> None:
            for text in texts:
                await self._say(who, text)

        return say

    def _reporting(self, *texts: str) -> Act:
        """Confirmed, twice where it is asked twice; explained where it falls short; and no more for now."""
        reasons = [self.rng.choice(REASONS) for _ in range(MOST)]

        async def report(who: str) -> None:
            for text in texts:
                about = await self._say(who, text)
            turns = 0
            while about.endswith(("Confirming", "ConfirmingSeveral", "Explaining")) and turns < MOST:
                about = await self._say(who, reasons[turns] if about.endswith("Explaining") else "đúng")
                turns += 1
            if about != IDLE:
                await self._say(who, "hủy")

        return report

    def _appraising(self, cards: int) -> Act:
        returned = [self._one_in(7) for _ in range(cards)]
        why = self.rng.choice(RETURNS)

        async def appraise(who: str) -> None:
            about = await self._say(who, "thẩm định")
            for back in returned:
                if about.endswith("Appraising"):
                    about = await self._say(who, "trả lại" if back else "chấp nhận")
                if about.endswith("Returning"):
                    about = await self._say(who, why)
            if about != IDLE:
                await self._say(who, "hủy")

        return appraise

    async def _until(self, to: datetime) -> None:
        """Nothing on the way is skipped."""
        while (at := await self.house.do(self._moment)) <= to:
            await self._go(at)
        await self._go(to)

    def _moment(self, tx: Connection) -> datetime:
        return timetable.next_moment(tx, self.house.catalogues, self.house.calendar, self.clock())

    async def _go(self, at: datetime) -> None:
        if at > self.clock():
            self.clock.move(at)
            await self.house.knock()
            await self.house.settle()

    # Who says what, when

    def _script(self) -> Iterator[Line]:
        focal = [seat for seat in self.seats if seat.role == "focal"]
        for seat in focal:
            yield from self._focal(seat)
        yield from self._office()
        for seat in focal:
            if self.rng.randrange(100) < 55:
                yield on(12, 4, 16, 45), seat.chat, self._saying("Đã nhận")

    def _focal(self, seat: Seat) -> Iterator[Line]:
        """One sends all in time, one in parts, one after the deadline, one promises and one says nothing."""
        rows = list(self._owed(seat.unit))
        habit = HABITS.get(seat.chat) or self.rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]
        match habit:
            case "whole":
                yield from self._reports(seat, rows, self._workday(19, 29))
            case "parts":
                first = self.rng.randint(max(1, len(rows) // 4), max(1, len(rows) // 2))
                yield from self._reports(seat, rows[:first], self._workday(19, 26))
                yield from self._reports(seat, rows[first : first + 3], self._workday(27, 29))
            case "late":
                yield from self._reports(seat, rows, on(12, 4, self.rng.choice((8, 10, 14)), 30))
            case "promise":
                yield from self._reports(seat, rows[: len(rows) // 3], self._workday(25, 29))
                yield on(12, 4, 9, 10), seat.chat, self._saying(PROMISES[len(rows) > 1])

    def _owed(self, unit: Unit) -> Iterator[Indicator]:
        """One row for each figure that it is asked for."""
        asked = set[str]()
        for leaf in self.catalogue.leaves:
            if leaf.owed_by(unit.id, unit.type, unit.name) and leaf.measure not in asked:
                asked.add(leaf.measure or "")
                yield leaf

    def _reports(self, seat: Seat, rows: Sequence[Indicator], at: datetime) -> Iterator[Line]:
        """A handful in each message, confirmed; a reason where one is asked for; what is done or not, one by one."""
        counted = [row for row in rows if not self._yes_no(row)]
        for start in range(0, len(counted), 6):
            lines = "\n".join(f"{row.code}: {self._figure(row)}" for row in counted[start : start + 6])
            yield at + timedelta(minutes=start), seat.chat, self._reporting(lines)
        for place, row in enumerate(row for row in rows if self._yes_no(row)):
            done = self.rng.choices(("đạt", "chưa đạt"), (9, 1))[0]
            yield at + timedelta(minutes=30 + place), seat.chat, self._reporting(f"sửa {row.code}", done)

    def _yes_no(self, row: Indicator) -> bool:
        return self.catalogue.measures[row.measure or ""].kind == "yes_no"

    def _figure(self, row: Indicator) -> str:
        """Mostly enough for every row that it is judged by; now and then not, or nothing at all."""
        if self.rng.randrange(100) < 7:
            return self.rng.choice(("không phát sinh", "chưa có số liệu"))
        least, whole = self._strictest(row), self.rng.randint(14, 380)
        if self._one_in(9):
            percent = self.rng.randint(max(least - 18, 20), max(least - 2, 21))
        else:
            percent = self.rng.randint(min(least + 1, 100), 100)
        return f"{-(-whole * percent // 100)}/{whole}"

    def _strictest(self, row: Indicator) -> int:
        spans = [target.span_of(one.target) for one in self.catalogue.judging[row.measure or ""] if one.target]
        return max((int(span.low) for span in spans if span and span.low is not None), default=0)

    def _one_in(self, count: int) -> bool:
        return self.rng.randrange(count) == 0

    def _office(self) -> Iterator[Line]:
        """TCCB appraises in three sittings, gives one unit more time and sends a notice."""
        for at in (on(11, 27, 14, 5), on(11, 29, 15, 40), on(12, 3, 14, 20)):
            yield at, "hanh", self._appraising(CARDS)
        yield on(12, 2, 10, 30), "hanh", self._saying("gia hạn CCTL 10/12 khắc phục hậu quả mưa lũ")
        yield on(12, 2, 16, 0), "hanh", self._saying(NOTICE, "1", "gửi")

    def _workday(self, first: int, last: int) -> datetime:
        """A morning or an afternoon between two days of November."""
        day = self.house.calendar.after(date(2024, 11, self.rng.randint(first, last)))
        return datetime.combine(day, time(self.rng.choice((8, 9, 10, 14, 15)), self.rng.randrange(30)), HANOI)


def on(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=HANOI)


def plan(catalogue: Catalogue) -> Plan:
    appendix = catalogue.plan(DEADLINE.year)
    return Plan(DEADLINE, appendix.evaluation, appendix.steps)
