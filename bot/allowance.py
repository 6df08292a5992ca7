"""What is left of an account's messages this month, and what the timetable is still going to send from it."""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from bot.channels.channel import Channel, labels
from bot.dialogue.facts import Metered
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from jobs import digest, forecast
from storage import people, quota


@dataclass(frozen=True)
class Allowance:
    """In messages; `planned`: reminders and summaries until the end of the month, if nothing more were reported."""

    of: Metered
    used: int
    planned: int

    @property
    def left(self) -> int:
        return max(self.of.monthly - self.used, 0)

    @property
    def enough(self) -> bool:
        return self.planned <= self.left


def metered(channels: Sequence[Channel]) -> tuple[Metered, ...]:
    """Those of our accounts whose far side counts."""
    named = zip(labels(channels), channels, strict=True)
    return tuple(
        Metered(one.name, one.account, one.traits.title or label, one.traits.monthly, one.traits.owner)
        for label, one in named
        if one.traits.monthly
    )


def of_month(
    tx: Connection,
    accounts: Sequence[Metered],
    catalogues: Mapping[str, Catalogue],
    calendar: Calendar,
    now: datetime,
) -> list[Allowance]:
    """A message to one person counts at the first address that reaches them; one a day, as reminders go."""
    begin, end = quota.month(now), now.date().replace(day=monthrange(now.year, now.month)[1])
    told = {
        (person, at.date()) for person, _, _, at in forecast.ahead(tx, catalogues, calendar, now) if at.date() <= end
    }
    persons = [person for person, _ in told] + _summed_up(tx, calendar, now, end)
    at = {person: (row.channel, row.account) for person, row in people.reachable(tx).items()}
    planned = Counter(at[person] for person in persons if person in at)
    return [
        _shared(tx, one, [other.account for other in accounts if _together(one, other)], planned, begin)
        for one in accounts
    ]


def _together(one: Metered, other: Metered) -> bool:
    return (one.channel, one.owner) == (other.channel, other.owner)


def _shared(
    tx: Connection, of: Metered, accounts: Sequence[str], planned: Counter[tuple[str, str]], begin: datetime
) -> Allowance:
    """All of an owner's draw on one month: nobody knows whether the far side counts by account or by owner."""
    coming = sum(planned[of.channel, account] for account in accounts)
    return Allowance(of, quota.used(tx, of.channel, accounts, begin), coming)


def _summed_up(tx: Connection, calendar: Calendar, now: datetime, end: date) -> list[int]:
    """Everybody at TCCB, once for each summary still to come."""
    days, at = 0, digest.next_moment(calendar, now)
    while at.date() <= end:
        days, at = days + 1, digest.next_moment(calendar, at)
    return sorted({row.person for row in people.serving(tx, "tccb")}) * days
