"""A decision's appendix as it was received → a draft catalogue, and what the clerk has to check in it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import Any

from catalogue import load, target
from catalogue.model import Indicator, Measure, Section
from catalogue.paper import Line, Refused, lines
from catalogue.text import bare

__all__ = ["Draft", "Refused", "draft"]

COLUMNS = ("printed", "name", "unit", "target", "lead", "evaluator")
HEADINGS = (
    ("printed", r"stt|tt|số tt|số thứ tự"),
    ("unit", r"đơn vị( tính)?|đvt"),
    ("evaluator", r".*(đánh giá|theo dõi|kiểm tra).*"),
    ("lead", r".*(chủ trì|thực hiện|phụ trách).*"),
    ("target", r".*(năm \d{4}|kết quả|mục tiêu|được giao|kế hoạch|giao).*"),
    ("name", r".*(chỉ tiêu|nội dung|nhiệm vụ|tiêu chí).*"),
)
NUMBERED = re.compile(r"((?:phần )?(?:\d{1,2}|[IVX]{1,5}|[A-H]))[.)/:] +(\S.*)", re.IGNORECASE)
ROMAN = re.compile(r"[IVX]{1,5}|[A-H]")
DASHES = re.compile(r"[-–—_=:| ]*")
PUBLISHED = re.compile(
    r"(nghị quyết|quyết định|kế hoạch|chỉ thị|thông tư|công văn)(?: số)? 0*(\d+)/(\S+)", re.IGNORECASE
)
INITIALS = {
    "nghị quyết": "NQ",
    "quyết định": "QD",
    "kế hoạch": "KH",
    "chỉ thị": "CT",
    "thông tư": "TT",
    "công văn": "CV",
}
ISSUER = re.compile(r"\bcủa ((?:[^\W\d_]+ ?){2,5}?)(?= về| phê duyệt| ngày|,|$)")
UNTIL = re.compile(r"\bhạn\b.*?ngày (\d{1,2})/(\d{1,2})/\d{4}", re.IGNORECASE)
REPEATED = re.compile(r"\b(\w+(?: \w+){2,}) \1\b")
EVERYONE = re.compile(r"(các )?cơ quan, đơn vị( trực thuộc( sở)?)?", re.IGNORECASE)
UNIT_TYPES = {
    "phong_thuoc_so": "Phòng thuộc Sở",
    "chi_cuc": "Chi cục",
    "don_vi_su_nghiep": "Đơn vị sự nghiệp",
    "don_vi_truc_thuoc_chi_cuc": "Đơn vị trực thuộc Chi cục",
}
EVALUATORS = {"tổ chức cán bộ": "TCCB", "văn phòng": "VP"}
NOUNS = {"văn bản": "văn bản", "hồ sơ": "hồ sơ", "tthc": "TTHC", "thủ tục hành chính": "TTHC"}
NOT_PRINTED = "Không ghi"


@dataclass(frozen=True)
class Draft:
    """What was read, in the shape of a catalogue. `problems`: one sentence each, for whoever checks it."""

    title: str
    decision: str
    sections: tuple[Section, ...]
    indicators: tuple[Indicator, ...]  # header rows too, as printed
    measures: tuple[Measure, ...]
    deadline: str  # "10/12"
    problems: tuple[str, ...]

    @property
    def leaves(self) -> tuple[Indicator, ...]:
        return tuple(row for row in self.indicators if row.measure)

    def write(self, folder: Path) -> None:
        """As files that `load.read` accepts. Raises Refused rather than write over somebody's work."""
        for name in (load.ROWS, load.PLAN):
            if (folder / name).exists():
                raise Refused(f"Thư mục {folder.name} đã có tệp {name}; đề nghị chọn thư mục khác.")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / load.ROWS).write_bytes(self._rows().encode())
        (folder / load.PLAN).write_bytes(self._plan().encode())

    def _rows(self) -> str:
        heading = {"title": self.title, "decision": self.decision}
        blocks = [
            "\n".join(f"# Cần kiểm tra: {problem}" for problem in self.problems),
            _table("[catalogue]", heading),
            _table("[unit_types]", UNIT_TYPES),
            *(_table("[[section]]", vars(section)) for section in self.sections),
            *(_table("[[measure]]", vars(measure)) for measure in self.measures),
            *(_table("[[indicator]]", _as_table(row)) for row in self.indicators),
        ]
        return "\n\n".join(filter(None, blocks)) + "\n"

    def _plan(self) -> str:
        """The packaged rhythm, with this appendix's own day."""
        usual = (load.DATA / "2024-qd55" / load.PLAN).read_bytes().decode()
        return re.sub(r'^(deadline|evaluation) = ".*"', rf'\1 = "{self.deadline}"', usual, flags=re.MULTILINE)


