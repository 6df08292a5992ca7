"""Vietnamese typed with the input tool off: "ddatj" and "d9at5" are "đạt"."""

import unicodedata

VOWELS = frozenset("aeiouy")
TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323", "z": ""}
VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
TELEX_DOUBLED = frozenset("aeo")
CIRCUMFLEX, BREVE, HORN = "\u0302", "\u0306", "\u031b"
VNI_SHAPES = {"6": ("aeo", CIRCUMFLEX), "7": ("uo", HORN), "8": ("a", BREVE)}


def decoded(word: str) -> str | None:
    """What a lower-case ASCII syllable would have become, or None where no key of the two methods is in it."""
    letters, tone = _vni(word) if any(key.isdigit() for key in word) else _telex(word)
    if not letters or (not tone and "".join(letters) == word):
        return None
    return _compose(letters, tone)


def _telex(word: str) -> tuple[list[str], str]:
    letters: list[str] = []
    tone = ""
    for key in word:
        vowels = [at for at, letter in enumerate(letters) if letter[0] in VOWELS]
        if key in TONES and vowels:
            tone = TONES[key]
        elif key == "w":
            if not _shape(letters, vowels, "uo", HORN) and not _shape(letters, vowels, "a", BREVE):
                letters.append("u" + HORN)
        elif key == "d" and letters[:1] == ["d"]:
            letters[0] = "đ"
        elif key not in TELEX_DOUBLED or not _shape(letters, vowels, key, CIRCUMFLEX):
            letters.append(key)
    return letters, tone


def _vni(word: str) -> tuple[list[str], str]:
    letters: list[str] = []
    tone = ""
    for key in word:
        vowels = [at for at, letter in enumerate(letters) if letter[0] in VOWELS]
        if key in VNI_TONES and vowels:
            tone = VNI_TONES[key]
        elif key in VNI_SHAPES and _shape(letters, vowels, *VNI_SHAPES[key]):
            continue
        elif key == "9" and letters and letters[0] == "d":
            letters[0] = "đ"
        elif key.isdigit():
            return [], ""
        else:
            letters.append(key)
    return letters, tone


def _shape(letters: list[str], vowels: list[int], takers: str, mark: str) -> bool:
    """Put the mark on every plain vowel that takes it: "uo" and w give "ươ"."""
    taking = [at for at in vowels if letters[at] in takers and len(letters[at]) == 1]
    for at in taking:
        letters[at] += mark
    return bool(taking)


def _compose(letters: list[str], tone: str) -> str:
    """The tone on the shaped vowel, else on the last but one of two: close enough to compare."""
    if tone:
        vowels = [at for at, letter in enumerate(letters) if letter[0] in VOWELS]
        shaped = [at for at in vowels if len(letters[at]) > 1]
        closed = vowels[-1] < len(letters) - 1
        at = shaped[-1] if shaped else vowels[-1] if closed or len(vowels) == 1 else vowels[-2]
        letters[at] += tone
    return unicodedata.normalize("NFC", "".join(letters))
