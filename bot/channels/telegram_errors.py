"""What a failed call to Telegram means for the message that was being sent."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot import redact
from bot.channels.channel import Later, Refused, Stopped, Unknown, lost

GONE = (  # what Telegram answers with 400, though it is about the person and not about our message
    "chat not found",
    "user not found",
    "user is deactivated",
    "input_user_deactivated",
    "peer_id_invalid",
    "chat_write_forbidden",
    "chat_restricted",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights",
    "group chat was deactivated",
    "upgraded to a supergroup",
)
FIXED = (  # what Telegram answers when a message can't be changed any more
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
)


def meaning(error: TelegramError) -> Exception:
    """Later, Refused, Unknown or Stopped, or Telegram's own error where the fault is ours; none tells a secret."""
    told = redact.text(error.message)
    description = told.casefold()
    if isinstance(error.__cause__, TelegramError):  # a page where JSON belongs: some gateway speaks, not Telegram
        return (Unknown if "(504)" in description else Later)("a page instead of an answer")
    match error:
        case RetryAfter():
            return Later("too many requests", _seconds(error.retry_after), halt=True)
        case Forbidden() | ChatMigrated():
            return Refused(told)
        case InvalidToken():
            return Stopped("Telegram does not know this token")
        case Conflict():
            return Later("another program reads this bot's messages")
        case BadRequest():
            return Refused(told) if any(gone in description for gone in GONE) else BadRequest(told)
        case NetworkError():
            return _broken(error.__cause__, told)
    return Unknown("an answer that can't be read")  # 200, and yet no JSON: it may well be there


def _broken(cause: BaseException | None, told: str) -> Exception:
    description = told.casefold()
    if cause:
        return lost(cause)
    if "entity too large" in description:
        return NetworkError(told)
    if "too many requests" in description:
        return Later("too many requests", timedelta(seconds=5), halt=True)
    return (Unknown if "timeout" in description else Later)(told)


def _seconds(after: int | timedelta) -> timedelta:
    return after if isinstance(after, timedelta) else timedelta(seconds=after)
