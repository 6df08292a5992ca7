"""The program as people start it: a process in a folder of its own, stopped by SIGTERM."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"Nhắc Hạn: (http://\S+)")
PATIENCE = 120  # seconds for a start or a stop on a busy machine


@dataclass
class Program:
    """`settings`: what it finds in its environment, besides what any process needs."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            self._line(words), cwd=self.folder, env=self._environment(), input=text,
            capture_output=True, encoding="utf8", timeout=PATIENCE, check=False,
        )  # fmt: skip

    def done(self, *words: str) -> str:
        """What a command that succeeds has printed."""
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    @contextmanager
    def open(self, *words: str) -> Iterator[str]:
        """A command that goes on until it is stopped, and its address; it must stop cleanly."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self._line(words), cwd=self.folder, env=self._environment(),
                stdout=subprocess.PIPE, stderr=log, encoding="utf8",
            )  # fmt: skip
            try:
                yield self._address(process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, self.logged
        assert "Traceback" not in self.logged, self.logged

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def logged(self) -> str:
        return self.log.read_text(encoding="utf8")

    def _line(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "bot", *words]

    def _environment(self) -> dict[str, str]:
        needed = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        return {**needed, "PYTHONPATH": str(ROOT), "HOME": str(self.folder), "PYTHONUTF8": "1", **self.settings}

    def _address(self, process: subprocess.Popen[str]) -> str:
        impatience = threading.Timer(PATIENCE, process.kill)
        impatience.start()
        assert process.stdout
        found = ADDRESS.match(process.stdout.readline())
        impatience.cancel()
        assert found, self.logged
        return found[1]
