"""A conversation becomes JSON and comes back the same; what can't be understood any more is told, not guessed."""

import importlib
import json
import pkgutil
from dataclasses import asdict, fields, is_dataclass, replace
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from bot import dialogue, memory
from bot.dialogue.turn import Idle, Option, State
from storage import schema
from tests.house import World

FULL = {int: 7, int | None: 7, str: "Còn thiếu “45/60”; 1.250\nhai dòng", bool: True}


def states() -> list[type[State]]:
    """Every kind of state there is in any module of the dialogue, registered or not."""
    for module in pkgutil.walk_packages(dialogue.__path__, f"{dialogue.__name__}."):
        importlib.import_module(module.name)

    def below(cls: type[State]) -> list[type[State]]:
        return [found for sub in cls.__subclasses__() for found in (sub, *below(sub))]

    return [cls for cls in below(State) if cls.__module__.startswith(f"{dialogue.__name__}.")]


def filled(cls: type[State]) -> State:
    """A state of this kind with something in every field."""
    hints = get_type_hints(cls)
    return cls(**{field.name: _some(hints[field.name]) for field in fields(cls)})


def _some(hint: object) -> object:
    if get_origin(hint) is tuple:
        inner = [one for one in get_args(hint) if one is not ...]
        return tuple(_some(one) for one in inner * (2 if ... in get_args(hint) else 1))
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if is_dataclass(hint):
        return filled(hint)  # type: ignore[arg-type] # what a state is made of
    return FULL[hint]  # type: ignore[index] # a state is made of these alone


def through_json(state: State) -> State:
    return memory.load(json.loads(json.dumps(memory.dump(state))))


@pytest.mark.parametrize("cls", states(), ids=lambda cls: cls.__name__)
def test_a_state_of_every_kind_survives_json(cls):
    state = filled(cls)
    assert through_json(state) == state
    assert type(through_json(state)) is cls


@pytest.mark.parametrize("cls", states(), ids=lambda cls: cls.__name__)
def test_a_state_with_only_what_it_needs_survives_json(cls):
    needed = {field.name for field in fields(cls) if field.default is not field.default_factory}
    state = filled(cls)
    bare = replace(state, **{f.name: f.default for f in fields(cls) if f.name in needed})
    assert through_json(bare) == bare


def test_no_kind_of_state_has_been_forgotten():
    assert set(memory.STATES) == set(states())
    assert len(memory.READ) == len(memory.STATES)  # two kinds under one name would be read as each other


def test_the_first_word_of_a_talk_finds_nothing_in_progress():
    assert memory.load({}) == Idle()


def bent() -> list[object]:
    """Of every state that has fields: one lost, one too many, one of another type."""
    cases = []
    for cls in (cls for cls in states() if fields(cls)):
        stored = memory.dump(filled(cls))
        first = fields(cls)[0].name
        lost = {name: value for name, value in stored.items() if name != first}
        wrong = {**stored, first: {"what": "is this"}}
        for name, case in (("lost", lost), ("added", {**stored, "surprise": 1}), ("retyped", wrong)):
            cases.append(pytest.param(case, id=f"{cls.__name__} {name}"))
    return cases


@pytest.mark.parametrize(
    "stored", [*bent(), {"at": "report.Gone"}, {"text": "no name"}, {"at": None}, {"at": 7}, {"at": []}]
)
def test_a_state_of_another_version_is_an_error(stored):
    with pytest.raises(memory.Forgotten):
        memory.load(stored)


@pytest.mark.parametrize("text", ["2024-11-23 08:00:00", "true", "7", "1e3", "null", "75.5"])
def test_nothing_is_guessed_from_what_a_string_looks_like(text):
    cls = next(cls for cls in states() if str in get_type_hints(cls).values())
    name = next(field.name for field in fields(cls) if get_type_hints(cls)[field.name] is str)
    state = replace(filled(cls), **{name: text})
    assert through_json(state) == state


def test_a_number_where_a_text_was_is_not_turned_into_one():
    stored = {"at": "turn.Idle"} | {"surprise": "7"}
    with pytest.raises(memory.Forgotten):
        memory.load(stored)


def test_options_come_back_as_they_were():
    offered = (Option("yes M01 45/60", "option.yes", numbered=False), Option("row M01", "option.text", {"text": "x"}))
    assert memory.options(json.loads(json.dumps([asdict(one) for one in offered]))) == offered


def test_options_of_another_version_are_an_error():
    with pytest.raises(memory.Forgotten):
        memory.options([{"id": "yes", "caption": "Đúng"}])


@pytest.mark.parametrize(
    "broken",
    [
        {"state": {"at": "report.Gone"}},
        {"state": {"at": "report.Typing", "measure": "M08"}},
        {"offered": [{"id": "yes", "caption": "Đúng"}]},
    ],
    ids=str,
)
def test_whoever_was_in_the_middle_of_a_forgotten_talk_is_told_and_can_go_on(house: World, broken, caplog):
    house.seat("an", "focal", "HKL-DV")
    house.hear("an", "báo cáo")
    house.answer()
    house.do(lambda tx: tx.execute(schema.talk.update().values(**broken)))
    house.hear("an", "58/60", "báo cáo", "58/60", "đúng")
    house.answer()
    assert house.kinds()[1] == "talk.forgotten"
    assert [row.numerator for row in house.rows(schema.report)] == [58]
    assert "forgotten" in caplog.text
    assert [row.outcome for row in house.rows(schema.inbox)] == ["answered"] * 5
