"""Numbers as Vietnamese officials write them: 1.250,5 has dot thousands and a comma before decimals; Excel has both."""

import re
from fractions import Fraction

MOST_DIGITS = 9
"""Of a count: no unit has a thousand million dossiers, but everybody has a telephone number."""

PLAIN = re.compile(r"[0-9]+")
GROUPED = re.compile(r"[1-9][0-9]{0,2}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*")
SPLIT = re.compile(
    r"(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?P<group>[.,])[0-9]{3}(?:(?P=group)[0-9]{3})*)(?P<point>[.,])(?P<rest>[0-9]+)"
)
LOOKS_COUNTED = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
PHONE = re.compile(r"(?:0|84)[0-9]{8,10}|0[0-9]+(?:[.,][0-9]+){2,}")


def count(text: str) -> int | None:
    """A whole number of things: groups of three are thousands whichever separator is used; None if not whole."""
    if PLAIN.fullmatch(text) or GROUPED.fullmatch(text):
        return int(digits(text))
    found = SPLIT.fullmatch(text)
    if found and found["point"] != found["group"] and not found["rest"].strip("0") and len(found["rest"]) < 3:
        return int(digits(found["whole"]))  # 45,00 as a spreadsheet shows it
    return None


def decimal(text: str) -> Fraction | None:
    """A number whose last separator comes before the decimals; None where the separators make no sense."""
    if PLAIN.fullmatch(text):
        return Fraction(int(text))
    found = SPLIT.fullmatch(text)
    if not found or found["point"] == found["group"]:
        return None
    return Fraction(f"{digits(found['whole'])}.{found['rest']}")


def looks_counted(text: str) -> bool:
    """One separator with exactly three digits behind it: 1.250 things, or 1,25 %?"""
    return LOOKS_COUNTED.fullmatch(text) is not None


def is_grouped(text: str) -> bool:
    return GROUPED.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    return PHONE.fullmatch(text) is not None


def is_too_large(text: str) -> bool:
    whole = re.split("[.,]", text)[0]
    return len(whole) > MOST_DIGITS or (count(text) or 0) >= 10**MOST_DIGITS


def is_padded(text: str) -> bool:
    """Zeros in front that no official writes: 05 is how counts are written, 005 is not."""
    return text.isdigit() and len(text) > 2 and text[0] == "0"


def digits(text: str) -> str:
    return text.replace(".", "").replace(",", "")


# Numbers in words, without their marks.

DIGIT = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5}
DIGIT |= {"sau": 6, "bay": 7, "tam": 8, "chin": 9}
ONE = "|".join(DIGIT)
TEN = "hai|ba|bon|nam|sau|bay|tam|chin"
SPELLED = re.compile(
    rf"""\b(?:
    (?:(?P<hundreds>{ONE})\ tram\b(?:\ (?:linh|le)\ (?P<odd>{ONE})\b)?)?
    (?:(?(hundreds)\ |)(?:(?P<tens>{ONE})\ )?(?P<ten>muoi)\b(?:\ (?P<ones>{ONE})\b)?)?
    | (?:(?<=\btren\ )|(?=\w+\ \w+\ (?:phan\ tram|tren)\b))(?P<short>{TEN})\ (?P<last>mot|tu|lam|nham)
    | (?P<few>{ONE})(?=\ phan\ tram\b) | (?P<all>tram)(?=\ phan\ tram\b)
    )\b""",
    re.VERBOSE,
)


def spelled(words: re.Match[str]) -> int:
    """ "một trăm linh năm" is 105, "bảy mươi lăm" and, as it is said, "bảy lăm" 75, "trăm" before "phần trăm" 100."""
    if words["all"]:
        return 100
    if words["short"]:
        return 10 * DIGIT[words["short"]] + DIGIT[words["last"]]
    tens = DIGIT.get(words["tens"] or "", 1) if words["ten"] else 0
    few = words["odd"] or words["ones"] or words["few"]
    return 100 * DIGIT.get(words["hundreds"] or "", 0) + 10 * tens + DIGIT.get(few or "", 0)
