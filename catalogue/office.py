"""The office's units: the tree they form, which one a typed name means, and what changed between two lists."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from catalogue import naming
from catalogue.naming import Match
from catalogue.unit import Unit

__all__ = ["Changes", "Match", "Office", "Unit", "diff"]


class Office:
    """Units in the order of the list. Ids are unique and the tree has no cycle: `roster.read` sees to that."""

    def __init__(self, units: Iterable[Unit] = ()) -> None:
        self.units = tuple(units)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Office) and self.units == other.units

    def __hash__(self) -> int:
        return hash(self.units)

    @cached_property
    def by_id(self) -> Mapping[str, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def _below(self) -> Mapping[str, tuple[Unit, ...]]:
        below: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            below[unit.parent].append(unit)
        return {parent: tuple(units) for parent, units in below.items()}

    def children(self, id: str) -> tuple[Unit, ...]:
        """The units directly under it."""
        return self._below.get(id, ())

    def subtree(self, id: str) -> tuple[Unit, ...]:
        """The unit itself, if it is one, and all that is under it, those above first."""
        found = [self.by_id[id]] if id in self.by_id else []
        level = [id]
        while level := [unit.id for parent in level for unit in self.children(parent)]:
            found += (self.by_id[below] for below in level)
        return tuple(found)

    def of_types(self, types: Collection[str]) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if unit.type in types)

    def match(self, text: str) -> Match:
        """The units that the text may name; see Match for what to do with one, several or none."""
        return naming.names(self.units).match(text)


@dataclass(frozen=True)
class Changes:
    """What applying a new list would do. A unit may be renamed and moved at once."""

    added: tuple[Unit, ...] = ()
    renamed: tuple[tuple[Unit, Unit], ...] = ()  # as it was, as it will be
    moved: tuple[tuple[Unit, Unit], ...] = ()
    retyped: tuple[tuple[Unit, Unit], ...] = ()
    reworded: tuple[tuple[Unit, Unit], ...] = ()  # other abbreviations
    closed: tuple[Unit, ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.renamed, self.moved, self.retyped, self.reworded, self.closed))


def diff(old: Office, new: Office) -> Changes:
    """Units are the same unit by their id."""
    pairs = [(before, after) for after in new.units if (before := old.by_id.get(after.id))]
    return Changes(
        added=tuple(unit for unit in new.units if unit.id not in old.by_id),
        renamed=tuple((before, after) for before, after in pairs if before.name != after.name),
        moved=tuple((before, after) for before, after in pairs if before.parent != after.parent),
        retyped=tuple((before, after) for before, after in pairs if before.type != after.type),
        reworded=tuple((before, after) for before, after in pairs if before.abbreviations != after.abbreviations),
        closed=tuple(unit for unit in old.units if unit.id not in new.by_id),
    )
