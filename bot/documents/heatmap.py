"""The heat map: units × indicators as a picture for a telephone, told by signs as well as by colours."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from bot.words import Words
from catalogue.model import Catalogue
from catalogue.standing import Standing

MIME = "image/png"
WIDE = 1080  # pixels, as telephones are
LEFT, CELL, HEAD, FOOT = 300, 30, 165, 150  # pixels
WIDEST = 60  # pixels of a column
PER_PICTURE = 24  # units
LONGEST = 30  # signs of a unit's name

# state: (colour, sign, colour of the sign, sentence); colours that people tell apart who see no red or green
LOOKS = {
    "met": ("#009E73", "✓", "white", "picture.met"),
    "short": ("#D55E00", "✗", "white", "picture.short"),
    "returned": ("#CC79A7", "↩", "black", "picture.returned"),
    "owed": ("#F0E442", "○", "black", "picture.owed"),
    "na": ("#B8D4E8", "–", "black", "picture.na"),
    "judged": ("#56B4E9", "?", "black", "picture.judged"),
    "free": ("#F2F2F2", "", "black", "picture.free"),
}


def groups(standings: Iterable[str], parents: Mapping[str, str]) -> list[list[str]]:
    """The units of each picture: those below one unit together, no more than a telephone shows legibly."""
    below: dict[str, list[str]] = {}
    for unit in standings:
        below.setdefault(parents.get(unit, ""), []).append(unit)
    pages = []
    for found in below.values():
        count = -(-len(found) // PER_PICTURE)
        size = -(-len(found) // count)
        pages += [found[start : start + size] for start in range(0, len(found), size)]
    return pages


def draw(catalogue: Catalogue, stands: Sequence[Standing], title: str, now: datetime, words: Words) -> bytes:
    from matplotlib.figure import Figure  # heavy, and wanted here alone

    owed = {code for one in stands for code in one.indicators}
    codes = [leaf.code for leaf in catalogue.leaves if leaf.code in owed]
    wide = max(WIDE, LEFT + CELL * len(codes))
    high = HEAD + CELL * len(stands) + FOOT
    figure = Figure(figsize=(wide / 100, high / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, wide)
    axes.set_ylim(high, 0)
    axes.axis("off")
    axes.text(14, 30, title, size=15, weight="bold", va="center")
    axes.text(14, 58, words("picture.at", {"now": now.isoformat()}), size=11, va="center", color="#444444")
    cell = min((wide - LEFT - 8) / len(codes), WIDEST)
    for column, code in enumerate(codes):
        axes.text(LEFT + (column + 0.5) * cell, HEAD - 8, code, size=10, rotation=90, ha="center", va="bottom")
    for number, one in enumerate(stands):
        _draw_unit(axes, one, codes, HEAD + number * CELL, cell)
    _legend(axes, HEAD + len(stands) * CELL + 26, words)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _draw_unit(axes: Any, one: Standing, codes: Sequence[str], y: float, cell: float) -> None:
    from matplotlib.patches import Rectangle

    name = one.unit_name if len(one.unit_name) <= LONGEST else f"{one.unit_name[: LONGEST - 1]}…"
    axes.text(LEFT - 8, y + CELL / 2, name, size=11, ha="right", va="center")
    for column, code in enumerate(codes):
        colour, sign, ink, _ = LOOKS[state(one, code)]
        x = LEFT + column * cell
        axes.add_patch(Rectangle((x, y), cell - 1.5, CELL - 1.5, facecolor=colour, edgecolor="none"))
        if sign:
            axes.text(x + cell / 2, y + CELL / 2, sign, size=13, ha="center", va="center", color=ink, weight="bold")


def state(one: Standing, code: str) -> str:
    """How one indicator of one unit stands, as one of LOOKS."""
    found = one.state(one.catalogue.by_code[code])
    return _UNDECIDED.get(found.stage) or found.verdict or "na"


_UNDECIDED = {
    "off": "free",
    "missing": "owed",
    "no_data_yet": "owed",
    "returned": "returned",
    "contested": "returned",
}


def _legend(axes: Any, y: float, words: Words) -> None:
    from matplotlib.patches import Rectangle

    for number, (colour, sign, ink, kind) in enumerate(LOOKS.values()):
        x, line = 20 + (number % 3) * 350, y + (number // 3) * 36
        axes.add_patch(Rectangle((x, line - 14), 28, 28, facecolor=colour, edgecolor="#999999", linewidth=0.5))
        axes.text(x + 14, line, sign, size=13, ha="center", va="center", color=ink, weight="bold")
        axes.text(x + 40, line, words(kind, {}), size=12, va="center")
