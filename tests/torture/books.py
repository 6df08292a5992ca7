"""What the database has to say afterwards, held against what arrived."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, func, select

from storage import schema
from tests.torture.victim import MORNING


def rows(engine: Engine, table: Any) -> list[Any]:
    with engine.begin() as tx:
        return list(tx.execute(table.select().order_by(table.c.id)))


def open_rows(engine: Engine) -> int:
    still = [select(func.count()).where(box.c.settled.is_(None)) for box in (schema.inbox, schema.outbox)]
    with engine.begin() as tx:
        return sum(tx.execute(count).scalar_one() for count in still)


def check_the_way_out(engine: Engine, arrived: Mapping[int, list[str]]) -> int:
    """Every envelope arrived once, in order, but for those that are noted as uncertain; how many those are.

    `arrived`: address → texts. An address that is missing has no far side that could be asked.
    """
    left = {address: list(texts) for address, texts in arrived.items()}
    uncertain = 0
    for letter in sorted(rows(engine, schema.outbox), key=lambda row: row.spoken or MORNING):
        assert letter.outcome in ("sent", "unknown", "moot"), letter
        uncertain += letter.outcome == "unknown"
        texts = left.get(letter.address)
        for part in (letter.wording or ()) if texts is not None else ():
            here = bool(texts) and texts[0].strip() == part["text"].strip()
            assert here or letter.outcome != "sent", f"sent, but it did not arrive in its turn: {letter}"
            if here:
                texts.pop(0)
    assert not any(left.values()), f"arrived, and nobody knows why: {left}"
    return uncertain


def check_the_way_in(engine: Engine) -> None:
    """Every message answered by one envelope, each chat's in the order in which it spoke."""
    heard, answered = defaultdict(list), defaultdict(list)
    for row in rows(engine, schema.inbox):
        assert (row.outcome, row.tries) == ("answered", 0), row
        heard[row.address].append(row.external_id)
    for row in rows(engine, schema.outbox):
        if row.reply_to:
            answered[row.address].append(row.reply_to)
    assert answered == heard
