"""A unit that reports: a place in the office's tree, with the names it goes by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    id: str
    name: str  # in full, as on paper
    type: str  # free text of the office's own: "chi_cuc", "phong_thuoc_so"
    parent: str = ""  # the id of the unit above; of the department itself, or "", at the top
    abbreviations: tuple[str, ...] = ()
    basis: str = ""  # where the office has this unit from
