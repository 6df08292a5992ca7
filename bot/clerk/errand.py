"""One deed's circumstances, and the word to the evaluating office that several deeds leave behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot import rhythm
from bot.channels.channel import Channel
from bot.dialogue.facts import Facts, Work
from bot.dialogue.turn import Say, jsonable
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from storage import outbox, people
from storage.audit import Who

Says = tuple[Say, ...]


@dataclass(frozen=True)
class Errand:
    """One deed's circumstances: who asked from where, and what is known."""

    tx: Connection
    at: Row[Any]  # the address, with its person
    facts: Facts
    catalogues: Mapping[str, Catalogue]
    calendar: Calendar = field(default_factory=Calendar)
    key: str = field(default="", repr=False)  # by which our own papers are known again
    via: str = ""  # by what else than the address's own channel it was asked
    channels: Sequence[Channel] = ()  # by which people are reached

    @property
    def now(self) -> datetime:
        return self.facts.now

    @property
    def me(self) -> int:
        if self.at.person is None:
            raise PermissionError("a stranger may only enrol")
        return int(self.at.person)

    @property
    def who(self) -> Who:
        return Who(self.at.person, self.via or self.at.channel)

    def reports_for(self, campaign: int, unit: str) -> Work:
        """That unit's work. Raises PermissionError where it is not this person's."""
        work = self.facts.work(campaign, unit)
        if work is None:
            raise PermissionError(f"{unit} is not this person's to report for")
        return work

    @property
    def hand(self) -> rhythm.Hand:
        return rhythm.Hand(self.tx, self.who, self.catalogues, self.calendar, self.now)


def to_tccb(say: Say, about: str, errand: Errand, but: int | None = None) -> None:
    """To everybody at TCCB who can be reached, `but` whom it comes from, at once: somebody waits for it."""
    to = [to for person, to in people.desk(errand.tx) if person != but]
    outbox.put_all(errand.tx, to, [jsonable(say)], outbox.REPLY, errand.now, about)
