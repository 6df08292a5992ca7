"""A program that is measured from outside: started, looked at, and ended whatever happens."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[1]


def settings(database: str, channels: Mapping[str, str]) -> dict[str, str]:
    """With which `nhachan run` works for these channels, and on nothing else of this machine."""
    return {"DATABASE_URL": database, "WEB_PORT": "0", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **channels}


def telegram(far: str, token: str) -> dict[str, str]:
    """Telegram alone, at its double."""
    return {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_BASE_URL": far}


@contextmanager
def running(line: Sequence[str], **how: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """`how`: where and with which settings it is started. What it says of its errors is let go."""
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, **how) as process:
        try:
            yield process
        finally:
            process.terminate()


def address(process: "subprocess.Popen[bytes]") -> str:
    """Of its page, which it tells as soon as it is there."""
    assert process.stdout
    return process.stdout.readline().decode().split()[-1]


def processor_time(pid: int) -> float:
    """Seconds, of all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid: int) -> float:
    """MiB of memory that it holds."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()
    return int(told[0]) / 1024
