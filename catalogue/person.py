"""The name of a person, as typed: nearly every word of the language is somebody's name."""

import re

from catalogue import phrases
from catalogue.reading import Act, Invalid, Mention, Reading
from catalogue.text import Typed, bare

BEFORE = re.compile(
    r"(?:(?:da|thua|kinh chao|xin chao|chao)(?:[ ,]+(?:anh chi|anh|chi|ad|bot)\b)?[ ,]+)*"
    r"(?:(?:em|toi|minh|chau)(?: xin)?(?: ten la| la| ten) |ten (?:em |toi |minh |chau )?la "
    r"|ho (?:va )?ten(?: la)? ?: ?|ho (?:va )?ten(?: la)? (?=[a-z]+ [a-z]+ )|ten(?: la)? ?: ?|em |toi )?"
)
INTRODUCES = re.compile(r"\b(?:la|ten) ?:? ?$")
BEHIND = re.compile(r"[,;(\n]| - ")
AROUND = re.compile(r"^[ .!:-]+|(?: (?:ạ|ah|nhé|nha|đây))*[\W_]*$", re.IGNORECASE)
"""Signs, and politeness at the end."""
TITLE = re.compile("^(?:anh|chị|đồng chí|đ/?c|ông|bà|cô|chú|bác) (?=[^a-z])")
NAME = re.compile(r"[a-z][a-z']*(?:[ .-]{1,2}[a-z][a-z']*){0,7}\.?")
QUESTION = re.compile(r"(?:^| )(?:gì|ai|sao|nào|đâu|gi|nao)(?: ạ| a)?$|\?")
NEVER = frozenset(["menu", "help", "start", "back", "list", "thoat", "cancel", "stop", "exit"])
NEVER |= {"ok", "oke", "vang", "da", "khong", "ko", "co", "roi", "uh", "alo", "hi", "hello", "chao", "la", "ten"}
"""Single words, without marks, that no person is called."""

EMPTY = frozenset({"assent", "exact", "polite", "no", "none", "chat", "wait", "got", "not_got"})


def command(typed: Typed) -> Reading | None:
    """Where a name is awaited, "Huy" is one: a command must carry its marks, or be more than a word that names have."""
    start = _introduced(typed)
    if INTRODUCES.search(typed.bare[:start]):
        return None
    meaning = phrases.meaning(phrases.said(typed.bare, typed.shown.lower()))
    if kind := phrases.COMMANDS.get(meaning):
        return None if _may_be_a_name(AROUND.sub("", typed.shown[start:])) else Act(kind)
    several = " " in AROUND.sub("", typed.shown)
    return Act("other") if meaning in EMPTY and several else None


def name(typed: Typed) -> Reading:
    """The name without what politeness puts around it, and without the unit behind it."""
    start = _introduced(typed)
    behind = BEHIND.search(typed.bare, start)
    told = TITLE.sub("", AROUND.sub("", typed.shown[start : behind.start() if behind else None]))
    if not told or bare(told) in NEVER:
        return Act("other")
    if QUESTION.search(typed.shown.lower()):
        return Act("help")
    if NAME.fullmatch(bare(told)):
        return Mention("name", told)
    return Invalid("answer.not_a_name", "Nguyễn Văn An", {"text": typed.shown})


def _introduced(typed: Typed) -> int:
    """Where a name can begin."""
    before = BEFORE.match(typed.bare)
    return before.end() if before else 0


def _may_be_a_name(word: str) -> bool:
    plain = bare(word)
    return word.lower() == plain and plain.isalpha() and plain not in NEVER
