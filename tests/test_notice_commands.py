"""`nhachan notice`: sent in an officer's name, followed, and from when on somebody else has to let it go."""

from pathlib import Path

import pytest

from storage import campaigns, db, people, units
from tests.house import BOOK, OFFICE, at
from tests.test_command_line import Typed, document
from tests.test_command_line import typed as typed  # the fixture

NOW = at("2024-11-26 09:00")


@pytest.fixture
def office(typed: Typed, tmp_path: Path) -> Typed:
    """One officer and the focal points of two stations, none of whom has been told anything."""
    engine = db.connect(f"sqlite:///{tmp_path}/house.db")
    db.upgrade(engine)
    with engine.begin() as tx:
        units.apply(tx, OFFICE, NOW.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), NOW)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, OFFICE)
        for name, role, unit in (("Hạnh", "tccb", "TCCB"), ("My", "focal", "HKL-DV"), ("Ly", "focal", "HKL-MV")):
            people.link(tx, people.address_of(tx, "web", "", name, NOW), people.join(tx, name, unit, role, NOW))
    engine.dispose()
    (tmp_path / "họp.txt").write_text("Họp giao ban\nLúc 8 giờ ngày 27/11.\n", encoding="utf8")
    return typed


def test_it_is_shown_then_sent_then_followed(office: Typed) -> None:
    status, out, _ = office("notice", "send", "họp.txt", "--to", "còn thiếu", "--dry-run")
    assert status == 0 and "Thông báo sẽ gửi đến 2 người (2 đơn vị): My, Ly" in out
    assert document(office("notice", "status", "--json")) == []
    assert office("notice", "send", "họp.txt", "--to", "HKL-DV")[1].startswith(
        "Thông báo số 1 đang được gửi đến 1 người"
    )
    (found,) = document(office("notice", "status", "1", "--json"))
    assert found["recipients"] == [{"unit": "HKL-DV", "name": "My", "stage": "waiting"}]
    assert "HKL-DV       My: đang chờ gửi" in office("notice", "status", "1")[1]


def test_from_so_many_on_it_waits_for_a_second_officer(office: Typed) -> None:
    assert "từ 2 người nhận" in office("notice", "second-officer", "2")[1]
    assert "phải được một cán bộ khác" in office("notice", "send", "họp.txt", "--to", "tất cả")[1]
    assert "Chờ phát hành" in office("notice", "status", "1")[1]
    assert "không cần" in office("notice", "second-officer", "0")[1]
    assert office("audit", "verify")[0] == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("send", "không có.txt", "--to", "tất cả"), "Không đọc được"),
        (("send", "rỗng.txt", "--to", "tất cả"), "Cần tiêu đề"),
        (("send", "họp.txt", "--to", "trạm không có thật"), "Chưa rõ nơi nhận"),
        (("send", "họp.txt", "--to", "thủ trưởng"), "Không có người nhận nào"),
        (("send", "họp.txt", "--to", "tất cả", "--by", "Lan"), "Cần biết gửi thay mặt ai"),
        (("status", "9"), "Không có thông báo số 9"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
def test_what_can_not_be_done_is_refused_in_one_sentence(
    office: Typed, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    (tmp_path / "rỗng.txt").write_text("", encoding="utf8")
    status, out, err = office("notice", *words)
    assert (status, out) == (1, "") and why in err and err.count("\n") == 1
    assert document(office("notice", "status", "--json")) == []
