"""Tokens by which an account of ours renews its own consent: one renewal at a time, whichever process it is in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage import db, settings


def load(tx: Connection, name: str) -> dict[str, str] | None:
    kept = settings.get(tx, name)
    return dict(kept["tokens"]) if kept else None


def claim(tx: Connection, name: str, stale: Mapping[str, str], now: datetime, lease: timedelta) -> bool:
    """Whether these tokens are ours to renew: they are still those that are kept, and nobody else has begun."""
    db.alone(tx, name)
    kept = settings.get(tx, name)
    if not kept or kept["tokens"] != dict(stale):
        return False
    if kept["claimed"] and abs(now - datetime.fromisoformat(kept["claimed"])) < lease:
        return False
    settings.keep(tx, name, kept | {"claimed": now.isoformat()})
    return True


def store(tx: Connection, name: str, tokens: Mapping[str, str]) -> None:
    """The new ones; whoever had claimed the old ones is done."""
    settings.keep(tx, name, {"tokens": dict(tokens), "claimed": None})
