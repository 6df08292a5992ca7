"""One small change of one function."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """`source` is the whole module with the change in it, `was` and `becomes` are the lines that differ."""

    module: str
    function: str
    number: int
    was: str
    becomes: str
    source: str

    @property
    def path(self) -> str:
        return str(ROOT / "catalogue" / f"{self.module}.py")

    @property
    def place(self) -> str:
        """As judges call what they reach."""
        return f"{self.path}:{self.function}"
