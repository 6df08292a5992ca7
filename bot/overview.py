"""The whole office as TCCB sees it, in sentences to be: who has not answered, who falls short, what waits."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot.dialogue import card
from bot.dialogue.evaluate import DETAILS
from bot.dialogue.facts import ROLES
from bot.dialogue.turn import Option, Say
from bot.excerpt import SHOWN, excerpt, rest
from catalogue import prospects, shortfall
from catalogue.model import Answer, Catalogue, Plan
from catalogue.standing import REOPENED, Short, Standing, office_answers
from jobs import notices as followed
from storage import audit, board, campaigns, members, notices, people, promises, reports, units
from storage import questions as asked
from storage.audit import Head

Item = dict[str, object]
Expected = Mapping[tuple[str, str], int]
"""(unit, measure) → how many more cases can be expected until the deadline, where the reports tell a pace."""


@dataclass(frozen=True)
class View:
    """One campaign with everybody in it. `focal`: unit → those who report for it; `cut`: who can't be reached."""

    campaign: int
    catalogue: Catalogue
    plan: Plan
    standings: Mapping[str, Standing]
    focal: Mapping[str, tuple[Row[Any], ...]]
    cut: frozenset[int]
    now: datetime
    promises: Mapping[str, datetime] = field(default_factory=dict)  # unit → when it said that it would send
    expected: Expected = field(default_factory=dict)
    phones: bool = True  # whoever looks may see people's numbers

    @property
    def left(self) -> int:
        return max((self.plan.deadline - self.now.date()).days, 0)

    @property
    def head(self) -> dict[str, object]:
        return {"year": self.plan.evaluation.year, "deadline": self.plan.deadline.isoformat(), "left": self.left}

    @property
    def counts(self) -> dict[str, object]:
        stands = self.standings.values()
        complete, silent = sum(one.complete for one in stands), sum(one.silent for one in stands)
        partial = len(self.standings) - complete - silent
        nobody = len(self.unregistered)
        return {
            "all": len(self.standings),
            "complete": complete,
            "partial": partial,
            "silent": silent,
            "nobody": nobody,
        }

    @property
    def incomplete(self) -> list[Standing]:
        """Those that broke a promise first, then those that said nothing, then by how much is open."""
        open = [one for one in self.standings.values() if one.owed]
        return sorted(open, key=lambda one: (not self.broken(one.unit), not one.silent, -len(one.owed), one.unit))

    def broken(self, unit: str) -> bool:
        """Whether the hour of its promise is gone by, for a unit that still owes something."""
        return unit in self.promises and self.promises[unit] <= self.now

    @property
    def unregistered(self) -> list[Standing]:
        """Those that owe something, and for which nobody reports."""
        return [one for one in self.standings.values() if one.measures and one.unit not in self.focal]

    @property
    def short(self) -> list[tuple[Standing, Short]]:
        """What can be mended most easily first, what can't be reached any more last."""
        found = [(one, short) for one in self.standings.values() for short in one.shortfalls]
        return sorted(found, key=lambda pair: (not pair[1].lacking.possible, pair[1].lacking.more or 0, pair[0].unit))

    @property
    def late(self) -> int:
        """How many of the figures came after the deadline."""
        return sum(one.late(code) for one in self.standings.values() for code in one.reported)

    @property
    def waiting(self) -> list[tuple[Standing, str]]:
        return [(one, code) for one in self.standings.values() for code, said in one.reported.items() if said.waits]


def views(tx: Connection, catalogues: Mapping[str, Catalogue], now: datetime) -> list[View]:
    """Every running campaign."""
    return [view(tx, row, catalogues, now) for row in campaigns.running(tx)]


def view(tx: Connection, row: Row[Any], catalogues: Mapping[str, Catalogue], now: datetime) -> View:
    catalogue, focal = catalogues[row.catalogue], _by_unit(people.serving(tx, "focal"))
    stands = board.standings(tx, row, catalogue, units.open_names(tx))
    cut = frozenset(lost.id for lost in people.unreachable(tx))
    promised = {unit: made.due for (unit, _), made in promises.newest(tx, row.id).items()}
    plan, coming = campaigns.plan(row, catalogue), prospects_of(tx, row.id, stands.values())
    return View(row.id, catalogue, plan, stands, focal, cut, now, promised, coming)


