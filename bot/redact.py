"""Keeps secrets out of every log: what is registered here, and whatever looks like a bot's token."""

import logging
import re
import traceback
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

HIDDEN = "***"
NOISY = ("httpx", "httpcore")  # at INFO they write the address of every call, and the token is in it
_TOKEN = re.compile(r"\d{6,}(?::|%3A)[\w-]{30,}", re.IGNORECASE)


class Redact(logging.Filter):
    """Hides the secrets in a record's message, arguments, traceback, stack and extras, before a handler writes it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._known: set[str] = set()
        self._secrets = _TOKEN
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        for secret in filter(str.strip, secrets):
            self._known |= {secret, quote(secret, safe=""), quote(secret)}
        longest_first = sorted(self._known, key=len, reverse=True)
        self._secrets = re.compile("|".join([*map(re.escape, longest_first), _TOKEN.pattern]), re.IGNORECASE)

    def text(self, text: str) -> str:
        return self._secrets.sub(HIDDEN, text)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.text(_message(record)), ()
        if record.exc_info or record.exc_text:
            record.exc_text = self.text(record.exc_text or _traceback(record))
            record.exc_info = None  # or a handler would write the unredacted one
        for name, value in record.__dict__.items():
            record.__dict__[name] = self._value(value)
        return True

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self._value(each) for key, each in value.items()}
            case list():
                return [self._value(each) for each in value]
            case tuple():
                return tuple(self._value(each) for each in value)
        return value


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong format: logging would write the raw arguments to stderr
        return f"{record.msg} {record.args!r}"


def _traceback(record: logging.LogRecord) -> str:
    assert isinstance(record.exc_info, tuple)
    return "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")


_filter = Redact()


def text(text: str) -> str:
    """The same text without what `install` was told of."""
    return _filter.text(text)


def install(*secrets: str) -> None:
    """To be called once the handlers are there, and again whenever one is added; secrets add up."""
    _filter.learn(secrets)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in _handlers():
        handler.addFilter(_filter)


def _handlers() -> list[logging.Handler]:
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.Logger.manager.loggerDict))]
    last = [logging.lastResort] if logging.lastResort else []
    return [handler for logger in loggers for handler in logger.handlers] + last
