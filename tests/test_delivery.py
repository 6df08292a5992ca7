"""Out of the outbox: in order, from the unsent part on, to where the person can be reached, never blindly again."""

import asyncio
import logging
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot import delivery
from bot.channels.channel import Later, Refused, Stopped, Traits, Unknown
from bot.delivery import LEASE, MOST, WAITS, Post, next_try
from bot.reception import Pulse
from catalogue.calendar import Calendar
from storage import notices, outbox, people, schema, settings, slots
from tests.house import Far, World, at, run
from tests.test_storage import at_once

SECOND = timedelta(seconds=1)
LONG = "một hai ba bốn năm sáu bảy tám chín mười"  # two parts where a message holds 24 characters
FIRST, REST = "một hai ba bốn năm sáu", "bảy tám chín mười"


@pytest.fixture
def small(engine):
    """A world whose channel takes short messages only."""
    world = World(engine, far=Far(traits=Traits(24, per_second=10_000.0)))
    yield world
    world.close()


def text(house: World, chat: str, said: str, priority: int = outbox.REPLY, **more) -> int:
    return house.put(chat, "option.text", priority, facts={"text": said}, **more)


# What arrives


def test_an_envelope_is_put_into_words_sent_and_settled(house: World):
    text(house, "an", "Chào đồng chí")
    house.deliver()
    assert house.far.texts("an") == ["Chào đồng chí"]
    (row,) = house.rows(schema.outbox)
    assert (row.outcome, row.settled, row.spoken, row.parts_sent, row.tries) == ("sent", house.now, house.now, 1, 1)
    assert row.wording == [{"text": "Chào đồng chí", "buttons": [], "papers": []}]


def test_nothing_is_sent_that_was_not_committed(house: World):
    with pytest.raises(ZeroDivisionError), house.engine.begin() as tx:
        outbox.put(tx, people.at(tx, people.address_of(tx, "far", "", "an", house.now)), [], outbox.REPLY, house.now)
        raise ZeroDivisionError
    house.deliver()
    assert house.far.sent == []


def test_a_reply_says_what_it_answers_and_shows_its_options(house: World):
    house.seat("an", "focal", "HKL-DV")
    house.hear("an", "báo cáo", "58/60")
    house.answer()
    house.deliver()
    assert [message.reply_to for message in house.far.sent] == ["message 1", "message 2"]
    assert [button.id for button in house.far.sent[1].part.buttons] == ["yes M08 58/60", "no M08 58/60"]


def test_an_envelope_of_several_parts_arrives_in_order_with_the_buttons_last(small: World):
    text(small, "an", LONG)
    small.deliver()
    assert small.far.texts() == [FIRST, REST]
    assert small.rows(schema.outbox)[0].parts_sent == 2


# Order


def test_an_address_gets_its_envelopes_in_the_order_in_which_they_were_put_down(house: World):
    for number in range(12):
        text(house, "an", f"{number}")
    house.deliver()
    assert house.far.texts() == [f"{number}" for number in range(12)]


def test_what_is_half_out_goes_first_then_replies_then_what_nobody_waits_for(small: World):
    text(small, "an", LONG, outbox.BULK)
    small.far.trouble = [None, Later("busy")]
    small.deliver()
    text(small, "an", "bulk", outbox.BULK)
    text(small, "an", "reply")
    small.deliver(timedelta(minutes=1))
    assert small.far.texts() == [FIRST, REST, "reply", "bulk"]


def test_after_a_429_on_part_two_the_next_of_that_address_waits_and_others_go(small: World):
    text(small, "an", LONG)
    text(small, "an", "next")
    small.far.trouble = [None, Later("busy", 30 * SECOND)]
    small.deliver()
    text(small, "my", "other")
    small.deliver(29 * SECOND)
    assert small.far.texts("an") == [FIRST]
    assert small.far.texts("my") == ["other"]
    small.deliver(SECOND)
    assert small.far.texts("an") == [FIRST, REST, "next"]


