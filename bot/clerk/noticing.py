"""Notices: whom they reach, how they will look, who lets them go; put right and called back; questions about them."""

from collections import Counter
from dataclasses import asdict

from sqlalchemy import Row

from bot.channels.channel import Channel, File, sharing
from bot.channels.render import Choice, render
from bot.clerk.errand import Errand, Says, to_tccb
from bot.dialogue.deeds import Aim, Broadcast, KeepCircle, Notice, Preview, Recall, Release, Reply
from bot.dialogue.turn import Option, Say, jsonable
from bot.words import Words
from jobs import notices as jobs
from jobs.notices import Found
from storage import audit, files, notices, outbox, people, questions, quota

NAMES = 8  # of recipients that a preview shows
CHOICES = (Option("send notice", "option.send", numbered=False), Option("drop", "option.drop", numbered=False))
LIKE = Words("vi")  # a notice goes out in the office's language
Item = dict[str, object]


def aimed(aim: Aim, errand: Errand) -> Found:
    return jobs.aimed(errand.tx, aim.audience, aim.what, errand.catalogues, errand.facts.today)


def preview(deed: Preview, errand: Errand) -> Says:
    if trouble := _can_not_be_put_right(deed.notice, errand):
        return (trouble,)
    found = aimed(deed.aim, errand)
    if not found:
        return (Say("notice.nobody"),)
    names = [name for _, name in found.values()]
    shown = names[:NAMES] + (["..."] if len(names) > NAMES else [])
    facts = {"n": len(found), "units": len({unit for unit, _ in found.values()}), "names": shown}
    facts |= {"title": deed.notice.title, "text": deed.notice.body}
    items = [*_on_channels(deed.notice, found, errand), *_when(deed, errand)]
    how = (Say("notice.how", {"items": items}), Say("notice.send_how", {}, CHOICES))
    return Say("notice.preview", facts), *_enclosed(deed.notice, errand), *how


def _can_not_be_put_right(notice: Notice, errand: Errand) -> Say | None:
    if notice.corrects is None:
        return None
    row = notices.at(errand.tx, notice.corrects)
    if row is None:
        return Say("notice.no_such", {"text": f"{notice.corrects}"})
    if row.sent is None or row.recalled or row.replaced:
        return Say("notice.not_standing", {"number": row.id})
    return None


def _files(notice: Notice, errand: Errand) -> list[File]:
    """What goes along, unread."""
    rows = [files.at(errand.tx, id) for id in notice.files]
    return [File(row.name, row.mime, bytes, row.size) for row in rows if row]


def _enclosed(notice: Notice, errand: Errand) -> Says:
    names = [file.name for file in _files(notice, errand)]
    return (Say("notice.with_files", {"names": names}),) if names else ()


def _on_channels(notice: Notice, found: Found, errand: Errand) -> list[Item]:
    """How many people get it over which channel, in how many messages; whom nothing reaches; what the month allows."""
    reachable = people.reachable(errand.tx)
    over = Counter((reachable[one].channel, reachable[one].account) for one in found if one in reachable)
    lines: list[Item] = []
    for channel in errand.channels:
        if n := over[channel.name, channel.account]:
            lines += _on_one(channel, notice, n, errand)
    if lost := [name for person, (_, name) in found.items() if person not in reachable]:
        lines.append({"kind": "notice.beyond_reach", "facts": {"n": len(lost), "names": lost[:NAMES]}})
    return lines


def _on_one(channel: Channel, notice: Notice, n: int, errand: Errand) -> list[Item]:
    traits = channel.traits
    text = LIKE("notice.text", {"number": 99, "title": notice.title, "text": notice.body})
    parts = len(render(text, [Choice("ack 99", "", numbered=False)], traits))
    facts: Item = {"channel": traits.title or traits.brand or channel.name, "n": n, "parts": parts}
    lines: list[Item] = [{"kind": "notice.on_channel" if traits.buttons else "notice.on_channel_typed", "facts": facts}]
    if not all(traits.takes(file) for file in _files(notice, errand)):
        lines.append({"kind": "notice.as_links", "facts": {"channel": facts["channel"]}})
    left = _left(channel, errand)
    if left is not None and n * parts > left:
        lines.append({"kind": "notice.beyond_month", "facts": facts | {"left": left, "needs": n * parts}})
    return lines


