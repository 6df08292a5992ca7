"""Papers on demand: the table of results, the document to sign, the picture. Each for those who may see it."""

from bot.dialogue.deeds import Handed, HandOut
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Deed, Say, State, Turn, named
from catalogue.standing import Standing
from catalogue.text import bare

MOST = 5  # units of one person whose papers go out at once


def table(text: str, state: State, facts: Facts) -> Turn:
    """ "xuất bảng": TCCB gets the whole office or the unit named, others their own."""
    if not facts.tccb:
        return table_of_unit(text, state, facts)
    if not text.strip():
        return _of_campaigns(("table", "document"), "", state, facts)
    match = facts.office.match(text) if facts.office else None
    if match is None or not match.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": text.strip()[:80]}),))
    if len(match.units) > 1:
        options = tuple(named(f"table {unit.id}", unit.name) for unit in match.units[:9])
        return Turn(state, (Say("desk.which_unit", {"text": text.strip()[:80]}, options),))
    return of_unit(match.units[0].id, state, facts)


def of_unit(unit: str, state: State, facts: Facts) -> Turn:
    """TCCB has chosen one of several units."""
    return _of_campaigns(("table", "document"), unit, state, facts)


def table_of_unit(text: str, state: State, facts: Facts) -> Turn:
    """ "bảng của đơn vị": what the unit's head signs; of a unit below, by naming it."""
    seen = [work for work in facts.visible if work.standing.measures]
    named_here = [work for work in seen if _is(text, work.standing)]
    own = {duty.unit for duty in facts.duties}
    works = (named_here or [work for work in seen if work.standing.unit in own])[:MOST]
    deeds: tuple[Deed, ...] = tuple(HandOut(("table", "document"), work.campaign, work.standing.unit) for work in works)
    return Turn(state, (), deeds) if deeds else Turn(state, (Say("sheet.nothing_to_see"),))


def _is(typed: str, one: Standing) -> bool:
    return bare(typed.strip()) in (bare(one.unit), bare(one.unit_name))


def picture(state: State, facts: Facts) -> Turn:
    """ "ảnh": the heat maps of all units."""
    return _of_campaigns(("picture",), "", state, facts)


def _of_campaigns(papers: tuple[Handed, ...], unit: str, state: State, facts: Facts) -> Turn:
    """Of every campaign that runs; when none does, of the last one."""
    running = [one for one in facts.campaigns if not one.locked] or list(facts.campaigns[-1:])
    deeds: tuple[Deed, ...] = tuple(HandOut(papers, one.id, unit) for one in running)
    return Turn(state, (), deeds) if deeds else Turn(state, (Say("desk.no_campaign"),))
