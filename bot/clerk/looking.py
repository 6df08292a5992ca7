"""What TCCB wants to see of the whole office."""

from datetime import date

from bot import overview, rhythm
from bot.clerk.errand import Errand, Says
from bot.dialogue.turn import Say


def look(at: str, what: str, errand: Errand) -> Says:
    tx = errand.tx
    if at == "notice":
        return overview.notice(tx, what)
    if at == "ahead":
        return rhythm.ahead(errand.hand, date.fromisoformat(what))
    if at == "unreachable":
        return overview.unreachable(tx)
    if at == "worked":
        return rhythm.worked_so_far(errand.hand)
    seen = overview.views(tx, errand.catalogues, errand.now)
    if at == "unit":
        return tuple(say for one in seen for say in overview.unit_card(one, what)) or (Say("desk.no_campaign"),)
    if at == "indicator":
        return tuple(say for one in seen for say in overview.indicator(one, what)) or (Say("desk.no_campaign"),)
    tell = {"missing": overview.missing, "short": overview.shortfalls, "waiting": overview.to_appraise}[at]
    return tuple(say for one in seen for say in tell(one)) or (Say("desk.no_campaign"),)
