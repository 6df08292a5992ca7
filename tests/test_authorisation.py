"""Who may do what: every deed, every command and every button, for every role and a stranger.

A new deed, command or button without a line here fails: somebody has to think about who may.
"""

import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot import clerk, desk
from bot.dialogue import deeds, router
from bot.dialogue.deeds import Aim, Notice, Scope
from bot.dialogue.turn import Deed, Said
from bot.words import Words
from catalogue.model import Answer
from storage import people, schema
from tests.house import World
from tests.house import at as moment

SECRET = "47/60"  # what the other unit has reported
THEIRS, OTHER = "HKL-DV", "HKL-MV"
SEATS = {
    "focal": ("focal", THEIRS),
    "head": ("head", "TTKN"),
    "tccb": ("tccb", "TCCB"),
    "evaluator": ("evaluator", "VP"),
    "viewer": ("viewer", "TTRA"),
}
NOW = moment("2024-11-26 09:00")
EVERYBODY = {"stranger", *SEATS}
KNOWN = EVERYBODY - {"stranger"}
DESK, SEES = {"tccb"}, {"tccb", "viewer"}
APPRAISE = {"tccb", "evaluator"}
TALKED = {"talk", "inbox", "outbox", "address"}  # change with every message, whoever writes


@pytest.fixture
def office(engine) -> Iterator[World]:
    """One person of each role; another unit has reported, and somebody waits to be let in."""
    world = World(engine)
    world.house.words = {**world.house.words, "en": Words("en")}
    world.house.open([world.far])
    for chat, (role, unit) in SEATS.items():
        world.seat(chat, role, unit)
    far = world.seat("other", "focal", OTHER)
    world.report(OTHER, "M08", Answer("fraction", 47, 60), far)
    yield world
    world.close()


def pairs(table: dict[str, tuple[str, set[str]]], *who: str, allowed: bool) -> list[tuple[str, str]]:
    """What is said, and by whom."""
    people = who or sorted(EVERYBODY)
    return [(said, one) for said, (_, those) in table.items() for one in people if (one in those) == allowed]


# Deeds


