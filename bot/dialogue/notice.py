"""A notice: compose → whom is it for → preview with a count → confirm; let go, put right, recalled; "Đã nhận"."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from bot.dialogue import audience
from bot.dialogue.changing import CHOICES, agrees
from bot.dialogue.deeds import Acknowledge, Aim, Broadcast, KeepCircle, Look, Notice, Preview, Recall, Release
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Attachment, Idle, Said, Say, State, Turn, named
from bot.words import Words
from catalogue import dates
from catalogue.answer import Act, Awaiting, Reading
from catalogue.model import Catalogue, Whom
from catalogue.text import Typed, bare

TITLE, BODY = 150, 3000  # the longest, in characters
FILES = 3  # that go along with one
LARGEST = 20 << 20  # bytes of one of them
KINDS = ("pdf", "doc", "docx", "xls", "xlsx", "png", "jpg", "jpeg", "gif")  # by the name's ending
DRAFTED = Words("vi")  # a notice is a document of the office


@dataclass(frozen=True)
class Composing(State):
    """The next message is the notice itself: its first line the title."""

    awaiting: ClassVar = Awaiting.NAME
    files: tuple[int, ...] = ()
    corrects: int | None = None


@dataclass(frozen=True)
class Aiming(State):
    """Whom it is for."""

    notice: Notice
    awaiting: ClassVar = Awaiting.UNIT


@dataclass(frozen=True)
class Releasing(State):
    """Shown as it will go out, with the number of people; it goes only after "gửi"; `goes`: ISO, unless at once."""

    notice: Notice
    aim: Aim
    goes: str = ""
    again: bool = True
    awaiting: ClassVar = Awaiting.CONFIRMATION


@dataclass(frozen=True)
class Recalling(State):
    """A notice is to be called back; nothing is before "đúng"."""

    number: int
    awaiting: ClassVar = Awaiting.CONFIRMATION


def start(facts: Facts, text: str = "") -> Turn:
    """`text`: what came with the command, a notice already."""
    return _composed(text, Composing()) if text.strip() else Turn(Composing(), (Say("notice.compose"),))


def opening(rest: str, state: State, facts: Facts) -> Turn:
    """ "thông báo mở đợt": drafted from the campaign's own plan, for TCCB to look at and to send."""
    running = [one for one in facts.campaigns if not one.locked]
    if not running:
        return Turn(state, (Say("desk.no_campaign"),))
    one = min(running, key=lambda each: each.deadline)
    told = {"year": one.year, "deadline": one.deadline.isoformat()}
    told |= {"focal": _ahead(one.catalogue, "focal"), "heads": _ahead(one.catalogue, "head")}
    return _composed(DRAFTED("notice.opening", told), Composing())


def _ahead(catalogue: Catalogue, role: Whom) -> list[str]:
    """On which days before the deadline they are reminded, the farthest first."""
    days = sorted({step.days for step in catalogue.steps if role in step.to and step.days <= 0})
    return [DRAFTED("notice.days_before", {"n": -day}) if day else DRAFTED("notice.on_the_day", {}) for day in days]


def step(state: State, said: Said, reading: Reading, facts: Facts) -> Turn:
    match state:
        case Composing():
            return _composed(said.text, state)
        case Aiming(notice):
            return _aimed(state, notice, said, facts)
        case Releasing():
            return _released(state, said, reading, facts)
        case Recalling(number):
            agreed = agrees(said, reading)
            if agreed is None:
                return Turn(state, (Say("notice.sure_recall", {"number": number}, CHOICES),))
            return Turn(Idle(), (), (Recall(number),)) if agreed else Turn(Idle(), (Say("notice.not_recalled"),))
    return start(facts)


def _composed(text: str, state: Composing) -> Turn:
    title, _, body = text.strip().partition("\n")
    title, body = title.strip(), body.strip()
    if not title:
        return Turn(state, (Say("notice.compose"),))
    if len(title) > TITLE or len(body) > BODY:
        return Turn(state, (Say("notice.too_long", {"title": TITLE, "body": BODY}),))
    notice = Notice(title, body, state.files, state.corrects)
    if state.corrects is not None:
        return _previewed(Releasing(notice, Aim("of", (f"{state.corrects}",))))
    return Turn(Aiming(notice), (Say("notice.whom", {"title": title}, audience.OPTIONS),))


def _aimed(state: Aiming, notice: Notice, said: Said, facts: Facts) -> Turn:
    found = (audience.chosen(said.choice) if said.choice else None) or audience.read(said.text, facts)
    if isinstance(found, Aim):
        return _previewed(Releasing(notice, found))
    return Turn(state, (found.say,))


def _previewed(state: Releasing) -> Turn:
    at = datetime.fromisoformat(state.goes) if state.goes else None
    return Turn(state, (), (Preview(state.notice, state.aim, at, state.again),))


_SEND = {"gui", "gui di", "gui ngay", "gui luon"}
_AT = re.compile(r"(?:hen )?gui (?:luc|vao|ngay|sang|chieu|mai|thu|tu|\d)")


