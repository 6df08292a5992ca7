"""The grammar of printed targets: one amount with its comparison, a day, a rating, or several of these in one cell.

What does not fit is left to the evaluator: a number that may mean something else is never taken for the target.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile

from catalogue.lexicon import SIGNS, Token, When, clean, day, tokens
from catalogue.model import Direction, Target
from catalogue.text import bare

LONGEST = 2_000
DONE = {"có", "đạt", "hoàn thành", "đã hoàn thành", "thực hiện", "đã thực hiện", "ban hành", "đã ban hành", "đầy đủ"}
DONE |= {"thực hiện đầy đủ", "có ban hành", "có thực hiện", "hoàn thành đầy đủ", "yes"}
NOT_DONE = {"không", "không có", "không xảy ra", "không phát sinh"}
ONGOING = {"thường xuyên", "liên tục", "hằng năm", "hàng năm", "hằng quý", "hàng quý", "hằng tháng", "hàng tháng"}
ONGOING |= {"định kỳ", "theo quy định", "theo kế hoạch", "khi có yêu cầu", "khi phát sinh", "thường xuyên, liên tục"}
ONGOING |= {"24/7", "24/24h", "24/24 giờ"}
BAND = re.compile(r"điểm (\d+(?:,\d+)?) (?:khi|nếu)\b.*|.+(?::|được) ?(\d+(?:,\d+)?) điểm", re.IGNORECASE)
BASELINE = re.compile(r",?\s*\bso (?:với|cùng) ([^;,()]*)", re.IGNORECASE)
ASIDE = re.compile(r"\(([^()]*)\)")
NUMBERED = (
    "đề án",
    "nghị định",
    "nghị quyết",
    "quyết định",
    "chỉ thị",
    "thông tư",
    "văn bản số",
    "phụ lục",
    "giai đoạn",
)
"""What has a number for its name: "Đề án 06"."""
BEYOND_A_PLAN = re.compile(
    r"(?<!dat va )(?<!dat hoac )(?<!dat, )(?<!khong )\bvuot\b.*"
    r"\b(?:ke hoach|chi tieu|du toan|dinh muc|so voi|so cung)\b"
)
"""By so much, not to so much: 105 % of it, or 5 %?"""
ANOTHER = re.compile(r"[<>=≤≥ ]*[0-9][0-9.,]* ?%?")
"""An aside that is a number and nothing else: which of the two is the target?"""
TREND = "tăng|giảm|cải thiện|nâng|duy trì|không|nhỏ hơn|lớn hơn|dưới|trên|[<>]"
JOINT = re.compile(rf"\s*[;\n]\s*|,?\s+(?:và|đồng thời)\s+(?=(?:{TREND}))|,\s*(?=phấn đấu)", re.IGNORECASE)
PREFIX = {"op", "from", "about", "rank", "fill", "scale", "level", "each", "stretch"}
CLOSING = {
    "trong",
    "theo",
    "so",
    "với",
    "của",
    "tại",
    "cho",
    "đối",
    "vào",
    "và",
    "để",
    "thì",
    "do",
    "về",
    "sẽ",
    "ở",
    "kể",
}
CLOSING |= {"tính", "như", "mới", "đã", "xếp", "đều", "trong đó", "trước", "hoặc", "cả"}
SHORTER = {"thủ tục hành chính": "TTHC", "tthc": "TTHC", "dvctt": "DVCTT"}
PLACES = {"đông nam á", "asean", "thế giới", "châu á", "cả nước", "toàn quốc", "toàn cầu"}
YEAR = re.compile(r"(?:19|20)[0-9]{2}")
RANKS = {"thứ bậc", "hạng", "thứ hạng", "vị trí", "xếp hạng", "thứ tự"}
MEASURED = re.compile(
    r"%|.*/|(điểm|giây|phút|giờ|ngày|tuần|tháng|năm|nghìn|triệu|tỷ|tỉ|đồng|usd|đô la|ha|km|m2|m3|tấn|tạ|kg|mw|kwh)\b"
    r"|(bậc|mức|cấp|độ|lần)\b|(diem|giay|phut|gio|ngay|tuan|thang|nghin|trieu|ty|dong|bac|muc|cap|lan|h)\b",
    re.IGNORECASE,
)
DURATION = re.compile(r"(giây|phút|giờ|ngày|giay|phut|gio|ngay|h)\b", re.IGNORECASE)
OR = {"hoặc", "hoac"}
EARLY = {"trước hạn", "truoc han"}
DEADLINES = {"ngày", "tháng", "quý", "năm", "thời gian", "thời hạn"}
DIRECTIONS: dict[str, Direction] = {">=": "higher", ">": "higher", "<=": "lower", "<": "lower"}


@dataclass(frozen=True)
class Row:
    """What the appendix says around the target."""

    unit: str
    name: str


@dataclass(frozen=True)
class Quantity:
    """ "68,5 điểm", "6/6 chi cục": a number with what follows it, up to tokens[end]."""

    value: Fraction
    of: int | None  # 6 of 6, a rank among 63
    unit: str
    end: int


@dataclass(frozen=True)
class Amount:
    """A quantity or a range with the words of comparison around it: tokens[start:end]."""

    start: int
    end: int
    lead: tuple[Token, ...]
    low: Quantity
    high: Quantity | None = None
    open_high: bool = False
    closing: str = ""  # "up" (trở lên), "down" (trở xuống)

    def led_by(self, kind: str) -> list[Token]:
        return [token for token in self.lead if token.kind == kind]

    @property
    def unit(self) -> str:
        return (self.high and self.high.unit) or self.low.unit

    @property
    def of(self) -> int | None:
        return self.high.of if self.high else self.low.of

    @property
    def marked(self) -> bool:
        """Compared, ranged or in percent: it can't be a number inside a name."""
        return bool(self.led_by("op") or self.led_by("level") or self.closing or self.high or "%" in self.unit)


