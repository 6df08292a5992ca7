"""What an office installs the program by: the unit of systemd, the container, the task of Windows."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from bot import house
from bot.channels import zalo_bot
from bot.settings import FOLDER
from bot.web import door
from tests.program import PATIENCE, ROOT, Program
from tests.test_documents import resolved
from tests.test_house import FLOORS

DEPLOY = ROOT / "docs/deploy"
STOPPING = zalo_bot.POLL + zalo_bot.SLACK + house.FAREWELL + door.GRACE  # seconds, at worst
Instruction = tuple[str, str]


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf8")


def is_a_command(words: list[str]) -> None:
    """One that may be typed after `nhachan` as it is."""
    command, rest = resolved(words)
    command.make_context("nhachan", rest)


# The unit


def unit() -> list[Instruction]:
    lines = [line for line in text("nhachan.service").splitlines() if line and line[0] not in "#["]
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


def set_to(name: str) -> str:
    (value,) = (value for each, value in unit() if each == name)
    return value


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Asked of systemd itself where it is installed, with a program that is there."""
    assert all(re.fullmatch(r"[A-Z]\w+", name) for name, _ in unit())
    if analyze := shutil.which("systemd-analyze"):
        copy, program = tmp_path / "nhachan.service", set_to("ExecStart").split()[0]
        copy.write_text(text("nhachan.service").replace(program, sys.executable), encoding="utf8")
        asked = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert [line for line in asked.stderr.splitlines() if copy.name in line] == []


def test_the_unit_starts_a_command_that_there_is_where_it_is_installed() -> None:
    program, *words = shlex.split(set_to("ExecStart"))
    assert program == f"{set_to('WorkingDirectory')}/.venv/bin/nhachan"
    is_a_command(words)


def test_the_unit_writes_where_the_program_is_led_to_write() -> None:
    """In a folder that systemd makes for it, to which `var` of the program's folder leads."""
    told = (ROOT / "docs/running.md").read_text(encoding="utf8")
    assert set_to("ProtectSystem") == "strict"
    assert f"ln -s /var/lib/{set_to('StateDirectory')}/ {FOLDER}\n" in told
    assert f"MPLCONFIGDIR=/var/cache/{set_to('CacheDirectory')}" in set_to("Environment")


def test_the_unit_waits_for_all_that_stopping_may_take() -> None:
    assert set_to("KillSignal") == "SIGTERM"
    assert int(set_to("TimeoutStopSec")) > 2 * STOPPING


def test_what_stopping_takes_is_told() -> None:
    told = (ROOT / "docs/running.md").read_text(encoding="utf8")
    assert f"Stopping takes up to {STOPPING:.0f} seconds" in told


def test_what_the_unit_is_installed_from_is_all_that_the_program_needs() -> None:
    told = (ROOT / "docs/running.md").read_text(encoding="utf8")
    lists = [line.split() for line in re.findall(r"^sudo cp -r (.+) /opt/nhachan$", told, re.MULTILINE)]
    assert len(lists) == 2 and lists[0] == lists[1]
    assert {*copied(), "Makefile"} <= {*lists[0]}
    assert all((ROOT / source).exists() for source in lists[0])


# The container


def container() -> Iterator[Instruction]:
    """Its instructions, each on one line."""
    lines = [line for line in text("Containerfile").splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, " ".join(rest.split())


def said(name: str) -> list[str]:
    return [rest for each, rest in container() if each == name]


def copied() -> list[str]:
    return [source for line in said("COPY") for source in line.split()[:-1]]


def test_all_that_the_container_runs_is_copied_and_no_secret(tmp_path: Path) -> None:
    """A house opens with what is copied, and with nothing else of this folder."""
    for source in copied():
        into = tmp_path / "opt" / source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            into.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / source, into)
    program = Program(tmp_path, {"PYTHONPATH": str(tmp_path / "opt")})
    assert "NH-" in program.done("init")
    assert {*FLOORS, "requirements.lock", "pyproject.toml"} <= {*copied()}


def test_only_what_is_copied_is_handed_to_the_builder() -> None:
    lines = [line for line in text("Containerfile.dockerignore").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert sorted(line[1:] for line in lines if line.startswith("!")) == sorted(copied())


def test_the_container_installs_as_make_does() -> None:
    make = (ROOT / "Makefile").read_text(encoding="utf8")
    steps = re.findall(r"pip install --no-cache-dir (.+?)(?: &&|$)", "\n".join(said("RUN")), re.MULTILINE)
    assert len(steps) == 2
    assert all(f"$(PIP) {step}\n" in make for step in steps)


def test_the_container_runs_a_command_that_there_is_for_a_user_without_rights() -> None:
    (entry,), (command,) = said("ENTRYPOINT"), said("CMD")
    assert json.loads(entry) == ["nhachan"]
    is_a_command(json.loads(command))
    assert said("USER") == ["nhachan"] and said("STOPSIGNAL") == ["SIGTERM"]
    (volume,) = json.loads(said("VOLUME")[0])
    assert volume == f"{said('WORKDIR')[-1]}/{FOLDER}"


def test_its_python_is_new_enough() -> None:
    needed = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf8"))
    taken = re.fullmatch(r"python:3\.(\d+)-slim", said("FROM")[0])
    assert needed and taken and int(taken[1]) >= int(needed[1])


def healthy(port: str) -> bool:
    command = json.loads(said("HEALTHCHECK")[0].partition(" CMD ")[2])
    assert command[0] == "python"
    asked = [sys.executable, *command[1:]]
    return subprocess.run(asked, env={"WEB_PORT": port}, capture_output=True, timeout=PATIENCE).returncode == 0


def test_its_health_is_asked_of_the_program_itself(tmp_path: Path) -> None:
    with Program(tmp_path, {"WEB_PORT": "0"}).open("run") as address:
        port = address.rpartition(":")[2]
        assert healthy(port)
    assert not healthy(port)


def test_the_settings_may_come_from_the_environment(tmp_path: Path) -> None:
    """As an engine reads a file of them: a name, "=", and the rest of the line as it is."""
    lines = (ROOT / ".env.example").read_text(encoding="utf8").splitlines()
    settings = {name: value for name, mark, value in (line.partition("=") for line in lines if line[:1] != "#") if mark}
    found = json.loads(Program(tmp_path, settings).run("doctor", "--offline", "--json").stdout)
    assert [one["severity"] for one in found if one["code"] == "settings"] == ["fine"]


# The task


def test_the_task_runs_a_command_that_there_is_without_a_limit_of_time() -> None:
    names = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = ElementTree.fromstring(text("nhachan-task.xml").encode())
    program, _, words = (task.findtext(".//Arguments", "", names).partition(" -- ")[2]).partition(" ")
    assert program == ".venv/bin/nhachan"
    is_a_command(words.split())
    assert task.findtext(".//ExecutionTimeLimit", "", names) == "PT0S"
    assert task.find(".//BootTrigger", names) is not None
