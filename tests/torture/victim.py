"""The program as a process that may be killed at any moment, and is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.house import at

ROOT = Path(__file__).resolve().parents[2]
MORNING = at("2024-11-26 09:00")
STARTING, WORKING = 60.0, 60.0  # seconds that a slow machine may need
BETWEEN = timedelta(minutes=3)  # on the program's clock, from one start to the next: every lease is over by then


class Victim:
    """`python -m bot run`, started as often as need be, each time a little later by its own clock."""

    def __init__(self, folder: Path, database_url: str, settings: Mapping[str, str], log: str = "log") -> None:
        self.folder, self.starts, self.address = folder, 0, ""
        self.log = folder / log
        inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        own = {"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT), "WEB_PORT": "0", "PYTHONUTF8": "1"}
        self.environment = {**inherited, **own, **settings}
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        moment = MORNING + self.starts * BETWEEN
        self.starts += 1
        command = [sys.executable, "-m", "bot", "run", "--clock-start", f"{moment:%Y-%m-%dT%H:%M}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log
            )
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
