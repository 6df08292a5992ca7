"""Slips of the finger: which one makes the one word of the other, and how long a word is still mended."""

import pytest

from catalogue.spelling import LONGEST, Speller, slip


@pytest.mark.parametrize(
    ("typed", "meant", "kind"),
    [
        ("hoan thnah", "hoan thanh", 0),
        ("ohan thanh", "hoan thanh", 0),
        ("thagn", "thang", 0),
        ("thaang", "thang", 1),
        ("thng", "thang", 1),
        ("thong", "thang", 2),
        ("thog", "thang", None),
        ("thoog", "thang", None),
        ("htagn", "thang", None),
    ],
)
def test_a_slip_is_one_change_and_of_one_kind(typed: str, meant: str, kind: int | None) -> None:
    assert slip(typed, meant) == slip(meant, typed) == kind


@pytest.mark.parametrize(("letters", "mended"), [(LONGEST, True), (LONGEST + 1, False)])
def test_nothing_longer_than_the_longest_is_mended(letters: int, mended: bool) -> None:
    word = "a" * letters
    assert Speller([word]).mended("b" + word[1:]) == (word if mended else None)
