"""The story of a campaign, as it goes on every kind of telephone."""

import re
from collections.abc import Sequence
from typing import Protocol

from tests.program import Program

CODE = re.compile(r"NH-\w{8}")
REASON = "Người dân chưa quen làm trực tuyến"


class Phone(Protocol):
    @property
    def heard(self) -> Sequence[str]:
        """What the bot said to it, oldest first."""

    def enters(self, code: str) -> str:
        """By an invitation's link, where the channel has such; otherwise it is typed."""

    def says(self, text: str) -> str:
        """What is answered."""

    def presses(self, label: str) -> str:
        """By a button where there are any, otherwise as the message tells."""

    def hears_after(self, before: int) -> str:
        """What comes after that many messages."""

    def has(self, words: str) -> str:
        """The message with these words, once it is there."""


def invited(program: Program, *words: str) -> str:
    found = CODE.search(program.done(*words))
    assert found
    return found[0]


def found_the_desk(hanh: Phone, code: str) -> None:
    """The first of TCCB has nobody to approve them: the code of the command line is enough."""
    assert "cán bộ TCCB" in hanh.enters(code)
    assert "họ và tên" in hanh.presses("Đồng ý")
    hanh.says("Lê Thị Hạnh")
    assert "thông báo: soạn thông báo" in hanh.says("menu")


def come_in(who: Phone, hanh: Phone, code: str, name: str) -> None:
    assert "đầu mối" in who.enters(code)
    assert "họ và tên" in who.presses("Đồng ý")
    asked = len(hanh.heard)
    assert f"Đã ghi nhận đăng ký: {name}" in who.says(name)
    assert name in hanh.hears_after(asked)
    assert f"Đã xác nhận {name}" in hanh.presses(f"Duyệt {name}")
    who.has('Gõ "báo cáo" để nhập số liệu')


def report(an: Phone) -> None:
    assert "còn 19 số liệu cần báo cáo" in an.says("báo cáo")
    card = an.says("39/50")
    assert "NQ01.1 (giao: Tối thiểu 75 %): đạt\n" in card
    assert re.search(r"NQ02\.1 \(giao: Tối thiểu 80 %\): chưa đạt, .*cần thêm 1 TTHC", card)
    assert "Đề nghị cho biết lý do" in an.presses("Đúng")
    assert "Còn 18 số liệu chưa có." in an.presses(REASON)


def report_all(my: Phone) -> None:
    my.says("báo cáo")
    my.says("58/60")
    assert "Hạt Kiểm lâm huyện Đồng Văn đã gửi đủ số liệu." in my.presses("Đúng")


def send_a_notice(hanh: Phone) -> None:
    hanh.says("thông báo")
    assert "Gửi cho ai?" in hanh.says("Họp giao ban\nMời các đơn vị dự họp lúc 8 giờ ngày 05/12/2024.")
    assert "Thông báo sẽ gửi đến 2 người (2 đơn vị)" in hanh.presses("Tất cả đầu mối")
    assert "Thông báo số 1 đang được gửi đến 2 người." in hanh.presses("Gửi")


def acknowledge(an: Phone, my: Phone, hanh: Phone) -> None:
    my.has("THÔNG BÁO số 1")
    assert "Đã ghi nhận đồng chí nhận Thông báo số 1" in my.presses("Đã nhận")
    assert "Người nhận: 2. Đã xác nhận: 1." in hanh.says("ai nhận 1")
    an.has("THÔNG BÁO số 1")
    assert "Đã ghi nhận đồng chí nhận Thông báo số 1" in an.says("da nhan")
    assert "Người nhận: 2. Đã xác nhận: 2." in hanh.says("ai nhận 1")
