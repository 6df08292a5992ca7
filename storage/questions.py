"""What people ask of the evaluating office, and what it answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.schema import person, question


def ask(tx: Connection, whom: int, unit: str, body: str, now: datetime, notice: int | None = None) -> int:
    row = {"person": whom, "unit": unit or None, "notice": notice, "body": body, "asked": now}
    return int(tx.execute(question.insert().values(**row).returning(question.c.id)).scalar_one())


def at(tx: Connection, id: int) -> Row[Any] | None:
    """With the name of whoever has answered it."""
    query = select(question, person.c.name.label("by")).outerjoin(person, person.c.id == question.c.answered_by)
    return tx.execute(query.where(question.c.id == id)).one_or_none()


def answer(tx: Connection, id: int, body: str, by: int, now: datetime) -> bool:
    """False when it has been answered already."""
    open = (question.c.id == id) & question.c.answered.is_(None)
    return bool(tx.execute(question.update().where(open).values(answer=body, answered_by=by, answered=now)).rowcount)


def open_ones(tx: Connection) -> list[Row[Any]]:
    """What waits for an answer, oldest first, with the name of whoever asks."""
    query = select(question, person.c.name).join(person, person.c.id == question.c.person)
    return list(tx.execute(query.where(question.c.answered.is_(None)).order_by(question.c.id)))
