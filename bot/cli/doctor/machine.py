"""The machine: settings, who may read what, room on the disk, the clock, the port."""

import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.cli.doctor.finding import Finding, fault, fine, warning
from bot.settings import FOLDER, BadSettings, Settings

ENV = Path(".env")
ROOM = 500 << 20  # bytes free on the disk, below which copies and figures are in danger
LITTLE_ROOM = 2 << 30
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def settings() -> Iterator[Finding]:
    """Whether they can be read at all, and what of them is probably not meant."""
    try:
        own = Settings.read(ENV)
    except BadSettings as bad:
        for told in bad.faults:
            yield fault("settings", told, "Đề nghị sửa trong .env theo .env.example.")
        return
    for told in own.warnings:
        yield warning("settings-name", told, "")
    if not own.warnings:
        yield fine("settings", "Thiết lập đọc được.")


def examined(own: Settings, now: datetime) -> Iterator[Finding]:
    yield from _private(ENV, "env-readable")
    yield from _private(FOLDER / "secret.key", "key-readable")
    yield from _room()
    yield from _clock(now)
    yield from _port(own)
    yield from _address(own)


def _private(file: Path, code: str) -> Iterator[Finding]:
    """A secret that other users of this machine can read is none."""
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield fault(code, f"Người dùng khác trên máy đọc được {file}.", f"Đề nghị chạy: chmod 600 {file}")


def _room() -> Iterator[Finding]:
    free = shutil.disk_usage(FOLDER if FOLDER.exists() else Path()).free
    told = f"Ổ đĩa còn trống {free >> 20} MB."
    if free < ROOM:
        yield fault("disk", told, "Đề nghị giải phóng chỗ ngay: hết chỗ thì không ghi được số liệu.")
    elif free < LITTLE_ROOM:
        yield warning("disk", told, "Đề nghị giải phóng chỗ.")
    else:
        yield fine("disk", told)


def _clock(now: datetime) -> Iterator[Finding]:
    """A machine whose battery is empty wakes up in another year."""
    if not 2024 <= now.year <= 2100:
        told = f"Đồng hồ của máy chỉ {now:%H:%M %d/%m/%Y}."
        yield fault("clock", told, "Đề nghị chỉnh giờ và bật đồng bộ giờ: hạn được tính theo đồng hồ này.")


def _port(own: Settings) -> Iterator[Finding]:
    """Taken by the program itself while it runs, so only told."""
    with socket.socket(socket.AF_INET6 if ":" in own.web_host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((own.web_host, own.web_port))
        except OSError:
            told = f"Cổng {own.web_port} đang có chương trình dùng."
            yield warning("port", told, "Nếu không phải Nhắc Hạn đang chạy, đề nghị đổi WEB_PORT.")


def _address(own: Settings) -> Iterator[Finding]:
    if own.web_host not in LOOPBACK:
        told = f"Trang web mở ra mạng ở {own.web_host} mà không mã hóa."
        yield warning(
            "open-web", told, "Đề nghị để WEB_HOST=127.0.0.1 và đặt máy chủ trung gian có chứng thư phía trước."
        )
    base = own.web_base_url or ""
    if urlsplit(base).scheme == "http" and urlsplit(base).hostname not in LOOPBACK:
        yield fault(
            "plain-address", "WEB_BASE_URL không phải https.", "Đề nghị dùng https: liên kết cá nhân nằm trong địa chỉ."
        )