def _released(state: Releasing, said: Said, reading: Reading, facts: Facts) -> Turn:
    typed = bare(said.text).strip(" .!")
    if said.choice == "send notice" or reading == Act("confirm") or typed in _SEND:
        at = datetime.fromisoformat(state.goes) if state.goes else None
        return Turn(Idle(), (), (Broadcast(state.notice, state.aim, at, state.again),))
    if said.choice == "drop" or (isinstance(reading, Act) and reading.kind == "reject"):
        return Turn(Idle(), (Say("notice.dropped"),))
    if typed in ("sua", "sua lai", "soan lai"):
        kept = state.notice
        return Turn(Composing(kept.files, kept.corrects), (Say("notice.compose"),))
    if typed in ("khong nhac lai", "nhac lai"):
        return _previewed(replace(state, again=typed == "nhac lai"))
    if _AT.match(typed):
        at = dates.moment_named(said.text, facts.now)
        return _previewed(replace(state, goes=at.isoformat())) if at else Turn(state, (Say("notice.no_such_hour"),))
    if (name := circle_named(said.text)) and state.aim.audience != "of":
        return Turn(state, (Say("notice.circle_kept", {"name": name}),), (KeepCircle(name, state.aim),))
    return Turn(state, (Say("notice.send_or_drop"),))


def circle_named(text: str) -> str:
    """ "lưu nhóm miền núi" names one, as typed; "" where that is not said."""
    words = text.strip().split(None, 2)
    return words[2][:60] if len(words) == 3 and bare(" ".join(words[:2])) == "luu nhom" else ""


def enclosed(file: Attachment, said: Said, state: State) -> Turn:
    """A file that came while a notice is being written goes along with it; its caption may be the notice."""
    files = _files(state)
    if trouble := unfit(file, len(files), FILES):
        return Turn(state, (trouble,))
    files = (*files, file.kept or 0)
    match state:
        case Composing(_, corrects) if said.text.strip():
            return _composed(said.text, Composing(files, corrects))
        case Composing(_, corrects):
            return Turn(Composing(files, corrects), (Say("notice.enclosed", {"name": file.name}),))
        case Aiming(notice):
            told = Say("notice.enclosed_whom", {"name": file.name}, audience.OPTIONS)
            return Turn(Aiming(replace(notice, files=files)), (told,))
        case Releasing():
            return _previewed(replace(state, notice=replace(state.notice, files=files)))
    return Turn(state, (Say("talk.file"),))


def takes_files(state: State) -> bool:
    return isinstance(state, Composing | Aiming | Releasing)


def _files(state: State) -> tuple[int, ...]:
    return state.files if isinstance(state, Composing) else getattr(getattr(state, "notice", None), "files", ())


def unfit(file: Attachment, held: int, most: int) -> Say | None:
    """Why it can't go along with those that are there already."""
    if file.lost == "too_big" or file.size > LARGEST:
        return Say("notice.file_too_big", {"most": LARGEST >> 20})
    if not file.kept:
        return Say("notice.file_gone")
    if file.name.rpartition(".")[2].casefold() not in KINDS:
        return Say("notice.file_kind", {"name": file.name})
    return Say("notice.files_enough", {"most": most}) if held >= most else None


# What becomes of one that was made


def correct(rest: str, state: State, facts: Facts) -> Turn:
    """ "đính chính 12": the new text goes to whoever got that notice; it may follow at once, after a colon."""
    found = _NUMBER.match(rest)
    if not found:
        return Turn(state, (Say("talk.needs_more", {"example": "đính chính 12"}),))
    composing, text = Composing(corrects=int(found[1])), rest[found.end() :].strip()
    return _composed(text, composing) if text else Turn(composing, (Say("notice.compose"),))


_NUMBER = re.compile(r"\s*(?:số\s*)?([0-9]{1,9})\s*:?")


def recall(rest: str, state: State, facts: Facts) -> Turn:
    """ "thu hồi thông báo 12"."""
    found = _NUMBER.fullmatch(rest)
    if not found:
        return Turn(state, (Say("talk.needs_more", {"example": "thu hồi thông báo 12"}),))
    return Turn(Recalling(int(found[1])), (Say("notice.sure_recall", {"number": int(found[1])}, CHOICES),))


def release(rest: str, state: State, facts: Facts) -> Turn:
    """ "phát hành 12": a second officer lets it go."""
    found = _NUMBER.fullmatch(rest)
    if not found:
        return Turn(state, (Say("talk.needs_more", {"example": "phát hành 12"}),))
    return Turn(state, (), (Release(int(found[1]), go=True),))


def withhold(rest: str, state: State, facts: Facts) -> Turn:
    """ "không phát hành 12: sai ngày"."""
    found = _NUMBER.match(rest)
    if not found:
        return Turn(state, (Say("talk.needs_more", {"example": "không phát hành 12: sai ngày họp"}),))
    return Turn(state, (), (Release(int(found[1]), go=False, reason=rest[found.end() :].strip()[:400]),))


def circles(rest: str, state: State, facts: Facts) -> Turn:
    """The audiences kept under a name."""
    if not facts.circles:
        return Turn(state, (Say("notice.no_circles"),))
    return Turn(state, (Say("notice.circles", {"names": [name for name, _ in facts.circles]}),))


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


def about(text: str, facts: Facts) -> int | None:
    """The notice that a question is about: the one named or, where there is only one, the one that is open."""
    open = [notice.id for notice in facts.notices]
    return named_number if (named_number := _named(text)) in open else open[0] if len(open) == 1 else None


def who(number: str, state: State) -> Turn:
    return Turn(state, (), (Look("notice", number),))
