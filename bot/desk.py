"""One message in, one transaction, whatever follows from it. Only here does talk meet memory."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row

from bot import allowance, clerk, flood, memory
from bot.channels.channel import Channel, Incoming
from bot.dialogue import behalf, enrol, linking, router
from bot.dialogue.deeds import Aim
from bot.dialogue.facts import (
    Address,
    Behalf,
    Campaign,
    Crowded,
    Duty,
    Facts,
    Guest,
    Invitation,
    Meant,
    Pending,
    Person,
    Received,
    Way,
    Work,
)
from bot.dialogue.sheet import Sheet
from bot.dialogue.turn import Attachment, Idle, Said, Say, State, Turn, jsonable
from bot.documents import filled
from catalogue import pointing
from catalogue.calendar import Calendar
from catalogue.model import Catalogue
from catalogue.office import Office
from jobs import unreached
from storage import (
    board,
    campaigns,
    db,
    files,
    inbox,
    invitations,
    members,
    notices,
    outbox,
    people,
    quota,
    talks,
    tickets,
    units,
)

PATIENCE = 3  # times that a message may trip us
LARGEST = 20 << 20  # bytes of a file that somebody sends
FETCH_WAITS = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600)]  # until a file counts as lost
VIET_NAM = Calendar()
MOST_MEANT = 3  # units that a name may mean and still say something
log = logging.getLogger(__name__)


def keep(tx: Connection, heard: Incoming, now: datetime, stage: flood.Stage = "") -> bool:
    """Once this is committed the message can't be lost, and the channel may confirm it. True when it is a new message.

    What is too many is kept as well, and settled already; the first of it is told of.
    """
    if heard.said.event == "seen":  # nobody has spoken: no window opens, and nobody is back
        at = people.address_at(tx, heard.channel, heard.account, heard.chat)
        outbox.seen(tx, at, heard.said.text.split(), now) if at else None
        return False
    address = people.address_of(tx, heard.channel, heard.account, heard.chat, now)
    if heard.said.event == "blocked":
        unreached.lose(tx, address, "blocked", now)
    if heard.said.event in ("blocked", "returned"):
        return False
    said, file = heard.said, heard.said.file
    if file and file.size > LARGEST:
        said, file = replace(said, file=replace(file, lost="too_big")), None
    if stage:
        return _set_aside(tx, address, heard.id, said, now, stage)
    return inbox.keep(tx, address, heard.id, jsonable(said), now, awaits=now if file and file.kept is None else None)


def _set_aside(tx: Connection, address: int, id: str, said: Said, now: datetime, stage: flood.Stage) -> bool:
    new = inbox.keep(tx, address, id, jsonable(said), now, outcome=inbox.TOO_MANY)
    if new and stage == "first":
        log.warning("address %s says more than %s messages a minute: the rest is set aside", address, flood.MOST)
        say = jsonable(Say("talk.flooded", {"most": flood.MOST}))
        outbox.put(tx, people.at(tx, address), [say], outbox.REPLY, now, reply_to=id)
    return new


def fetch_later(tx: Connection, row: Row[Any], after: timedelta, now: datetime) -> bool:
    """The file of a message that waits for it is tried again; False when it has been tried often enough."""
    tried = row.fetches or 0
    if tried < len(FETCH_WAITS):
        inbox.await_again(tx, row.id, now + max(after, FETCH_WAITS[tried]))
    return tried < len(FETCH_WAITS)


def fetched(tx: Connection, row: Row[Any], content: bytes | None, now: datetime, sheet: Sheet | None = None) -> None:
    """The message can be answered now, with its file and what that says or, at None, without."""
    sent = row.said["file"]
    with tx.begin_nested() as trial:
        if content is None or len(content) > LARGEST:
            found: dict[str, Any] = {"lost": "gone" if content is None else "too_big"}
        else:
            kept = files.add(tx, sent["name"], sent["mime"], content, now, memory.dump_sheet(sheet))
            found = {"kept": kept, "size": len(content)}
        if not inbox.fetched(tx, row.id, row.said | {"file": sent | found}):
            trial.rollback()  # another process was quicker: one copy is enough


def answer_next(
    tx: Connection,
    catalogues: Mapping[str, Catalogue],
    now: datetime,
    most: int = 50,
    channels: Sequence[Channel] = (),
    calendar: Calendar = VIET_NAM,
    key: str = "",
    upload: Callable[[str, str, str], str] | None = None,
    suspicious: bool = False,
) -> int:
    """Answers the oldest messages; how many there were to answer. `key`: by which our own papers are known again.

    `upload`: channel, account, chat → where files can be sent, if there is a place. `suspicious`: the database has
    failed so often that it may be one message's fault.
    """
    answer = partial(_answer, tx, catalogues, now, channels, calendar, key, upload)
    done = 0
    while done < most and (waiting := inbox.next(tx, most - done)):
        done += _answer_all(tx, answer, waiting, now, suspicious)
    return done


def _answer_all(
    tx: Connection, answer: Callable[[Row[Any]], bool], waiting: Sequence[Row[Any]], now: datetime, suspicious: bool
) -> int:
    """How many are dealt with, in one savepoint: one for each would cost as much as three statements.

    A message that trips us takes back the others, which come again.
    """
    heard = waiting[0]
    try:
        with tx.begin_nested():
            for number, heard in enumerate(waiting, start=1):
                if answer(heard):
                    return number
        return len(waiting)
    except db.TROUBLE as error:  # no fault of the message; what the database refuses to take is
        if not suspicious or db.given_up(tx):
            raise
        _stumble(tx, heard, error, now, patience=1)  # kept only if all else can still be written
    except Exception as error:
        _stumble(tx, heard, error, now, PATIENCE)
    return 1


def _answer(
    tx: Connection,
    catalogues: Mapping[str, Catalogue],
    now: datetime,
    channels: Sequence[Channel],
    calendar: Calendar,
    key: str,
    upload: Callable[[str, str, str], str] | None,
    heard: Row[Any],
) -> bool:
    """Whether what waits has to be read anew: an officer may have had somebody's words erased."""
    at = people.at(tx, heard.address)
    said = _said(heard.said)
    stored, shown = talks.load(tx, heard.address)
    before: State = Idle()
    try:
        before, offered = memory.load(stored), memory.options(shown)
        facts = gather(tx, catalogues, at, said, now, channels, before)
        if upload and said.event == "unsupported" and facts.me and not _receives(at, channels):
            facts = replace(facts, upload=upload(at.channel, at.account, at.chat))
        turn = router.step(before, offered, said, facts)
    except memory.Forgotten as lost:
        log.error("talk at address %s forgotten: %s", heard.address, lost)
        facts, turn = gather(tx, catalogues, at, said, now, channels), Turn(Idle(), (Say("talk.forgotten"),))
    errand = clerk.Errand(tx, at, facts, catalogues, calendar, key, channels=channels)
    says = [*turn.say, *(say for deed in turn.do for say in clerk.carry_out(deed, errand))]
    if says:
        outbox.put(tx, at, [jsonable(say) for say in says], outbox.REPLY, now, reply_to=heard.external_id)
    offers = [jsonable(option) for option in says[-1].options] if says else []
    if not offers and turn.remember == before != Idle():  # the question is still open: its buttons still hold
        offers = [{**option, "numbered": False} for option in shown]
    talks.save(tx, heard.address, memory.dump(turn.remember), offers)
    inbox.settle(tx, heard.id, now, "answered")
    return facts.tccb and bool(turn.do)