def test_the_rest_goes_out_in_the_wording_that_was_begun_with(small: World):
    id = text(small, "an", LONG)
    small.far.trouble = [None, Later("busy")]
    small.deliver()
    new = [{"kind": "option.text", "facts": {"text": "quite another thing"}, "options": []}]
    small.do(lambda tx: tx.execute(schema.outbox.update().where(schema.outbox.c.id == id).values(say=new)))
    small.deliver(timedelta(minutes=1))
    assert small.far.texts() == [FIRST, REST]


def test_a_chat_whose_message_is_slow_holds_up_no_other(house: World):
    async def play():
        stuck, loop = asyncio.Event(), asyncio.get_running_loop()

        async def on_the_way(message):
            if message.chat == "slow":
                await stuck.wait()

        house.far.on_the_way = on_the_way
        (post,) = house.house.posts
        text(house, "slow", "one")
        text(house, "slow", "two")
        assert await post.begin() == 1
        text(house, "quick", "three")
        assert await post.begin() == 1
        while not house.far.sent:
            await post.woken.wait()
            post.woken.clear()
        assert house.far.texts() == ["three"]
        loop.call_soon(stuck.set)
        while await post.deliver():
            pass

    run(play())
    assert house.far.texts() == ["three", "one", "two"]


def test_no_more_envelopes_are_under_way_than_the_channel_has_senders(house: World):
    under_way, most = 0, 0

    async def on_the_way(message):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(1)
        under_way -= 1

    house.far.on_the_way = on_the_way
    for number in range(12):
        text(house, f"{number}", "x")
    house.deliver()
    assert (most, len(house.far.sent)) == (house.far.traits.senders, 12)


def test_several_processes_send_each_envelope_once_and_each_address_in_order(house: World):
    for number in range(5):
        for chat in ("an", "my", "bao", "ly"):
            text(house, chat, f"{number}")

    async def work(post: Post):
        while None in house.outcomes():
            await post.deliver()

    fars = [Far() for _ in range(3)]
    posts = [house.another(far).posts[0] for far in fars]
    at_once(*[lambda post=post: run(work(post)) for post in posts])
    assert sum(len(far.sent) for far in fars) == 20
    assert house.outcomes() == ["sent"] * 20
    rows = house.rows(schema.outbox)
    for address in {row.address for row in rows}:
        spoken = [row.id for row in sorted(rows, key=lambda row: (row.spoken, row.id)) if row.address == address]
        assert spoken == sorted(spoken)


# Later


@pytest.mark.parametrize(
    ("tries", "asked", "wait"),
    [
        # the table
        (0, 0, 2),
        (1, 0, 10),
        (2, 0, 60),
        (3, 0, 300),
        (4, 0, 1800),
        (5, 0, 3600),
        # then every hour
        (6, 0, 3600),
        (MOST - 1, 0, 3600),
        # whatever the far side asks for, when it is more
        (0, 30, 30),
        (5, 30, 3600),
        (0, 7200, 7200),
        # enough
        (MOST, 0, None),
        (MOST + 1, 30, None),
    ],
)
def test_how_long_to_wait_before_trying_again(tries, asked, wait):
    assert next_try(tries, timedelta(seconds=asked)) == (None if wait is None else timedelta(seconds=wait))


def test_an_outage_of_a_whole_day_loses_no_reply():
    assert sum((next_try(tries, timedelta(0)) for tries in range(MOST)), timedelta(0)) > timedelta(days=1)


def test_what_could_not_be_sent_is_tried_again_by_the_table_and_not_sooner(house: World):
    text(house, "an", "x")
    house.far.trouble = [Later("busy")] * 3
    house.deliver()
    for wait in WAITS[:3]:
        assert house.outcomes() == [None]
        house.deliver(wait - timedelta(microseconds=1))
        assert house.far.sent == []
        house.deliver(timedelta(microseconds=1))
    assert house.outcomes() == ["sent"]