def draft(content: bytes, name: str) -> Draft:
    """Of a file's content; its name tells what kind it is. Raises Refused for what can't be read as an appendix."""
    paper = _Paper()
    for line in lines(content, name):
        paper.take(line)
    if not paper.rows:
        raise Refused(f"Không thấy bảng chỉ tiêu nào trong tệp {name}.")
    return paper.draft()


def _table(header: str, values: Mapping[str, Any]) -> str:
    """JSON's texts, lists, numbers and booleans are TOML's as well."""
    told = (
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
        if value not in ("", None, ())
    )
    return "\n".join((header, *told))


def _as_table(row: Indicator) -> dict[str, Any]:
    values = {key: value for key, value in vars(row).items() if key not in ("order", "target")}
    if row.target:
        values |= {"target": row.target.raw, "means": _means(row)}
    return values


def _means(row: Indicator) -> str:
    """How a target without a word of comparison was understood, for the clerk to confirm."""
    signs = {">=": "≥", "<=": "≤"}
    if not row.target or not re.fullmatch(r"[\d.,]+ ?%?", row.target.raw) or row.target.op not in signs:
        return ""
    return f"{signs[row.target.op]} {row.target.raw}"


# From lines to rows.


@dataclass
class _Row:
    section: str
    cells: dict[str, str]

    @property
    def number(self) -> str:
        return self.cells["printed"].rstrip(" .)")

    def join(self, more: Mapping[str, str]) -> None:
        self.cells = {key: " ".join(filter(None, (self.cells[key], more[key]))) for key in COLUMNS}


@dataclass
class _Paper:
    """What has been read so far."""

    preamble: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)  # paragraphs since the last row
    columns: Sequence[str] = COLUMNS

    def take(self, line: Line) -> None:
        heading = NUMBERED.fullmatch(line.text) if len(list(filter(None, line.cells))) == 1 else None
        if all(DASHES.fullmatch(cell) for cell in line.cells):
            return
        if heading:
            self._begin(heading[1], heading[2])
        elif not line.table:
            (self.loose if self.sections else self.preamble).append(line.text)
        elif columns := _columns(line.cells):
            self._open(line)
            self.columns = columns
        else:
            self._open(line)
            self._row({key: cell for key, cell in zip(self.columns, line.cells, strict=False) if key})

    def _open(self, line: Line) -> None:
        """A table that nothing numbered stands above is headed by the paragraph before it."""
        if line.first and (self.loose or not self.sections):
            above = self.loose or [text for text in self.preamble[1:] if not text.startswith("(")] or [self.title]
            self._begin(str(len(self.sections) + 1), above.pop())

    def _begin(self, number: str, title: str) -> None:
        self._left_over()
        taken = {section.number for section in self.sections}
        number = number if number not in taken else str(len(self.sections) + 1)
        self.sections.append(Section(number, title, title))

    def _left_over(self) -> None:
        self.problems += [f"dòng ngoài bảng, chưa đưa vào: {text[:80]}" for text in self.loose]
        self.loose.clear()

    def _row(self, cells: dict[str, str]) -> None:
        cells = {**dict.fromkeys(COLUMNS, ""), **cells}
        if ROMAN.fullmatch(cells["printed"]) and not any(cells[key] for key in COLUMNS[2:]):
            self._begin(cells["printed"], cells["name"])
        elif cells["printed"] or not self.rows or (cells["target"] and self.rows[-1].cells["target"]):
            self.rows.append(_Row(self.sections[-1].number, cells))
        else:
            self.rows[-1].join(cells)
            self.problems.append(
                f"dòng {self.rows[-1].cells['printed']} bị ngắt, đã ghép: {self.rows[-1].cells['name'][:80]}"
            )

    @property
    def title(self) -> str:
        told = [text for text in self.preamble if not text.startswith("(") and not bare(text).startswith("phu luc")]
        return told[0] if told else "Phụ lục"

    @property
    def decision(self) -> str:
        told = next((text for text in self.preamble if re.search(r"kèm theo", text, re.IGNORECASE)), self.title)
        return re.sub(r"^\(?(ban hành )?kèm theo ", "", told, flags=re.IGNORECASE).rstrip(")")

    @property
    def deadline(self) -> str:
        found = UNTIL.search("\n".join(self.preamble))
        return f"{found[1]}/{found[2]}" if found else "10/12"

    def draft(self) -> Draft:
        self._left_over()
        used = {row.section for row in self.rows}
        sections = tuple(section for section in self.sections if section.number in used)
        indicators, measures = _measured(_coded(self.rows, sections))
        problems = (*self.problems, *_doubts(sections, indicators, measures))
        return Draft(self.title, self.decision, sections, indicators, measures, self.deadline, problems)


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """What each column holds, if this is a row of headings."""
    if not any(re.fullmatch(HEADINGS[0][1], cell, re.IGNORECASE) for cell in cells[:2]):
        return ()
    found: list[str] = []
    for cell in cells:
        fits = (key for key, words in HEADINGS if key not in found and re.fullmatch(words, cell, re.IGNORECASE))
        found.append(next(fits, ""))
    return tuple(found)


