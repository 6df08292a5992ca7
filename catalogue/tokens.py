"""A message cut into terms, each with the letter of the part it plays, so that a grammar can match the whole.

Besides the letters of the vocabulary: `#` a number, `d` a date, `h` a time of day, `V` a document's number, `U` the
name of a unit, `n` an unknown word with a capital, `s` scientific notation, `*` any other unknown word,
`!` a character that has no business in an answer; punctuation stands for itself.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

from catalogue import telex
from catalogue.spelling import Speller
from catalogue.text import bare
from catalogue.vocabulary import BEFORE_A_PERSON, ENDS_A_NAME, LONGEST_PART, PARTS, SHORTHAND, WORDS

SINCE = r"(?:(?:tinh\ )?(?:den|toi|tu)\ )?(?:het\ )?"
DAY, MONTH, YEAR = r"(?:[12][0-9]|3[01]|0?[1-9])", r"(?:1[0-2]|0?[1-9])", r"20[0-9][0-9]"
NO_MORE = r"(?![0-9a-z]|[/.,:][0-9])"
DATES = rf"""
    {SINCE}(?:(?:ngay|hom)\ )?{DAY}(?P<parted>[/.-]){MONTH}(?P=parted)(?:20)?[0-9][0-9]{NO_MORE}
    | {YEAR}[/.-]{MONTH}[/.-]{DAY}{NO_MORE}
    | (?:{SINCE}(?:ngay|hom|mung)|(?:tinh\ )?(?:den|toi))\ {DAY}
      (?:[/.-]{MONTH}|\ thang\ {MONTH}(?:\ nam\ {YEAR})?){NO_MORE}
    | {SINCE}ngay\ {DAY}{NO_MORE}
    | {SINCE}thang\ {MONTH}(?:[/.-]{YEAR}|\ nam\ {YEAR})?{NO_MORE}
    | {SINCE}quy\ (?:[1-4]|i{{1,3}}|iv)(?:[/.-]{YEAR}|(?:\ nam)?\ {YEAR})?{NO_MORE}
    | {SINCE}nam\ {YEAR}{NO_MORE}
    | {MONTH}\ thang(?:\ (?:dau|cuoi)\ nam)?(?:\ nam)?(?:\ {YEAR})?{NO_MORE}
    | t{MONTH}(?:[/.-]{YEAR})?{NO_MORE} | q[1-4](?:[/.-]{YEAR})?{NO_MORE}
    | (?:tuan|dot)\ [0-9]{{1,2}}{NO_MORE}
"""
TIMES = rf"(?:luc\ )?(?:2[0-3]|1[0-9]|0?[0-9])\ ?(?:h|gio)(?:\ ?[0-5][0-9])?(?:\ ?(?:p|phut))?{NO_MORE}"
DOCUMENTS = r"""
    (?:bao\ cao|quyet\ dinh|thong\ bao|van\ ban|to\ trinh|bien\ ban|cong\ van|bc|qd|tb|vb|cv|ttr)\ so
    \ [0-9]{1,5}(?:/[0-9]{1,4})?(?![0-9]|[.,%][0-9]|\ ?%)(?:/[a-z][0-9a-z/&-]*)?
    | (?:so\ )?[0-9]{1,5}(?:/20[0-9][0-9])?
    \ ?/\ ?(?:qd|tb|bc|cv|nd|nq|kh|tt|ttr|ubnd|snn|tccb|hd|sn|ct|gm|vp)(?![a-z])[0-9a-z/&-]*
