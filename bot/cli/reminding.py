"""Commands about the reminders: who would get what, what each run did, which of them worked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from bot import due
from bot.cli import frame
from catalogue.model import Plan, Step
from catalogue.standing import Standing
from jobs import forecast, remind, worked
from jobs.remind import Fate, Round
from storage import campaigns, people, runs
from storage.runs import Run

AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")]

remind_app = typer.Typer(help="Nhắc hạn.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(remind_app, name="remind")


@remind_app.command("preview")
def preview(on: Annotated[str, typer.Option(help="Ngày cần xem, ví dụ 2026-12-03.")], as_json: AsJson = False) -> None:
    """Ai sẽ nhận gì trong ngày đó, với nguyên văn; không gửi."""
    day = frame.day(on)
    with frame.writing() as tx:
        found = list(_messages(tx, remind.rounds(tx, frame.catalogues()), day))
    if as_json:
        frame.show_json({"on": day.isoformat(), "messages": found})
        return
    if not found:
        frame.say(f"Ngày {day:%d/%m/%Y} không có tin nhắc nào.")
    for message in found:
        frame.say(
            f"--- {message['at']} {message['step']} → {message['name'] or 'chưa có đầu mối'} ({message['units']})"
        )
        frame.say(message["text"])


@remind_app.command("worked")
def worked_so_far(as_json: AsJson = False) -> None:
    """Mỗi bước nhắc, mỗi kênh: bao nhiêu lượt được trả lời bằng số liệu trong 24 giờ."""
    known = frame.catalogues()
    with frame.writing() as tx:
        found = [(row, worked.effects(tx, row.id, known[row.catalogue])) for row in campaigns.every(tx)]
    if as_json:
        frame.show_json([{"campaign": row.id, "effects": [asdict(one) for one in effects]} for row, effects in found])
        return
    for row, effects in found:
        frame.say(f"Đợt {row.year}:" if effects else f"Đợt {row.year}: chưa có lời nhắc nào được gửi.")
        for one in effects:
            frame.say(f"{one.step:20} {one.channel:10} {one.answered:4} trong {one.told:4} lượt")


@remind_app.command("runs")
def runs_so_far(
    last: Annotated[int, typer.Option(help="Xem bao nhiêu lượt gần nhất.")] = 20, as_json: AsJson = False
) -> None:
    """Từng lượt chạy của lịch nhắc: định nhắc, đã gửi, không nhắc và vì sao; khoảng trống là lúc không chạy."""
    with frame.writing() as tx:
        found = runs.of_reminders(tx, last)
    if as_json:
        frame.show_json([asdict(one) for one in found])
        return
    for one in found:
        frame.say(f"{one.started:%d/%m/%Y %H:%M:%S} {_told(one)}")
    if not found:
        frame.say("Lịch nhắc chưa chạy lượt nào.")


WHY: dict[Fate, str] = {
    "today": "hôm nay đã có tin",
    "told": "đã được nhắc bước này",
    "enough": "đã đủ số lời nhắc trước hạn",
    "unreachable": "không liên lạc được",
    "elsewhere": "tiến trình khác đã nhắc",
}
BECAME = {
    "": "chờ gửi",
    "sent": "đã gửi",
    "moot": "thôi vì không còn thiếu",
    "refused": "bị từ chối",
    "unknown": "không rõ đã đến chưa",
    "parked": "bỏ vì lỗi",
}


def _told(one: Run) -> str:
    skipped = ", ".join(f"{count} {WHY.get(why, why)}" for why, count in one.skipped.items())  # type: ignore[call-overload]
    became = ", ".join(f"{BECAME.get(outcome, outcome)} {count}" for outcome, count in one.outcomes.items())
    parts = [f"định nhắc {one.planned} người"] if one.planned else ["không có ai cần nhắc"]
    parts += [f"đặt gửi {one.enqueued}" + (f" ({became})" if became else "")] if one.enqueued else []
    parts += [f"không nhắc: {skipped}"] if skipped else []
    parts += [f"{one.rounds} lượt đến {one.ended:%H:%M:%S %d/%m}"] if one.rounds > 1 else []
    return "; ".join(parts)


def _messages(tx: Connection, running: Sequence[Round], day: date) -> Iterator[dict[str, Any]]:
    for at, here, step, role, knocks in forecast.coming(tx, running, frame.calendar(), frame.clock(), day):
        found = [
            (knock.name, [here.standings[unit] for _, _, units in knock.steps for unit in units]) for knock in knocks
        ]
        for name, about in found:
            yield _message(here.plan, at, step, about, name, role)
        served = {row.unit for row in people.serving(tx, "focal")}
        for unit, one in here.standings.items() if role == "focal" else ():
            if unit not in served and remind.concerned(one, step.when):
                yield _message(here.plan, at, step, [one], "", "focal")


def _message(plan: Plan, at: datetime, step: Step, about: list[Standing], name: str, role: str) -> dict[str, Any]:
    words = frame.speaking()["vi"]
    says = due.reminder(step, plan, about, name or "...", at, {})
    return {
        "at": at.isoformat(timespec="minutes"),
        "step": step.id,
        "role": role,
        "name": name or None,
        "units": [one.unit for one in about],
        "owed": {one.unit: list(one.owed) for one in about},
        "text": "\n".join(words(say.kind, say.facts) for say in says),
    }
