"""Which units a typed name may mean: by id, name, abbreviation, initials, words without marks, and near misses.

Every word typed has to be accounted for by the unit; what fits several units equally well gives them all. The words,
initials and places of an office are learnt from the names of its units; known beforehand are only the kinds of units,
the provinces, and what people write around a name.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

from catalogue import telex, text
from catalogue.unit import Unit

MOST_WORDS = 30
LONGEST_RUN = 60


def fold(word: str) -> str:
    """Small letters without marks, and i for y: "Kỹ" and "kĩ" are the same."""
    return text.bare(word).replace("y", "i")


@dataclass(frozen=True)
class Word:
    """One word, typed or of a name."""

    folded: str
    marked: str  # the same with its marks, wherever on the syllable they were put
    capital: bool = False

    @property
    def bare(self) -> bool:
        """Typed without marks: says nothing about which marks were meant."""
        return self.marked == self.folded

    @property
    def initial(self) -> str:
        """Its first letter; "II" and "10" are abbreviated no further."""
        return self.marked if re.fullmatch(r"\d+|[ivx]+", self.marked) else self.folded[0]

    def means(self, other: "Word") -> bool:
        return self.folded == other.folded and (self.bare or self.marked == other.marked)


def words(said: str) -> tuple[Word, ...]:
    found = re.findall(r"[^\W_]+", text.shown(said))
    return tuple(Word(fold(word), _marked(word), word[0].isupper()) for word in found)


def _marked(word: str) -> str:
    """Letters without tones, then the tones: "thuỷ" and "thủy" are the same, "thuy" is not."""
    decomposed = unicodedata.normalize("NFD", word.lower()).replace("y", "i")
    tones = [mark for mark in decomposed if mark in "\u0300\u0301\u0303\u0309\u0323"]
    return "".join(letter for letter in decomposed if letter not in tones) + "".join(sorted(tones))


def _phrases(*phrases: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(map(fold, phrase.split())) for phrase in phrases)


def _words(phrase: str) -> frozenset[str]:
    return frozenset(map(fold, phrase.split()))


TYPES = {  # how the kind of a unit is written, in full and in short
    "chi cục": "cc",
    "hạt": "",
    "trạm": "",
    "trung tâm": "tt",
    "phòng": "",
    "văn phòng": "vp",
    "thanh tra": "ttr",
    "đội": "",
    "ban": "bql",
    "quỹ": "",
    "viện": "",
    "vườn": "vqg",
    "công ty": "cty",
}
KINDS = {tuple(map(fold, long.split())): long for long in TYPES}
KINDS |= {(fold(short),): long for long, short in TYPES.items() if short}
CONNECTORS = _words("và của các thuộc")
LEVELS = words("huyện thành phố tp thị xã tx phường quận khu vực kv h q")
DISTRICT = _phrases("huyện", "thành phố", "thị xã", "thị trấn", "xã", "phường", "quận", "khu vực", "liên huyện")
NOISE = [
    *("em", "tôi", "chúng tôi", "ở", "tại", "là", "ạ", "dạ", "thuộc", "trực thuộc", "trực", "của", "đơn vị", "cơ quan"),
    *("các", "kính gửi", "báo cáo", "bên", "nhé", "đồng chí", "anh chị", "tất cả", "toàn bộ", "mọi", "cho", "gửi"),
]
AROUND = {tuple(word.folded for word in phrase): phrase for phrase in map(words, NOISE)}
DEPARTMENT, PROVINCE, BELONGING = words("sở tỉnh thuộc")
ALL = _words("tất toàn mọi")
EVERYBODY = _phrases("toàn sở", "cả sở", "toàn bộ sở", "toàn ngành", "nông nghiệp", "nông nghiệp môi trường")
EVERYBODY |= _phrases("nông nghiệp phát triển nông thôn", "nông nghiệp ptnt")
EVERYBODY |= _phrases("nn ptnt", "nn mt", "nnptnt", "nnmt", "snn", "snn ptnt", "snn mt", "snnptnt", "snnmt")
SOUNDS = ((r"^x", "s"), (r"^(gi|r|z)", "d"), (r"^tr", "ch"), (r"^[kq]", "c"), (r"^n(?![gh])", "l"))
PROVINCES = _phrases(
    *("An Giang", "Bà Rịa Vũng Tàu", "Bắc Giang", "Bắc Kạn", "Bạc Liêu", "Bắc Ninh", "Bến Tre", "Bình Định"),
    *("Bình Dương", "Bình Phước", "Bình Thuận", "Cà Mau", "Cần Thơ", "Cao Bằng", "Đà Nẵng", "Đắk Lắk", "Đắk Nông"),
    *("Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam", "Hà Nội", "Hà Tĩnh", "Hải Dương"),
    *("Hải Phòng", "Hậu Giang", "Hòa Bình", "Hồ Chí Minh", "Huế", "Hưng Yên", "Khánh Hòa", "Kiên Giang", "Kon Tum"),
    *("Lai Châu", "Lâm Đồng", "Lạng Sơn", "Lào Cai", "Long An", "Nam Định", "Nghệ An", "Ninh Bình", "Ninh Thuận"),
    *("Phú Thọ", "Phú Yên", "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Quảng Ninh", "Quảng Trị", "Sóc Trăng"),
    *("Sơn La", "Tây Ninh", "Thái Bình", "Thái Nguyên", "Thanh Hóa", "Thừa Thiên Huế", "Tiền Giang", "Trà Vinh"),
    *("Tuyên Quang", "Vĩnh Long", "Vĩnh Phúc", "Yên Bái"),
)


@dataclass(frozen=True)
class Match:
    """`certain` only for one unit that was named beyond doubt; one uncertain unit is to be confirmed, several to be
    offered as a list. `whole_department`: not a unit was named but the department that all of them are part of."""

    units: tuple[Unit, ...] = ()
    certain: bool = False
    whole_department: bool = False


class Form:
    """One way to write a unit: what can stand for which of its words, as bits of their positions."""

    def __init__(self, name: str, official: bool, initials: bool = False) -> None:
        self.words = words(name)
        self.folded = tuple(word.folded for word in self.words)
        self.official = official
        self.levels = {n for n, word in enumerate(self.words) if any(word.marked == level.marked for level in LEVELS)}
        self.means: dict[str, int] = defaultdict(int)
        for position, word in enumerate(self.words):
            if word.folded not in CONNECTORS:
                self.means[word.folded] |= 1 << position
        self.spelt = dict(self.means)  # without initials
        needed = [n for n, word in enumerate(self.folded) if word not in CONNECTORS and n not in self.levels]
        kind = _kind(self.words)
        self.needed = sum(1 << n for n in needed)
        self.head = sum(1 << n for n in needed[: len(kind) + 1])
        self.kind = (1 << len(kind)) - 1
        if len(kind) < len(needed):
            for other in _spellings(kind):
                for said in other:
                    self.means[said] |= self.kind
        if initials:
            self._abbreviate()

    def _abbreviate(self) -> None:
        everything = range(len(self.words))
        joined = [n for n in everything if self.folded[n] not in CONNECTORS]
        short = [n for n in joined if n not in self.levels]
        for positions in ([*everything], joined, short):
            for start in range(len(positions)):
                for stop in range(start + 1, len(positions) + 1):
                    taken = positions[start:stop]
                    if len(taken) > 2 or self._belong_together(taken):
                        letters = "".join(self.words[n].initial for n in taken)
                        self.means[letters] |= sum(1 << n for n in taken)

    def _belong_together(self, positions: Sequence[int]) -> bool:
        """One or two initials are too little to go by, except of words of one phrase: "Kiểm lâm", not "Quỹ Bảo"."""
        first = self.words[positions[0]]
        if positions[0] == 0 and (first.folded,) in KINDS:
            return len(positions) == 1
        return first.capital or self.levels.issuperset(positions)

    def shortened(self, typed: str, taken: int) -> int:
        """The words, none of them taken yet, whose initials are the letters typed; as many may be left out as named."""
        free = [n for n in range(len(self.words)) if not taken >> n & 1 and self.folded[n] not in CONNECTORS]
        for start in range(len(free)):
            within = free[start : start + 2 * len(typed)]
            positions: list[int] = []
            for n in within:
                if len(positions) < len(typed) and self.folded[n][0] == typed[len(positions)]:
                    positions.append(n)
            if len(positions) == len(typed) and positions[0] == within[0]:
                return sum(1 << n for n in positions)
        return 0

    def covered(self, typed: Iterable[str]) -> int:
        return _union(self.means.get(word, 0) for word in typed)

    def tells_each(self, typed: Sequence[str]) -> bool:
        """Whether each word says something that the others don't, and a level is whole: "HKL Văn Lâm" is not the
        "Hạt Kiểm lâm" of "Đồng Văn", nor "Giang Thành" the "thành phố Hà Giang"."""
        level = sum(1 << n for n in self.levels)
        for word in {*typed}:
            mask = self.covered([word])
            own = mask & ~self.covered(other for other in typed if other != word and len(other) > 1)
            if mask & ~self.kind and own.bit_count() < typed.count(word):
                return False
        return not self.covered(typed) & level or not level & ~self.covered(typed)


class Names:
    """The names of one office's units, indexed once."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = tuple(units)
        self.ids = {unit.id for unit in units}
        self.above = {tuple(map(fold, re.findall(r"[^\W_]+", unit.parent))) for unit in units if not self._within(unit)}
        self.forms = [
            (Form(unit.name, True, initials=True), Form(unit.id, True), *(Form(a, False) for a in unit.abbreviations))
            for unit in units
        ]
        self.marked = [_marks(forms) for forms in self.forms]
        self.index: dict[str, set[int]] = defaultdict(set)
        self.exact: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for number, forms in enumerate(self.forms):
            for form in forms:
                self.exact[form.folded].add(number)
                for word in form.means:
                    self.index[word].add(number)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words that unit names are made of; what stands in abbreviations only is not among them."""
        return frozenset(word for name, *_ in self.forms for word in name.spelt)

    @cached_property
    def correctable(self) -> frozenset[str]:
        return self.vocabulary | {
            word for forms in self.forms for form in forms for word in form.spelt if len(word) > 3
        }

    @cached_property
    def top(self) -> set[int]:
        """The units of the department itself, that serve the whole province."""
        return {number for number, unit in enumerate(self.units) if not self._within(unit)}

    @cached_property
    def provinces(self) -> set[tuple[str, ...]]:
        """Names of provinces that aren't also one of the office's own districts; a city often lends its province its
        name."""
        local: set[tuple[str, ...]] = set()
        cities: set[tuple[str, ...]] = set()
        for name, *_ in self.forms:
            for level in DISTRICT:
                if place := _after(name.folded, level):
                    (cities if level == ("thanh", "pho") else local).add(place)
            if place := _after(name.folded, (PROVINCE.folded,)):
                cities.add(place)
        return (set(PROVINCES) - local) | cities | {("".join(word[0] for word in place),) for place in cities}

    def _within(self, unit: Unit) -> bool:
        return unit.parent in self.ids

    def match(self, said: str) -> Match:
        typed = words(said)
        if not typed or len(typed) > MOST_WORDS:
            return Match()
        folded = tuple(word.folded for word in typed)
        if self._everybody(typed, folded):
            return Match(whole_department=True)
        found = self._read(typed)
        if not found and (decoded := tuple(map(self._decoded, typed))) != typed:
            found = self._read(decoded)
        return found or Match()

    def _read(self, typed: Sequence[Word]) -> Match | None:
        attempts = (self._plainly, self._without_surroundings, self._loosely, self._nearly)
        return next(filter(None, (attempt(typed) for attempt in attempts)), None)

    def _decoded(self, word: Word) -> Word:
        """What the word would have become, had the input tool been on: "ddoongf" is "đồng"."""
        meant = telex.decoded(word.folded)
        return words(meant)[0] if meant and fold(meant) in self.index else word

    def _everybody(self, typed: Sequence[Word], folded: tuple[str, ...]) -> bool:
        if folded in self.exact:
            return False
        if tuple(word for word in folded if word not in CONNECTORS) in EVERYBODY or folded in self.above:
            return True
        if ALL & {*folded} and not _strip(typed):
            return True
        return typed[0].means(DEPARTMENT) and not any(form[:1] == (DEPARTMENT.folded,) for form in self.exact)

    # From the most to the least literal reading.

    def _plainly(self, typed: Sequence[Word]) -> Match | None:
        """As it stands, or with the words around it left out, or with the province's name left out."""
        without = _strip(typed)
        for attempt in dict.fromkeys((tuple(typed), without)):
            pieces = self._pieces(attempt)
            if same := self.exact.get(tuple(word.folded for word in pieces)):
                return self._answer(same, pieces)
            found = self._all_of(pieces) | self._provincial(pieces)
            if found and (match := self._choose(found, pieces)):
                return match
        return None

    def _without_surroundings(self, typed: Sequence[Word]) -> Match | None:
        """ "Phòng … Sở …", "Chi cục … tỉnh …", "Hạt … thuộc …": what follows says what the unit belongs to."""
        for end in (n for n in range(1, len(typed)) if any(map(typed[n].means, (DEPARTMENT, PROVINCE, BELONGING)))):
            if not typed[end].means(BELONGING) and (match := self._plainly(typed[: end + 1])):
                return match
            pieces = self._pieces(_strip(typed[:end]))
            found = self._all_of(pieces)
            found = found & self.top or (found if end + 1 < len(typed) else set())
            if found and (match := self._choose(found, pieces)):
                return match
        return None

    def _loosely(self, typed: Sequence[Word]) -> Match | None:
        """With another level or another kind of unit than on paper, or with the province behind it: to be confirmed."""
        pieces = self._pieces(_strip(typed))
        level = tuple(word for word in pieces if not any(map(word.means, LEVELS)))
        kind = _kind(pieces)
        for attempt in (level, pieces[len(kind) :], level[len(kind) :], *self._before_the_province(pieces)):
            found = self._all_of(attempt) | self._provincial(attempt)
            if found and (match := self._choose(found, attempt)):
                return Match(match.units)
        return None

    def _nearly(self, typed: Sequence[Word]) -> Match | None:
        """With a slip of the finger: unknown words first, then one of the known ones."""
        pieces = self._pieces(_strip(typed))
        strange = {word.folded for word in pieces if word.folded not in self.index}
        attempts = [strange] if strange else [{word.folded} for word in pieces if len(word.folded) > 1]
        found = {number for doubtful in attempts for number in self._with_slips(pieces, doubtful)}
        return Match(tuple(self.units[n] for n in sorted(found))) if found else None

    # The parts of those readings.

    def _pieces(self, typed: Sequence[Word]) -> tuple[Word, ...]:
        """Words run together are taken apart, and single letters put together, where that gives known words."""
        pieces: list[Word] = []
        for word in _gather(typed, lambda letters: letters in self.index):
            parts = self._split(word.folded) if word.folded not in self.index else None
            pieces += [Word(part, part) for part in parts] if parts else [word]
        return tuple(word for word in pieces if word.folded not in CONNECTORS)

    def _split(self, run: str) -> list[str] | None:
        """The fewest known pieces that make up the run, none twice."""
        if len(run) > LONGEST_RUN:
            return None
        best: list[list[str] | None] = [[]] + [None] * len(run)
        for end in range(2, len(run) + 1):
            for start in range(end - 1):
                piece, before = run[start:end], best[start]
                if before is not None and piece in self.index and piece not in before:
                    best[end] = min(best[end] or [*before, piece, ""], [*before, piece], key=len)
        whole = best[-1]
        return whole if whole and max(map(len, whole)) > 2 else None

    def _all_of(self, pieces: Sequence[Word]) -> set[int]:
        """The units that account for every word."""
        if not any(len(word.folded) > 1 for word in pieces):
            return set()
        known = [self.index.get(word.folded, set()) for word in pieces]
        return set.intersection(*known)

    def _provincial(self, pieces: Sequence[Word]) -> set[int]:
        return set().union(*(self._all_of(before) & self.top for before in self._before_the_province(pieces)))

    def _before_the_province(self, pieces: Sequence[Word]) -> Iterator[Sequence[Word]]:
        folded = tuple(word.folded for word in pieces)
        yield from (pieces[:n] for n in range(1, len(folded)) if folded[n:] in self.provinces)

    def _choose(self, found: set[int], pieces: Sequence[Word]) -> Match | None:
        """Of several that fit: those named in full, those whose marks agree, those of the kind that was said."""
        wrong = {number: self._with_other_marks(number, pieces) for number in found}
        if min(map(len, wrong.values())) == len({word.folded for word in pieces}):
            return None
        tests: tuple[Callable[[int], bool], ...] = (
            lambda number: self._in_full(number, pieces),
            lambda number: not wrong[number],
            lambda number: _kind(self.forms[number][0].words) in _spellings(_kind(pieces)),
        )
        for test in tests:
            found = set(filter(test, found)) or found
        return self._answer(found | self._misread([wrong[number] for number in found], pieces), pieces)

    def _misread(self, wrong: Sequence[set[str]], pieces: Sequence[Word]) -> set[int]:
        """A word whose marks fit none of the units may be a slip for another: "Mèo Vạt" is hardly "thực vật"."""
        doubtful = set.intersection(*wrong)
        return self._with_slips(pieces, doubtful) if doubtful else set()

    def _answer(self, found: Iterable[int], pieces: Sequence[Word]) -> Match:
        numbers = sorted(found)
        certain = len(numbers) == 1 and self._beyond_doubt(numbers[0], pieces)
        return Match(tuple(self.units[number] for number in numbers), certain)

    def _in_full(self, number: int, pieces: Sequence[Word]) -> bool:
        typed = [word.folded for word in pieces]
        return any(form.needed and not form.needed & ~form.covered(typed) for form in self.forms[number])

    def _beyond_doubt(self, number: int, pieces: Sequence[Word]) -> bool:
        """The beginning of a name was given. A branch of work alone ("khuyến nông") is no name."""
        typed = [word.folded for word in pieces]
        begun = (
            form.head and not form.head & ~form.covered(typed) and self._named(form) for form in self.forms[number]
        )
        return any(begun) and self.forms[number][0].tells_each(typed) and not self._with_other_marks(number, pieces)

    def _named(self, form: Form) -> bool:
        return form.official or bool(_kind(form.words)) or any(word not in self.vocabulary for word in form.folded)

    def _with_other_marks(self, number: int, pieces: Sequence[Word]) -> set[str]:
        """The words that were typed with marks, but not with those that the unit writes."""
        marked = self.marked[number]
        wrong = (word for word in pieces if not word.bare and word.folded in marked)
        return {word.folded for word in wrong if not {word.marked, word.marked.replace("đ", "d")} & marked[word.folded]}

    def _with_slips(self, pieces: Sequence[Word], doubtful: set[str]) -> set[int]:
        """The units that account for all but the doubtful words, and nearly for those, by words beside the others."""
        sure = [word for word in pieces if word.folded not in doubtful]
        if not sure and max(map(len, doubtful)) < 6:
            return set()
        candidates = self._all_of(sure) if sure else set(range(len(self.units)))
        near = {word: self._near(word) for word in doubtful}
        return {number for number in candidates if self._accounts(number, sure, near)}

    def _accounts(self, number: int, sure: Sequence[Word], near: dict[str, frozenset[str]]) -> bool:
        for form in self.forms[number]:
            taken = form.covered(word.folded for word in sure)
            beside = ~taken & (taken << 1 | taken >> 1) if taken else -1
            spelt = {typed: _union(form.spelt.get(word, 0) for word in words) for typed, words in near.items()}
            if all((mask | form.shortened(typed, taken)) & beside for typed, mask in spelt.items()):
                return True
        return False

    def _near(self, typed: str) -> frozenset[str]:
        slips = 2 if len(typed) > 6 else int(len(typed) > 2)
        return frozenset(word for word in self.correctable if _alike(typed, word, slips))


