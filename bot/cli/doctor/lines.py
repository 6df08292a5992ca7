"""The lines to the outside: whether each channel's far side answers and knows us."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Engine

from bot.channels.channel import Channel, Later, Stopped, Unknown, labels
from bot.channels.email import Email, Letterhead
from bot.cli import frame, zalo
from bot.cli.doctor.finding import Finding, fault, fine, warning
from bot.cli.kept import at_once
from bot.cli.running import bots
from bot.settings import Settings

PATIENCE = 20.0  # seconds that a far side may take


async def examined(own: Settings, engine: Engine | None) -> list[Finding]:
    """Without a database, all but what keeps its token there."""
    channels = [*bots(), *([Email(own.smtp_url.get_secret_value(), _unheaded, frame.clock)] if own.smtp_url else [])]
    if engine and (account := zalo.account(at_once(engine))):
        channels.append(account)
    found = [*_ways_in(channels, own)]
    for label, channel in zip(labels(channels), channels, strict=True):
        found.append(await _asked(label, channel))
        await channel.close()
    return found


async def _unheaded(email: str) -> Letterhead:
    raise LookupError("no letter is written here")


def _ways_in(channels: Sequence[Channel], own: Settings) -> list[Finding]:
    if own.web_base_url or channels:
        return []
    told = "Chưa có kênh nào ngoài trang web trên máy này, và trang web không có địa chỉ công khai."
    return [warning("no-channel", told, "Đề nghị ghi mã bot của Zalo hoặc Telegram, hoặc WEB_BASE_URL, vào .env.")]


async def _asked(label: str, channel: Channel) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            await channel.probe()
    except Stopped as refused:
        advice = "Đề nghị kiểm tra mã bot, mật khẩu trong .env; lấy mã mới nếu đã bị thu hồi."
        return fault("channel-refused", f"Kênh {label} bị từ chối: {refused}.", advice)
    except (Later, Unknown, TimeoutError) as away:
        advice = "Đề nghị kiểm tra mạng, tường lửa, máy chủ trung gian; chương trình vẫn chạy các kênh khác."
        return fault("channel-away", f"Kênh {label} không kết nối được: {away or 'quá lâu không trả lời'}.", advice)
    return fine("channel", f"Kênh {label} hoạt động.")