def _receives(at: Row[Any], channels: Sequence[Channel]) -> bool:
    """Whether what could not be read may have been a file only where files do not arrive."""
    return all(one.traits.receives for one in channels if (one.name, one.account) == (at.channel, at.account))


def _said(stored: dict[str, Any]) -> Said:
    said = Said(**stored)
    return replace(said, file=Attachment(**stored["file"])) if stored.get("file") else said


def gather(
    tx: Connection,
    catalogues: Mapping[str, Catalogue],
    at: Row[Any],
    said: Said,
    now: datetime,
    channels: Sequence[Channel] = (),
    state: State | None = None,
) -> Facts:
    """The world of whoever speaks from this address, as it is now; `state`: the talk in progress."""
    called = _called(at, channels)
    if at.person is None:
        return Facts(now, guest=_guest(tx, at, said, now, channels), called=called)
    duties = people.duties(tx, at.person)
    if not duties and _comes_back(tx, at, said, state, now, channels):
        return Facts(now, guest=_guest(tx, at, said, now, channels), called=called)
    tccb = any(duty.role == "tccb" for duty in duties)
    looks = any(duty.role in ("tccb", "evaluator", "viewer") for duty in duties)
    office = units.office(tx, now.date()) if looks else None
    own = {duty.unit for duty in duties if duty.role == "focal"}
    concerned = set(behalf.concerned(said.text, state, office)) - own if tccb and office else set()
    return Facts(
        now,
        Person(at.person, at.name, at.position or "", at.phone or "", at.joined),
        tuple(Duty(duty.unit, duty.unit_name, duty.role) for duty in duties),
        works=_works(tx, catalogues, {d.unit: d.unit_name for d in duties if d.role == "focal"}, now),
        watched=_works(tx, catalogues, _below(tx, [d.unit for d in duties if d.role == "head"], now), now),
        notices=tuple(Received(row.id, row.title) for row in notices.unacknowledged(tx, at.person)),
        meant=_meant(tx, said.text, now) if own else None,
        pending=_pending(tx) if tccb else (),
        behalf=_behalf(tx, catalogues, concerned, office, now) if office and concerned else Behalf(),
        office=office,
        catalogues=tuple(catalogues[row.catalogue] for row in campaigns.running(tx)) if looks else (),
        campaigns=_campaigns(tx, catalogues) if tccb else (),
        sheet=_sheet(tx, said),
        called=called,
        metered=allowance.metered(channels) if tccb else (),
        ways=ways(channels) if tccb else (),
        circles=_circles(tx) if tccb else (),
        addresses=_addresses(tx, at, channels),
    )