def test_what_has_been_tried_often_enough_is_given_up_loudly_and_the_next_one_goes(house: World, caplog):
    text(house, "an", "x")
    text(house, "an", "y")
    house.far.trouble = [Later("busy")] * (MOST + 1)
    for _ in range(MOST + 1):
        house.deliver(WAITS[-1])
    assert house.outcomes() == ["parked: Later", "sent"]
    assert "given up" in "".join(record.message for record in caplog.records if record.levelno == logging.ERROR)
    assert house.do(people.reach, house.address("an").person) is None  # a stranger, and yet not marked as refusing
    assert house.address("an").refused is None


def test_a_halt_silences_the_whole_account_and_counts_against_no_envelope(house: World):
    for chat in ("an", "my", "bao"):
        text(house, chat, chat)
    house.far.trouble = [Later("too many requests", 30 * SECOND, halt=True)]

    async def play():
        loop = asyncio.get_running_loop()
        (post,) = house.house.posts
        house.far.traits = Traits(4000, senders=1, per_second=10_000.0)
        await post.deliver()
        assert house.far.sent == []
        await post.deliver()
        assert loop.time() >= 30
        return post

    run(play())
    house.deliver(30 * SECOND)
    assert sorted(house.far.texts()) == ["an", "bao", "my"]
    assert [row.tries for row in house.rows(schema.outbox)] == [1, 1, 1]


def test_a_revoked_token_stops_the_account_and_counts_against_no_envelope(house: World):
    text(house, "an", "x")
    for _ in range(2 * MOST):
        house.far.trouble = [Stopped("the token is revoked")]
        with pytest.raises(Stopped):
            house.deliver(timedelta(minutes=10))
    assert house.outcomes() == [None]
    house.deliver(timedelta(minutes=10))
    assert house.outcomes() == ["sent"]


def test_what_was_never_begun_is_worded_anew(house: World):
    id = text(house, "an", "old")
    house.far.trouble = [Later("busy")]
    house.deliver()
    assert house.rows(schema.outbox)[0].wording is None
    new = [{"kind": "option.text", "facts": {"text": "new"}, "options": []}]
    house.do(lambda tx: tx.execute(schema.outbox.update().where(schema.outbox.c.id == id).values(say=new)))
    house.deliver(timedelta(minutes=1))
    assert house.far.texts() == ["new"]


# Refused


def test_refused_here_it_is_said_at_the_person_s_next_address_and_counted_once(engine):
    second = Far("second")
    house = World(engine)
    house.house.open([house.far, second])
    an = house.seat("an", "focal", "CCKL", channels=("far", "second"))
    notice = house.do(notices.add, "Họp", "8 giờ", {}, an, house.now).id
    text(house, "an", "Họp", outbox.BULK, about=notices.about(notice))
    house.far.trouble = [Refused("blocked by the user")]
    house.deliver()
    assert (house.far.texts(), second.texts()) == ([], ["Họp"])
    assert house.outcomes() == ["refused: blocked by the user", "sent"]
    assert house.do(outbox.outcomes, notices.about(notice)) == {an: "sent"}
    assert house.do(people.unreachable) == []
    text(house, "an", "not there any more", channel="second")
    second.trouble = [Refused("gone")]
    house.deliver()
    assert [row.name for row in house.do(people.unreachable)] == ["an"]
    house.hear("an", "báo cáo")
    assert house.do(people.unreachable) == []
    assert house.do(people.reach, an).channel == "far"
    house.close()


def test_what_a_stranger_refuses_goes_to_nobody_else(house: World):
    house.address("another stranger")
    text(house, "a stranger", "for them alone")
    house.far.trouble = [Refused("blocked")]
    house.deliver()
    assert house.far.sent == []
    assert house.outcomes() == ["refused: blocked"]


def test_a_refusal_heard_after_the_lease_is_not_passed_on_twice(engine):
    second = Far("second")
    house = World(engine)
    house.house.open([house.far, second])
    house.seat("an", "focal", "CCKL", channels=("far", "second"))
    text(house, "an", "once")
    other = house.another(Far(trouble=[Refused("blocked")]))

    async def slow(message):
        house.go(LEASE)
        house.do(
            lambda tx: tx.execute(schema.outbox.update().values(sending=None))
        )  # it had not begun, as far as noted
        await other.posts[0].deliver()

    house.far.on_the_way = slow
    house.far.trouble = [Refused("blocked")]
    house.deliver()
    house.deliver()
    assert second.texts() == ["once"]
    house.close()


