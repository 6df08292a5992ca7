"""Commands that run the house: for real, or as a rehearsal in the browser."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from bot import demo as rehearsal
from bot import papers
from bot.boardroom import Boardroom
from bot.channels.channel import Channel
from bot.channels.email import Email
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.channels.zalo_bot import ZaloBot
from bot.cli import frame, logs, zalo
from bot.cli.frame import Refusal
from bot.cli.kept import Letterheads
from bot.clock import MovableClock
from bot.demo import Rehearsal
from bot.dialogue.turn import Paper
from bot.house import ROLES, House, Role
from bot.reception import Figures, Pulse, Rooms, Shelf
from bot.rehearse import campaign
from bot.web import door, metrics, upload
from bot.web.board import routes as board
from catalogue.calendar import HANOI
from storage import db

CATALOGUE = "2024-qd55"
UPLOADS_LAST = timedelta(days=1)  # a link by which somebody sends a file
FILES_LAST = timedelta(days=7)  # a link by which a paper is fetched


def add_to(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("demo")(demo)
    app.command("rehearse")(rehearse)


def run(
    clock_start: Annotated[str, typer.Option(help="Đặt đồng hồ từ thời điểm này, để diễn tập (ISO).")] = "",
    roles: Annotated[str, typer.Option(help="Tiến trình này làm gì, cách nhau bằng dấu phẩy.")] = ",".join(ROLES),
) -> None:
    """Chạy mọi kênh đã cấu hình, trang web và lịch nhắc; dừng bằng SIGTERM hoặc Ctrl+C."""
    start = _moment(clock_start) if clock_start else None
    own_roles = _roles(roles)
    _logging()
    house = _house(frame.connect(), MovableClock(frame.clock, start))
    house.keep = frame.keep()
    own = frame.settings()
    house.ping_url, house.backups, house.roles = _secret(own.ping_url), frame.BACKUPS, own_roles
    _run(house, every_channel(house), own.web_host, own.web_port)


def _roles(text: str) -> frozenset[Role]:
    named = {word.strip() for word in text.split(",") if word.strip()}
    if not named or (unknown := named - {*ROLES}):
        wrong = ", ".join(sorted(unknown)) if named else text
        raise Refusal(f"Không có việc nào tên “{wrong}”. Đề nghị chọn trong: {', '.join(ROLES)}.")
    return frozenset(role for role in ROLES if role in named)


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Cổng của trang web.")] = 8080,
    midway: Annotated[bool, typer.Option("--midway", help="Bắt đầu giữa đợt, hai ngày sau hạn của đơn vị.")] = False,
) -> None:
    """Cơ quan diễn tập trong trình duyệt: đồng hồ chỉnh được, không cần tài khoản nào."""
    _logging()
    engine = db.connect(rehearsal.DATABASE.format(port=port))
    clock = MovableClock(frame.clock, rehearsal.MORNING)
    house = _house(engine, clock)
    _run(house, [_web(house)], "127.0.0.1", port, Rehearsal(house, clock, midway))


def rehearse(
    units: Annotated[int, typer.Option(min=1, max=3000, help="Số đơn vị.")] = 54,
    days: Annotated[int, typer.Option(min=4, max=60, help="Số ngày, tính đến ba ngày sau hạn.")] = 17,
    seed: Annotated[int, typer.Option(help="Hạt giống ngẫu nhiên; cùng một số cho cùng một kết quả.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")] = False,
) -> None:
    """Chạy thử cả đợt với người gửi giả, đồng hồ giả, sự cố giả; cho biết các cam kết nhắc hạn có giữ được không."""
    logging.basicConfig(level=logging.CRITICAL)
    begin, worked = perf_counter(), process_time()
    verdict, circumstances = campaign.rehearse(units, days, seed, frame.catalogue(CATALOGUE), frame.speaking())
    seconds = perf_counter() - begin
    found = circumstances | asdict(verdict) | {"wall_seconds": f"{seconds:.1f}"}
    found |= {"cpu_seconds": f"{process_time() - worked:.1f}"}
    found |= {"ratio": round(days * 24 * 3600 / seconds)}
    frame.show_json(found) if as_json else _table(found)
    if not verdict.kept:
        raise Refusal("Có cam kết không giữ được trong lần chạy thử này; xem các số khác 0 nêu trên.")


def _table(found: dict[str, object]) -> None:
    for name, value in found.items():
        frame.say(f"{REHEARSED[name]:<52}{value:>12}")


REHEARSED = {
    "units": "Đơn vị",
    "days": "Ngày",
    "seed": "Hạt giống",
    "deadline": "Hạn của đơn vị",
    "people": "Người",
    "heard": "Tin nhận được",
    "troubles": "Sự cố (dừng máy, lùi đồng hồ, hai tiến trình)",
    "messages": "Tin đến nơi, kể cả trả lời",
    "messages_per_unit": "  trên mỗi đơn vị",
    "unasked": "  trong đó lịch tự gửi",
    "reminders": "Tin nhắc hạn",
    "reminders_per_unit": "  trên mỗi đơn vị",
    "figures": "  nếu mỗi chỉ tiêu còn thiếu là một tin",
    "most_a_day": "Tin nhiều nhất cho một người trong một ngày",
    "most_unasked_a_day": "  trong đó không hỏi mà gửi",
    "recorded": "Số liệu đã ghi",
    "confirmed": "Số liệu người gửi được báo là đã ghi",
    "twice": "Nhắc hai lần cùng một bước",
    "stale": "Nhắc bước đã cũ",
    "after_completion": "Nhắc khi không còn thiếu",
    "outside_hours": "Nhắc ngoài giờ, ngày nghỉ",
    "missed": "Bỏ sót lần nhắc",
    "wall_seconds": "Thời gian chạy (giây)",
    "cpu_seconds": "  trong đó máy thực sự tính (giây)",
    "ratio": "Nhanh hơn đời thực (lần)",
}


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"“{text}” không phải là thời điểm. Đề nghị ghi dạng 2024-11-25T08:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=HANOI)


def _logging() -> None:
    own = frame.settings()
    logs.begin(own.log_format, _secret(own.metrics_token))


def _house(engine: Any, clock: MovableClock) -> House:
    return House(engine, frame.catalogues(), frame.calendar(), clock, frame.speaking(), key=frame.secret())


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value() if given else ""


CHANNELS: dict[str, Callable[[House], Sequence[Channel]]] = {
    "web": lambda house: [_web(house)],
    "telegram": lambda house: _telegram(),
    "zalo_bot": lambda house: _zalo_bots(),
    "zalo_oa": lambda house: [own] if (own := zalo.account(house.do)) else [],
    "email": lambda house: _mail(house),
}
"""Every channel there is: as many of it as the settings have tokens for. The web page is always there."""


def every_channel(house: House) -> list[Channel]:
    return [channel for make in CHANNELS.values() for channel in make(house)]


def bots() -> list[Channel]:
    """Those that need nothing but their tokens."""
    return [*_telegram(), *_zalo_bots()]


def _telegram() -> list[Telegram]:
    own = frame.settings()
    if not own.telegram_bot_token:
        return []
    secret, proxy = own.telegram_webhook_secret, own.telegram_proxy_url
    return [
        Telegram(
            own.telegram_bot_token.get_secret_value(),
            own.telegram_api_base_url,
            proxy.get_secret_value() if proxy else None,
            secret.get_secret_value() if secret else None,
            own.web_base_url if secret else None,
        )
    ]


def _zalo_bots() -> list[ZaloBot]:
    """As many as there are tokens: each takes only so many people."""
    own = frame.settings()
    secret = own.zalo_bot_webhook_secret.get_secret_value() if own.zalo_bot_webhook_secret else None
    at = own.web_base_url if secret else None
    owners = own.zalo_bot_owners or [""] * len(own.zalo_bot_tokens)
    return [
        ZaloBot(token.get_secret_value(), own.zalo_bot_api_base_url, secret, at, owner)
        for token, owner in zip(own.zalo_bot_tokens, owners, strict=True)
    ]


def _mail(house: House) -> list[Email]:
    """With a link to each reader's own page, where the page has a public address."""
    own = frame.settings()
    if not own.smtp_url:
        return []
    base, web = own.web_base_url, _web(house)
    page = (lambda chat: f"{base}{web.link(chat)}") if base else None
    heads = Letterheads(house.do, house.words, house.clock, page)
    return [Email(own.smtp_url.get_secret_value(), heads, house.clock)]


