"""Commands that keep the office safe: copies of it, what comes back from them, the way to a database server."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.cli import frame
from bot.cli.frame import Refusal
from jobs import backup as nightly
from jobs import heartbeat
from jobs import purge as daily
from storage import copying, purging
from storage.audit import Who
from storage.copying import Copied

AT_WORK = timedelta(minutes=3)  # since the timetable last knocked: somebody is running the office

Backup = Annotated[Path, typer.Argument(help="Tệp sao lưu.")]


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("move")(move)
    app.command("purge")(purge)


def backup(
    file: Annotated[Path | None, typer.Argument(help="Tệp sẽ ghi; mặc định trong var/backups.")] = None,
) -> None:
    """Sao lưu toàn bộ số liệu thành một tệp, cả khi chương trình đang chạy."""
    engine, now = frame.connect(), frame.clock()
    file = file or frame.BACKUPS / f"nhachan-{now:%Y-%m-%d-%H%M%S}.db"
    try:
        copied = copying.backup(engine, file)
    except copying.Incomplete as lacking:
        raise Refusal(
            f"Bản sao không khớp bản gốc ({', '.join(lacking.tables)}) nên đã bỏ. Đề nghị chạy lại."
        ) from None
    except (OSError, DBAPIError) as error:
        raise Refusal(f"Không ghi được {file} ({_why(error)}). Đề nghị kiểm tra ổ đĩa, quyền ghi.") from None
    with engine.begin() as tx:
        nightly.done(tx, now)
    engine.dispose()
    frame.say(f"Đã sao lưu {_told(copied)} vào {file}.")
    frame.say("Bản sao chưa có .env và var/secret.key: đề nghị cất riêng, không để chung một nơi.")


def restore(
    file: Backup,
    check: Annotated[bool, typer.Option("--check", help="Chỉ kiểm tra tệp, không ghi gì.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Cất dữ liệu hiện có sang tên khác rồi khôi phục.")
    ] = False,
) -> None:
    """Khôi phục số liệu từ tệp sao lưu; dữ liệu hiện có không bao giờ bị ghi đè."""
    try:
        found = copying.check(file, frame.audit_keys())
    except copying.Damaged:
        raise Refusal(f"{file} không phải là tệp sao lưu nguyên vẹn. Đề nghị dùng tệp khác.") from None
    except OSError as error:
        raise Refusal(f"Không đọc được {file} ({_why(error)}).") from None
    frame.say(f"{file}: {_told(found)}.")
    if check:
        return
    engine = frame.connect()
    _refuse_at_work(engine, frame.clock())
    engine = _set_aside(engine, frame.clock()) if replace else engine
    try:
        copied = copying.restore(file, engine)
    except copying.NotEmpty:
        raise Refusal(
            "Cơ sở dữ liệu hiện tại đang có số liệu nên chưa khôi phục. Đề nghị thêm --replace để cất nó sang tên "
            "khác, hoặc trỏ DATABASE_URL đến một cơ sở dữ liệu trống."
        ) from None
    engine.dispose()
    frame.say(f"Đã khôi phục {_told(copied)}. Tin còn chờ gửi trong bản sao không gửi lại, vì có thể đã đến nơi.")


def move(
    url: Annotated[
        str, typer.Argument(help="Cơ sở dữ liệu mới, còn trống; bỏ qua thì được hỏi, không hiện mật khẩu.")
    ] = "",
) -> None:
    """Chuyển cơ quan từ tệp SQLite sang PostgreSQL, đối chiếu đủ từng bảng; tệp cũ không nhận gì thêm."""
    url = url or typer.prompt("Địa chỉ mới (postgresql+psycopg://…)", hide_input=True)
    old = frame.connect()
    if old.dialect.name != "sqlite":
        raise Refusal(
            "Cơ quan đã ở trên PostgreSQL. Để sang máy khác, đề nghị dùng nhachan backup rồi nhachan restore."
        )
    try:
        new = frame.connect(url, "địa chỉ mới")
        copied = copying.move(old, new)
    except ArgumentError:
        raise Refusal("Địa chỉ mới không đúng dạng. Ví dụ: postgresql+psycopg://tên:mật-khẩu@máy/tên-cơ-sở.") from None
    except copying.NotEmpty:
        raise Refusal("Cơ sở dữ liệu mới đã có số liệu. Đề nghị tạo một cơ sở dữ liệu trống.") from None
    except (copying.Incomplete, DBAPIError) as error:
        raise Refusal(f"Chưa chuyển được ({_why(error)}); cơ quan vẫn ở chỗ cũ. Đề nghị chạy lại.") from None
    frame.say(f"Đã chuyển {_told(copied)}; số dòng từng bảng và sổ thay đổi đã được đối chiếu.")
    frame.say("Đề nghị ghi địa chỉ mới vào DATABASE_URL trong .env rồi khởi động lại chương trình.")


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ đếm, chưa xóa.")] = False,
) -> None:
    """Xóa tin nhắn, tệp đã hết hạn giữ; số liệu và sổ thay đổi vẫn giữ. Chương trình tự làm mỗi đêm."""
    keep, now = frame.keep(), frame.clock()
    with frame.writing() as tx:
        gone = purging.count(tx, keep, now.date()) if dry_run else daily.run(tx, keep, Who(None, "cli"), now)
    frame.say(
        f"{'Sẽ xóa' if dry_run else 'Đã xóa'} {gone.heard} tin nhận, {gone.sent} tin gửi, {gone.talks} cuộc trao đổi "
        f"cũ hơn {keep.messages} tháng, nội dung {gone.files} tệp cũ hơn {keep.files} tháng sau đợt."
    )


def _refuse_at_work(engine: Engine, now: datetime) -> None:
    with engine.begin() as tx:
        beat = heartbeat.last(tx)
    if beat and abs(now - beat) < AT_WORK:
        raise Refusal("Chương trình đang chạy hoặc vừa dừng. Đề nghị dừng nó, chờ ba phút rồi khôi phục.")


def _set_aside(engine: Engine, now: datetime) -> Engine:
    """What there is gets another name; a server's database is left to whoever administers it."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise Refusal("Với PostgreSQL, đề nghị tự tạo cơ sở dữ liệu trống rồi trỏ DATABASE_URL đến đó.")
    file = Path(engine.url.database)
    engine.dispose()
    kept = file.with_name(f"{file.stem}-truoc-{now:%Y%m%d-%H%M%S}.db")
    for ending in ("", "-wal", "-shm"):
        there = file.with_name(file.name + ending)
        if there.exists():
            there.rename(kept.with_name(kept.name + ending))
    frame.say(f"Dữ liệu cũ được cất ở {kept}.")
    return frame.connect()


def _told(copied: Copied) -> str:
    rows = f"{copied.total:,} dòng của {sum(map(bool, copied.rows.values()))} bảng".replace(",", ".")
    if copied.broken:
        return f"{rows}, sổ thay đổi không còn nguyên vẹn từ {frame.told_broken(copied.broken)}"
    return f"{rows}, sổ thay đổi nguyên vẹn" + (f", đầu sổ {copied.head.short}" if copied.head else "")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
