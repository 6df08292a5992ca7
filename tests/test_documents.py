"""What the documents say is true: commands, files, settings, libraries, tables and the talk that they quote."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import app
from bot.settings import NAMES
from bot.words import texts
from catalogue import answer as reader
from catalogue import load, roster
from catalogue.answer import Awaiting, Context, kind_of
from tests.program import ROOT, Program
from tests.stage import Stage

DOCUMENTS = ("README.md", "README.vi.md", "CHANGELOG.md", "docs/why.md", "docs/running.md", "docs/security.md")
COMMAND = typer.main.get_command(app)
CATALOGUE = load.all()["2024-qd55"]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
FLOORS = ("bot", "jobs", "storage", "catalogue")
KINDS = {
    "số liệu": ("value_fraction", "value_percent"),
    "không phát sinh": ("na",),
    "chưa có": ("no_data_yet",),
    "không thuộc phạm vi": ("not_applicable",),
    "hỏi lại": ("ambiguous",),
    "không nhận": ("invalid",),
}


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fenced(name: str, language: str = "") -> list[str]:
    """The lines of all fenced blocks of that language, comments cut off."""
    blocks = [body for kind, body in FENCE.findall(text(name)) if kind == language]
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def codes(name: str) -> list[str]:
    """What stands in running text as code."""
    return CODE.findall(FENCE.sub("", text(name)))


def section(name: str, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(name), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no section “{heading}”"
    return found[1]


def table(name: str, heading: str) -> list[list[str]]:
    """The rows of a section's first table, without its head."""
    rows = [line for line in section(name, heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


# Commands.


def named(line: str) -> list[str] | None:
    """The words after `nhachan` in a line of a shell, without its comment."""
    found = re.search(r"(?:^|/)nhachan ([a-z][^#|>;&]*)", line)
    return shlex.split(found[1]) if found else None


def commands() -> Iterator[tuple[str, list[str], bool]]:
    """(document, words, whether they are complete): a block is to be typed as it is, a mention may be a part."""
    for name in DOCUMENTS:
        for lines, whole in ((fenced(name, "sh"), True), (fenced(name, "ini"), True), (codes(name), False)):
            for line in lines:
                if words := named(line):
                    yield name, words, whole


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and what is left for it."""
    command: Any = COMMAND
    rest = list(words)
    while commands_below := getattr(command, "commands", None):
        assert rest and rest[0] in commands_below, f"no such command: {' '.join(words)}"
        command, rest = commands_below[rest[0]], rest[1:]
    return command, rest


@pytest.mark.parametrize(("name", "words", "whole"), list(commands()))
def test_a_command_that_is_named_exists(name: str, words: list[str], whole: bool) -> None:
    command, rest = resolved(words)
    if whole:
        command.make_context("nhachan", rest)
        return
    options = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    assert {word for word in rest if word.startswith("-") and word != "-"} <= options


def test_commands_were_found_in_the_documents() -> None:
    assert {"README.md", "README.vi.md", "docs/running.md"} <= {name for name, _, _ in commands()}


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    told = {
        target
        for name in DOCUMENTS
        for line in [*fenced(name, "sh"), *codes(name)]
        for target in re.findall(r"^make (\w+)", line)
    }
    assert {"demo", "test", "run"} <= told <= targets


# Files, settings, libraries.


def test_every_link_leads_somewhere() -> None:
    for name in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(name)):
            assert "://" in target or ((ROOT / name).parent / target).exists(), f"{name}: {target}"


def test_every_path_that_is_named_exists() -> None:
    invented = re.compile(r"NAME|2027-|\.csv$|\.xlsx$")
    for name in DOCUMENTS:
        for path in codes(name):
            if re.fullmatch(rf"(?:{'|'.join(FLOORS)}|tests|docs)(?:/[\w.-]+)+/?", path) and not invented.search(path):
                assert (ROOT / path).exists(), f"{name}: {path}"


def test_modules_that_why_speaks_of_are_there() -> None:
    ours = {path.name for floor in FLOORS for path in (ROOT / floor).rglob("*.py")}
    departures = section("docs/why.md", "Where the code departs from the first design")
    told = set(re.findall(r"`(?:\w+/)*(\w+\.py)`", departures)) - {"cli.py", "escalate.py", "sweep.py"}
    assert told <= ours


def test_every_setting_is_told_and_none_is_invented() -> None:
    spelt = re.compile(r"\b(?:OFFICE|WEB|TELEGRAM|ZALO|SMTP|DATABASE|SECRET|AUDIT|KEEP)_[A-Z_]+\b")
    for name in (*DOCUMENTS, ".env.example"):
        assert set(spelt.findall(text(name))) <= set(NAMES), name
    told = {code for row in table("docs/running.md", "Settings") for code in CODE.findall(row[1])}
    assert told == set(NAMES)


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]
    needed = [re.split(r"[\[<>=!;~ ]", line)[0] for line in project]
    told = re.findall(r"^- `([a-z0-9-]+)`: \w", section("docs/why.md", "What it stands on"), re.MULTILINE)
    assert told == sorted(needed)


def test_every_answer_has_its_day() -> None:
    asked = re.findall(r"^\*\*(?:Why|What)[^*]+\?\*\*(.*)$", text("docs/why.md"), re.MULTILINE)
    assert len(asked) > 20
    for rest in asked:
        found = re.match(r" \((\d{4}-\d\d-\d\d)\) \S", rest)
        assert found, rest
        date.fromisoformat(found[1])


def test_what_is_said_not_to_be_built_is_not() -> None:
    found = re.search(r"\*\*What of the design is not built\?\*\*(.*?)\n\n", text("docs/why.md"), re.DOTALL)
    assert found
    there = {*COMMAND.commands, *(f"campaign {name}" for name in COMMAND.commands["campaign"].commands)}  # type: ignore[attr-defined]
    assert there.isdisjoint(CODE.findall(found[1].replace("\n", " ")))
    channels = {path.stem for path in (ROOT / "bot" / "channels").glob("*.py")}
    promised = {
        "docs/why.md": "Zalo Official Account and e-mail;",
        "docs/running.md": "e-mail (checked, not built yet)",
        "README.md": "these two channels are not built yet",
    }
    for name, words in promised.items():
        assert (words in text(name)) == channels.isdisjoint({"zalo_oa", "email"}), name


def test_the_changelog_tells_what_is_not_released_first() -> None:
    headings = re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    lines = [line for line in text("CHANGELOG.md").splitlines() if line.startswith("- ")]
    assert lines and all(line.endswith(".") for line in lines)


# What the READMEs show.


def test_the_floors_are_those_of_the_code() -> None:
    contract = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    rows = {re.sub(r"\[(\w+)/\]\(\w+\)", r"\1", row[0]): row for row in table("README.md", "The floors")}
    assert tuple(reversed(rows)) == tuple(contract["layers"]) == FLOORS
    for floor, (_, question, below) in rows.items():
        assert text(f"{floor}/__init__.py").removeprefix('"""').startswith(question)
        under = FLOORS[FLOORS.index(floor) + 1 :]
        assert re.findall(r"\b(?:jobs|storage|catalogue)\b", below) == list(under)
    assert "`bot → jobs → storage → catalogue`" in section("README.md", "The floors")


def test_the_talk_is_played_as_it_stands() -> None:
    quoted = [line for line in fenced("README.md") if line.startswith("an")]
    played = [line.strip() for line in text("tests/talks/bao-cao.md").splitlines()]
    assert len(quoted) > 5
    assert any(played[start : start + len(quoted)] == quoted for start in range(len(played)))


def test_the_numbers_are_what_the_commands_say(tmp_path: Path) -> None:
    for _, command, says in table("README.md", "Numbers"):
        words = named(command.strip("`"))
        assert words
        here = [str(ROOT / word) if word.startswith("catalogue/") else word for word in words]
        assert Program(tmp_path).done(*here).startswith(says.strip("`").removesuffix("…"))


def typed_examples() -> Iterator[Any]:
    for typed, meant in table("README.vi.md", "Đầu mối gõ gì"):
        for example in CODE.findall(typed):
            yield pytest.param(example, meant, id=example)


@pytest.mark.parametrize(("typed", "meant"), list(typed_examples()))
def test_what_is_typed_is_understood_as_the_office_is_told(typed: str, meant: str) -> None:
    reading = reader.read(typed, Awaiting.VALUE, Context(CATALOGUE))
    expected = next(kinds for begin, kinds in KINDS.items() if meant.startswith(begin))
    assert kind_of(reading, Awaiting.VALUE) in expected


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, "web", [("hanh", "tccb", "TCCB"), ("an", "focal", "CCKL")])
    yield made
    made.close()


def test_every_command_that_people_are_told_is_known(stage: Stage) -> None:
    of_tccb = [code for row in table("README.vi.md", "Lệnh của TCCB") for code in CODE.findall(row[0])]
    told = section("README.vi.md", "Đầu mối gõ gì").partition("Lệnh: ")[2].partition("Nhận thông báo")[0]
    for who, typed in [("hanh", code) for code in of_tccb] + [("an", code) for code in CODE.findall(told)]:
        stage.say(who, typed)
        lines = [line for _, lines in stage.told() for line in lines]
        assert lines and not any("Chưa hiểu" in line for line in lines), (typed, lines)
        stage.say(who, "hủy")
        list(stage.told())


def test_the_table_of_reminders_is_the_plan() -> None:
    told = set()
    for day, at, to, when in table("README.vi.md", "Lịch nhắc"):
        days = int((re.search(r"\d+", day) or ["0"])[0]) * (1 if day.startswith("sau") else -1)
        roles = {"đầu mối": "focal", "thủ trưởng": "head", "TCCB": "tccb"}
        told |= {(days, at, role) for word, role in roles.items() if word in to}
        assert when
    assert told == {(step.days, f"{step.at:%H:%M}", role) for step in CATALOGUE.steps for role in step.to}


def test_the_office_is_not_shouted_at() -> None:
    assert "!" not in text("README.vi.md").replace("![", "[")


# What is to be done at a keyboard.


@pytest.fixture
def office(tmp_path: Path) -> Program:
    """A folder as it is on the first day, with the lists of units and of people that the office has prepared."""
    (tmp_path / "don-vi.csv").write_bytes(roster.EXAMPLE.read_bytes())
    (tmp_path / "can-bo.csv").write_bytes(roster.EXAMPLE.with_name("people.csv").read_bytes())
    return Program(tmp_path)


def test_the_first_day_goes_as_it_is_told(office: Program) -> None:
    told = [*fenced("README.vi.md", "sh"), *codes("README.vi.md")]
    elsewhere = (["catalogue", "draft"], ["doctor"])  # needs a file of the office's; finds that nothing runs yet
    typed = [words for line in told if (words := named(line)) and words[:2] not in elsewhere]
    typed.sort(key=lambda words: words[1:2] == ["lock"])  # the end of a campaign
    done = "".join(office.done(*words) for words in typed)
    assert "Mã mời cho cán bộ TCCB đầu tiên (dùng một lần): NH-" in done
    quoted = re.search(r"`(Sẽ mở đợt [^`]+)`", text("README.vi.md"))
    assert quoted and " ".join(quoted[1].split()) in done
    assert (office.folder / "cckl.png").stat().st_size > 0
    assert "Còn 07 ngày đến hạn 10/12/2026" in done


def test_going_live_goes_as_it_is_told(office: Program) -> None:
    for line in fenced("README.md", "sh"):
        if (words := named(line)) and words != ["run"]:
            office.done(*words)


def test_a_copy_made_as_it_is_told_can_be_restored(office: Program) -> None:
    office.done("init", "--units", "don-vi.csv")
    units = office.done("units", "list")
    told = [words for line in fenced("docs/running.md", "sh") if (words := named(line))]
    asked = [words for words in told if words[0] in ("backup", "restore")]
    assert len(asked) >= 4
    for words in asked:
        assert "nguyên vẹn" in office.done(*words)
    assert "nguyên vẹn" in office.done("audit", "verify")
    assert office.done("units", "list") == units
    assert len(list((office.folder / "var").glob("nhachan-truoc-*.db"))) == 1


# The English sentences.


ENGLISH = {  # a word that the English sentences tell people to type → where it is typed, and what it must mean
    "correct": (Awaiting.CONFIRMATION, "confirm"),
    "wrong": (Awaiting.CONFIRMATION, "reject"),
    "ok": (Awaiting.CONFIRMATION, "confirm"),
    "submit": (Awaiting.CONFIRMATION, "confirm"),
    "cancel": (Awaiting.VALUE, "cancel"),
    "skip": (Awaiting.VALUE, "skip"),
    "help": (Awaiting.VALUE, "help"),
    "list": (Awaiting.VALUE, "list"),
    "kps": (Awaiting.VALUE, "na"),
    "menu": (Awaiting.NOTHING, "menu"),
    "received": (Awaiting.ACKNOWLEDGEMENT, "ack"),
}


@pytest.mark.parametrize("word", list(ENGLISH))
def test_an_english_word_to_type_is_understood(word: str) -> None:
    awaiting, kind = ENGLISH[word]
    assert kind_of(reader.read(word, awaiting, Context(CATALOGUE)), awaiting) == kind


def test_every_word_to_type_is_english_that_is_understood_or_vietnamese_that_the_office_uses() -> None:
    quoted = {word for sentence in texts("en").values() for word in sentence.split('"')[1::2]}
    vietnamese = " ".join(texts("vi").values())
    told = {
        re.sub(r" (?:number|reason).*", "", word) for word in quoted - set(ENGLISH) - {"not reported", "tiếng việt"}
    }
    assert {word for word in told if word not in vietnamese} == set()
