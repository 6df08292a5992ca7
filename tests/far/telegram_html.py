"""HTML as Telegram reads it: a few tags, four named entities, and a 400 for the rest."""

import re

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "span", "blockquote"}
TAGS |= {"tg-spoiler", "tg-emoji", "tg-time"}
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[^\s>/]*)(?P<rest>[^>]*)(?P<end>>?)|&(?P<entity>#?\w+);?|[^<&]+|&", re.S)


class Unparsable(ValueError):
    """Its text is what Telegram says after "can't parse entities: "."""


def parse(text: str, mode: str | None) -> str:
    """The text as people see it. Raises Unparsable."""
    if mode != "HTML":
        return text
    seen: list[str] = []
    open_tags: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["tag"] is not None:
            _tag(token, open_tags, len(text[: token.start()].encode()))
        else:
            seen.append(_entity(token["entity"], token[0]) if token["entity"] else token[0])
    if open_tags:
        raise Unparsable(f"Can't find end tag corresponding to start tag {open_tags[-1]!r}")
    return "".join(seen)


def _tag(token: re.Match[str], open_tags: list[str], at: int) -> None:
    name = token["tag"].lower()
    if not token["end"]:
        raise Unparsable(f"Unclosed start tag at byte offset {at}")
    if token["close"]:
        if not open_tags or open_tags.pop() != name:
            raise Unparsable(f"Unexpected end tag at byte offset {at}")
    elif name not in TAGS:
        raise Unparsable(f'Unsupported start tag "{name}" at byte offset {at}')
    else:
        open_tags.append(name)


def _entity(name: str, written: str) -> str:
    if not name.startswith("#"):
        return ENTITIES.get(name, written)
    digits = name[1:]
    return chr(int(digits[1:], 16) if digits[:1] in "xX" else int(digits)) if digits else written
