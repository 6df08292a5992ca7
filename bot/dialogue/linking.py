"""One person, several addresses: a code for another chat, the list of them, which comes first, which is dropped."""

import re

from bot.dialogue.deeds import DecideAddress, Disown, DropAddress, OpenLink, Prefer
from bot.dialogue.facts import Address, Facts
from bot.dialogue.turn import Deed, Option, Say, State, Turn
from catalogue import text

CODE = re.compile(r"lk-?[a-z2-9]{8}")


def looks_like_a_code(typed: str) -> bool:
    return bool(CODE.fullmatch(text.bare(typed.strip())))


def opened(state: State, facts: Facts) -> Turn:
    return Turn(state, (), (OpenLink(),))


def typed_here(state: State) -> Turn:
    """A code where it is of no use: this chat is somebody's already."""
    return Turn(state, (Say("link.known_here"),))


def listed(state: State, facts: Facts) -> Turn:
    return Turn(state, (Say("link.mine", {"items": [_item(one) for one in facts.addresses]}),))


def _item(one: Address) -> dict[str, object]:
    nothing: dict[str, object] = {"kind": "link.nothing", "facts": {}}
    here, cut = {"kind": "link.here", "facts": {}}, {"kind": "link.cut", "facts": {}}
    told = {"channel": one.called, "here": here if one.here else nothing, "cut": cut if one.cut else nothing}
    return {"kind": "link.item", "facts": told}


def prefer(rest: str, state: State, facts: Facts) -> Turn:
    """ "ưu tiên web"."""
    return _one_of(meant(rest, facts.addresses), "prefer", rest, state, facts)


def drop(rest: str, state: State, facts: Facts) -> Turn:
    """ "bỏ kênh web"."""
    if len(facts.addresses) < 2:
        return Turn(state, (Say("link.last"),))
    return _one_of(meant(rest, facts.addresses), "drop-address", rest, state, facts)


def disowned(rest: str, state: State, facts: Facts) -> Turn:
    """ "KHÔNG PHẢI TÔI": to what says that an account was added."""
    return Turn(state, (), (Disown(),))


def give_back(rest: str, state: State, facts: Facts) -> Turn:
    return _decided(rest, True, state)


def take_away(rest: str, state: State, facts: Facts) -> Turn:
    return _decided(rest, False, state)


def _decided(typed: str, keep: bool, state: State) -> Turn:
    """ "trả tài khoản 5", "bỏ tài khoản 5"."""
    number = typed.strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return Turn(state, (Say("link.not_held", {"number": number[:20]}),))
    return Turn(state, (), (DecideAddress(int(number), keep),))


def meant(typed: str, addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Those of that name; where none has it, those whose name begins so. Marks, case and signs do not matter."""
    wanted = _plain(typed)
    exact = tuple(one for one in addresses if wanted in (_plain(one.brand), _plain(one.called)))
    return exact or tuple(one for one in addresses if wanted and _plain(one.called).startswith(wanted))


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, text.bare(name)))


def _one_of(found: tuple[Address, ...], act: str, typed: str, state: State, facts: Facts) -> Turn:
    if len(found) > 1:
        options = tuple(Option(f"{act} {one.id}", "option.text", {"text": one.called}) for one in found)
        return Turn(state, (Say("link.which", {}, options),))
    if not found:
        return Turn(state, (Say("link.none", {"text": typed.strip()[:80]}),))
    return _chosen(found[0], act, state)


def _chosen(one: Address, act: str, state: State) -> Turn:
    if act == "drop-address" and one.here:
        return Turn(state, (Say("link.not_here"),))
    deed: Deed = Prefer(one.id) if act == "prefer" else DropAddress(one.id)
    return Turn(state, (), (deed,))


def chosen_first(rest: str, state: State, facts: Facts) -> Turn:
    return _pressed(rest, "prefer", state, facts)


def chosen_to_drop(rest: str, state: State, facts: Facts) -> Turn:
    return _pressed(rest, "drop-address", state, facts)


def _pressed(rest: str, act: str, state: State, facts: Facts) -> Turn:
    """The button may be old: what is not theirs any more is not chosen."""
    found = tuple(one for one in facts.addresses if str(one.id) == rest)
    return _one_of(found, act, rest, state, facts)
