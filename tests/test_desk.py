"""One message, one transaction: all of it or none of it, once, in its turn, and never in another's way."""

import asyncio
from collections import defaultdict
from dataclasses import asdict

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import desk
from bot.channels.channel import Incoming
from bot.clerk import reporting
from bot.dialogue.turn import Attachment, Said
from storage import inbox, invitations, people, schema, talks
from tests.house import World, at
from tests.test_storage import at_once

REPORTING = ("báo cáo", "58/60", "đúng")


@pytest.fixture
def an(house: World) -> World:
    house.seat("an", "focal", "HKL-DV")
    return house


@pytest.fixture
def trap(monkeypatch):
    """Whoever says "bẫy" trips us; what they said is noted."""
    step, tripped = desk.router.step, []

    def trip(state, offered, said, facts):
        if said.text == "bẫy":
            tripped.append(said)
            raise ZeroDivisionError
        return step(state, offered, said, facts)

    monkeypatch.setattr(desk.router, "step", trip)
    return tripped


def outcomes(house: World) -> list[str | None]:
    return [row.outcome for row in house.rows(schema.inbox)]


# Heard once


def test_what_is_said_twice_is_answered_once(an):
    for _ in range(2):
        an.hear("an", *REPORTING, key="m")
        an.answer()
    assert len(an.rows(schema.report)) == 1
    assert outcomes(an) == ["answered"] * 3
    assert len(an.rows(schema.outbox)) == 3


def test_all_that_was_said_comes_back_out_of_the_inbox(an):
    said = Said("x", "yes", Attachment("ref", "a.xlsx", 7, "application/x"), sender="An", private=False)
    an.hear("an", said)
    (row,) = an.rows(schema.inbox)
    assert desk._said(row.said) == said


def test_a_word_that_somebody_has_blocked_us_is_noted_and_not_answered(an):
    an.hear("an", Said(event="blocked"))
    assert [row.name for row in an.do(people.unreachable)] == ["an"]
    an.hear("an", Said(event="returned"))
    assert an.do(people.unreachable) == []
    an.answer()
    assert an.rows(schema.inbox) == an.rows(schema.outbox) == []


def test_who_writes_again_is_reachable_again(an):
    an.hear("an", Said(event="blocked"), "báo cáo")
    assert an.do(people.unreachable) == []


# One transaction


def test_report_reply_state_and_the_message_itself_are_settled_together(an):
    an.hear("an", *REPORTING)
    an.answer()
    (report,), letters = an.rows(schema.report), an.rows(schema.outbox)
    assert (report.numerator, report.denominator, report.verbatim, report.channel) == (58, 60, "58/60", "far")
    assert [letter.reply_to for letter in letters] == [row.external_id for row in an.rows(schema.inbox)]
    assert [row.deed for row in an.rows(schema.audit)] == ["report"]


