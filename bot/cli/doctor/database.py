"""The database: whether it opens, takes a write, is whole, is the newest, is copied, and how the house works on it."""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.cli import frame
from bot.cli.doctor.finding import Finding, fault, fine, warning
from bot.settings import Settings
from jobs import backup, heartbeat
from storage import audit, copying, db, inbox, outbox, sealing

AT_WORK = timedelta(minutes=10)  # since the timetable last knocked
WAITED = timedelta(minutes=30)  # an envelope that could go should have gone
DAY = timedelta(days=1)
NO_OFFICE = fault("no-office", "Cơ sở dữ liệu còn trống.", "Đề nghị chạy: nhachan init --units TỆP")


class Closed(Exception):
    """There is nothing that could be looked at further."""


def opened(own: Settings) -> Generator[Finding, None, Engine]:
    """Raises Closed where there are no tables of ours to look at."""
    try:
        engine = _there(own.database_url.get_secret_value())
        with db.reading(engine) as tx:
            tables = set(inspect(tx).get_table_names())
    except FileNotFoundError:
        yield NO_OFFICE
        raise Closed from None
    except (DBAPIError, ArgumentError, OSError) as error:
        yield fault(
            "database",
            f"Không mở được cơ sở dữ liệu ({type(error).__name__}).",
            "Đề nghị xem lại DATABASE_URL, quyền đọc ghi thư mục var, máy chủ PostgreSQL.",
        )
        raise Closed from None
    if "audit" not in tables:
        yield NO_OFFICE
        raise Closed
    version = _version(engine)
    if version:
        yield version
        if version.severity == "fault":
            raise Closed
    yield from _takes_a_write(engine)
    return engine


def _there(url: str) -> Engine:
    """Raises FileNotFoundError where opening it would make a file."""
    file = make_url(url).database if url.startswith("sqlite") else None
    if file and not Path(file).exists():
        raise FileNotFoundError(file)
    engine = db.connect(url)
    sealing.use(engine, frame.audit_keys())
    return engine


def _version(engine: Engine) -> Finding | None:
    """Tables that this program does not know are not touched; older ones are brought up to date by any command."""
    known = db.revisions()
    with db.reading(engine) as tx:
        there = db.revision(tx)
    if there == known[-1]:
        return None
    if there in known:
        told = "Cấu trúc cơ sở dữ liệu còn của phiên bản cũ."
        return fault("old-tables", told, "Đề nghị sao lưu rồi chạy: nhachan init")
    told = "Cơ sở dữ liệu là của một phiên bản mới hơn chương trình này."
    return fault("new-tables", told, "Đề nghị cập nhật chương trình.")


def _takes_a_write(engine: Engine) -> Iterator[Finding]:
    try:
        db.writable(engine)
    except DBAPIError as error:
        yield fault(
            "read-only",
            f"Cơ sở dữ liệu không ghi được ({type(error).__name__}).",
            "Đề nghị kiểm tra quyền ghi thư mục var, ổ đĩa, hoặc chương trình khác đang giữ khóa.",
        )


def examined(tx: Connection, now: datetime) -> Iterator[Finding]:
    """Raises Closed where nothing in it can be trusted."""
    if copying.moved_away(tx):
        advice = "Đề nghị ghi địa chỉ PostgreSQL vào DATABASE_URL."
        yield fault("moved", "Cơ quan đã chuyển sang cơ sở dữ liệu khác; tệp này không nhận gì thêm.", advice)
    yield from _whole(tx)
    yield from _book(tx)
    yield from _copies(tx, now)
    yield from _work(tx, now)


def _whole(tx: Connection) -> Iterator[Finding]:
    if tx.dialect.name != "sqlite":
        return
    try:
        told = tx.exec_driver_sql("PRAGMA quick_check").scalar_one()
    except DBAPIError as error:
        told = type(error).__name__
    if told != "ok":
        advice = "Đề nghị dừng chương trình và khôi phục bản sao gần nhất: nhachan restore TỆP --replace"
        yield fault("damaged", "Tệp số liệu bị hỏng.", advice)
        raise Closed


def _book(tx: Connection) -> Iterator[Finding]:
    if broken := audit.first_broken(tx):
        told = f"Sổ thay đổi không còn nguyên vẹn từ {frame.told_broken(broken)}."
        yield fault("audit", told, "Đề nghị báo người phụ trách; đối chiếu với bản sao: nhachan restore TỆP --check")
    else:
        yield fine("audit", "Sổ thay đổi nguyên vẹn.")
    if sealing.keys_of(tx).newest == sealing.PLAIN:
        told = "Sổ thay đổi không có khóa: ai ghi được vào cơ sở dữ liệu thì niêm lại được cả sổ mà không để lại dấu."
        yield warning("audit-key", told, "Đề nghị ghi AUDIT_KEY, cất khóa ngoài máy này.")


def _copies(tx: Connection, now: datetime) -> Iterator[Finding]:
    last = backup.last(tx)
    if last is None or now - last > backup.LATE:
        told = f"Bản sao lưu gần nhất: {last:%H:%M %d/%m/%Y}." if last else "Chưa có bản sao lưu nào."
        yield warning("backup", told, "Đề nghị chạy: nhachan backup")
    else:
        yield fine("backup", f"Bản sao lưu gần nhất: {last:%H:%M %d/%m/%Y}.")


def _work(tx: Connection, now: datetime) -> Iterator[Finding]:
    beat = heartbeat.last(tx)
    if beat and beat - now > AT_WORK:
        told = f"Đồng hồ của máy lùi so với lần chạy trước ({beat:%H:%M %d/%m/%Y})."
        yield fault("clock-back", told, "Đề nghị chỉnh giờ của máy và bật đồng bộ giờ.")
    elif beat is None or now - beat > AT_WORK:
        told = f"Lịch nhắc chạy lần cuối {beat:%H:%M %d/%m/%Y}." if beat else "Lịch nhắc chưa chạy lần nào."
        yield fault("not-running", told, "Đề nghị khởi động chương trình: nhachan run, hoặc dịch vụ của nó.")
    oldest = outbox.oldest(tx, now)
    if oldest and now - oldest > WAITED:
        told = f"Có tin chờ gửi từ {oldest:%H:%M %d/%m/%Y}."
        yield warning("waiting", told, "Ngoài giờ làm việc thì bình thường; trong giờ, đề nghị xem kênh và nhật ký.")
    yield from _left(tx, now - DAY)


def _left(tx: Connection, since: datetime) -> Iterator[Finding]:
    """What somebody has to look at."""
    stumbled = inbox.parked(tx, since)
    parked, unknown = outbox.troubles(tx, since)
    if parked + stumbled:
        told = f"Một ngày qua, vì lỗi của chương trình, {stumbled} tin không xử lý được, {parked} tin không gửi được."
        yield warning("parked", told, "Đề nghị xem nhật ký theo mã T… rồi báo người phát triển.")
    if unknown:
        told = f"Trong một ngày qua có {unknown} tin không rõ đã đến hay chưa."
        yield warning("unknown", told, "Đề nghị hỏi lại người nhận nếu là thông báo quan trọng.")
