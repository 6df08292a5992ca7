"""What is taken out of a text for somebody's sake, and what is left as it was."""

import unicodedata

import pytest

from catalogue.effacing import MARK, Effacer

HANH = Effacer.of(["Lê Hạnh", "Lê Hạnh Nguyên"], ["0912 345 678"], ["hanh.nguyen", "lê hạnh 91"])


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("gặp Lê Hạnh nhé", f"gặp {MARK} nhé"),
        ("LE  HANH", MARK),
        ("Lê\nHạnh ký", f"{MARK} ký"),
        ("Lê Hạnh Nguyên", MARK),
        ("Lê Hạnh 91", MARK),
        ("gọi +84 912.345.678", f"gọi {MARK}"),
        ("@Hanh.Nguyen đã gửi", f"@{MARK} đã gửi"),
        ("Lê Hạng, Lệ Hạnhh", "Lê Hạng, Lệ Hạnhh"),
        ("0912345679", "0912345679"),
    ],
)
def test_names_telephones_and_accounts_are_taken_out(written: str, left: str) -> None:
    assert HANH.text(written) == left
    assert HANH.value(written) == left
    assert HANH.value({written: [written, 1]}) == {left: [left, 1]}


@pytest.mark.parametrize("written", ["Hạnh", "12345", "hanh"])
def test_what_may_be_any_word_or_number_is_left(written: str) -> None:
    assert Effacer.of(["Hạnh"], ["12345"], ["hanh"]).text(written) == written


@pytest.mark.parametrize(
    ("effacer", "written"),
    [
        (Effacer.of(["Lê Hạnh"], [], []), "Lê Hạnh"),
        (Effacer.of([], ["912345"], []), "0912345"),
        (Effacer.of([], [], ["hanh9"]), "hanh9"),
    ],
)
def test_the_shortest_that_are_taken_out(effacer: Effacer, written: str) -> None:
    assert effacer.text(written) == MARK


def test_what_holds_nothing_of_them_is_the_same_thing_to_the_letter() -> None:
    decomposed = unicodedata.normalize("NFD", "Chi cục Kiểm lâm")
    kept = {"text": decomposed, "n": [1, None]}
    assert HANH.text(decomposed) is decomposed
    assert HANH.value(kept) is kept
    assert Effacer.of([], [], []).text("không có ai, ạ") == "không có ai, ạ"