DEEDS: dict[type[Deed], tuple[Deed, set[str]]] = {
    type(deed): (deed, who)
    for deed, who in [
        (deeds.Record(1, OTHER, "M08", Answer("fraction", 1, 2), date(2024, 11, 26), "1/2"), set()),
        (deeds.Explain(1, OTHER, "M08", "lý do"), set()),
        (deeds.TellPending(1, OTHER, "M08", 5), set()),
        (deeds.OnBehalf((deeds.Record(1, OTHER, "M03", Answer("fraction", 1, 2), NOW.date(), "1/2"),)), DESK),
        (deeds.ShowProof(OTHER, "M08"), SEES | APPRAISE),
        (deeds.Affirm((1,)), set()),  # of a unit of somebody else's
        (deeds.Contest(1, "số cũ"), set()),
        (deeds.Tell(1, OTHER, "M08"), set()),
        (deeds.AskTime(1, OTHER, "xin lùi", date(2024, 12, 10)), set()),
        (deeds.Promise(1, OTHER, NOW), set()),
        (deeds.WrongCode(), EVERYBODY),
        (deeds.Enrol(1, "Tên"), EVERYBODY),
        (deeds.OpenBoard(), KNOWN),
        (deeds.HandOut(("table",), 1, OTHER), DESK),
        (deeds.Acknowledge(1, "đã nhận"), KNOWN),  # counts only for a recipient
        (deeds.Speak("en"), KNOWN),
        (deeds.ShowMine(), KNOWN),
        (deeds.Rename("Tên Mới"), KNOWN),
        (deeds.SetPhone("0912345678"), KNOWN),
        (deeds.AskErasure(), KNOWN),
        (deeds.DecideErasure(1, True), DESK),
        (deeds.OpenLink(), KNOWN),
        (deeds.Join(1), {"stranger"}),  # with a code that is good, which this is not
        (deeds.Prefer(6), set()),  # an address of somebody else's
        (deeds.DropAddress(6), set()),
        (deeds.RevokeCodes(OTHER), DESK),
        (deeds.SeekPerson("other"), DESK),
        (deeds.Dismiss(6, True), DESK),
        (deeds.Disown(), KNOWN),
        (deeds.DecideAddress(6, True), DESK),
        (deeds.Forward("question", "hỏi"), KNOWN),
        (deeds.Decide(1, True), DESK),
        (deeds.Invite(OTHER, "focal"), DESK),
        (deeds.PrintInvitations(), DESK),
        (deeds.Look("notice"), DESK),
        (deeds.Preview(Notice("t", "b"), Aim("all")), DESK),
        (deeds.Broadcast(Notice("t", "b"), Aim("all")), DESK),
        (deeds.Release(1, go=True), DESK),
        (deeds.Recall(1), DESK),
        (deeds.KeepCircle("miền núi", Aim("all")), DESK),
        (deeds.Reply(1, "từ 15/12"), DESK),
        (deeds.Appraise(1, True), {"tccb", "evaluator"}),
        (deeds.Queue(), APPRAISE),
        (deeds.NextCard(Scope()), APPRAISE),
        (deeds.PreviewAll(Scope()), APPRAISE),
        (deeds.AcceptAll(Scope(), 1), APPRAISE),
        (deeds.Extend(1, OTHER, date(2024, 12, 20)), DESK),
        (deeds.BeAway(date(2024, 12, 5)), {"focal"}),
        (deeds.ComeBack(), KNOWN),
        (deeds.HandOver("Nguyễn Văn B"), {"focal"}),
        (deeds.KeepDuty(), {"focal"}),
        (deeds.PreviewExtend(1, OTHER, date(2024, 12, 20)), DESK),
        (deeds.PreviewMove(1, date(2024, 12, 5)), DESK),
        (deeds.Move(1, date(2024, 12, 5)), DESK),
        (deeds.KeepDeadline(1, OTHER), DESK),
        (deeds.Hold(1, "T-3", True), DESK),
        (deeds.Lock(1), DESK),
        (deeds.Reopen(1, OTHER, "lý do"), DESK),
        (deeds.PreviewUrge(), DESK),
        (deeds.Urge(), DESK),
    ]
}


def kinds_of_deed() -> set[type[Deed]]:
    return {
        kind for _, kind in inspect.getmembers(deeds, inspect.isclass) if issubclass(kind, Deed) and kind is not Deed
    }


def test_every_deed_has_its_line() -> None:
    assert set(DEEDS) == kinds_of_deed()


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_deed_is_done_for_those_alone_who_may(office: World, who: str, subtests: pytest.Subtests) -> None:
    before = state(office)
    for kind, (deed, allowed) in DEEDS.items():
        with subtests.test(kind.__name__):
            assert permitted(office, deed, who) == (who in allowed)
            assert state(office) == before


def permitted(office: World, deed: Deed, who: str) -> bool:
    """Nothing of it stays. For another reason it may still fail: there is no such invitation, no such person."""
    with office.engine.connect() as tx:
        address = people.at(tx, people.address_of(tx, "far", "", who, office.now))
        facts = desk.gather(tx, office.house.catalogues, address, Said(), office.now)
        try:
            clerk.carry_out(deed, clerk.Errand(tx, address, facts, office.house.catalogues, office.calendar))
        except PermissionError:
            return False
        except Exception:
            return True
        finally:
            tx.rollback()
    return True


def state(office: World) -> dict[str, list[Any]]:
    """All that is remembered, but for the talk itself."""
    tables = [table for table in schema.meta.sorted_tables if table.name not in TALKED]
    return {table.name: [tuple(row) for row in office.rows(table)] for table in tables}


# What is typed


