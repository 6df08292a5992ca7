"""The month's messages of an owner's accounts: how many are used, who is told, and what may still go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import Connection

from bot.channels.channel import Traits
from bot.dialogue.turn import Say, jsonable
from storage import outbox, people, quota, settings

WARN, SPARE = Fraction(80, 100), Fraction(95, 100)  # of what is allowed: TCCB is told; only what is urgent goes
FRESH = timedelta(minutes=1)  # a count is trusted for so long


@dataclass
class Meter:
    channel: str
    accounts: tuple[str, ...]  # which share what is allowed; the first is the one that asks
    traits: Traits
    used: int = 0
    _counted: datetime | None = None

    def lowest(self, tx: Connection, now: datetime) -> int:
        """The priority down to which envelopes may go now."""
        monthly = self.traits.monthly
        if monthly is None:
            return outbox.BULK
        if self._counted is None or not timedelta(0) <= now - self._counted < FRESH:
            self._count(tx, monthly, now)
        return outbox.URGENT if self.used >= SPARE * monthly else outbox.BULK

    def _count(self, tx: Connection, monthly: int, now: datetime) -> None:
        self.used, self._counted = quota.used(tx, self.channel, self.accounts, quota.month(now)), now
        if self.used >= SPARE * monthly:
            self._tell(tx, "desk.quota_spare", "spare", monthly, now)
        elif self.used >= WARN * monthly:
            self._tell(tx, "desk.quota", "quota", monthly, now)

    def _tell(self, tx: Connection, kind: str, mark: str, monthly: int, now: datetime) -> None:
        """Everybody at TCCB, once a month, whichever of the accounts sees it first."""
        name = f"{mark}:{self.channel}:{min(self.accounts)}"[:64]
        if settings.get(tx, name) == f"{now:%Y-%m}":
            return
        settings.keep(tx, name, f"{now:%Y-%m}")
        facts = {"accounts": sorted(self.accounts), "used": self.used, "monthly": monthly, "month": f"{now:%m/%Y}"}
        for _, to in people.desk(tx):
            outbox.put(tx, to, [jsonable(Say(kind, facts))], outbox.URGENT, now, about="quota")
