"""A catalogue folder → a Catalogue, or every fault at once with file and line."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from catalogue import calendar, target
from catalogue.model import (
    Catalogue,
    Check,
    Indicator,
    KpsPolicy,
    Measure,
    MeasureKind,
    Section,
    Step,
    Target,
    When,
    Whom,
)

DATA = Path(__file__).parent / "data"
ROWS, PLAN = "indicators.toml", "plan.toml"
Place = tuple[str | int, ...]
"""Where in a file: ("indicator", 3, "target"), ("catalogue", "title"), ("deadline",)."""
Found = Iterator[tuple[Place, str]]
Table = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}, dòng {self.line}: {self.message}"


class Faults(Exception):
    """All that is wrong with a catalogue folder: nothing of it is used until all is mended."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def all() -> dict[str, Catalogue]:
    """The catalogues that come with the program, by id."""
    return {rows.parent.name: read(rows.parent) for rows in sorted(DATA.glob(f"*/{ROWS}"))}


def read(folder: Path) -> Catalogue:
    """Raises Faults with all that is wrong in the folder's `indicators.toml` and `plan.toml`."""
    rows, plan = Sheet(folder / ROWS), Sheet(folder / PLAN)
    book, rhythm = rows.check(Book), plan.check(Rhythm)
    rows.blame(*_references(rows.data), *_twice(rows.data, "section", "number"), *_twice(rows.data, "measure", "code"))
    rows.blame(*_twice(rows.data, "indicator", "code"), *_idle(rows.data), *_leaves(rows.data), *_scopes(rows.data))
    plan.blame(*_twice(plan.data, "step", "id"), *_late(plan.data))
    if faults := (*sorted(rows.faults, key=_line), *sorted(plan.faults, key=_line)):
        raise Faults(faults)
    assert book and rhythm  # without faults, both were read
    return _catalogue(folder.name, book, rhythm)


def _line(fault: Fault) -> int:
    return fault.line


# What the two files may hold.


def _tidy(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError("không được để trống, không có dấu cách ở đầu hoặc cuối")
    return text


def _clock(text: object) -> time:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text) if isinstance(text, str) else None
    if not found:
        raise ValueError('phải là giờ có thật, dạng "08:30"')
    at = time(int(found[1]), int(found[2]))
    if not calendar.OPENS <= at < calendar.CLOSES:
        raise ValueError(f"phải trong giờ làm việc, từ {calendar.OPENS:%H:%M} đến trước {calendar.CLOSES:%H:%M}")
    return at


def _day_month(text: object) -> tuple[int, int]:
    found = re.fullmatch(r"(\d\d?)/(\d\d?)", text) if isinstance(text, str) else None
    try:
        day, month = (int(part) for part in (found.groups() if found else ()))
        date(2023, month, day)  # a year without 29 February: the day must exist every year
    except ValueError:
        raise ValueError('phải là ngày, tháng có thật, dạng "10/12"') from None
    return day, month


def _comparable(text: str) -> str:
    if target.read(text).op == "judged":
        raise ValueError('phải là cách hiểu so sánh được, ví dụ "≥ 100"')
    return text


def _naming(word: str) -> str:
    """A name right behind its "-", if any: "- VP" and "–VP" would take nobody out, "-" alone everybody."""
    if not re.match(r"-?[^\W_]", word):
        raise ValueError('phải bắt đầu bằng chữ hoặc số, hoặc bằng dấu "-" viết liền trước, ví dụ "-DKLCD"')
    return word


