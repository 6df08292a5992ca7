"""What those see who look at the whole office."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from bot import allowance, overview, rhythm
from bot.clerk import revoking
from bot.clerk.errand import Errand, Says
from bot.dialogue import admit
from bot.dialogue.deeds import Look
from bot.dialogue.turn import Option, Say
from bot.excerpt import excerpt
from bot.overview import View

BUTTONS = 4  # people who are let in by pressing; the others by typing
Told = Callable[[View, Look], Says]
IN_EACH: Mapping[str, Told] = {
    "missing": lambda seen, look: overview.missing(seen, look.start),
    "short": lambda seen, look: overview.shortfalls(seen, look.start),
    "waiting": lambda seen, look: overview.to_appraise(seen, look.start),
    "nobody": lambda seen, look: overview.unregistered(seen, look.start),
    "letter": lambda seen, look: overview.letter(seen),
    "unit": lambda seen, look: overview.unit_card(seen, look.what, look.start),
    "indicator": lambda seen, look: overview.indicator(seen, look.what, look.start),
}
"""What is told of each campaign that runs."""


def look(at: Look, errand: Errand) -> Says:
    tx = errand.tx
    match at.at:
        case "notice":
            return overview.notice(tx, at.what, at.start)
        case "journal":
            return overview.journal(tx, at.what, at.start)
        case "questions":
            return overview.questions(tx, at.start)
        case "ahead":
            return rhythm.ahead(errand.hand, date.fromisoformat(at.what))
        case "unreachable":
            return overview.unreachable(tx, at.start)
        case "pending":
            return waiting(errand, at.start)
        case "codes":
            return revoking.codes(at.what, at.start, errand)
        case "allowance":
            return allowances(errand)
        case "worked":
            return rhythm.worked_so_far(errand.hand)
    known = overview.views(tx, errand.catalogues, errand.now)
    seen = [replace(one, phones=errand.facts.tccb) for one in known]
    return tuple(say for one in seen for say in IN_EACH[at.at](one, at)) or (Say("desk.no_campaign"),)


def waiting(errand: Errand, start: int) -> Says:
    """Who waits to be let in."""
    people = errand.facts.pending
    if not people:
        return (Say("desk.nobody_waits"),)
    items, following = excerpt(people, admit.line, "pending", start)
    shown = people[start : start + BUTTONS]
    buttons = [Option(f"approve {one.id}", "option.approve", {"name": one.name}, numbered=False) for one in shown]
    return (Say("desk.waiting", {"n": len(people), "items": items}, (*following, *buttons)),)


def allowances(errand: Errand) -> Says:
    """How many messages each account has left this month, and how many the timetable will send."""
    accounts, month = errand.facts.metered, f"{errand.now:%m/%Y}"
    found = allowance.of_month(errand.tx, accounts, errand.catalogues, errand.calendar, errand.now)
    items = [
        {
            "kind": "desk.allowance_item" if one.enough else "desk.allowance_short",
            "facts": {"account": one.of.called, "used": one.used, "monthly": one.of.monthly}
            | {"left": one.left, "planned": one.planned},
        }
        for one in found
    ]
    return (Say("desk.allowance", {"month": month, "items": items}) if items else Say("desk.unmetered"),)