def read(raw: str, unit: str, name: str) -> Target:
    """Never raises; see catalogue.target.read."""
    row, printed = Row(unit.strip(), name), clean(raw[:LONGEST])
    found = _fixed(printed) or _bands(printed) or _cell(printed, row)
    return replace(found, raw=raw, unit=found.unit or row.unit) if found else _judged(raw, row.unit)


def _judged(raw: str, unit: str = "") -> Target:
    return Target(raw, "qualitative", "judged", unit=unit, direction="none")


def _fixed(printed: str) -> Target | None:
    """What has one word for it."""
    said = printed.casefold()
    if said in ONGOING:
        return Target("", "ongoing", "judged", direction="none")
    if said in DONE or said in NOT_DONE:
        return Target("", "boolean", "=", "true" if said in DONE else "false", direction="none")
    return None


def _bands(printed: str) -> Target | None:
    """A table of points: which points there are, not what they stand for."""
    found = [BAND.fullmatch(clause.strip()) for clause in re.split("[;\n]", printed)]
    if len(found) < 2 or not all(found):
        return None
    points = "/".join(band[1] or band[2] for band in found if band)
    return Target("", "banded_score", "judged", points, unit="điểm", direction="none")


def _cell(printed: str, row: Row) -> Target | None:
    """All the conditions of one cell."""
    clauses = [clause for clause in JOINT.split(printed) if clause]
    read = [(clause, _clause(clause, row)) for clause in clauses]
    if "điểm tối đa" in printed.casefold() and read and read[0][1]:
        return replace(read[0][1], kind="proportional_score", note="; ".join(clauses[1:]))
    if len(read) > 1:
        read, wished = _without_wishes(read)
        return _joint(read) if len(read) > 1 else _noted(read[0][1], wished)
    return read[0][1] if read else None


Read = tuple[str, Target | None]


def _without_wishes(read: Sequence[Read]) -> tuple[list[Read], str]:
    """ "Tối thiểu 80, phấn đấu 90": only the first binds."""
    binding = [read[0], *(pair for pair in read[1:] if not pair[0].casefold().startswith("phấn đấu"))]
    return binding, "; ".join(clause for clause, _ in read if clause not in [kept for kept, _ in binding])


def _noted(target: Target | None, note: str) -> Target | None:
    return replace(target, note="; ".join(filter(None, (target.note, note)))) if target else None


