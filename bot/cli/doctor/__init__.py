"""What is wrong with this installation, and what to do about it: `nhachan doctor`."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import Connection, Engine

from bot.cli import frame, metering
from bot.cli.doctor import database, lines, machine, people
from bot.cli.doctor.finding import Finding, fine, warning
from bot.cli.frame import Refusal
from storage import campaigns, db

MARKS = {"fault": "LỖI", "warning": "LƯU Ý", "fine": "TỐT"}


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Không hỏi máy chủ của các kênh.")] = False,
) -> None:
    """Khám chương trình trên máy này: thiết lập, ổ đĩa, số liệu, con người, các kênh; nêu việc cần làm."""
    found = list(examined(offline))
    if as_json:
        frame.show_json([asdict(one) for one in found])
    else:
        for one in found:
            frame.say(f"{MARKS[one.severity]:6} {one.code}: {one.told}" + (f" {one.advice}" if one.advice else ""))
    if faults := sum(one.severity == "fault" for one in found):
        raise Refusal(f"Có {faults} lỗi cần xử lý.")


def examined(offline: bool = False) -> Iterator[Finding]:
    """All that is found, worst part by part; where one part can't be looked at, those that need it are left out."""
    yield from machine.settings()
    try:
        own = frame.settings()
    except Refusal:
        return
    yield from machine.examined(own, frame.clock())
    engine: Engine | None = None
    with suppress(database.Closed):
        engine = yield from database.opened(own)
    if engine is not None:
        with suppress(database.Closed), db.reading(engine) as tx:
            yield from database.examined(tx, frame.clock())
            yield from people.examined(tx, frame.catalogues(), frame.clock())
            if {row.catalogue for row in campaigns.taking(tx)} <= frame.catalogues().keys():
                yield from _metered(tx)
    if not offline:
        yield from asyncio.run(lines.examined(own, engine))


def _metered(tx: Connection) -> Iterator[Finding]:
    """Whether what the timetable will send this month fits into what the accounts may send."""
    for one in metering.allowances(tx):
        if one.enough:
            yield fine("quota", f"{metering.told(one)}.")
        else:
            advice = "Đề nghị chuyển bớt người dùng sang bot hoặc kênh khác."
            yield warning("quota", f"{metering.told(one)}: không đủ.", advice)
