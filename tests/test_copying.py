"""Backups, what comes back from them, and the way from SQLite to PostgreSQL: every row, or none."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import audit, copying, db, outbox, reports, schema
from storage.audit import Who
from tests.conftest import opened, postgres_database
from tests.house import World, at


@pytest.fixture
def world(engine) -> Iterator[World]:
    """An office in the middle of its work: figures, a talk, messages under way."""
    world = World(engine)
    world.seat("an", "focal", "HKL-DV")
    world.hear("an", "báo cáo", "58/60", "đúng")
    world.answer()
    world.deliver()
    world.hear("an", "báo cáo")
    world.answer()
    yield world
    world.close()


def everything(engine) -> dict[str, list[tuple]]:
    with engine.begin() as tx:
        tables = schema.meta.sorted_tables
        return {
            table.name: [tuple(row) for row in tx.execute(table.select().order_by(*table.primary_key))]
            for table in tables
        }


def read(file: Path) -> dict[str, list[tuple]]:
    with opened(f"sqlite:///{file}") as engine:
        return everything(engine)


def test_a_backup_is_the_whole_office_in_one_file(world: World, tmp_path: Path) -> None:
    copied = copying.backup(world.engine, tmp_path / "b" / "office.db")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["office.db"]
    assert read(tmp_path / "b" / "office.db") == everything(world.engine)
    assert (copied.rows["report"], copied.rows["outbox"], copied.broken) == (1, 4, None)
    assert (tmp_path / "b" / "office.db").stat().st_mode & 0o077 == 0


def test_a_backup_is_of_one_moment_though_others_go_on_writing(world: World, tmp_path: Path, monkeypatch) -> None:
    carry = copying._carry

    def meanwhile(source, target, table):
        if table is schema.audit:
            with world.engine.begin() as tx:
                audit.note(tx, Who(None, "test"), "meanwhile", "x", world.now)
        carry(source, target, table)

    monkeypatch.setattr(copying, "_carry", meanwhile)
    copying.backup(world.engine, tmp_path / "office.db")
    assert "meanwhile" not in {row[4] for row in read(tmp_path / "office.db")["audit"]}
    assert "meanwhile" in {row.deed for row in world.rows(schema.audit)}


def test_a_backup_that_fails_leaves_the_one_before(world: World, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "office.db"
    copying.backup(world.engine, file)
    before = file.read_bytes()
    monkeypatch.setattr(copying, "_carry", lambda *given: None)
    with pytest.raises(copying.Incomplete) as lacking:
        copying.backup(world.engine, file)
    assert "report" in lacking.value.tables
    assert (file.read_bytes(), [path.name for path in tmp_path.glob("office*")]) == (before, ["office.db"])


def test_a_backup_comes_back_whole_and_proves_it(world: World, empty, tmp_path: Path) -> None:
    file = tmp_path / "office.db"
    copying.backup(world.engine, file)
    assert copying.check(file).broken is None
    db.upgrade(empty)
    assert copying.restore(file, empty).rows == copying.check(file).rows
    before, after = everything(world.engine), everything(empty)
    assert {name for name in before if before[name] != after[name]} == {"outbox"}


def test_what_waited_to_be_sent_then_may_have_been_sent_since_and_is_not_sent_again(
    world: World, empty, tmp_path
) -> None:
    file = tmp_path / "office.db"
    copying.backup(world.engine, file)
    db.upgrade(empty)
    copying.restore(file, empty)
    with empty.begin() as tx:
        assert [row.outcome for row in tx.execute(schema.outbox.select().order_by(schema.outbox.c.id))][-1] == "unknown"
        assert outbox.oldest(tx, at("2030-01-01 09:00")) is None


def test_an_office_that_came_back_goes_on(world: World, empty, tmp_path: Path) -> None:
    copying.backup(world.engine, tmp_path / "office.db")
    db.upgrade(empty)
    copying.restore(tmp_path / "office.db", empty)
    with empty.begin() as tx:
        where = {"campaign": world.campaign, "unit": "HKL-DV", "measure": "M08", "person": 1, "channel": "far"}
        answer = reports.as_answer(tx.execute(schema.report.select()).one())
        assert reports.add(tx, where, answer, world.now.date(), "59/60", world.now) == 2
        audit.note(tx, Who(1, "far"), "report", "x", world.now)
        assert audit.first_broken(tx) is None


def test_a_restore_never_goes_over_another_office(world: World, tmp_path: Path) -> None:
    copying.backup(world.engine, tmp_path / "office.db")
    before = everything(world.engine)
    with pytest.raises(copying.NotEmpty):
        copying.restore(tmp_path / "office.db", world.engine)
    assert everything(world.engine) == before


def spoil(file: Path, statement: str) -> None:
    raw = sqlite3.connect(file)
    raw.execute(statement)
    raw.commit()
    raw.close()


def test_a_backup_that_was_tampered_with_says_so(world: World, tmp_path: Path) -> None:
    file = tmp_path / "office.db"
    copying.backup(world.engine, file)
    spoil(file, "UPDATE audit SET now = '\"60/60\"' WHERE deed = 'report'")
    broken = copying.check(file).broken
    assert broken and broken.deed == "report"


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_what_is_no_backup_is_not_taken_for_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "office.db"
    file.write_bytes(content)
    with pytest.raises(copying.Damaged):
        copying.check(file)
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (content, ["office.db"])


def test_a_backup_with_rows_missing_is_not_whole(world: World, tmp_path: Path) -> None:
    file = tmp_path / "office.db"
    copying.backup(world.engine, file)
    spoil(file, "DELETE FROM person")
    with pytest.raises(copying.Damaged):
        copying.check(file)


# From SQLite to PostgreSQL


@pytest.fixture
def server() -> Iterator[object]:
    with postgres_database() as url, opened(url) as engine:
        db.upgrade(engine)
        yield engine


@pytest.fixture
def office(tmp_path: Path) -> Iterator[World]:
    with opened(f"sqlite:///{tmp_path}/office.db") as engine:
        db.upgrade(engine)
        world = World(engine)
        world.seat("an", "focal", "HKL-DV")
        world.hear("an", "báo cáo", "58/60", "đúng")
        world.answer()
        yield world
        world.close()


def test_an_office_moves_with_all_it_has_and_goes_on_there(office: World, server) -> None:
    before = everything(office.engine)
    copied = copying.move(office.engine, server)
    assert (everything(server), copied.broken) == (before, None)
    assert copied.total == sum(map(len, before.values()))
    office.engine, old = server, office.engine
    office.restart()
    office.hear("an", "lịch sử 6.2")
    office.answer()
    office.deliver()
    assert "58/60" in office.far.texts("an")[-1]
    assert len(everything(old)["inbox"]) == 3


def test_the_old_database_takes_nothing_more(office: World, server) -> None:
    copying.move(office.engine, server)
    with office.engine.begin() as tx:
        assert copying.moved_away(tx)
    with pytest.raises(IntegrityError, match="moved"):
        office.hear("an", "báo cáo")
    with office.engine.begin() as tx, pytest.raises(IntegrityError, match="moved"):
        tx.execute(text("DELETE FROM report"))


def test_a_move_that_fails_leaves_the_office_where_it_was(office: World, server, monkeypatch) -> None:
    carry = copying._carry
    monkeypatch.setattr(copying, "_carry", lambda s, t, table: table is schema.report or carry(s, t, table))
    with pytest.raises((copying.Incomplete, IntegrityError)):
        copying.move(office.engine, server)
    assert not any(copying.count(server.connect()).values())
    office.hear("an", "báo cáo")
    office.answer()
    assert len(office.rows(schema.inbox)) == 4