def _left(channel: Channel, errand: Errand) -> int | None:
    """Of the month's messages, where the far side counts them."""
    if channel.traits.monthly is None:
        return None
    accounts = sharing(channel, errand.channels)
    return max(channel.traits.monthly - quota.used(errand.tx, channel.name, accounts, quota.month(errand.now)), 0)


def _when(deed: Preview, errand: Errand) -> list[Item]:
    """When it goes, and when once more to those who have not acknowledged it."""
    goes = errand.calendar.next_awake(deed.at or errand.now)
    again = jobs.second_moment(errand.calendar, goes)
    lines: list[Item] = []
    if deed.at or goes > errand.now:
        lines.append({"kind": "notice.goes_at", "facts": {"at": goes.isoformat()}})
    if jobs.priority(deed.notice.title) == outbox.URGENT:
        lines.append({"kind": "notice.urgent", "facts": {}})
    kind = "notice.comes_again" if deed.again else "notice.comes_once"
    return [*lines, {"kind": kind, "facts": {"at": again.isoformat()}}]


def broadcast(deed: Broadcast, errand: Errand) -> Says:
    """The notice and one envelope for each recipient, in this transaction, unless it has to wait."""
    tx, now, found = errand.tx, errand.now, aimed(deed.aim, errand)
    if trouble := _can_not_be_put_right(deed.notice, errand):
        return (trouble,)
    if not found:
        return (Say("notice.nobody"),)
    limit = notices.second_officer(tx)
    held = limit is not None and len(found) >= limit
    goes = errand.calendar.next_awake(deed.at or now)
    again = jobs.second_moment(errand.calendar, goes) if deed.again else None
    about = {"due": deed.at, "again": again, "held": now if held else None, "corrects": deed.notice.corrects}
    row = notices.add(tx, deed.notice.title, deed.notice.body, asdict(deed.aim), errand.me, now, **about)
    notices.enclose(tx, row.id, deed.notice.files)
    audit.note(tx, errand.who, "notice", f"{row.id}", now, became={"people": len(found), **asdict(deed.aim)})
    if held:
        return _wait_for_another(row, len(found), errand)
    if deed.at:
        return (Say("notice.scheduled", {"number": row.id, "at": goes.isoformat()}),)
    jobs.dispatch(tx, row, found, now)
    return (Say("notice.queued", {"number": row.id, "n": len(found)}),)


def _wait_for_another(row: Row[tuple[object, ...]], n: int, errand: Errand) -> Says:
    others = {one.person for one in people.serving(errand.tx, "tccb")} - {errand.me}
    facts = {"number": row.id, "n": n, "title": row.title, "text": row.body, "name": errand.at.name}
    options = (
        Option(f"release {row.id}", "option.release", {"number": row.id}, numbered=False),
        Option(f"withhold {row.id}", "option.withhold", {"number": row.id}, numbered=False),
    )
    to_tccb(Say("notice.to_release", facts, options), f"notice-release:{row.id}", errand, but=errand.me)
    return (Say("notice.held" if others else "notice.held_alone", {"number": row.id}),)


def release(deed: Release, errand: Errand) -> Says:
    """By somebody else than its author."""
    tx, now, row = errand.tx, errand.now, notices.at(errand.tx, deed.notice)
    if row is None:
        return (Say("notice.no_such", {"text": f"{deed.notice}"}),)
    if row.held is None or row.recalled:
        return (Say("notice.not_held", {"number": row.id}),)
    if row.author == errand.me and deed.go:
        return (Say("notice.own", {"number": row.id}),)
    by = {"name": errand.at.name, "reason": deed.reason}
    if not deed.go:
        notices.note(tx, row.id, recalled=now)
        audit.note(tx, errand.who, "notice withheld", f"{row.id}", now, became=deed.reason or None)
        if row.author != errand.me:
            jobs.tell_author(tx, row, "notice.withheld", now, by)
        return (Say("notice.withheld_done", {"number": row.id}),)
    found = aimed(Aim(row.audience["audience"], tuple(row.audience["what"])), errand)
    if not found:
        return (Say("notice.nobody"),)
    audit.note(tx, errand.who, "notice released", f"{row.id}", now, became={"people": len(found)})
    notices.note(tx, row.id, held=None)
    jobs.tell_author(tx, row, "notice.released", now, by)
    if row.due and row.due > now:
        return (Say("notice.scheduled", {"number": row.id, "at": errand.calendar.next_awake(row.due).isoformat()}),)
    jobs.dispatch(tx, row, found, now)
    return (Say("notice.queued", {"number": row.id, "n": len(found)}),)


