"""Every deed that changes something leaves a row in the book: who, when, over which channel, from what to what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from bot import clerk, desk
from bot.dialogue import deeds
from bot.dialogue.deeds import Aim, Notice, Scope
from bot.dialogue.turn import Deed, Said
from catalogue.model import Answer
from storage import audit, invitations, notices, people, schema
from tests.house import World
from tests.test_authorisation import TALKED, kinds_of_deed

UNIT, AT = "CCKL", "1/CCKL/M05"
TODAY = date(2024, 11, 26)
ANY = object()
LATER, WHOLE = date(2024, 12, 9), Scope()


def record(numerator: int) -> Deed:
    return deeds.Record(1, UNIT, "M05", Answer.fraction(numerator, 50), TODAY, f"{numerator}/50")


BEHALF = deeds.OnBehalf((record(30),))
NOTICE = deeds.Broadcast(Notice("Họp", "Mời dự họp"), Aim("all"))


@dataclass(frozen=True)
class Case:
    """What is done before, by whom; the deed, by whom; the row that it leaves; None where nothing was, or is now."""

    who: str
    deed: Deed | Callable[[World], Deed]
    left: str
    was: Any = None
    now: Any = ANY
    before: tuple[tuple[str, Deed], ...] = ()
    ready: Callable[[World], object] = lambda world: None


def beside(world: World) -> int:
    """The number of a second chat of An's."""
    return next(row.id for row in world.rows(schema.address) if (row.channel, row.chat) == ("web", "an"))


def invited(world: World) -> None:
    world.do(invitations.issue, UNIT, "focal", world.now)


def by_two(world: World) -> None:
    world.do(notices.second_officer_from, 1)


