"""What is kept no longer than it is needed, and what stays."""

from datetime import date, timedelta

import pytest

from bot import replay
from jobs import purge
from storage import audit, campaigns, files, purging, schema
from storage.audit import Who
from storage.purging import Keep, Purged
from tests.house import World, run
from tests.stage import CATALOGUES
from tests.test_command_line import Typed, typed

__all__ = ["typed"]
BOXES = (schema.inbox, schema.outbox, schema.talk, schema.file_content)


@pytest.fixture
def spoken(house: World) -> World:
    """A figure told and a file sent in the campaign of 2024, whose evaluation day is in December."""
    house.seat("an", "focal", "CCKL")
    for line in ("2.8: 30/50", "đúng", "hủy"):
        house.hear("an", line)
        house.answer()
    house.deliver()
    house.do(files.add, "a.pdf", "application/pdf", b"%PDF", house.now)
    return house


def lines(world: World) -> list[int]:
    return [len(world.rows(box)) for box in BOXES]


def purged(world: World, keep: Keep) -> Purged:
    return world.do(purge.run, keep, Who(None, "cli"), world.now)


def test_nothing_goes_before_its_time(spoken):
    evaluation = spoken.do(campaigns.at, spoken.campaign).evaluation
    spoken.now = spoken.now.replace(year=2026, month=evaluation.month, day=evaluation.day)
    before = lines(spoken)
    assert not purged(spoken, Keep())
    assert lines(spoken) == before and all(before)


def test_what_has_been_kept_long_enough_goes_and_the_books_stay(spoken):
    evaluation = spoken.do(campaigns.at, spoken.campaign).evaluation
    spoken.now = spoken.now.replace(year=2026, month=evaluation.month, day=evaluation.day) + timedelta(days=1)
    wanted = Purged(*lines(spoken))
    assert spoken.do(purging.count, Keep(), spoken.now.date()) == wanted
    assert lines(spoken) == [wanted.heard, wanted.sent, wanted.talks, wanted.files]
    reported = len(spoken.rows(schema.report))
    assert purged(spoken, Keep()) == wanted
    assert lines(spoken) == [0, 0, 0, 0]
    assert len(spoken.rows(schema.report)) == reported > 0
    assert spoken.do(audit.first_broken) is None
    assert spoken.do(replay.first_differing, CATALOGUES) is None
    last = spoken.rows(schema.audit)[-1]
    assert (last.deed, last.now["heard"]) == ("purge", wanted.heard)
    assert spoken.do(files.content, 1) == b""
    assert not purged(spoken, Keep())
    assert spoken.rows(schema.audit)[-1].id == last.id


def test_files_have_a_time_of_their_own(spoken):
    spoken.go(timedelta(days=400))
    before = lines(spoken)
    assert purged(spoken, Keep(messages=24, files=6)) == Purged(0, 0, 0, 1)
    assert lines(spoken)[:3] == before[:3]


def test_what_is_still_to_be_answered_or_sent_is_left(spoken):
    spoken.hear("an", "còn thiếu gì")
    spoken.put("an")
    spoken.go(timedelta(days=2000))
    purged(spoken, Keep())
    assert [len(spoken.rows(box)) for box in (schema.inbox, schema.outbox)] == [1, 1]


def test_it_is_done_once_a_night_after_the_copy(spoken):
    spoken.now = spoken.now.replace(year=2030, hour=1, minute=59)
    before = lines(spoken)
    run(spoken.house.do(purge.knock, Keep(), spoken.now))
    assert lines(spoken) == before
    spoken.now = spoken.now.replace(hour=2, minute=0)
    for _ in range(2):
        run(spoken.house.do(purge.knock, Keep(), spoken.now))
    assert lines(spoken) == [0, 0, 0, 0]
    assert [row.deed for row in spoken.rows(schema.audit)].count("purge") == 1


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 27), 24, date(2024, 11, 27)),
        (date(2026, 2, 28), 24, date(2024, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_so_many_months_ago(day, months, then):
    assert purging.months_ago(day, months) == then


def test_one_may_look_first(typed: Typed) -> None:
    nothing = "0 tin nhận, 0 tin gửi, 0 cuộc trao đổi cũ hơn 24 tháng, nội dung 0 tệp cũ hơn 24 tháng sau đợt.\n"
    assert typed("purge", "--dry-run") == (0, f"Sẽ xóa {nothing}", "")
    assert typed("purge") == (0, f"Đã xóa {nothing}", "")
