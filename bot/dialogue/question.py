"""A question to a person at TCCB, and the answer that goes back; what is not understood may be one."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue import notice
from bot.dialogue.changing import agrees
from bot.dialogue.deeds import Forward, Look, Reply
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn
from catalogue.answer import Awaiting, Reading

LONGEST = 1000  # characters of a question or of an answer
WORDS = 4  # so many at least, for what nobody understands to be taken for a question
ASK = (Option("change", "option.ask", numbered=False), Option("drop", "option.none", numbered=False))


@dataclass(frozen=True)
class Wondering(State):
    """What was typed may be a question; it goes to TCCB after "hỏi"."""

    text: str
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Answering(State):
    """The next message answers that question."""

    number: int
    awaiting: ClassVar = Awaiting.NAME


def ask(rest: str, state: State, facts: Facts) -> Turn:
    """A question for a person at TCCB; "hỏi" alone sends what was typed just before."""
    if not rest.strip() and isinstance(state, Wondering):
        return _sent(state.text, Idle(), facts)
    if not rest.strip():
        return Turn(state, (Say("talk.needs_more", {"example": "hỏi mẫu số tính từ ngày nào"}),))
    return _sent(rest.strip(), state, facts)


def _sent(text: str, state: State, facts: Facts) -> Turn:
    forward = Forward("question", text[:LONGEST], notice.about(text, facts))
    return Turn(state, (Say("talk.forwarded_question"),), (forward,))


def may_be_one(text: str, facts: Facts) -> bool:
    """Whether to offer that it be sent: a sentence that nobody understands, from somebody with a notice in hand."""
    return bool(facts.notices) and not facts.tccb and len(text.split()) >= WORDS


def offer(text: str) -> Turn:
    return Turn(Wondering(text[:LONGEST]), (Say("question.offer", {"text": text.strip()[:80]}, ASK),))


def wondered(state: Wondering, said: Said, reading: Reading, facts: Facts) -> Turn | None:
    """None where something else is said: the question is let go."""
    agreed = agrees(said, reading)
    if agreed is None:
        return None
    return _sent(state.text, Idle(), facts) if agreed else Turn(Idle(), (Say("question.not_sent"),))


_NUMBERED = re.compile(r"\s*(?:câu\s*(?:hỏi\s*)?)?(?:số\s*)?([0-9]{1,9})\s*[:.\n]?\s*")


def reply(rest: str, state: State, facts: Facts) -> Turn:
    """ "trả lời 5: mẫu số tính từ 15/12"."""
    found = _NUMBERED.match(rest)
    if not found:
        return Turn(state, (Say("talk.needs_more", {"example": "trả lời 5: mẫu số tính từ 15/12"}),))
    text = rest[found.end() :].strip()
    return _answered(int(found[1]), text, state) if text else answering(found[1], state, facts)


def answering(number: str, state: State, facts: Facts) -> Turn:
    """By its button: the answer is typed next."""
    if not number.isdecimal():
        return Turn(state, (Say("talk.old"),))
    return Turn(Answering(int(number)), (Say("question.type_answer", {"number": int(number)}),))


def step(state: Answering, said: Said) -> Turn:
    if not said.text.strip():
        return Turn(state, (Say("question.type_answer", {"number": state.number}),))
    return _answered(state.number, said.text.strip(), Idle())


def _answered(number: int, text: str, state: State) -> Turn:
    if len(text) > LONGEST:
        return Turn(state, (Say("question.too_long", {"most": LONGEST}),))
    return Turn(state, (), (Reply(number, text),))


def every(rest: str, state: State, facts: Facts) -> Turn:
    """ "câu hỏi": what waits for an answer."""
    return Turn(state, (), (Look("questions"),))