@lru_cache(maxsize=16)
def names(units: tuple[Unit, ...]) -> Names:
    return Names(units)


def _marks(forms: Iterable[Form]) -> dict[str, set[str]]:
    marked: dict[str, set[str]] = defaultdict(set)
    for word in (word for form in forms for word in form.words):
        marked[word.folded].add(word.marked)
    return dict(marked)


def _alike(typed: str, word: str, slips: int) -> bool:
    if typed == word:
        return False
    if len(typed) > 1 and _sound(typed) == _sound(word):
        return True
    return typed[0] == word[0] and OSA.distance(typed, word, score_cutoff=slips) <= slips


def _sound(word: str) -> str:
    """The word by ear: s and x, d, gi and r, ch and tr, l and n are often confused at its beginning."""
    for written, heard in SOUNDS:
        word = re.sub(written, heard, word)
    return word


def _kind(typed: Sequence[Word]) -> tuple[str, ...]:
    """The words at the beginning that say what kind of unit it is, if any."""
    return next((head for n in (2, 1) if (head := tuple(word.folded for word in typed[:n])) in KINDS), ())


def _spellings(kind: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {other for other, meaning in KINDS.items() if kind and meaning == KINDS[kind]}


def _strip(typed: Sequence[Word]) -> tuple[Word, ...]:
    kept: list[Word] = []
    position = 0
    while position < len(typed):
        skip = next((n for n in (2, 1) if _around(typed[position : position + n])), 0)
        kept += () if skip else typed[position : position + 1]
        position += skip or 1
    return tuple(kept)


def _around(typed: Sequence[Word]) -> bool:
    """Whether people write this around a name. Marks count: "mọi" is, the "môi" of an environment is not."""
    meant = AROUND.get(tuple(word.folded for word in typed))
    return meant is not None and all(map(Word.means, typed, meant))


def _gather(typed: Sequence[Word], known: Callable[[str], bool]) -> Iterator[Word]:
    """ "H.K.L" and "h k l" are "hkl"."""
    position = 0
    while position < len(typed):
        end = position
        while end < len(typed) and len(typed[end].folded) == 1:
            end += 1
        letters = "".join(word.folded for word in typed[position:end])
        if known(letters):
            yield Word(letters, letters)
            position = end
        else:
            yield typed[position]
            position += 1


def _after(folded: tuple[str, ...], level: tuple[str, ...]) -> tuple[str, ...]:
    for start in range(len(folded) - len(level)):
        if folded[start : start + len(level)] == level:
            return folded[start + len(level) :]
    return ()


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
