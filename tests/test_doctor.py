"""The doctor: a well office has no fault, and each planted one is found, named, and comes with what to do."""

import json
import shutil
import socket
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import frame
from catalogue.calendar import HANOI
from catalogue.office import Office
from jobs import backup, heartbeat
from storage import copying, db, outbox, people, schema, settings, units
from tests.far.smtp import MailServer
from tests.far.telegram import TOKEN as TELEGRAM
from tests.far.telegram import TelegramServer
from tests.far.zalo_bot import TOKEN, ZaloServer
from tests.stage import OFFICE
from tests.test_command_line import Typed, typed

__all__ = ["typed"]

NOW = datetime(2024, 11, 26, 9, tzinfo=HANOI)
Usage = namedtuple("Usage", "total used free")


class Patient:
    """A well office in a folder of its own; each plant makes it ill."""

    def __init__(self, folder: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.typed, self.monkeypatch = folder, typed, monkeypatch
        self.file = folder / "house.db"
        self.taken: socket.socket | None = None
        self.set(AUDIT_KEY="k" * 40)
        self.write(self._well)

    def _well(self, tx) -> None:
        real = Office(replace(unit, name=f"{unit.name} thật") for unit in OFFICE.units)
        units.apply(tx, real, NOW.date())
        tx.execute(schema.setting.delete())
        settings.keep(tx, heartbeat.BEAT, NOW.isoformat())
        backup.done(tx, NOW)
        for number, unit in enumerate(real.units):
            who = people.join(tx, f"Người {number}", unit.id, "focal", NOW)
            people.link(tx, people.address_of(tx, "web", "", f"c{number}", NOW), who)
        people.assign(tx, 1, "TCCB", "tccb", NOW)

    def write(self, deed: Callable) -> None:
        engine = db.connect(f"sqlite:///{self.file}")
        with engine.begin() as tx:
            deed(tx)
        engine.dispose()

    def raw(self, statement: str) -> None:
        file = sqlite3.connect(self.file)
        file.execute(statement)
        file.commit()
        file.close()

    def set(self, **names: str) -> None:
        for name, value in names.items():
            self.monkeypatch.setenv(name, value)
        frame.settings.cache_clear()

    def env(self, text: str) -> None:
        (self.folder / ".env").write_text(text, encoding="utf-8")
        (self.folder / ".env").chmod(0o600)
        frame.settings.cache_clear()


@pytest.fixture
def patient(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    monkeypatch.setattr(frame, "clock", lambda: NOW)
    with ZaloServer() as far:
        monkeypatch.setenv("ZALO_BOT_TOKENS", TOKEN)
        monkeypatch.setenv("ZALO_BOT_API_BASE_URL", far.base_url)
        monkeypatch.setenv("WEB_PORT", "0")
        assert typed("init")[0] == 0
        assert typed("campaign", "open", "--catalogue", "2024-qd55", "--year", "2024")[0] == 0
        ill = Patient(tmp_path, typed, monkeypatch)
        yield ill
        if ill.taken:
            ill.taken.close()


def found(patient: Patient) -> dict[str, dict[str, str]]:
    status, out, err = patient.typed("doctor", "--json")
    findings = json.loads(out)
    assert (status == 1) == any(one["severity"] == "fault" for one in findings), err
    assert all(one["advice"] for one in findings if one["severity"] != "fine" and one["code"] != "settings-name")
    return {one["code"]: one for one in findings}


def test_a_well_office_has_nothing_to_mend(patient: Patient) -> None:
    assert [one for one in found(patient).values() if one["severity"] != "fine"] == []


def held(patient: Patient) -> None:
    """Another program has the port."""
    patient.taken = socket.create_server(("127.0.0.1", 0))
    patient.set(WEB_PORT=str(patient.taken.getsockname()[1]))


def readable(patient: Patient) -> None:
    patient.env("OFFICE_PHONE=0219\n")
    (patient.folder / ".env").chmod(0o644)


def key(patient: Patient) -> None:
    (patient.folder / "var").mkdir(exist_ok=True)
    (patient.folder / "var" / "secret.key").write_text("x" * 64, encoding="ascii")
    (patient.folder / "var" / "secret.key").chmod(0o644)


def full(patient: Patient) -> None:
    patient.monkeypatch.setattr(shutil, "disk_usage", lambda where: Usage(1 << 40, 1 << 40, 100 << 20))


def locked(patient: Patient) -> None:
    patient.monkeypatch.setattr(db, "writable", _refuse)


def _refuse(engine) -> bool:
    with engine.connect() as tx:
        tx.exec_driver_sql("PRAGMA query_only=ON")
        tx.exec_driver_sql("CREATE TABLE doctor_was_here (id INTEGER)")
    return True


def damaged(patient: Patient) -> None:
    """The last pages are overwritten, as by a dying disk."""
    patient.raw("PRAGMA wal_checkpoint(TRUNCATE)")
    content = patient.file.read_bytes()
    patient.file.write_bytes(content[: -4096 * 8] + b"\xff" * 4096 * 8)


def moved(patient: Patient) -> None:
    patient.write(copying._close)


def parked(patient: Patient) -> None:
    def park(tx) -> None:
        id = outbox.put(tx, people.at(tx, 1), [], outbox.REPLY, NOW)
        outbox.settle(tx, id, 0, NOW, "parked: ZeroDivisionError")

    patient.write(park)


def doubtful(patient: Patient) -> None:
    def lose(tx) -> None:
        outbox.settle(tx, outbox.put(tx, people.at(tx, 1), [], outbox.REPLY, NOW), 0, NOW, "unknown")

    patient.write(lose)


def waiting(patient: Patient) -> None:
    patient.write(lambda tx: outbox.put(tx, people.at(tx, 1), [], outbox.REPLY, NOW - timedelta(hours=1)))


def alone(patient: Patient) -> None:
    patient.write(lambda tx: tx.execute(schema.duty.update().where(schema.duty.c.unit == "CCKL").values(until=NOW)))


def desk_empty(patient: Patient) -> None:
    patient.write(lambda tx: tx.execute(schema.duty.update().where(schema.duty.c.role == "tccb").values(until=NOW)))


def nobody(patient: Patient) -> None:
    patient.write(lambda tx: people.refused(tx, 3, "blocked"))


def set_beat(moment: datetime) -> Callable[[Patient], None]:
    return lambda patient: patient.write(lambda tx: settings.keep(tx, heartbeat.BEAT, moment.isoformat()))


PLANTED: dict[str, Callable[[Patient], None]] = {
    "settings": lambda patient: patient.set(WEB_PORT="chín"),
    "audit-key": lambda patient: patient.set(AUDIT_KEY=""),
    "settings-name": lambda patient: patient.env("OFICE_PHONE=0219\n"),
    "env-readable": readable,
    "key-readable": key,
    "disk": full,
    "clock": lambda patient: patient.monkeypatch.setattr(frame, "clock", lambda: NOW.replace(year=2011)),
    "port": held,
    "open-web": lambda patient: patient.set(WEB_HOST="0.0.0.0"),
    "plain-address": lambda patient: patient.set(WEB_BASE_URL="http://nhac.example.vn"),
    "database": lambda patient: patient.file.write_bytes(b"not a database at all" * 100),
    "no-office": lambda patient: patient.file.unlink(),
    "old-tables": lambda patient: patient.raw("UPDATE alembic_version SET version_num = '0001'"),
    "new-tables": lambda patient: patient.raw("UPDATE alembic_version SET version_num = '9999'"),
    "read-only": locked,
    "moved": moved,
    "damaged": damaged,
    "audit": lambda patient: patient.raw("UPDATE audit SET subject = 'x' WHERE id = 1"),
    "backup": lambda patient: patient.write(lambda tx: backup.done(tx, NOW - timedelta(days=3))),
    "clock-back": set_beat(NOW + timedelta(days=1)),
    "not-running": set_beat(NOW - timedelta(days=1)),
    "waiting": waiting,
    "parked": parked,
    "unknown": doubtful,
    "no-units": lambda patient: patient.write(lambda tx: tx.execute(schema.unit.update().values(closed=NOW.date()))),
    "example-units": lambda patient: patient.write(lambda tx: units.apply(tx, OFFICE, NOW.date())),
    "no-tccb": desk_empty,
    "no-campaign": lambda patient: patient.write(lambda tx: tx.execute(schema.campaign.update().values(locked=NOW))),
    "no-catalogue": lambda patient: patient.raw("UPDATE campaign SET catalogue = '2031-qd1'"),
    "nobody-registered": alone,
    "unreachable": nobody,
    "no-channel": lambda patient: patient.set(ZALO_BOT_TOKENS=""),
    "channel-refused": lambda patient: patient.set(ZALO_BOT_TOKENS="999:a-token-that-nobody-knows"),
    "channel-away": lambda patient: patient.set(ZALO_BOT_API_BASE_URL="http://127.0.0.1:9"),
}


@pytest.mark.parametrize("code", list(PLANTED))
def test_a_planted_fault_is_found(patient: Patient, code: str) -> None:
    PLANTED[code](patient)
    findings = found(patient)
    assert code in findings and findings[code]["severity"] != "fine", findings


@pytest.mark.parametrize("code", list(PLANTED))
def test_nothing_is_changed_by_looking(patient: Patient, code: str) -> None:
    PLANTED[code](patient)
    before = patient.file.read_bytes() if patient.file.exists() else b""
    found(patient)
    assert (patient.file.read_bytes() if patient.file.exists() else b"") == before


def test_a_person_reads_a_line_a_finding_and_one_at_the_end(patient: Patient) -> None:
    nobody(patient)
    key(patient)
    status, out, err = patient.typed("doctor", "--offline")
    assert (status, err) == (1, "Có 1 lỗi cần xử lý.\n")
    assert "LƯU Ý  unreachable: 1 người không nhận được tin qua kênh nào: Người 2 (chưa có số điện thoại)." in out
    assert "LỖI    key-readable: Người dùng khác trên máy đọc được var/secret.key. Đề nghị chạy: chmod 600" in out


def test_no_channel_is_asked_offline(patient: Patient) -> None:
    patient.set(ZALO_BOT_TOKENS="999:a-token-that-nobody-knows")
    assert "channel" not in patient.typed("doctor", "--offline")[1]


def test_telegram_and_mail_are_asked_too(patient: Patient) -> None:
    with TelegramServer() as telegram, MailServer() as mail:
        patient.set(TELEGRAM_BOT_TOKEN=TELEGRAM, TELEGRAM_API_BASE_URL=telegram.base_url, SMTP_URL=mail.url)
        told = patient.typed("doctor")[1]
    assert {line.split()[3] for line in told.splitlines() if "channel:" in line} == {"telegram", "zalo_bot", "email"}


def test_a_token_is_in_no_finding(patient: Patient) -> None:
    patient.set(ZALO_BOT_TOKENS="999:a-token-that-nobody-knows", DATABASE_URL="postgresql://n:mat-khau@127.0.0.1:1/x")
    told = "".join(map(str, patient.typed("doctor")))
    assert "that-nobody-knows" not in told and "mat-khau" not in told
