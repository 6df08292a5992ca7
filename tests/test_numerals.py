"""Numbers as officials write them: dots for thousands, a comma before decimals, a spreadsheet's habits, words."""

from fractions import Fraction

import pytest

from catalogue import numerals


@pytest.mark.parametrize(
    ("text", "count", "decimal"),
    [
        ("45", 45, "45"),
        ("0", 0, "0"),
        ("1.250", 1250, "1.25"),
        ("1,250", 1250, "1.25"),
        ("1.250.300", 1250300, None),
        ("1.250,300", None, "1250.3"),
        ("45,0", 45, "45"),
        ("45,00", 45, "45"),
        ("45,000", 45000, "45"),
        ("045,000", None, "45"),
        ("1.250,00", 1250, "1250"),
        ("1.250,000", None, "1250"),
        ("1.250.00", None, None),
        ("45,5", None, "45.5"),
        ("1,250.5", None, "1250.5"),
        ("1.25.3", None, None),
        ("12.34,5", None, None),
        (",5", None, None),
        ("5,", None, None),
        ("", None, None),
    ],
)
def test_a_number_is_a_count_a_decimal_both_or_neither(text: str, count: int | None, decimal: str | None) -> None:
    assert numerals.count(text) == count
    assert numerals.decimal(text) == (Fraction(decimal) if decimal else None)


@pytest.mark.parametrize(
    ("text", "counted", "grouped"),
    [
        ("1.250", True, True),
        ("0.250", True, False),
        ("1.250.300", False, True),
        ("1.250,300", False, False),
        ("1.25", False, False),
        ("1250", False, False),
    ],
)
def test_three_digits_behind_a_separator_may_be_thousands(text: str, counted: bool, grouped: bool) -> None:
    assert (numerals.looks_counted(text), numerals.is_grouped(text)) == (counted, grouped)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0912345678", True),
        ("84912345678", True),
        ("0219.3.866.123", True),
        ("0912.345.678", True),
        ("0912.345", False),
        ("1912345678", False),
        ("01234567", False),
    ],
)
def test_a_telephone_number_is_known(text: str, phone: bool) -> None:
    assert numerals.is_phone(text) is phone


@pytest.mark.parametrize(
    ("text", "too_large"),
    [
        ("999999999", False),
        ("1000000000", True),
        ("999.999.999", False),
        ("1.000.000.000", True),
        ("123456789,123456789", False),
        ("1234567890,5", True),
        ("75,5", False),
    ],
)
def test_no_unit_has_a_thousand_million_cases(text: str, too_large: bool) -> None:
    assert numerals.is_too_large(text) is too_large


@pytest.mark.parametrize(
    ("text", "padded"), [("05", False), ("005", True), ("0045", True), ("450", False), ("00,5", False), ("000", True)]
)
def test_zeros_that_nobody_writes_are_seen(text: str, padded: bool) -> None:
    assert numerals.is_padded(text) is padded


def test_digits_are_what_is_left_without_separators() -> None:
    assert numerals.digits("1.250,5") == "12505"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("muoi", 10),
        ("muoi lam", 15),
        ("bay muoi", 70),
        ("bay muoi lam", 75),
        ("mot tram", 100),
        ("hai tram", 200),
        ("mot tram linh nam", 105),
        ("mot tram le ba", 103),
        ("ba tram bon muoi mot", 341),
        ("chin tram muoi hai", 912),
        ("tam phan tram", 8),
        ("tram phan tram", 100),
        ("bay muoi nham", 75),
        ("bay lam phan tram", 75),
        ("bon nham phan tram", 45),
        ("chin tu tren", 94),
        ("tren tam mot", 81),
    ],
)
def test_numbers_in_words_are_read(words: str, number: int) -> None:
    assert [numerals.spelled(found) for found in numerals.SPELLED.finditer(words) if found[0]] == [number]


@pytest.mark.parametrize(
    "words", ["bay lam", "hai lam viec", "mot lam phan tram", "lam mot phan tram tren", "tren lam tu"]
)
def test_two_words_are_a_number_only_where_a_number_stands(words: str) -> None:
    assert not [found for found in numerals.SPELLED.finditer(words) if found[0] and found["short"]]
