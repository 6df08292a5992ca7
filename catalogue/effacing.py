"""Somebody's name, telephones and accounts taken out of whatever was written."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalogue.text import BARE, bare

MARK = "[đã xóa]"
ACCOUNT = 5  # letters of an account, or digits of a telephone, below which it may be any word, any number
MARKED = {plain: "".join(chr(code) for code, base in BARE.items() if base == plain) for plain in {*BARE.values()}}


@dataclass(frozen=True)
class Effacer:
    """`found` holds every mark that a letter may carry, so that text is looked through as it stands."""

    found: re.Pattern[str] | None

    @classmethod
    def of(cls, names: Iterable[str], phones: Iterable[str], accounts: Iterable[str]) -> "Effacer":
        """A name of one word is left: it is a word of the language as well."""
        parts = [r"\s+".join(map(_letters, name.split())) for name in names if len(name.split()) > 1]
        parts += [_phone(phone) for phone in phones if len(_digits(phone)) > ACCOUNT]
        parts += [_letters(account) for account in accounts if len(account) >= ACCOUNT]
        longest_first = sorted(dict.fromkeys(parts), key=len, reverse=True)
        whole = rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])"
        return cls(re.compile(whole, re.IGNORECASE) if parts else None)

    def text(self, written: str) -> str:
        """What was written, the mark in the place of what was found."""
        if self.found is None:
            return written
        left, places = self.found.subn(MARK, unicodedata.normalize("NFC", written))
        return left if places else written

    def value(self, kept: Any) -> Any:
        """The same all through what JSON can hold; looked at as one text first, as hardly any of it holds anything."""
        if isinstance(kept, list | dict):
            whole = json.dumps(kept, ensure_ascii=False).replace("\\n", " ")
            return kept if self.text(whole) is whole else self._each(kept)
        return self._each(kept)

    def _each(self, kept: Any) -> Any:
        if isinstance(kept, str):
            return self.text(kept)
        if isinstance(kept, list):
            return [self._each(one) for one in kept]
        if isinstance(kept, dict):
            return {self.text(name): self._each(one) for name, one in kept.items()}
        return kept


def _letters(written: str) -> str:
    """Each letter as it is, or as any of those that are the same without their marks."""
    plain = bare(unicodedata.normalize("NFC", written))
    return "".join(f"[{letter}{MARKED[letter]}]" if letter in MARKED else re.escape(letter) for letter in plain)


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))


def _phone(phone: str) -> str:
    """However its digits are set apart, with 0 or with 84 before them."""
    digits = re.sub("^(?:84|0)", "", _digits(phone))
    return r"(?:\+?84|0)?[ .()-]*" + r"[ .()-]*".join(digits)