@pytest.mark.parametrize("place", ["reports.add", "audit.note", "outbox.put", "talks.save", "inbox.settle"])
def test_killed_anywhere_before_the_commit_nothing_is_half_done_and_then_all_is_done_once(an, monkeypatch, place):
    an.hear("an", "báo cáo", "58/60")
    an.answer()
    an.hear("an", "đúng")
    shelf, _, name = place.partition(".")
    module = reporting if shelf in ("reports", "audit") else desk

    def die(*given, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as power, pytest.raises(KeyboardInterrupt):
        power.setattr(getattr(module, shelf), name, die)
        an.do(desk.answer_next, an.house.catalogues, an.now)
    assert (len(an.rows(schema.report)), len(an.rows(schema.audit)), len(an.rows(schema.outbox))) == (0, 0, 2)
    assert outcomes(an) == ["answered", "answered", None]
    an.answer()
    assert (len(an.rows(schema.report)), len(an.rows(schema.audit)), len(an.rows(schema.outbox))) == (1, 1, 3)


def test_an_old_yes_does_not_confirm_a_new_figure(an):
    an.hear("an", "báo cáo", "58/60", "59/60", Said("", "yes M08 58/60"))
    an.answer()
    assert an.rows(schema.report) == []
    assert an.kinds()[-1] == "talk.old"
    an.hear("an", Said("", "yes M08 59/60"))
    an.answer()
    assert [row.numerator for row in an.rows(schema.report)] == [59]


# What trips us


def test_poison_is_parked_with_an_apology_and_those_behind_are_answered(an, trap, caplog):
    an.seat("my", "focal", "HKL-MV")
    an.hear("an", "bẫy", "báo cáo")
    an.hear("my", "báo cáo")
    an.answer()
    assert len(trap) == desk.PATIENCE
    assert outcomes(an) == ["parked: ZeroDivisionError", "answered", "answered"]
    assert an.kinds()[0] == "talk.sorry"
    assert "T1" in caplog.text
    an.deliver()
    assert "T1" in an.far.lines("an")[0]
    assert len(an.far.texts("my")) == 1


def test_what_is_parked_is_counted_for_whoever_looks_after_the_house(an, trap):
    an.hear("an", "bẫy", "báo cáo")
    an.answer()
    assert an.do(inbox.parked, at("2024-11-26 00:00")) == 1
    assert an.do(inbox.parked, an.now) == 0


def test_a_message_that_trips_us_once_or_twice_is_answered_in_the_end(an, monkeypatch):
    step, times = desk.router.step, iter([True, True, False])

    def stumble(*given):
        if next(times):
            raise ZeroDivisionError
        return step(*given)

    monkeypatch.setattr(desk.router, "step", stumble)
    an.hear("an", "báo cáo")
    an.answer()
    assert (outcomes(an), an.rows(schema.inbox)[0].tries, len(an.rows(schema.outbox))) == (["answered"], 2, 1)


def test_what_a_message_did_before_it_tripped_us_is_taken_back(an, monkeypatch):
    an.hear("an", *REPORTING)

    def trip(*given, **named):
        raise ZeroDivisionError

    monkeypatch.setattr(reporting.audit, "note", trip)
    an.answer()
    assert (an.rows(schema.report), outcomes(an)[2]) == ([], "parked: ZeroDivisionError")


def test_what_the_database_refuses_to_take_is_the_message_s_own_fault(an, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(desk.talks, "save", lambda tx, *rest: tx.execute(schema.setting.insert().values(name=None)))
        an.hear("an", "báo cáo")
        an.answer()
    assert outcomes(an) == [f"parked: {IntegrityError.__name__}"]
    an.hear("an", "báo cáo")
    an.answer()
    assert outcomes(an)[1] == "answered"


@pytest.mark.parametrize(
    "said", ["x" * 4000, "ă" * 5000, "9" * 3000, f"1/{'9' * 40}", f"{'9' * 40} %", "0," + "1" * 90]
)
def test_nothing_too_long_or_too_large_stops_the_queue(an, said):
    an.hear("an", "báo cáo", said, "đúng", "đúng", "còn thiếu gì")
    an.hear("stranger", said)
    an.answer()
    assert outcomes(an) == ["answered"] * 6


def test_a_long_reason_for_a_refusal_is_no_poison(an):
    an.seat("hanh", "tccb", "TCCB")
    code = an.do(invitations.issue, "HKL-MV", "focal", an.now)
    an.hear("new", code, "đồng ý", "Vàng Thị Mai")
    an.answer()
    an.hear("hanh", "từ chối 1 " + "lý do dài " * 100)
    an.answer()
    assert set(outcomes(an)) == {"answered"}
    assert [row.verdict for row in an.rows(schema.enrolment)] == ["refused"]


def test_the_database_s_own_trouble_counts_against_nobody(an, monkeypatch):
    an.hear("an", *REPORTING)

    def away(*given):
        raise OperationalError("SELECT", {}, Exception("the server has gone away"))

    for _ in range(2 * desk.PATIENCE):
        with monkeypatch.context() as trouble, pytest.raises(OperationalError):
            trouble.setattr(desk.talks, "load", away)
            asyncio.run(an.house.answer())
    assert [(row.tries, row.outcome) for row in an.rows(schema.inbox)] == [(0, None)] * 3
    an.answer()
    assert outcomes(an) == ["answered"] * 3


# In order, and by whomever


def test_more_messages_than_fit_in_one_batch_are_all_answered(an):
    an.hear("an", *["còn thiếu gì"] * 7)
    assert an.do(desk.answer_next, an.house.catalogues, an.now, most=3) == 3
    an.answer()
    assert outcomes(an) == ["answered"] * 7
    assert asyncio.run(an.house.answer()) == 0


def test_many_processes_answer_each_message_once_and_each_chat_in_order(house: World):
    chats = ["HKL-DV", "HKL-MV", "HKL-YM", "HKL-QBA", "HKL-VX"]
    for chat in chats:
        house.seat(chat, "focal", chat)

    async def hear_all(process):
        for number, text in enumerate(("còn thiếu gì", *REPORTING, "danh sách")):
            for chat in chats:
                await process.hear(Incoming("far", "", chat, f"{number}", Said(text)))
                await process.answer()
        while await process.answer():
            pass

    processes = [house.another(house.far) for _ in range(4)]
    at_once(*[lambda process=process: asyncio.run(hear_all(process)) for process in processes])

    kept, letters = house.rows(schema.inbox), house.rows(schema.outbox)
    assert [row.outcome for row in kept] == ["answered"] * 25
    assert [row.tries for row in kept] == [0] * 25
    assert sorted(row.unit for row in house.rows(schema.report)) == sorted(chats)
    heard, answered = defaultdict(list), defaultdict(list)
    for row in kept:
        heard[row.address].append(row.external_id)
    for letter in letters:
        answered[letter.address].append(letter.reply_to)
    assert answered == heard
    assert set(map(tuple, heard.values())) == {("0", "1", "2", "3", "4")}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_a_chat_whose_message_is_being_answered_waits_and_others_do_not(an):
    an.seat("my", "focal", "HKL-MV")
    an.hear("an", "báo cáo", "58/60")
    an.hear("my", "báo cáo")
    with an.engine.begin() as first, an.engine.begin() as second:
        assert [row.external_id for row in inbox.next(first)] == ["message 1"]
        assert [row.external_id for row in inbox.next(second, 2)] == ["message 3"]
        inbox.settle(second, 3, an.now, "answered")
        assert inbox.next(second) == []


def test_what_was_offered_last_is_remembered_with_the_talk(an):
    an.hear("an", "báo cáo", "58/60")
    an.answer()
    state, offered = an.do(talks.load, an.address("an").id)
    assert state["at"].endswith(".Confirming")
    assert [option["id"] for option in offered] == ["yes M08 58/60", "no M08 58/60"]


def test_facts_of_a_stranger_tell_nothing_of_the_office(an):
    stranger = an.address("stranger")
    facts = an.do(desk.gather, an.house.catalogues, stranger, Said("45/60"), an.now)
    assert asdict(facts) == asdict(type(facts)(an.now, called="far"))


def test_whoever_only_looks_sees_no_telephone(house: World) -> None:
    my = house.seat("my", "focal", "HKL-DV")
    house.do(lambda tx: tx.execute(schema.person.update().where(schema.person.c.id == my).values(phone="0912345678")))
    for name, role in (("hanh", "tccb"), ("xem", "viewer")):
        house.seat(name, role, "TCCB")
        house.hear(name, "đơn vị HKL-DV", "thiếu")
        house.answer()
        house.answer()
        house.deliver()
    assert any("0912345678" in text for text in house.far.texts("hanh"))
    assert len(house.far.texts("xem")) == 2 and not any("0912345678" in text for text in house.far.texts("xem"))
