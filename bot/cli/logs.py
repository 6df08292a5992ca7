"""How the log is written: lines for a person, or an object a line for a program that collects them."""

import json
import logging
from datetime import datetime

from bot import redact
from catalogue.calendar import HANOI

PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
CHATTY = ("httpx", "httpcore", "apscheduler", "alembic")


class JsonLines(logging.Formatter):
    """`code`: what the person was told whose message tripped us; a traceback is one text with its lines in it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, HANOI).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if code := getattr(record, "code", ""):
            told["code"] = code
        if traceback := record.exc_text or (self.formatException(record.exc_info) if record.exc_info else ""):
            told["traceback"] = traceback
        return json.dumps(told, ensure_ascii=False)


def begin(form: str, *secrets: str) -> None:
    """On standard error, without these secrets. `form`: "text" or "json"."""
    logging.basicConfig(level=logging.INFO, format=PLAIN)
    if form == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    redact.install(*secrets)
