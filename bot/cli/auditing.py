"""Commands about the book of changes: whether it holds, where it ends, what stands in it."""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Row

from bot import replay
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.cli.paperwork import unit_meant, write_file
from bot.documents import records
from storage import audit, sealing
from storage.audit import Who

CLERK = Who(None, "cli")
audit_app = typer.Typer(help="Sổ thay đổi.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(audit_app, name="audit")


@audit_app.command("verify")
def verify(
    head: Annotated[str, typer.Option(help="Đầu sổ đã ghi lại trước đây, dạng đầy đủ hoặc ngắn.")] = "",
) -> None:
    """Kiểm tra chuỗi sổ thay đổi, đối chiếu với số liệu; nêu dòng đầu tiên bị sửa."""
    kept = _read_head(head) if head else None
    with frame.writing() as tx:
        if broken := audit.first_broken(tx):
            raise Refusal(f"Sổ thay đổi không còn nguyên vẹn từ {frame.told_broken(broken)}.")
        if kept and not audit.still_has(tx, *kept):
            raise Refusal(f"Sổ thay đổi không có dòng số {kept[0]} như đã ghi lại: sổ bị cắt hoặc bị viết lại.")
        if differing := replay.first_differing(tx, frame.catalogues()):
            raise Refusal(f"Sổ thay đổi nguyên vẹn nhưng {_told(differing)}.")
        frame.say(f"Sổ thay đổi nguyên vẹn, khớp với số liệu{_how(tx)}.")


def _told(found: replay.Differing) -> str:
    unit = f"đơn vị {found.unit}, đợt {found.campaign}"
    return f"số liệu {found.measure} của {unit} trong cơ sở dữ liệu khác với sổ: {FIELDS[found.field]}"


FIELDS = {
    "answer": "con số bị sửa",
    "as_of": "ngày của số liệu bị sửa",
    "stage": "kết quả thẩm định bị sửa",
    "reason": "lý do trả lại bị sửa",
    "evidence": "minh chứng bị sửa",
    "explained": "giải trình bị sửa",
    "missing": "có trong sổ, không còn trong bảng",
    "unknown": "có trong bảng, không có trong sổ",
    "told": "giờ, người gửi hoặc nguyên văn bị sửa",
}


def _how(tx: Connection) -> str:
    """Whether it is bound with a key, as nobody else sees it."""
    if sealing.keys_of(tx).newest == sealing.PLAIN:
        return "; chưa dùng khóa (AUDIT_KEY)"
    return "" if audit.bound_with_a_key(tx) else "; chưa có dòng nào niêm bằng khóa"


COLUMNS = ("number", "at", "person", "name", "channel", "deed", "subject", "was", "now", "verbatim", "sealed", "link")


@audit_app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="Tệp .csv hoặc .jsonl sẽ ghi.")],
    since: Annotated[str, typer.Option("--from", help="Từ ngày.")] = "",
    until: Annotated[str, typer.Option("--to", help="Đến hết ngày.")] = "",
    unit: Annotated[str, typer.Option(help="Chỉ một đơn vị: mã hoặc tên.")] = "",
) -> None:
    """Xuất sổ thay đổi ra tệp: ai, lúc nào, qua kênh nào, cũ → mới, nguyên văn."""
    if out.suffix.lower() not in (".csv", ".jsonl"):
        raise Refusal(f"Không ghi được dạng {out.suffix or 'này'}. Đề nghị đặt tên tệp kết thúc bằng .csv hoặc .jsonl.")
    first = frame.day(since) if since else None
    last = frame.day(until) if until else None
    if first and last and first > last:
        raise Refusal(f"Ngày đầu ({first:%d/%m/%Y}) sau ngày cuối ({last:%d/%m/%Y}).")
    with frame.writing() as tx:
        place = unit_meant(tx, unit).id if unit else ""
        rows = [_row(row) for row in audit.between(tx, first, last) if not place or audit.concerns(row, place)]
        content = _csv(rows) if out.suffix.lower() == ".csv" else _jsonl(rows)
        became = {"from": since or None, "to": until or None, "rows": len(rows)}
        audit.note(tx, CLERK, "export", f"audit/{place or '*'}", frame.clock(), became=became)
        write_file(out, content)


def _row(row: Row[Any]) -> dict[str, Any]:
    found = {"number": row.id, "at": row.at.isoformat(), "person": row.person, "name": row.by_name}
    found |= {name: getattr(row, name) for name in ("channel", "deed", "subject", "was", "now", "verbatim", "sealed")}
    return found | {"link": row.link}


def _jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    """Values that are no plain text stand there as JSON."""
    file = StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: records.defused(_plain(value)) for name, value in row.items()})
    return file.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


HEAD = re.compile(r"(\d{1,18})-([0-9a-f]{8,64})", re.ASCII)


def _read_head(text: str) -> tuple[int, str]:
    found = HEAD.fullmatch(text.strip().lower())
    if not found:
        raise Refusal(f"“{text}” không phải là đầu sổ. Đề nghị chép nguyên văn từ nhachan audit head.")
    return int(found[1]), found[2]


@audit_app.command("head")
def head() -> None:
    """In đầu sổ (số, mã, giờ) để cất ngoài cơ sở dữ liệu; sau này: nhachan audit verify --head …"""
    with frame.writing() as tx:
        found = audit.head(tx)
    if found is None:
        raise Refusal("Sổ thay đổi chưa có dòng nào.")
    frame.say(f"{found.id}-{found.link}")
    frame.say(f"Dạng ngắn: {found.short}, ghi lúc {found.at:%H:%M:%S %d/%m/%Y}.")