def _joint(read: Sequence[Read]) -> Target | None:
    """Conditions that must all hold. Those that speak of different things can't be held against one value."""
    known = [target for _, target in read if target and target.op != "judged"]
    if not known:
        return None
    first = known[0]
    if len(read) == 2 and len(known) == 2 and all(target.kind == "rank" for target in known):
        return replace(first, kind="composite_rank", value2=known[1].value)
    others = [clause for clause, target in read if target in known and _of_something(clause)]
    dated = [clause for clause, target in read if target in known and _of_a_time(clause)]
    others += dated if len(dated) > 1 else []  # "năm 2024: 80 %; năm 2025: 90 %"
    parts = tuple(
        _judged(clause) if clause in others else replace(target or _judged(clause), raw=clause)
        for clause, target in read
    )
    if sum(bool(target.note) for target in known) > 1:
        parts = tuple(_judged(clause) for clause, _ in read)
    return replace(first, kind="composite", parts=parts, note="")


def _of_something(clause: str) -> bool:
    """Whether words before the amount say whose it is: "trong đó trực tuyến 50 %", "cấp xã: 60 %"."""
    found = tokens(clause)
    amounts = _amounts(found)
    return bool(amounts) and any(token.kind == "word" for token in found[: amounts[0].start])


def _of_a_time(clause: str) -> bool:
    found = tokens(clause)
    return bool(_amounts(found)) and any(token.kind == "when" for token in found)


def _clause(clause: str, row: Row) -> Target | None:
    asides = ASIDE.findall(clause)
    compared = BASELINE.search(clause)
    found = _dated(tokens(BASELINE.sub("", ASIDE.sub(" ", clause))), row)
    if any(token.kind == "garbled" for token in found) or BEYOND_A_PLAN.search(bare(clause)):
        return None
    target = _due(found) or _amount(found, row) or _rating(found)
    if not target or any(ANOTHER.fullmatch(aside.strip()) for aside in asides):
        return None
    return replace(_noted(target, "; ".join(asides)) or target, baseline=compared[1].strip() if compared else "")


# Days.


def _dated(found: Sequence[Token], row: Row) -> list[Token]:
    """What only its place shows to be a date: "trước 30/6", "đến 2025", a year alone."""
    return [_as_when(found, at, row) or token for at, token in enumerate(found)]


def _as_when(found: Sequence[Token], at: int, row: Row) -> Token | None:
    token, before = found[at], found[at - 1].kind if at else ""
    cued = before in ("before", "by") or (
        before == "to" and (at < 2 or found[at - 2].kind not in ("number", "percent"))
    )
    timed = row.unit.casefold() in DEADLINES
    dated = timed or row.unit in ("", "%")
    if token.kind == "number" and dated and YEAR.fullmatch(token.text) and (cued or _stands_apart(found, at)):
        return Token("when", token.text, When("năm", *(day(int(token.value), *end) for end in ((1, 1), (12, 31)))))
    if token.kind == "share" and (cued or (timed and len(found) == 1) or token.value[0] > token.value[1]):
        return _day_month(token)
    return None


def _stands_apart(found: Sequence[Token], at: int) -> bool:
    """Neither compared nor counting anything: "2025", "2025 và các năm tiếp theo"."""
    after = found[at + 1] if at + 1 < len(found) else None
    if at and found[at - 1].kind in ("op", "to"):
        return False
    return not after or after.kind == "comma" or after.text.casefold() in CLOSING


def _day_month(token: Token) -> Token | None:
    try:
        on = day(None, token.value[1], token.value[0])
    except ValueError:
        return None
    return Token("when", token.text, When("ngày", on, on))


