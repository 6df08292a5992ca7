"""Commands: the same whatever was asked, with what follows them kept as typed."""

import re

from catalogue import figures, phrases
from catalogue.reading import Act, Awaiting, Reading, Value
from catalogue.text import Typed
from catalogue.tokens import cut

DIGIT = re.compile("[0-9]")
EXPLICIT = re.compile("#%|#[/:]#")
MAY_EXTEND = re.compile("han|lui|khat|muon|cham|tre|them")
EXTENSION = re.compile(
    r"(?:(?:xin|cho|de nghi|muon|duoc|phep|em|toi|don vi|phong|tram|hat|ben) )*"
    r"(?:gia han|lui (?:thoi )?han|xin lui|doi han|(?:lui|hoan|khat)(?= den)"
    r"|(?:nop|gui|xin) (?:muon|cham|tre)"
    r"|them (?:thoi gian|[0-9]+ ngay|vai ngay|may ngay))(?![a-z])"
)
"""A wish for more time. It is looked for first: "xin gia hạn đến 10/12" holds no fraction."""


def command(typed: Typed, awaiting: Awaiting) -> Reading | None:
    """The command that a message is, or begins with."""
    if typed.bare.startswith("/"):
        typed = Typed(*(text[1:].replace("_", " ") for text in typed))
    if MAY_EXTEND.search(typed.bare) and (wish := EXTENSION.search(typed.bare)):
        rest = typed.shown[wish.end() :].strip(" :,.") if wish.start() == 0 else typed.shown[wish.start() :]
        return Act("extension_request", rest)
    if not DIGIT.search(typed.bare) and (said := phrases.said(typed.bare, typed.shown.lower())):
        kind = phrases.COMMANDS.get(phrases.meaning(said))
        return Act(kind) if kind else None
    return _with_rest(typed, awaiting)


def _with_rest(typed: Typed, awaiting: Awaiting) -> Reading | None:
    """A command followed by what it is about: "sửa 7 76%", "xin lùi đến thứ 6"."""
    said = phrases.beginning(typed.bare, typed.shown.lower())
    if not said or said[0].meaning not in ("edit", "extension"):
        return None
    rest = typed.shown[said[0].end :].strip(" :,.-")
    if not cut(rest).terms:  # nothing but politeness
        rest = ""
    if said[0].meaning == "extension":
        return Act("extension_request", rest)
    return None if awaiting == Awaiting.CONFIRMATION and _is_new_value(typed) else Act("edit", rest)


def _is_new_value(typed: Typed) -> bool:
    """ "sửa thành 46/60" where a draft waits: the new figure itself, not a wish to correct something."""
    message = cut(typed.shown)
    return bool(EXPLICIT.search(message.shape)) and isinstance(figures.read(message, confirming=True), Value)
