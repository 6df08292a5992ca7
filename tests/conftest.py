"""The database of a test: SQLite, and PostgreSQL as well where TEST_POSTGRES_URL says which server; fresh each time."""

import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text

from storage import db, schema
from tests.house import World

POSTGRES = os.environ.get("TEST_POSTGRES_URL")
DATABASES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@contextmanager
def postgres_database() -> Iterator[str]:
    """The address of a new database, dropped at the end whoever still looks at it."""
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to try this on")
    server = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
    name = f"nhachan_{secrets.token_hex(6)}"
    with server.connect() as tx:
        tx.execute(text(f"CREATE DATABASE {name}"))
        yield server.url.set(database=name).render_as_string(hide_password=False)
        tx.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def _of_a_test(raw: Any, _record: object) -> None:
    """No power fails here, and a disk that is waited for takes most of a test's time. What is asked for in no order
    comes the other way round than usual, so that nothing relies on an order that PostgreSQL does not keep."""
    for pragma in ("synchronous=OFF", "reverse_unordered_selects=ON"):
        raw.execute(f"PRAGMA {pragma}")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = db.connect(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _of_a_test)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def unredacted() -> Iterator[None]:
    """Handlers outlive a test, and the filter that keeps secrets out of them rewrites what the next test logs."""
    yield
    for handler in logging.getLogger().handlers:
        handler.filters.clear()


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database in which nothing has ever been, not even tables."""
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path}/new/house.db") as engine:
            yield engine
        return
    with postgres_database() as url, opened(url) as engine:
        yield engine


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "house.db"
    with opened(f"sqlite:///{file}") as engine:
        db.upgrade(engine)
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One for the whole run, emptied before each test: a new one takes longer than most tests."""
    with postgres_database() as url:
        with opened(url) as engine:
            db.upgrade(engine)
        yield url


def emptied(url: str) -> str:
    with opened(url) as engine, engine.begin() as tx:
        tx.execute(text("SET LOCAL lock_timeout = '10s'"))  # a test before this one may have left somebody behind
        # TRUNCATE would make each of their files anew, which takes much longer
        for table in reversed(schema.meta.sorted_tables):
            tx.execute(table.delete())
        tx.execute(text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"))
    return url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with its tables, and nothing in them."""
    if request.param == "postgresql":
        return emptied(request.getfixturevalue("postgres_url"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "house.db")
    return f"sqlite:///{tmp_path}/house.db"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with opened(database_url) as engine:
        yield engine


@pytest.fixture
def house(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.close()
