"""What every channel is asked in the same way: what is heard, when it is confirmed, what a failed send means."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.channels.channel import Channel, Incoming, Later, Outgoing, Part
from bot.dialogue.turn import Said

Far = TypeVar("Far")
PATIENCE = 20.0  # seconds until a test gives up


@dataclass(frozen=True)
class Heard(Generic[Far]):
    """A raw event at the far side, and what must come of it; None where nothing may."""

    label: str
    happens: Callable[[Far], object]
    means: Said | None


@dataclass(frozen=True)
class Sent(Generic[Far]):
    """A fault at the far side, the outcome that sending must have, and how often the message then arrived."""

    label: str
    fault: Callable[[Far], object]
    outcome: type[Exception] | None
    arrived: int = 0
    after: float = 0.0  # seconds that Later asks for
    halt: bool = False


class Wired:
    """A channel on an event loop of its own thread, so that a test reads from top to bottom."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.heard: list[Incoming] = []
        self.faults: list[Exception] = []  # what hear() raises next, instead of keeping
        self.entered = 0
        self._moved = threading.Condition()
        self._open = threading.Event()
        self._open.set()
        self._listening: Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Wired":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.set()
        self.stop()
        self.run(self.channel.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def begin(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Goes on beside the channel, on its loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def send(self, message: Outgoing) -> str | None:
        sent: str | None = self.run(self.channel.send(message))
        return sent

    def listen(self) -> "Wired":
        assert self._listening is None or self._listening.done()
        self._listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        return self

    async def _listen(self) -> None:
        self._task = asyncio.current_task()
        await self.channel.listen(self.hear)

    def stop(self) -> None:
        """As at shutdown: cancelled, wherever it is, and waited for."""
        if self._listening and not self._listening.done():
            self._listening.cancel()
        self.run(self._stopped())

    async def _stopped(self) -> None:
        await asyncio.gather(*filter(None, [self._task]), return_exceptions=True)

    def settle(self) -> None:
        """Returns once nothing goes on in the background but listening."""
        self.run(self._settled())

    async def _settled(self) -> None:
        going_on = asyncio.all_tasks() - {self._task, asyncio.current_task()}
        await asyncio.gather(*going_on, return_exceptions=True)

    def ended(self) -> BaseException | None:
        """Why the channel stopped listening, once it has."""
        assert self._listening
        return self._listening.exception(PATIENCE)

    async def hear(self, incoming: Incoming) -> None:
        with self._moved:
            self.entered += 1
            self._moved.notify_all()
        if not self._open.is_set():
            await asyncio.to_thread(self._open.wait, PATIENCE)
        with self._moved:
            if self.faults:
                raise self.faults.pop(0)
            self.heard.append(incoming)
            self._moved.notify_all()

    @contextmanager
    def slow_to_keep(self) -> Iterator[None]:
        """hear() does not return within this block."""
        self._open.clear()
        yield
        self._open.set()

    def wait_for(self, happened: Callable[[], Any]) -> None:
        with self._moved:
            assert self._moved.wait_for(happened, PATIENCE), "it never happened"

    def hears(self, count: int = 1) -> list[Incoming]:
        """The messages so far, once there are that many."""
        self.wait_for(lambda: len(self.heard) >= count)
        return list(self.heard)

    @property
    def texts(self) -> list[str]:
        return [incoming.said.text for incoming in self.heard]


def ask_what_is_heard(wired: Wired, far: Far, case: Heard[Far], then: Callable[[Far], object]) -> None:
    """`then` is a plain message with the text "then": it comes after, so that nothing can be awaited as well."""
    case.happens(far)
    then(far)
    wired.listen()
    wired.wait_for(lambda: "then" in wired.texts)
    heard = [incoming.said for incoming in wired.heard[:-1]]
    assert heard == ([case.means] if case.means else []), heard


def ask_what_a_failure_means(wired: Wired, far: Far, case: Sent[Far], chat: str, arrived: Callable[[], int]) -> None:
    case.fault(far)
    outcome = _outcome(wired, Outgoing(chat, Part("Đề nghị báo cáo")))
    assert type(outcome) is (case.outcome or str), repr(outcome)
    assert arrived() == case.arrived, f"it arrived {arrived()} times"
    if isinstance(outcome, Later):
        asked = (outcome.after.total_seconds(), outcome.halt)
        assert asked == (case.after, case.halt), asked


def _outcome(wired: Wired, message: Outgoing) -> object:
    try:
        return wired.send(message)
    except Exception as error:
        return error