# Unknown


def test_what_may_have_arrived_is_never_sent_again(house: World, caplog):
    text(house, "an", "x")
    text(house, "an", "y")
    house.far.trouble = [Unknown("cut")]
    house.deliver()
    house.deliver(timedelta(days=1))
    assert house.outcomes() == ["unknown", "sent"]
    assert house.far.texts() == ["y"]
    assert "may or may not have arrived" in caplog.text


def test_whoever_missed_a_reply_can_ask_again(house: World):
    house.seat("an", "focal", "HKL-DV")
    house.far.trouble = [None, Unknown("cut")]
    for said in ("báo cáo", "58/60", "đúng"):
        house.hear("an", said)
        house.answer()
        house.deliver()
    assert house.outcomes() == ["sent", "unknown", "sent"]
    assert [row.numerator for row in house.rows(schema.report)] == [58]


def test_what_somebody_has_to_look_at_is_told_by_the_health_report_and_does_not_make_it_ill(house: World):
    for chat, trouble in (("an", Unknown("cut")), ("my", ValueError("can't parse")), ("bao", ValueError("again"))):
        text(house, chat, "x")
        house.far.trouble = [trouble]
        house.deliver()
    report = run(Pulse(house.house).report())
    (check,) = [check for check in report.checks if check.name == "last day"]
    assert check.ok
    assert check.detail == "messages parked 0, too many at once 0, envelopes parked 2, may have arrived 1"


def die(house: World) -> None:
    """Killed with a part on its way."""

    async def killed(message):
        raise SystemExit

    house.far.on_the_way = killed
    with pytest.raises(SystemExit):
        house.deliver()
    house.far.on_the_way = None
    house.restart()


def test_killed_with_a_part_on_its_way_it_counts_as_unknown_once_the_lease_is_over(house: World):
    text(house, "an", "x")
    text(house, "an", "y")
    die(house)
    house.deliver(LEASE - SECOND)
    assert (house.outcomes(), house.far.sent) == ([None, None], [])
    house.deliver(SECOND)
    assert house.outcomes() == ["unknown", "sent"]
    assert house.far.texts() == ["y"]


def test_killed_between_two_parts_only_the_rest_is_sent(small: World, monkeypatch):
    text(small, "an", LONG)
    turn = small.house.posts[0].pace.turn

    async def killed(chat, *, urgent):
        if small.far.sent:
            raise SystemExit
        await turn(chat, urgent=urgent)

    with monkeypatch.context() as power, pytest.raises(SystemExit):
        power.setattr(small.house.posts[0].pace, "turn", killed)
        small.deliver()
    small.restart()
    small.deliver(LEASE)
    assert small.far.texts() == [FIRST, REST]
    assert small.outcomes() == ["sent"]


def test_killed_after_the_last_part_went_out_it_may_have_arrived_and_is_not_sent_again(house: World, monkeypatch):
    text(house, "an", "x")
    with monkeypatch.context() as power, pytest.raises(OperationalError):
        power.setattr(outbox, "sent", out_of_reach)
        house.deliver()
    assert house.outcomes() == [None]
    house.deliver(LEASE)
    assert house.outcomes() == ["unknown"]
    assert house.far.texts() == ["x"]


def test_what_was_all_noted_as_gone_is_settled_and_not_sent_again(house: World):
    """As the version before this one could leave it."""
    text(house, "an", "x")
    parts = [{"text": "x", "buttons": [], "papers": []}]
    house.do(lambda tx: tx.execute(schema.outbox.update().values(parts_sent=1, wording=parts, priority=outbox.BEGUN)))
    house.deliver()
    assert (house.outcomes(), house.far.texts()) == (["sent"], [])


def out_of_reach(*given, **named):
    raise OperationalError("UPDATE", {}, Exception("the server has gone away"))


