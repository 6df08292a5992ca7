"""Plays every conversation in talks/ through the whole house, as each channel would show it.

A talk is a page of Markdown whose indented lines are played:

    @ 2024-12-03 08:30        the clock moves there, and the timetable knocks
    @joint both               rows of several offices: all of them must accept
    @second 2                 from so many recipients on, a notice has to be released by a second officer
    cast my focal HKL-DV      who is known from the beginning, as what, for which unit
    my> báo cáo               typed           my* Đúng    pressed, or chosen by its number, or typed
    my< Đã ghi nhận …         told; "…" at the end stands for the rest of the line
    my+ lịch họp.pdf          a file of that name is sent
    my~ 46/60                 an earlier message was changed into this
    my^ F6: 45; G6: 60        the worksheet that they were handed, sent back with these cells filled in
    my^ (an) F6: 45           the one that an was handed
    my< …                     lines that are left out, as many as there are
    ! HKL-DV M08 58/60        recorded

    an_2> xin chào            as they are on a second channel

Everything is delivered twice and typed once decomposed. {code CCKL} is a new invitation's code, {link an} the code by
which an joins another chat, as an was told it last.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.dialogue.turn import Said
from tests.stage import TRAITS, Stage

TALKS = sorted((Path(__file__).parent / "talks").glob("*.md"))
LINE = re.compile(r"(\w+)([><*~^+]) ?(.*)")


def lines(talk: Path) -> list[str]:
    return [line[4:].rstrip() for line in talk.read_text(encoding="utf8").splitlines() if line.startswith("    ")]


def cast_of(script: list[str]) -> list[tuple[str, str, str]]:
    parts = [line.split() for line in script if line.startswith("cast ")]
    return [(name, role, unit) for _, name, role, unit in parts]


def pairs() -> Iterator[tuple[Path, str]]:
    """Every talk on every channel; one whose title says "có nút" only where there are buttons."""
    for talk in TALKS:
        pressed = "có nút" in talk.read_text(encoding="utf8").splitlines()[0]
        yield from ((talk, channel) for channel, traits in TRAITS.items() if traits.buttons or not pressed)


@pytest.mark.parametrize(("talk", "channel"), list(pairs()), ids=lambda part: getattr(part, "stem", part))
def test_talk(talk: Path, channel: str, tmp_path: Path) -> None:
    script = lines(talk)
    stage = Stage(tmp_path, channel, cast_of(script))
    try:
        play(stage, [line for line in script if not line.startswith("cast ")])
    finally:
        stage.close()


def play(stage: Stage, script: list[str]) -> None:
    """Each act, and after it what was told to everybody and what was recorded, compared with the script."""
    for act, expected in scenes(script):
        before = len(stage.reports())
        perform(stage, act)
        came: dict[str, list[str]] = {}
        for who, told in stage.told():
            came.setdefault(who, []).extend(told)
        compare(act, [line for line in expected if not line.startswith("!")], came)
        assert [f"! {row}" for row in stage.reports()[before:]] == [line for line in expected if line[0] == "!"], act


def scenes(script: list[str]) -> Iterator[tuple[str, list[str]]]:
    """An act with the lines that follow from it."""
    act, expected = "", []
    for line in script:
        found = LINE.match(line)
        if line.startswith("@") or (found and found[2] in ">*~^+"):
            if act:
                yield act, expected
            act, expected = line, []
        else:
            expected.append(line)
    yield act, expected


def perform(stage: Stage, act: str) -> None:
    if act.startswith("@ "):
        return stage.go(act[2:])
    if act.startswith("@joint "):
        return stage.set_joint(act[7:])
    if act.startswith("@second "):
        return stage.set_second_officer(int(act[8:]))
    found = LINE.match(act)
    assert found, act
    who, how, what = found.groups()
    what = re.sub(r"\{code (\S+) ?(\S*)\}", lambda code: stage.invite(code[1], code[2] or "focal"), what)
    what = re.sub(r"\{link (\S+)\}", lambda whose: stage.codes[whose[1]], what)
    what = what.replace("\\n", "\n")
    if how == "^":
        whose = re.match(r"\((\w+)\) ?", what)
        return stage.fill(who, what[whose.end() :] if whose else what, whose[1] if whose else "")
    if how == "+":
        name, _, caption = what.partition(" | ")
        return stage.hand(who, name, b"%PDF-1.7", text=caption)
    if how == "~":
        return stage.say(who, Said(what, event="edited"))
    return stage.choose(who, what) if how == "*" else stage.say(who, what)


def compare(act: str, expected: list[str], came: dict[str, list[str]]) -> None:
    wanted: dict[str, list[str]] = {}
    for line in expected:
        found = LINE.match(line)
        assert found, f"not a line of a talk: {line}"
        wanted.setdefault(found[1], []).append(found[3])
    assert wanted.keys() == came.keys(), f"{act}: told {came}"
    for who, patterns in wanted.items():
        assert matches(patterns, came[who]), "\n".join([act, "expected:", *patterns, "told:", *came[who]])


def matches(patterns: list[str], told: list[str]) -> bool:
    if not patterns:
        return not told
    first, *rest = patterns
    if first == "…":
        return any(matches(rest, told[skip:]) for skip in range(len(told) + 1))
    if not told:
        return False
    same = told[0].startswith(first[:-1]) if first.endswith("…") else told[0] == first
    return same and matches(rest, told[1:])
