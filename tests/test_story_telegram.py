"""The story of a campaign over Telegram, against the program itself: commands first, then two runs of the bot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.far.telegram import TOKEN, TelegramServer
from tests.phones import PATIENCE
from tests.phones import TelegramPhone as Phone
from tests.program import Program
from tests.story import acknowledge, come_in, found_the_desk, invited, report, report_all, send_a_notice

AN, MY, HANH, GROUP = 1001, 1002, 1003, -2001


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server
        assert not server.violations


@pytest.fixture
def program(telegram: TelegramServer, tmp_path: Path) -> Program:
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE_URL": telegram.base_url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/office.db",
        "WEB_PORT": "0",
    }
    return Program(tmp_path, settings)


def test_a_campaign_over_telegram(telegram: TelegramServer, program: Program) -> None:
    hanh, an, my = (Phone(telegram, id, name) for id, name in ((HANH, "Hạnh Lê"), (AN, "An Nguyễn"), (MY, "Mỷ Sùng")))
    first = invited(program, "init")
    program.done("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")
    with program.open("run", "--clock-start", "2024-11-25T08:00"):
        found_the_desk(hanh, first)
        come_in(an, hanh, invited(program, "invite", "CCKL"), "Nguyễn Văn An")
        come_in(my, hanh, invited(program, "invite", "Hạt Kiểm lâm huyện Đồng Văn"), "Sùng Thị Mỷ")
        assert "baocao" in telegram.menu(AN) and "thieu" not in telegram.menu(AN)
        assert "thieu" in telegram.menu(HANH)
        report(an)
        press_an_old_button(an)
        report_all(my)
        keep_quiet_in_a_group(telegram)
        block_and_return(telegram, my, hanh)

    complete = len(my.chat.sent)
    with program.open("run", "--clock-start", "2024-12-03T08:30"):
        reminder = an.has("Còn 07 ngày đến hạn 10/12/2024.")
        assert "Chi cục Kiểm lâm còn 17/19 số liệu chưa gửi" in reminder
        assert "NQ01.1" not in reminder.partition("Cảnh báo")[0] and "NQ01.3" not in reminder
        assert "NQ01.4, NQ02.4" in reminder
        hanh.has("Phần mềm đã ngừng một thời gian")
        assert "NQ02.1: 39/50 (78,00 %), thấp hơn 2,00 điểm phần trăm, cần thêm 1 TTHC" in hanh.says("chi tiết 2")
        assert len(my.chat.sent) == complete, "who has sent everything is not reminded"
        send_a_notice(hanh)
        acknowledge(an, my, hanh)
    assert TOKEN not in program.logged


def press_an_old_button(an: Phone) -> None:
    """The screen still shows the card of a figure that has been typed anew since."""
    assert "46 trên 60 hồ sơ" in an.says("1.3: 46/60")
    old = an.chat.last
    assert "45 trên 60 hồ sơ" in an.says("45/60")
    assert "Nút này đã cũ, không còn hiệu lực." in an.presses("Đúng", old)
    assert "45 trên 60 hồ sơ" in an.says("45/60")
    assert "Đã ghi nhận NQ01.3, NQ02.3 = 45/60 (75,00 %)" in an.presses("Đúng")


def keep_quiet_in_a_group(telegram: TelegramServer) -> None:
    telegram.group(GROUP)
    telegram.says(GROUP, f"@{telegram.username} còn thiếu gì")
    telegram.wait_for(lambda: telegram.chat(GROUP).sent, PATIENCE, "the group is answered")
    assert telegram.chat(GROUP).texts == [
        "Số liệu chỉ trao đổi trong tin nhắn riêng. Đề nghị đồng chí nhắn riêng cho hệ thống."
    ]


def block_and_return(telegram: TelegramServer, my: Phone, hanh: Phone) -> None:
    telegram.blocks(my.id)
    assert "Sùng Thị Mỷ (Hạt Kiểm lâm huyện Đồng Văn)" in hanh.says("chi tiết 4")
    telegram.returns(my.id)
    assert "Mọi đầu mối đã đăng ký đều liên lạc được." in hanh.says("chi tiết 4")