# From rows to indicators.


def _coded(rows: Sequence[_Row], sections: Sequence[Section]) -> tuple[Indicator, ...]:
    """Rows with codes of their own; a row with others under it is their heading and is reported by nobody."""
    parents = [_parent(rows, at) for at in range(len(rows))]
    codes = _codes(rows, set(parents), _prefixes(sections))
    return tuple(_indicator(row, at, codes, parents) for at, row in enumerate(rows))


def _parent(rows: Sequence[_Row], at: int) -> int | None:
    """6.1 stands under the nearest 6 above it."""
    above = rows[at].number.rpartition(".")[0]
    same = (n for n in range(at - 1, -1, -1) if rows[n].section == rows[at].section and rows[n].number == above)
    return next(same, None) if above else None


def _codes(rows: Sequence[_Row], headings: set[int | None], prefixes: Mapping[str, str]) -> list[str]:
    codes: list[str] = []
    for at, row in enumerate(rows):
        printed = re.sub(r"[^A-Z0-9.]", "", bare(row.number).upper())[:10].strip(".") or f"X{at + 1}"
        code = f"{prefixes[row.section]}.{re.sub(r'[.]+', '.', printed)}" + ("H" if at in headings else "")
        again = (f"{code}-{n}" for n in count(2))
        codes.append(next(free for free in chain((code,), again) if free not in codes))
    return codes


def _prefixes(sections: Iterable[Section]) -> dict[str, str]:
    """NQ01 for "Nghị quyết 01/NQ-CP", UBQG for a plan of the "Ủy ban Quốc gia", else P and the section's place."""
    found: dict[str, str] = {}
    for at, section in enumerate(sections, 1):
        prefix = _prefix(section.title) or f"P{at}"
        found[section.number] = prefix if prefix not in found.values() else f"P{at}"
    return found


def _prefix(title: str) -> str:
    if published := PUBLISHED.search(title):
        return f"{INITIALS[published[1].lower()]}{int(published[2]):02}"[:8]
    issuer = ISSUER.search(title)
    return re.sub("[^A-Z]", "", "".join(bare(word)[0].upper() for word in issuer[1].split())) if issuer else ""


def _indicator(row: _Row, at: int, codes: Sequence[str], parents: Sequence[int | None]) -> Indicator:
    cells, parent = row.cells, parents[at]
    heading = at in parents
    printed = cells["target"] or ("" if heading else NOT_PRINTED)
    return Indicator(
        code=codes[at],
        section=row.section,
        printed=cells["printed"] or "-",
        name=cells["name"] or NOT_PRINTED,
        order=at + 1,
        parent=None if parent is None else codes[parent],
        unit=cells["unit"],
        target=target.read(printed, cells["unit"], cells["name"]) if printed else None,
        measure=None if heading else "",
        lead=cells["lead"],
        scope=() if heading else _scope(cells),
        evaluator=cells["evaluator"],
        evaluators=tuple(id for name, id in EVALUATORS.items() if name in cells["evaluator"].casefold()),
    )


