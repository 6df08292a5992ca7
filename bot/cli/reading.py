"""Commands that only read what they are given: answers, targets, catalogues."""

import sys
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import frame
from bot.cli.frame import Refusal
from bot.words import Words
from catalogue import answer as reader
from catalogue import load, roster, target
from catalogue.answer import Ask, Awaiting, Batch, Context, Invalid, Reading, Value, kind_of
from catalogue.model import Catalogue

catalogue_app = typer.Typer(help="Danh mục chỉ tiêu: xem, kiểm tra, dựng từ phụ lục.", no_args_is_help=True)
CATALOGUE = "2024-qd55"
AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON.")]


def add_to(app: typer.Typer) -> None:
    for name, command in (("answer", answer), ("target", read_target)):
        app.command(name, context_settings={"ignore_unknown_options": True})(command)  # "-5%" is a text to read
    app.add_typer(catalogue_app, name="catalogue")


def answer(
    text: Annotated[str, typer.Argument(help="Nội dung cần đọc; - để đọc từng dòng từ đầu vào chuẩn.")],
    indicator: Annotated[str, typer.Option(help="Mã chỉ tiêu đang hỏi.")] = "",
    state: Annotated[str, typer.Option(help="Đang chờ: V số liệu, B đạt/chưa, C xác nhận, K, U, N, I.")] = "",
    id: Annotated[str, typer.Option("--catalogue", help="Danh mục.")] = CATALOGUE,
    as_json: AsJson = False,
) -> None:
    """Cho biết một tin nhắn được hiểu thế nào."""
    catalogue = frame.catalogue(id)
    awaiting = _awaiting(state.upper(), indicator, catalogue)
    office = roster.example()
    context = Context(catalogue, lambda name: tuple(unit.id for unit in office.match(name).units))
    words = frame.speaking()["vi"]
    for one in _texts(text):
        reading = reader.read(one, awaiting, context)
        frame.lines(_read_as(one, reading, awaiting, words)) if as_json else frame.say(_told(reading, awaiting, words))


def _awaiting(state: str, indicator: str, catalogue: Catalogue) -> Awaiting:
    row = catalogue.by_code.get(indicator) if indicator else None
    if indicator and (row is None or row.measure is None):
        raise Refusal(f"Không có chỉ tiêu “{indicator}” trong danh mục {catalogue.id}. Gõ: nhachan catalogue show")
    if state:
        if state not in {one.value for one in Awaiting}:
            raise Refusal(f"Trạng thái “{state}” không có. Đề nghị chọn một trong: V, B, C, K, U, N, I.")
        return Awaiting(state)
    yes_no = row is not None and row.measure is not None and catalogue.measures[row.measure].kind == "yes_no"
    return Awaiting.YES_NO if yes_no else Awaiting.VALUE


def _texts(text: str) -> Iterator[str]:
    """The argument itself, or every line that comes in."""
    if text != "-":
        yield text
        return
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
    for line in sys.stdin:
        yield line.removesuffix("\n")


def _read_as(text: str, reading: Reading, awaiting: Awaiting, words: Words) -> dict[str, object]:
    answer = reading.answer if isinstance(reading, Value) else None
    found: dict[str, object] = {"text": text, "kind": kind_of(reading, awaiting)}
    found["numerator"] = None if answer is None or answer.numerator is None else str(answer.numerator)
    found["denominator"] = None if answer is None or answer.denominator is None else str(answer.denominator)
    found["percent"] = None if answer is None or answer.percent is None else decimal(answer.percent)
    found["question"] = _question(reading, words)
    if isinstance(reading, Ask):
        found["choices"] = [words(choice.label, _facts(choice.answer)) for choice in reading.choices]
    if isinstance(reading, Value) and reading.reference:
        found["reference"] = reading.reference
    if isinstance(reading, Batch):
        items = [(item.reference, list(item.codes), item.reading) for item in reading.items]
        found["items"] = [
            {"reference": ref, "codes": codes} | _read_as(ref, one, Awaiting.VALUE, words) for ref, codes, one in items
        ]
    if codes := getattr(reading, "codes", None):
        found["codes"] = list(codes)
    return found


