"""A telephone number as people type it, and as Excel leaves it → one form, so that two of them can be compared."""

import re

TYPED = re.compile(r"(?<!\d)\+?\(?\d(?:[ .()-]{0,2}\d){7,13}(?!\d)")


def plain(typed: str) -> str:
    """ "+84 912 345 678", "0912.345.678" and Excel's 912345678 → "0912345678"; "" where it is no number of ours."""
    digits = re.sub(r"[ .()+-]", "", typed)
    if not digits.isascii() or not digits.isdecimal():
        return ""
    national = digits[2:] if digits.startswith("84") and len(digits) >= 11 else digits
    whole = "0" + national.removeprefix("0")
    return whole if len(whole) in (10, 11) else ""


def apart(typed: str) -> tuple[str, str]:
    """The number in a message, and the message without it: ("0912345678", "Lê Thị Đạt")."""
    found = TYPED.search(typed)
    if found is None or not (number := plain(found[0])):
        return "", typed
    return number, " ".join((typed[: found.start()] + " " + typed[found.end() :]).strip(" .,;:-").split())
