"""The rehearsal office: the real house on the example office, with a clock that can be moved and people to play."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot import overview
from bot.clock import MovableClock
from bot.demo.midway import BEGINS, Midway, Seat, plan, seats
from bot.house import House
from bot.web.ports import Ahead, Figure, Happened, Persona, Scene, Step
from catalogue import calendar as days
from catalogue import roster
from catalogue.calendar import HANOI
from catalogue.model import Plan
from catalogue.office import Office
from jobs import timetable
from storage import campaigns, db, invitations, notices, people, runs, schema, units

DATABASE = "sqlite:///var/demo-{port}.db"  # two rehearsals at once do not meet
MORNING = datetime(2024, 11, 25, 8, tzinfo=HANOI)
CATALOGUE = "2024-qd55"
OTHERS = (  # focal points of further units, who only listen
    "Vàng Thị Dính",
    "Lò Văn Thịnh",
    "Nông Thị Hiền",
    "Hoàng Văn Tiến",
    "Giàng A Sử",
    "Phạm Thu Hương",
    "Lý Văn Phúc",
    "Đặng Minh Tuấn",
    "Ma Thị Nga",
    "Vũ Hồng Quân",
    "Thào Mí Già",
    "Nguyễn Thị Yến",
)


@dataclass(frozen=True)
class Part:
    """A person to be played: known already, or coming in by a code."""

    id: str
    name: str
    role: str
    unit: str
    known: bool = True


CAST = (
    Part("an", "Nguyễn Văn An", "focal", "CCKL", known=False),
    Part("my", "Sùng Thị Mỷ", "focal", "HKL-DV"),
    Part("bao", "Trần Quốc Bảo", "head", "CCKL"),
    Part("hanh", "Lê Thị Hạnh", "tccb", "TCCB"),
)
ROLES = {"focal": "Đầu mối", "head": "Thủ trưởng", "tccb": "Cán bộ TCCB"}
WHOM = {"focal": "đầu mối", "head": "thủ trưởng", "tccb": "TCCB"}
NOTICE = "thông báo Mời họp giao ban 8 giờ sáng mai"
HINTS = {
    "my": ("báo cáo", "58/60", "đúng", "còn thiếu gì", "bảng", "mẫu", "Đã nhận"),
    "bao": ("còn thiếu gì", "bảng", "bảng của đơn vị", "hạn ngày nào"),
    "hanh": (
        "duyệt",
        "thiếu",
        "bảng",
        "chi tiết 2",
        "thẩm định",
        "xuất bảng",
        "ảnh",
        "đơn vị CCKL",
        NOTICE,
        "ai nhận 1",
    ),
}


@dataclass
class Rehearsal:
    """All of the demo page's stage. Its data is one database, made anew at every start and by one button."""

    house: House
    clock: MovableClock
    midway: bool = False  # it begins with a campaign under way
    _run: str = field(init=False, default="")
    _code: str = field(init=False, default="")

    def prepare(self) -> None:
        """An empty office with its units, one open campaign, the cast, and one invitation."""
        self.clock.move(MORNING)
        self._run = secrets.token_hex(4)
        db.upgrade(self.house.engine)
        with self.house.engine.begin() as tx:
            self._empty(tx)
            self._furnish(tx)

    async def catch_up(self) -> None:
        """What happened before, where the rehearsal begins in the middle."""
        if self.midway:
            await self._play_to_the_middle()

    def _empty(self, tx: Connection) -> None:
        for table in reversed(schema.meta.sorted_tables):
            tx.execute(table.delete())

    def _found(self, tx: Connection, rhythm: Plan) -> Office:
        """The office and its one open campaign, with nobody in it."""
        office, now, catalogue = roster.example(), self.clock(), self.house.catalogues[CATALOGUE]
        units.apply(tx, office, now.date())
        campaign = campaigns.open(tx, CATALOGUE, now.year, rhythm, now)
        assert campaign  # the database is empty
        campaigns.assign(tx, campaign, catalogue, office)
        return office

    def _furnish(self, tx: Connection) -> None:
        now = self.clock()
        office = self._found(tx, self.house.catalogues[CATALOGUE].plan(now.year))
        for part in CAST:
            if part.known:
                self._seat(tx, part.id, part.name, part.unit, part.role, now)
        taken = {part.unit for part in CAST}
        others = (unit for unit in office.units if unit.id not in taken)
        for name, unit in zip(OTHERS, others, strict=False):
            self._seat(tx, unit.id, name, unit.id, "focal", now)
        self._code = invitations.issue(tx, "CCKL", "focal", now)

    def _seat(
        self, tx: Connection, id: str, name: str, unit: str, role: str, now: datetime, phone: str | None = None
    ) -> None:
        address = people.address_of(tx, "web", "", self._chat(id), now)
        people.link(tx, address, people.join(tx, name, unit, role, now, phone))

    def _chat(self, id: str) -> str:
        return f"{self._run}-{id}"

    async def personas(self) -> Sequence[Persona]:
        names = roster.example().by_id
        return [
            Persona(part.id, part.name, ROLES[part.role], names[part.unit].name, self._chat(part.id), self._hints(part))
            for part in CAST
        ]

    def _hints(self, part: Part) -> tuple[str, ...]:
        coming_in = (self._code, "đồng ý", part.name, "báo cáo", "45/60", "đúng", "bỏ qua", "còn thiếu gì", "mẫu")
        return HINTS.get(part.id, coming_in)

    async def guide(self) -> Sequence[Step]:
        an, hanh = CAST[0], CAST[-1]
        return (
            Step("Đăng ký", "Người mới gõ mã mời, đồng ý, cho biết họ tên.", an.id, (self._code, "đồng ý", an.name)),
            Step("Duyệt", "Phòng TCCB được hỏi ngay, và xác nhận.", hanh.id, ("duyệt",)),
            Step("Báo cáo", "Nhập tử/mẫu: thấy ngay đạt hay chưa, cần thêm bao nhiêu.", an.id,
                 ("báo cáo", "45/60", "đúng")),
            Step("Bảng nhập", "Nhận bảng xlsx của đơn vị, điền rồi gửi lại bằng nút đính kèm.", an.id, ("mẫu",)),
            Step("Bảng kết quả", "TCCB nhận bảng theo mẫu phụ lục, báo cáo để trình ký, ảnh bảng màu.", hanh.id,
                 ("xuất bảng", "ảnh")),
            Step("Nhắc hạn", "Bấm nút lần nhắc kế tiếp ở trên cùng: đầu mối được nhắc đúng phần còn thiếu, "
                             "TCCB nhận bản tổng hợp lúc 16:30."),
            Step("Thông báo", "TCCB gửi mọi đơn vị, các đơn vị xác nhận.", hanh.id, (NOTICE, "ai nhận 1")),
            Step("Bảng", "Mở trang theo dõi. Nút “Giữa đợt” ở trên cùng cho xem một cơ quan đã có số liệu.", hanh.id,
                 ("bảng",)),
        )  # fmt: skip

    async def scene(self) -> Scene:
        return await self.house.do(self._scene)

    def _scene(self, tx: Connection) -> Scene:
        now = self.clock()
        at, name = self._next(tx, now)
        recent = tuple(Happened(row.started, f"Gửi {row.enqueued} tin theo lịch") for row in runs.newest(tx, 20))
        return Scene(self._run, now, Ahead(at, name), tuple(self._figures(tx, now)), recent)

    def _figures(self, tx: Connection, now: datetime) -> Iterator[Figure]:
        for seen in overview.views(tx, self.house.catalogues, now):
            yield Figure("Gửi đủ", f"{seen.counts['complete']}/{seen.counts['all']} đơn vị")
            yield Figure("Chưa đạt", f"{len(seen.short)} chỉ tiêu")
        yield Figure("Đầu mối đã đăng ký", str(len(people.serving(tx, "focal"))))
        if newest := notices.newest(tx):
            sent, acknowledged = notices.count(tx, newest.id)
            yield Figure(f"Thông báo số {newest.id}", f"{acknowledged}/{sent} đã nhận")

    def _next(self, tx: Connection, now: datetime) -> tuple[datetime, str]:
        """The moment to which "đến lần nhắc kế tiếp" moves, and what happens then."""
        at = timetable.next_moment(tx, self.house.catalogues, self.house.calendar, now)
        row = campaigns.running(tx)[0]
        plan = campaigns.plan(row, self.house.catalogues[row.catalogue])
        steps = [step for moment, step in days.due_steps(plan, self.house.calendar) if moment == at]
        whom = dict.fromkeys(WHOM[role] for step in steps for role in step.to)
        return at, f"nhắc {', '.join(whom)}; {_left(plan, at)}" if steps else "bản tổng hợp gửi TCCB"

    async def move(self, to: str) -> None:
        if to == "midway":
            return await self._play_to_the_middle()
        now = self.clock()
        target = await self._target(to, now)
        if target <= now:
            raise ValueError("Đồng hồ chỉ đi tới. Muốn bắt đầu lại, bấm “Làm lại từ đầu”.")
        while (at := await self.house.do(self._moment)) < target:  # nothing on the way is skipped
            await self._go(at)
        await self._go(target)

    async def _target(self, to: str, now: datetime) -> datetime:
        if to == "next":
            return await self.house.do(self._moment)
        if to in ("hour", "day"):
            return now + (timedelta(hours=1) if to == "hour" else timedelta(days=1))
        try:
            at = datetime.fromisoformat(to)
        except ValueError:
            raise ValueError("Không rõ thời điểm cần đến.") from None
        return at if at.tzinfo else at.replace(tzinfo=HANOI)

    def _moment(self, tx: Connection) -> datetime:
        return self._next(tx, self.clock())[0]

    async def _go(self, at: datetime) -> None:
        self.clock.move(at)
        await self.house.knock()
        await self.house.settle()

    async def _play_to_the_middle(self) -> None:
        """All over again, and played on until two days after the units' deadline."""
        self.clock.move(BEGINS)
        office, catalogue = roster.example(), self.house.catalogues[CATALOGUE]
        mine = [Seat(part.id, part.name, part.role, office.by_id[part.unit]) for part in CAST]
        cast = seats(office, mine)
        await self.house.do(self._seated, cast, plan(catalogue))
        await Midway(self.house, self.clock, catalogue, cast, self._run).play()

    def _seated(self, tx: Connection, cast: Sequence[Seat], rhythm: Plan) -> None:
        self._run = secrets.token_hex(4)
        self._empty(tx)
        self._found(tx, rhythm)
        for seat in cast:
            self._seat(tx, seat.chat, seat.name, seat.unit.id, seat.role, self.clock(), seat.phone or None)

    async def reset(self) -> None:
        self.clock.move(MORNING)
        await self.house.do(lambda tx: self._anew(tx))

    def _anew(self, tx: Connection) -> None:
        self._run = secrets.token_hex(4)
        self._empty(tx)
        self._furnish(tx)


def _left(plan: Plan, at: datetime) -> str:
    left = (plan.deadline - at.date()).days
    return f"còn {left} ngày" if left > 0 else f"quá hạn {-left} ngày" if left else "ngày cuối"