COMMANDS: dict[str, tuple[str, set[str]]] = {  # its first words → what may follow, who is answered
    "thieu": ("", KNOWN),  # a unit's people are told of their own
    "thong bao": ("Họp | Đề nghị dự họp", DESK),
    "duyet": ("1", DESK),
    "tu choi": ("1 nhầm", DESK),
    "cho duyet": ("", DESK),
    "phieu moi": ("", DESK),
    "ai dung ma": (OTHER, DESK),
    "thu hoi ma": (OTHER, DESK),
    "thu hoi": ("other", DESK),
    "moi": (OTHER, DESK),
    "tham dinh": (OTHER, APPRAISE),
    "cho tham dinh": ("", APPRAISE),
    "chi tiet": ("1", SEES),
    "don vi": (OTHER, SEES),
    "ai nhan": ("1", DESK),
    "dinh chinh": ("1: 9 giờ", DESK),
    "thu hoi thong bao": ("1", DESK),
    "phat hanh": ("1", DESK),
    "khong phat hanh": ("1: sai ngày", DESK),
    "nhom": ("", DESK),
    "cau hoi": ("", DESK),
    "tra loi": ("1: từ 15/12", DESK),
    "gia han": (f"{OTHER} 20/12/2024", KNOWN),  # of others it is a wish for themselves, which TCCB decides
    "nhap ho": (f"{OTHER} 6.2: 48/60", DESK),
    "xem minh chung": (f"{OTHER} 6.2", KNOWN),
    "phan doi": ("6.2 số cũ", KNOWN),
    "khong gia han": (OTHER, KNOWN),
    "hoan nhac": ("T-3", DESK),
    "bo hoan nhac": ("T-3", DESK),
    "xem nhac": ("03/12", DESK),
    "khoa dot": ("", DESK),
    "mo lai": (f"{OTHER} nhầm", DESK),
    "nhac ngay": ("", DESK),
    "hen": ("chiều mai", KNOWN),
    "bao cao": ("", KNOWN),
    "xuat bang": (OTHER, KNOWN),
    "bang cua don vi": (OTHER, KNOWN),
    "anh": ("", DESK),
    "mau": ("", KNOWN),
    "con thieu gi": ("", KNOWN),
    "giai thich": ("6.2", KNOWN),
    "hoi": ("mẫu số", KNOWN),
    "lich su": ("6.2", KNOWN),
    "english": ("", KNOWN),
    "vietnamese": ("", KNOWN),
    "bang": ("", KNOWN),
    "du lieu cua toi": ("", KNOWN),
    "nhat ky": (OTHER, DESK),
    "sua ten toi": ("Tên Mới", KNOWN),
    "sua so dien thoai": ("0912345678", KNOWN),
    "xoa du lieu cua toi": ("", KNOWN),
    "xoa du lieu": ("1", DESK),
    "khong xoa du lieu": ("1 lý do", DESK),
    "minh chung": ("6.2: QĐ 1/QĐ-SNN", KNOWN),
    "hieu qua nhac": ("", DESK),
    "chap nhan tat ca": (OTHER, APPRAISE),
    "chua dang ky": ("", SEES),
    "them": ("", KNOWN),
    "thong bao mo dot": ("", DESK),
    "han muc": ("", DESK),
    "toi nghi den": ("05/12", KNOWN),
    "di lam lai": ("", KNOWN),
    "ban giao cho": ("Nguyễn Văn B", KNOWN),
    "huy ban giao": ("", KNOWN),
    "doi han": ("05/12", KNOWN),
    "thu moi": ("", DESK),
    "lien ket": ("", KNOWN),
    "kenh cua toi": ("", KNOWN),
    "uu tien": ("far", KNOWN),
    "bo kenh": ("far", KNOWN),
    "khong phai toi": ("", KNOWN),
    "tra tai khoan": ("6", DESK),
    "bo tai khoan": ("6", DESK),
}


def test_every_command_has_its_line() -> None:
    assert {command.words[0] for command in router._COMMANDS} == set(COMMANDS)


def test_no_command_hides_another_that_comes_after_it() -> None:
    before: list[str] = []
    for command in router._COMMANDS:
        hidden = [(words, first) for words in command.words for first in before if words.startswith(f"{first} ")]
        assert hidden == []
        before += command.words if command.more else ()


