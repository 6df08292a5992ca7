"""The end of a campaign: TCCB locks it, and lets a unit in once more."""

from bot.dialogue.deeds import Lock, Reopen
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Option, Say, State, Turn


def lock(text: str, state: State, facts: Facts) -> Turn:
    """ "khóa đợt" asks whether that is meant; "khóa đợt 2024" is."""
    running = [one for one in facts.campaigns if not one.locked]
    if meant := [one for one in running if str(one.year) == text.strip()]:
        return Turn(state, (), tuple(Lock(one.id) for one in meant))
    if not running:
        return Turn(state, (Say("desk.no_campaign"),))
    options = tuple(Option(f"lock {one.id}", "option.lock", {"year": one.year}, False) for one in running)
    return Turn(state, (Say("closing.sure", {"year": running[0].year}, options),))


def pressed(rest: str, state: State, facts: Facts) -> Turn:
    if any(str(one.id) == rest for one in facts.campaigns):
        return Turn(state, (), (Lock(int(rest)),))
    return Turn(state, (Say("talk.old"),))


def reopen(text: str, state: State, facts: Facts) -> Turn:
    """ "mở lại CCKL bổ sung hồ sơ": the unit is as many of the first words as name one."""
    locked = [one for one in facts.campaigns if one.locked]
    if not locked:
        return Turn(state, (Say("closing.none_locked"),))
    words = text.split()
    for count in range(len(words), 0, -1):
        found = facts.office.match(" ".join(words[:count])) if facts.office else None
        if found and len(found.units) == 1 and found.certain:
            reason = " ".join(words[count:])
            if not reason:
                return Turn(state, (Say("closing.why", {"unit": found.units[0].id}),))
            return Turn(state, (), (Reopen(locked[-1].id, found.units[0].id, reason),))
    return Turn(state, (Say("desk.no_such_unit", {"text": text.strip()}),))
