"""The command that tells where a person reads e-mail: reminders go there when nothing else reaches them."""

from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Row

from bot.channels.email import ADDRESS
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.cli.office import CLERK
from catalogue import text
from storage import audit, people


def add_to(app: typer.Typer) -> None:
    app.command("email")(email)


def email(
    person: Annotated[str, typer.Argument(help="Họ và tên, hoặc số của người đã đăng ký.")],
    address: Annotated[str, typer.Argument(help="Địa chỉ thư điện tử.")],
) -> None:
    """Ghi địa chỉ thư điện tử của một người; dùng khi các kênh khác không gửi được."""
    address = address.strip().casefold()
    if not ADDRESS.fullmatch(address):
        raise Refusal(f"“{address}” không phải là địa chỉ thư điện tử. Đề nghị ghi dạng ten@co-quan.vn.")
    with frame.writing() as tx:
        found = _named(tx, person)
        at = people.address_of(tx, "email", "", address, frame.clock())
        if people.at(tx, at).person not in (None, found.person):
            raise Refusal(f"Địa chỉ {address} đã là của người khác. Đề nghị kiểm tra lại.")
        if people.at(tx, at).person is None:
            people.link(tx, at, found.person)
            audit.note(tx, CLERK, "email", f"{found.person}", frame.clock(), became=address)
    frame.say(f"Đã ghi: {found.name} ({found.unit}) nhận thư tại {address}.")
    if not frame.settings().smtp_url:
        frame.say("Chưa có SMTP_URL nên chưa gửi được thư; đề nghị ghi vào tệp .env.")


def _named(tx: Connection, person: str) -> Row[Any]:
    everyone = {row.person: row for row in people.serving(tx, *people.ROLES)}
    wanted = text.bare(person)
    found = [row for row in everyone.values() if person == str(row.person) or text.bare(row.name) == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(f"Không có ai đang làm nhiệm vụ tên “{person}”. Đề nghị ghi đủ họ và tên như đã đăng ký.")
    names = "; ".join(f"số {row.person}: {row.name}, {row.unit}" for row in found)
    raise Refusal(f"Có nhiều người tên “{person}” ({names}). Đề nghị ghi số thay cho tên.")
