"""A whole office, copied from one database to another: for backups, for restoring one, for moving to a server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, inspect, select

from storage import audit, db, schema, sealing
from storage.audit import Broken, Head
from storage.sealing import Keys

BATCH = 500  # rows carried at a time
KEPT_OUT = "alembic_version"  # each database has its own


@dataclass(frozen=True)
class Copied:
    """How many rows of each table are in the copy, and where its book of changes is broken, if it is."""

    rows: dict[str, int]
    broken: Broken | None
    head: Head | None = None  # the newest row of its book of changes

    @property
    def total(self) -> int:
        return sum(self.rows.values())


class Incomplete(Exception):
    """The copy is not what it was made from; `tables`: those whose rows do not agree."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(f"not the same after copying: {', '.join(tables)}")
        self.tables = tables


class NotEmpty(Exception):
    """There is something already where a whole office was to go."""


def copy(source: Connection, target: Connection) -> Copied:
    """Every row, in an order in which each finds what it refers to. Both have the newest tables.

    Raises NotEmpty, or Incomplete: then nothing of it may be committed.
    """
    if any(count(target).values()):
        raise NotEmpty
    for table in schema.meta.sorted_tables:
        _carry(source, target, table)
    _count_on(target)
    return proved(source, target)


def proved(source: Connection, target: Connection) -> Copied:
    """The copy has as many rows of everything, and its book of changes holds as far as the original's does."""
    wanted, found = count(source), count(target)
    differing = [name for name in wanted if wanted[name] != found[name]]
    keys = max(sealing.keys_of(source), sealing.keys_of(target), key=lambda keys: len(keys.of))
    broken = audit.first_broken(target, keys)
    if differing or broken != audit.first_broken(source, keys):
        raise Incomplete(differing or ["audit"])
    return Copied(found, broken, audit.head(target))


def count(tx: Connection) -> dict[str, int]:
    """Table → its rows."""
    tables = schema.meta.sorted_tables
    return {table.name: int(tx.execute(select(func.count()).select_from(table)).scalar_one()) for table in tables}


def _carry(source: Connection, target: Connection, table: Table) -> None:
    rows = source.execution_options(yield_per=BATCH).execute(select(table))
    for some in rows.mappings().partitions(BATCH):
        target.execute(table.insert(), [dict(row) for row in some])


def _count_on(tx: Connection) -> None:
    """PostgreSQL gives the next number by itself, and has not seen the ones that were carried in."""
    if tx.dialect.name != "postgresql":
        return
    for table in schema.meta.sorted_tables:
        if "id" in table.c and table.c.id.autoincrement and table.c.id.type.python_type is int:
            sequence = func.pg_get_serial_sequence(table.name, "id")
            tx.execute(select(func.setval(sequence, func.max(table.c.id))).having(func.max(table.c.id).is_not(None)))


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One moment of everything, however long it takes to read, while others go on writing."""
    options = db.READING | ({"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {})
    with engine.connect().execution_options(**options) as tx, tx.begin():
        yield tx


def backup(engine: Engine, file: Path) -> Copied:
    """The office as it is now, as one SQLite file, whichever database it is in; whole or not at all.

    Raises Incomplete, OSError, or the database's own errors.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".part")
    _remove(draft)
    try:
        with _opened(draft) as target, snapshot(engine) as source, target.begin() as tx:
            copied = copy(source, tx)
        draft.chmod(0o600)
        draft.replace(file)
    finally:
        _remove(draft)
    return copied


@contextmanager
def _opened(file: Path) -> Iterator[Engine]:
    """A SQLite file with the newest tables; at the end it is one file again, without its journal."""
    engine = db.connect(f"sqlite:///{file}")
    try:
        db.upgrade(engine)
        yield engine
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")


def _remove(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def check(file: Path, keys: Keys | None = None) -> Copied:
    """Whether a backup is whole: readable, nothing dangling, its book of changes sealed. It is not touched.

    Raises Damaged, with what is wrong.
    """
    with _worked_on(file) as engine, snapshot(engine) as tx:
        return Copied(count(tx), audit.first_broken(tx, keys), audit.head(tx))


class Damaged(Exception):
    """This is no backup, or not a whole one."""


@contextmanager
def _worked_on(file: Path) -> Iterator[Engine]:
    """A copy of a backup beside it, brought to the newest tables: an older version's backup is as good."""
    work = file.with_name(file.name + ".work")
    _remove(work)
    try:
        work.write_bytes(file.read_bytes())
        work.chmod(0o600)
        engine = db.connect(f"sqlite:///{work}")
        try:
            _sound(engine)
            db.upgrade(engine)
            yield engine
        finally:
            engine.dispose()
    finally:
        _remove(work)


def _sound(engine: Engine) -> None:
    try:
        with db.reading(engine) as tx:
            found = tx.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            dangling = tx.exec_driver_sql("PRAGMA foreign_key_check").first()
            tables = set(inspect(tx).get_table_names())
    except db.UNREADABLE as error:
        raise Damaged(type(error).__name__) from None
    if found != "ok" or dangling is not None:
        raise Damaged("pages or rows are missing")
    if KEPT_OUT not in tables or "audit" not in tables:
        raise Damaged("not an office")


def restore(file: Path, engine: Engine) -> Copied:
    """What is in the backup goes into an empty database. What was waiting to be sent then may have been sent since:

    it is settled as such, and never sent blindly. Raises Damaged, NotEmpty, Incomplete.
    """
    with _worked_on(file) as kept, snapshot(kept) as source, engine.begin() as tx:
        copied = copy(source, tx)
        box = schema.outbox
        tx.execute(box.update().where(box.c.settled.is_(None)).values(settled=box.c.due, outcome="unknown"))
    return copied


def move(source: Engine, target: Engine) -> Copied:
    """A running office on SQLite goes over to another database. The old one takes nothing more from then on, so that

    whoever still writes there is refused, and nothing is written in two places. Raises NotEmpty, Incomplete.
    """
    with source.begin() as old, target.begin() as new:  # the old one's writers wait from here on
        copied = copy(old, new)
        _close(old)
    return copied


def _close(tx: Connection) -> None:
    """Only SQLite: the triggers are part of the file, and hold for every process and version that opens it."""
    for table in schema.meta.sorted_tables:
        for act in ("INSERT", "UPDATE", "DELETE"):
            tx.exec_driver_sql(
                f"CREATE TRIGGER {CLOSED}_{table.name}_{act.lower()} BEFORE {act} ON {table.name}"
                f" BEGIN SELECT RAISE(ABORT, 'this office has moved to another database'); END"
            )


CLOSED = "moved"  # how the triggers of an office that has moved begin


def moved_away(tx: Connection) -> bool:
    """Whether this database has been left for another."""
    if tx.dialect.name != "sqlite":
        return False
    names = tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
    return any(name.startswith(f"{CLOSED}_") for name in names)
