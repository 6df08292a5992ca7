"""Commands about the book of changes: whether it holds, where it ends, what stands in it."""

import re
from typing import Annotated

import typer
from sqlalchemy import Connection

from bot import replay
from bot.cli import frame
from bot.cli.frame import Refusal
from storage import audit, sealing

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