def prospects_of(tx: Connection, campaign: int, stands: Iterable[Standing]) -> Expected:
    """Of those units that fall short."""
    short = {one.unit: one for one in stands if one.shortfalls}
    told = reports.counted(tx, campaign, short.keys())
    expected = {at: prospects.cases(counts, short[at[0]].deadline) for at, counts in told.items()}
    return {at: number for at, number in expected.items() if number is not None}


def _by_unit(serving: Iterable[Row[Any]]) -> dict[str, tuple[Row[Any], ...]]:
    found: dict[str, tuple[Row[Any], ...]] = {}
    for row in serving:
        found[row.unit] = (*found.get(row.unit, ()), row)
    return found


def missing(seen: View, start: int = 0) -> tuple[Say, ...]:
    """Who has not answered, or not all."""
    late = seen.incomplete
    if not late:
        return (Say("desk.nobody_missing", seen.head | seen.counts),)
    items, following = excerpt(late, lambda one: _late(seen, one), "missing", start)
    return (Say("desk.missing", seen.head | seen.counts | {"items": items}, following),)


def _late(seen: View, one: Standing) -> Item:
    facts = {"unit": one.unit_name, "n": len(one.owed), "all": len(one.measures), "who": who(seen, one.unit)}
    return {
        "kind": "desk.missing_unit",
        "facts": facts | {"until": until(seen, one), "promise": _promise(seen, one.unit)},
    }


def _promise(seen: View, unit: str) -> Item:
    if unit not in seen.promises:
        return {"kind": "desk.nothing", "facts": {}}
    kind = "desk.promise_broken" if seen.broken(unit) else "desk.promised"
    return {"kind": kind, "facts": {"due": seen.promises[unit].isoformat()}}


def until(seen: View, one: Standing) -> Item:
    """A unit's own deadline, where it has one."""
    if one.deadline == seen.plan.deadline:
        return {"kind": "desk.nothing", "facts": {}}
    return {"kind": "desk.own_deadline", "facts": {"deadline": one.deadline.isoformat()}}


def who(seen: View, unit: str) -> Item:
    """Whom to call about a unit."""
    person = next(iter(seen.focal.get(unit, ())), None)
    return whom(person, person is not None and person.person in seen.cut, seen.phones)


def whom(person: Row[Any] | None, cut: bool, phones: bool) -> Item:
    """`cut`: they can't be reached; `phones`: whoever asks may know by which number to call them."""
    if person is None:
        return {"kind": "desk.who_nobody", "facts": {}}
    if not phones:
        return {"kind": "desk.who_name", "facts": {"name": person.name}}
    facts = {"name": person.name, "phone": person.phone or "-"}
    if cut:
        return {"kind": "desk.who_unreachable", "facts": facts}
    return {"kind": "desk.who" if person.phone else "desk.who_name", "facts": facts}


def shortfalls(seen: View, start: int = 0) -> tuple[Say, ...]:
    found = seen.short
    if not found:
        return (Say("desk.nothing_short", seen.head),)
    items, following = excerpt(found, lambda pair: short_item(*pair, seen.expected), "short", start)
    return (Say("desk.short", seen.head | {"n": len(found), "items": items}, following),)


def short_item(one: Standing, short: Short, expected: Expected) -> Item:
    why = {"kind": "desk.because", "facts": {"reason": short.explained}} if short.explained else None
    facts: Item = {"unit": one.unit_name, "code": short.indicator.code, "was": card.written(short.answer)}
    facts |= {"gap": str(short.lacking.gap), "why": why or {"kind": "desk.no_reason", "facts": {}}}
    if not short.lacking.possible:
        return {"kind": "desk.short_item_out", "facts": facts}
    if short.lacking.more is None:
        return {"kind": "desk.short_item_plain", "facts": facts}
    measure = one.measure(short.indicator.measure or "")
    facts |= {"more": short.lacking.more, "noun": measure.noun}
    coming = expected.get((one.unit, measure.code)) if measure.grows and measure.code not in one.pending else None
    if coming is not None and coming < short.lacking.more:
        return {"kind": "desk.short_item_slow", "facts": facts | {"coming": coming}}
    return {"kind": "desk.short_item", "facts": facts}