def _due(found: Sequence[Token]) -> Target | None:
    """ "Trước" leaves the day itself out; every other word for a day includes it."""
    if [token.kind for token in found[:2]] == ["number", "to"]:
        return None  # "80 đến 30/6": how much, and until when
    days = [at for at, token in enumerate(found) if token.kind == "when"]
    compared = any(token.kind == "not" or (token.kind == "op" and token.value != "<=") for token in found)
    amounts = _amounts(found)
    if not days or compared or any(amount.marked for amount in amounts):
        return None
    if not all(_in_a_name(found, amount) for amount in amounts):
        return _judged("")  # "02 văn bản trước 30/6": how many, and until when
    lead = [token.kind for token in found[: days[-1]] if token.kind not in ("fill", "word")]
    if lead[-1:] == ["from"]:
        return None  # since when, not until when
    when: When = found[days[-1]].value
    op, bound = ("<", when.first) if lead[-1:] == ["before"] else ("by", when.last)
    return Target("", "deadline", op, bound, unit=when.unit, direction="none", period=_period(found))


def _period(found: Sequence[Token]) -> str:
    return next((str(token.value) for token in found if token.kind == "each"), "")


# Ratings.


def _rating(found: Sequence[Token]) -> Target | None:
    """ "Xếp loại Tốt trở lên": one label, and nothing after it that changes its meaning."""
    labels = [at for at, token in enumerate(found) if token.kind == "rating"]
    if len(labels) != 1 or any(token.kind in ("not", "number", "share") for token in found):
        return None
    at = labels[0]
    rest = [token for token in found[at + 1 :] if token.text.casefold() not in ("nhiệm", "vụ")]
    said = at == 0 or found[at - 1].kind in ("fill", "from", "op")
    if any(token.kind not in ("up", "down") for token in rest) or not (said or rest):
        return None
    signs = [token.value for token in found[:at] if token.kind == "op"]
    op = signs[-1] if signs else "<=" if rest and rest[0].kind == "down" else ">="
    return Target("", "ordinal", op, found[at].value, unit="xếp loại", direction=DIRECTIONS.get(op, "none"))


# Amounts.


def _amounts(found: Sequence[Token]) -> list[Amount]:
    amounts: list[Amount] = []
    at = 0
    while at < len(found):
        if found[at].kind in ("number", "share"):
            amounts.append(_amount_at(found, at))
            at = amounts[-1].end
        else:
            at += 1
    return amounts


def _amount_at(found: Sequence[Token], at: int) -> Amount:
    start = at
    while start and found[start - 1].kind in PREFIX:
        start -= 1
    low = _quantity(found, at)
    high, open_high = _range_end(found, low.end)
    end = high.end if high else low.end
    closing = found[end].kind if end < len(found) and found[end].kind in ("up", "down") else ""
    return Amount(start, end + bool(closing), tuple(found[start:at]), low, high, open_high, closing)


def _range_end(found: Sequence[Token], at: int) -> tuple[Quantity | None, bool]:
    """What follows "đến" or a dash, and whether it is itself left out ("đến dưới 15")."""
    if at >= len(found) or found[at].kind != "to":
        return None, False
    end = at + 1
    while end < len(found) and found[end].kind in ("op", "about"):
        end += 1
    if end == len(found) or found[end].kind not in ("number", "share"):
        return None, False
    return _quantity(found, end), any(token.value == "<" for token in found[at:end])


def _quantity(found: Sequence[Token], at: int) -> Quantity:
    value, of = found[at].value if found[at].kind == "share" else (found[at].value, None)
    unit, end = _unit(found, at + 1)
    return Quantity(Fraction(value), of, unit, end)


def _unit(found: Sequence[Token], at: int) -> tuple[str, int]:
    """ "%", "%/năm", "phút/lượt", "đơn vị/quý"; of a long description only its first two syllables."""
    if at < len(found) and found[at].kind == "percent":
        noun, end = "%", at + 1
        if end < len(found) and found[end].text.casefold() in ("gdp", "grdp"):
            noun, end = f"% {found[end].text}", end + 1
    elif at < len(found) and found[at].text.casefold() in RANKS:
        noun, end = found[at].text, at + 1
    else:
        words = list(takewhile(lambda token: token.kind == "word" and token.text.casefold() not in CLOSING, found[at:]))
        end = at + len(words)
        noun = _noun([token.text for token in words])
    while end < len(found) and found[end].kind in ("each", "per"):
        noun, end = noun + "/" + (found[end].value or found[end].text.lstrip("/ ")), end + 1
    return noun, end


