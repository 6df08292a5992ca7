"""A notice: compose → whom is it for → preview with a count → confirm; and the receiver's "Đã nhận"."""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.deeds import Acknowledge, Aim, Audience, Broadcast, Look, Preview
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Option, Said, Say, State, Turn, named
from bot.words import Words
from catalogue.answer import Act, Awaiting, Reading
from catalogue.model import Catalogue, Whom
from catalogue.text import Typed

TITLE, BODY = 150, 3000  # the longest, in characters
DRAFTED = Words("vi")  # a notice is a document of the office


@dataclass(frozen=True)
class Composing(State):
    """The next message is the notice itself: its first line the title."""

    awaiting: ClassVar = Awaiting.NAME


@dataclass(frozen=True)
class Aiming(State):
    """Whom it is for."""

    title: str
    body: str
    awaiting: ClassVar = Awaiting.UNIT


@dataclass(frozen=True)
class Releasing(State):
    """Shown as it will go out, with the number of people; it goes only after "gửi"."""

    title: str
    body: str
    audience: str
    what: tuple[str, ...] = ()
    awaiting: ClassVar = Awaiting.CONFIRMATION


AUDIENCES: tuple[tuple[Audience, tuple[str, ...], str], ...] = (
    ("all", (), "option.to_all"),
    ("missing", (), "option.to_missing"),
    ("short", (), "option.to_short"),
    ("heads", (), "option.to_heads"),
    ("type", ("chi_cuc",), "option.to_branches"),
    ("type", ("don_vi_truc_thuoc_chi_cuc",), "option.to_stations"),
)


def start(facts: Facts, text: str = "") -> Turn:
    """`text`: what came with the command, a notice already."""
    return _composed(text, facts) if text.strip() else Turn(Composing(), (Say("notice.compose"),))


def opening(rest: str, state: State, facts: Facts) -> Turn:
    """ "thông báo mở đợt": drafted from the campaign's own plan, for TCCB to look at and to send."""
    running = [one for one in facts.campaigns if not one.locked]
    if not running:
        return Turn(state, (Say("desk.no_campaign"),))
    one = min(running, key=lambda each: each.deadline)
    told = {"year": one.year, "deadline": one.deadline.isoformat()}
    told |= {"focal": _ahead(one.catalogue, "focal"), "heads": _ahead(one.catalogue, "head")}
    return _composed(DRAFTED("notice.opening", told), facts)


def _ahead(catalogue: Catalogue, role: Whom) -> list[str]:
    """On which days before the deadline they are reminded, the farthest first."""
    days = sorted({step.days for step in catalogue.steps if role in step.to and step.days <= 0})
    return [DRAFTED("notice.days_before", {"n": -day}) if day else DRAFTED("notice.on_the_day", {}) for day in days]


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    match state:
        case Composing():
            return _composed(said.text, facts)
        case Aiming(title, body):
            return _aimed(state, title, body, said, facts)
        case Releasing(title, body, audience, what):
            aim = Aim(audience, what)  # type: ignore[arg-type] # one of ours
            if (said.choice or "").startswith("send ") or reading == Act("confirm") or _plainly_send(said.text):
                return Turn(Idle(), (), (Broadcast(title, body, aim),))
            if said.choice == "drop" or (isinstance(reading, Act) and reading.kind == "reject"):
                return Turn(Idle(), (Say("notice.dropped"),))
            return Turn(state, (Say("notice.send_or_drop"),))
    return start(facts)


def _plainly_send(text: str) -> bool:
    return text.strip().casefold() in {"gửi", "gui", "gửi đi", "gửi ngay"}


def _composed(text: str, facts: Facts) -> Turn:
    title, _, body = text.strip().partition("\n")
    title, body = title.strip(), body.strip()
    if not title:
        return Turn(Composing(), (Say("notice.compose"),))
    if len(title) > TITLE or len(body) > BODY:
        return Turn(Composing(), (Say("notice.too_long", {"title": TITLE, "body": BODY}),))
    options = tuple(Option(f"to {number}", label) for number, (_, _, label) in enumerate(AUDIENCES))
    return Turn(Aiming(title, body), (Say("notice.whom", {"title": title}, options),))


def _aimed(state: Aiming, title: str, body: str, said: Said, facts: Facts) -> Turn:
    if said.choice and said.choice.startswith("to "):
        audience, what, _ = AUDIENCES[int(said.choice[3:])]
        return _previewed(title, body, Aim(audience, what))
    match = facts.office.match(said.text) if facts.office else None
    if match and match.units:
        return _previewed(title, body, Aim("units", tuple(unit.id for unit in match.units)))
    options = tuple(Option(f"to {number}", label) for number, (_, _, label) in enumerate(AUDIENCES))
    return Turn(state, (Say("notice.whom_again", {"text": said.text.strip()[:80]}, options),))


def _previewed(title: str, body: str, aim: Aim) -> Turn:
    return Turn(Releasing(title, body, aim.audience, aim.what), (), (Preview(title, body, aim),))


def acknowledge(number: int | None, said: Said, state: State, facts: Facts) -> Turn:
    """`number`: the notice, where the button or the words named it; else there must be only one."""
    open = {notice.id: notice for notice in facts.notices}
    if number is not None and number not in open:
        return Turn(state, (Say("notice.acknowledged_before"),))
    if number is None:
        number = _named(said.text)
    if open and number not in open and (number is not None or len(open) > 1):
        options = tuple(named(f"ack {id}", notice.title[:60]) for id, notice in open.items())
        return Turn(state, (Say("notice.which", {}, options),))
    if not open:
        return Turn(state, (Say("notice.none_open"),))
    chosen = next((notice for notice in facts.notices if notice.id == number), facts.notices[0])
    told = {"number": chosen.id, "title": chosen.title, "at": facts.now.isoformat()}
    return Turn(state, (Say("notice.acknowledged", told),), (Acknowledge(chosen.id, said.text or "Đã nhận"),))


_NUMBERED = re.compile(r"\b(?:thong bao|tb)(?: so)? ?([0-9]{1,6})(?![0-9/.,])")


def _named(text: str) -> int | None:
    """ "Đã nhận thông báo số 5" names it; "số 05/TB-TCCB" is the number of a document, and none of ours."""
    found = _NUMBERED.search(Typed.of(text).bare)
    return int(found[1]) if found else None


def who(number: str, state: State) -> Turn:
    return Turn(state, (), (Look("notice", number),))
