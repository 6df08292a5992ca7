"""What an account may send and whom it may talk to: counted, told in time, and kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from bot import allowance
from bot.channels.channel import Incoming, Traits, Unknown, labels
from bot.channels.zalo_bot import ZaloBot
from bot.dialogue.facts import Metered
from bot.dialogue.turn import Said
from bot.reception import Pulse
from jobs import notices
from storage import invitations, outbox, quota, schema
from tests.house import Far, World, at, run

SCANTY = Traits(longest=300, per_second=10_000.0, monthly=20, people=2)
WARNING = "Tháng 11/2024, các bot"


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """A house whose only account may send and get 20 messages a month, and talk to two people."""
    world = World(engine, far=Far(traits=SCANTY))
    yield world
    world.close()


def used(world: World, account: str = "") -> int:
    month = world.now.replace(day=1, hour=0, minute=0)
    return int(world.do(quota.used, "far", [account], month))


def spend(world: World, count: int) -> None:
    """So many messages go out, one after the other."""
    for _ in range(count):
        world.put("other")
        world.deliver(timedelta(minutes=2))


# The month's messages


def test_messages_are_counted_in_both_directions(world: World) -> None:
    world.hear("an", "xin chào", "còn đó không")
    assert used(world) == 2
    world.answer()
    world.deliver()
    assert used(world) == 2 + len(world.far.sent) == 4


def test_every_part_of_a_long_message_counts(world: World) -> None:
    world.put("an", "option.text", facts={"text": "chữ " * 200})
    world.deliver()
    assert used(world) == len(world.far.sent) == 3


def test_what_may_have_arrived_counts(world: World) -> None:
    world.put("an")
    world.far.trouble = [Unknown("no answer")]
    world.deliver()
    assert used(world) == 1


def test_what_waits_is_moot_or_was_refused_does_not_count(world: World) -> None:
    world.put("an")
    world.far.trouble = [ValueError("our fault")]
    world.deliver()
    world.put("an", "due.nothing")
    assert used(world) == 0


def test_another_month_and_another_account_count_for_themselves(world: World) -> None:
    world.put("an")
    world.deliver()
    assert (used(world), used(world, "another")) == (1, 0)
    world.go("2024-12-01 00:00")
    assert used(world) == 0


def test_tccb_is_told_once_a_month_when_most_are_used(world: World) -> None:
    world.seat("hanh", "tccb", "TCCB")
    spend(world, 15)
    assert not [text for text in world.far.texts("hanh") if WARNING in text]
    spend(world, 3)
    (told,) = [text for text in world.far.texts("hanh") if WARNING in text]
    assert "đã dùng 16/20 tin được phép" in told
    world.go("2024-12-02 09:00")
    spend(world, 18)
    assert len([text for text in world.far.texts("hanh") if "tin được phép" in text]) == 2


def test_when_nearly_all_are_used_only_replies_and_the_urgent_go(world: World) -> None:
    world.seat("hanh", "tccb", "TCCB")
    spend(world, 19)
    world.put("an", "option.text", outbox.BULK, facts={"text": "nhắc"})
    world.put("my", "option.text", outbox.URGENT, facts={"text": "hết hạn hôm nay"})
    world.put("binh", "option.text", outbox.REPLY, facts={"text": "trả lời"})
    world.deliver(timedelta(minutes=2))
    assert sorted(world.far.texts("my") + world.far.texts("binh")) == ["hết hạn hôm nay", "trả lời"]
    assert [text.count("chỉ trả lời, nhắc trong ngày hết hạn") for text in world.far.texts("hanh")] == [0, 1]
    assert not world.far.texts("an")
    world.go("2024-12-02 09:00")
    world.deliver()
    assert world.far.texts("an") == ["nhắc"]


def test_the_urgent_wakes_nobody_at_night(world: World) -> None:
    world.go("2024-11-26 22:00")
    world.put("my", "option.text", outbox.URGENT, facts={"text": "hết hạn hôm nay"})
    world.deliver()
    assert world.far.sent == []


def test_the_reminder_of_the_last_day_is_urgent(world: World) -> None:
    world.seat("an", "focal", "HKL-DV")
    steps = {-7: outbox.BULK, 0: outbox.URGENT}
    for days in steps:
        world.knock(f"{at('2024-12-10') + timedelta(days=days):%Y-%m-%d} 08:30")
    assert [row.priority for row in world.rows(schema.outbox)] == list(steps.values())


@pytest.mark.parametrize(
    ("title", "urgent"),
    [
        ("KHẨN: họp lúc 14h", True), ("Khẩn - họp", True), ("[HỎA TỐC] báo cáo bão số 5", True), ("Hoả tốc: họp", True),
        ("THƯỢNG KHẨN. Họp", True), ("Khẩn trương gửi số liệu", False), ("Khăn: mua", False), ("Họp khẩn: 14h", False),
        ("Khán giả: mời họp", False), ("", False),
    ],
)  # fmt: skip
def test_a_notice_is_urgent_by_the_mark_before_its_title(title: str, urgent: bool) -> None:
    assert notices.priority(title) == (outbox.URGENT if urgent else outbox.BULK)


def test_an_urgent_notice_goes_when_the_month_is_nearly_used_up(world: World) -> None:
    world.seat("hanh", "tccb", "TCCB")
    for chat, unit in (("an", "HKL-DV"), ("my", "HKL-MV")):
        world.seat(chat, "focal", unit)
    spend(world, 19)
    for title in ("Họp thường kỳ", "KHẨN: họp lúc 14h"):
        world.hear("hanh", "thông báo", title, "1")
        world.answer()
        world.deliver(timedelta(minutes=2))
        assert ("được gửi cả khi gần hết hạn mức" in "".join(world.far.texts("hanh")[-3:])) == (title[0] == "K")
        world.hear("hanh", "gửi")
        world.answer()
    world.deliver(timedelta(minutes=2))
    assert ["KHẨN" in text for chat in ("an", "my") for text in world.far.texts(chat)] == [True, True]


def test_each_owner_has_a_month_of_their_own(world: World) -> None:
    accounts = {"": "một", "2": "một", "3": "hai"}
    bots = [Far(account=account, traits=replace(SCANTY, owner=owner)) for account, owner in accounts.items()]
    world.house.open(bots)
    for account in accounts:
        type_in(world, "binh", "xin chào", account)
    world.go(timedelta(minutes=2))
    for post in world.house.posts:
        world.do(post.meter.lowest, world.now)
    assert [post.meter.used for post in world.house.posts] == [4, 4, 2]
    found = world.do(allowance.of_month, allowance.metered(bots), world.house.catalogues, world.calendar, world.now)
    assert [one.used for one in found] == [4, 4, 2]


def test_accounts_of_one_owner_share_the_month_and_its_warnings(world: World) -> None:
    second = Far(account="777", traits=SCANTY)
    world.house.open([world.far, second])
    world.seat("hanh", "tccb", "TCCB")
    spend(world, 19)
    type_in(world, "binh", "xin chào", "777")
    world.put("an", "option.text", outbox.BULK, facts={"text": "nhắc"})
    world.deliver(timedelta(minutes=2))
    assert [post.meter.used for post in world.house.posts] == [23, 23]  # with the warnings themselves
    assert len(second.texts("binh")) == 1 and not world.far.texts("an")
    told = world.do(lambda tx: tx.execute(select(schema.outbox.c.id).where(schema.outbox.c.about == "quota")).all())
    assert len(told) == 2  # at 80 % and at 95 %


def test_a_count_is_trusted_for_a_minute(world: World) -> None:
    (post,) = world.house.posts
    world.put("an")
    world.deliver()
    world.put("an")
    world.deliver(timedelta(seconds=59))
    assert post.meter.used == 0
    world.deliver(timedelta(seconds=1))
    assert post.meter.used == 2


def test_an_account_without_a_limit_is_not_counted(world: World) -> None:
    world.house.open([Far(traits=replace(SCANTY, monthly=None))])
    (post,) = world.house.posts
    spend(world, 25)
    assert post.meter.used == 0
    assert world.do(post.meter.lowest, world.now) == outbox.BULK


def test_health_tells_the_count_and_nothing_else(world: World) -> None:
    world.house.open([world.far, Far(account="777", traits=SCANTY)])
    spend(world, 3)
    report = run(Pulse(world.house).report())
    told = {check.name: check.detail for check in report.checks if check.name.startswith("month")}
    assert told == {"month far": "2 of 20 messages used", "month far 2": "3 of 20 messages used"}
    assert [check.name for check in report.checks if check.name.startswith("channel")] == [
        "channel far",
        "channel far 2",
    ]


def test_accounts_of_a_kind_are_told_apart() -> None:
    bots = [ZaloBot(f"{number}:abc-xyz") for number in (5, 6)]
    assert labels([bots[0], Far(), bots[1]]) == ["zalo_bot", "far", "zalo_bot 2"]


# The people


def code_of(world: World) -> str:
    return str(world.do(invitations.issue, "CCKL", "focal", world.now))


def type_in(world: World, chat: str, text: str, account: str = "") -> None:
    number = len(world.far.sent) + len(text)
    run(world.house.hear(Incoming("far", account, chat, f"{account} {chat} {number}", Said(text))))
    world.answer()
    world.deliver()


def test_a_full_bot_names_one_that_has_room(world: World) -> None:
    second = Far(account="777", traits=replace(SCANTY, title="Bot Nhắc Hạn 2"))
    world.house.open([world.far, second, Far(name="web", traits=Traits(4000))])
    for chat in ("a", "b"):
        world.seat(chat, "focal", "HKL-DV")
    code = code_of(world)
    type_in(world, "an", code)
    assert world.far.texts("an") == [
        "Bot này đã đủ 2 người nên chưa nhận thêm được. "
        "Đề nghị mở Bot Nhắc Hạn 2 và gõ lại mã mời tại đó; mã mời vẫn còn hiệu lực."
    ]
    type_in(world, "an-2", code, "777")
    assert "Mã mời của: Chi cục Kiểm lâm" in second.texts("an-2")[0]


def test_where_every_bot_is_full_tccb_is_named(world: World) -> None:
    for chat in ("a", "b"):
        world.seat(chat, "focal", "HKL-DV")
    type_in(world, "an", code_of(world))
    (told,) = world.far.texts("an")
    assert "Đề nghị liên hệ Phòng Tổ chức cán bộ Sở" in told


def test_who_waits_for_approval_has_a_place(world: World) -> None:
    world.seat("a", "focal", "HKL-DV")
    for text in (code_of(world), "đồng ý", "Trần Thị Bình"):
        type_in(world, "binh", text)
    type_in(world, "an", code_of(world))
    assert "đã đủ 2 người" in world.far.texts("an")[0]


def test_strangers_and_those_who_are_known_are_not_turned_away(world: World) -> None:
    for chat in ("a", "b"):
        world.seat(chat, "focal", "HKL-DV")
    type_in(world, "an", "xin chào")
    assert "đề nghị gõ mã mời" in world.far.texts("an")[0]
    type_in(world, "a", "báo cáo")
    assert "số liệu" in world.far.texts("a")[0]


def test_a_channel_that_takes_anybody_is_never_full(world: World) -> None:
    world.house.open([Far(traits=Traits(4000, per_second=10_000.0))])
    for chat in ("a", "b", "c"):
        world.seat(chat, "focal", "HKL-DV")
    type_in(world, "an", code_of(world))
    assert "Mã mời của" in world.house.channels[0].texts("an")[0]  # type: ignore[attr-defined]


# What the month will still need


def test_tccb_sees_what_is_left_and_what_reminding_will_need(world: World) -> None:
    """Two focal points on this account; in November each gets T-14 once, TCCB four more summaries."""
    for name, role, unit in (("an", "focal", "HKL-DV"), ("my", "focal", "HKL-MV"), ("hanh", "tccb", "TCCB")):
        world.seat(name, role, unit)
    world.go("2024-11-25 17:00")
    world.hear("hanh", "hạn mức")
    world.answer()
    world.deliver()
    (text,) = world.far.texts("hanh")
    assert "đã dùng 1/20, còn 19; theo lịch nhắc và tổng hợp, đến hết tháng cần khoảng 6 tin" in text


def test_too_little_is_said(world: World) -> None:
    for name in ("an", "my", "ly"):
        world.seat(name, "focal", "HKL-DV")
    spend(world, 18)
    accounts = [Metered("far", "", "far", 20)]
    world.go("2024-11-25 17:00")
    (found,) = world.do(allowance.of_month, accounts, world.house.catalogues, world.calendar, at("2024-11-25 17:00"))
    assert (found.used, found.left, found.planned, found.enough) == (18, 2, 3, False)


def test_what_is_planned_for_another_month_or_account_does_not_count(world: World) -> None:
    world.seat("an", "focal", "HKL-DV")
    accounts = [Metered("far", "", "far", 20), Metered("far", "other", "other", 20)]
    found = world.do(allowance.of_month, accounts, world.house.catalogues, world.calendar, at("2024-11-27 09:00"))
    assert [one.planned for one in found] == [0, 0]  # T-7 is in December
