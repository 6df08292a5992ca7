"""Commands about notices: sent in an officer's name, followed, and from when on a second officer lets them go."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, Row

from bot import clerk, desk, overview
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.dialogue import audience, notice
from bot.dialogue.deeds import Aim, Broadcast, Notice, Preview
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Said, Say
from storage import audit, notices, people
from storage.audit import Who

AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")]

notice_app = typer.Typer(help="Thông báo.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(notice_app, name="notice")


@notice_app.command("send")
def send(
    file: Annotated[Path, typer.Argument(help="Tệp văn bản: dòng đầu là tiêu đề, các dòng sau là nội dung.")],
    to: Annotated[str, typer.Option("--to", help='Nơi nhận, như gõ trong chat: "tất cả", "chưa đạt 2.8", "HKL-DV".')],
    by: Annotated[str, typer.Option("--by", help="Họ tên cán bộ TCCB gửi, nếu có nhiều người.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ xem trước, chưa gửi.")] = False,
) -> None:
    """Gửi một thông báo thay mặt cán bộ TCCB; chương trình đang chạy sẽ chuyển đi."""
    wanted = _written(file)
    with frame.writing() as tx:
        errand = _errand(tx, _officer(tx, by))
        aim = _aim(to, errand.facts)
        deed = Preview(wanted, aim) if dry_run else Broadcast(wanted, aim)
        told = clerk.carry_out(deed, errand)
        if told[0].kind == "notice.nobody":
            raise Refusal(_worded(told[0]))
    for say in told[:2]:
        frame.say(_worded(say))


def _written(file: Path) -> Notice:
    try:
        title, _, body = file.read_text(encoding="utf-8-sig").strip().partition("\n")
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"Không đọc được {file}. Đề nghị lưu dạng văn bản UTF-8.") from None
    title, body = title.strip(), body.strip()
    if not title or len(title) > notice.TITLE or len(body) > notice.BODY:
        raise Refusal(f"Cần tiêu đề (tối đa {notice.TITLE} ký tự) ở dòng đầu và nội dung tối đa {notice.BODY} ký tự.")
    return Notice(title, body)


def _officer(tx: Connection, name: str) -> int:
    """The person at TCCB of that name; without one, the only one there is."""
    found = {row.person: row.name for row in people.serving(tx, "tccb")}
    meant = [person for person, known in found.items() if name in ("", known)]
    if len(meant) != 1:
        names = ", ".join(found.values()) or "chưa có ai"
        raise Refusal(f"Cần biết gửi thay mặt ai: thêm --by với họ tên cán bộ TCCB ({names}).")
    return int(meant[0])


def _errand(tx: Connection, person: int) -> clerk.Errand:
    known, now = frame.catalogues(), frame.clock()
    addresses = people.addresses(tx, person)
    if not addresses:
        raise Refusal("Cán bộ này chưa có kênh liên lạc nào.")
    at = people.at(tx, addresses[0].id)
    return clerk.Errand(tx, at, desk.gather(tx, known, at, Said(), now), known, frame.calendar(), via="cli")


def _aim(to: str, facts: Facts) -> Aim:
    found = audience.read(to, facts)
    if isinstance(found, audience.Unclear):
        raise Refusal(
            f"Chưa rõ nơi nhận “{to}”. Đề nghị ghi như trong chat: tất cả, còn thiếu, chưa đạt 2.8, mã đơn vị."
        )
    return found


@notice_app.command("status")
def status(
    number: Annotated[int | None, typer.Argument(help="Số thông báo; không ghi thì liệt kê tất cả.")] = None,
    as_json: AsJson = False,
) -> None:
    """Mỗi thông báo đã đến đâu; với một số, từng người nhận."""
    with frame.writing() as tx:
        rows = [row for row in notices.every(tx) if number in (None, row.id)]
        told = [(row, overview.receipts(tx, row.id)) for row in rows]
    if number and not rows:
        raise Refusal(f"Không có thông báo số {number}.")
    if as_json:
        frame.show_json([_as_json(row, receipts) for row, receipts in told])
        return
    for row, receipts in told:
        frame.say(_told(row, overview.tally(receipts)))
        for stage, one in receipts if number else ():
            frame.say(f"{one.unit:12} {one.name}: {STAGES[stage]}")
    if not rows:
        frame.say("Chưa có thông báo nào.")


def _told(row: Row[tuple[object, ...]], counted: dict[str, int]) -> str:
    stages = ", ".join(f"{counted[stage]} {label}" for stage, label in STAGES.items())
    state = " ".join(map(_worded, overview.notice_state(row)))
    return f"Số {row.id}: {row.title}. {counted['all']} người: {stages}. {state}".rstrip()


STAGES = {
    "acknowledged": "đã xác nhận",
    "seen": "đã xem, chưa xác nhận",
    "sent": "đã gửi, chưa xác nhận",
    "uncertain": "chưa rõ đã đến hay chưa",
    "waiting": "đang chờ gửi",
    "failed": "không gửi được",
}


def _as_json(row: Row[tuple[object, ...]], found: list[tuple[str, Row[tuple[object, ...]]]]) -> dict[str, object]:
    people = [{"unit": one.unit, "name": one.name, "stage": stage} for stage, one in found]
    return {"number": row.id, "title": row.title, "audience": row.audience, "recipients": people}


@notice_app.command("second-officer")
def second_officer(
    from_recipients: Annotated[int, typer.Argument(min=0, help="Từ bao nhiêu người nhận; 0: không cần người thứ hai.")],
) -> None:
    """Từ bao nhiêu người nhận, thông báo phải được một cán bộ TCCB khác phát hành."""
    with frame.writing() as tx:
        was, new = notices.second_officer(tx), from_recipients or None
        notices.second_officer_from(tx, new)
        audit.note(tx, Who(None, "cli"), "second officer", "notices", frame.clock(), was=was, became=new)
    frame.say(
        f"Thông báo từ {from_recipients} người nhận phải được cán bộ thứ hai phát hành."
        if from_recipients
        else "Thông báo không cần cán bộ thứ hai phát hành."
    )


def _worded(say: Say) -> str:
    words = next(iter(frame.speaking().values()))
    return words(say.kind, say.facts)
