"""Small things the installation remembers of itself, such as which units it was told of."""

from typing import Any

from sqlalchemy import Connection, select

from storage.db import put
from storage.schema import setting


def get(tx: Connection, name: str) -> Any:
    return tx.execute(select(setting.c.value).where(setting.c.name == name)).scalar_one_or_none()


def keep(tx: Connection, name: str, value: object) -> None:
    put(tx, setting, {"name": name}, value=value)
