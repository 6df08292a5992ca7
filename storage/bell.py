"""PostgreSQL tells other processes at once that there is something to answer or to send; SQLite has nobody to tell."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

CHANNEL = "nhachan"
LOOKS = 1.0  # seconds from one look to the next at whether it is to end
AGAIN = 5.0  # seconds until a connection that was lost is tried again
log = logging.getLogger(__name__)

Ring = Callable[[str], object]
"""Told the table into which something was put: inbox, outbox."""


class Bell:
    """A thread that listens, on a connection of its own, for what a trigger of the database says at each commit."""

    def __init__(self, engine: Engine, ring: Ring) -> None:
        self.listens = False  # while it does not, somebody has to look
        self._ring = ring
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if engine.dialect.name == "postgresql":
            self._engine = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            self._thread = threading.Thread(target=self._work, name="bell", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()
            self._engine.dispose()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                with self._engine.connect() as session:
                    self._listen_in(session)
            except Exception as lost:  # the driver's own errors come unwrapped from here
                if not isinstance(lost, DBAPIError) and not hasattr(lost, "sqlstate"):
                    raise
                log.warning("the bell is not heard: %s", type(lost).__name__)
            self.listens = False
            self._ended.wait(AGAIN)

    def _listen_in(self, session: Connection) -> None:
        try:
            self._listen(session.connection.dbapi_connection)
        except Exception:
            session.invalidate()  # or the pool would try to tidy up what is broken, and tell of it with a trace
            raise

    def _listen(self, raw: Any) -> None:
        raw.execute(f"LISTEN {CHANNEL}")
        self.listens = True
        for table in ("inbox", "outbox"):  # what was put there before we listened
            self._ring(table)
        while not self._ended.is_set():
            for told in raw.notifies(timeout=LOOKS):
                self._ring(told.payload)
                if self._ended.is_set():
                    return