def _noun(words: list[str]) -> str:
    said = " ".join(words).removesuffix(" trực thuộc")
    if said.casefold() in PLACES:
        return said
    for noun, short in SHORTER.items():
        if said.casefold().startswith(noun):
            return short
    return said if len(words) <= 4 else " ".join(words[:2])


def _amount(found: Sequence[Token], row: Row) -> Target | None:
    """The amount of a clause; None when there is none, or when it can't be told which one is the target."""
    ceiling = next((at for at, token in enumerate(found) if token.kind == "until"), len(found))
    amounts = [amount for amount in _amounts(found[:ceiling]) if not _in_a_name(found, amount)]
    if any(amount.start and found[amount.start - 1].text.casefold() in OR for amount in amounts):
        return None
    limits = _amounts(found[ceiling:])
    if amount := _chosen(amounts):
        return _target(found[:ceiling], amount, row, limits[0].low.value if limits else None)
    marked = [amount for amount in amounts if amount.marked]
    first = _target(found, marked[0], row, None) if marked else None
    return replace(first, kind="composite", parts=(_judged(""),) * len(marked), note="") if first else None


def _in_a_name(found: Sequence[Token], amount: Amount) -> bool:
    """ "Đề án 06", "ngày 25 hằng tháng"; and a fraction of things, which is no count of them ("2/3 số đơn vị")."""
    if not amount.start:
        return _of_things(amount)
    before, noun = found[amount.start - 1], amount.unit.split("/")[0]
    if (before.kind == "before" or before.text.casefold() in EARLY) and not amount.marked:
        return True  # "trước 8h", "trước hạn 2 ngày"
    called = " ".join(token.text for token in found[: amount.start]).casefold()
    named = called.endswith(NUMBERED) or (before.kind in ("word", "by") and not noun)
    return (named and not amount.marked) or _of_things(amount)


def _of_things(amount: Amount) -> bool:
    return amount.of is not None and amount.unit.startswith(("số ", "tổng số"))


def _chosen(amounts: Sequence[Amount]) -> Amount | None:
    """The only one; else the only one that is compared; else the level that is to be reached ("từ 60 % lên 80 %")."""
    marked = [amount for amount in amounts if amount.marked]
    levels = [amount for amount in amounts if amount.led_by("level")]
    return next((group[0] for group in (amounts, marked, levels) if len(group) == 1), None)


def _target(found: Sequence[Token], amount: Amount, row: Row, limit: Fraction | None) -> Target | None:
    """`limit`: where an increase ends ("cho đến khi đạt 100 %")."""
    no_range = found[-1].kind == "to" or (amount.high is not None and amount.high.value <= amount.low.value)
    if no_range or any(token.kind == "not" for token in found[: amount.start]) or _maybe_a_day(found, amount):
        return None
    trend, ranked = _trend(found[: amount.start], row), _ranked(found, amount, row)
    if not ranked and (_is_a_share(amount, row) or (amount.unit.casefold() in RANKS and not trend)):
        return None  # "8 thứ bậc": the eighth place, or eight places up?
    each, tail = _period(found), found[amount.end :]
    unit = _rank_unit(amount, row) if ranked else _told(_own_unit(amount, each, limit), row.unit)
    op, value, value2 = _bounds(amount, _op(amount, trend, ranked, unit))
    kind = _kind(amount, trend, ranked, each, unit, tail)
    return Target(
        "",
        kind,
        op,
        value,
        limit if limit is not None else Fraction(amount.of) if kind == "count_of" and amount.of else value2,
        unit,
        open_low=op == "between" and any(token.value == ">" for token in amount.lead),
        open_high=op == "between" and amount.open_high,
        direction=DIRECTIONS.get(op, "none"),
        period=each,
        note=" ".join(token.text for token in tail).strip(" ,"),
    )


def _maybe_a_day(found: Sequence[Token], amount: Amount) -> bool:
    """ "10/12" alone is a day as much as ten of twelve."""
    bare = len(found) == 1 and amount.of is not None and amount.low.value != amount.of
    return bare and _day_month(found[0]) is not None


