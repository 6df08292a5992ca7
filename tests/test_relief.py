"""A focal point who is away, or hands over: whom the reminders reach, and when the duty changes hands."""

import re
from datetime import date

import pytest

from catalogue.model import Answer
from storage import absences, people, schema
from tests.house import World


@pytest.fixture
def office(house: World) -> World:
    for name, role, unit in (("my", "focal", "HKL-DV"), ("hanh", "tccb", "TCCB")):
        house.seat(name, role, unit)
    house.go("2024-11-28 09:00")
    return house


def says(house: World, chat: str, *texts: str) -> str:
    for text in texts:
        house.hear(chat, text)
        house.answer()
        house.deliver()
    return house.far.texts(chat)[-1]


def duties(house: World, chat: str) -> list[str]:
    person = house.address(chat).person
    return [duty.unit for duty in house.do(people.duties, person)] if person else []


def test_while_they_are_away_nobody_is_reminded_and_the_step_comes_when_they_are_back(office: World) -> None:
    says(office, "my", "tôi nghỉ đến 04/12", "đúng")
    assert office.knock("2024-12-03 08:30") == 0  # T-7, three days of which are left after they are back
    assert office.knock("2024-12-04 08:30") == 0
    assert office.knock("2024-12-05 08:30") == 1


def test_whoever_is_back_early_is_reminded(office: World) -> None:
    says(office, "my", "tôi nghỉ đến 04/12", "đúng")
    assert "đi làm lại" in says(office, "my", "đi làm lại")
    assert office.knock("2024-12-03 08:30") == 1


def test_the_newest_absence_counts(office: World) -> None:
    says(office, "my", "tôi nghỉ đến 06/12", "đúng", "nghỉ đến 02/12", "đúng")
    assert list(office.do(absences.away).values()) == [date(2024, 12, 2)]


def test_nothing_happens_without_a_yes(office: World) -> None:
    says(office, "my", "tôi nghỉ đến 04/12", "không", "bàn giao cho Lê Thị Hoa", "hủy")
    assert office.rows(schema.absence) == office.rows(schema.invitation) == []


def handed(office: World) -> str:
    found = re.search(r"NH-\w{8}", says(office, "my", "bàn giao cho Lê Thị Hoa 0912345678", "đúng"))
    assert found
    return found[0]


def test_the_duty_changes_hands_when_tccb_lets_the_successor_in(office: World) -> None:
    code = handed(office)
    says(office, "hoa", code, "đồng ý", "Lê Thị Hoa")
    assert duties(office, "my") == ["HKL-DV"] and duties(office, "hoa") == []
    says(office, "hanh", "duyệt")
    assert duties(office, "my") == [] and duties(office, "hoa") == ["HKL-DV"]
    assert "Lê Thị Hoa nay là đầu mối" in office.far.texts("my")[-1]
    office.far.sent.clear()
    assert office.knock("2024-12-03 08:30") == 1
    office.deliver()
    assert office.far.texts("hoa") and not office.far.texts("my")


def test_refused_the_duty_stays(office: World) -> None:
    says(office, "hoa", handed(office), "đồng ý", "Lê Thị Hoa")
    says(office, "hanh", "từ chối 1 chưa có quyết định")
    assert duties(office, "my") == ["HKL-DV"] and duties(office, "hoa") == []


def test_a_code_taken_back_lets_nobody_in(office: World) -> None:
    code = handed(office)
    says(office, "my", "hủy bàn giao")
    says(office, "hoa", code, "đồng ý", "Lê Thị Hoa")
    assert office.rows(schema.enrolment) == []


def test_whoever_is_away_is_not_warned_until_they_are_back(office: World) -> None:
    office.report("HKL-DV", "M08", Answer.fraction(45, 60), 1)
    says(office, "my", "tôi nghỉ đến 29/11", "đúng")
    assert office.knock("2024-11-29 08:30") == 0
    assert office.knock("2024-12-02 08:30") == 1


def test_whoever_has_nothing_to_hand_over_is_told_so(office: World) -> None:
    assert "Chỉ đầu mối" in says(office, "hanh", "hủy bàn giao")


def test_both_are_in_the_book(office: World) -> None:
    says(office, "my", "tôi nghỉ đến 04/12", "đúng", "đi làm lại", "bàn giao cho Lê Thị Hoa", "đúng", "hủy bàn giao")
    assert [row.deed for row in office.rows(schema.audit)] == ["away", "back", "hand over", "keep"]