def test_the_database_s_own_trouble_counts_against_no_envelope(house: World, monkeypatch):
    text(house, "an", "x")
    for _ in range(MOST + 1):
        with monkeypatch.context() as trouble, pytest.raises(OperationalError):
            trouble.setattr(outbox, "claim", out_of_reach)
            house.deliver(WAITS[-1])
    assert [row.tries for row in house.rows(schema.outbox)] == [0]
    with monkeypatch.context() as trouble, pytest.raises(OperationalError):
        trouble.setattr(outbox, "sending", out_of_reach)
        house.deliver()
    house.deliver(LEASE)
    assert (house.outcomes(), house.far.texts()) == (["sent"], ["x"])


def test_a_slow_sender_whose_lease_is_over_settles_nothing_and_sends_no_more(small: World):
    text(small, "an", LONG)
    other = small.another(Far(traits=small.far.traits))

    async def slow(message):
        small.go(LEASE)
        assert await other.posts[0].deliver() == 1

    small.far.on_the_way = slow
    small.deliver()
    assert small.outcomes() == ["unknown"]
    assert small.far.texts() == [FIRST]
    assert other.channels[0].sent == []


def test_whoever_waited_for_its_turn_longer_than_its_lease_sends_nothing(house: World, monkeypatch):
    text(house, "an", "x")
    other, turn = house.another(Far()), house.house.posts[0].pace.turn

    async def slow(chat, *, urgent):
        house.go(LEASE)
        assert await other.posts[0].deliver() == 1
        await turn(chat, urgent=urgent)

    monkeypatch.setattr(house.house.posts[0].pace, "turn", slow)
    house.deliver()
    assert house.far.sent == []
    assert other.channels[0].texts() == ["x"]
    assert house.outcomes() == ["sent"]


# Our own fault


def test_what_fails_by_our_own_fault_is_parked_loudly_and_the_next_one_goes(house: World, caplog):
    text(house, "an", "x")
    text(house, "an", "y")
    house.far.trouble = [ValueError("can't parse")]
    house.deliver()
    assert house.outcomes() == ["parked: ValueError", "sent"]
    assert any(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)
    assert house.address("an").refused is None


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("talk.nonsense", {}),
        ("option.text", {}),
        ("due.remind", {"steps": 7}),
        ("due.remind", {"steps": [["x", "T-7"]]}),
    ],
)
def test_what_can_t_be_put_into_words_is_parked_and_the_next_one_goes(house: World, kind, facts):
    house.seat("an", "focal", "HKL-DV")
    house.put("an", kind, facts=facts)
    text(house, "an", "y")
    house.deliver()
    assert house.outcomes() == ["parked: no words", "sent"]


# Moot, and hours


def remind(house: World, step: str = "T-14") -> int:
    return house.put("an", "due.remind", outbox.BULK, facts={"steps": [[house.campaign, step]]})


@pytest.fixture
def an(house: World) -> World:
    house.seat("an", "focal", "HKL-DV")
    return house


def report(house: World) -> None:
    house.hear("an", "báo cáo", "58/60", "đúng")
    house.answer()


def test_what_was_reported_in_between_is_not_asked_for(an):
    remind(an)
    report(an)
    an.deliver()
    assert an.outcomes() == ["moot", "sent", "sent", "sent"]
    assert len(an.far.sent) == 3


def test_a_throttled_reminder_can_still_become_moot(an):
    remind(an)
    an.far.trouble = [Later("busy", 30 * SECOND)]
    an.deliver()
    report(an)
    an.deliver(30 * SECOND)
    assert an.outcomes()[0] == "moot"


def test_a_reminder_of_a_locked_campaign_is_moot(an):
    remind(an)
    an.do(lambda tx: tx.execute(schema.campaign.update().values(locked=an.now)))
    an.deliver()
    assert an.outcomes() == ["moot"]


