"""Appraisal by several offices: who may decide which row, and when a row is decided."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import clerk, desk, ledger, results
from bot.dialogue.deeds import (
    AcceptAll,
    Affirm,
    Appraise,
    Contest,
    Look,
    NextCard,
    OnBehalf,
    PreviewAll,
    Record,
    Scope,
)
from bot.dialogue.facts import Seat
from bot.dialogue.turn import Deed, Said
from bot.documents import table
from bot.words import Words
from catalogue import target
from catalogue.model import Answer
from storage import audit, campaigns, people, schema
from tests.house import BOOK, World
from tests.stage import CATALOGUES

FIGURE = Answer("value_fraction", 59, 60)
JOINT = ("TCCB", "VP")


@pytest.mark.parametrize(
    ("seat", "named", "spoken_for"),
    [
        (Seat(True, frozenset({"TCCB"})), JOINT, {"TCCB"}),
        (Seat(True, frozenset({"TCCB"})), ("TCCB",), {"TCCB"}),
        (Seat(True, frozenset({"P.TC"})), JOINT, {"TCCB"}),  # TCCB under another name speaks for who leads
        (Seat(True, frozenset({"TCCB"})), (), {"TCCB"}),
        (Seat(True, frozenset({"TCCB", "VP"})), JOINT, {"TCCB", "VP"}),
        (Seat(False, frozenset({"VP"})), JOINT, {"VP"}),
        (Seat(False, frozenset({"VP"})), ("TCCB",), set()),
        (Seat(False, frozenset({"VP"})), (), set()),
        (Seat(False, frozenset()), JOINT, set()),
    ],
)
def test_in_whose_name_somebody_appraises(seat: Seat, named: tuple[str, ...], spoken_for: set[str]) -> None:
    assert seat.speaks_for(named) == spoken_for


@pytest.fixture
def world(engine) -> Iterator[World]:
    world = World(engine)
    world.my = world.seat("my", "focal", "HKL-DV")  # type: ignore[attr-defined]
    world.seat("hanh", "tccb", "TCCB")
    world.seat("nga", "evaluator", "VP")
    world.seat("giam", "viewer", "VP")
    yield world
    world.close()


def done(world: World, who: str, deed: Deed) -> list[str]:
    """What the deed says, by its kinds."""

    def carry_out(tx):
        at = people.at(tx, people.address_at(tx, "far", "", who) or 0)
        facts = desk.gather(tx, CATALOGUES, at, Said(), world.now)
        return [say.kind for say in clerk.carry_out(deed, clerk.Errand(tx, at, facts, CATALOGUES))]

    return world.do(carry_out)


def state(world: World) -> list[str]:
    return [row.state for row in world.rows(schema.cell)]


@pytest.mark.parametrize("who", ["my", "giam"])
@pytest.mark.parametrize("deed", [Appraise(1, True), Appraise(1, False, "sai số"), NextCard(Scope())])
def test_nobody_else_appraises(world: World, who: str, deed: Deed) -> None:
    world.report("HKL-DV", "M08", FIGURE, world.my)
    with pytest.raises(PermissionError):
        done(world, who, deed)
    assert state(world) == ["waiting"]


@pytest.mark.parametrize("accept", [True, False])
def test_an_office_leaves_alone_what_does_not_name_it(world: World, accept: bool) -> None:
    report = world.report("HKL-DV", "M03", FIGURE, world.my)
    with pytest.raises(PermissionError):
        done(world, "nga", Appraise(report, accept, "sai số"))
    assert done(world, "nga", NextCard(Scope())) == ["appraise.nothing_waits"]


def test_where_one_leads_its_word_is_enough_and_the_others_is_not(world: World) -> None:
    report = world.report("HKL-DV", "M08", FIGURE, world.my)
    assert done(world, "nga", Appraise(report, True)) == ["appraise.agreed"]
    assert state(world) == ["waiting"]
    assert "appraise.other_agreed" in done(world, "hanh", NextCard(Scope()))
    assert done(world, "hanh", Appraise(report, True)) == ["appraise.accepted"]
    assert state(world) == ["accepted"]


@pytest.mark.parametrize("order", [("hanh", "nga"), ("nga", "hanh")])
def test_where_both_must_the_second_decides(world: World, order: tuple[str, str]) -> None:
    world.do(campaigns.set_joint, world.campaign, "both")
    report = world.report("HKL-DV", "M08", FIGURE, world.my)
    first, second = order
    assert done(world, first, Appraise(report, True)) == ["appraise.agreed"]
    assert done(world, first, Appraise(report, True)) == ["appraise.already_agreed"]
    assert done(world, second, Appraise(report, True)) == ["appraise.accepted"]
    assert state(world) == ["accepted"]
    deeds = [row.deed for row in world.rows(schema.audit)]
    assert (deeds, world.do(audit.first_broken)) == (["agreed", "accepted"], None)


def test_a_new_figure_needs_both_anew(world: World) -> None:
    world.do(campaigns.set_joint, world.campaign, "both")
    done(world, "nga", Appraise(world.report("HKL-DV", "M08", FIGURE, world.my), True))
    again = world.report("HKL-DV", "M08", FIGURE, world.my)
    assert done(world, "hanh", Appraise(again, True)) == ["appraise.agreed"]
    assert state(world) == ["waiting"]


@pytest.mark.parametrize("who", ["hanh", "nga"])
def test_either_gives_back_even_what_was_accepted(world: World, who: str) -> None:
    report = world.report("HKL-DV", "M08", FIGURE, world.my)
    done(world, "hanh", Appraise(report, True))
    assert done(world, who, Appraise(report, False, "thiếu minh chứng")) == ["appraise.returned"]
    assert done(world, "hanh", Appraise(report, True)) == ["appraise.already_returned"]
    assert state(world) == ["returned"]


def test_whoever_only_looks_sees_the_office_and_changes_nothing(world: World) -> None:
    assert done(world, "giam", Look("missing")) == ["desk.missing"]
    assert done(world, "giam", Look("unit", "HKL-DV")) == ["desk.unit_card"]
    for deed in (Look("unreachable"), Look("notice"), Look("ahead", "2024-12-03")):
        with pytest.raises(PermissionError):
            done(world, "giam", deed)


def exempted(world: World) -> list[str]:
    return [row.indicator for row in world.rows(schema.assignment) if row.unit == "CCKL" and row.origin == "exempt"]


def test_an_accepted_claim_takes_the_row_away_with_its_reason_and_a_return_brings_it_back(world: World) -> None:
    report = world.report("CCKL", "M10", Answer("not_applicable"), world.my)
    done(world, "hanh", Appraise(report, True))
    assert exempted(world) == ["NQ02.7"]
    reasons = [row.reason for row in world.rows(schema.assignment) if row.origin == "exempt"]
    assert reasons == [f" (26/11/2024, số liệu {report})"]
    done(world, "hanh", Appraise(report, False, "đơn vị có TTHC"))
    assert exempted(world) == []


def test_what_came_after_the_preview_is_not_accepted_with_it(world: World) -> None:
    shown = world.report("HKL-DV", "M08", FIGURE, world.my)
    assert done(world, "hanh", PreviewAll(Scope())) == ["appraise.preview_all"]
    world.report("HKL-DV", "M03", FIGURE, world.my)
    assert done(world, "hanh", AcceptAll(Scope(), shown)) == ["appraise.accepted_all"]
    assert sorted(state(world)) == ["accepted", "waiting"]
    assert done(world, "hanh", AcceptAll(Scope(), shown)) == ["appraise.nothing_waits"]


@pytest.mark.parametrize("deed", [PreviewAll(Scope()), AcceptAll(Scope(), 9)])
@pytest.mark.parametrize("who", ["my", "giam"])
def test_nobody_else_accepts_many(world: World, who: str, deed: Deed) -> None:
    world.report("HKL-DV", "M08", FIGURE, world.my)
    with pytest.raises(PermissionError):
        done(world, who, deed)
    assert state(world) == ["waiting"]


# What TCCB enters for a unit that telephoned


TOLD = Answer.fraction(59, 60)


def entered(world: World, answer: Answer = TOLD, unit: str = "HKL-DV", measure: str = "M08") -> int:
    """By TCCB."""
    deed = Record(world.campaign, unit, measure, answer, world.now.date(), "59/60 qua điện thoại")
    assert done(world, "hanh", OnBehalf((deed,))) == []
    return int(world.rows(schema.report)[-1].id)


def told_to(world: World, who: str) -> list[str]:
    address = world.address(who).id
    return [row.say[0]["kind"] for row in world.rows(schema.outbox) if row.address == address]


def from_the_book(world: World) -> list[dict[str, object]]:
    """The campaign's records as the book of changes tells them."""
    found = world.do(results.gather, CATALOGUES, world.campaign, world.now, "HKL-DV", True)
    return list(found.records())


