"""A database server of a test's own, which may die at any moment: skipped where PostgreSQL's programs are not there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

STANDARD = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # where Debian keeps them
OTHERS = "-c listen_addresses= -c fsync=off -c max_connections=60"  # a socket alone, in the folder


class Cluster:
    def __init__(self) -> None:
        path = os.pathsep.join([*map(str, STANDARD), os.environ.get("PATH", "")])
        found = shutil.which("pg_ctl", path=path)
        if not found:
            pytest.skip("pg_ctl and initdb are not here: no server that this test could kill")
        self._programs = Path(found).resolve().parent
        self._owner = _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="nhachan-pg-"))
        if self._owner:
            shutil.chown(self.folder, self._owner)
        self.url = f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.folder), safe='')}"

    def __enter__(self) -> "Cluster":
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", f"{OTHERS} -k {self.folder}", "start")

    def die(self) -> None:
        """Without a farewell to anybody."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        line = [str(self._programs / program), "-D", str(self.folder / "data"), *words]
        subprocess.run(
            line, user=self._owner, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
        )


def _owner() -> str | None:
    """PostgreSQL does not run as root: then its own user has to do it."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
