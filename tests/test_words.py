"""How amounts and moments are written, and that a miss never looks like a pass."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import Office, Words, texts

WORDS = Words()


def shown(spec: str, value: object) -> str:
    words = Words()
    words.texts = {"x": "{value:" + spec + "}", "role.focal": texts("vi")["role.focal"]}
    return words("x", {"value": value})


@pytest.mark.parametrize(
    ("spec", "value", "text"),
    [
        ("down", "75", "75,00"),
        ("down", "1250/13", "96,15"),
        ("down", "49996/1000", "49,99"),
        ("down", "0", "0,00"),
        ("up", "1/3", "0,34"),
        ("up", "5", "5,00"),
        ("up", "-1/3", "-0,33"),
        ("down", "123456", "123.456,00"),
        ("exact", "5/4", "1,25"),
        ("exact", "75", "75"),
        ("count", 1300, "1.300"),
        ("count", "1000000", "1.000.000"),
        ("two", 7, "07"),
        ("two", 14, "14"),
        ("date", "2024-12-10", "10/12/2024"),
        ("moment", "2024-12-03T08:30:00+07:00", "08:30 ngày 03/12/2024"),
        ("list", ["NQ01.1", "NQ02.1"], "NQ01.1, NQ02.1"),
        ("word", "role.focal", "đầu mối"),
        ("said", {"kind": "role.focal", "facts": {}}, "đầu mối"),
        ("lines", [{"kind": "role.focal", "facts": {}}] * 2, "đầu mối\nđầu mối"),
        ("", "giữ nguyên {}", "giữ nguyên {}"),
    ],
)
def test_is_written_so(spec: str, value: object, text: str) -> None:
    assert shown(spec, value) == text


@given(st.fractions(0, 100), st.integers(0, 100))
def test_what_is_shown_as_reached_is_really_reached(value: Fraction, target: int) -> None:
    reached = Fraction(shown("down", str(value)).replace(".", "").replace(",", "."))
    assert reached <= value
    assert (reached >= target) <= (value >= target)


@given(st.fractions(0, 100).filter(bool))
def test_what_is_lacking_is_never_shown_as_nothing(gap: Fraction) -> None:
    assert Fraction(shown("up", str(gap)).replace(",", ".")) >= gap > 0


def test_the_office_is_spoken_of_as_it_wants() -> None:
    words = Words("vi", Office("Sở X", "Phòng Y", "anh/chị", "0219 3 866 866"))
    assert words("enrol.name", {}) == "Đề nghị cho biết họ và tên của anh/chị."
    assert words("report.which_unit", {}).startswith("Anh/chị ")
    assert "Phòng Y" in words("enrol.code", {})
