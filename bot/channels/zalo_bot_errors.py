"""What a failed call to Zalo's Bot Platform means. Of its few documented codes, one contradicts itself."""

import re
from datetime import timedelta

from bot.channels.channel import Later, NotTaken, Refused, Stopped, Unknown
from bot.channels.zalo_bot_api import Code, Failed

AGAIN = timedelta(hours=1)  # before the day's allowance of setting webhooks is tried again
_OURS = re.compile(r"\b(text|text_styles|parse_mode|photo|caption|sticker|voice_url|action)\b", re.IGNORECASE)


def of_sending(failed: Failed) -> Exception:
    """Later, Refused, Unknown or Stopped, or the failure itself where the fault is ours.

    No source says what Zalo answers when a person is gone or has blocked the bot: Refused is a guess until repeated.
    """
    match failed.code:
        case Code.TOKEN:
            return Stopped("Zalo does not know this bot's token")
        case Code.EMPTY | Code.GAVE_UP:
            return Unknown("no answer in time")
        case Code.LIMIT:
            return Later("too many messages, or the month's are used up", halt=True)
        case Code.TOO_LARGE | Code.ALLOWANCE:
            return failed
        case Code.BAD if _OURS.search(failed.description):
            return failed
        case Code.INTERNAL if "internal" in failed.description.casefold():
            return Later(str(failed))
        case code if code >= 500:
            return Later(str(failed))
    return Refused(str(failed))


def of_picture(failed: Failed) -> Exception:
    """Whether it was about the picture or about the person, nobody tells: the text alone will show."""
    means = of_sending(failed)
    certain = isinstance(means, (Stopped, Unknown)) or (isinstance(means, Later) and means.halt)
    return means if certain else NotTaken(str(failed))


def of_listening(failed: Failed) -> Later | Stopped:
    match failed.code:
        case Code.TOKEN:
            return Stopped("Zalo does not know this bot's token")
        case Code.UNKNOWN:
            return Stopped("Zalo does not know this bot: the token of an Official Account is of no use here")
        case Code.ALLOWANCE:
            return Later("the day's allowance of setting webhooks is used up", AGAIN)
    return Later(str(failed))
