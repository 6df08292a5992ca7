"""What docs/security.md promises: each threat names tests that are there, and what no other test holds is held here."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from storage import people, schema
from tests.fuzz.entrances import ENTRANCES
from tests.house import World
from tests.program import ROOT

FLOORS = ("bot", "jobs", "storage", "catalogue")
NAMED = re.compile(r"`(tests/\w+(?:/\w+)*\.py)::(\w+)`")
THREATS = 14  # at least: a row that is lost is missed


@cache
def code() -> dict[str, ast.Module]:
    """Path → what is written there, of every module of the product."""
    paths = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf8")) for path in paths}


def found(wanted: Callable[[ast.AST], bool]) -> list[str]:
    """Where something like this is written."""
    everything = ((name, node) for name, tree in code().items() for node in ast.walk(tree))
    return [f"{name}:{getattr(node, 'lineno', 0)}" for name, node in everything if wanted(node)]


def called(node: ast.AST) -> str:
    """The last name of what is called; "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


# The document


def rows(heading: str = "Security") -> list[list[str]]:
    """Of the table under that heading, without its head."""
    sections = re.split(r"^#+ ", (ROOT / "docs/security.md").read_text(encoding="utf8"), flags=re.MULTILINE)
    (section,) = (section for section in sections if section.startswith(f"{heading}\n"))
    table = [line for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def test_every_threat_names_what_stops_it_and_tests_that_are_there() -> None:
    assert len(rows()) >= THREATS
    for row in rows():
        threat, stopped, tests = row
        named = NAMED.findall(tests)
        assert threat and stopped and named, row
        for path, name in named:
            assert re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(encoding="utf8"), re.M), (path, name)


def test_every_entrance_has_been_fuzzed_and_the_inputs_are_summed_up_rightly() -> None:
    *entrances, (all_of_them, inputs, *_) = rows("Odd inputs")
    assert (all_of_them, [name for name, *_ in entrances]) == ("in all", list(ENTRANCES))
    assert int(inputs.replace(",", "")) == sum(int(inputs.replace(",", "")) for _, inputs, *_ in entrances)


# Somebody who may no longer, in the middle of a talk


@pytest.fixture
def office(engine) -> Iterator[World]:
    world = World(engine)
    yield world
    world.close()


def typed(world: World, who: str, *texts: str) -> str:
    """The last thing they are told."""
    world.hear(who, *texts)
    world.answer()
    world.deliver()
    return world.far.texts(who)[-1]


def test_who_loses_the_duty_between_the_question_and_the_yes_records_nothing(office: World) -> None:
    whom = office.seat("an", "focal", "HKL-DV")
    assert "58 trên 60" in typed(office, "an", "báo cáo", "58/60")
    assert office.do(people.resign, whom, "HKL-DV", "focal", office.now)
    typed(office, "an", "đúng")
    assert office.rows(schema.report) == []


def test_an_officer_who_is_none_any_more_sends_no_notice_that_was_begun(office: World) -> None:
    whom = office.seat("hanh", "tccb", "TCCB")
    office.seat("an", "focal", "HKL-DV")
    assert "Họp giao ban" in typed(office, "hanh", "thông báo Họp giao ban\nLúc 8 giờ.", "tất cả")
    assert office.do(people.resign, whom, "TCCB", "tccb", office.now)
    typed(office, "hanh", "gửi")
    assert office.rows(schema.notice) == [] and office.far.texts("an") == []


# What is nowhere in the code


def test_no_secret_is_compared_sign_by_sign() -> None:
    """`==` ends at the first sign that differs, and so tells how many were right.

    Asked of what strangers can reach; the database is asked by digests.
    """
    secret = re.compile(r"(?:secret|signature|signed|token|session|seal)$")

    def compares(node: ast.AST) -> bool:
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return False
        sides = (node.left, *node.comparators)
        if any(isinstance(side, ast.Constant) for side in sides):
            return False
        return any(secret.search(getattr(side, "attr", getattr(side, "id", ""))) for side in sides)

    assert [place for place in found(compares) if place.startswith(("bot/channels/", "bot/web/"))] == []


def test_no_archive_is_unpacked_onto_the_disk() -> None:
    """Names such as ../../x in an archive lead nowhere: its members are read where they are."""
    assert found(lambda node: called(node) in {"extract", "extractall", "unpack_archive"}) == []


def test_no_address_is_followed_elsewhere() -> None:
    """Every client keeps to the address that it was given: httpx follows a redirection only where it is told to."""

    def follows(node: ast.AST) -> bool:
        names = {word.arg for word in node.keywords} if isinstance(node, ast.Call) else set()
        return "follow_redirects" in names

    assert found(follows) == []
    assert found(lambda node: called(node) in {"urlopen", "urlretrieve"}) == []


def test_no_page_is_told_that_a_text_is_markup() -> None:
    """Templates escape whatever they show, and nothing is exempted."""
    assert found(lambda node: called(node) == "Markup") == []
    exempt = re.compile(r"\|\s*safe\b|autoescape\s+false|innerHTML|insertAdjacentHTML|document\.write")
    pages = [*(ROOT / "bot/web/pages").rglob("*.html"), *(ROOT / "bot/web/static").glob("*.js")]
    assert len(pages) > 10
    assert [page.name for page in pages if exempt.search(page.read_text(encoding="utf8"))] == []


def test_what_parses_cannot_run() -> None:
    loaders: set[Any] = {"pickle", "marshal", "shelve", "yaml", "dill"}

    def runs(node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            return any(name.name.split(".")[0] in loaders for name in node.names)
        if isinstance(node, ast.ImportFrom):
            return (node.module or "").split(".")[0] in loaders
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}

    assert found(runs) == []
