"""Templates of the board page, and how they show days, amounts and marks."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.responses import HTMLResponse

from bot.web import page as sheets

MARKS = {  # told apart by shape first, by colour besides
    "met": ("✓", "đạt"),
    "short": ("▼", "chưa đạt"),
    "lost": ("✕", "không thể đạt trong kỳ"),
    "judged": ("?", "chờ kết luận"),
    "none": ("–", "không tính vào kết quả"),
    "returned": ("↩", "bị trả lại"),
    "contested": ("⚑", "đơn vị phản đối số nhập hộ"),
    "later": ("…", "chưa có số liệu"),
    "open": ("○", "chưa gửi"),
    "off": ("", "không giao"),
}
STATES = {
    "silent": "Chưa gửi gì",
    "partial": "Gửi một phần",
    "complete": "Gửi đủ",
    "short": "Có chỉ tiêu chưa đạt",
    "waiting": "Chờ thẩm định",
    "returned": "Bị trả lại",
    "late": "Gửi chậm",
    "promise": "Đã hẹn giờ gửi",
    "nobody": "Chưa có đầu mối",
}
STAGES = {
    "acknowledged": ("✓", "Đã xác nhận"),
    "seen": ("◦", "Đã xem, chưa xác nhận"),
    "sent": ("→", "Đã gửi, chưa xác nhận"),
    "waiting": ("…", "Đang chờ gửi"),
    "uncertain": ("?", "Chưa rõ đã đến hay chưa"),
    "failed": ("✕", "Không gửi được"),
}
WHEN = {"missing": "còn số liệu chưa gửi", "short": "chưa gửi hoặc chưa đạt", "silent": "chưa gửi gì"}


def page(name: str, blanks: Mapping[str, object] = MappingProxyType({})) -> HTMLResponse:
    return HTMLResponse(_shelf().get_template(f"{name}.html").render(blanks))


@cache
def _shelf() -> Environment:
    shelf = sheets.shelf(sheets.PAGES / "board")
    shelf.filters |= {"ngay": day, "luc": moment, "so": grouped, "query": urlencode}
    shelf.globals |= {"MARKS": MARKS, "STATES": STATES, "STAGES": STAGES, "WHEN": WHEN}
    return shelf


def day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    return f"{value:%H:%M} ngày {value:%d/%m/%Y}"


def grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")
