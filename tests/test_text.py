"""Typed text made comparable, whatever device it was typed on."""

import pytest

from catalogue.text import bare, shown


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", " \r ", "\n\n"])
def test_lines_stay_apart_however_they_end(end: str) -> None:
    assert shown(f"CCHC-01: 95{end}CCHC-02: 80") == "CCHC-01: 95\nCCHC-02: 80"


@pytest.mark.parametrize(("typed", "read"), [("ĐÃ NỘP İ", "da nop i"), ("İİ ạ", "ii a"), ("đạt i\u0307", "dat i")])
def test_a_dot_that_lower_case_sets_apart_is_left_out(typed: str, read: str) -> None:
    assert bare(typed) == read
