"""Words typed with the input tool off: which keys make which letters, by both methods."""

import pytest

from catalogue.telex import decoded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddatj", "đạt"),
        ("datdj", "đạt"),
        ("datsz", "dat"),
        ("tw", "tư"),
        ("twf", "từ"),
        ("chuaw", "chưa"),
        ("nuwowcs", "nước"),
        ("duowcj", "dược"),
        ("tawngs", "tắng"),
        ("thaamr", "thẩm"),
        ("thuees", "thuế"),
        ("hoaf", "hòa"),
        ("hoanf", "hoàn"),
        ("chuyeenr", "chuyển"),
        ("d9at5", "đạt"),
        ("chua7", "chưa"),
        ("nuo7c1", "nước"),
        ("tha6m3", "thẩm"),
        ("nam8", "năm"),
    ],
)
def test_keys_make_letters(typed: str, meant: str) -> None:
    assert decoded(typed) == meant


@pytest.mark.parametrize("word", ["ban", "d", "dd4x0", "4x", "x9", "kh2"])
def test_a_word_without_such_keys_is_left(word: str) -> None:
    assert decoded(word) is None
