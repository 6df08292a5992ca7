"""The office's list of people, as a clerk keeps it (csv, xlsx) → members, or every fault at once with its line."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue import listing, phone
from catalogue.listing import Columns, Found, Row
from catalogue.office import Office
from catalogue.text import bare

COLUMNS = Columns(
    headings={
        "unit": ("unit", "don vi", "ma don vi", "ma dv", "ten don vi", "don vi cong tac"),
        "name": ("name", "ho ten", "ho va ten", "ten", "ho ten can bo", "can bo"),
        "phone": ("phone", "dien thoai", "so dien thoai", "sdt", "dt", "di dong"),
        "role": ("role", "vai tro", "nhiem vu"),
        "email": ("email", "e mail", "thu dien tu", "dia chi thu", "dia chi email"),
        "position": ("position", "chuc vu", "chuc danh"),  # of no use
        "note": ("note", "ghi chu"),
        "number": ("stt", "tt", "so tt"),
    },
    required={"unit": "unit (đơn vị)", "name": "name (họ tên)"},
    known_by=frozenset({"unit", "name"}),
    rows="người",
)
LONGEST = {"unit": 200, "name": 100}
ROLES = {
    "": "focal",
    **dict.fromkeys(("focal", "dau moi", "can bo dau moi"), "focal"),
    **dict.fromkeys(("head", "thu truong", "lanh dao", "lanh dao don vi", "thu truong don vi"), "head"),
    **dict.fromkeys(("tccb", "can bo tccb"), "tccb"),
    **dict.fromkeys(("evaluator", "tham dinh", "can bo tham dinh"), "evaluator"),
    **dict.fromkeys(("viewer", "xem", "chi xem"), "viewer"),
}
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")


@dataclass(frozen=True)
class Member:
    """Somebody whom the office expects, for one unit in one role."""

    unit: str
    role: str
    name: str
    phone: str = ""
    email: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Who it is: Văn Anh is not Vân Anh."""
        return self.unit, self.role, self.name.casefold()


def read(name: str, data: bytes, office: Office) -> tuple[Member, ...]:
    """The file's name tells csv from xlsx. Raises load.Faults with all that is wrong, in the order of the lines."""
    rows = listing.read(name, data, COLUMNS)
    listing.refuse(name, _faults(rows, office))
    return tuple(_member(cells, office) for _, cells in rows)


def is_name(text: str) -> bool:
    """Two words at least, without digits."""
    return len(text) <= LONGEST["name"] and len(text.split()) > 1 and not any(map(str.isdigit, text))


def _member(cells: Mapping[str, str], office: Office) -> Member:
    unit, role = _unit(cells, office), ROLES[bare(cells["role"])]
    email = cells["email"].casefold()
    return Member(unit, role, _name(cells), phone.plain(cells["phone"]), email)


def _name(cells: Mapping[str, str]) -> str:
    return " ".join(cells["name"].split())


def _unit(cells: Mapping[str, str], office: Office) -> str:
    """The unit's id, where it is beyond doubt."""
    typed = cells["unit"]
    if typed in office.by_id:
        return typed
    match = office.match(typed)
    return match.units[0].id if match.certain else ""


def _faults(rows: Sequence[Row], office: Office) -> Found:
    yield from listing.malformed(rows, COLUMNS, LONGEST)
    for line, cells in rows:
        yield from ((line, reason) for reason in _wrong(cells, office))
    yield from _same(rows, office)
    yield from _shared(rows, "phone", "số điện thoại", phone.plain)
    yield from _shared(rows, "email", "thư điện tử", str.casefold)


def _wrong(cells: Mapping[str, str], office: Office) -> Iterable[str]:
    if cells["unit"] and not _unit(cells, office):
        near = office.match(cells["unit"]).units[:3]
        hint = f"; có phải là {' hoặc '.join(f'{unit.id} ({unit.name})' for unit in near)}?" if near else ""
        yield f"không rõ đơn vị “{cells['unit']}”{hint}"
    if cells["name"] and len(cells["name"]) <= LONGEST["name"] and not is_name(cells["name"]):
        yield f"họ tên “{cells['name']}” phải gồm ít nhất hai chữ, không có số"
    if (number := cells["phone"]) and not phone.plain(number):
        yield f"số điện thoại “{number}” phải có 10 hoặc 11 chữ số"
    if bare(cells["role"]) not in ROLES:
        yield f"không có vai trò “{cells['role']}”; đề nghị ghi focal, head, tccb, evaluator hoặc viewer"
    if (email := cells["email"]) and (not EMAIL.fullmatch(email) or len(email) > 128):
        yield f"“{email}” không phải là địa chỉ thư điện tử"


def _same(rows: Iterable[Row], office: Office) -> Found:
    first: dict[tuple[str, str | None, str], int] = {}
    for line, cells in rows:
        role = ROLES.get(bare(cells["role"]))
        key = (_unit(cells, office), role, _name(cells).casefold())
        if all(key) and first.setdefault(key, line) != line:
            yield line, f"“{cells['name']}” của đơn vị này đã có ở dòng {first[key]}"


def _shared(rows: Iterable[Row], field: str, shown: str, form: Callable[[str], str]) -> Found:
    """One person may stand for several units; two people don't have the same number."""
    first: dict[str, tuple[int, str]] = {}
    for line, cells in rows:
        value, name = form(cells[field]), _name(cells).casefold()
        if value and first.setdefault(value, (line, name))[1] != name:
            yield line, f"{shown} “{cells[field]}” đã dùng ở dòng {first[value][0]} cho người khác"
