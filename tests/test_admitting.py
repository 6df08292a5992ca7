"""Which of those who wait a typed list means, and that a wrong one lets nobody in."""

import pytest

from bot.dialogue import admit
from bot.dialogue.deeds import Decide, Look
from bot.dialogue.facts import Facts, Pending
from bot.dialogue.turn import Idle
from tests.house import at

FACTS = Facts(at("2024-11-26 09:00"), pending=tuple(Pending(id, f"Người {id}", "VP", "focal") for id in range(1, 31)))


def decided(text: str, yes: bool = True) -> list[int]:
    turn = (admit.approve if yes else admit.refuse)(text, Idle(), FACTS)
    return [deed.enrolment for deed in turn.do if isinstance(deed, Decide) and deed.approve is yes]


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("1", [1]),
        ("số 7", [7]),
        ("1,3,5", [1, 3, 5]),
        ("1, 3 và 5", [1, 3, 5]),
        ("1 3 5", [1, 3, 5]),
        ("3;3; 3", [3]),
        ("2-4", [2, 3, 4]),
        ("28 – 99", [28, 29, 30]),
        ("2-3, 9", [2, 3, 9]),
        ("40", []),
        ("1, 40", []),
        ("40-50", []),
        ("4-2", [2, 3, 4]),
        ("1 hay 2", []),
        ("-1", []),
        ("1,5 triệu", []),
        ("9" * 60, []),
    ],
)
def test_a_list_of_numbers_means(typed: str, ids: list[int]) -> None:
    assert decided(typed) == ids


@pytest.mark.parametrize(
    ("typed", "ids", "reason"),
    [
        ("2 nhầm đơn vị", [2], "nhầm đơn vị"),
        ("2", [2], ""),
        ("2,4: trùng", [2, 4], "trùng"),
        ("2 3 người trùng tên", [2], "3 người trùng tên"),
        ("ai cũng được", [], ""),
    ],
)
def test_a_refusal_keeps_its_reason(typed: str, ids: list[int], reason: str) -> None:
    turn = admit.refuse(typed, Idle(), FACTS)
    assert [(deed.enrolment, deed.reason) for deed in turn.do if isinstance(deed, Decide)] == [(i, reason) for i in ids]


def test_all_of_them_are_shown_before_anybody_is_let_in() -> None:
    turn = admit.approve("tất cả", Idle(), FACTS)
    assert turn.do == () and turn.remember == admit.Admitting(tuple(range(1, 31)))
    assert len(turn.say[0].facts["items"]) == admit.SHOWN + 1


def test_nothing_typed_shows_the_list() -> None:
    assert admit.approve("", Idle(), FACTS).do == (Look("pending"),)