"""
TOKEN = re.compile(
    rf"""
    (?<![0-9a-z.,/])(?: (?P<date>{DATES}) | (?P<time>{TIMES}) | (?P<document>{DOCUMENTS}) )
    | (?P<area>\b(?:khu\ vuc|kv)\ (?:[0-9]{{1,2}}|[ivx]{{1,4}})(?![0-9a-z%/.,]))
    | (?P<form>\btu(?:\ so)?\ ?/\ ?mau(?:\ so)?\b | \./\.)
    | (?P<number>(?:(?<![^ (:=])[.,])?[0-9]+(?:[.,][0-9]+)*)(?P<tail>[a-z][0-9a-z]*)?
    | (?P<word>[a-z](?:[./][a-z])+(?![0-9a-z]) | [a-z]+(?![0-9a-z]) | (?<=\))x(?=[0-9]))
    | (?P<mixed>[a-z][0-9a-z]*)
    | (?P<sign>(?<=[0-9])\(%\)|(?<=[0-9]\ )\(%\)|[^ ])
    """,
    re.VERBOSE,
)
PIECES = re.compile(r"[.,]?[0-9]+(?:[.,][0-9]+)*|[a-z]+")
JOINED = str.maketrans("", "", "./")
LIKE_DIGITS = str.maketrans("oil", "011")
LOOKALIKE = re.compile(r"[0-9oil]*[oil][0-9oil]*(?:[.,][0-9oil]+)?")
SCIENTIFIC = re.compile(r"[0-9.,]+e[0-9]*")
MONEY_TAILS = frozenset({"k", "d", "tr", "vnd", "ty", "trieu", "nghin", "ngan", "dong"})

SIGNS = {
    "\n": ",",
    "[": "(",
    "{": "(",
    "]": ")",
    "}": ")",
    "\\": "/",
    "<": ">",
    ">": ">",
    '"': "",
    "'": "",
    "`": "",
    "!": "",
    "@": "",
    "^": "",
    "$": "$",
    "?": "?",
    "=": "e",
    "≈": "~",
}
SIGNS |= {sign: sign for sign in "/:%,;.()-+~|_"}
SIGNS["*"] = "m"
SIGNS |= dict.fromkeys("❌✖✗✘🚫⛔👎🙅🤷🤔⚠", "*")  # pictures that speak: of a refusal, of a doubt
SIGNS |= dict.fromkeys("⬆⬇↑↓↗↘🔺🔻🔼🔽📈📉", "F")  # and of a change

SPELLER = Speller(WORDS)
LONG_ENOUGH = 7
"""A phrase of more letters, so of several syllables, is known even with a wrong mark: "phằn trăm"."""

PICTURES = range(0x2300, 0x110000)
SILENT = frozenset(("u", "*", "n", ""))
LONGEST_NAME = 5
DANGEROUS = frozenset("NCLo~>&FfYZEKWGPw")
"""Parts that turn a figure into another one: a name with such a word in it must have two that can be nothing else."""


class Term(NamedTuple):
    letter: str
    text: str  # without marks
    start: int
    end: int


BREAKS = frozenset(",.;()")
"""Signs that part clauses."""


@dataclass(frozen=True)
class Figure:
    """A number with the signs that belong to it, in order."""

    kind: str  # ratio, percent, number, times, pause, odd
    terms: tuple[Term, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple([term.text for term in self.terms if term.letter == "#"])


class Word(NamedTuple):
    text: str  # without marks
    marked: str
    start: int
    end: int
    mended: bool = False


@dataclass(frozen=True)
class Message:
    """One message in terms. Positions are those of `shown`, whose letters keep case and marks."""

    shown: str
    bare: str
    terms: tuple[Term, ...]
    shape: str  # the letters of the terms
    misspelt: bool = False  # a word that matters was mended
    lookalike: bool = False  # a letter stands where a digit should
    unit: str | None = None  # the name of a unit, as typed


def cut(text: str) -> Message:
    """`text` as shown() leaves it."""
    return _Cutter(text).message()


@lru_cache(maxsize=4096)
def cut_words(text: str) -> Message:
    """The same for a message without digits: people say the same few things."""
    return cut(text)


class _Cutter:
    def __init__(self, text: str) -> None:
        self.shown = text
        self.bare = bare(text).replace("&", " ")
        self.lower = self.bare if text.isascii() else text.lower()
        self.loud = text.isupper()
        self.terms: list[Term] = []
        self.words: list[Word] = []  # a run of words, not yet looked up
        self.misspelt = self.lookalike = False
        self.unit: tuple[int, int] | None = None

    def message(self) -> Message:
        for found in TOKEN.finditer(self.bare):
            kind = found.lastgroup
            if kind == "word" or (kind == "mixed" and not LOOKALIKE.fullmatch(found[0])):
                self._word(found[0], *found.span())
                continue
            self._look_up()
            if kind == "sign":
                self._sign(found[0], found.start())
            elif kind == "form":
                continue
            elif kind == "area":
                self._area(*found.span())
            elif kind in ("date", "time", "document"):
                self._add({"date": "d", "time": "h", "document": "V"}[kind], found[0], *found.span())
            else:
                self._number(found)
        self._look_up()
        unit = self.shown[slice(*self.unit)] if self.unit else None
        shape = "".join([term.letter for term in self.terms])
        return Message(self.shown, self.bare, tuple(self.terms), shape, self.misspelt, self.lookalike, unit)

    def _add(self, letter: str, text: str, start: int, end: int) -> None:
        self.terms.append(Term(letter, text, start, end))

    def _word(self, text: str, start: int, end: int) -> None:
        marked = self.lower[start:end]
        self.words.append(Word(text.translate(JOINED), marked.translate(JOINED), start, end))

    def _sign(self, sign: str, at: int) -> None:
        letter = "%" if len(sign) > 1 else SIGNS.get(sign)
        if letter is None:
            letter = "" if _is_emoji(sign) else "!"
        if letter:
            self._add(letter, sign, at, at + 1)

    def _number(self, found: re.Match[str]) -> None:
        """A number; what is glued to it may be a unit ("60hs"), money ("5tr"), letters for digits ("1oo") …"""
        text, tail = found[0], found["tail"]
        start, end = found.span()
        if text[0] in ".," and self._split_by_space(start, end):
            text, start = self.terms[-1].text + text, self.terms.pop().start
        if found.lastgroup == "number":
            self._add("#", text, start, end)
        elif LOOKALIKE.fullmatch(text):
            self.lookalike = True
            self._add("#", text.translate(LIKE_DIGITS), start, end)
        elif SCIENTIFIC.fullmatch(text):
            self._add("s", text, start, end)
        else:
            self._pieces(text, tail, start)

    def _area(self, start: int, end: int) -> None:
        """ "Trạm Kiểm lâm khu vực 9": the number is of the unit's name."""
        if self.terms and self.terms[-1].letter == "U":
            start = self.terms.pop().start
        self._add("U", self.bare[start:end], start, end)
        self.unit = (start, end)

    def _split_by_space(self, start: int, end: int) -> bool:
        """ "75 ,5 %": a telephone's keyboard put a space before the comma."""
        before = self.terms[-1] if self.terms else None
        glued = before is not None and before.letter == "#" and before.text.isdigit() and before.end == start - 1
        return glued and self.bare[end:].lstrip(" ").startswith("%")

    def _pieces(self, text: str, tail: str, start: int) -> None:
        pieces = [(piece[0], start + piece.start(), start + piece.end()) for piece in PIECES.finditer(text)]
        if tail in MONEY_TAILS:
            self._add("#", *pieces[0])
            self._add("$", tail, pieces[0][2], start + len(text))
        elif all(piece[-1].isdigit() or (piece in PARTS and PARTS[piece].means != "M") for piece, _, _ in pieces):
            for piece in pieces:
                if piece[0][-1].isdigit():
                    self._look_up()
                    self._add("#", *piece)
                else:
                    self._word(*piece)
        else:
            self._add("#", *pieces[0])
            self._add("!", tail, pieces[0][2], start + len(text))

    def _look_up(self) -> None:
        """The run of words → terms, longest phrases first."""
        if not self.words:
            return
        words = [self._known(at, word) for at, word in enumerate(self.words)]
        self.words = []
        if self._signed(words):
            for word in (words[0], words[-1]):
                self._add("n", word.text, word.start, word.end)
            return
        at, person = 0, False
        while at < len(words):
            if person and (size := self._named(words, at)):
                at += size
                continue
            phrase, letter, size = self._phrase(words, at)
            start, end = words[at].start, words[at + size - 1].end
            if letter == "u" or (self._goes_on(start) and _silent(letter, phrase)):
                size = self._unit(words, at)
            elif letter and not (letter == "n" and person and self._capital(words[at])):
                if letter == "P" and self.terms and self.terms[-1][:2] == ("#", "0"):  # "0 phát sinh"
                    self.terms[-1] = self.terms[-1]._replace(letter="N")
                self._add("A" if letter == "/" and self._opens(phrase) else letter, phrase, start, end)
                self.misspelt |= letter != "T" and any(word.mended for word in words[at : at + size])
            person = phrase in BEFORE_A_PERSON
            at += size

    def _opens(self, phrase: str) -> bool:
        """ "Trong tổng số 60 hồ sơ, …" names the total, where no number of its clause stands before it."""
        before = takewhile(lambda term: term.letter not in BREAKS, reversed(self.terms))
        return (phrase == "trong so" or "tong" in phrase) and all(term.letter != "#" for term in before)

    def _named(self, words: list[Word], at: int) -> int:
        """The number of words of a person's name behind "em", "anh": "Em Vàng Thị Tốt báo cáo"; 0 for none."""
        name = [*takewhile(self._capital, islice(words, at, None))]
        return len(name) if self._signed(name) else 0

    def _signed(self, words: list[Word]) -> bool:
        """Whether a run of words is the name of a person: written as one, and not of words that could be an answer."""
        if not 1 < len(words) <= LONGEST_NAME or not all(map(self._capital, words)):
            return False
        letters, at = "", 0
        while at < len(words):
            _, letter, size = self._phrase(words, at)
            letters, at = letters + letter, at + size
        return {"u", "%"}.isdisjoint(letters) and letters.count("n") > (not DANGEROUS.isdisjoint(letters))

    def _capital(self, word: Word) -> bool:
        """Whether a word is written as names are; where every word is, that tells nothing."""
        return word.text.isalpha() and self.shown[word.start].isupper() and not self.loud

    def _known(self, at: int, word: Word) -> Word:
        """The word itself where it is known; else what it was meant to be, where only one word can be meant."""
        if word.end - word.start == len(word.text) and (short := SHORTHAND.get(word.text)):
            return Word(*short, word.start, word.end)
        if word.text in WORDS:
            return word
        found = meant(word.text)
        if found is None or (found[1] and at and self._capital(word)):  # a slip in a name is not mended
            return word
        return Word(bare(found[0]), found[0], word.start, word.end, found[1])

    def _phrase(self, words: list[Word], at: int) -> tuple[str, str, int]:
        """The longest known phrase that begins here, its letter, and its number of words."""
        for size in range(min(LONGEST_PART.get(words[at].text, 0), len(words) - at), 0, -1):
            run = words[at : at + size]
            phrase = " ".join([word.text for word in run])
            if (entry := PARTS.get(phrase)) is None:
                continue
            if (letter := entry.of(" ".join([word.marked for word in run]))) is not None:
                return phrase, letter, size
            if len(phrase) > LONG_ENOUGH:  # the marks of one word are wrong, the rest says what was meant
                self.misspelt = True
                return phrase, entry.means, size
        capital = self.shown[words[at].start].isupper()
        return words[at].text, "n" if capital else "*", 1

    def _goes_on(self, start: int) -> bool:
        """Whether a unit's name stands before the dash that stands right before this word."""
        if [term.letter for term in self.terms[-2:]] != ["U", "-"]:
            return False
        return self.bare[self.terms[-1].end : start] in ("", " ")

    def _unit(self, words: list[Word], at: int) -> int:
        """A unit's name runs on until a word that can't be part of it; the number of its words."""
        size = 0
        while at + size < len(words):
            phrase, letter, more = self._phrase(words, at + size)
            if size and not _silent(letter, phrase):
                break
            size += more
        start, end = words[at].start, words[at + size - 1].end
        if self._goes_on(start):
            self.terms.pop()
            start = self.terms.pop().start
        self._add("U", self.bare[start:end], start, end)
        self.unit = (start, end)
        return size


def _silent(letter: str, phrase: str) -> bool:
    """Whether a phrase says nothing by itself, nor begins to speak of something else than a name."""
    return letter in SILENT and phrase not in ENDS_A_NAME


@lru_cache(maxsize=4096)
def meant(word: str) -> tuple[str, bool] | None:
    """A word typed with the input tool off, or with a slip; with the mark of a slip."""
    if (syllable := telex.decoded(word)) and bare(syllable) in WORDS:
        return syllable, False
    if (mended := SPELLER.mended(word)) is not None:
        return mended, True
    return None


def _is_emoji(sign: str) -> bool:
    return ord(sign) in PICTURES and unicodedata.category(sign) == "So"
