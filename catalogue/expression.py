"""Tokens and grammar of printed targets."""

import re
from fractions import Fraction

from catalogue.model import Target

RATINGS = ("Kém", "Yếu", "Trung bình", "Khá", "Tốt", "Xuất sắc")
AT_LEAST = re.compile(r"(?:tối thiểu |≥ ?)?(\d+)(?:,(\d+))?(?: ?%)?", re.IGNORECASE)


def read(raw: str, unit: str = "", name: str = "") -> Target:
    found = AT_LEAST.fullmatch(raw.strip())
    if not found:
        return Target(raw, "qualitative", "judged", unit=unit, direction="none")
    return Target(raw, "numeric", ">=", Fraction(f"{found[1]}.{found[2] or 0}"), unit=unit)
