"""An office that began with an early version goes on with this one: every row is there, and the house works on it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import replay
from storage import audit, db, reports, schema
from tests import early
from tests.house import CATALOGUES, World
from tests.program import Program

REVISIONS = ("0001", "0009", "0015")  # the first, one in the middle, the last before the book had its second form


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, empty: Engine) -> Engine:
    early.left_at(empty, request.param)
    return empty


@dataclass
class Upgraded(World):
    """The office is there already, with its campaign."""

    def __post_init__(self) -> None:
        db.upgrade(self.engine)
        self.house = self.another(self.far)
        self.campaign, self._heard = 1, 0


@pytest.fixture
def office(old: Engine) -> Iterator[Upgraded]:
    world = Upgraded(old, now=early.LEFT)
    yield world
    world.close()


def test_all_that_was_there_is_there_unchanged(old: Engine) -> None:
    before = early.dump(old)
    assert min(len(before[name]) for name in ("person", "address", "report", "inbox", "outbox", "audit")) > 0
    db.upgrade(old)
    after = early.dump(old)
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table


def test_every_table_of_its_time_has_a_row(old: Engine) -> None:
    """Or the test above would say nothing of it."""
    assert {name for name, rows in early.dump(old).items() if not rows} <= early.WITHOUT_ROWS


def test_what_waited_is_answered_and_sent(office: Upgraded) -> None:
    """The talk has a shape that this version does not know: what was half said then is not misread."""
    office.answer()
    office.deliver()
    assert office.far.lines("my") == [
        "Kính gửi đồng chí Sùng Thị Mỷ,",
        "Phần mềm vừa được cập nhật nên việc đang nhập dở không còn; số liệu đã ghi vẫn nguyên. "
        'Gõ "báo cáo" để nhập tiếp.',
    ]
    assert len(office.rows(schema.report)) == 1


def test_figures_go_on(office: Upgraded) -> None:
    office.hear("an", "báo cáo", "45/70", "đúng")
    office.answer()  # chats are answered side by side: nobody else's question waits for this one
    office.hear("hanh", "thiếu")
    office.answer()
    office.deliver()
    assert [(row.measure, row.numerator) for row in office.rows(schema.report)] == [("M01", 45), ("M02", 45)]
    assert "Gửi đủ: 1/2 đơn vị" in office.far.texts("hanh")[-1]


def test_who_still_owes_is_reminded(office: Upgraded) -> None:
    """A week before its deadline, which was put off where the tables had room for that."""
    week_before, deadline = ("05", "12/12/2024") if office.rows(schema.extension) else ("03", "10/12/2024")
    office.knock(f"2024-12-{week_before} 09:00")
    office.deliver()
    assert office.far.lines("an") == [f"Còn 07 ngày đến hạn {deadline}. Chi cục Kiểm lâm còn 1/2 số liệu chưa gửi:"]


def test_the_book_holds_with_old_rows_and_new(office: Upgraded) -> None:
    assert office.do(audit.first_broken) is None
    office.hear("an", "báo cáo", "45/70", "đúng")
    office.answer()
    assert office.do(audit.first_broken) is None
    assert office.do(replay.first_differing, CATALOGUES) is None


def test_a_reason_is_missed_in_the_book_from_its_second_form_on(office: Upgraded) -> None:
    where = {"campaign": 1, "unit": "CCKL", "measure": "M02", "person": early.AN}
    office.hear("an", "báo cáo", "45/70", "đúng")
    office.answer()
    office.do(reports.explain, where, "ai đó viết thêm", office.now)
    assert office.do(replay.first_differing, CATALOGUES) == replay.Differing(1, "CCKL", "M02", "explained")


def test_commands_upgrade_what_they_open(old: Engine, tmp_path: Path) -> None:
    url = old.url.set(drivername=old.dialect.name).render_as_string(hide_password=False)
    program = Program(tmp_path, {"DATABASE_URL": url})
    assert "nguyên vẹn" in program.done("audit", "verify")
    found = {one["code"]: one["severity"] for one in json.loads(program.run("doctor", "--offline", "--json").stdout)}
    assert found["audit"] == "fine"
    assert {code for code, severity in found.items() if severity == "fault"} == {"not-running"}