ASKS = ("la", deeds.Enrol(1, "Lê Thị Đạt"))
LINKED = (("an", deeds.OpenLink()), ("la", deeds.Join(1)))
CASES = {
    deeds.Record: Case("an", record(30), "report", "20/50", "30/50", (("an", record(20)),)),
    deeds.Explain: Case("an", deeds.Explain(1, UNIT, "M05", "ít hồ sơ"), "explain", None, "ít hồ sơ"),
    deeds.TellPending: Case("an", deeds.TellPending(1, UNIT, "M05", 5), "pending", None, "5"),
    deeds.OnBehalf: Case("hanh", BEHALF, "report", "20/50", "30/50", (("an", record(20)),)),
    deeds.Affirm: Case("an", deeds.Affirm((1,)), "affirmed", before=(("hanh", BEHALF),)),
    deeds.Contest: Case("an", deeds.Contest(1, "số cũ"), "contested", before=(("hanh", BEHALF),)),
    deeds.AskTime: Case("an", deeds.AskTime(1, UNIT, "ốm", TODAY, LATER), "ask time", "2024-11-26", "2024-12-09"),
    deeds.Promise: Case(
        "an",
        lambda world: deeds.Promise(1, UNIT, world.now),
        "promise",
        None,
        "2024-11-26T09:00:00+07:00",
    ),
    deeds.WrongCode: Case("la", deeds.WrongCode(), "wrong code", 0, 1),
    deeds.Enrol: Case(*ASKS, "enrol", ready=invited),
    deeds.OpenBoard: Case("an", deeds.OpenBoard(), "open board", now=None),
    deeds.HandOut: Case("hanh", deeds.HandOut(("table",), 1, UNIT), "export", None, ["table"]),
    deeds.Acknowledge: Case("an", deeds.Acknowledge(1, "đã rõ"), "acknowledge", before=(("hanh", NOTICE),)),
    deeds.Speak: Case("an", deeds.Speak("en"), "language", "", "en"),
    deeds.Rename: Case("an", deeds.Rename("Trần Văn An"), "rename", "an", "Trần Văn An"),
    deeds.SetPhone: Case("an", deeds.SetPhone("0912345678"), "phone", None, "0912345678"),
    deeds.AskErasure: Case("an", deeds.AskErasure(), "ask erasure", None, 1),
    deeds.DecideErasure: Case(
        "hanh", deeds.DecideErasure(1, True), "erase", None, 1, before=(("an", deeds.AskErasure()),)
    ),
    deeds.OpenLink: Case("an", deeds.OpenLink(), "link code", now=None),
    deeds.Join: Case("la", deeds.Join(1), "link", before=(("an", deeds.OpenLink()),)),
    deeds.Disown: Case("an", deeds.Disown(), "disown", before=LINKED),
    deeds.DecideAddress: Case(
        "hanh",
        lambda world: deeds.DecideAddress(world.address("la").id, True),
        "give back",
        before=(*LINKED, ("an", deeds.Disown())),
    ),
    deeds.RevokeCodes: Case("hanh", deeds.RevokeCodes(UNIT, sure=True), "revoke", UNIT, None, ready=invited),
    deeds.Dismiss: Case("hanh", deeds.Dismiss(1, sure=True), "dismiss", "focal", None),
    deeds.Prefer: Case("an", lambda world: deeds.Prefer(beside(world)), "prefer", None, "web"),
    deeds.DropAddress: Case("an", lambda world: deeds.DropAddress(beside(world)), "unlink", "web"),
    deeds.Forward: Case("an", deeds.Forward("question", "mẫu số là gì"), "question", None, 1),
    deeds.Reply: Case(
        "hanh", deeds.Reply(1, "là hồ sơ"), "answer", None, "là hồ sơ", (("an", deeds.Forward("question", "gì")),)
    ),
    deeds.Decide: Case("hanh", deeds.Decide(1, True), "approve", None, UNIT, (ASKS,), invited),
    deeds.Invite: Case("hanh", deeds.Invite(UNIT, "focal"), "invite", None, "focal"),
    deeds.PrintInvitations: Case("hanh", deeds.PrintInvitations(), "print invitations"),
    deeds.Broadcast: Case("hanh", NOTICE, "notice"),
    deeds.Release: Case("dung", deeds.Release(1, go=True), "notice released", before=(("hanh", NOTICE),), ready=by_two),
    deeds.Recall: Case("hanh", deeds.Recall(1), "notice recalled", before=(("hanh", NOTICE),)),
    deeds.KeepCircle: Case(
        "hanh",
        deeds.KeepCircle("gần", Aim("heads")),
        "circle",
        {"audience": "all", "what": []},
        {"audience": "heads", "what": []},
        (("hanh", deeds.KeepCircle("gần", Aim("all"))),),
    ),
    deeds.Appraise: Case("hanh", deeds.Appraise(1, True), "accepted", None, 1, (("an", record(30)),)),
    deeds.AcceptAll: Case("hanh", deeds.AcceptAll(WHOLE, 1), "accepted", None, 1, (("an", record(50)),)),
    deeds.Extend: Case("hanh", deeds.Extend(1, UNIT, date(2024, 12, 12)), "extend", "2024-12-10", "2024-12-12"),
    deeds.KeepDeadline: Case("hanh", deeds.KeepDeadline(1, UNIT), "no extension", None, "2024-12-10"),
    deeds.Move: Case("hanh", deeds.Move(1, date(2024, 12, 5)), "deadline", "2024-12-10", "2024-12-05"),
    deeds.Hold: Case("hanh", deeds.Hold(1, "T-3", True), "hold", now=None),
    deeds.Lock: Case("hanh", deeds.Lock(1), "lock", now=None),
    deeds.Reopen: Case("hanh", deeds.Reopen(1, UNIT, "nhầm"), "reopen", None, ANY, (("hanh", deeds.Lock(1)),)),
    deeds.Urge: Case("hanh", deeds.Urge(), "urge"),
    deeds.BeAway: Case("an", deeds.BeAway(date(2024, 12, 5)), "away", None, "2024-12-05"),
    deeds.ComeBack: Case("an", deeds.ComeBack(), "back", None, None, (("an", deeds.BeAway(date(2024, 12, 5))),)),
    deeds.HandOver: Case("an", deeds.HandOver("Lê Thị Đạt"), "hand over"),
    deeds.KeepDuty: Case("an", deeds.KeepDuty(), "keep", None, None, (("an", deeds.HandOver("Lê Thị Đạt")),)),
}
LOOKS: dict[type[Deed], tuple[str, Deed]] = {
    deeds.Tell: ("an", deeds.Tell(1, UNIT, "M05")),
    deeds.ShowMine: ("an", deeds.ShowMine()),
    deeds.SeekPerson: ("hanh", deeds.SeekPerson("an")),
    deeds.Look: ("hanh", deeds.Look("missing")),
    deeds.Preview: ("hanh", deeds.Preview(Notice("t", "b"), Aim("all"))),
    deeds.Queue: ("hanh", deeds.Queue()),
    deeds.ShowProof: ("hanh", deeds.ShowProof(UNIT, "M05")),
    deeds.NextCard: ("hanh", deeds.NextCard(WHOLE)),
    deeds.PreviewAll: ("hanh", deeds.PreviewAll(WHOLE)),
    deeds.PreviewExtend: ("hanh", deeds.PreviewExtend(1, UNIT, date(2024, 12, 12))),
    deeds.PreviewMove: ("hanh", deeds.PreviewMove(1, date(2024, 12, 5))),
    deeds.PreviewUrge: ("hanh", deeds.PreviewUrge()),
}
"""What only looks changes nothing, and leaves no row."""


