"""Somebody's name, telephones and accounts taken out of whatever was written."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalogue.text import bare

MARK = "[đã xóa]"
ACCOUNT = 5  # letters of an account, or digits of a telephone, below which it may be any word, any number


@dataclass(frozen=True)
class Effacer:
    """`found` is held against what was written without marks and in small letters, letter for letter."""

    found: re.Pattern[str] | None

    @classmethod
    def of(cls, names: Iterable[str], phones: Iterable[str], accounts: Iterable[str]) -> "Effacer":
        """A name of one word is left: it is a word of the language as well."""
        parts = [_name(name) for name in names if len(name.split()) > 1]
        parts += [_phone(phone) for phone in phones if len(_digits(phone)) > ACCOUNT]
        parts += [re.escape(bare(account)) for account in accounts if len(account) >= ACCOUNT]
        longest_first = sorted(dict.fromkeys(parts), key=len, reverse=True)
        whole = rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])"
        return cls(re.compile(whole) if parts else None)

    def text(self, written: str) -> str:
        """What was written, the marks in the place of what was found."""
        if self.found is None:
            return written
        composed = unicodedata.normalize("NFC", written)
        plain = bare(composed)
        if not self.found.search(plain):
            return written
        if len(plain) != len(composed):  # a letter that grows when it is made small: places do not agree
            return self.found.sub(MARK, plain)
        kept, at = [], 0
        for match in self.found.finditer(plain):
            kept += [composed[at : match.start()], MARK]
            at = match.end()
        return "".join([*kept, composed[at:]])

    def value(self, kept: Any) -> Any:
        """The same all through what JSON can hold."""
        if isinstance(kept, str):
            return self.text(kept)
        if isinstance(kept, list):
            return [self.value(one) for one in kept]
        if isinstance(kept, dict):
            return {self.text(name): self.value(one) for name, one in kept.items()}
        return kept


def _name(name: str) -> str:
    return r"\s+".join(re.escape(word) for word in bare(unicodedata.normalize("NFC", name)).split())


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))


def _phone(phone: str) -> str:
    """However its digits are set apart, with 0 or with 84 before them."""
    digits = re.sub("^(?:84|0)", "", _digits(phone))
    return r"(?:\+?84|0)?[ .()-]*" + r"[ .()-]*".join(digits)