def indicator(seen: View, code: str, start: int = 0) -> tuple[Say, ...]:
    """One row across all units that owe it: the whole office's figure, how many reach it, who falls short."""
    row = seen.catalogue.by_code.get(code)
    if row is None or row.measure is None:
        return ()
    stands = [one for one in seen.standings.values() if code in one.indicators]
    said = office_answers(stands, row.measure)
    states = [one.state(row) for one in stands]
    facts: Item = {"code": code, "name": row.title, "target": row.target.raw if row.target else "", "unit": row.unit}
    facts |= {
        "met": sum(found.outcome == "met" and found.stage not in REOPENED for found in states),
        "all": len(stands),
    }
    facts |= {"said": len(said), "office": _pooled(said)}
    short = [(one, found) for one, found in seen.short if found.indicator.code == code and row.measure not in one.owed]
    items, following = excerpt(short, lambda pair: short_item(*pair, seen.expected), "indicator", start, code)
    return (Say("desk.indicator", facts | {"short": len(short), "items": items}, following),)


def _pooled(answers: Iterable[Answer]) -> Item:
    """Sum of parts over sum of totals; never a mean of percentages."""
    pooled = shortfall.pool(answers)
    if pooled.percent is None:
        return {"kind": "desk.not_pooled", "facts": {}}
    facts: Item = {"n": pooled.numerator, "m": pooled.denominator, "percent": str(pooled.percent)}
    return {"kind": "desk.pooled", "facts": facts | {"left_out": pooled.left_out}}


def to_appraise(seen: View, start: int = 0) -> tuple[Say, ...]:
    found = seen.waiting
    if not found:
        return (Say("desk.nothing_waits", seen.head),)
    items, following = excerpt(found, lambda pair: _waits(*pair), "waiting", start)
    return (Say("desk.waits_appraisal", seen.head | {"n": len(found), "items": items}, following),)


def _waits(one: Standing, code: str) -> Item:
    facts = {"unit": one.unit_name, "codes": [row.code for row in one.judged(code)], "was": card.told(one, code)}
    return {"kind": "desk.waits_item", "facts": facts}


def unreachable(tx: Connection, start: int = 0) -> tuple[Say, ...]:
    names, lost = units.names(tx), people.unreachable(tx)
    if not lost:
        return (Say("desk.all_reachable"),)

    def line(row: Row[Any]) -> Item:
        facts = {"name": row.name, "unit": names[row.unit], "phone": row.phone or "-"}
        return {"kind": "desk.unreachable_item", "facts": facts}

    items, following = excerpt(lost, line, "unreachable", start)
    return (Say("desk.unreachable", {"n": len(lost), "items": items}, following),)


def to_call(seen: View) -> tuple[Say, ...]:
    """Those who report for units that owe something, and are reached by telephone alone; nothing where all are."""
    lost = [(row, one) for one in seen.incomplete for row in seen.focal.get(one.unit, ()) if row.person in seen.cut]
    items: list[Item] = [
        {
            "kind": "desk.unreachable_item",
            "facts": {"name": row.name, "unit": one.unit_name, "phone": row.phone or "-"},
        }
        for row, one in lost[:SHOWN]
    ]
    return (Say("desk.to_call", seen.head | {"items": [*items, *rest(len(lost))]}),) if lost else ()


def unregistered(seen: View, start: int = 0) -> tuple[Say, ...]:
    """Units for which nobody reports: whoever is to call them needs the name, and a letter."""
    found = seen.unregistered
    if not found:
        return (Say("desk.all_registered", seen.head),)
    items, following = excerpt(found, lambda one: {"kind": "desk.unit_item", "facts": {"unit": one.unit_name}},
                               "nobody", start)  # fmt: skip
    letter = Option("letter", "option.letter", numbered=False)
    return (Say("desk.unregistered", seen.head | {"n": len(found), "items": items}, (*following, letter)),)


