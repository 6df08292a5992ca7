"""Who alone works for an account: held for as long as the process lives, and let go by whatever ends it."""

import sqlite3
import threading
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

SILENCE = 15  # seconds after which PostgreSQL gives up a process that has frozen, or whose machine is gone
IDLE_SESSIONS_END = (14,)  # the first PostgreSQL that can end a session which says nothing
WATCHED = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3"}


class Tenure(Protocol):
    def holds(self, name: str) -> bool:
        """Whether what goes by this name is ours: it becomes ours if it is free. To be asked again and again."""

    def close(self) -> None:
        """Lets go of everything."""


def tenure_in(engine: Engine) -> Tenure:
    if engine.dialect.name == "postgresql":
        return Session(engine)
    return Locks(engine.url.database or "")


class Shared:
    """Everybody's."""

    def holds(self, name: str) -> bool:
        return True

    def close(self) -> None: ...


class Session:
    """Advisory locks of one session of PostgreSQL's, which ends with the process or with the network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._one_by_one = threading.Lock()
        self._session: Connection | None = None
        self._ours: set[str] = set()

    def holds(self, name: str) -> bool:
        with self._one_by_one:
            try:
                return self._take(self._opened(), name)
            except DBAPIError:  # the session is gone, and every lock with it
                self._let_go()
                return False

    def _opened(self) -> Connection:
        if self._session is None:
            self._session = self._engine.connect()
            settings = dict(WATCHED)
            if (self._session.dialect.server_version_info or ()) >= IDLE_SESSIONS_END:
                settings["idle_session_timeout"] = f"{SILENCE}s"
            for setting, value in settings.items():
                self._session.execute(text("SELECT set_config(:what, :to, false)"), {"what": setting, "to": value})
        return self._session

    def _take(self, session: Connection, name: str) -> bool:
        if name in self._ours:
            session.execute(text("SELECT 1"))
            return True
        asked = text("SELECT pg_try_advisory_lock(hashtext('tenure'), hashtext(:name))")
        if session.execute(asked, {"name": name}).scalar_one():
            self._ours.add(name)
        return name in self._ours

    def _let_go(self) -> None:
        self._ours.clear()
        if self._session:
            with suppress(DBAPIError):
                self._session.invalidate()
                self._session.close()
        self._session = None

    def close(self) -> None:
        with self._one_by_one:
            self._let_go()
        self._engine.dispose()


class Locks:
    """Beside a SQLite file, one empty file a name, locked as SQLite locks its own: on every system, until we end."""

    def __init__(self, database: str) -> None:
        self._beside = database
        self._one_by_one = threading.Lock()
        self._ours: dict[str, sqlite3.Connection] = {}

    def holds(self, name: str) -> bool:
        with self._one_by_one:
            if name not in self._ours and (lock := self._lock(name)):
                self._ours[name] = lock
            return name in self._ours

    def _lock(self, name: str) -> sqlite3.Connection | None:
        file = f"{self._beside}.{name}.lock" if self._beside else ":memory:"
        lock = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
            return None
        return lock

    def close(self) -> None:
        with self._one_by_one:
            for lock in self._ours.values():
                lock.close()
            self._ours.clear()
