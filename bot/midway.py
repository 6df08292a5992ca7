"""An office in the middle of its campaign: a week of messages as people would have sent them, played through the house.

Some are early, some wait for a reminder, some say nothing; figures miss targets, are returned, explained and corrected.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from catalogue.calendar import HANOI
from catalogue.model import Catalogue, Indicator
from catalogue.office import Office, Unit

DAYS = (0, 1, 2, 3, 4, 7, 8)  # from the first morning, on which people are at work
TODAY = 9
NEVER = -1
SEED = 55
APPRAISED, NOTIFIED = (2, 4, 8), 3  # of these days
REASONS = ("Ít hồ sơ phát sinh", "Phần mềm, đường truyền lỗi", "Người dân chưa quen làm trực tuyến")
RETURNS = ("Đề nghị đối chiếu lại với số trên Cổng Dịch vụ công", "Tổng số chưa khớp báo cáo tháng 11")
NOTICE = ("thông báo Rà soát số liệu trước ngày 06/12", "Tất cả đầu mối", "gửi")
Says = Callable[[str, str], Awaitable[None]]
"""Somebody, known by their unit's id, says something; it is answered before the next."""


@dataclass
class Midway:
    """`begin`: the first morning. `played`: the units that somebody is to play, and how much these have sent."""

    office: Office
    catalogue: Catalogue
    begin: datetime
    played: Mapping[str, float] = field(default_factory=dict)
    chance: Random = field(default_factory=lambda: Random(SEED))

    async def play(self, says: Says, go: Callable[[datetime], Awaitable[None]], tccb: str) -> None:
        """Day by day, until it is the morning of today."""
        plan = {unit.id: self._temper(unit.id) for unit in self.office.units if unit.id != tccb}
        for day, following in zip(DAYS, (*DAYS[1:], TODAY), strict=True):
            for unit, (first, share) in plan.items():
                for line in self._reports(self.office.by_id[unit], share) if day == first else ():
                    await says(unit, line)
            if day in APPRAISED:
                await self._appraise(says, tccb)
            if day == NOTIFIED:
                await self._notify(says, tccb, [unit for unit, (first, _) in plan.items() if first != NEVER])
            await go(datetime.combine((self.begin + timedelta(days=following)).date(), time(9), HANOI))

    def _temper(self, unit: str) -> tuple[int, float]:
        """On which day a unit sends, and how much of what it owes."""
        if unit in self.played:
            return (DAYS[1] if self.played[unit] else NEVER), self.played[unit]
        if self.chance.random() < 0.2:
            return NEVER, 0.0
        return self.chance.choice(DAYS), 1.0 if self.chance.random() < 0.5 else self.chance.uniform(0.3, 0.9)

    def _reports(self, unit: Unit, share: float) -> Iterator[str]:
        """Several rows in one message; a row below its target alone, with its reason; yes and no as they are asked."""
        rows = self._owed(unit)
        chosen = [row for row in rows if self.chance.random() < share]
        counted = [row for row in chosen if self.catalogue.measures[row.measure or ""].kind != "yes_no"]
        if counted:
            yield "\n".join(f"{row.code}: {self._figure(row)}" for row in counted)
            yield from ("đúng", "hủy")
        if counted and self.chance.random() < 0.5:
            alone = self.chance.choice(counted)
            yield from (f"sửa {alone.code} {self._count(0.4)}", "đúng", "đúng", self.chance.choice(REASONS), "hủy")
        for row in chosen:
            if row not in counted:
                yield from (row.code, "đạt" if self.chance.random() < 0.8 else "chưa đạt", "đúng", "bỏ qua", "hủy")

    def _owed(self, unit: Unit) -> list[Indicator]:
        """The first row of each measure."""
        found: dict[str, Indicator] = {}
        for leaf in self.catalogue.leaves:
            if leaf.owed_by(unit.id, unit.type, unit.name):
                found.setdefault(leaf.measure or "", leaf)
        return list(found.values())

    def _figure(self, row: Indicator) -> str:
        measure = self.catalogue.measures[row.measure or ""]
        if measure.kps != "forbidden" and self.chance.random() < 0.08:
            return "không phát sinh"
        if self.chance.random() < 0.05:
            return f"{self.chance.randint(700, 999) / 10}%".replace(".", ",")
        return self._count(1.0 if self.chance.random() < 0.5 else self.chance.uniform(0.6, 1.0))

    def _count(self, share: float) -> str:
        total = self.chance.randint(12, 300)
        return f"{max(round(total * share), 1)}/{total}"

    async def _notify(self, says: Says, tccb: str, units: list[str]) -> None:
        for line in NOTICE:
            await says(tccb, line)
        for unit in units:
            if self.chance.random() < 0.6:
                await says(unit, "đã nhận")

    async def _appraise(self, says: Says, tccb: str) -> None:
        await says(tccb, "thẩm định")
        for _ in range(25):
            if self.chance.random() < 0.15:
                await says(tccb, "trả lại")
                await says(tccb, self.chance.choice(RETURNS))
            else:
                await says(tccb, "chấp nhận")
        await says(tccb, "hủy")