def _meant(tx: Connection, text: str, now: datetime) -> Meant | None:
    """ "Phòng" and "hạt" say what is counted, and the half of an office is nobody in particular."""
    names = pointing.units_named(text)
    office = units.office(tx, now.date()) if names else Office()
    found = {name: office.match(name) for name in names}
    telling = {
        name: match
        for name, match in found.items()
        if match.certain or (" " in name and 0 < len(match.units) <= MOST_MEANT)
    }
    ids = frozenset(unit.id for match in telling.values() for unit in match.units)
    return Meant(", ".join(telling), ids) if ids else None


def _circles(tx: Connection) -> tuple[tuple[str, Aim], ...]:
    kept = notices.circles(tx)
    return tuple((name, Aim(aim["audience"], tuple(aim["what"]))) for name, aim in kept.items())


def _addresses(tx: Connection, at: Row[Any], channels: Sequence[Channel]) -> tuple[Address, ...]:
    rows = people.addresses(tx, at.person)
    brands = {channel.name: channel.traits.brand for channel in channels}
    return tuple(
        Address(
            row.id, brands.get(row.channel) or row.channel, _called(row, channels), row.id == at.id, bool(row.refused)
        )
        for row in rows
    )


def _called(at: Row[Any], channels: Sequence[Channel]) -> str:
    """The brand; where the office has several accounts of it, the account as well."""
    kind = [channel for channel in channels if channel.name == at.channel]
    brand = next((channel.traits.brand for channel in kind), "") or str(at.channel)
    title = next((channel.traits.title or channel.account for channel in kind if channel.account == at.account), "")
    return f"{brand} ({title})" if len(kind) > 1 and title else brand


def ways(channels: Sequence[Channel]) -> tuple[Way, ...]:
    """Where somebody new comes in, as far as the channels know themselves yet."""

    def called(one: Channel) -> str:
        return f"{one.traits.brand} ({one.traits.title})" if one.traits.title else one.traits.brand

    found = [Way(called(one), one.traits.entrance) for one in channels if one.traits.entrance or one.traits.title]
    return in_order(found)


