"""How many more cases a unit can expect until its deadline, by the pace of its own reports."""

from collections.abc import Sequence
from datetime import date, timedelta

LEAST = timedelta(days=7)  # between the first report and the last: less says nothing of a pace
Told = Sequence[tuple[date, int]]
"""(as of, cases counted until then), in the order in which they were told."""


def cases(told: Told, until: date) -> int | None:
    """Rounded up, in the unit's favour. None where the reports tell no pace: one alone, too close, or never more."""
    if not told:
        return None
    (first, before), (last, after) = min(told), max(told)
    if last - first < LEAST or after <= before or until <= last:
        return None
    return -(-(after - before) * (until - last).days // (last - first).days)
