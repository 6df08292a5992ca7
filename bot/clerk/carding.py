"""The card of one report that waits, with what speaks for and against it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot import overview
from bot.clerk import appraising
from bot.clerk.errand import Errand, Says
from bot.dialogue import card
from bot.dialogue.deeds import Appraise, Scope
from bot.dialogue.facts import Work
from bot.dialogue.turn import Option, Say
from bot.excerpt import SHOWN, rest
from bot.overview import View
from catalogue.standing import Reported, Standing
from storage import campaigns, proofs, reports, units


@dataclass(frozen=True)
class Case:
    """One report that waits for whoever asks."""

    seen: View
    one: Standing
    said: Reported

    @property
    def for_a_person(self) -> bool:
        return appraising.to_be_judged(self.seen.catalogue, self.said.measure, self.said.answer)


def waiting(scope: Scope, errand: Errand) -> list[Case]:
    """What the asker has to appraise, oldest first: of the rows of their office, without what it has accepted."""
    found = [
        case for seen in overview.views(errand.tx, errand.catalogues, errand.now) for case in _mine(seen, scope, errand)
    ]
    done = reports.verdicts(errand.tx, [case.said.id for case in found])
    seat = errand.facts.seat
    left = [
        case
        for case in found
        if not seat.speaks_for(case.seen.catalogue.evaluators(case.said.measure))
        <= {office for row in done.get(case.said.id, []) for office in (row.offices or "").split()}
    ]
    return sorted(left, key=lambda case: case.said.id)


def _mine(seen: View, scope: Scope, errand: Errand) -> Iterator[Case]:
    for one, code in seen.waiting:
        if not errand.facts.seat.speaks_for(seen.catalogue.evaluators(code)):
            continue
        if scope in (Scope(), Scope("unit", one.unit), Scope("measure", code)):
            yield Case(seen, one, one.reported[code])


def queue(start: int, errand: Errand) -> Says:
    """A line each unit, the longest waiting first; each is opened by its number."""
    found = waiting(Scope(), errand)
    if not found:
        return (Say("appraise.nothing_waits"),)
    count = Counter(case.one.unit for case in found)
    names = {case.one.unit: case.one.unit_name for case in found}
    shown = list(count.items())[start : start + SHOWN]
    lines = [Option(f"appraise unit {unit}", "option.queued", {"unit": names[unit], "n": n}) for unit, n in shown]
    after = start + len(shown)
    told = {"n": len(found), "units": len(count)}
    if after >= len(count):
        return (Say("appraise.queue", told, tuple(lines)),)
    following = Option(f"queue {after}", "option.more", numbered=False)
    return (Say("appraise.queue_more", told | {"rest": len(count) - after}, (*lines, following)),)


def next_card(scope: Scope, after: int, errand: Errand) -> Says:
    """In the order in which they came; after the last one, those that were left for later are over."""
    found = waiting(scope, errand)
    ahead = [case for case in found if case.said.id > after]
    if not ahead:
        return (Say("appraise.left_for_later" if found else "appraise.nothing_waits", {"n": len(found)}),)
    return _card(ahead[0], len(found), errand)


def preview_all(scope: Scope, errand: Errand) -> Says:
    """Every figure that would be accepted, with how it stands; in chat as many as fit, and the number of all."""
    found = _ready(waiting(scope, errand))
    if not found:
        return (Say("appraise.nothing_waits"),)
    items = [_line(case) for case in found[:SHOWN]] + rest(len(found), "appraise.all_more")
    id = f"accept-all {found[-1].said.id} {scope.write()}".strip()
    options = (Option(id, "option.accept", numbered=False), Option("accept-none", "option.none", numbered=False))
    return (Say("appraise.preview_all", {"n": len(found), "items": items}, options),)


def _ready(found: list[Case]) -> list[Case]:
    """Without those of which somebody has to say first whether they reach their targets."""
    return [case for case in found if not case.for_a_person]


def _line(case: Case) -> dict[str, object]:
    code = case.said.measure
    short = any(case.one.state(row).short for row in case.one.judged(code))
    facts = {"unit": case.one.unit_name, "codes": [row.code for row in case.one.judged(code)]}
    kind = "appraise.all_short" if short else "appraise.all_item"
    return {"kind": kind, "facts": facts | {"was": card.told(case.one, code)}}


def accept_all(scope: Scope, newest: int, errand: Errand) -> Says:
    """One by one, each with its own row in the book; what somebody decided meanwhile is left as it is."""
    shown = [case.said.id for case in _ready(waiting(scope, errand)) if case.said.id <= newest]
    kinds = [say.kind for report in shown for say in appraising.appraise(Appraise(report, True), errand)]
    accepted, agreed = kinds.count("appraise.accepted"), kinds.count("appraise.agreed")
    if not accepted + agreed:
        return (Say("appraise.nothing_waits"),)
    told = (Say("appraise.all_agreed", {"n": agreed}),) if agreed else ()
    return (Say("appraise.accepted_all", {"n": accepted}), *told)


def _card(case: Case, count: int, errand: Errand) -> Says:
    one, said = case.one, case.said
    work = Work(case.seen.campaign, case.seen.plan, one)
    facts = card.value(work, said.measure, said.answer) | {"unit": one.unit_name, "n": count}
    facts |= {"was": card.told(one, said.measure), "by": said.by_name, "given": said.given.isoformat()}
    facts |= {"as_of": said.as_of.isoformat()}
    verdicts = tuple(card.stands(work, row, said) for row in one.judged(said.measure))
    first = "judge" if case.for_a_person else "accept"
    acts = {first: "option.accept", "return": "option.give_back", "later": "option.later"}
    options = tuple(Option(f"{act} {said.id}", kind, numbered=False) for act, kind in acts.items())
    why = one.explained.get(said.measure)
    told = [Say("appraise.affirmed" if said.affirmed else "appraise.on_behalf")] if said.on_behalf else []
    told += [Say("appraise.explained", {"reason": why})] if why else []
    told += [Say("appraise.proved", {"evidence": said.evidence})] if said.evidence else []
    if files := proofs.of(errand.tx, [said.id]).get(said.id):
        told.append(Say("appraise.files", {"n": len(files)}))
        options += (Option(f"proof {one.unit} {said.measure}", "option.show_proof", numbered=False),)
    return (Say("appraise.card", facts), *verdicts, *told, *_others(case, errand), Say("appraise.which", {}, options))


def _others(case: Case, errand: Errand) -> Iterator[Say]:
    """What the other offices of a joint row have said of it, and whether they have to."""
    named = case.seen.catalogue.evaluators(case.said.measure)
    others = [office for office in named if office not in errand.facts.seat.speaks_for(named)]
    given, names = reports.agreed(errand.tx, case.said.id), units.names(errand.tx)
    both = campaigns.at(errand.tx, case.seen.campaign).joint == "both"
    for office in others:
        told: dict[str, object] = {"office": names.get(office, office)}
        if office in given:
            row = given[office]
            told |= {"by": row.by_name, "at": row.given.isoformat()}
            if row.outcome:
                yield Say("appraise.other_agreed_as", told | {"outcome": appraising.OUTCOMES[row.outcome]})
            else:
                yield Say("appraise.other_agreed", told)
        elif both:
            yield Say("appraise.other_waits", told)
        else:
            yield Say("appraise.other_leads" if office == named[0] else "appraise.other_follows", told)
