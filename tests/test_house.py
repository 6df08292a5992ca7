"""The shape of the house: what the contracts in pyproject.toml can't see."""

import ast
import gc
import os
import re
import string
import subprocess
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from bot.words import texts
from catalogue import load


def parsed(text: str) -> ast.Module:
    """Python 3.11 takes a collection of garbage in the middle of this for a fault of its own: SystemError."""
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


ROOT = Path(__file__).parent.parent
FLOORS = ("bot", "jobs", "storage", "catalogue")
LANGUAGES = sorted(path.stem for path in (ROOT / "bot" / "words").glob("*.toml"))
SAYS_NOTHING = {"utils", "helpers", "common", "core", "base", "manager", "service", "misc", "handler", "handlers"}
CHANNELS = re.compile("telegram|zalo|viber|whatsapp", re.IGNORECASE)
WHERE_EVERYTHING_MEETS = {"bot/settings.py", "bot/__main__.py"}
STANDING = (
    *(".ci/run", ".editorconfig", ".env.example", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE"),
    *("Makefile", "README.md", "README.vi.md", "docs/running.md", "docs/why.md", "pyproject.toml"),
    *("requirements-dev.lock", "requirements.lock"),
)
NEVER = re.compile(  # put together here, so that this file does not hold them itself
    "|".join(
        [
            *(host + ending for host in ("pypi", "pythonhosted", "registry.npmjs") for ending in (r"\.org", r"\.com")),
            r"\b(?:issue|ticket|pull request|PR)s? ?#?" + r"\d+\b",
            *(f"/{folder}/" for folder in ("work", "root", "Users")),
            *(r"\b" + name + r"\b" for name in ("chat" + "gpt", "clau" + "de", "copi" + "lot", "anthro" + "pic")),
        ]
    ),
    re.IGNORECASE,
)


@cache
def code():
    """Path from the root → the text of every Python file of the four floors."""
    paths = chain.from_iterable((ROOT / floor).rglob("*.py") for floor in FLOORS)
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@cache
def tracked():
    """Path → text of every file under version control that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this copy is not under version control")
    files = {}
    for name in filter(None, listed.stdout.decode().split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data:
            files[name] = data.decode("utf-8")
    return files


def test_every_module_says_what_it_is_for():
    tests = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py")}
    silent = [name for name, text in (code() | tests).items() if text and not ast.get_docstring(parsed(text))]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing():
    assert [name for name in tracked() if SAYS_NOTHING & {*Path(name).parts, Path(name).stem}] == []


def test_a_channel_is_named_in_its_own_files_and_where_everything_meets():
    named = {name for name, text in code().items() if CHANNELS.search(text)}
    own = {name for name in named if re.fullmatch(rf"bot/channels/(?:{CHANNELS.pattern})\w*\.py", name)}
    assert {name for name in named - own - WHERE_EVERYTHING_MEETS if not name.startswith("bot/cli/")} == set()


@pytest.mark.parametrize("name", STANDING)
def test_what_a_repository_has_is_here(name):
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_what_checks_everything_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_project_speaks_of_itself_alone():
    found = {
        f"{name}:{number}: {hit[0]}"
        for name, text in tracked().items()
        for number, line in enumerate(text.splitlines(), 1)
        if (hit := NEVER.search(line))
    }
    assert found == set()


def test_no_file_names_the_place_where_it_stands():
    if len(ROOT.parts) > 2:
        assert [name for name, text in tracked().items() if f"{ROOT.parent}/" in text] == []


# Words.


@cache
def spoken():
    """Every kind of sentence that the code or a catalogue's plan names; an f-string names all of its beginning."""
    whole = {step.words for catalogue in load.all().values() for step in catalogue.steps}
    parts = set()
    for text in (text for name, text in code().items() if not name.startswith("storage/")):
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                parts.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return whole, {part for part in parts if part.endswith((".", "_")) and "." in part}


def test_every_sentence_is_said_somewhere():
    whole, parts = spoken()
    said = {kind for kind in texts("vi") if kind in whole or any(kind.startswith(part) for part in parts)}
    assert set(texts("vi")) - said == set()


def test_every_sentence_that_is_said_exists():
    sections = {kind.partition(".")[0] for kind in texts("vi")}
    named = {word for word in spoken()[0] if re.fullmatch(rf"(?:{'|'.join(sections)})\.[a-z][a-z_0-9]*", word)}
    assert named - set(texts("vi")) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language):
    assert set(texts(language)) == set(texts("vi"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_leaves_the_same_blanks(language):
    # How the office is called is Vietnamese: another language may do without.
    names = {"so", "trang", "co_quan_cap_tren", "dia_danh", "tccb", "dien_thoai", "xung_ho", "xung_ho_hoa"}

    def blanks(text):
        return {field for _, field, _, _ in string.Formatter().parse(text) if field} - names

    vi = texts("vi")
    assert {kind: blanks(text) for kind, text in texts(language).items()} == {k: blanks(vi[k]) for k in texts(language)}


def test_no_sentence_raises_its_voice():
    loud = [kind for language in LANGUAGES for kind, text in texts(language).items() if "!" in text]
    assert loud == []


# What is installed.


def pins(name):
    """Package → the versions that a lock file pins, by its first lines."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def required(names):
    return {re.split(r"[\s\[<>=!;~]", name)[0].lower() for name in names if isinstance(name, str)}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_holds_names_versions_and_hashes_only(name):
    pin, digest = r"[a-z0-9-]+==[\w.]+(?: ; [\w .'<>=!()]+)? \\", r"    --hash=sha256:[0-9a-f]{64}(?: \\)?"
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(f"{pin}|{digest}", line)] == []
    assert len(lines) > 100


def test_the_lock_files_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, develop = pins("requirements.lock"), pins("requirements-dev.lock")
    assert required(project["project"]["dependencies"]) | required(project["build-system"]["requires"]) <= set(run)
    assert required(project["dependency-groups"]["dev"]) <= set(develop)
    assert run.items() <= develop.items()