def _is_a_share(amount: Amount, row: Row) -> bool:
    """ "≥ 2/3", "80/90", "24/24": a share of nothing that is named; of a hundred it is a percentage."""
    of_things = amount.of in (None, 100) or amount.unit or row.unit not in ("", "%")
    return not of_things and (row.unit == "%" or amount.of != amount.low.value)


def _trend(before: Sequence[Token], row: Row) -> str:
    """ "reduce", "increase" or "": of the target's own words, else of the row's name, unless that names a share."""
    own = [token.value for token in before if token.kind == "trend"]
    if own or row.name.casefold().startswith(("tỷ lệ", "tỉ lệ")):
        return str(own[-1]) if own else ""
    return next((str(token.value) for token in tokens(clean(row.name[:LONGEST])) if token.kind == "trend"), "")


def _ranked(found: Sequence[Token], amount: Amount, row: Row) -> bool:
    places = amount.unit.casefold() in PLACES or row.unit.casefold() in RANKS
    return bool(amount.led_by("rank")) or (places and not any(token.kind == "trend" for token in found))


def _op(amount: Amount, trend: str, ranked: bool, unit: str) -> str:
    """A bare number is the least that is asked for; a bare rank, a bare duration and a bare zero are the most."""
    signs = amount.led_by("op")
    if amount.led_by("about") and not amount.high:
        return "judged"
    if signs:
        op = str(signs[-1].value)
        return _place(op, worded=signs[-1].text not in SIGNS) if ranked else op
    if amount.closing == "down":
        return "judged" if ranked else "<="
    if amount.closing:
        return "<=" if ranked else ">="
    falling = trend == "reduce" and amount.led_by("level")
    brief = not trend and DURATION.match(unit)
    return "<=" if ranked or falling or brief or amount.low.value == 0 else ">="


def _place(op: str, *, worded: bool) -> str:
    """ "Trên hạng 10" is a better place, "ít nhất hạng 10" at worst that one; "dưới hạng 10", "hạng ≥ 10": either."""
    either = op == "<" if worded else op in (">=", ">")
    return "judged" if either else {">=": "<=", ">": "<"}.get(op, op)


def _bounds(amount: Amount, op: str) -> tuple[str, Fraction, Fraction | None]:
    """ "Ít nhất 1 - 2" asks for 1, "không quá 2 - 3" for at most 3; "dưới 2 - 3" may be below either."""
    low, high = amount.low.value, amount.high
    if not high:
        return op, low, None
    if not amount.closing and not amount.led_by("op"):
        return "between", low, high.value
    match op:
        case ">=":
            return op, low, None
        case "<=":
            return op, high.value, None
        case "<" | "judged":
            return "judged", low, high.value
    return "between", low, high.value


def _own_unit(amount: Amount, each: str, limit: Fraction | None) -> str:
    """As the target's own words have it, "" where they have none."""
    scale = amount.led_by("scale")
    unit = amount.unit or (scale[0].text if scale else "")
    if each and unit and "/" not in unit:
        unit = f"{unit}/{each}"
    return f"điểm {unit}" if limit is not None and unit.startswith("%") else unit


def _told(own: str, column: str) -> str:
    """The fuller of the two; the column's where they differ, unless it says no more than "%"."""
    if not column or column in own:
        return own or column
    return own if own and own not in column and (column == "%" or own.startswith("%")) else column


def _rank_unit(amount: Amount, row: Row) -> str:
    own = f"/{amount.of}" if amount.of else "thứ bậc"
    return own if row.unit in ("", "%") else row.unit


def _kind(amount: Amount, trend: str, ranked: bool, each: str, unit: str, tail: Sequence[Token]) -> str:
    ranged = amount.high is not None
    if ranked:
        return "rank_range" if ranged else "rank"
    if amount.of and not MEASURED.match(unit):
        return "count_of"
    if any(token.text.casefold() == "xếp loại" for token in tail):
        return "banded_class"
    if trend and not amount.led_by("level"):
        return "reduce" if trend == "reduce" else "growth_range" if ranged else "increase"
    if ranged:
        return "growth_range" if unit.startswith("%/") else "range"
    if not unit or MEASURED.match(unit):
        return "numeric" if not each or unit.startswith("%") else "count_per_period"
    return "count_per_period" if each else "count"
