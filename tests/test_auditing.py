"""The book of changes held against what it tells of: `nhachan audit`, and figures changed behind its back."""

import csv
import io
import json

import pytest
from sqlalchemy import Engine, text

from bot import replay
from bot.cli import frame
from bot.dialogue.turn import Said
from storage import audit, schema
from tests.house import World
from tests.stage import CATALOGUES
from tests.test_command_line import Typed, typed

__all__ = ["typed"]


@pytest.fixture
def told(house: World) -> World:
    """A figure, told of another day, mended, explained, proved; accepted by TCCB; another returned."""
    house.seat("an", "focal", "CCKL")
    house.seat("hanh", "tccb", "TCCB")
    for who, line in (
        *(("an", "2.8: 30/50"), ("an", "đúng"), ("an", "Ít hồ sơ"), ("an", "hủy")),
        *(("an", "2.8: 31/50"), ("an", "tính đến 20/11"), ("an", "đúng"), ("an", "hủy")),
        *(("an", "minh chứng 2.8: BC 12/BC-CCKL"), ("an", "2.9: 20/60"), ("an", "đúng"), ("an", "hủy")),
        *(("hanh", Said("", "accept 3")), ("hanh", Said("", "return 4")), ("hanh", "thiếu quý 4")),
    ):
        house.hear(who, line)
        house.answer()
    return house


def differing(house: World) -> tuple[str, str] | None:
    found = house.do(replay.first_differing, CATALOGUES)
    return found and (found.measure, found.field)


def raw(house: World, statement: str) -> None:
    house.do(lambda tx: tx.execute(text(statement)))


def test_what_was_told_agrees_with_the_book(told):
    assert {row.verdict for row in told.rows(schema.appraisal)} == {"accepted", "returned"}
    assert len(told.rows(schema.report)) == 4 and told.rows(schema.explanation)
    assert [row.now for row in told.rows(schema.audit) if row.deed == "as_of"] == ["2024-11-20"] * 2
    assert told.do(audit.first_broken) is None
    assert differing(told) is None


CHANGED = {
    "a figure": ("UPDATE report SET numerator = 50 WHERE id = 3", "answer"),
    "a figure that counts no more": ("UPDATE report SET numerator = 50 WHERE id = 1", "answer"),
    "the day that it is of": ("UPDATE report SET as_of = '2024-11-21' WHERE id = 3", "as_of"),
    "who told it": ("UPDATE report SET person = 2 WHERE id = 2", "told"),
    "in which words": ("UPDATE report SET verbatim = '50/50' WHERE id = 2", "told"),
    "when": ("UPDATE report SET given = '2024-11-25 08:00:00+07' WHERE id = 2", "told"),
    "its proof": ("UPDATE report SET evidence = 'BC 13' WHERE id = 3", "evidence"),
    "how far its appraisal is": ("UPDATE cell SET state = 'waiting' WHERE state = 'accepted'", "stage"),
    "why it was returned": ("UPDATE appraisal SET reason = 'khác' WHERE verdict = 'returned'", "reason"),
    "why it falls short": ("UPDATE explanation SET reason = 'khác'", "explained"),
    "a reason that nobody gave": (
        "INSERT INTO explanation (campaign, unit, measure, reason, person, given)"
        " SELECT campaign, unit, 'M01', 'khác', person, given FROM explanation",
        "explained",
    ),
    "which one counts": ("UPDATE cell SET report = 1 WHERE report = 3", "answer"),
    "what counts is gone": ("DELETE FROM cell WHERE report = 3", "missing"),
    "one more": (
        "INSERT INTO report (campaign, unit, measure, kind, as_of, person, channel, verbatim, given)"
        " SELECT campaign, unit, 'M01', kind, as_of, person, channel, verbatim, given FROM report WHERE id = 1",
        "unknown",
    ),
}


@pytest.mark.parametrize("what", list(CHANGED))
def test_what_is_changed_in_its_table_no_longer_agrees(told, what):
    statement, field = CHANGED[what]
    if "given" in statement and told.engine.dialect.name == "sqlite":
        statement = statement.replace("+07", ".000000")
    raw(told, statement)
    found = differing(told)
    assert found is not None and found[1] == field


def written(engine: Engine) -> None:
    world = World(engine)
    world.seat("an", "focal", "CCKL")
    world.hear("an", "2.8: 30/50", "đúng")
    world.answer()
    world.close()


@pytest.fixture
def office(engine: Engine, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """The command line over a database in which a figure was told."""
    written(engine)
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False).replace("+office", ""))
    frame.settings.cache_clear()
    return typed


