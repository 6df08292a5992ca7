"""What each account may still send this month."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from bot import allowance
from bot.allowance import Allowance
from bot.cli import frame
from bot.cli.running import bots

AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")]


def add_to(app: typer.Typer) -> None:
    app.command("quota")(show)


def show(as_json: AsJson = False) -> None:
    """Hạn mức tin nhắn trong tháng: đã dùng, còn lại, lịch nhắc còn cần bao nhiêu."""
    with frame.writing() as tx:
        found = allowances(tx)
    if as_json:
        names = ("used", "left", "planned", "enough")
        frame.show_json(
            [
                {"account": one.of.called, "monthly": one.of.monthly, **{name: getattr(one, name) for name in names}}
                for one in found
            ]
        )
        return
    if not found:
        frame.say("Không có kênh nào bị giới hạn số tin trong tháng.")
    for one in found:
        frame.say(told(one) + ("." if one.enough else ": không đủ."))


def allowances(tx: Connection) -> list[Allowance]:
    accounts = allowance.metered(bots())
    return allowance.of_month(tx, accounts, frame.catalogues(), frame.calendar(), frame.clock())


def told(one: Allowance) -> str:
    spent = f"{one.of.called}: đã dùng {one.used}/{one.of.monthly} tin trong tháng, còn {one.left}"
    return f"{spent}; nhắc và tổng hợp đến hết tháng cần khoảng {one.planned}"
