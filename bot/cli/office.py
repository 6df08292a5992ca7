"""Commands about the office's own data: units, campaigns, invitations, the board."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Row

from bot import overview, rhythm
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.cli.paperwork import CampaignNumber, FromAudit, Wanted, unit_meant, write_board
from bot.dialogue import coded
from bot.dialogue.turn import Say
from catalogue import calendar as days
from catalogue import load, roster, shortfall
from catalogue.office import Changes, Office, diff
from catalogue.standing import Standing, office_answers
from jobs import forecast
from storage import audit, campaigns, invitations, people, snapshots, units
from storage.audit import Who

AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ xem thay đổi, chưa ghi.")]
CLERK = Who(None, "cli")

units_app = typer.Typer(help="Các đơn vị của cơ quan.", no_args_is_help=True)
campaign_app = typer.Typer(help="Đợt báo cáo: mở, xem, đổi hạn, khóa.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.add_typer(units_app, name="units")
    app.add_typer(campaign_app, name="campaign")
    app.command("board")(board)


def init(
    file: Annotated[Path | None, typer.Option("--units", help="Danh sách đơn vị (csv, xlsx).")] = None,
) -> None:
    """Tạo hoặc nâng cấp cơ sở dữ liệu, nạp đơn vị, in mã mời đầu tiên cho TCCB."""
    wanted = _read_units(file) if file else roster.example()
    with frame.writing() as tx:
        if not units.office(tx).units:
            units.apply(tx, wanted, frame.clock().date())
            frame.say(
                f"Đã nạp {len(wanted.units)} đơn vị" + ("." if file else " mẫu; thay bằng: nhachan units import.")
            )
        if people.serving(tx, "tccb"):
            frame.say("Cơ sở dữ liệu đã sẵn sàng.")
            return
        code = invitations.issue(tx, _desk(tx), "tccb", frame.clock())
    frame.say(f"Mã mời cho cán bộ TCCB đầu tiên (dùng một lần): {code}")


def _desk(tx: Connection) -> str:
    """The unit in which the first of TCCB serve: the office's own, or the first there is."""
    office = units.office(tx)
    return "TCCB" if "TCCB" in office.by_id else office.units[0].id


def _read_units(file: Path) -> Office:
    try:
        return roster.read(file.name, file.read_bytes())
    except load.Faults as faults:
        raise Refusal(str(faults)) from None
    except OSError as error:
        raise Refusal(f"Không đọc được {file}: {error.strerror}.") from None


@units_app.command("import")
def import_units(
    file: Annotated[Path, typer.Argument(help="Danh sách đơn vị (csv, xlsx).")], dry_run: DryRun = False
) -> None:
    """Nạp danh sách đơn vị; in thay đổi của danh sách và của lịch nhắc."""
    wanted = _read_units(file)
    with frame.writing() as tx:
        changes = diff(units.office(tx, frame.clock().date()), wanted)
        for line in _told(changes):
            frame.say(line)
        _show_moved(_hand(tx), lambda: units.apply(tx, wanted, frame.clock().date()))
        audit.note(tx, CLERK, "units", "office", frame.clock(), became=len(wanted.units))
        if dry_run:
            tx.rollback()
    frame.say("Chưa ghi (chạy thử)." if dry_run else f"Đã ghi {len(wanted.units)} đơn vị.")


def _told(changes: Changes) -> Iterator[str]:
    """What the new list would change, a line each."""
    yield from (f"Thêm: {unit.id} {unit.name}" for unit in changes.added)
    yield from (f"Đổi tên: {was.id} {was.name} → {new.name}" for was, new in changes.renamed)
    yield from (f"Chuyển: {was.id} {was.parent} → {new.parent}" for was, new in changes.moved)
    yield from (f"Đổi loại: {was.id} {was.type} → {new.type}" for was, new in changes.retyped)
    yield from (f"Đổi tên viết tắt: {was.id} {new.name}" for was, new in changes.reworded)
    yield from (f"Đóng: {unit.id} {unit.name}" for unit in changes.closed)


@units_app.command("list")
def list_units(as_json: AsJson = False) -> None:
    """Danh sách đơn vị."""
    with frame.writing() as tx:
        found = units.office(tx, frame.clock().date()).units
    if as_json:
        frame.show_json([{"id": u.id, "name": u.name, "type": u.type, "parent": u.parent} for u in found])
        return
    for unit in found:
        frame.say(f"{unit.id:12} {unit.name}")


