"""Files that people send or hand out: what they are called, and what is in them."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.schema import file, file_content


def add(
    tx: Connection, name: str, mime: str, content: bytes, now: datetime, sheet: dict[str, Any] | None = None
) -> int:
    """Keeps it as it came, with what was read in it; returns its number."""
    row = {"name": name[:200], "mime": mime[:100], "size": len(content), "kept": now, "sheet": sheet}
    row["digest"] = hashlib.sha256(content).hexdigest()
    id = int(tx.execute(file.insert().values(**row).returning(file.c.id)).scalar_one())
    tx.execute(file_content.insert().values(file=id, bytes=content))
    return id


def at(tx: Connection, id: int) -> Row[Any] | None:
    """What it is called, how large it is: id, name, mime, size (bytes), digest (SHA-256 in hex), kept, sheet."""
    return tx.execute(select(file).where(file.c.id == id)).one_or_none()


def content(tx: Connection, id: int) -> bytes:
    """Empty where it has been erased."""
    found = tx.execute(select(file_content.c.bytes).where(file_content.c.file == id)).scalar_one_or_none()
    return bytes(found or b"")