def test_what_is_entered_on_a_unit_s_behalf_is_marked_and_told_at_once(world: World) -> None:
    entered(world)
    assert told_to(world, "my") == ["behalf.echo"]
    found = world.do(results.gather, CATALOGUES, world.campaign, world.now, "HKL-DV")
    assert [(row["state"], row["on_behalf"]) for row in found.records()] == [("waiting", True)]
    assert list(found.records()) == from_the_book(world)


def test_a_contest_opens_even_what_was_accepted(world: World) -> None:
    report = entered(world)
    done(world, "hanh", Appraise(report, True))
    assert done(world, "my", Contest(report, "số của tháng trước")) == ["behalf.contested"]
    assert (state(world), told_to(world, "hanh")) == (["contested"], ["behalf.contested_to_tccb"])
    assert done(world, "hanh", Appraise(report, True)) == ["appraise.already_contested"]
    assert done(world, "hanh", NextCard(Scope())) == ["appraise.nothing_waits"]
    last = world.rows(schema.audit)[-1]
    assert (last.deed, last.verbatim, from_the_book(world)[0]["state"]) == (
        "contested",
        "số của tháng trước",
        "contested",
    )


def test_a_unit_answers_once_and_only_for_what_was_entered_for_it(world: World) -> None:
    report = entered(world)
    assert done(world, "my", Affirm((report,))) == ["behalf.affirmed"]
    assert done(world, "my", Affirm((report,))) == done(world, "my", Contest(report, "số cũ")) == ["behalf.answered"]
    assert state(world) == ["waiting"]
    own = world.report("HKL-DV", "M08", FIGURE, world.my)
    assert done(world, "my", Contest(own, "số cũ")) == done(world, "my", Contest(report, "cũ")) == ["behalf.answered"]