@units_app.command("match")
def match(text: Annotated[str, typer.Argument(help="Tên đơn vị như cán bộ gõ.")], as_json: AsJson = False) -> None:
    """Tìm đơn vị theo tên gõ vào; dùng danh sách mẫu khi chưa nạp đơn vị."""
    with frame.writing() as tx:
        office = units.office(tx, frame.clock().date())
    found = (office if office.units else roster.example()).match(text)
    if as_json:
        rows = [{"id": unit.id, "name": unit.name} for unit in found.units]
        frame.show_json({"text": text, "units": rows, "certain": found.certain})
        return
    if not found.units:
        raise Refusal(f"Không tìm thấy đơn vị “{text}”. Đề nghị gõ tên đầy đủ hoặc mã.")
    for unit in found.units:
        frame.say(f"{unit.id:12} {unit.name}")


@campaign_app.command("open")
def open_campaign(
    catalogue: Annotated[str, typer.Option(help="Danh mục.")],
    year: Annotated[int, typer.Option(min=2000, max=2100, help="Năm.")],
    deadline: Annotated[str, typer.Option(help="Hạn của đơn vị, nếu sớm hơn ngày đánh giá.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Mở một đợt báo cáo: một danh mục và một năm."""
    wanted = frame.catalogue(catalogue)
    plan = wanted.plan(year)
    if deadline:
        plan = replace(plan, deadline=frame.day(deadline))
    if plan.deadline > plan.evaluation:
        raise Refusal(f"Hạn của đơn vị ({plan.deadline:%d/%m/%Y}) sau ngày đánh giá ({plan.evaluation:%d/%m/%Y}).")
    with frame.writing() as tx:
        office = units.office(tx, frame.clock().date())
        if not office.units:
            raise Refusal("Chưa có đơn vị nào. Đề nghị chạy trước: nhachan init")
        opened = campaigns.open(tx, catalogue, year, plan, frame.clock())
        if opened is None:
            raise Refusal(f"Danh mục {catalogue} đã có đợt năm {year}.")
        rows = campaigns.assign(tx, opened, wanted, office)
        audit.note(tx, CLERK, "campaign", f"{opened}", frame.clock(), became={"catalogue": catalogue, "year": year})
        if dry_run:
            tx.rollback()
    frame.say(f"{'Sẽ mở' if dry_run else 'Đã mở'} đợt {year} theo {catalogue}: hạn {plan.deadline:%d/%m/%Y}, "
              f"{rows} việc giao cho các đơn vị.")  # fmt: skip


@campaign_app.command("show")
def show_campaigns(as_json: AsJson = False) -> None:
    """Các đợt báo cáo và ngày giờ từng bước nhắc."""
    with frame.writing() as tx:
        found = [_campaign(row) | {"snapshots": _pictures(tx, row.id)} for row in campaigns.every(tx)]
    if as_json:
        frame.show_json(found)
        return
    for one in found:
        frame.say(f"{one['id']}: {one['catalogue']} năm {one['year']}, hạn {one['deadline']}"
                  + (", đã khóa" if one["locked"] else ""))  # fmt: skip
        for step in one["steps"]:
            frame.say(f"   {step['at']}  {step['id']} → {', '.join(step['to'])}")


def _pictures(tx: Connection, id: int) -> list[dict[str, Any]]:
    """What was frozen at each deadline that has passed."""
    return [
        {"deadline": one.deadline.isoformat(), "taken": one.taken.isoformat(timespec="minutes"), "digest": one.digest}
        for one in snapshots.of(tx, id)
    ]


def _campaign(row: Row[Any]) -> dict[str, Any]:
    plan = campaigns.plan(row, frame.catalogue(row.catalogue))
    steps = [
        {"id": step.id, "at": at.isoformat(timespec="minutes"), "to": list(step.to), "when": step.when}
        for at, step in days.due_steps(plan, frame.calendar())
    ]
    found = {"id": row.id, "catalogue": row.catalogue, "year": row.year, "deadline": row.deadline.isoformat()}
    return found | {"evaluation": row.evaluation.isoformat(), "locked": bool(row.locked), "steps": steps}


@campaign_app.command("deadline")
def set_deadline(
    id: Annotated[int, typer.Argument(help="Số của đợt.")],
    deadline: Annotated[str, typer.Argument(help="Hạn mới của đơn vị.")],
    evaluation: Annotated[str, typer.Option(help="Ngày đánh giá mới.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Đổi hạn; nhắc hạn dời theo."""
    with frame.writing() as tx:
        row = _at(tx, id)
        new, last = frame.day(deadline), frame.day(evaluation) if evaluation else row.evaluation
        if new > last:
            raise Refusal(f"Hạn của đơn vị ({new:%d/%m/%Y}) sau ngày đánh giá ({last:%d/%m/%Y}).")
        _show_moved(_hand(tx), lambda: rhythm.move(_hand(tx), id, new, last))
        if dry_run:
            tx.rollback()
    frame.say(f"{'Sẽ đổi' if dry_run else 'Đã đổi'} hạn đợt {id}: {row.deadline:%d/%m/%Y} → {new:%d/%m/%Y}.")


@campaign_app.command("extend")
def extend(
    id: Annotated[int, typer.Argument(help="Số của đợt.")],
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên đơn vị.")],
    deadline: Annotated[str, typer.Argument(help="Hạn riêng của đơn vị.")],
    reason: Annotated[str, typer.Option(help="Lý do.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Lùi hạn cho một đơn vị; nhắc hạn của đơn vị đó dời theo, đơn vị được báo."""
    until = frame.day(deadline)
    with frame.writing() as tx:
        _at(tx, id)
        found, says = unit_meant(tx, unit), list[Say]()
        _show_moved(_hand(tx), lambda: says.extend(rhythm.extend(_hand(tx), id, found.id, until, reason)))
        if says[0].kind != "respite.given":
            raise Refusal(_worded(says[0]))
        if dry_run:
            tx.rollback()
    frame.say("Chưa ghi (chạy thử)." if dry_run else _worded(says[0]))


def _hand(tx: Connection) -> rhythm.Hand:
    return rhythm.Hand(tx, CLERK, frame.catalogues(), frame.calendar(), frame.clock())


def _worded(say: Say) -> str:
    return frame.speaking()["vi"](say.kind, say.facts)


def _show_moved(hand: rhythm.Hand, change: Callable[[], None]) -> None:
    """Makes the change, and says step by step which reminders it cancels and which it plans anew."""
    moved = forecast.moved_by(change, hand.tx, hand.catalogues, hand.calendar, hand.now)
    for word, ahead in (("Hủy", moved.cancelled), ("Lập lại", moved.planned)):
        for (at, step), count in sorted(Counter((at, step) for _, _, step, at in ahead).items()):
            frame.say(f"{word}: {at:%d/%m/%Y %H:%M} {step}, {count} lời nhắc")
    frame.say(f"{len(moved.cancelled)} nhắc hủy, {len(moved.planned)} nhắc lập lại.")


@campaign_app.command("assign")
def assign(id: Annotated[int, typer.Argument(help="Số của đợt.")], dry_run: DryRun = False) -> None:
    """Giao lại theo danh mục, danh sách đơn vị hiện nay; việc giao TCCB đã quyết định thì giữ."""
    with frame.writing() as tx:
        row, rows = _at(tx, id), list[int]()
        wanted, office = frame.catalogue(row.catalogue), units.office(tx, frame.clock().date())
        _show_moved(_hand(tx), lambda: rows.append(campaigns.assign(tx, id, wanted, office)))
        audit.note(tx, CLERK, "assign", f"{id}", frame.clock(), became=rows[0])
        if dry_run:
            tx.rollback()
    frame.say(f"Đợt {id}: {'sẽ thêm' if dry_run else 'đã thêm'} {rows[0]} việc giao.")


@campaign_app.command("joint")
def set_joint(
    id: Annotated[int, typer.Argument(help="Số của đợt.")],
    rule: Annotated[
        str, typer.Argument(help="lead: cơ quan nêu trước chủ trì; both: các cơ quan phải cùng chấp nhận.")
    ],
) -> None:
    """Chỉ tiêu do nhiều cơ quan cùng đánh giá: một cơ quan chủ trì, hay các cơ quan phải cùng chấp nhận."""
    if rule not in JOINT:
        raise Refusal(f"Không có cách thẩm định “{rule}”. Đề nghị chọn: {', '.join(JOINT)}.")
    with frame.writing() as tx:
        row = _at(tx, id)
        campaigns.set_joint(tx, id, rule)
        audit.note(tx, CLERK, "joint", f"{id}", frame.clock(), was=row.joint, became=rule)
    frame.say(f"Đợt {id}: {JOINT[rule]}.")


JOINT = {"lead": "cơ quan nêu trước chủ trì thẩm định", "both": "các cơ quan cùng đánh giá phải cùng chấp nhận"}


@campaign_app.command("lock")
def lock(id: Annotated[int, typer.Argument(help="Số của đợt.")], dry_run: DryRun = False) -> None:
    """Khóa một đợt: không nhận số liệu và không nhắc nữa."""
    with frame.writing() as tx:
        _at(tx, id)
        says = rhythm.lock(_hand(tx), id)
        if says[0].kind != "closing.locked":
            raise Refusal(_worded(says[0]))
        if dry_run:
            tx.rollback()
    frame.say(f"{'Sẽ khóa' if dry_run else 'Đã khóa'} đợt {id}.")


def _at(tx: Connection, id: int) -> Row[Any]:
    found = [row for row in campaigns.every(tx) if row.id == id]
    if not found:
        raise Refusal(f"Không có đợt số {id}. Gõ: nhachan campaign show")
    return found[0]


def board(
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option(help="Ghi bảng kết quả theo mẫu phụ lục ra tệp xlsx này.")] = None,
    docx: Annotated[Path | None, typer.Option(help="Ghi báo cáo để trình ký ra tệp docx này.")] = None,
    png: Annotated[Path | None, typer.Option(help="Ghi bảng màu ra tệp png này; nhiều ảnh thì thêm -2, -3.")] = None,
    unit: Annotated[str, typer.Option(help="Chỉ một đơn vị: mã hoặc tên.")] = "",
    campaign: CampaignNumber = 0,
    from_audit: FromAudit = False,
) -> None:
    """Mỗi đơn vị, mỗi chỉ tiêu đang ở đâu; ghi ra xlsx, docx, png khi cần."""
    if wanted := Wanted(xlsx, docx, png):
        write_board(wanted, unit, campaign, from_audit)
        return
    with frame.writing() as tx:
        seen = overview.views(tx, frame.catalogues(), frame.clock())
    if not seen:
        raise Refusal("Chưa có đợt báo cáo nào đang mở. Đề nghị chạy: nhachan campaign open")
    if as_json:
        frame.show_json([_view(one) for one in seen])
        return
    for one in seen:
        frame.say(f"Đợt {one.campaign}, {one.catalogue.id}: hạn {one.plan.deadline:%d/%m/%Y}")
        for stands in one.standings.values():
            sent, short = len(stands.measures) - len(stands.owed), len(stands.shortfalls)
            frame.say(f"{stands.unit:12} {sent:>3}/{len(stands.measures):<3} chưa đạt {short:<3} {stands.unit_name}")


def _view(seen: overview.View) -> dict[str, Any]:
    stands = [_unit(one) for one in seen.standings.values()]
    head = {"campaign": seen.campaign, "catalogue": seen.catalogue.id, "year": seen.plan.evaluation.year}
    head |= {"deadline": seen.plan.deadline.isoformat(), "counts": seen.counts}
    return head | {"units": stands, "office": list(_pooled(seen))}


def _unit(one: Standing) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "name": one.unit_name,
        "owed": list(one.owed),
        "indicators": [_cell(one, code) for code in one.indicators],
    }


def _cell(one: Standing, code: str) -> dict[str, Any]:
    row = one.catalogue.by_code[code]
    measure = row.measure or ""
    said = one.reported.get(measure)
    if said is None:
        return {"code": code, "measure": measure, "state": "missing", "answer": None, "verdict": None}
    state = one.state(row)
    found: dict[str, Any] = {"code": code, "measure": measure, "state": state.stage, "answer": coded.write(said.answer)}
    found |= {
        "as_of": said.as_of.isoformat(),
        "late": one.late(measure),
        "on_behalf": said.on_behalf,
        "verdict": state.verdict or None,
    }
    if lacking := state.lacking:
        found |= {"gap": exact(lacking.gap), "more": lacking.more, "possible": lacking.possible}
    return found


def exact(value: Fraction) -> str:
    return str(value)


def _pooled(seen: overview.View) -> Iterator[dict[str, Any]]:
    """The whole office's figure of each measure: the sum of numerators over the sum of denominators."""
    for code in seen.catalogue.measures:
        pooled = shortfall.pool(office_answers(seen.standings.values(), code))
        yield {
            "measure": code,
            "numerator": pooled.numerator,
            "denominator": pooled.denominator,
            "percent": None if pooled.percent is None else exact(pooled.percent),
            "left_out": pooled.left_out,
        }
