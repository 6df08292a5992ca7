"""What of a message in several pieces is out already when the rest is put off: it is not sent again."""

from bot.channels.channel import Outgoing

MOST = 1000  # messages remembered

Key = tuple[str, str | None, str, tuple[str, ...]]


class Halfway:
    def __init__(self) -> None:
        self._sent: dict[Key, list[str]] = {}

    def take(self, message: Outgoing) -> list[str]:
        """The ids of the pieces that are out, in order; forgotten here until they are kept again."""
        return self._sent.pop(_key(message), [])

    def keep(self, message: Outgoing, ids: list[str]) -> None:
        if ids:
            self._sent[_key(message)] = ids
        if len(self._sent) > MOST:
            del self._sent[next(iter(self._sent))]


def _key(message: Outgoing) -> Key:
    return message.chat, message.reply_to, message.part.text, tuple(file.name for file in message.files)