BROKEN = {
    "the value": ("UPDATE audit SET verbatim = '50/50' WHERE id = 1", "dòng số 1", "nội dung bị sửa"),
    "a row in the middle": ("DELETE FROM audit WHERE id = 2", "dòng số 3", "không nối tiếp"),
    "the last row": ("DELETE FROM audit WHERE id = 3", "dòng số 3", "không còn ở cuối sổ"),
    "the hour": ("UPDATE audit SET at = '2024-11-20 08:00:00' WHERE id = 2", "dòng số 2", "không nối tiếp"),
    "who": ("UPDATE audit SET person = NULL WHERE id = 1", "dòng số 1", "không nối tiếp"),
    "the order": ("UPDATE audit SET id = CASE id WHEN 1 THEN 12 ELSE 11 END WHERE id < 3", "dòng số 3", "không nối"),
    "one put in": (
        "INSERT INTO audit (id, at, person, channel, deed, subject, was, now, link, sealed, salt, digest)"
        " SELECT 7, at, person, channel, 'lock', '1', was, now, link, sealed, salt, digest FROM audit WHERE id = 3",
        "dòng số 7",
        "không nối tiếp",
    ),
    "a figure in its table": ("UPDATE report SET numerator = 50", "số liệu M", "con số bị sửa"),
}


@pytest.mark.parametrize("what", list(BROKEN))
def test_verify_says_which_row_it_is_and_what_it_shows(engine, office, what):
    with engine.begin() as tx:
        for number in (2, 3):
            audit.note(tx, audit.Who(1, "far"), "evidence", "1/CCKL/M99", frame.clock(), became=f"BC {number}")
    assert office("audit", "verify")[0] == 0
    statement, row, shows = BROKEN[what]
    with engine.begin() as tx:
        tx.execute(text(statement))
    status, out, err = office("audit", "verify")
    assert (status, out) == (1, "")
    assert row in err and shows in err and err.count("\n") == 1


def test_the_head_is_printed_and_compared(engine, office):
    long, short = office("audit", "head")[1].splitlines()
    assert short.startswith("Dạng ngắn: 1-") and long.startswith("1-")
    for kept in (long, short.split()[2].rstrip(",")):
        assert office("audit", "verify", "--head", kept)[0] == 0
    status, _, err = office("audit", "verify", "--head", "2-" + "0" * 12)
    assert status == 1 and "không có dòng số 2" in err
    status, _, err = office("audit", "verify", "--head", "hai")
    assert status == 1 and "không phải là đầu sổ" in err


def test_an_empty_book_has_no_head(typed):
    assert typed("audit", "head")[:2] == (1, "")


def test_with_a_key_the_book_is_bound_anew_and_a_backup_of_it_holds(office, tmp_path, monkeypatch):
    assert "chưa dùng khóa" in office("audit", "verify")[1]
    monkeypatch.setenv("AUDIT_KEY", "k" * 40)
    frame.settings.cache_clear()
    assert "chưa có dòng nào niêm bằng khóa" in office("audit", "verify")[1]
    assert office("campaign", "joint", "1", "both")[0] == 0
    assert office("audit", "verify")[1] == "Sổ thay đổi nguyên vẹn, khớp với số liệu.\n"
    file = str(tmp_path / "b.db")
    told = office("backup", file)[1]
    assert "sổ thay đổi nguyên vẹn, đầu sổ 3-" in told
    assert "sổ thay đổi nguyên vẹn, đầu sổ 3-" in office("restore", file, "--check")[1]
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/restored.db")
    frame.settings.cache_clear()
    assert office("restore", file)[0] == 0
    assert office("audit", "verify")[1] == "Sổ thay đổi nguyên vẹn, khớp với số liệu.\n"
    monkeypatch.setenv("AUDIT_KEY", "")
    frame.settings.cache_clear()
    assert "không có trong AUDIT_KEY" in office("audit", "verify")[2]


def test_the_book_is_written_out_for_others_and_computes_nothing(engine, office, tmp_path):
    with engine.begin() as tx:
        who = audit.Who(1, "far")
        audit.note(tx, who, "explain", "1/CCKL/M05", frame.clock(), became="=1+1", verbatim="+84")
        audit.note(tx, who, "extend", "1/NTM", frame.clock(), became={"a": 1})
    assert office("audit", "export", "--out", str(tmp_path / "b.csv"))[0] == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "b.csv").read_text("utf-8-sig"))))
    assert [row["deed"] for row in rows] == ["report", "explain", "extend"]
    assert (rows[1]["now"], rows[1]["verbatim"], rows[1]["name"]) == ("'=1+1", "'+84", "an")
    assert rows[2]["now"] == '{"a": 1}'
    assert office("audit", "export", "--unit", "CCKL", "--out", str(tmp_path / "b.jsonl"))[0] == 0
    told = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text("utf-8").splitlines()]
    assert [row["deed"] for row in told] == ["report", "explain"] and told[1]["now"] == "=1+1"


def test_days_bound_what_is_written_out(office, tmp_path):
    file = tmp_path / "b.jsonl"
    office("audit", "export", "--from", "01/01/2000", "--to", "02/01/2000", "--out", str(file))
    assert file.read_text() == ""
    assert (
        "sau ngày cuối"
        in office("audit", "export", "--from", "03/01/2000", "--to", "02/01/2000", "--out", str(file))[2]
    )
    assert "kết thúc bằng .csv" in office("audit", "export", "--out", "b.xlsx")[2]