def let_in(tx: Connection, since: datetime, until: datetime) -> Iterator[Say]:
    """Whom the office's list has let in since then; nothing where there was nobody."""
    names, found = units.names(tx), members.let_in_since(tx, since, until)
    shown = [
        {"kind": "desk.let_in", "facts": {"name": one.name, "unit": names[one.unit], "role": ROLES[one.role]}}
        for one in found[:SHOWN]
    ]
    if found:
        yield Say("digest.let_in", {"n": len(found), "items": [*shown, *rest(len(found), "desk.more_people")]})


def letter(seen: View) -> tuple[Say, ...]:
    """What is sent to such units on paper or by mail, ready to be copied."""
    return (Say("desk.letter", seen.head),) if seen.unregistered else (Say("desk.all_registered", seen.head),)


def unit_card(seen: View, unit: str, start: int = 0) -> tuple[Say, ...]:
    """One unit's rows."""
    one = seen.standings.get(unit)
    if one is None:
        return (Say("desk.owes_nothing", {"unit": unit}),)
    items, following = excerpt(one.measures, lambda code: card.row_of(one, code), "unit", start, unit)
    facts = {"unit": one.unit_name, "who": who(seen, unit), "until": until(seen, one), "promise": _promise(seen, unit)}
    return (Say("desk.unit_card", facts | {"items": items}, following),)


def digest(seen: View, head: Head | None = None) -> tuple[Say, ...]:
    """The day's summary: counts, the latest units, the shortfalls that most want attention, where the audit ends."""
    facts = seen.head | seen.counts | {"day": seen.now.date().isoformat(), "unreachable": len(seen.cut)}
    facts |= {"short": len(seen.short), "waiting": len(seen.waiting), "late": seen.late}
    facts |= {"broken": sum(one.owed != () and seen.broken(one.unit) for one in seen.standings.values())}
    items = [_late(seen, one) for one in seen.incomplete[:3]]
    items += [short_item(one, short, seen.expected) for one, short in seen.short[:3]]
    items += [{"kind": "digest.book", "facts": {"head": head.short}}] if head else []
    options = tuple(Option(f"detail {number}", _DETAILS[at], numbered=False) for number, at in DETAILS.items())
    return (Say("digest.daily", facts | {"items": items}, options),)


_DETAILS = {
    "missing": "option.detail_missing",
    "short": "option.detail_short",
    "waiting": "option.detail_waiting",
    "unreachable": "option.detail_unreachable",
    "nobody": "option.detail_nobody",
}


def notice(tx: Connection, typed: str, start: int = 0) -> tuple[Say, ...]:
    """What became of a notice, person by person; the newest one without a number."""
    row = notices.at(tx, int(typed)) if typed.isdecimal() else notices.newest(tx) if not typed else None
    if row is None:
        return (Say("notice.no_such", {"text": typed}),)
    names, order = units.names(tx), receipts(tx, row.id)
    facts = {"number": row.id, "title": row.title, **_in_few_words(tally(order))}

    def line(found: tuple[str, Row[Any]]) -> Item:
        stage, one = found
        return {"kind": _STATUS[stage], "facts": {"unit": names.get(one.unit, one.unit), "name": one.name}}

    items, following = excerpt(order, line, "notice", start, str(row.id))
    return (*notice_state(row), Say("notice.status", facts | {"items": items}, following))


def notice_state(row: Row[Any]) -> tuple[Say, ...]:
    """What has become of the notice as a whole; nothing of one that is simply out."""
    facts: Item = {"number": row.replaced or row.id}
    if row.replaced:
        return (Say("notice.state_replaced", facts),)
    if row.recalled:
        return (Say("notice.state_recalled" if row.sent else "notice.state_dropped", facts),)
    if row.held:
        return (Say("notice.state_held", facts),)
    if row.sent is None:
        return (Say("notice.state_scheduled", facts | {"at": row.due.isoformat()}),)
    return ()


def tally(order: Iterable[tuple[str, Row[Any]]]) -> dict[str, int]:
    """How many recipients are at each stage, and in all."""
    stages = [stage for stage, _ in order]
    return {"all": len(stages), **{stage: stages.count(stage) for stage in _STATUS}}


