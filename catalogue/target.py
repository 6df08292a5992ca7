"""Targets as an appendix prints them, and whether an exact value reaches one."""

import re
from fractions import Fraction

from catalogue.model import Target

AT_LEAST = re.compile(r"(?:tối thiểu |≥ ?)?(\d+)(?:,(\d+))?(?: ?%)?", re.IGNORECASE)


def read(raw: str, unit: str = "", name: str = "") -> Target:
    found = AT_LEAST.fullmatch(raw.strip())
    if not found:
        return Target(raw, "qualitative", "judged", unit=unit, direction="none")
    return Target(raw, "numeric", ">=", Fraction(f"{found[1]}.{found[2] or 0}"), unit=unit)


def as_row(target: Target) -> dict[str, str]:
    value = "" if target.value is None else str(target.value)
    return {"raw": target.raw, "kind": target.kind, "op": target.op, "value": value, "value2": "", "unit": target.unit}
