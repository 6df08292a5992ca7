"""Commands about papers: the table of results as xlsx, docx and png, records as csv and JSON, worksheets."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import typer
from sqlalchemy import Connection, Row

from bot import clerk, results, rhythm
from bot.cli import frame
from bot.cli.frame import Refusal
from bot.dialogue import worksheet as dialogue
from bot.dialogue.facts import Facts, Person, Work
from bot.dialogue.taking import Taking, take
from bot.dialogue.turn import Say
from bot.documents import filled, records, worksheet
from bot.results import Results
from catalogue.office import Unit
from storage import audit, board, campaigns, people, units
from storage.audit import Who

CampaignNumber = Annotated[int, typer.Option("--campaign", help="Số của đợt; bỏ trống khi chỉ có một đợt đang mở.")]
FromAudit = Annotated[bool, typer.Option("--from-audit", help="Dựng lại từ sổ thay đổi, để đối chiếu.")]
CLERK = Who(None, "cli")

worksheet_app = typer.Typer(help="Bảng nhập số liệu của đơn vị: xuất, đọc lại.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)
    app.add_typer(worksheet_app, name="worksheet")


@dataclass(frozen=True)
class Wanted:
    """The files that a command is to write; empty ones are not wanted."""

    xlsx: Path | None = None
    docx: Path | None = None
    png: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.xlsx or self.docx or self.png)


def write_board(wanted: Wanted, unit: str, campaign: int, from_audit: bool) -> None:
    """The papers of one campaign, of one unit or of all; each is noted as handed out."""
    words = frame.speaking()["vi"]
    with frame.writing() as tx:
        found = unit_meant(tx, unit).id if unit else ""
        seen = _gathered(tx, campaign, found, from_audit)
        if found and found not in seen.standings:
            raise Refusal(f"Đơn vị {found} không có chỉ tiêu nào được giao trong đợt này.")
        if wanted.xlsx:
            write_file(wanted.xlsx, seen.table(words, found))
        if wanted.docx:
            write_file(wanted.docx, seen.document(words, found))
        if wanted.png:
            for number in range(1, len(seen.groups) + 1):
                write_file(_numbered(wanted.png, number), seen.picture(words, number))
        audit.note(tx, CLERK, "export", f"{seen.campaign}/{found or '*'}", frame.clock(), became=_kinds(wanted))


def _kinds(wanted: Wanted) -> list[str]:
    kinds = {"table": wanted.xlsx, "document": wanted.docx, "picture": wanted.png}
    return [kind for kind, path in kinds.items() if path]


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_stem(f"{path.stem}-{number}")


def _gathered(tx: Connection, campaign: int, unit: str = "", from_audit: bool = False) -> Results:
    row = campaign_meant(tx, campaign)
    return results.gather(tx, frame.catalogues(), row.id, frame.clock(), unit, from_audit)


def campaign_meant(tx: Connection, number: int) -> Row[tuple[object, ...]]:
    """The one named, or the only one that is open."""
    if number:
        found = [row for row in campaigns.every(tx) if row.id == number]
        if not found:
            raise Refusal(f"Không có đợt số {number}. Gõ: nhachan campaign show")
        return found[0]
    running = campaigns.running(tx)
    if not running:
        raise Refusal("Chưa có đợt báo cáo nào đang mở. Đề nghị chạy: nhachan campaign open")
    if len(running) > 1:
        listed = "; ".join(f"{row.id}: {row.catalogue} năm {row.year}" for row in running)
        raise Refusal(f"Có nhiều đợt đang mở ({listed}). Đề nghị thêm --campaign và số của đợt.")
    return running[0]


def unit_meant(tx: Connection, text: str) -> Unit:
    found = units.office(tx, frame.clock().date()).match(text)
    if not found.units:
        raise Refusal(f"Không tìm thấy đơn vị “{text}”. Đề nghị chọn trong: nhachan units list")
    if len(found.units) > 1:
        raise Refusal(f"“{text}” có thể là: {'; '.join(f'{one.id} {one.name}' for one in found.units[:9])}.")
    return found.units[0]


def write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refusal(f"Không ghi được {path} ({error.strerror}).") from None
    frame.say(f"Đã ghi {path} ({len(content):,} byte).".replace(",", "."))


def export(
    csv: Annotated[Path | None, typer.Option("--csv", help="Ghi dữ liệu ra tệp csv này.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Ghi dữ liệu ra tệp JSON này.")] = None,
    campaign: CampaignNumber = 0,
    from_audit: FromAudit = False,
) -> None:
    """Xuất số liệu từng đơn vị, từng chỉ tiêu ra csv, JSON; các cột nêu tại docs/running.md."""
    if not csv and not as_json:
        raise Refusal("Đề nghị cho biết tệp cần ghi: --csv so-lieu.csv hoặc --json so-lieu.json.")
    with frame.writing() as tx:
        seen = _gathered(tx, campaign, from_audit=from_audit)
        rows = list(seen.records())
        if csv:
            write_file(csv, records.as_csv(rows))
        if as_json:
            write_file(as_json, json.dumps(rows, ensure_ascii=False, indent=1).encode())
        kinds = [kind for kind, path in (("csv", csv), ("json", as_json)) if path]
        audit.note(tx, CLERK, "export", f"{seen.campaign}/*", frame.clock(), became=kinds)


@worksheet_app.command("write")
def write_worksheet(
    unit: Annotated[str, typer.Argument(help="Mã hoặc tên đơn vị.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Tệp xlsx sẽ ghi.")],
    campaign: CampaignNumber = 0,
) -> None:
    """Xuất bảng nhập số liệu của một đơn vị, để gửi qua đường khác."""
    with frame.writing() as tx:
        work, row = _work(tx, unit, campaign)
        content = worksheet.write(work.standing, work.campaign, row.evaluation, frame.speaking()["vi"], frame.secret())
        subject = f"{work.campaign}/{work.standing.unit}"
        audit.note(tx, CLERK, "export", subject, frame.clock(), became=["worksheet"])
    write_file(output, content)


@worksheet_app.command("read")
def read_worksheet(
    file: Annotated[Path, typer.Argument(help="Bảng nhập số liệu mà đơn vị gửi lại (xlsx).")],
    unit: Annotated[str, typer.Option(help="Mã hoặc tên đơn vị.")],
    by: Annotated[
        str, typer.Option(help="Ghi số liệu, nhân danh người này: đầu mối của đơn vị, hoặc cán bộ TCCB.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ghi mà không hỏi lại.")] = False,
    campaign: CampaignNumber = 0,
) -> None:
    """Đọc bảng nhập số liệu: nêu lỗi theo ô; có --by thì ghi những số đọc được, sau một lần xác nhận."""
    words = frame.speaking()["vi"]
    sheet = filled.read(_read(file), frame.secret())
    if sheet.refused:
        raise Refusal(words(sheet.refused, sheet.facts))
    with frame.writing() as tx:
        work, _ = _work(tx, unit, campaign)
        if sheet.unit != work.standing.unit:
            raise Refusal(f"Bảng này không phải của đơn vị {work.standing.unit_name}.")
        if sheet.campaign != work.campaign:
            raise Refusal("Bảng này thuộc đợt báo cáo khác.")
        taking = take(sheet, work, frame.clock().date())
        for say in taking.told:
            frame.say(words(say.kind, say.facts))
        if not taking.filled and taking.faults:
            raise Refusal("Không có số liệu nào để ghi.")
        if not taking.filled:
            frame.say("Bảng không có số liệu nào mới.")
        elif not by:
            frame.say(f"{len(taking.filled)} số liệu ghi được. Để ghi, thêm: --by và họ tên người gửi.")
        elif yes or typer.confirm(f"Ghi {len(taking.filled)} số liệu?"):
            _record(tx, taking, work, by)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"Không đọc được {file}: {error.strerror}.") from None


def _work(tx: Connection, unit: str, campaign: int) -> tuple[Work, Row[tuple[object, ...]]]:
    row, found = campaign_meant(tx, campaign), unit_meant(tx, unit)
    catalogue = frame.catalogue(row.catalogue)
    stands = board.standings(tx, row, catalogue, units.names(tx), found.id)
    if row.locked or found.id not in stands:
        raise Refusal(f"{found.name} không có chỉ tiêu nào để báo cáo trong đợt này.")
    return Work(row.id, campaigns.plan(row, catalogue), stands[found.id]), row


def _record(tx: Connection, taking: Taking, work: Work, by: str) -> None:
    """Through the same deeds as in chat; the unit is told, so that it can contest."""
    unit, now = work.standing.unit, frame.clock()
    mine = [row for role in ("focal", "tccb") for row in people.serving(tx, role) if role == "tccb" or row.unit == unit]
    found = {row.person: row.name for row in mine if by in (row.name, str(row.person))}
    if len(found) != 1:
        raise Refusal(f"“{by}” không phải là họ tên một đầu mối của {unit}, hay một cán bộ TCCB.")
    ((person, name),) = found.items()
    facts = Facts(now, Person(person, name), works=(work,))
    errand = clerk.Errand(tx, SimpleNamespace(person=person, channel="cli", name=name), facts, frame.catalogues())  # type: ignore[arg-type]
    for deed in dialogue.deeds_of(work.campaign, unit, taking.filled):
        clerk.carry_out(deed, errand)
    told = Say("sheet.entered", {"n": len(taking.filled), "unit": work.standing.unit_name, "by": name})
    hand = rhythm.Hand(tx, CLERK, frame.catalogues(), frame.calendar(), now)
    rhythm.to_unit(hand, unit, told, f"worksheet:{work.campaign}/{unit}")
    frame.say(f"Đã ghi {len(taking.filled)} số liệu của {work.standing.unit_name}.")
