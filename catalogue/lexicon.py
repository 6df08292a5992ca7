"""The words, numbers, signs and dates of printed targets: text → tokens."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from catalogue import text

RATINGS = ("Kém", "Yếu", "Trung bình", "Khá", "Tốt", "Xuất sắc")
"""Labels in order, the worst first."""


@dataclass(frozen=True)
class Token:
    """`kind` is one of PHRASES' kinds, or number, share ("6/6"), when (a date), per ("/lượt"), each ("/quý"), word.

    Or garbled: "31/11/2025", "8O%".
    """

    kind: str
    text: str
    value: Any = None


@dataclass(frozen=True)
class When:
    """A printed day, month, quarter or year. Without a year, its days are text in the form "--06-30"."""

    unit: str
    first: date | str
    last: date | str


PHRASES: dict[tuple[str, Any], str] = {
    ("op", ">="): "tối thiểu|ít nhất|thấp nhất|không thấp hơn|không được thấp hơn|không dưới|không ít hơn|không nhỏ hơn"
    "|không kém hơn|lớn hơn hoặc bằng|cao hơn hoặc bằng|nhiều hơn hoặc bằng|bằng hoặc cao hơn|bằng hoặc lớn hơn"
    "|bằng hoặc trên|đạt và vượt|đạt hoặc vượt|đạt, vượt|min|minimum",
    ("op", ">"): "trên|hơn|lớn hơn|cao hơn|nhiều hơn|vượt|vượt trên|vượt mức",
    ("op", "<="): "tối đa|nhiều nhất|cao nhất|không quá|không vượt|không vượt quá|không lớn hơn|không cao hơn"
    "|không nhiều hơn|không hơn|không trên|chưa quá|nhỏ hơn hoặc bằng|thấp hơn hoặc bằng|ít hơn hoặc bằng"
    "|bằng hoặc thấp hơn|bằng hoặc nhỏ hơn|bằng hoặc dưới|max|maximum",
    ("op", "<"): "dưới|nhỏ hơn|thấp hơn|ít hơn|chưa đến|chưa tới",
    ("op", "="): "bằng|đúng bằng",
    ("from", None): "từ",
    ("to", None): "đến|tới",
    ("up", None): "trở lên",
    ("down", None): "trở xuống",
    ("about", None): "khoảng|xấp xỉ|gần|ước|ước đạt",
    ("percent", None): "phần trăm",
    ("before", None): "trước",
    ("by", None): "chậm nhất|muộn nhất|không muộn hơn|không chậm hơn|thời hạn|hạn|hạn cuối|xong",
    ("until", None): "đến khi|cho đến khi|cho tới khi",
    ("trend", "reduce"): "giảm|cắt giảm|giảm bớt|kéo giảm|bãi bỏ|rút ngắn|tiết giảm|đơn giản hóa",
    ("trend", "increase"): "tăng|tăng thêm|tăng trưởng|nâng|gia tăng",
    ("level", None): "xuống|xuống còn|còn|lên|lên tới|lên đến|lên mức|xuống mức",
    ("rank", None): "hạng|thứ hạng|xếp hạng|vị trí|xếp vị trí|xếp thứ|đứng thứ|thứ|thứ bậc|top|trong top|trong nhóm"
    "|thuộc nhóm|nằm trong nhóm",
    ("scale", None): "mức độ|cấp độ",
    ("stretch", None): "phấn đấu",
    ("fill", None): "đạt|đạt được|đạt mức|đạt tỷ lệ|đạt tỉ lệ|là|mức|tỷ lệ|tỉ lệ|có|được|phải|cần|thêm|bảo đảm|đảm bảo"
    "|duy trì|giữ|hoàn thành|thực hiện|loại|xếp loại|đánh giá|số lượng|các|những|bình quân|trung bình đạt|đạt loại",
    ("not", None): "không|chưa|nếu|khi|hoặc|trừ|sau|ngoại trừ|ngoài|gấp|gấp đôi|gấp rưỡi|gấp ba",
    ("word", None): "tăng cường|nâng cao|giảm nghèo|điểm phần trăm|điểm %|trung bình cộng|trước hạn|đúng hạn|quá hạn"
    "|khi cần|từ xa|trực tuyến|hạng mục|vị trí việc làm|còn lại|trên địa bàn|trên tổng số|trên môi trường mạng|tỷ đồng",
} | {("rating", label): label.casefold() for label in RATINGS}

SIGNS = {">=": ">=", "=>": ">=", "<=": "<=", "=<": "<=", ">": ">", "<": "<", "=": "="}
ODD_SIGNS = str.maketrans({"÷": "-", "≧": "≥", "≦": "≤", "İ": "I"})
PERIOD = r"(0?6 tháng|năm|quý|tháng|tuần|kỳ)"
NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?!\.?\d)(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}(?!\d)|\d+(?:[.,]\d+)?", re.ASCII)
LETTER_FOR_DIGIT = re.compile(r"\d[\d.,]*o(?!\w)", re.ASCII)
SHARE = re.compile(r"(\d+) ?/ ?(\d+)(?![\d/])", re.ASCII)
QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def clean(raw: str) -> str:
    """Plain signs, single spaces, no bullets and no final stop; letters as printed."""
    plain = text.shown(raw.translate(ODD_SIGNS)).replace("(%)", "%")
    return re.sub(r"([<>=]) ([<>=])", r"\1\2", plain).strip(" .-+*")


def tokens(clause: str) -> tuple[Token, ...]:
    """Of one line. A text typed without any marks is read by words without marks."""
    words = _Words.of(clause.isascii())
    return tuple(_scan(clause, words))


def number(printed: str) -> Fraction:
    """As Vietnamese prints it: 1.250 is 1250, 68,5 and 68.5 are 68½."""
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", printed):
        printed = printed.replace(".", "")
    if printed.count(",") > 1:
        printed = printed.replace(",", "")
    return Fraction(printed.replace(",", "."))


@dataclass(frozen=True)
class _Words:
    """The vocabulary as it is matched: with marks, or without where the whole text has none."""

    phrase: re.Pattern[str]
    kinds: dict[str, tuple[str, Any]]
    each: re.Pattern[str]
    dates: tuple[tuple[re.Pattern[str], Callable[..., When]], ...]

    @classmethod
    @cache
    def of(cls, bare: bool) -> "_Words":
        form = text.bare if bare else str.casefold
        kinds = {form(phrase): kind for kind, phrases in PHRASES.items() for phrase in phrases.split("|")}
        longest = sorted(kinds, key=len, reverse=True)
        return cls(
            re.compile(rf"(?:{'|'.join(map(re.escape, longest))})(?!\w)"),
            kinds,
            re.compile(form(rf"(?:/ ?|(?:trong |theo )?(?:mỗi|hằng|hàng|một) ){PERIOD}(?![\w])")),
            tuple((re.compile(form(pattern).replace(r"\d", "[0-9]")), build) for pattern, build in DATES.items()),
        )


def _scan(clause: str, words: _Words) -> Iterator[Token]:
    lower, start = clause.lower(), 0
    while start < len(lower):
        token, end = _next(lower, start, words)
        if token:
            yield replace(token, text=clause[start:end])
        start = end


def _next(line: str, at: int, words: _Words) -> tuple[Token | None, int]:
    """The token that begins here, and where the next one may."""
    for pattern, build in words.dates:
        if found := pattern.match(line, at):
            when = _real(build, found)
            return Token("when" if when else "garbled", found[0], when), found.end()
    if found := words.each.match(line, at):
        return Token("each", found[0], found[1]), found.end()
    if found := SHARE.match(line, at):
        return Token("share", found[0], (int(found[1]), int(found[2]))), found.end()
    if found := LETTER_FOR_DIGIT.match(line, at):
        return Token("garbled", found[0]), found.end()
    if found := NUMBER.match(line, at):
        return Token("number", found[0], number(found[0])), found.end()
    if found := words.phrase.match(line, at):
        return Token(words.kinds[found[0]][0], found[0], words.kinds[found[0]][1]), found.end()
    return _sign_or_word(line, at)


def _sign_or_word(line: str, at: int) -> tuple[Token | None, int]:
    if sign := next((sign for sign in SIGNS if line.startswith(sign, at)), None):
        return Token("op", sign, SIGNS[sign]), at + len(sign)
    if found := PER.match(line, at):
        return Token("per", found[0]), found.end()
    if found := WORD.match(line, at):
        return Token("word", found[0]), found.end()
    if mark := next((mark for mark in MARKS if line.startswith(mark, at)), None):
        return Token("about" if mark == "~" and not at else MARKS[mark], mark), at + len(mark)
    return None, at + 1


MARKS = {"->": "level", "%": "percent", "-": "to", "~": "to", ",": "comma", "*": "not", "±": "not"}
PER = re.compile(r"/ ?[^\W\d]\w*(?: (?!tr[ởo] )[^\W\d]\w*)?")
WORD = re.compile(r"[^\W\d_]\w*")


def day(year: int | None, month: int, day: int) -> date | str:
    """ValueError where there is no such day."""
    if max(month, day) > 31:
        raise ValueError("no such day")  # date() overflows where a number has many digits
    if year is None:
        return f"--{date(2023, month, day):%m-%d}"
    return date(year, month, day)


def _months(unit: str, year: str | None, first: int, last: int) -> When:
    known = int(year) if year else None
    return When(unit, day(known, first, 1), _last_day(known, last))


def _last_day(year: int | None, month: int) -> date | str:
    """Without its year that of a leap year: whichever day is the last of the month, in the year in question."""
    last = monthrange(year or 2024, month)[1]
    return date(year, month, last) if year else f"--{month:02}-{last}"


def _days(d: str, m: str, y: str | None = None) -> When:
    on = day(int(y) if y else None, int(m), int(d))
    return When("ngày", on, on)


def _quarter(which: str, year: str | None) -> When:
    last = 3 * (QUARTERS.get(which) or int(which))
    return _months("quý", year, last - 2, last)


def _real(build: Callable[..., When], found: re.Match[str]) -> When | None:
    try:
        return build(*found.groups())
    except ValueError:
        return None


YEAR = r"((?:19|20)\d\d)(?!\d)"
EARLIER = r"(?:(?:i|ii|iii)(?:, ?| và | ?- ?)(?=[iv])|[1-3](?:, ?| và | ?- ?)(?=[2-4](?!,? (?!năm|\d)\w)))?"
"""Of "quý I, II" the last counts; of "quý III, 2 lớp" there is but one."""
DATES: dict[str, Callable[..., When]] = {
    rf"(?:ngày )?(\d\d?)[/.-](\d\d?)[/.-]{YEAR}": _days,
    rf"{YEAR}-(\d\d)-(\d\d)(?!\d)": lambda y, m, d: _days(d, m, y),
    rf"ngày (\d\d?) ?tháng (\d\d?)(?:,? ?năm {YEAR})?": _days,
    r"ngày (\d\d?)[/-](\d\d?)(?![/\d])": _days,
    rf"tháng (\d\d?)(?: ?[/-] ?|,? năm | ){YEAR}": lambda m, y: _months("tháng", y, int(m), int(m)),
    r"tháng (\d\d?)(?!\d)": lambda m: _months("tháng", None, int(m), int(m)),
    rf"(\d\d?)/{YEAR}": lambda m, y: _months("tháng", y, int(m), int(m)),
    rf"quý {EARLIER}(iv|iii|ii|i|[1-4])(?![\w])(?:(?: ?[/-] ?|,? năm | ){YEAR})?": _quarter,
    rf"(?:6|sáu) tháng đầu năm(?: {YEAR})?": lambda y: _months("tháng", y, 1, 6),
    rf"(?:6|sáu) tháng cuối năm(?: {YEAR})?": lambda y: _months("tháng", y, 7, 12),
    rf"(?:giai đoạn |thời kỳ )?{YEAR} ?- ?{YEAR}": lambda first, last: When(
        "năm", date(int(first), 1, 1), date(int(last), 12, 31)
    ),
    rf"(?:(?:cuối|hết|trong) )*năm {YEAR}": lambda y: _months("năm", y, 1, 12),
    r"(?:cuối|hết|trong) năm(?! \d)(?: nay)?(?!\w)": lambda: _months("năm", None, 1, 12),
}
