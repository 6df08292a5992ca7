"""One thread that carries out what others ask of the database: many deeds in one commit."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from storage import db

P = ParamSpec("P")
T = TypeVar("T")
MOST = 200  # deeds in one commit
log = logging.getLogger(__name__)


class Closed(RuntimeError):
    """Nobody would ever carry it out."""


class Deed:
    """A deed, what came of it, and who waits for it: a thread, or somebody in a loop."""

    def __init__(self, act: Callable[[Connection], Any], awaited: Future[Any] | asyncio.Future[Any]) -> None:
        self.act, self.awaited = act, awaited
        self.came: Any = None
        self.fault: BaseException | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        return None if isinstance(self.awaited, Future) else self.awaited.get_loop()

    def begun(self) -> bool:
        """False where nobody waits for it any more: then it is not done."""
        waits = self.awaited
        return waits.set_running_or_notify_cancel() if isinstance(waits, Future) else not waits.cancelled()

    def run(self, tx: Connection) -> None:
        """Raises what the deed raises."""
        try:
            self.came = self.act(tx)
        except Exception as fault:
            self.fault = fault
            raise

    def run_apart(self, tx: Connection) -> None:
        """In a savepoint of its own: a deed that fails takes back nobody else's.

        Raises only where nothing more can be done in this transaction.
        """
        try:
            with tx.begin_nested():
                self.came = self.act(tx)
        except Exception as fault:
            if db.given_up(tx):
                raise
            self.fault = fault

    def tell(self) -> None:
        if self.awaited.done():  # who waited has been cancelled meanwhile
            return
        if self.fault:
            self.awaited.set_exception(self.fault)
        else:
            self.awaited.set_result(self.came)


class Writer:
    """`ask` returns at once; the future is fulfilled only after the commit that holds the deed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._asked: SimpleQueue[Deed | None] = SimpleQueue()
        self._closed = False
        self._door = threading.Lock()  # nothing is asked behind the last
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def ask(self, deed: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Raises Closed once it is.

        A deed may be carried out again after it was taken back, because another of the same commit failed: it changes
        nothing but the database.
        """
        awaited: Future[T] = Future()
        self._put(Deed(lambda tx: deed(tx, *args, **kwargs), awaited))
        return awaited

    async def do(self, deed: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for who waits in a loop, which is woken once for all deeds of a commit; returns after that."""
        awaited: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(Deed(lambda tx: deed(tx, *args, **kwargs), awaited))
        return await awaited

    def _put(self, asked: Deed) -> None:
        with self._door:
            if self._closed:
                raise Closed("the writer is closed")
            self._asked.put(asked)

    def close(self) -> None:
        """Returns when everything asked so far is done."""
        with self._door:
            self._closed = True
            self._asked.put(None)
        self._thread.join()

    def _work(self) -> None:
        while batch := self._gather():
            batch = [deed for deed in batch if deed.begun()]
            if self._all_at_once(batch) or len(batch) == 1:
                self._tell(batch)
            else:
                self._one_by_one(batch)

    def _all_at_once(self, batch: list[Deed]) -> bool:
        """False when a deed failed: nothing is done. A savepoint for each would cost more than most of them."""
        try:
            with self.engine.begin() as tx:
                for deed in batch:
                    deed.run(tx)
        except Exception as fault:
            if any(deed.fault for deed in batch):
                return False
            self._lost(batch, fault)
        return True

    def _one_by_one(self, batch: list[Deed]) -> None:
        """Once more, so that whoever fails takes back nobody else's."""
        for deed in batch:
            deed.fault = None
        try:
            with self.engine.begin() as tx:
                for deed in batch:
                    deed.run_apart(tx)
        except Exception as fault:
            self._lost(batch, fault)
        self._tell(batch)

    def _lost(self, batch: list[Deed], fault: Exception) -> None:
        """The transaction itself: nothing of the batch is done."""
        log.warning("%s deeds not committed: %s", len(batch), type(fault).__name__)
        for deed in batch:
            deed.fault = deed.fault or fault

    def _tell(self, batch: list[Deed]) -> None:
        _tell_all([deed for deed in batch if deed.loop is None])
        for loop in {deed.loop for deed in batch if deed.loop}:
            with suppress(RuntimeError):  # it is closed: nobody waits there any more
                loop.call_soon_threadsafe(_tell_all, [deed for deed in batch if deed.loop is loop])

    def _gather(self) -> list[Deed]:
        """Waits for a deed and takes what else is there; empty when asked to close."""
        batch: list[Deed] = []
        while len(batch) < MOST and not (batch and self._asked.empty()):
            deed = self._asked.get()
            if deed is None:
                self._asked.put(None) if batch else None
                break
            batch.append(deed)
        return batch


def _tell_all(deeds: Sequence[Deed]) -> None:
    for deed in deeds:
        deed.tell()
