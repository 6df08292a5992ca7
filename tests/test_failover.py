"""Who can't be reached here is reached there; TCCB hears of those whom nothing reaches, in time and with a number."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot import due
from bot.channels.channel import Incoming, Refused, Template
from bot.dialogue.turn import Said
from jobs.unreached import GATHERED
from storage import outbox, people, schema
from tests.house import Far, World, run

LOST = "Không liên lạc được qua kênh nhắn tin:"
DAY = timedelta(days=1)


@pytest.fixture
def second() -> Far:
    return Far("second")


@pytest.fixture
def world(engine: Engine, second: Far) -> Iterator[World]:
    """An, who is reached by two channels; Mỹ, by one; Hạnh at TCCB."""
    world = World(engine)
    world.house.open([world.far, second])
    world.seat("an", "focal", "HKL-DV", channels=("far", "second"))
    world.seat("my", "focal", "HKL-MV")
    world.seat("hanh", "tccb", "TCCB")
    yield world
    world.close()


def tell(world: World, chat: str = "an", text: str = "Họp", channel: str = "far") -> None:
    world.put(chat, "option.text", outbox.REPLY, channel, facts={"text": text})


def told(world: World) -> list[str]:
    return [text for text in world.far.texts("hanh") if text.startswith(LOST)]


def blocks(world: World, chat: str = "an") -> None:
    run(world.house.hear(Incoming("far", "", chat, f"blocked {chat}", Said(event="blocked"))))


def test_while_one_address_is_left_tccb_hears_nothing(world: World, second: Far) -> None:
    tell(world)
    world.far.trouble = [Refused("blocked")]
    world.deliver()
    world.deliver(GATHERED)
    assert (second.texts("an"), told(world)) == (["Họp"], [])


def test_the_next_message_goes_where_they_are_reached_at_once(world: World, second: Far) -> None:
    tell(world)
    world.far.trouble = [Refused("blocked")]
    world.deliver()
    world.knock("2024-12-03 08:30")
    world.deliver()
    assert (len(second.texts("an")), world.far.texts("an")) == (2, [])


def test_when_none_is_left_tccb_is_told_once_with_the_number_to_call(world: World, second: Far) -> None:
    world.do(lambda tx: tx.execute(schema.person.update().values(phone="0912 345 678")))
    for _ in range(2):
        tell(world)
    world.far.trouble, second.trouble = [Refused("blocked")], [Refused("gone")] * 2
    world.deliver()
    world.deliver(GATHERED - timedelta(seconds=1))
    assert told(world) == []
    world.deliver(timedelta(seconds=1))
    world.deliver(DAY)
    assert told(world) == [f"{LOST}\n- an (Hạt Kiểm lâm huyện Đồng Văn), điện thoại 0912 345 678"]


def test_many_who_are_lost_together_are_one_message(world: World, second: Far) -> None:
    for chat in ("an", "my"):
        tell(world, chat)
    world.far.trouble, second.trouble = [Refused("blocked")] * 2, [Refused("gone")]
    world.deliver()
    world.deliver(GATHERED)
    (text,) = told(world)
    assert text.count("\n- ") == 2


def test_whoever_is_back_in_time_is_not_told_of(world: World) -> None:
    tell(world, "my")
    world.far.trouble = [Refused("blocked")]
    world.deliver()
    world.hear("my", "báo cáo")
    world.deliver(GATHERED)
    assert told(world) == []
    tell(world, "my", "Họp lại")
    world.deliver()
    assert "Họp lại" in world.far.texts("my")


def test_whoever_blocks_us_is_told_of_before_anything_is_lost(world: World) -> None:
    blocks(world)
    blocks(world, "my")
    blocks(world, "my")
    world.deliver(GATHERED)
    (text,) = told(world)
    assert "- my (" in text and "- an (" not in text


def test_the_first_address_is_used_again_once_they_have_spoken_there(world: World, second: Far) -> None:
    blocks(world)
    world.hear("an", "báo cáo")
    world.answer()
    world.deliver()
    tell(world)
    world.deliver()
    assert (world.far.texts("an")[-1], second.texts("an")) == ("Họp", [])


def test_nobody_is_told_of_strangers_and_of_those_who_hold_no_duty(world: World) -> None:
    world.do(people.resign, world.address("my").person, "HKL-MV", "focal", world.now)
    for chat in ("somebody", "my"):
        tell(world, chat)
    world.far.trouble = [Refused("blocked")] * 2
    world.deliver()
    world.deliver(GATHERED)
    assert told(world) == []


@pytest.mark.parametrize(
    ("moment", "named"),
    [("2024-12-06 16:30", False), ("2024-12-09 16:30", True), ("2024-12-10 16:30", True), ("2024-12-11 16:30", False)],
)
def test_the_last_days_summary_names_those_who_have_to_be_called(world: World, moment: str, named: bool) -> None:
    world.do(lambda tx: tx.execute(schema.person.update().values(phone="0912 345 678")))
    blocks(world, "my")
    world.knock(moment)
    world.deliver()
    (summary,) = [text for text in world.far.texts("hanh") if not text.startswith(LOST) and "chi tiết 4" in text]
    line = "- my (Hạt Kiểm lâm huyện Mèo Vạc), điện thoại 0912 345 678"
    assert (line in summary.split("\n")) == named


# Where a channel takes messages for those alone who have spoken lately


WINDOW = timedelta(days=7)


@pytest.fixture
def windowed(engine: Engine, second: Far) -> Iterator[World]:
    """An is reached by a channel with such a window first, and by one without."""
    far = Far(traits=replace(Far().traits, reply_window=WINDOW))
    world = World(engine, far=far)
    world.house.open([far, second])
    world.seat("an", "focal", "HKL-DV", channels=("far", "second"))
    yield world
    world.close()


@pytest.mark.parametrize(("silent", "here"), [(WINDOW, 1), (WINDOW + timedelta(seconds=1), 0)])
def test_what_can_not_arrive_is_not_tried_but_goes_elsewhere(
    windowed: World, second: Far, silent: timedelta, here: int
) -> None:
    windowed.far.trouble = [] if here else [AssertionError("tried")]
    tell(windowed)
    windowed.deliver(silent)
    assert (len(windowed.far.texts("an")), len(second.texts("an"))) == (here, 1 - here)


def test_their_next_message_opens_the_window_again(windowed: World, second: Far) -> None:
    tell(windowed)
    windowed.deliver(WINDOW + DAY)
    windowed.hear("an", "báo cáo")
    windowed.answer()
    windowed.deliver()
    tell(windowed, text="Họp lại")
    windowed.deliver(WINDOW)
    assert (windowed.far.texts("an")[-1], second.texts("an")) == ("Họp lại", ["Họp"])


def remind(world: World) -> None:
    world.put("an", "due.remind", outbox.BULK, facts={"steps": [[world.campaign, "T-7"]]})


def with_templates(world: World, *kinds: str) -> None:
    world.far.traits = replace(world.far.traits, templates=frozenset(kinds))


@pytest.mark.parametrize(("moment", "closed"), [("2024-12-03 09:00", False), ("2024-12-03 09:01", True)])
def test_a_reminder_goes_by_template_once_the_window_is_closed(
    windowed: World, second: Far, moment: str, closed: bool
) -> None:
    with_templates(windowed, "remind")
    remind(windowed)
    windowed.go(moment)
    windowed.deliver()
    (message,) = windowed.far.sent
    blanks = {"ten": "an", "don_vi": "Hạt Kiểm lâm huyện Đồng Văn", "han": "10/12/2024", "so_luong": "1"}
    assert (message.template, second.sent) == (Template("remind", blanks) if closed else None, [])


@pytest.mark.parametrize("kinds", [(), ("warn",)])
def test_what_has_no_template_goes_elsewhere(windowed: World, second: Far, kinds: tuple[str, ...]) -> None:
    with_templates(windowed, *kinds)
    remind(windowed)
    tell(windowed)
    windowed.go("2024-12-04 09:00")
    windowed.deliver()
    assert (windowed.far.sent, len(second.texts("an"))) == ([], 2)


def test_several_units_are_one_template() -> None:
    facts = [("A", 2, "2024-12-10"), ("B", 3, "2024-12-05"), ("A", 7, "2024-12-10")]
    says = [{"facts": {"unit": unit, "n": n, "deadline": deadline}} for unit, n, deadline in facts]
    assert due.blanks(says, "Nguyễn Văn An") == {
        "ten": "Nguyễn Văn An",
        "don_vi": "A, B",
        "han": "05/12/2024",
        "so_luong": "5",
    }
    assert due.blanks([{"facts": {"n": 3, "deadline": "2024-12-10"}}], "An") == {}  # a head's, of many units
