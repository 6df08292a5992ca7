"""What is remembered: exact, aware of its hour, once where it has to be once."""

import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from catalogue.model import Answer
from storage import (
    board,
    campaigns,
    db,
    inbox,
    invitations,
    notices,
    outbox,
    people,
    reports,
    schema,
    settings,
    slots,
    talks,
    units,
)
from storage.prepared import Prepared
from tests.house import BOOK, OFFICE, World, at

M08 = Answer.fraction(45, 60)
LEASE = timedelta(minutes=2)


def at_once(*works):
    """Each on a thread of its own, all let go at the same moment; whatever they raise is raised here."""
    gate, faults = threading.Barrier(len(works)), []

    def run(work):
        try:
            gate.wait(10)
            work()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


# The database itself


def test_a_moment_comes_back_as_the_same_moment_in_the_office_s_own_zone(engine):
    when = datetime(2024, 12, 10, 16, 59, 59, 123456, tzinfo=UTC)
    with engine.begin() as tx:
        slots_row = {"job": "test", "started": when}
        tx.execute(schema.run.insert().values(**slots_row))
    with engine.begin() as tx:
        found = tx.execute(schema.run.select()).one().started
    assert found == when
    assert found.isoformat() == "2024-12-10T23:59:59.123456+07:00"


def test_a_moment_without_a_zone_is_refused(engine):
    with engine.begin() as tx, pytest.raises(StatementError, match="time zone"):
        tx.execute(schema.run.insert().values(job="test", started=datetime(2024, 12, 10)))  # noqa: DTZ001


def test_moments_are_compared_as_moments_wherever_they_were_written(engine):
    with engine.begin() as tx:
        for hour in (1, 5, 3):
            started = datetime(2024, 12, 10, hour, tzinfo=UTC)
            tx.execute(schema.run.insert().values(job="test", started=started))
        later = schema.run.c.started > at("2024-12-10 09:30")
        found = tx.execute(schema.run.select().where(later).order_by(schema.run.c.started)).all()
    assert [row.started.hour for row in found] == [10, 12]


def test_a_reader_sees_what_was_there_when_it_began_and_keeps_nobody_from_writing(engine):
    with engine.begin() as tx:
        settings.keep(tx, "n", 1)
    with db.reading(engine) as look:
        assert settings.get(look, "n") == 1
        with engine.begin() as tx:
            settings.keep(tx, "n", 2)
    with db.reading(engine) as look:
        assert settings.get(look, "n") == 2


def test_insert_new_says_whether_it_was_new(engine):
    with engine.begin() as tx:
        assert db.insert_new(tx, schema.setting, name="a", value=1) is True
        assert db.insert_new(tx, schema.setting, name="a", value=2) is False
        assert settings.get(tx, "a") == 1