def _scope(cells: Mapping[str, str]) -> tuple[str, ...]:
    if EVERYONE.fullmatch(cells["lead"]):
        return tuple(UNIT_TYPES)[:3]
    return tuple(UNIT_TYPES)[3:] if "trực thuộc các chi cục" in cells["name"].casefold() else ()


# What is really counted.


def _measured(rows: Sequence[Indicator]) -> tuple[tuple[Indicator, ...], tuple[Measure, ...]]:
    """One measure for rows that say the same in other letters."""
    measures: dict[str, Measure] = {}
    for row in rows:
        if row.measure is not None:
            measures.setdefault(_same(row.name), _measure(f"M{len(measures) + 1:02}", row))
    given = (row if row.measure is None else replace(row, measure=measures[_same(row.name)].code) for row in rows)
    return tuple(given), tuple(measures.values())


def _same(name: str) -> str:
    return " ".join(name.casefold().replace("thủ tục hành chính", "tthc").rstrip(" .;").split())


def _measure(code: str, row: Indicator) -> Measure:
    share = re.fullmatch(r"t[ỷỉ] lệ (.+?) trên (tổng số .+?)[ .;]*", row.name, re.IGNORECASE)
    said = row.name.casefold()
    noun = next((noun for word, noun in NOUNS.items() if word in said), "trường hợp")
    short = re.sub(r"^t[ỷỉ] lệ | trên tổng số .*", "", row.name, flags=re.IGNORECASE).rstrip(" .;")
    return Measure(
        code=code,
        name=_cut(short[:1].upper() + short[1:]),
        kind="ratio",
        numerator=f"số {share[1]}" if share else f"số {noun} đạt yêu cầu",
        denominator=share[2] if share else f"tổng số {noun}",
        noun=noun,
        grows=noun != "TTHC",
        kps="exclude",
    )


def _cut(name: str) -> str:
    return name if len(name) <= 60 else name[:59].rsplit(" ", 1)[0].rstrip(" ,") + "…"


# What the clerk has to look at.


def _doubts(sections: Sequence[Section], rows: Sequence[Indicator], measures: Sequence[Measure]) -> Iterator[str]:
    leaves = [row for row in rows if row.measure]
    for section in sections:
        if not re.search(r"\d+/\w.*\d{1,2}/\d{1,2}/\d{4}", section.title):
            yield f"phần {section.number}: tiêu đề không ghi đủ số và ngày văn bản"
        repeated = Counter(row.printed for row in rows if row.section == section.number)
        yield from (f"phần {section.number}: số {number} in ở {n} dòng" for number, n in repeated.items() if n > 1)
    for text in (*(section.title for section in sections), *(f"{row.code}: {row.name}" for row in rows)):
        if text.count("“") != text.count("”") or text.count('"') % 2:
            yield f"dấu ngoặc kép mở mà không đóng: {text[:80]}"
        if repeat := REPEATED.search(text[:500]):
            yield f"cụm từ in hai lần: “{repeat[1]}” ở {text[:40]}"
    yield from _about("chỉ tiêu in số trần, đã hiểu như ghi ở means", [row for row in leaves if _means(row)])
    yield from _about(
        "chỉ tiêu để người đánh giá kết luận", [row for row in leaves if row.target and row.target.op == "judged"]
    )
    yield from _about(
        "dòng không ghi chỉ tiêu", [row for row in leaves if row.target and row.target.raw == NOT_PRINTED]
    )
    yield from _about("chưa rõ đơn vị nào thực hiện (scope)", [row for row in leaves if not row.scope])
    yield from _about("chưa rõ ai đánh giá (evaluators)", [row for row in leaves if not row.evaluators])
    for measure in measures:
        if len(sharing := [row for row in leaves if row.measure == measure.code]) > 1:
            yield from _about("dùng chung một số liệu", sharing)
    yield "tử số, mẫu số, noun, grows, kps của các measure do máy đề xuất; đề nghị xem lại từng mục"


def _about(what: str, rows: Sequence[Indicator]) -> Iterator[str]:
    if rows:
        yield f"{what}: {', '.join(row.code for row in rows)}"