@pytest.fixture
def office(house: World) -> World:
    house.seat("an", "focal", UNIT, channels=("far", "web"))
    house.seat("bao", "head", UNIT)
    house.seat("hanh", "tccb", "TCCB")
    house.seat("dung", "tccb", "TCCB")
    return house


def done(world: World, who: str, deed: Deed) -> Any:
    """The person who did it, and the rows that it left."""

    def do(tx: Any) -> int | None:
        address = people.at(tx, people.address_of(tx, "far", "", who, world.now))
        facts = desk.gather(tx, world.house.catalogues, address, Said(f"nhập hộ {UNIT}"), world.now)
        clerk.carry_out(deed, clerk.Errand(tx, address, facts, world.house.catalogues, world.calendar, "k" * 32))
        return people.at(tx, address.id).person

    known = len(world.rows(schema.audit))
    person = world.do(do)
    return person, world.rows(schema.audit)[known:]


def test_every_deed_changes_or_looks() -> None:
    assert CASES.keys() | LOOKS.keys() == kinds_of_deed()
    assert not CASES.keys() & LOOKS.keys()


@pytest.mark.parametrize("kind", list(CASES), ids=lambda kind: kind.__name__)
def test_a_deed_leaves_its_row(office: World, kind: type[Deed]) -> None:
    case = CASES[kind]
    case.ready(office)
    for who, deed in case.before:
        done(office, who, deed)
    deed = case.deed(office) if callable(case.deed) else case.deed
    assert type(deed) is kind
    person, rows = done(office, case.who, deed)
    row = next(row for row in rows if row.deed == case.left)
    assert (row.person, row.channel, row.at) == (person, "far", office.now)
    assert row.was == case.was
    assert row.now == case.now if case.now is not ANY else row.now is not None
    assert office.do(audit.first_broken) is None


@pytest.mark.parametrize("kind", list(LOOKS), ids=lambda kind: kind.__name__)
def test_a_look_leaves_nothing(office: World, kind: type[Deed]) -> None:
    done(office, "an", record(30))
    who, deed = LOOKS[kind]
    assert type(deed) is kind

    def state() -> dict[str, list[Any]]:
        tables = [table for table in schema.meta.sorted_tables if table.name not in TALKED]
        return {table.name: office.rows(table) for table in tables}

    before = state()
    done(office, who, deed)
    assert state() == before
