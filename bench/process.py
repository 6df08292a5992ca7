"""A program that is measured from outside: started, looked at, and ended whatever happens."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def settings(far: str, database: str, token: str) -> dict[str, str]:
    """With which `nhachan run` works on Telegram's double, and on nothing else of this machine."""
    own = {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_BASE_URL": far, "DATABASE_URL": database, "WEB_PORT": "0"}
    return own | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


@contextmanager
def running(line: Sequence[str], **how: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """`how`: where and with which settings it is started. What it says of its errors is let go."""
    process = subprocess.Popen(line, stderr=subprocess.DEVNULL, **how)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def resident(pid: int) -> float:
    """MiB of memory that it holds."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()
    return int(told[0]) / 1024
