"""The database of a test: SQLite, and PostgreSQL as well where TEST_POSTGRES_URL says which server; fresh each time."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from storage import db
from tests.house import World

POSTGRES = os.environ.get("TEST_POSTGRES_URL")
DATABASES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@contextmanager
def postgres_database(template: str = "template0") -> Iterator[URL]:
    """A database of its own, dropped at the end whoever still looks at it."""
    server = create_engine(make_url(POSTGRES or ""), isolation_level="AUTOCOMMIT")
    name = f"nhachan_{secrets.token_hex(6)}"
    with server.connect() as tx:
        tx.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield server.url.set(database=name)
        tx.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def migrated(url: str) -> None:
    engine = db.connect(url)
    db.upgrade(engine)
    engine.dispose()


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database in which nothing has ever been, not even tables."""
    if request.param == "sqlite":
        engine = db.connect(f"sqlite:///{tmp_path}/new/house.db")
        yield engine
        engine.dispose()
        return
    with postgres_database() as url:
        engine = db.connect(url.render_as_string(hide_password=False))
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A migrated database of each kind, to be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "house.db"
    migrated(f"sqlite:///{file}")
    if not POSTGRES:
        yield {"sqlite": file}
        return
    with postgres_database() as url:
        migrated(url.render_as_string(hide_password=False))
        yield {"sqlite": file, "postgresql": url.database}


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, templates: dict[str, Any], tmp_path: Path) -> Iterator[str]:
    """A database with its tables, and nothing in them."""
    if request.param == "sqlite":
        shutil.copy(templates["sqlite"], tmp_path / "house.db")
        yield f"sqlite:///{tmp_path}/house.db"
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to try this on")
    with postgres_database(templates["postgresql"]) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = db.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def house(engine: Engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.close()