def decimal(value: Fraction) -> str:
    """Exact where it ends within four places, else rounded there: a text for tables, never for judging."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return f"{rounded.normalize():f}"


def _question(reading: Reading, words: Words) -> str | None:
    if isinstance(reading, Ask):
        return words(reading.why, reading.facts)
    return words(reading.why, {"example": reading.example, **reading.facts}) if isinstance(reading, Invalid) else None


def _facts(answer: object) -> dict[str, object]:
    names = ("numerator", "denominator", "percent")
    return {name: str(getattr(answer, name)) for name in names if getattr(answer, name, None) is not None}


def _told(reading: Reading, awaiting: Awaiting, words: Words) -> str:
    found = _read_as("", reading, awaiting, words)
    value = found["numerator"] and f"{found['numerator']}/{found['denominator']} = {found['percent']} %"
    told = [str(found["kind"]), str(value or (found["percent"] and f"{found['percent']} %") or "")]
    return ": ".join(part for part in [*told, str(found["question"] or "")] if part)


def read_target(
    text: Annotated[str, typer.Argument(help="Chỉ tiêu giao như in trong phụ lục; - để đọc từng dòng.")],
    unit: Annotated[str, typer.Option(help="Đơn vị tính ở cột bên cạnh.")] = "%",
    name: Annotated[str, typer.Option(help="Tên chỉ tiêu, nếu có.")] = "",
    as_json: AsJson = False,
) -> None:
    """Cho biết một chỉ tiêu giao được hiểu thế nào."""
    for one in _texts(text):
        row = target.as_row(target.read(one, unit, name))
        shown = {key: row[key] for key in ("raw", "kind", "op", "value", "value2", "unit")}
        frame.lines(shown) if as_json else frame.say(" ".join(part for part in list(shown.values())[1:] if part))


@catalogue_app.command("show")
def show(
    code: Annotated[str, typer.Argument(help="Mã chỉ tiêu; bỏ trống để xem tất cả.")] = "",
    id: Annotated[str, typer.Option("--catalogue", help="Danh mục.")] = CATALOGUE,
    as_json: AsJson = False,
) -> None:
    """Xem danh mục, hoặc một chỉ tiêu."""
    catalogue = frame.catalogue(id)
    document = load.as_json(catalogue)
    if code:
        rows = [row for row in document["indicators"] if row["code"] == code]
        if not rows:
            raise Refusal(f"Không có chỉ tiêu “{code}” trong danh mục {id}.")
        document = rows[0]
    if as_json:
        frame.show_json(document)
        return
    for row in catalogue.indicators if not code else [catalogue.by_code[code]]:
        raw = f"{row.target.raw} {row.unit}" if row.target else "-"
        frame.say(f"{row.code:10} {raw:14} {row.name}")


@catalogue_app.command("check")
def check(folder: Annotated[Path, typer.Argument(help="Thư mục danh mục.")]) -> None:
    """Kiểm tra một thư mục danh mục, nêu mọi lỗi cùng lúc."""
    try:
        catalogue = load.read(folder)
    except load.Faults as faults:
        raise Refusal(str(faults)) from None
    except OSError as error:
        raise Refusal(f"Không đọc được {folder}: {error.strerror}.") from None
    frame.say(f"{catalogue.id}: {len(catalogue.leaves)} chỉ tiêu, {len(catalogue.measures)} số liệu, không có lỗi.")


@catalogue_app.command("draft")
def draft(
    file: Annotated[Path, typer.Argument(help="Phụ lục: txt, docx hoặc xlsx.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Thư mục danh mục sẽ ghi.")],
) -> None:
    """Dựng bản nháp danh mục từ một phụ lục, để cán bộ rà soát."""
    from catalogue import appendix  # reads office documents: heavy, and wanted here alone

    try:
        found = appendix.draft(file.read_bytes(), file.name)
        found.write(output)
    except appendix.Refused as refused:
        raise Refusal(str(refused)) from None
    except OSError as error:
        raise Refusal(f"Không đọc hoặc ghi được {error.filename or file} ({error.strerror}).") from None
    for problem in found.problems:
        frame.say(f"Cần rà soát: {problem}")
    frame.say(f"Đã ghi {len(found.indicators)} dòng vào {output}.")