Text = Annotated[str, AfterValidator(_tidy)]
CODE, STEP, WORDS = r"^[A-Z][A-Z0-9]*([.-][A-Z0-9]+)*$", r"^[A-Za-z0-9+-]{1,24}$", r"^[a-z_]+\.[a-z_]+$"
SHAPES: dict[str | None, str] = {
    CODE: "chỉ gồm chữ hoa không dấu, chữ số, dấu chấm, gạch nối, ví dụ NQ01.2",
    STEP: "chỉ gồm nhiều nhất 24 chữ không dấu, chữ số, dấu cộng, dấu trừ, ví dụ T-7",
    WORDS: "phải là hai từ không dấu nối bằng dấu chấm, ví dụ remind.week",
}
Code = Annotated[str, StringConstraints(pattern=CODE, max_length=24)]
DayMonth = Annotated[tuple[int, int], BeforeValidator(_day_month)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Heading(Strict):
    title: Text
    decision: Text


class SectionRow(Strict):
    number: Text
    title: Text
    legal_basis: str = ""


class MeasureRow(Strict):
    code: Code
    name: Annotated[Text, Field(max_length=60)]
    kind: MeasureKind
    numerator: Text
    denominator: Text
    noun: Text
    grows: bool
    kps: KpsPolicy
    note: str = ""


class IndicatorRow(Strict):
    code: Code
    section: Text
    printed: Text
    name: Text
    parent: Code | None = None
    unit: str = ""
    target: Text | None = None
    means: Annotated[str, AfterValidator(_comparable)] | None = None
    measure: Code | None = None
    lead: str = ""
    scope: list[Annotated[Text, AfterValidator(_naming)]] = []
    evaluator: str = ""
    evaluators: list[Code] = []
    display: str = ""


class StepRow(Strict):
    id: Annotated[str, StringConstraints(pattern=STEP)]
    days: Annotated[int, Field(ge=-366, le=366)]
    at: Annotated[time, BeforeValidator(_clock)]
    to: Annotated[list[Whom], Field(min_length=1)]
    when: When
    words: Annotated[str, StringConstraints(pattern=WORDS)]
    stale_after: Annotated[int, Field(ge=0, le=366)] = 1


class CheckRow(Strict):
    kind: Literal["late_is_whole", "whole_near", "whole_same", "whole_at_most"]
    measure: Code
    other: Code


class Book(Strict):
    catalogue: Heading
    unit_types: dict[str, Text] = {}
    section: Annotated[list[SectionRow], Field(min_length=1)]
    measure: Annotated[list[MeasureRow], Field(min_length=1)]
    indicator: Annotated[list[IndicatorRow], Field(min_length=1)]
    check: list[CheckRow] = []


class Rhythm(Strict):
    deadline: DayMonth
    evaluation: DayMonth
    most_before: Annotated[int, Field(ge=1, le=99)] = 6
    step: list[StepRow] = []


def _catalogue(id: str, book: Book, rhythm: Rhythm) -> Catalogue:
    return Catalogue(
        id=id,
        title=book.catalogue.title,
        decision=book.catalogue.decision,
        sections=tuple(Section(**row.model_dump()) for row in book.section),
        indicators=tuple(_indicator(row, order) for order, row in enumerate(book.indicator, 1)),
        measures={row.code: Measure(**row.model_dump()) for row in book.measure},
        steps=tuple(Step(**{**row.model_dump(), "to": tuple(row.to)}) for row in rhythm.step),
        deadline=rhythm.deadline,
        evaluation=rhythm.evaluation,
        most_before=rhythm.most_before,
        unit_types=book.unit_types,
        checks=tuple(Check(**row.model_dump()) for row in book.check),
    )


def _indicator(row: IndicatorRow, order: int) -> Indicator:
    told = row.model_dump(exclude={"means"})
    told |= {"scope": tuple(row.scope), "evaluators": tuple(row.evaluators), "target": _target(row)}
    return Indicator(**told, order=order)


def _target(row: IndicatorRow) -> Target | None:
    """As printed; judged as the clerk says it is meant, where the file says so."""
    if row.target is None:
        return None
    return replace(target.read(row.means or row.target, row.unit, row.name), raw=row.target)


# One file: its text, its tables, and where each key stands in it.

Model = TypeVar("Model", bound=BaseModel)


class Sheet:
    """One TOML file and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.faults: list[Fault] = []
        self.text = self._text(path)
        self.places = _places(self.text)
        self.data = self._tables()

    def check(self, model: type[Model]) -> Model | None:
        """None when the file can't be read or does not hold what it must."""
        if self.faults and not self.data:
            return None
        try:
            return model.model_validate(self.data)
        except ValidationError as errors:
            self.blame(*((error["loc"], _reason(error)) for error in errors.errors()))
            return None

    def blame(self, *found: tuple[Place, str]) -> None:
        self.faults += [Fault(self.name, self._line(place), message) for place, message in found]

    def _line(self, place: Place) -> int:
        """Of the key, else of the table that it is in or missing from."""
        prefixes = (place[:length] for length in range(len(place), -1, -1))
        return next((self.places[prefix] for prefix in prefixes if prefix in self.places), 1)

    def _text(self, path: Path) -> str:
        try:
            raw = path.read_bytes()
            text = raw.decode()
        except OSError:
            self.faults.append(Fault(self.name, 1, f"không đọc được tệp {path.name} trong thư mục {path.parent.name}"))
            return ""
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.faults.append(Fault(self.name, line, "không phải chữ UTF-8; đề nghị lưu lại tệp với mã UTF-8"))
            return ""
        self.faults.extend(
            Fault(self.name, line, "chữ có dấu ở dạng tổ hợp rời; đề nghị chuyển sang NFC")
            for line, row in enumerate(text.split("\n"), 1)
            if not unicodedata.is_normalized("NFC", row)
        )
        return text

    def _tables(self) -> Table:
        try:
            return tomllib.loads(self.text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:  # of syntax, of numbers without end, of brackets in brackets
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else self.text.count("\n") + 1
            self.faults.append(Fault(self.name, line, f"sai cú pháp TOML ({error})"))
            return {}


HEADER = re.compile(r"\s*(\[\[?)\s*([\w-]+)\s*\]\]?\s*(?:#.*)?")
KEY = re.compile(r'\s*"?([\w-]+)"?\s*=')


def _places(text: str) -> dict[Place, int]:
    """The line of every table and key; TOML itself forgets them."""
    found: dict[Place, int] = {}
    seen: Counter[str] = Counter()
    table: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.fullmatch(line):
            table = (header[2], seen[header[2]]) if header[1] == "[[" else (header[2],)
            seen[header[2]] += 1
            found[table] = number
        elif key := KEY.match(line):
            found.setdefault((*table, key[1]), number)
    return found


REASONS = {
    "missing": "thiếu khóa {key}",
    "extra_forbidden": "không có khóa nào tên {key}",
    "string_type": "{key} phải là chữ trong ngoặc kép",
    "bool_type": "{key} phải là true hoặc false",
    "int_type": "{key} phải là số nguyên",
    "list_type": "{key} phải là danh sách trong ngoặc vuông",
    "dict_type": "{key} phải là một bảng",
    "model_type": "{key} phải là một bảng",
    "literal_error": "{key} phải là một trong: {expected}",
    "string_pattern_mismatch": "{key} {shape}",
    "string_too_long": "{key} dài quá {max_length} ký tự",
    "too_long": "{key} dài quá {max_length} ký tự",
    "too_short": "{key} phải có ít nhất một mục",
    "greater_than_equal": "{key} phải từ {ge} trở lên",
    "less_than_equal": "{key} phải từ {le} trở xuống",
    "value_error": "{key} {error}",
}


def _reason(error: ErrorDetails) -> str:
    key = next(str(part) for part in reversed(error["loc"]) if isinstance(part, str))
    told = error.get("ctx", {})
    shape = SHAPES.get(told.get("pattern"))
    if "expected" in told:
        told["expected"] = told["expected"].replace(" or ", " hoặc ")
    return REASONS.get(error["type"], "{key} không hợp lệ").format(key=key, shape=shape, **told)


# What the tables say of each other. These look at the tables as they were read, so that one fault hides no other.


def _rows(data: Table, table: str) -> list[tuple[int, Table]]:
    rows = data.get(table)
    return [(n, row) for n, row in enumerate(rows if isinstance(rows, list) else []) if isinstance(row, dict)]


def _column(data: Table, table: str, key: str) -> dict[Place, str]:
    return {(table, n, key): row[key] for n, row in _rows(data, table) if isinstance(row.get(key), str)}


def _twice(data: Table, table: str, key: str) -> Found:
    seen: set[str] = set()
    for place, value in _column(data, table, key).items():
        if value in seen:
            yield place, f"{key} {value} đã dùng ở trên"
        seen.add(value)


def _references(data: Table) -> Found:
    codes = _column(data, "indicator", "code")
    yield from _unknown(data, "section", _column(data, "section", "number").values())
    yield from _unknown(data, "measure", _column(data, "measure", "code").values())
    yield from _unknown(data, "parent", codes.values())
    measures = _column(data, "measure", "code").values()
    for side in ("measure", "other"):
        for place, value in _column(data, "check", side).items():
            if value not in measures:
                yield place, f"không có measure nào là {value}"
    for (table, n, key), parent in _column(data, "indicator", "parent").items():
        if codes.get((table, n, "code")) == parent:
            yield (table, n, key), "chỉ tiêu không thể là dòng con của chính nó"


def _unknown(data: Table, key: str, known: Container[str]) -> Found:
    for place, value in _column(data, "indicator", key).items():
        if value not in known:
            yield place, f"không có {key} nào là {value}"


def _idle(data: Table) -> Found:
    for table, key in (("measure", "code"), ("section", "number")):
        used = _column(data, "indicator", table).values()
        for place, value in _column(data, table, key).items():
            if value not in used:
                yield place, f"không chỉ tiêu nào dùng {table} {value}"


def _leaves(data: Table) -> Found:
    """A row is reported (a measure and a target) or it is the heading of others."""
    parents = _column(data, "indicator", "parent").values()
    for n, row in _rows(data, "indicator"):
        if "measure" in row and "target" not in row:
            yield ("indicator", n, "measure"), f"chỉ tiêu {row.get('code')} có measure thì phải có target"
        if "measure" not in row and row.get("code") not in parents:
            yield ("indicator", n), f"chỉ tiêu {row.get('code')} không có measure, cũng không có dòng con"
        key = "means" if "means" in row else "target"
        if "measure" in row and row.get("unit") == "%" and _beyond_reach(row.get(key)):
            yield ("indicator", n, key), f"chỉ tiêu {row[key]} % không thể đạt: quá 100 %"


def _beyond_reach(raw: object) -> bool:
    if not isinstance(raw, str):
        return False
    read = target.read(raw)
    return read.kind == "numeric" and not isinstance(read.value, str | date | None) and read.value > 100


def _scopes(data: Table) -> Found:
    """A word that begins with a small letter is a unit type; ids and names begin with a capital."""
    types = data.get("unit_types")
    known = types if isinstance(types, dict) else {}
    for n, row in _rows(data, "indicator"):
        scope = row.get("scope")
        for word in scope if isinstance(scope, list) else []:
            if isinstance(word, str) and (type := word.removeprefix("-"))[:1].islower() and type not in known:
                yield ("indicator", n, "scope"), f"không có loại đơn vị nào là {type}"


def _late(data: Table) -> Found:
    try:
        deadline, evaluation = (_day_month(data.get(key)) for key in ("deadline", "evaluation"))
    except ValueError:
        return
    if deadline[::-1] > evaluation[::-1]:
        yield ("deadline",), "deadline (hạn của đơn vị) không được sau evaluation (hạn đánh giá)"


# As JSON can hold it.


def as_json(catalogue: Catalogue) -> Table:
    """Codes, numbers and dates as exact text; rows in printed order."""
    return {
        "id": catalogue.id,
        "title": catalogue.title,
        "decision": catalogue.decision,
        "sections": [asdict(section) for section in catalogue.sections],
        "indicators": [indicator_as_json(indicator) for indicator in catalogue.indicators],
        "measures": [asdict(measure) for measure in catalogue.measures.values()],
        "plan": plan_as_json(catalogue),
    }


def indicator_as_json(indicator: Indicator) -> Table:
    told = {**asdict(indicator), "title": indicator.title}
    return {**told, "target": target.as_row(indicator.target) if indicator.target else None}


def plan_as_json(catalogue: Catalogue) -> Table:
    deadline, evaluation = ("{:02}/{:02}".format(*day) for day in (catalogue.deadline, catalogue.evaluation))
    steps = [{**asdict(step), "at": f"{step.at:%H:%M}"} for step in catalogue.steps]
    return {"deadline": deadline, "evaluation": evaluation, "most_before": catalogue.most_before, "steps": steps}