def test_a_warning_is_moot_for_whoever_no_longer_reports_for_the_unit(an):
    an.put("an", "due.warn", outbox.BULK, facts={"about": [[an.campaign, "HKL-DV"]]})
    an.do(lambda tx: tx.execute(schema.duty.update().values(until=an.now)))
    an.deliver()
    assert an.outcomes() == ["moot"]


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2024-11-26 07:29:59", False),
        ("2024-11-26 07:30", True),
        ("2024-11-26 17:59:59", True),
        ("2024-11-26 18:00", False),
        ("2024-11-26 23:00", False),
        ("2024-11-30 09:00", False),  # a Saturday
        ("2024-12-01 09:00", False),  # a Sunday
        ("2024-09-02 09:00", False),  # the national day
        ("2024-11-27 09:00", False),  # the office's own day off
    ],
)
def test_what_nobody_waits_for_is_sent_in_office_hours_and_replies_at_any_hour(engine, moment, goes):
    house = World(engine, now=at(moment), calendar=Calendar({at("2024-11-27").date(): "ngày nghỉ của cơ quan"}))
    text(house, "an", "bulk", outbox.BULK)
    text(house, "my", "reply")
    house.deliver()
    assert sorted(house.far.texts()) == (["bulk", "reply"] if goes else ["reply"])
    house.close()


def test_what_was_begun_in_office_hours_is_finished_at_any_hour(small: World):
    small.go("2024-11-26 17:59:59")
    text(small, "an", LONG, outbox.BULK)
    small.far.trouble = [None, Later("busy")]
    small.deliver()
    small.deliver(timedelta(minutes=1))
    assert small.far.texts() == [FIRST, REST]


def test_what_had_to_wait_long_for_its_turn_is_looked_at_again_before_it_goes(an, monkeypatch):
    remind(an)
    an.go("2024-11-26 17:59")

    async def halted(chat, *, urgent):
        an.go("2024-11-26 18:01")
        await asyncio.sleep(delivery.FRESH + 1)

    with monkeypatch.context() as patched:
        patched.setattr(an.house.posts[0].pace, "turn", halted)
        an.deliver()
    assert (an.far.sent, an.outcomes(), an.rows(schema.outbox)[0].tries) == ([], [None], 0)
    report(an)
    an.go("2024-11-27 07:30")
    an.deliver()
    assert an.outcomes()[0] == "moot"


# Closing


def test_closing_waits_for_what_is_on_its_way_and_gives_back_what_is_not(house: World):
    house.far.traits = Traits(4000, per_second=10_000.0, chat_gap=3600)
    house.house.open([house.far])

    async def play():
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        house.far.on_the_way = lambda message: arrived.wait()
        (post,) = house.house.posts
        text(house, "an", "on its way")
        await post.begin()
        while not house.rows(schema.outbox)[0].sending:
            await asyncio.sleep(0)
        post.pace.halt(timedelta(hours=1))
        text(house, "my", "waits for its turn")
        await post.begin()
        while not post._waiting:
            await asyncio.sleep(0)
        loop.call_soon(arrived.set)
        await post.close(5)
        text(house, "bao", "too late")
        assert await post.begin() == 0

    run(play())
    assert house.far.texts() == ["on its way"]
    assert house.do(settings.get, "x") is None  # whatever was asked of the writer is done by now
    first, second, third = house.rows(schema.outbox)
    assert (first.outcome, second.outcome, third.outcome) == ("sent", None, None)
    assert (second.due, second.tries, second.sending) == (house.now, 0, None)


def test_closing_does_not_wait_for_ever(house: World):
    async def play():
        house.far.on_the_way = lambda message: asyncio.Event().wait()
        (post,) = house.house.posts
        text(house, "an", "x")
        await post.begin()
        while not house.rows(schema.outbox)[0].sending:
            await asyncio.sleep(0)
        await post.close(5)

    run(play())
    house.far.on_the_way = None
    house.restart()
    house.deliver(LEASE)
    assert house.outcomes() == ["unknown"]


def test_what_the_timetable_has_put_down_is_worded_when_it_is_sent(an):
    an.knock("2024-12-03 08:30")
    assert an.do(slots.taken, an.campaign) == {("T-7", 1)}
    an.deliver()
    assert an.far.lines("an") == [
        "Còn 07 ngày đến hạn 10/12/2024. Hạt Kiểm lâm huyện Đồng Văn còn 1/1 số liệu chưa gửi:"
    ]
