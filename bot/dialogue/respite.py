"""More time: a unit asks for it or promises an hour, TCCB grants or refuses it."""

import re
from datetime import date, datetime, time, timedelta

from bot.dialogue import changing
from bot.dialogue.deeds import AskTime, Extend, Forward, KeepDeadline, Promise
from bot.dialogue.facts import Campaign, Facts, Work
from bot.dialogue.turn import Deed, Option, Say, State, Turn, named
from catalogue import dates

GRACE = timedelta(days=3)  # the longest promise once the deadline is gone by
_BEFORE_A_DAY = re.compile(r"(?:\s+(?:đến|den|tới|toi|sang|hết|het|ngày|ngay))+\s*$", re.IGNORECASE)


def ask(text: str, state: State, facts: Facts) -> Turn:
    """The request goes to TCCB, unit by unit, with the day as far as it can be read."""
    works = [work for work in facts.works if work.standing.owed] or facts.works
    deeds: tuple[Deed, ...] = tuple(
        AskTime(
            work.campaign,
            work.standing.unit,
            text.strip(),
            work.plan.deadline,
            dates.later_named(text, facts.today, work.plan.deadline),
        )
        for work in works
    )
    return Turn(state, (Say("talk.forwarded_extension"),), deeds or (Forward("extension", text.strip()),))


def promise(text: str, state: State, facts: Facts) -> Turn:
    """ "hẹn 15h ngày mai"."""
    due = dates.moment_named(text, facts.now)
    return promised(due, state, facts) if due else Turn(state, (Say("promise.when"),))


def promised(due: datetime, state: State, facts: Facts) -> Turn:
    """For the unit being asked, or for all of theirs that owe something. It must not outlast the deadline."""
    asked = (getattr(state, "campaign", 0), getattr(state, "unit", ""))
    owing = [work for work in facts.works if work.standing.owed]
    works = [work for work in owing if (work.campaign, work.standing.unit) == asked] or owing
    if not works:
        return Turn(state, (Say("report.done" if facts.works else "report.nothing_assigned"),))
    if late := [work for work in works if due > _latest(work, facts.now)]:
        return Turn(state, (Say("promise.too_late", {"deadline": late[0].plan.deadline.isoformat()}),))
    told = tuple(Say("promise.noted", _noted(work, due)) for work in works)
    return Turn(state, told, tuple(Promise(work.campaign, work.standing.unit, due) for work in works))


def _latest(work: Work, now: datetime) -> datetime:
    """The end of the deadline's day; of a deadline gone by, some days from now."""
    end = datetime.combine(work.plan.deadline, time.max, now.tzinfo)
    return end if end > now else now + GRACE


def _noted(work: Work, due: datetime) -> dict[str, object]:
    stands = work.standing
    known = {"unit": stands.unit_name, "n": len(stands.owed), "due": due.isoformat()}
    return known | {"deadline": work.plan.deadline.isoformat()}


def options(asked: AskTime) -> tuple[Option, ...]:
    """What TCCB may answer; the id of a refusal names the deadline that stays."""
    no = Option(
        f"no-extend {asked.campaign} {asked.unit} {asked.deadline}", "option.no_extend", {"unit": asked.unit}, False
    )
    if asked.until is None:
        return (no,)
    id = f"extend {asked.campaign} {asked.unit} {asked.until}"
    return (Option(id, "option.extend", {"unit": asked.unit, "until": asked.until.isoformat()}, False), no)


def extend(rest: str, state: State, facts: Facts) -> Turn:
    """The button: campaign, unit, until when."""
    match rest.split():
        case [campaign, unit, day] if _known(campaign, facts) and (until := _iso(day)):
            return Turn(state, (), (Extend(int(campaign), unit, until),))  # the request has told what it does
    return Turn(state, (Say("talk.old"),))


def keep(rest: str, state: State, facts: Facts) -> Turn:
    """The button: campaign, unit, the deadline that stays."""
    match rest.split():
        case [campaign, unit, day] if _known(campaign, facts) and (deadline := _iso(day)):
            return Turn(state, (), (KeepDeadline(int(campaign), unit, deadline),))
        case [campaign, unit] if _known(campaign, facts):
            return Turn(state, (), (KeepDeadline(int(campaign), unit),))
    return Turn(state, (Say("talk.old"),))


def _known(campaign: str, facts: Facts) -> Campaign | None:
    return next((one for one in facts.campaigns if str(one.id) == campaign and not one.locked), None)


def _iso(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def grant(text: str, state: State, facts: Facts) -> Turn:
    """ "gia hạn CCKL 15/12 mất điện": the unit, the day, and why."""
    day = dates.day_named(text, facts.today)
    place, why = (text[: day.start], text[day.end :].strip(" ,.:-")) if day else (text, "")
    found = facts.office.match(_BEFORE_A_DAY.sub("", place).strip()) if facts.office and place.strip() else None
    if (found is None or not found.units) and facts.works:
        return ask(f"gia hạn {text}", state, facts)  # one of TCCB who reports, too, asks for themselves
    if found is None or not found.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": place.strip()}),))
    if day is None:
        return Turn(state, (Say("respite.which_day", {"unit": found.units[0].id}),))
    meant = [(one, unit) for one in facts.campaigns if not one.locked for unit in found.units]
    if len(meant) == 1:
        (one, unit), *_ = meant
        return changing.extend(one.id, unit.id, day.day, why)
    choices = tuple(named(f"extend {one.id} {unit.id} {day.day}", f"{unit.name} ({one.year})") for one, unit in meant)
    return Turn(state, (Say("desk.which_unit", {"text": place.strip()}, choices[:9]) if meant else _none(),))


def deny(text: str, state: State, facts: Facts) -> Turn:
    """ "không gia hạn CCKL"."""
    found = facts.office.match(text) if facts.office and text.strip() else None
    if found is None or not found.units:
        return Turn(state, (Say("desk.no_such_unit", {"text": text}),))
    meant = [(one, unit) for one in facts.campaigns if not one.locked for unit in found.units]
    if len(meant) == 1:
        (one, unit), *_ = meant
        return Turn(state, (), (KeepDeadline(one.id, unit.id),))
    choices = tuple(named(f"no-extend {one.id} {unit.id}", f"{unit.name} ({one.year})") for one, unit in meant)
    return Turn(state, (Say("desk.which_unit", {"text": text}, choices[:9]) if meant else _none(),))


def _none() -> Say:
    return Say("desk.no_campaign")
