"""The office: units, a campaign, somebody at TCCB, somebody at each unit who can be reached."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot import overview
from bot.cli.doctor.finding import Finding, fault, fine, warning
from catalogue import roster
from catalogue.model import Catalogue
from storage import campaigns, units
from storage import people as registered

NAMED = 8  # units told by name


def examined(tx: Connection, catalogues: Mapping[str, Catalogue], now: datetime) -> Iterator[Finding]:
    office = units.office(tx, now.date())
    if not office.units:
        yield fault("no-units", "Chưa có đơn vị nào.", "Đề nghị chạy: nhachan units import TỆP")
        return
    if {unit.name for unit in office.units} == {unit.name for unit in roster.example().units}:
        told = "Danh sách đơn vị vẫn là danh sách mẫu."
        yield warning("example-units", told, "Đề nghị nạp danh sách thật: nhachan units import TỆP")
    if not registered.serving(tx, "tccb"):
        yield fault("no-tccb", "Chưa có ai ở TCCB đăng ký.", "Đề nghị chạy nhachan init để lấy mã mời đầu tiên.")
    yield from _campaigns(tx, catalogues, now)
    yield from _reached(tx)


def _campaigns(tx: Connection, catalogues: Mapping[str, Catalogue], now: datetime) -> Iterator[Finding]:
    running = campaigns.running(tx)
    lost = [row.catalogue for row in running if row.catalogue not in catalogues]
    if lost:
        told = f"Thiếu danh mục {', '.join(lost)} của đợt đang mở."
        yield fault("no-catalogue", told, "Đề nghị đặt lại thư mục danh mục vào catalogue/data.")
        return
    if not running:
        yield warning("no-campaign", "Không có đợt báo cáo nào đang mở.", "Đề nghị chạy: nhachan campaign open")
    for seen in overview.views(tx, catalogues, now):
        alone = [one.unit for one in seen.standings.values() if one.owed and not seen.focal.get(one.unit)]
        if alone:
            told = (
                f"{len(alone)} đơn vị chưa có đầu mối: {', '.join(alone[:NAMED])}{'…' if len(alone) > NAMED else ''}."
            )
            yield warning("nobody-registered", told, "Đề nghị gửi mã mời: nhachan invite ĐƠN-VỊ")


def _reached(tx: Connection) -> Iterator[Finding]:
    lost = registered.unreachable(tx)
    if lost:
        named = ", ".join(f"{row.name} ({row.phone or 'chưa có số điện thoại'})" for row in lost[:NAMED])
        yield warning(
            "unreachable", f"{len(lost)} người không nhận được tin qua kênh nào: {named}.", "Đề nghị gọi điện."
        )
    else:
        yield fine("reachable", "Mọi người đã đăng ký đều nhận được tin.")
