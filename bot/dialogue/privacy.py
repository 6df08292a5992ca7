"""What is kept about a person: seen and put right by themselves, erased when TCCB agrees."""

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.changing import CHOICES, agrees
from bot.dialogue.deeds import AskErasure, DecideErasure, Rename, SetPhone, ShowMine
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Idle, Said, Say, State, Turn
from catalogue import phone as telephone
from catalogue import staff, text
from catalogue.answer import Awaiting, Reading

NONE = {"khong", "khong co", "xoa", "bo"}  # instead of a telephone
EXAMPLE = {"name": "sửa tên tôi: Nguyễn Văn An", "phone": "sửa số điện thoại: 0912345678"}


@dataclass(frozen=True)
class Leaving(State):
    """All that is kept about them is to go, once they confirm that they want to ask for it."""

    awaiting: ClassVar = Awaiting.CONFIRMATION


def mine(state: State, facts: Facts) -> Turn:
    """ "dữ liệu của tôi"."""
    return Turn(state, (), (ShowMine(),))


def rename(rest: str, state: State, facts: Facts) -> Turn:
    """ "sửa tên tôi: Nguyễn Văn An"."""
    name = " ".join(rest.strip(" :").split())
    if not staff.is_name(name):
        return Turn(state, (Say("privacy.bad_name", {"example": EXAMPLE["name"]}),))
    return Turn(state, (), (Rename(name),))


def phone(rest: str, state: State, facts: Facts) -> Turn:
    """ "sửa số điện thoại: 0912345678"; "không" takes it away."""
    typed = rest.strip(" :.")
    if text.bare(typed) in NONE:
        return Turn(state, (), (SetPhone(""),))
    if not (number := telephone.plain(typed)):
        return Turn(state, (Say("privacy.bad_phone", {"example": EXAMPLE["phone"]}),))
    return Turn(state, (), (SetPhone(number),))


def leave(rest: str, state: State, facts: Facts) -> Turn:
    """ "xóa dữ liệu của tôi"."""
    return Turn(Leaving(), (Say("privacy.sure", {}, CHOICES),))


def step(state: Leaving, said: Said, reading: Reading, facts: Facts) -> Turn:
    if (agreed := agrees(said, reading)) is None:
        return Turn(state, (Say("moving.yes_or_no", {}, CHOICES),))
    return Turn(Idle(), (), (AskErasure(),)) if agreed else Turn(Idle(), (Say("relief.dropped"),))


def erase(rest: str, state: State, facts: Facts) -> Turn:
    """ "xóa dữ liệu 3", by TCCB."""
    number = rest.strip()
    if not number.isdecimal() or len(number) > 9:
        return Turn(state, (Say("privacy.which"),))
    return Turn(state, (), (DecideErasure(int(number), True),))


def keep(rest: str, state: State, facts: Facts) -> Turn:
    """ "không xóa dữ liệu 3 đang khiếu nại", by TCCB."""
    number, _, reason = rest.strip().partition(" ")
    if not number.isdecimal() or len(number) > 9:
        return Turn(state, (Say("privacy.which"),))
    return Turn(state, (), (DecideErasure(int(number), False, reason.strip(" :")[:400]),))
