"""What is frozen at the deadline, and what came after it is marked as late."""

from datetime import date, timedelta

import pytest

from catalogue.model import Answer
from storage import audit, campaigns, reports, schema, snapshots
from tests.house import World
from tests.test_storage import at_once

EARLY, LATE = Answer.fraction(45, 60), Answer.fraction(59, 60)


@pytest.fixture
def over(house: World) -> World:
    """The deadline's day is over, one unit reported in time and corrected itself afterwards, before anybody looked."""
    my = house.seat("my", "focal", "HKL-DV")
    house.seat("hanh", "tccb", "TCCB")
    house.go("2024-12-10 23:59")
    house.report("HKL-DV", "M08", EARLY, my)
    house.go("2024-12-11 07:00")
    house.report("HKL-DV", "M08", LATE, my)
    return house


def body(house: World) -> list[tuple[str, int, str]]:
    (row,) = house.do(snapshots.of, house.campaign)
    return [(cell["unit"], cell["numerator"], cell["state"]) for cell in row.body]


def test_the_picture_shows_the_end_of_the_day_however_late_it_is_taken(over: World) -> None:
    over.knock("2024-12-13 03:00")
    assert body(over) == [("HKL-DV", 45, "waiting")]


def test_it_is_taken_once_and_not_before_the_day_is_over(over: World) -> None:
    over.go("2024-12-10 23:59")
    over.knock()
    assert over.do(snapshots.of, over.campaign) == []
    taken: list[str | None] = []
    at_once(*[lambda: taken.append(over.do(snapshots.take, over.campaign, date(2024, 12, 10), over.now))] * 4)
    assert sum(one is not None for one in taken) == 1


def test_an_appraisal_after_midnight_is_not_in_it(over: World) -> None:
    first = over.rows(schema.report)[0].id
    over.do(lambda tx: tx.execute(schema.cell.update().values(report=first)))
    over.do(reports.appraise, first, reports.ACCEPTED, over.address("hanh").person, over.now)
    over.knock()
    assert body(over) == [("HKL-DV", 45, "waiting")]


def test_its_digest_is_sealed_in_the_book_of_changes(over: World) -> None:
    over.knock("2024-12-11 08:00")
    (row,) = over.do(snapshots.of, over.campaign)
    assert row.digest == snapshots.digest(row.body)
    assert [note.now for note in over.rows(schema.audit) if note.deed == "snapshot"] == [row.digest]
    assert over.do(audit.first_broken) is None


def test_a_deadline_that_moves_gets_a_picture_of_its_own(over: World) -> None:
    over.knock("2024-12-11 08:00")
    over.do(campaigns.set_deadlines, over.campaign, date(2024, 12, 20), date(2024, 12, 20))
    over.knock("2024-12-21 00:00")
    pictures = over.do(snapshots.of, over.campaign)
    assert [row.deadline.day for row in pictures] == [10, 20]
    assert [cell["numerator"] for cell in pictures[-1].body] == [59]


def said(house: World, chat: str, text: str) -> str:
    house.hear(chat, text)
    house.answer()
    house.deliver()
    return house.far.texts(chat)[-1]


def test_what_came_late_is_marked_wherever_it_is_seen(over: World) -> None:
    over.go(timedelta(hours=2))
    assert "59/60 (98,33 %), gửi chậm" in said(over, "my", "danh sách")
    assert "59/60 (98,33 %), gửi chậm" in said(over, "hanh", "đơn vị HKL-DV")
    assert "59/60 (98,33 %), gửi chậm" in said(over, "hanh", "thẩm định")
    over.go("2024-12-11 16:30")
    over.knock()
    over.deliver()
    assert "Gửi chậm: 1 số liệu." in over.far.texts("hanh")[-1]


def test_with_more_time_it_is_not_late(over: World) -> None:
    over.do(campaigns.extend, over.campaign, "HKL-DV", date(2024, 12, 11), "", None, over.now)
    assert "gửi chậm" not in said(over, "my", "danh sách")