def _in_few_words(counted: dict[str, int]) -> dict[str, int]:
    """What was seen was sent: in chat they are one number."""
    return counted | {"sent": counted["sent"] + counted["seen"]}


def receipts(tx: Connection, number: int) -> list[tuple[str, Row[Any]]]:
    """(stage, recipient), those that want attention first."""
    return sorted(followed.receipts(tx, number), key=lambda pair: list(_STATUS).index(pair[0]))


_STATUS = {
    "failed": "notice.status_failed",
    "uncertain": "notice.status_uncertain",
    "sent": "notice.status_waits",
    "seen": "notice.status_seen",
    "waiting": "notice.status_queued",
    "acknowledged": "notice.status_done",
}
BAR = 10  # signs of a bar that shows how far it has come


def progress(tx: Connection, number: int) -> tuple[Say, ...]:
    """How far a notice has come, for whoever has sent it."""
    row = notices.at(tx, number)
    if row is None:
        return ()
    counted = _in_few_words(tally(receipts(tx, number)))
    done = counted["all"] - counted["waiting"]
    full = done * BAR // max(counted["all"], 1)
    facts = {"number": number, "title": row.title, "bar": "▰" * full + "▱" * (BAR - full), "done": done, **counted}
    return (Say("notice.progress", facts),)


def journal(tx: Connection, what: str, start: int = 0) -> tuple[Say, ...]:
    """What was done about a unit, or one measure of it: who, when, over which channel, from what to what."""
    unit, _, measure = what.partition(" ")
    found, name = audit.about(tx, unit, measure), units.names(tx).get(unit, unit)
    if not found:
        return (Say("journal.none", {"unit": name, "measure": measure or "-"}),)
    items, following = excerpt(found, _noted, "journal", start, what)
    return (Say("journal.of", {"unit": name, "n": len(found), "items": items}, following),)


def _noted(row: Row[Any]) -> Item:
    facts = {
        "at": row.at.isoformat(),
        "by": row.by_name or "-",
        "channel": row.channel,
        "deed": _DEEDS.get(row.deed, "journal.deed.other"),
    }
    facts |= {"subject": row.subject.rpartition("/")[2], "was": _brief(row.was), "now": _brief(row.now)}
    words = {"kind": "journal.verbatim", "facts": {"text": (row.verbatim or "")[:BRIEF]}}
    return {"kind": "journal.item", "facts": facts | {"verbatim": words if row.verbatim else NOTHING}}


_DEEDS = {
    "report": "journal.deed.report",
    "as_of": "journal.deed.as_of",
    "evidence": "journal.deed.evidence",
    "explain": "journal.deed.explain",
    "pending": "journal.deed.pending",
    "on_behalf": "journal.deed.on_behalf",
    "affirmed": "journal.deed.affirmed",
    "contested": "journal.deed.contested",
    "accepted": "journal.deed.accepted",
    "returned": "journal.deed.returned",
    "agreed": "journal.deed.agreed",
    "extend": "journal.deed.extend",
    "no extension": "journal.deed.no_extension",
    "ask time": "journal.deed.ask_time",
    "promise": "journal.deed.promise",
    "reopen": "journal.deed.reopen",
    "invite": "journal.deed.invite",
    "export": "journal.deed.export",
    "hand over": "journal.deed.hand_over",
    "relieve": "journal.deed.relieve",
}
"""What is done about units → what it is called."""
BRIEF = 80  # signs of a value or of what was typed
NOTHING: Item = {"kind": "journal.nothing", "facts": {}}


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else "-" if value is None else json.dumps(value, ensure_ascii=False)
    return text[:BRIEF]


def questions(tx: Connection, start: int = 0) -> tuple[Say, ...]:
    """What people have asked, and nobody has answered."""
    found, names = asked.open_ones(tx), units.names(tx)
    if not found:
        return (Say("question.none"),)

    def line(row: Row[Any]) -> Item:
        facts = {"number": row.id, "name": row.name, "unit": names.get(row.unit or "", ""), "text": row.body[:300]}
        return {"kind": "question.item", "facts": facts}

    items, following = excerpt(found, line, "questions", start)
    return (Say("question.open", {"n": len(found), "items": items}, following),)
