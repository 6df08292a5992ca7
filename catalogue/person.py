"""The name of a person, as typed: nearly every word of the language is somebody's name."""

import re

from catalogue import phrases
from catalogue.reading import Act, Awaiting, Invalid, Mention, Reading
from catalogue.text import Typed, bare

BEFORE = re.compile(
    r"(?:(?:da|thua|kinh chao|xin chao|chao)(?:[ ,]+(?:anh chi|anh|chi|ad|bot)\b)?[ ,]+)?"
    r"(?:(?:em|toi|minh|chau)(?: xin)?(?: ten la| la| ten) |ten (?:em |toi |minh |chau )?la "
    r"|ho (?:va )?ten(?: la)? ?: ?|ho (?:va )?ten(?: la)? (?=[a-z]+ [a-z]+ )|ten(?: la)? ?: ?|em |toi )?"
)
INTRODUCES = re.compile(r"\b(?:la|ten) ?:? ?$")
BEHIND = re.compile(r"[,;(\n]| - ")
POLITE = re.compile("(?: (?:ạ|ah|nhé|nha|đây))+$", re.IGNORECASE)
TITLE = re.compile("^(?:anh|chị|đồng chí|đ/?c|ông|bà|cô|chú|bác) (?=[^a-z])")
NAME = re.compile(r"[a-z][a-z']*(?:[ .-]{1,2}[a-z][a-z']*){0,7}\.?")
QUESTION = re.compile(r"(?:^| )(?:gì|ai|sao|nào|đâu|gi|nao)(?: ạ| a)?$|\?")
NEVER = frozenset(["menu", "help", "start", "back", "list", "thoat", "cancel", "stop", "exit"])
NEVER |= {"ok", "oke", "vang", "da", "khong", "ko", "co", "roi", "uh", "alo", "hi", "hello", "chao"}
"""Single words, without marks, that no person is called."""

EMPTY = frozenset({"assent", "exact", "polite", "no", "none", "chat", "wait", "got", "not_got"})


def command(typed: Typed) -> Reading | None:
    """Where a name is awaited, "Huy" is one: a command must carry its marks, or be more than a word that names have."""
    core = POLITE.sub("", typed.shown).removeprefix("/")
    word = bare(core)
    if (before := BEFORE.match(typed.bare)) and INTRODUCES.search(before[0]):
        return None
    meaning = phrases.meaning(phrases.said(typed.bare.removeprefix("/"), typed.shown.lower().removeprefix("/")))
    if meaning in phrases.COMMANDS and meaning != "report":
        told = " " in word or core.lower() != word or word in NEVER
        return phrases.act(meaning, typed.shown, Awaiting.NAME) if told else None
    return Act("other") if meaning in EMPTY and (" " in word or word in NEVER) else None


def name(typed: Typed) -> Reading:
    """The name without what politeness puts around it, and without the unit behind it."""
    before = BEFORE.match(typed.bare)
    start = before.end() if before else 0
    behind = BEHIND.search(typed.bare, start)
    told = POLITE.sub("", typed.shown[start : behind.start() if behind else None]).strip(" .!:-")
    told = TITLE.sub("", told)
    told = told.rstrip("".join(sign for sign in told if not sign.isalnum()))
    if not told or bare(told) in NEVER:
        return Act("other")
    if QUESTION.search(typed.shown.lower()):
        return Act("help")
    if NAME.fullmatch(bare(told)):
        return Mention("name", told)
    return Invalid("answer.not_a_name", "Nguyễn Văn An", {"text": typed.shown})
