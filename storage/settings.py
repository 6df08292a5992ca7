"""Small things the installation remembers of itself, such as the key that signs its links."""

import secrets
from typing import Any

from sqlalchemy import Connection, select

from storage.db import insert_new, put
from storage.schema import setting


def get(tx: Connection, name: str) -> Any:
    return tx.execute(select(setting.c.value).where(setting.c.name == name)).scalar_one_or_none()


def keep(tx: Connection, name: str, value: object) -> None:
    put(tx, setting, {"name": name}, value=value)


def signing_key(tx: Connection) -> str:
    """Made at the first need, the same ever after."""
    insert_new(tx, setting, name="signing_key", value=secrets.token_urlsafe(32))
    return str(get(tx, "signing_key"))