def tells_nothing(answer: str) -> bool:
    return SECRET not in answer and "Mèo Vạc" not in answer


def told(office: World, who: str, said: str | Said) -> str:
    office.far.sent.clear()
    office.hear(who, said)
    office.answer()
    office.deliver()
    return "\n".join(office.far.texts(who))


@pytest.mark.parametrize(("words", "who"), pairs(COMMANDS, allowed=True))
def test_a_command_is_answered_for_those_who_may_and_shows_another_unit_to_few(
    office: World, words: str, who: str
) -> None:
    answer = told(office, who, f"{words} {COMMANDS[words][0]}".strip())
    assert answer
    if who not in SEES | APPRAISE:
        assert tells_nothing(answer)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_command_of_others_changes_nothing_and_tells_nothing(
    office: World, who: str, subtests: pytest.Subtests
) -> None:
    before = state(office)
    for words, _ in pairs(COMMANDS, who, allowed=False):
        with subtests.test(words):
            assert tells_nothing(told(office, who, f"{words} {COMMANDS[words][0]}".strip()))
            assert state(office) == before
            office.go(timedelta(seconds=2))  # more than sixty in a minute are too many


@pytest.mark.parametrize("who", sorted(EVERYBODY - DESK))
def test_no_words_of_others_than_tccb_s_move_a_deadline(office: World, who: str) -> None:
    before = office.rows(schema.campaign), office.rows(schema.extension)
    for words in ("gia han", "khong gia han", "doi han"):
        told(office, who, f"{words} {COMMANDS[words][0]}")
    assert (office.rows(schema.campaign), office.rows(schema.extension)) == before


# What is pressed


PRESSED: dict[str, tuple[str, set[str]]] = {
    "report": ("", KNOWN),
    "missing": ("", KNOWN),
    "approve": ("1", DESK),
    "refuse": ("1", DESK),
    "invite": (f"{OTHER} focal", DESK),
    "appraise": (f"unit {OTHER}", APPRAISE),
    "queue": ("0", APPRAISE),
    "accept": ("1", APPRAISE),
    "judge": ("1", APPRAISE),
    "met": ("1", APPRAISE),
    "short": ("1", APPRAISE),
    "return": ("1", APPRAISE),
    "later": ("1", APPRAISE),
    "detail": ("1", SEES),
    "preview-all": (f"unit {OTHER}", APPRAISE),
    "accept-all": (f"1 unit {OTHER}", APPRAISE),
    "more": ("missing 0", SEES),
    "letter": ("", DESK),
    "proof": (f"{OTHER} M08", APPRAISE),
    "right": (f"1 1 {OTHER}", set()),  # what nobody entered on their behalf
    "contest": (f"1 1 {OTHER}", set()),
    "contest-one": ("1", set()),
    "unit-card": (OTHER, SEES),
    "who": ("1", DESK),
    "release": ("1", DESK),
    "withhold": ("1", DESK),
    "answer": ("1", DESK),
    "extend": (f"1 {OTHER} 2024-12-20", DESK),
    "no-extend": (f"1 {OTHER}", DESK),
    "lock": ("1", DESK),
    "table": (f"1 {OTHER}", DESK),
    "revoke": ("1", DESK),
    "revoke-of": (OTHER, DESK),
    "dismiss": ("6", DESK),
    "dismiss-surely": ("6", DESK),
    "give-back": ("6", DESK),
    "take-away": ("6", DESK),
    "prefer": ("6", set()),  # somebody else's address
    "drop-address": ("6", set()),
    "erase": ("1", DESK),
    "keep-data": ("1", DESK),
}


def test_every_button_has_its_line() -> None:
    assert set(PRESSED) == set(router._PRESSED)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_button_of_another_person_does_nothing(office: World, who: str, subtests: pytest.Subtests) -> None:
    before = state(office)
    for act, _ in pairs(PRESSED, who, allowed=False):
        with subtests.test(act):
            assert tells_nothing(told(office, who, Said("", f"{act} {PRESSED[act][0]}".strip())))
            assert state(office) == before
            office.go(timedelta(seconds=2))