def in_order(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Those that carry a code first, those that lead nowhere last."""
    return tuple(sorted(ways, key=lambda way: (not way.carries, not way.link)))


def _sheet(tx: Connection, said: Said) -> Sheet | None:
    """What the workbook says that came with the message, or that it is too large to be looked at."""
    if said.file and said.file.lost == "too_big" and filled.looks_like_a_workbook(said.file.name, said.file.mime):
        return filled.TOO_BIG
    row = files.at(tx, said.file.kept) if said.file and said.file.kept else None
    return memory.load_sheet(row.sheet) if row and row.sheet else None


def _works(
    tx: Connection, catalogues: Mapping[str, Catalogue], names: Mapping[str, str], now: datetime
) -> tuple[Work, ...]:
    """What these units have to do in every running campaign, and in a locked one that lets them in again."""
    found = []
    for row in campaigns.every(tx) if names else ():
        catalogue, again = catalogues[row.catalogue], campaigns.reopened(tx, row, now.date())
        for unit in names if row.locked is None else names.keys() & again.keys():
            for standing in board.standings(tx, row, catalogue, names, unit).values():
                found.append(Work(row.id, campaigns.plan(row, catalogue, standing.deadline), standing))
    return tuple(found)


def _behalf(
    tx: Connection, catalogues: Mapping[str, Catalogue], concerned: set[str], office: Office, now: datetime
) -> Behalf:
    """What TCCB may enter now for units that telephone."""
    works = _works(tx, catalogues, {id: office.by_id[id].name for id in concerned}, now)
    heard: dict[str, tuple[str, ...]] = {}
    for row in people.serving(tx, "focal", units=list(concerned)):
        heard[row.unit] = (*heard.get(row.unit, ()), row.name)
    return Behalf(works, heard)


def _campaigns(tx: Connection, catalogues: Mapping[str, Catalogue]) -> tuple[Campaign, ...]:
    rows = campaigns.every(tx)
    return tuple(Campaign(row.id, row.year, row.deadline, catalogues[row.catalogue], bool(row.locked)) for row in rows)


def _below(tx: Connection, headed: list[str], now: datetime) -> dict[str, str]:
    """The units of a head, each followed by all that is below it."""
    office = units.office(tx, now.date()) if headed else Office()
    return {unit.id: unit.name for id in headed for unit in office.subtree(id)}


def _guest(tx: Connection, at: Row[Any], said: Said, now: datetime, channels: Sequence[Channel]) -> Guest:
    if at.held is not None:
        return Guest(held=True)
    locked = at.locked_until is not None and at.locked_until > now
    if linking.looks_like_a_code(said.text) and not locked:
        found = tickets.find(tx, "link", invitations.digest(said.text), now)
        return Guest(joins=found.id, crowded=_crowded(tx, at, channels)) if found else Guest()
    if asked := invitations.asked_from(tx, at.id):
        return Guest(waiting=units.names(tx).get(asked.unit, asked.unit))
    if locked:
        return Guest(locked=True)
    if not enrol.looks_like_a_code(said.text):
        return Guest()
    row = invitations.find(tx, said.text)
    if row is None or row.taken or row.revoked or row.expires <= now:
        return Guest()
    unit = units.names(tx).get(row.unit, row.unit)
    listed = row.role in members.AUTOMATIC and members.admits(tx) and members.listed(tx, row.unit, row.role)
    invited = Invitation(row.id, row.unit, unit, row.role, row.name or "", listed)
    return Guest(invited, crowded=_crowded(tx, at, channels))


def _comes_back(
    tx: Connection, at: Row[Any], said: Said, state: State | None, now: datetime, channels: Sequence[Channel]
) -> bool:
    """Whoever holds nothing any more comes in like anybody else, with a new code."""
    coming = isinstance(state, enrol.Consenting | enrol.Naming)
    return coming or _guest(tx, at, said, now, channels).invitation is not None


def _crowded(tx: Connection, at: Row[Any], channels: Sequence[Channel]) -> Crowded | None:
    """Whether the account written to has all the people it may have, and which of its kind have not."""

    def room(channel: Channel) -> bool:
        most = channel.traits.people
        return most is None or quota.people(tx, channel.name, channel.account) < most

    kind = [channel for channel in channels if channel.name == at.channel]
    here = next((channel for channel in kind if channel.account == at.account), None)
    if here is None or here.traits.people is None or room(here):
        return None
    return Crowded(here.traits.people, tuple(one.traits.title or one.account for one in kind if room(one)))


def _pending(tx: Connection) -> tuple[Pending, ...]:
    names = units.names(tx)
    rows = invitations.waiting(tx)
    return tuple(Pending(row.id, row.name, names.get(row.unit, row.unit), row.role, row.phone or "") for row in rows)


def _stumble(tx: Connection, heard: Row[Any], error: Exception, now: datetime, patience: int) -> None:
    """A message we can't answer must not stop the ones behind it: try, then apologise and go on."""
    code = f"T{heard.id}"
    log.error(
        "message %s tripped us (%s): %s", heard.id, code, type(error).__name__, exc_info=error, extra={"code": code}
    )
    inbox.stumbled(tx, heard.id)
    if heard.tries + 1 >= patience:
        inbox.settle(tx, heard.id, now, f"parked: {type(error).__name__}")
        say = jsonable(Say("talk.sorry", {"code": code}))
        outbox.put(tx, people.at(tx, heard.address), [say], outbox.REPLY, now, reply_to=heard.external_id)
