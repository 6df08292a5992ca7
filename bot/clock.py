"""A clock that can be set and moved, for rehearsals; it goes on from where it was put."""

from collections.abc import Callable
from datetime import datetime, timedelta

from catalogue.calendar import HANOI

Clock = Callable[[], datetime]


class MovableClock:
    """The real clock, shifted; `real` is read by the command line alone."""

    def __init__(self, real: Clock, start: datetime | None = None) -> None:
        self._real = real
        self._shift = timedelta()
        if start:
            self.move(start)

    def __call__(self) -> datetime:
        return (self._real() + self._shift).astimezone(HANOI)

    def move(self, to: datetime) -> None:
        self._shift = to.astimezone(HANOI) - self._real()