def recall(deed: Recall, errand: Errand) -> Says:
    """What is not out yet never goes; where the channel can, the message itself changes, elsewhere people are told."""
    tx, now, row = errand.tx, errand.now, notices.at(errand.tx, deed.notice)
    if row is None:
        return (Say("notice.no_such", {"text": f"{deed.notice}"}),)
    if row.recalled or row.replaced:
        return (Say("notice.not_standing", {"number": row.id}),)
    notices.note(tx, row.id, recalled=now)
    stopped = outbox.withdraw(tx, notices.about(row.id), now) + outbox.withdraw(tx, f"notice-again:{row.id}", now)
    say, told = jsonable(Say("notice.recalled", {"number": row.id, "title": row.title})), 0
    for sent in outbox.every_about(tx, notices.about(row.id)):
        if sent.outcome in ("sent", "unknown") or sent.settled is None:  # it may be there, or on its way
            to = people.at(tx, sent.address)
            outbox.put(tx, to, [say], jobs.priority(row.title), now, about=f"notice-recalled:{row.id}", edits=sent.id)
            told += 1
    audit.note(tx, errand.who, "notice recalled", f"{row.id}", now, became={"stopped": stopped, "told": told})
    return (Say("notice.recall_done", {"number": row.id, "stopped": stopped, "told": told}),)


def acknowledge(notice: int, verbatim: str, errand: Errand) -> None:
    if notices.acknowledge(errand.tx, notice, errand.me, verbatim, errand.now):
        audit.note(errand.tx, errand.who, "acknowledge", f"{notice}", errand.now, became=True, verbatim=verbatim)


def keep_circle(deed: KeepCircle, errand: Errand) -> None:
    was = notices.circles(errand.tx).get(deed.name)
    notices.keep_circle(errand.tx, deed.name, asdict(deed.aim))
    audit.note(errand.tx, errand.who, "circle", deed.name, errand.now, was=was, became=asdict(deed.aim))


def forward_question(text: str, notice: int | None, errand: Errand) -> None:
    """Numbered, so that whoever answers can say which."""
    duties = errand.facts.duties
    id = questions.ask(errand.tx, errand.me, duties[0].unit if duties else "", text, errand.now, notice)
    audit.note(errand.tx, errand.who, "question", f"{notice or '-'}", errand.now, became=id, verbatim=text)
    facts = {"number": id, "name": errand.at.name, "unit": duties[0].unit_name if duties else "", "text": text}
    kind = "question.about_notice" if notice else "question.asked"
    option = Option(f"answer {id}", "option.answer", {"number": id}, numbered=False)
    to_tccb(Say(kind, facts | {"notice": notice}, (option,)), f"question:{id}", errand)


def reply(deed: Reply, errand: Errand) -> Says:
    """To whoever has asked, once."""
    row = questions.at(errand.tx, deed.question)
    if row is None:
        return (Say("question.no_such", {"number": deed.question}),)
    if not questions.answer(errand.tx, row.id, deed.text, errand.me, errand.now):
        return (Say("question.answered_before", {"number": row.id, "name": row.by or "", "text": row.answer}),)
    audit.note(errand.tx, errand.who, "answer", f"{row.id}", errand.now, became=deed.text)
    to = people.reach(errand.tx, row.person)
    if to is None:
        return (Say("question.asker_lost", {"number": row.id}),)
    say = jsonable(Say("question.answer", {"question": row.body[:200], "text": deed.text}))
    outbox.put(errand.tx, to, [say], outbox.REPLY, errand.now, about=f"answer:{row.id}")
    return (Say("question.sent", {"number": row.id}),)
