"""Whom a notice is for, in the words of whoever writes it: "chưa đạt 2.8", "trực thuộc CCKL", "nhóm miền núi"."""

import re
from dataclasses import dataclass

from bot.dialogue.deeds import Aim
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Option, Say, named
from catalogue import answer as reader
from catalogue.text import bare

OFFERED: tuple[tuple[Aim, str], ...] = (
    (Aim("all"), "option.to_all"),
    (Aim("missing"), "option.to_missing"),
    (Aim("silent"), "option.to_silent"),
    (Aim("short"), "option.to_short"),
    (Aim("heads"), "option.to_heads"),
    (Aim("type", ("chi_cuc",)), "option.to_branches"),
    (Aim("type", ("don_vi_truc_thuoc_chi_cuc",)), "option.to_stations"),
)
_WORDS = {
    "tat ca": Aim("all"),
    "tat ca dau moi": Aim("all"),
    "con thieu": Aim("missing"),
    "thieu": Aim("missing"),
    "chua gui": Aim("silent"),
    "chua bao cao": Aim("silent"),
    "chua dat": Aim("short"),
    "thu truong": Aim("heads"),
    "khong lien lac duoc": Aim("unreachable"),
}
_SHORT = re.compile(r"(?:cac )?(?:don vi )?chua dat (?P<row>.+)")
_BELOW = re.compile(r"(?:cac )?(?:don vi )?(?:truc thuoc|thuoc|duoi) (?P<top>.+)")
_CIRCLE = re.compile(r"nhom (?P<name>.+)")
OPTIONS = tuple(Option(f"to {number}", label) for number, (_, label) in enumerate(OFFERED))


@dataclass(frozen=True)
class Unclear:
    """Nobody is meant beyond doubt; what to say instead."""

    say: Say


def chosen(id: str) -> Aim | None:
    """By the button, or the number, that was offered."""
    kind, _, what = id.partition(" ")
    if kind == "to" and what.isdecimal() and int(what) < len(OFFERED):
        return OFFERED[int(what)][0]
    return Aim("units", (what,)) if kind == "to-unit" and what else None


def read(text: str, facts: Facts) -> Aim | Unclear:
    """The audience that somebody has typed."""
    if described := of_words(text, facts):
        return described
    units = _units(text, facts)
    return Aim("units", units) if isinstance(units, tuple) else units


def of_words(text: str, facts: Facts) -> Aim | None:
    """An audience that is described and not listed, although its words may begin a command: "đơn vị trực thuộc …"."""
    said = bare(text).strip(" .!")
    if known := _WORDS.get(said) or _kept(said, facts):
        return known
    if (found := _SHORT.fullmatch(said)) and (codes := _rows(found["row"], facts)):
        return Aim("short", codes)
    if (found := _BELOW.fullmatch(said)) and isinstance(tops := _units(found["top"], facts), tuple):
        return Aim("below", tops)
    return None


def _kept(said: str, facts: Facts) -> Aim | None:
    """An audience that was kept under a name, with "nhóm" before it or without."""
    found = _CIRCLE.fullmatch(said)
    names = {said, found["name"] if found else said}
    return next((aim for name, aim in facts.circles if bare(name) in names), None)


def _rows(row: str, facts: Facts) -> tuple[str, ...]:
    for catalogue in facts.catalogues:
        if codes := reader.references(row, catalogue):
            return tuple(codes)
    return ()


def _units(text: str, facts: Facts) -> tuple[str, ...] | Unclear:
    """Several by semicolons, commas or lines; each must be clear."""
    pieces = [piece.strip() for piece in re.split(r"[;,\n]", text) if piece.strip()]
    found = []
    for piece in pieces:
        match = facts.office.match(piece) if facts.office else None
        if match is None or not match.units:
            return Unclear(Say("notice.whom_again", {"text": piece[:80]}, OPTIONS))
        if len(match.units) > 1:
            options = tuple(named(f"to-unit {unit.id}", unit.name) for unit in match.units[:9])
            return Unclear(Say("desk.which_unit", {"text": piece[:80]}, options if len(pieces) == 1 else ()))
        found.append(match.units[0].id)
    return tuple(dict.fromkeys(found)) or Unclear(Say("notice.whom_again", {"text": text[:80]}, OPTIONS))
