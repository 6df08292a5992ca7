"""Commands about the people whom the office expects: their list, and whether it lets them in."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.cli import frame
from bot.cli.frame import Refusal
from bot.cli.office import CLERK, AsJson, DryRun
from catalogue import load, staff
from storage import audit, members, people, units
from storage.members import Changes

people_app = typer.Typer(help="Danh sách cán bộ: ai được chờ đợi đăng ký.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(people_app, name="people")


@people_app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="Danh sách cán bộ (csv, xlsx).")], dry_run: DryRun = False
) -> None:
    """Nạp danh sách cán bộ: đơn vị, họ tên, điện thoại, vai trò, thư điện tử; nêu mọi lỗi theo dòng."""
    with frame.writing() as tx:
        wanted = _read(tx, file)
        changes = members.apply(tx, wanted, frame.clock())
        for line in _told(changes):
            frame.say(line)
        if changes:
            became = {"added": len(changes.added), "changed": len(changes.changed), "gone": len(changes.gone)}
            audit.note(tx, CLERK, "people", "office", frame.clock(), became=became)
        if dry_run:
            tx.rollback()
    if not changes:
        frame.say(f"Danh sách {len(wanted)} người không có gì thay đổi.")
        return
    frame.say("Chưa ghi (chạy thử)." if dry_run else f"Đã ghi danh sách {len(wanted)} người.")


def _read(tx: Connection, file: Path) -> tuple[staff.Member, ...]:
    office = units.office(tx, frame.clock().date())
    if not office.units:
        raise Refusal("Chưa có đơn vị nào. Đề nghị chạy trước: nhachan init")
    try:
        return staff.read(file.name, file.read_bytes(), office)
    except load.Faults as faults:
        raise Refusal(f"{faults}\nCó {len(faults.faults)} lỗi; chưa ghi gì.") from None
    except OSError as error:
        raise Refusal(f"Không đọc được {file}: {error.strerror}.") from None


def _told(changes: Changes) -> list[str]:
    """What the new list changes, a line each."""
    return [
        *(f"Thêm: {one.unit} {one.name} ({one.role})" for one in changes.added),
        *(f"Đổi: {new.unit} {new.name} ({new.role})" for _, new in changes.changed),
        *(f"Bỏ: {one.unit} {one.name} ({one.role})" for one in changes.gone),
    ]


@people_app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Danh sách cán bộ, ai đã đăng ký."""
    with frame.writing() as tx:
        serving = {(row.unit, row.role, row.name.casefold()) for row in people.serving(tx, *people.ROLES)}
        found = [(one, one.key in serving) for one in members.current(tx)]
    if as_json:
        frame.show_json(
            [{"unit": one.unit, "role": one.role, "name": one.name, "phone": one.phone, "email": one.email,
              "registered": there} for one, there in found]
        )  # fmt: skip
        return
    for one, there in found:
        frame.say(f"{one.unit:12} {one.role:10} {one.name:30} {'đã đăng ký' if there else 'chưa đăng ký'}")


@people_app.command("admit")
def admit(
    at_once: Annotated[
        bool, typer.Option("--auto/--ask", help="Tự xác nhận người có trong danh sách, hoặc luôn chờ TCCB.")
    ],
) -> None:
    """Người đăng ký có trong danh sách được tự xác nhận (đầu mối, thủ trưởng), hay chờ TCCB duyệt."""
    with frame.writing() as tx:
        if members.admits(tx) != at_once:
            audit.note(tx, CLERK, "people", "admit", frame.clock(), was=members.admits(tx), became=at_once)
            members.let_in(tx, at_once)
    frame.say(
        "Đầu mối, thủ trưởng có trong danh sách được tự xác nhận; TCCB xem trong bản tổng hợp ngày."
        if at_once
        else "Mọi đăng ký chờ TCCB duyệt."
    )