def test_a_contested_claim_brings_the_row_back(world: World) -> None:
    world.seat("an", "focal", "CCKL")
    report = entered(world, Answer("not_applicable"), "CCKL", "M10")
    done(world, "hanh", Appraise(report, True))
    assert exempted(world) == ["NQ02.7"]
    done(world, "an", Contest(report, "đơn vị có TTHC"))
    assert exempted(world) == []


# What only a person can judge


@pytest.fixture
def judged(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The target of M08 is one that arithmetic can't be held against."""
    rows = (
        replace(row, target=target.read("Thường xuyên")) if row.measure == "M08" else row for row in BOOK.indicators
    )
    monkeypatch.setitem(CATALOGUES, BOOK.id, replace(BOOK, indicators=tuple(rows)))
    return world


def verdict(world: World, from_audit: bool = False) -> list[tuple[object, object]]:
    found = world.do(results.gather, CATALOGUES, world.campaign, world.now, "HKL-DV", from_audit)
    return [(row["state"], row["verdict"]) for row in found.records()]


def said_to(world: World, who: str, *texts: str) -> str:
    world.far.sent.clear()
    world.hear(who, *texts)
    world.answer()
    world.deliver()
    return "\n".join(world.far.texts(who))


@pytest.mark.parametrize(("word", "outcome", "mark"), [("đạt", "met", "met"), ("chưa đạt", "short", "short")])
def test_who_accepts_says_whether_a_target_is_met_that_only_a_person_can_judge(
    judged: World, word: str, outcome: str, mark: str
) -> None:
    judged.report("HKL-DV", "M08", TOLD, judged.my)
    assert verdict(judged) == [("waiting", "judged")]
    assert "do Phòng Tổ chức cán bộ Sở kết luận" in said_to(judged, "hanh", "thẩm định")
    assert 'gõ "đạt" hoặc "chưa đạt"' in said_to(judged, "hanh", "chấp nhận")
    assert 'gõ "đạt" hoặc "chưa đạt"' in said_to(judged, "hanh", "vâng")
    assert f"Kết luận: {word.capitalize()}." in said_to(judged, "hanh", word)
    assert verdict(judged) == [("accepted", outcome)]
    assert [row.deed for row in judged.rows(schema.audit)] == ["accepted", "judged"]
    assert f"{word}, theo kết luận thẩm định" in said_to(judged, "my", "?6.2")
    one = judged.do(results.gather, CATALOGUES, judged.campaign, judged.now, "HKL-DV").standings["HKL-DV"]
    assert ledger.line(one).marks.count(mark) == 1
    (part,) = table.of_unit(one, Words())
    assert part.rows[-1].verdict == word.capitalize()


def test_nothing_is_accepted_unjudged_and_a_return_takes_the_judgement_back(judged: World) -> None:
    report = judged.report("HKL-DV", "M08", TOLD, judged.my)
    assert done(judged, "hanh", Appraise(report, True)) == ["appraise.not_judged"]
    assert done(judged, "hanh", PreviewAll(Scope())) == ["appraise.nothing_waits"]
    assert done(judged, "hanh", AcceptAll(Scope(), report)) == ["appraise.nothing_waits"]
    assert done(judged, "nga", Appraise(report, True, outcome="met")) == ["appraise.agreed"]
    assert "appraise.other_agreed_as" in done(judged, "hanh", NextCard(Scope()))
    assert done(judged, "hanh", Appraise(report, True, outcome="short")) == ["appraise.accepted_as"]
    done(judged, "hanh", Appraise(report, False, "thiếu minh chứng"))
    assert verdict(judged) == [("returned", "judged")]


def test_what_arithmetic_says_is_nobody_s_to_judge(world: World) -> None:
    report = world.report("HKL-DV", "M08", TOLD, world.my)
    assert done(world, "hanh", Appraise(report, True, outcome="short")) == ["appraise.accepted"]
    assert verdict(world) == [("accepted", "met")]
