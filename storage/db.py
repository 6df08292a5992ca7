"""Opening the database, and everything that SQLite and PostgreSQL do differently."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Row,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    exists,
    inspect,
    literal,
    make_url,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql, registry, sqlite
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError, TimeoutError
from sqlalchemy.types import TypeDecorator

from catalogue.calendar import HANOI
from storage.prepared import Prepared

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
MIGRATIONS = Path(__file__).parent / "migrations"
READING = {"reading": True}
OVERFLOW = 35  # connections beyond the five that are kept: all of asyncio's threads (32) may read while one writes
TROUBLE = (OperationalError, InterfaceError, InternalError, TimeoutError)
"""The database's own: away, full, locked, deadlocked, no connection to be had. No fault of whatever was asked of it,

and worth asking again.
"""
SUSPICIOUS = 60
"""So many troubles in a row, half a minute of them or more, and it may be what is asked that can't be carried out."""
FAULT = (DBAPIError, TimeoutError)
"""Whatever came of asking the database that is no error in our own code."""
UNREADABLE = (*TROUBLE, DatabaseError)
"""Also what is no database at all."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, in Asia/Ho_Chi_Minh on both sides; SQLite keeps its wall time as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        here = value.astimezone(HANOI)
        return here.replace(tzinfo=None) if dialect.name == "sqlite" else here

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=HANOI) if value.tzinfo is None else value.astimezone(HANOI)


def connect(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; the folder of a SQLite file is made if it is missing."""
    where = make_url(url)
    if where.drivername == "postgresql":
        where = where.set(drivername="postgresql+psycopg")
    if where.drivername == "sqlite":
        where = where.set(drivername=Sqlite.drivername)
    if where.get_backend_name() == "sqlite" and where.database:
        Path(where.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(where, pool_pre_ping=where.get_backend_name() != "sqlite", max_overflow=OVERFLOW)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", tune)
        event.listen(engine, "checkin", _no_longer_reading)
    return engine


def called(fault: BaseException) -> str:
    """A fault by the driver's name for it, which a person can look up; its text may hold what was asked."""
    return type(getattr(fault, "orig", None) or fault).__name__


def tune(raw: Any, _record: object = None) -> None:
    """A connection of SQLite's driver as we want each of ours."""
    raw.isolation_level = None  # BEGIN is ours to say
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")


def _no_longer_reading(_raw: object, record: Any) -> None:
    record.info.pop("reading", None)


class Sqlite(sqlite.pysqlite.dialect):
    """Where a transaction begins and how it ends: said here, where no listener has to be asked at every statement."""

    driver = "office"
    drivername = "sqlite+office"
    supports_statement_cache = True

    def set_connection_execution_options(self, connection: Connection, opts: Any) -> None:
        super().set_connection_execution_options(connection, opts)
        if opts.get("reading"):
            connection.connection.info["reading"] = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """A writer takes its lock at once: upgraded later, it could find the lock taken and fail half-way."""
        dbapi_connection.cursor().execute("BEGIN" if dbapi_connection.info.get("reading") else "BEGIN IMMEDIATE")

    def do_commit(self, dbapi_connection: Any) -> None:
        """Said aloud: the driver's own commit passes in silence over a transaction that SQLite has given up."""
        dbapi_connection.cursor().execute("COMMIT")


registry.register("sqlite.office", __name__, Sqlite.__name__)


def given_up(tx: Connection) -> bool:
    """Whether the whole transaction is lost already: the disk was full, the connection broke."""
    if tx.invalidated:
        return True
    raw: Any = tx.connection.dbapi_connection
    return tx.dialect.name == "sqlite" and not raw.in_transaction


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent look at the data that keeps nobody from writing."""
    with engine.connect().execution_options(**READING) as tx, tx.begin():
        yield tx


def revisions() -> list[str]:
    """Of the tables, as this version knows them, oldest first: the numbers with which the migrations' files begin."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def revision(tx: Connection) -> str | None:
    """That of the tables that there are; None where there are none."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(engine: Engine) -> None:
    """Brings the tables to what this version expects; does nothing when they are."""
    with reading(engine) as tx:
        if revision(tx) == revisions()[-1]:
            return
    from alembic import command  # takes a third of a second, and only what changes the tables needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as tx:
        alone(tx, "upgrade")
        config.attributes["connection"] = tx
        command.upgrade(config, "head")


def insert_new(tx: Connection, table: Table, **row: object) -> bool:
    """Insert unless it is there already; True when it was new."""
    return _unless_there(tx.dialect.name, table, tuple(row)).first(tx, row) is not None


def put(tx: Connection, table: Table, key: dict[str, object], **rest: object) -> None:
    """Insert the row, or bring the one with this key up to date."""
    _or_up_to_date(tx.dialect.name, table, tuple(key), tuple(rest)).changes(tx, {**key, **rest})


@cache  # making a statement costs more than carrying it out
def _unless_there(dialect: str, table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(INSERT[dialect](table).on_conflict_do_nothing().returning(literal(1)), columns)


@cache
def _or_up_to_date(dialect: str, table: Table, key: tuple[str, ...], rest: tuple[str, ...]) -> Prepared:
    statement = INSERT[dialect](table)
    new = {name: statement.excluded[name] for name in rest}
    return Prepared(statement.on_conflict_do_update(index_elements=list(key), set_=new), key + rest)


def put_changed(tx: Connection, table: Table, key: dict[str, object], by: str, **rest: object) -> bool:
    """As `put`, but a row that has the same in the column `by` already stays as it is; True when something changed."""
    statement = INSERT[tx.dialect.name](table).values(**key, **rest)
    changed = table.c[by] != statement.excluded[by]
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=rest, where=changed)
    return _touched(tx, statement)


def _touched(tx: Connection, insert: Any) -> bool:
    """Whether an insert has written its row: asked of the database, as not every driver counts inserted rows."""
    return tx.execute(insert.returning(literal(1))).first() is not None


def oldest_open(box: Table, order: list[Column[Any]], limit: Any, *more: Any) -> Select[Any]:
    """First in order, and never ahead of an open one of the same address; locked, so that one worker has it."""
    other = box.alias()
    sooner = tuple_(*(other.c[column.name] for column in order)) < tuple_(*order)
    ahead = exists().where(other.c.address == box.c.address, other.c.settled.is_(None), sooner)
    first = select(box).where(box.c.settled.is_(None), ~ahead, *more).order_by(*order).limit(limit)
    return first.with_for_update(skip_locked=True, of=box)


def narrowed(
    tx: Connection,
    query: Select[Any],
    column: Column[str],
    wanted: str | Collection[str] | None,
    asked: dict[str, object],
) -> Sequence[Row[Any]]:
    """What the query finds of that one, of these, or of all. It is made once: a constant."""
    if isinstance(wanted, str):
        return _of_one(query, column).all(tx, asked | {"wanted": wanted})
    if wanted is None:
        return tx.execute(query, asked).all()
    return tx.execute(_of_these(query, column), asked | {"wanted": list(wanted)}).all()


@cache
def _of_one(query: Select[Any], column: Column[str]) -> Prepared:
    return Prepared(query.where(column == bindparam("wanted")))


@cache
def _of_these(query: Select[Any], column: Column[str]) -> Select[Any]:
    return query.where(column.in_(bindparam("wanted", expanding=True)))


def writable(engine: Engine) -> bool:
    """Whether a write would succeed now: tried and taken back."""
    with engine.connect() as tx, tx.begin() as trial:
        tx.execute(text("CREATE TABLE doctor_was_here (id INTEGER)"))
        trial.rollback()
    return True


def alone(tx: Connection, what: str) -> None:
    """Until the commit, nobody else is in here under this name. A SQLite writer is alone already."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})
