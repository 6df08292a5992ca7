"""The program as a process that may be killed at any moment, and is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalogue.calendar import HANOI
from tests.house import at

ROOT = Path(__file__).resolve().parents[2]
MORNING = at("2024-11-26 09:00")
STARTING, WORKING = 60.0, 60.0  # seconds that a slow machine may need
BETWEEN = timedelta(minutes=3)  # on the program's clock, from one start to the next: every lease is over by then


class Time:
    """The programs' own: it runs as the machine's does, but for its leaps."""

    def __init__(self, start: datetime = MORNING) -> None:
        self.ahead = start - datetime.now(HANOI)

    def leap(self, by: timedelta = BETWEEN) -> None:
        self.ahead += by

    def leap_to(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(HANOI)


class Victim:
    """`nhachan run`, started as often as need be, each time a little later unless somebody else keeps its time."""

    def __init__(
        self, folder: Path, database_url: str, settings: Mapping[str, str], log: str = "log", time: Time | None = None
    ) -> None:
        self.folder, self.starts, self.address = folder, 0, ""
        self.log = folder / log
        self._time, self._leaps = time or Time(), time is None
        inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        own = {"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT), "WEB_PORT": "0", "PYTHONUTF8": "1"}
        self.environment = {**inherited, **own, **settings}
        self.process: subprocess.Popen[bytes]

    @property
    def lives(self) -> bool:
        """Whether it was started and has not been seen to end."""
        return bool(self.starts) and self.process.returncode is None

    def start(self) -> None:
        self.begin()
        self.opens()

    def begin(self, *words: str) -> None:
        if self._leaps and self.starts:
            self._time.leap()
        self.starts += 1
        ahead = str(self._time.ahead.total_seconds())
        command = [sys.executable, "-m", "tests.torture.later", ahead, "run", *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log
            )

    def opens(self) -> None:
        """Returns once it has said at which address."""
        assert self.process.stdout
        line = self.process.stdout.readline().decode()
        assert "http" in line, self.told()
        self.address = line.split()[-1]

    def stop(self) -> None:
        """As the operator does it: by SIGTERM, and it has to go of itself and in peace."""
        self.process.send_signal(signal.SIGTERM)
        assert self.gone() == 0, self.told()

    def kill(self) -> None:
        self.process.kill()
        self.gone()

    def gone(self) -> int:
        code = self.process.wait(STARTING)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def until(self, happened: Callable[[], Any], what: str, within: float = WORKING, every: float = 0.05) -> None:
        """Waits for something that the far side does not see; a program that ends meanwhile is a fault."""
        deadline = time.monotonic() + within
        while not happened():
            assert time.monotonic() < deadline, f"not within {within:g} s: {what}\n{self.told()}"
            try:
                self.process.wait(every)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"it ended by itself, waiting for: {what}\n{self.told()}")

    def typed(self, *words: str, text: str = "") -> str:
        """What one command prints, where this program is at home, whatever comes of it."""
        ended = subprocess.run(
            [sys.executable, "-m", "bot", *words], cwd=self.folder, env=self.environment, input=text,
            capture_output=True, encoding="utf8", timeout=WORKING, check=False,
        )  # fmt: skip
        return ended.stdout + ended.stderr

    def told(self) -> str:
        return self.log.read_text(encoding="utf8")