def _web(house: House) -> Web:
    base = frame.settings().web_base_url or ""
    return Web(frame.secret(), house.clock, Rooms(house, "web", _file_link(house)), Shelf(house), base=base)


def _file_link(house: House, base: str = "") -> Callable[[Paper], str]:
    """The address of a paper, for whoever gets to see it, for a while."""
    return lambda paper: base + door.file_link(frame.secret(), papers.ref(paper), house.clock() + FILES_LAST)


def _upload_link(house: House, base: str) -> Callable[[str, str, str], str]:
    """Where somebody whose channel carries no files can send one."""
    return lambda channel, account, chat: (
        base + upload.link(frame.secret(), channel, account, chat, house.clock() + UPLOADS_LAST)
    )


def _run(house: House, channels: Sequence[Channel], host: str, port: int, stage: Rehearsal | None = None) -> None:
    base = frame.settings().web_base_url
    house.link = _file_link(house, base) if base else None
    house.upload = _upload_link(house, base) if base else None
    house.open(channels)
    asyncio.run(_live(house, host, port, stage))


async def _live(house: House, host: str, port: int, stage: Rehearsal | None) -> None:
    closing = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no such handlers
            loop.add_signal_handler(name, closing.set)
    office = frame.settings().office_tccb_name
    shelf, secret = Shelf(house), frame.secret()
    room = Boardroom(house, _file_link(house))
    pages = [*board.routes(room, shelf, secret), *upload.routes(house.hear, shelf, secret, house.clock)]
    if token := _secret(frame.settings().metrics_token):
        pages.append(metrics.route(Figures(house), token))
    app = door.build(house.channels, house.hear, Pulse(house), secret, house.clock, shelf, stage, office, pages)
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(door.serve(app, host, port))
        except OSError:
            raise Refusal(
                f"Không mở được cổng {port}: đang có chương trình khác dùng. Đề nghị chọn cổng khác."
            ) from None
        if stage:
            stage.prepare()  # the port is ours, and with it the database
            await stage.catch_up()
        sys.stdout.write(f"Nhắc Hạn: {address}\n")
        sys.stdout.flush()
        warming = asyncio.create_task(room.warm())  # in a large office the first look takes seconds
        await house.live(closing)
        warming.cancel()
