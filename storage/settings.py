"""Small things the installation remembers of itself, such as which units it was told of."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage.db import put
from storage.prepared import Prepared
from storage.schema import setting


def get(tx: Connection, name: str) -> Any:
    row = GET.first(tx, {"which": name})
    return row and row.value


GET = Prepared(select(setting.c.value).where(setting.c.name == bindparam("which")))


def keep(tx: Connection, name: str, value: object) -> None:
    put(tx, setting, {"name": name}, value=value)
