"""How many cases are still to be decided: "còn 12 hồ sơ chưa giải quyết", alone or behind a figure."""

import re

from catalogue import numerals
from catalogue.model import Answer
from catalogue.text import Typed

NUMBER = r"(?P<number>[0-9][0-9.,]*)"
NOUN = r"(?:bo ho so|ho so|hs|tthc|thu tuc|van ban|vb|giao dich|phieu|phan anh|kien nghi|pakn|truong hop)"
OPEN = (
    r"(?:(?:con )?(?:dang|chua|cho|can)(?: duoc| phai)? (?:giai quyet|gq|xu ly|tra(?: ket qua| kq)?|tra loi|den han"
    r"|hoan thanh|lam|xong)(?: xong)?|(?:con )?trong han|ton(?: dong)?)"
)
POLITE = r"(?:(?:da|em|hien|hien tai|hien nay|don vi|nay|va|trong do|thi|,) ?)*"
END = r"(?: (?:nua|a|ah|nhe|thoi|a em))*"
TOLD = re.compile(
    rf"{POLITE}(?:con(?: lai)?(?: khoang(?P<about>))? {NUMBER}(?: ?{NOUN})?(?: {OPEN})?"
    rf"|{NUMBER.replace('number', 'number2')} ?{NOUN} {OPEN})(?: trong ky)?{END}"
)
NONE = re.compile(rf"{POLITE}(?:khong|ko|k|het) con {NOUN}(?: nao)?(?: {OPEN})?(?: nua)?{END}")
PARTING = re.compile(r"[,;(\n]|\. | - |(?<=[0-9%]) (?=con )")


def named(text: str) -> int | None:
    """The number of cases that the text, and nothing else in it, says are pending; 0 where none is left."""
    plain = Typed.of(text).bare.strip(" .,;:!()")
    if NONE.fullmatch(plain):
        return 0
    found = TOLD.fullmatch(plain)
    if not found or found["about"] is not None:
        return None
    return numerals.count((found["number"] or found["number2"]).rstrip(".,"))


def apart(text: str) -> tuple[str, int] | None:
    """A message whose last clause tells the pending cases: what stands before it, and their number."""
    typed = Typed.of(text)
    for sign in reversed([*PARTING.finditer(typed.bare)]):
        cases = named(typed.shown[sign.end() :])
        if cases is not None and (before := typed.shown[: sign.start()].strip()):
            return before, cases
    return None


def beside(text: str, answer: Answer) -> int | None:
    """The pending cases told behind a fraction; None where there are none of both."""
    told = apart(text)
    return told[1] if told and answer.numerator is not None else None
