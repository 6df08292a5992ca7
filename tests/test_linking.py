"""One person, several addresses: who may join a chat to whom, how long a code is good, where messages then go."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.channels.channel import Refused, Traits
from bot.dialogue.facts import Address
from bot.dialogue.linking import meant
from storage import audit, invitations, people, schema, tickets, visits
from tests.house import Far, World, run

WIDE = Traits(4000, per_second=10_000.0)


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """An of Đồng Văn writes to "far"; "zalo" is another channel, on which nobody has written yet."""
    world = World(engine, far=Far(traits=replace(WIDE, brand="Telegram")))
    world.zalo = Far(name="zalo", traits=replace(WIDE, brand="Zalo"))  # type: ignore[attr-defined]
    world.house.open([world.far, world.zalo])  # type: ignore[attr-defined]
    world.seat("an", "focal", "HKL-DV")
    yield world
    world.close()


def zalo(world: World) -> Far:
    far: Far = world.house.channels[1]  # type: ignore[assignment]
    return far


def says(world: World, chat: str, text: str, channel: str = "far") -> list[str]:
    """What is answered there."""
    far = zalo(world) if channel == "zalo" else world.far
    before = len(far.sent)
    world.hear(chat, text, channel=channel)
    world.answer()
    world.deliver()
    return [message.part.text for message in far.sent[before:] if message.chat == chat]


def code_for(world: World, chat: str = "an") -> str:
    (told,) = says(world, chat, "liên kết")
    found = re.search(r"LK-\w{8}", told)
    assert found, told
    return found[0]


def linked(world: World) -> None:
    assert "Đã liên kết Zalo" in says(world, "an-zalo", code_for(world), "zalo")[0]


def order(world: World) -> list[str]:
    person = world.address("an").person
    return [row.channel for row in world.do(people.addresses, person)]


# The code


@pytest.mark.parametrize("typed", ["{}", " {} ", "lk{8}", "lk {8}", "Lk-{8l}"])
def test_a_code_is_understood_however_it_is_typed(world: World, typed: str) -> None:
    code = code_for(world)
    text = typed.replace("{8l}", code[3:].lower()).replace("{8}", code[3:]).replace("{}", code)
    told = says(world, "an-zalo", text, "zalo")
    assert ("Đã liên kết" in told[0]) == (" " not in text.strip())  # two words are no code


def test_a_code_is_good_for_ten_minutes(world: World) -> None:
    code = code_for(world)
    world.go(timedelta(minutes=10))
    assert "không đúng, đã dùng hoặc đã hết hạn" in says(world, "an-zalo", code, "zalo")[0]
    code = code_for(world)
    world.go(timedelta(minutes=9, seconds=59))
    assert "Đã liên kết" in says(world, "an-zalo", code, "zalo")[0]


def test_a_new_code_ends_the_one_before(world: World) -> None:
    first, second = code_for(world), code_for(world)
    assert "không đúng" in says(world, "an-zalo", first, "zalo")[0]
    assert "Đã liên kết" in says(world, "an-zalo", second, "zalo")[0]


def test_so_many_codes_an_hour_and_no_more(world: World) -> None:
    for _ in range(5):
        code_for(world)
    assert "Đề nghị thử lại sau" in says(world, "an", "liên kết")[0]
    world.go(timedelta(hours=1))
    code_for(world)


def test_whoever_guesses_has_to_wait(world: World) -> None:
    code = code_for(world)
    for number in range(5):
        assert "không đúng" in says(world, "la", f"LK-AAAAAAA{number + 2}", "zalo")[0]
    assert "thử lại sau một giờ" in says(world, "la", code, "zalo")[0]
    assert order(world) == ["far"]


def test_the_code_of_somebody_who_has_left_joins_nothing(world: World) -> None:
    code = code_for(world)
    world.do(lambda tx: tx.execute(schema.duty.update().values(until=world.now)))
    assert "không đúng" in says(world, "an-zalo", code, "zalo")[0]
    assert order(world) == ["far"]


def test_a_code_is_kept_by_its_digest_alone(world: World) -> None:
    code = code_for(world)
    (row,) = world.rows(schema.ticket)
    assert code not in str(row) and row.digest == invitations.digest(code)
    assert not any(code in str(row) for row in world.rows(schema.audit))


def test_of_two_that_type_it_at_once_one_has_it(world: World) -> None:
    code = code_for(world)
    (row,) = world.rows(schema.ticket)
    begin = threading.Barrier(2)

    def take(_: int) -> bool:
        begin.wait()
        return bool(world.do(tickets.take, row.id, world.now))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, range(2))) == [False, True]
    assert "không đúng" in says(world, "an-zalo", code, "zalo")[0]


def test_a_full_account_takes_nobody_by_a_code_either(world: World) -> None:
    second = Far(name="zalo", account="2", traits=replace(WIDE, brand="Zalo", title="Bot hai", people=50))
    world.house.open([world.far, replace(zalo(world), traits=replace(WIDE, brand="Zalo", people=1)), second])
    world.seat("other", "focal", "HKL-MV", channels=("zalo",))
    code = code_for(world)
    told = says(world, "an-zalo", code, "zalo")
    assert told == [
        "Bot này đã đủ 1 người nên chưa nhận thêm được. "
        "Đề nghị mở Bot hai và gõ lại mã mời tại đó; mã mời vẫn còn hiệu lực."
    ]
    assert order(world) == ["far"]


# What then goes where


def test_every_other_address_is_told(world: World) -> None:
    linked(world)
    assert world.far.texts("an")[-1].startswith("Tài khoản Zalo vừa được thêm cho đồng chí")


def test_a_reminder_goes_where_the_person_wants_it(world: World) -> None:
    linked(world)
    says(world, "an", "ưu tiên Zalo")
    assert order(world) == ["zalo", "far"]
    sent = len(world.far.sent)
    world.knock("2024-12-03 08:30")
    world.deliver()
    assert "Hạt Kiểm lâm huyện Đồng Văn" in zalo(world).texts("an-zalo")[-1]
    assert len(world.far.sent) == sent


def test_refused_there_it_goes_to_the_next_and_coming_back_is_noticed(world: World) -> None:
    linked(world)
    says(world, "an", "ưu tiên Zalo")
    zalo(world).trouble = [Refused("blocked")]
    world.knock("2024-12-03 08:30")
    world.deliver()
    world.deliver()
    assert "Hạt Kiểm lâm huyện Đồng Văn" in world.far.texts("an")[-1]
    assert "- Zalo: không liên lạc được" in says(world, "an", "kênh của tôi")[0]
    says(world, "an-zalo", "xin chào", "zalo")
    assert "- Zalo\n" in says(world, "an", "kênh của tôi")[0]
    assert len(world.rows(schema.slot)) == 1


def test_what_waits_for_a_dropped_address_goes_elsewhere(world: World) -> None:
    linked(world)
    world.put("an-zalo", channel="zalo")
    told = [*says(world, "an", "bỏ kênh Zalo"), *says(world, "an", "menu")]
    assert told[0].startswith("Đã thấy tin nhắn được sửa") and told[1].startswith("Đã bỏ Zalo")
    assert order(world) == ["far"]


def test_a_dropped_chat_is_a_stranger_with_a_fresh_page(world: World) -> None:
    linked(world)
    says(world, "an-zalo", "báo cáo", "zalo")
    says(world, "an", "bỏ kênh Zalo")
    assert "đề nghị gõ mã mời" in says(world, "an-zalo", "58/60", "zalo")[0]
    assert "Đã liên kết Zalo" in says(world, "an-zalo", code_for(world), "zalo")[0]


def test_what_another_has_claimed_is_not_sent_to_a_dropped_address(world: World) -> None:
    linked(world)
    world.put("an-zalo", channel="zalo")
    post = world.house.posts[1]
    (letter,) = world.do(post._claim, 1)
    says(world, "an", "bỏ kênh Zalo")
    run(post._carry(letter))
    assert not [text for text in zalo(world).texts("an-zalo") if text.startswith("Đã thấy tin nhắn được sửa")]


# Names


HERE = Address(1, "Telegram", "Telegram", True, False)
BOTS = tuple(Address(id, "Zalo", f"Zalo (Bot {id})", False, False) for id in (2, 3))
OA = Address(4, "Zalo OA", "Zalo OA", False, False)
MAIL = Address(5, "E-mail", "E-mail", False, False)


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("telegram", [1]),
        ("tele", [1]),
        ("Zalo", [2, 3]),
        ("zalo bot 3", [3]),
        ("ZALO OA", [4]),
        ("email", [5]),
        ("e mail", [5]),
        ("viber", []),
        ("", []),
        ("-", []),
    ],
)
def test_which_address_is_meant(typed: str, ids: list[int]) -> None:
    assert [one.id for one in meant(typed, (HERE, *BOTS, OA, MAIL))] == ids


# Not theirs.


def test_who_has_come_in_by_stealth_shuts_nobody_out(world: World) -> None:
    linked(world)
    assert "không có tài khoản nào mới" in says(world, "an-zalo", "không phải tôi", "zalo")[0]
    assert world.address("an").person is not None


def test_an_account_that_is_disowned_sees_and_gets_nothing(world: World) -> None:
    world.seat("hanh", "tccb", "TCCB")
    linked(world)
    person = world.address("an").person
    says(world, "an-zalo", "ưu tiên zalo", "zalo")
    token = world.do(visits.issue, world.address("an-zalo", "zalo").id, person, world.now)
    session = world.do(visits.open, token, world.now)
    assert session and world.do(visits.at, session, world.now)
    world.put("an-zalo", channel="zalo")
    sent = len(zalo(world).sent)
    world.hear("an", "KHÔNG PHẢI TÔI")
    world.answer()
    world.deliver()
    assert world.do(visits.at, session, world.now) is None
    assert len(zalo(world).sent) == sent  # what waited for it has gone to the other
    assert world.do(people.reach, person).chat == "an"
    assert "đang tạm khóa" in says(world, "an-zalo", "còn thiếu gì", "zalo")[0]
    assert world.do(audit.first_broken) is None


def test_what_was_added_long_ago_is_not_doubted_any_more(world: World) -> None:
    linked(world)
    world.go(timedelta(days=7))
    assert "không có tài khoản nào mới" in says(world, "an", "không phải tôi")[0]


def test_tccb_decides_once(world: World) -> None:
    world.seat("hanh", "tccb", "TCCB")
    linked(world)
    says(world, "an", "không phải tôi")
    number = world.address("an-zalo", "zalo").id
    assert "Đã mở lại" in says(world, "hanh", f"trả tài khoản {number}")[0]
    assert "Không có tài khoản nào" in says(world, "hanh", f"bỏ tài khoản {number}")[0]
    assert world.address("an-zalo", "zalo").person == world.address("an").person
