"""One thing that was looked at: how it is, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "warning", "fine"]


@dataclass(frozen=True)
class Finding:
    """`code` stays the same from version to version, for whoever watches by a program."""

    severity: Severity
    code: str
    told: str
    advice: str = ""


def fault(code: str, told: str, advice: str) -> Finding:
    return Finding("fault", code, told, advice)


def warning(code: str, told: str, advice: str) -> Finding:
    return Finding("warning", code, told, advice)


def fine(code: str, told: str) -> Finding:
    return Finding("fine", code, told)
