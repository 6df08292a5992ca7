"""A conversation's state as JSON and back. An unknown or outdated state is an error, never a silent reset."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.dialogue import (
    admit,
    appraise,
    behalf,
    changing,
    contesting,
    drafts,
    enrol,
    ladder,
    notice,
    privacy,
    proof,
    question,
    relief,
)
from bot.dialogue.sheet import Sheet
from bot.dialogue.turn import Idle, Option, State, field_names, jsonable

STATES: tuple[type[State], ...] = (
    Idle,
    admit.Admitting,
    enrol.Consenting,
    enrol.Naming,
    drafts.ChoosingUnit,
    drafts.ChoosingRow,
    drafts.Typing,
    drafts.Confirming,
    drafts.ConfirmingSeveral,
    drafts.ConfirmingSheet,
    drafts.Explaining,
    notice.Composing,
    notice.Aiming,
    notice.Releasing,
    notice.Recalling,
    question.Wondering,
    question.Answering,
    appraise.Appraising,
    appraise.Returning,
    appraise.Judging,
    proof.Proving,
    proof.ChoosingFigure,
    ladder.Urging,
    behalf.Choosing,
    contesting.Contesting,
    changing.Extending,
    changing.Moving,
    relief.Leaving,
    relief.HandingOver,
    privacy.Leaving,
)
NAMES = {cls: f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}" for cls in STATES}
READ = {name: TypeAdapter(cls) for cls, name in NAMES.items()}


class Forgotten(Exception):
    """A stored state, or stored options, that this version no longer knows."""


def dump(state: State) -> dict[str, Any]:
    return {"at": NAMES[type(state)], **jsonable(state)}


def load(stored: Mapping[str, Any]) -> State:
    """Each field must have the type that its state names: nothing is guessed from what a string looks like."""
    if not stored:
        return Idle()
    fields = {name: value for name, value in stored.items() if name != "at"}
    try:
        state = READ[stored["at"]].validate_json(json.dumps(fields), strict=True)
    except (KeyError, TypeError, ValidationError) as error:
        raise Forgotten(stored.get("at")) from error
    kind: Any = type(state)
    if {*field_names(kind)} != fields.keys():
        raise Forgotten(stored["at"])
    return state


def options(stored: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    """What was last offered."""
    try:
        return tuple(Option(**option) for option in stored)
    except TypeError as error:
        raise Forgotten("options") from error


SHEET = TypeAdapter(Sheet)


def dump_sheet(sheet: Sheet | None) -> dict[str, Any] | None:
    return jsonable(sheet) if sheet else None


def load_sheet(stored: Mapping[str, Any]) -> Sheet:
    """What was read in a workbook when it came."""
    try:
        return SHEET.validate_python(stored)
    except ValidationError as error:
        raise Forgotten("sheet") from error
