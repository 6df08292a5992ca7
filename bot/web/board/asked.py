"""What an address or a form asks for, read with care: whatever makes no sense is as if it were not there."""

import re
from datetime import date, datetime

from starlette.datastructures import FormData, QueryParams

from bot.channels.channel import typed
from bot.dialogue.deeds import Aim
from bot.web.board.ports import STATES, Wanted
from catalogue.calendar import HANOI

LONGEST = 200  # characters of a filter
REPORT = re.compile(r"[0-9]{1,18}")
AUDIENCES = ("all", "missing", "silent", "short", "heads", "type", "units", "below")
LISTED = ("units", "below")  # those that name units


def wanted(query: QueryParams) -> Wanted:
    def text(name: str) -> str:
        return typed(query.get(name, ""))[:LONGEST].strip()

    return Wanted(
        type=text("loai"),
        under=text("nhom"),
        state=text("tt") if text("tt") in STATES else "",
        text=text("tim"),
        order="office" if text("xep") == "office" else "risk",
        page=number(query.get("trang", "")) or 1,
        campaign=number(query.get("dot", "")) or None,
        row=text("ct"),
    )


def query(asked: Wanted) -> dict[str, str]:
    """Back into an address; the page left out."""
    told = {"loai": asked.type, "nhom": asked.under, "tt": asked.state, "tim": asked.text, "ct": asked.row}
    told |= {"xep": "" if asked.order == "risk" else asked.order, "dot": str(asked.campaign or "")}
    return {name: value for name, value in told.items() if value}


def number(text: str) -> int:
    return int(text) if REPORT.fullmatch(text) else 0


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def field(form: FormData, name: str, longest: int = LONGEST) -> str:
    value = form.get(name)
    return typed(value).replace("\r\n", "\n")[:longest].strip() if isinstance(value, str) else ""


def reports(form: FormData) -> list[int]:
    """Those ticked, each once."""
    ticked = (value for value in form.getlist("report") if isinstance(value, str))
    return [id for id in dict.fromkeys(map(number, ticked)) if id]


def aim(audience: str, units: tuple[str, ...]) -> Aim | None:
    """ "missing", "type chi_cuc", "short 2.8", "units" or "below" with the units meant."""
    kind, _, what = audience.partition(" ")
    if kind not in AUDIENCES or (kind == "type" and not what) or (kind in LISTED and not units):
        return None
    if what and kind not in ("type", "short"):
        return None
    return Aim(kind, (what,) if what else units if kind in LISTED else ())  # type: ignore[arg-type] # one of these


def moment(text: str) -> datetime | None:
    """As a form's field for a day and an hour writes it, in Hà Nội."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HANOI)
    except ValueError:
        return None
