"""What mutmut would change in `catalogue`, module by module."""

import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.file_utils import walk_source_files

from tests.mutation.mutant import Mutant

MANGLED = re.compile(r"x(?:_|ǁ(?P<owner>\w+?)ǁ)(?P<name>\w+?)__mutmut_(?P<number>\d+)")


def of_modules(names: Collection[str]) -> Iterator[Mutant]:
    """In the order in which they are named; all of them where none is."""
    paths = {path.stem: path for path in sorted(walk_source_files()) if config().should_mutate(path)}
    for name in names or paths:
        yield from _of(paths[name])


def _of(path: Path) -> Iterator[Mutant]:
    """mutmut writes every variant of a function below the sound one; each is put back in its place."""
    original = path.read_text(encoding="utf8")
    mutated = mutate_file_contents(str(path), original)
    lines = mutated.code.splitlines(keepends=True)

    def written(mangled: str, name: str) -> str:
        span = mutated.line_span_by_function_name[mangled]
        return "".join(lines[span.start - 1 : span.end]).replace(mangled, name, 1)

    for mangled in mutated.mutant_names:
        found = MANGLED.fullmatch(mangled)
        assert found, mangled
        sound = written(mangled.removesuffix(found["number"]) + "orig", found["name"])
        changed = written(mangled, found["name"])
        assert original.count(sound) == 1, mangled
        function = ".".join(filter(None, (found["owner"], found["name"])))
        source = original.replace(sound, changed)
        yield Mutant(path.stem, function, int(found["number"]), *_difference(sound, changed), source)


def _difference(sound: str, changed: str) -> tuple[str, str]:
    """The lines that differ, without their indentation."""
    differing = list(difflib.unified_diff(sound.splitlines(), changed.splitlines(), n=0, lineterm=""))[3:]
    was, becomes = (" ".join(line[1:].strip() for line in differing if line[0] == sign) for sign in "-+")
    return was, becomes