def test_whether_it_can_be_written_is_found_out_by_trying_and_leaves_nothing(engine):
    assert db.writable(engine)
    assert db.writable(engine)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_must_not_be_written_says_so(database_url, tmp_path):
    engine = db.connect(database_url)
    with engine.begin() as tx:
        settings.keep(tx, "n", 1)
    with engine.connect() as tx:
        tx.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(OperationalError):
        db.writable(engine)
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_committing_a_transaction_that_sqlite_has_given_up_is_an_error(engine):
    with pytest.raises(OperationalError, match="no transaction"), engine.begin() as tx:
        settings.keep(tx, "lost", 1)
        tx.connection.dbapi_connection.rollback()  # as SQLite does by itself when the disk is full
    with engine.begin() as tx:
        assert settings.get(tx, "lost") is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sqlite_file_survives_a_power_cut_and_minds_its_references(database_url):
    engine = db.connect(database_url)
    with engine.begin() as tx:
        found = {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")}
        assert found | {"keys": tx.exec_driver_sql("PRAGMA foreign_keys").scalar_one()} == {
            "journal_mode": "wal",
            "synchronous": 2,
            "keys": 1,
        }
    engine.dispose()


def test_two_writers_wait_for_each_other_instead_of_failing(engine):
    def count():
        for _ in range(20):
            with engine.begin() as tx:
                db.alone(tx, "counter")
                settings.keep(tx, "n", (settings.get(tx, "n") or 0) + 1)

    at_once(*[count] * 4)
    with engine.begin() as tx:
        assert settings.get(tx, "n") == 80


# Who there is


def test_the_same_chat_is_the_same_address_however_many_hear_it_first(house: World):
    found = []
    at_once(*[lambda: found.append(house.do(people.address_of, "far", "", "new", house.now))] * 6)
    assert len(set(found)) == 1


def test_nobody_is_reached_nowhere(house: World):
    house.do(people.address_of, "far", "", "a stranger", house.now)
    assert house.do(people.reach, None) is None


def test_people_are_reached_at_the_first_of_their_addresses_that_has_not_refused(house: World):
    an = house.seat("an", "focal", "CCKL", channels=("far", "web"))
    assert house.do(people.reach, an).channel == "far"
    house.do(people.refused, house.address("an").id, "blocked")
    assert house.do(people.reach, an).channel == "web"
    house.do(people.refused, house.do(people.reach, an).id, "gone")
    assert house.do(people.reach, an) is None
    assert [row.name for row in house.do(people.unreachable)] == ["an"]


def test_who_writes_again_can_be_reached_again(house: World):
    an = house.seat("an", "focal", "CCKL")
    house.do(people.refused, house.do(people.reach, an).id, "blocked")
    house.do(people.address_of, "far", "", "an", house.now)
    assert house.do(people.reach, an).chat == "an"
    assert house.do(people.unreachable) == []


def test_a_duty_held_already_is_not_held_twice(house: World):
    an = house.seat("an", "focal", "CCKL", "HKL-DV", "CCKL")
    assert [duty.unit for duty in house.do(people.duties, an)] == ["CCKL", "HKL-DV"]


def test_units_that_are_gone_are_closed_and_not_forgotten(house: World):
    fewer = type(OFFICE)(unit for unit in OFFICE.units if unit.id != "NTM")
    house.do(units.apply, fewer, house.now.date())
    assert "NTM" in house.do(units.names)
    assert "NTM" not in house.do(units.office, house.now.date()).by_id
    assert "NTM" in house.do(units.office, house.now.date() - timedelta(days=1)).by_id
    house.do(units.apply, OFFICE, house.now.date())
    assert house.do(units.office, house.now.date()).by_id.keys() == OFFICE.by_id.keys()


# Invitations


def test_a_code_is_kept_only_as_its_digest_and_found_however_it_is_typed(house: World):
    code = house.do(invitations.issue, "CCKL", "focal", house.now)
    assert code not in str(house.rows(schema.invitation))
    for typed in (code, code.lower(), code.replace("-", " "), f" {code} "):
        assert house.do(invitations.find, typed).unit == "CCKL"
    assert house.do(invitations.find, code[:-1]) is None


def test_a_code_is_taken_once_however_many_try(house: World):
    code = house.do(invitations.issue, "CCKL", "focal", house.now)
    id, taken = house.do(invitations.find, code).id, []
    at_once(*[lambda: taken.append(house.do(invitations.take, id, house.now))] * 6)
    assert sorted(taken) == [False] * 5 + [True]


def test_wrong_codes_lock_an_address_for_an_hour(house: World):
    house.seat("an", "focal", "CCKL")
    for count in range(invitations.PATIENCE):
        assert house.address("an").locked_until is None, count
        house.do(invitations.wrong, house.address("an"), house.now)
    assert house.address("an").locked_until == house.now + invitations.LOCKED


def test_an_enrolment_is_decided_once_and_a_long_reason_is_cut(house: World):
    tccb = house.seat("hanh", "tccb", "TCCB")
    id = house.do(invitations.find, house.do(invitations.issue, "CCKL", "focal", house.now)).id
    asked = house.do(invitations.ask, house.address("x").id, id, "Nguyễn Văn An", house.now)
    assert house.do(invitations.asked_from, house.address("x").id).id == asked
    assert house.do(invitations.decide, asked, "refused", tccb, house.now, "dài " * 200) is True
    assert house.do(invitations.decide, asked, "approved", tccb, house.now) is False
    assert [len(row.reason) for row in house.rows(schema.enrolment)] == [400]
    assert house.do(invitations.waiting) == []


# What was answered


@pytest.mark.parametrize(
    "answer",
    [
        M08,
        Answer.fraction(0, 1),
        Answer.fraction(10**15, 10**15),
        Answer.of_percent(Fraction("66.666")),
        Answer.of_percent(Fraction(2, 3)),
        Answer("na"),
        Answer("no_data_yet"),
        Answer("met"),
    ],
)
def test_an_answer_comes_back_exactly(house: World, answer):
    an = house.seat("an", "focal", "HKL-DV")
    house.report("HKL-DV", "M08", answer, an)
    ((unit, found),) = house.do(reports.newest, house.campaign)
    assert (unit, found.answer, found.by_name, found.stage) == ("HKL-DV", answer, "an", "waiting")


def test_nothing_is_overwritten_and_the_newest_counts(house: World):
    an = house.seat("an", "focal", "HKL-DV")
    for numerator in (40, 45, 58):
        house.report("HKL-DV", "M08", Answer.fraction(numerator, 60), an)
    history = house.do(reports.history, house.campaign, "HKL-DV", "M08")
    assert [row.numerator for row in history] == [40, 45, 58]
    assert [found.answer.numerator for _, found in house.do(reports.newest, house.campaign)] == [58]


def test_an_appraisal_of_a_report_that_has_been_replaced_is_refused(house: World):
    an, hanh = house.seat("an", "focal", "HKL-DV"), house.seat("hanh", "tccb", "TCCB")
    old = house.report("HKL-DV", "M08", M08, an)
    new = house.report("HKL-DV", "M08", Answer.fraction(58, 60), an)
    assert house.do(reports.appraise, old, reports.ACCEPTED, hanh, house.now) is False
    assert house.do(reports.appraise, new, reports.RETURNED, hanh, house.now, "thiếu minh chứng") is True
    assert [(found.stage, found.reason) for _, found in house.do(reports.newest, house.campaign)] == [
        ("returned", "thiếu minh chứng")
    ]


def test_a_unit_s_figures_of_one_campaign_are_not_those_of_another(house: World):
    an, other = house.seat("an", "focal", "HKL-DV"), house.open(2025)
    house.report("HKL-DV", "M08", M08, an)
    row = house.do(campaigns.at, other)
    assert house.do(board.standings, row, BOOK, {"HKL-DV": "x"})["HKL-DV"].owed == ("M08",)
    assert house.do(board.standings, house.do(campaigns.at, house.campaign), BOOK, {"HKL-DV": "x"})["HKL-DV"].complete


def test_a_campaign_is_opened_once_and_assigning_again_adds_nothing(house: World):
    assert house.do(campaigns.open, BOOK.id, 2024, BOOK.plan(2024), house.now) is None
    assert house.do(campaigns.assign, house.campaign, BOOK, OFFICE) == 0


def test_an_exempted_row_is_no_duty(house: World):
    where = schema.assignment.c.unit == "HKL-DV"
    house.do(lambda tx: tx.execute(schema.assignment.update().where(where).values(origin="exempt", reason="r")))
    assert "HKL-DV" not in house.do(campaigns.duties, house.campaign)
    assert house.do(campaigns.assign, house.campaign, BOOK, OFFICE) == 0


def test_explanations_are_kept_and_the_newest_is_told(house: World):
    an = house.seat("an", "focal", "HKL-DV")
    where = {"campaign": house.campaign, "unit": "HKL-DV", "measure": "M08", "person": an}
    for reason in ("ít hồ sơ", "phần mềm lỗi"):
        house.do(reports.explain, where, reason, house.now)
    assert house.do(reports.explained, house.campaign) == {("HKL-DV", "M08"): "phần mềm lỗi"}


# Notices, slots, talks


def test_a_notice_is_acknowledged_once_and_by_whom_it_was_for(house: World):
    an, my, hanh = (
        house.seat(*who) for who in (("an", "focal", "CCKL"), ("my", "focal", "NTM"), ("h", "tccb", "TCCB"))
    )
    id = house.do(notices.add, "Họp", "8 giờ", {}, hanh, house.now).id
    house.do(notices.address_to, id, {an: "CCKL"})
    assert [row.title for row in house.do(notices.unacknowledged, an)] == ["Họp"]
    assert house.do(notices.acknowledge, id, my, "Đã nhận", house.now) is False
    assert house.do(notices.acknowledge, id, an, "Đã nhận", house.now) is True
    assert house.do(notices.acknowledge, id, an, "Đã nhận", house.now) is False
    assert house.do(notices.count, id) == (1, 1)


def test_a_slot_is_taken_once_however_many_knock(house: World):
    an, taken = house.seat("an", "focal", "CCKL"), []
    at_once(*[lambda: taken.append(house.do(slots.take, house.campaign, "T-7", an, house.now))] * 6)
    assert sorted(taken) == [False] * 5 + [True]


def test_the_day_of_a_slot_is_the_office_s_day(house: World):
    an = house.seat("an", "focal", "CCKL")
    house.do(slots.take, house.campaign, "T-7", an, at("2024-12-03 23:59:59.999999"))
    assert house.do(slots.reminded_on, at("2024-12-03 00:00").date()) == {an}
    assert house.do(slots.reminded_on, at("2024-12-04 00:00").date()) == set()


def test_a_unit_is_warned_of_the_same_shortfalls_once_however_many_warn(house: World):
    warned = []
    at_once(*[lambda: warned.append(house.do(slots.warn, house.campaign, "CCKL", "a", house.now))] * 6)
    assert sorted(warned) == [False] * 5 + [True]
    assert house.do(slots.warn, house.campaign, "CCKL", "b", house.now) is True


def test_a_talk_is_told_in_the_order_in_which_it_was_said(house: World):
    house.seat("an", "focal", "HKL-DV")
    house.hear("an", "báo cáo")
    house.go(timedelta(seconds=1))
    house.answer()
    house.deliver()
    house.go(timedelta(seconds=1))
    house.hear("an", "58/60")
    lines = house.do(talks.history, house.address("an").id, None, 10)
    assert [line.ours for line in lines] == [False, True, False]
    assert [line.said.get("text") for line in lines if not line.ours] == ["báo cáo", "58/60"]
    assert house.do(talks.history, house.address("an").id, None, 1) == lines[-1:]
    assert house.do(talks.history, house.address("an").id, lines[1].at, 10) == lines[2:]


# Inbox and outbox


def test_what_is_said_twice_is_kept_once(house: World):
    an = house.address("an").id
    said = {"text": "45/60"}
    assert house.do(inbox.keep, an, "7", said, house.now) is True
    assert house.do(inbox.keep, an, "7", {"text": "another"}, house.now) is False
    assert [row.said for row in house.rows(schema.inbox)] == [said]


def test_the_same_id_in_two_chats_is_two_messages(house: World):
    for chat in ("an", "my"):
        assert house.do(inbox.keep, house.address(chat).id, "7", {"text": "x"}, house.now) is True


def test_an_address_s_next_message_waits_until_the_one_before_is_settled(house: World):
    an, my = house.address("an").id, house.address("my").id
    for id, address in (("1", an), ("2", an), ("3", my)):
        house.do(inbox.keep, address, id, {}, house.now)
    (first,) = house.do(inbox.next)
    assert first.external_id == "1"
    house.do(inbox.settle, first.id, house.now, "answered")
    assert [row.external_id for row in house.do(inbox.next)] == ["2"]
    assert house.do(inbox.parked, at("2024-01-01 00:00")) == 0


def claim(house: World, limit: int = 10, lowest: int = outbox.BULK):
    return house.do(outbox.claim, "far", "", house.now, LEASE, lowest, limit)


def test_one_envelope_of_each_address_is_claimed_and_the_most_urgent_first(house: World):
    ids = [house.put(chat, priority=priority) for chat, priority in (("a", 2), ("a", 1), ("b", 2), ("c", 1), ("c", 1))]
    assert [row.id for row in claim(house)] == [ids[1], ids[3], ids[2]]
    assert claim(house) == []


def test_what_is_claimed_is_out_of_reach_until_the_lease_runs_out(house: World):
    house.put("an")
    assert len(claim(house)) == 1
    house.go(LEASE - timedelta(microseconds=1))
    assert claim(house) == []
    house.go(timedelta(microseconds=1))
    assert [row.tries for row in claim(house)] == [1]


def test_another_account_s_envelopes_are_not_ours(house: World):
    house.put("an", channel="elsewhere")
    assert claim(house) == []


def test_whoever_lost_the_lease_may_note_nothing_any_more(house: World):
    id = house.put("an")
    claim(house)
    house.go(LEASE)
    claim(house)
    for deed, given in (
        (outbox.sending, ([], house.now, LEASE)),
        (outbox.part_sent, (1,)),
        (outbox.sent, (1, house.now)),
        (outbox.later, (house.now,)),
        (outbox.settle, (house.now, "sent")),
    ):
        assert house.do(deed, id, 1, *given) is False
        assert house.outcomes() == [None]
    assert house.do(outbox.settle, id, 2, house.now, "sent") is True
    assert house.do(outbox.settle, id, 2, house.now, "sent") is False


def test_a_try_that_does_not_count_is_taken_back(house: World):
    id = house.put("an")
    claim(house)
    house.do(outbox.later, id, 1, house.now, counts=False)
    assert [row.tries for row in claim(house)] == [0]
    house.do(outbox.later, id, 1, house.now)
    assert [row.tries for row in claim(house)] == [1]


def test_wording_is_kept_only_once_a_part_is_out(house: World):
    id = house.put("an")
    claim(house)
    assert house.do(outbox.sending, id, 1, [{"text": "x"}], house.now, LEASE)
    house.do(outbox.later, id, 1, house.now)
    assert [(row.wording, row.spoken, row.sending) for row in house.rows(schema.outbox)] == [(None, None, None)]
    claim(house)
    house.do(outbox.sending, id, 2, [{"text": "y"}], house.now, LEASE)
    house.do(outbox.part_sent, id, 2, 1)
    house.do(outbox.later, id, 2, house.now)
    (row,) = house.rows(schema.outbox)
    assert (row.wording, row.spoken, row.priority) == ([{"text": "y"}], house.now, outbox.BEGUN)


def test_several_processes_claim_each_envelope_once(house: World):
    wanted = sorted(house.put(f"{chat}") for chat in range(30) for _ in range(1))
    claimed = []

    def work():
        while rows := claim(house, limit=3):
            claimed.extend(row.id for row in rows)

    at_once(*[work] * 4)
    assert sorted(claimed) == wanted


def test_what_somebody_has_to_look_at_is_counted_for_a_day(house: World):
    for outcome in ("sent", "unknown", "parked: ValueError", "parked: no words", "moot", "refused: blocked"):
        id = house.put("an")
        house.do(outbox.settle, id, 0, house.now, outcome)
    day = timedelta(days=1)
    assert house.do(outbox.troubles, house.now - day) == (2, 1)
    assert house.do(outbox.troubles, house.now) == (0, 0)


@pytest.mark.parametrize("ask", [outbox.states, outbox.troubles, inbox.parked], ids=lambda ask: ask.__name__)
def test_what_became_of_a_day_is_not_looked_for_in_all_years(house: World, ask):
    asked = []
    event.listen(house.engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    with house.engine.begin() as tx:
        ask(tx, house.now)
        ended, lite = [one for one in asked if "settled >" in one[0]], tx.dialect.name == "sqlite"
        if not lite:
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")  # for so few rows no index would pay
        plans = [tx.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' * lite} {words}", given).all() for words, given in ended]
    assert plans
    assert all("box_settled" in str(plan) for plan in plans)


# Statements that the driver gets as they are


def test_what_nobody_commits_is_not_kept(house: World):
    with house.engine.connect() as tx:
        settings.keep(tx, "tried", 1)
    assert house.do(settings.get, "tried") is None


def test_a_fault_of_the_driver_s_is_told_as_every_other(house: World):
    nobody = {"address": 999, "state": {}, "offered": []}
    with pytest.raises(IntegrityError):
        house.do(lambda tx: Prepared(schema.talk.insert(), list(nobody)).changes(tx, nobody))


def test_nothing_is_asked_with_a_value_missing(house: World):
    with pytest.raises(KeyError):
        house.do(people.AT.all, {})
