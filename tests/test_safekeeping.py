"""Each night's copy, and the commands that make one, prove it, bring it back, or move the office."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from jobs import backup
from storage import copying
from tests.house import World
from tests.test_command_line import Typed, typed

__all__ = ["typed"]


@pytest.fixture
def night(house: World, tmp_path: Path) -> World:
    house.house.backups = tmp_path / "backups"
    house.go("2024-12-03 01:29")
    return house


def files(night: World) -> list[str]:
    assert night.house.backups
    return sorted(path.name for path in night.house.backups.glob("*"))


def back_up(night: World) -> None:
    asyncio.run(night.house.back_up())


def test_a_copy_is_made_each_night_and_only_one(night: World) -> None:
    back_up(night)
    assert files(night) == []
    for _ in range(3):
        night.go(timedelta(minutes=1))
        back_up(night)
    assert files(night) == ["nhachan-2024-12-03.db"]
    assert night.do(backup.last) is not None


def test_a_machine_that_is_off_at_night_makes_it_when_it_is_back(night: World) -> None:
    night.go("2024-12-04 08:00")
    back_up(night)
    assert files(night) == ["nhachan-2024-12-04.db"]


def test_of_two_processes_one_makes_it(night: World) -> None:
    night.go("2024-12-03 02:00")
    assert [night.do(backup.claim, night.now), night.do(backup.claim, night.now)] == [True, False]


def test_fourteen_are_kept_and_nothing_else_is_touched(night: World) -> None:
    folder = night.house.backups
    assert folder
    folder.mkdir()
    (folder / "nhachan-2024-12-03-101500.db").touch()
    for day in range(1, 17):
        backup.make(night.engine, folder, date(2024, 12, day))
    kept = [f"nhachan-2024-12-{day:02}.db" for day in range(3, 17)]
    assert files(night) == sorted([*kept, "nhachan-2024-12-03-101500.db"])


@pytest.mark.parametrize(
    "fault", [OSError(28, "disk full"), OperationalError("", {}, Exception()), copying.Incomplete([])]
)
def test_a_night_that_fails_is_told_and_stops_nothing(night: World, monkeypatch, caplog, fault: Exception) -> None:
    def fail(*given: object) -> None:
        raise fault

    monkeypatch.setattr(copying, "backup", fail)
    night.go("2024-12-03 02:00")
    back_up(night)
    assert "could not be made" in caplog.text
    assert night.do(backup.last) is None


def test_a_rehearsal_makes_none(house: World) -> None:
    house.go("2024-12-03 02:00")
    back_up(house)
    assert house.do(backup.claim, house.now)


# At the keyboard


def test_what_is_backed_up_can_be_proved_and_brought_back(typed: Typed, tmp_path: Path) -> None:
    typed("init")
    before = typed("units", "list")[1]
    status, out, err = typed("backup")
    assert (status, err) == (0, "") and "nguyên vẹn" in out
    (file,) = (tmp_path / "var" / "backups").glob("nhachan-*.db")
    assert typed("restore", str(file), "--check")[0] == 0
    (tmp_path / "house.db").unlink()
    assert typed("restore", str(file))[0] == 0
    assert typed("units", "list")[1] == before


def test_a_restore_goes_over_nothing(typed: Typed, tmp_path: Path) -> None:
    typed("init")
    typed("backup", "copy.db")
    status, _, err = typed("restore", "copy.db")
    assert (status, err.count("\n")) == (1, 1) and "--replace" in err
    assert typed("restore", "copy.db", "--replace")[0] == 0
    assert len(list(tmp_path.glob("house-truoc-*.db"))) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("restore", "none.db"), "Không đọc được"),
        (("restore", "no.txt"), "không phải là tệp sao lưu"),
        (("backup", "no.txt/copy.db"), "Không ghi được"),
        (("move", "nonsense"), "không đúng dạng"),
        (("move", "postgresql://nobody:mat-khau@127.0.0.1:1/none"), "Không mở được"),
    ],
)
def test_what_can_not_be_done_gets_one_sentence(
    typed: Typed, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    typed("init")
    (tmp_path / "no.txt").write_text("no database", encoding="utf-8")
    status, _, err = typed(*words)
    assert (status, err.count("\n")) == (1, 1)
    assert sentence in err and "mat-khau" not in err


def test_nobody_restores_under_a_program_that_runs(typed: Typed, monkeypatch) -> None:
    from bot.cli import safekeeping

    typed("init")
    typed("backup", "copy.db")
    monkeypatch.setattr(safekeeping.heartbeat, "last", lambda tx: safekeeping.frame.clock())
    status, _, err = typed("restore", "copy.db", "--replace")
    assert status == 1 and "đang chạy" in err
