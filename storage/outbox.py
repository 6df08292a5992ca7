"""The only way out: what is put here in a transaction is sent if, and only if, it commits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, case, func, null, select

from storage.db import oldest_open
from storage.prepared import Prepared, adding
from storage.schema import address, outbox

BEGUN, REPLY, URGENT, BULK = range(4)
"""What is half out is finished first, then replies. The rest nobody waits for, so it goes in office hours alone; of it,

only the urgent goes when a month's messages are nearly used up.
"""
Says = list[dict[str, Any]]  # kind, facts, options


def put(
    tx: Connection,
    to: Row[Any],
    say: Says,
    priority: int,
    now: datetime,
    *,
    about: str | None = None,
    reply_to: str | None = None,
    due: datetime | None = None,
    edits: int | None = None,
) -> int:
    """An envelope to an address (a row with id, channel and account), to go at once or when it is due.

    `edits`: the envelope whose message it takes the place of, where the channel can do that.
    """
    row = _envelope(to, say, priority, now, about) | {"reply_to": reply_to, "due": due or now, "edits": edits}
    return int(PUT.one(tx, row).id)


SAID = ("address", "channel", "account", "say", "priority", "about", "made", "due", "parts_sent", "tries")
PUT = adding(outbox, *SAID, "reply_to", "edits")


def put_all(tx: Connection, to: Iterable[Row[Any]], say: Says, priority: int, now: datetime, about: str) -> int:
    """The same to many addresses; how many."""
    rows = [_envelope(each, say, priority, now, about) for each in to]
    if rows:
        tx.execute(outbox.insert(), rows)
    return len(rows)


def _envelope(to: Row[Any], say: Says, priority: int, now: datetime, about: str | None) -> dict[str, Any]:
    row = {"address": to.id, "channel": to.channel, "account": to.account, "say": say, "priority": priority}
    return row | {"about": about, "made": now, "due": now, "parts_sent": 0, "tries": 0}


def at(tx: Connection, id: int) -> Row[Any] | None:
    return tx.execute(select(outbox).where(outbox.c.id == id)).one_or_none()


def withdraw(tx: Connection, about: str, now: datetime) -> int:
    """What is not on its way yet is not sent at all; whoever has claimed it has it no more. How many."""
    still = (outbox.c.about == about) & outbox.c.settled.is_(None) & (outbox.c.parts_sent == 0)
    gone = outbox.update().where(still, outbox.c.sending.is_(None)).values(settled=now, outcome="withdrawn")
    return tx.execute(gone).rowcount


def every_about(tx: Connection, about: str) -> list[Row[Any]]:
    """All envelopes marked so, oldest first."""
    return list(tx.execute(select(outbox).where(outbox.c.about == about).order_by(outbox.c.id)))


def open_about(tx: Connection, about: str) -> int:
    """How many of those marked so are not settled yet."""
    open = select(func.count()).where(outbox.c.about == about, outbox.c.settled.is_(None))
    return int(tx.execute(open).scalar_one())


def claim(
    tx: Connection, channel: str, account: str, now: datetime, lease: timedelta, lowest: int, limit: int
) -> list[Row[Any]]:
    """The first envelopes due, each of another address, put out of everyone else's reach for the lease.

    `tries` of the rows is the number before this one: the new one is the mark of our lease.
    """
    asked = {"over": channel, "by": account, "moment": now, "lowest": lowest, "most": limit}
    rows = list(DUE.all(tx, asked))
    if rows:
        tx.execute(CLAIM, [{"which": row.id, "until": now + lease} for row in rows])
    return rows


CLAIM = outbox.update().where(outbox.c.id == bindparam("which"))
CLAIM = CLAIM.values(due=bindparam("until", type_=outbox.c.due.type), tries=outbox.c.tries + 1)


DUE = Prepared(
    oldest_open(
        outbox,
        [outbox.c.priority, outbox.c.id],
        bindparam("most", type_=Integer),
        outbox.c.channel == bindparam("over"),
        outbox.c.account == bindparam("by"),
        outbox.c.due <= bindparam("moment"),
        outbox.c.priority <= bindparam("lowest"),
    )
)


def sending(tx: Connection, id: int, tries: int, wording: object, now: datetime, lease: timedelta) -> bool:
    """Noted before each part goes out: if we die now, it may have arrived. False: the lease is not ours any more."""
    new = {"moment": now, "worded": wording, "until": now + lease}
    return bool(SENDING.changes(tx, {"which": id, "mark": tries, **new}))


OURS = (
    (outbox.c.id == bindparam("which")) & (outbox.c.tries == bindparam("mark")) & outbox.c.settled.is_(None)
)  # whoever claimed it after us has counted `tries` on
SENDING = Prepared(
    outbox.update()
    .where(OURS)
    .values(
        sending=bindparam("moment", type_=outbox.c.sending.type),
        wording=bindparam("worded"),
        due=bindparam("until"),
        spoken=func.coalesce(outbox.c.spoken, bindparam("moment", type_=outbox.c.spoken.type)),
    )
)


def part_sent(tx: Connection, id: int, tries: int, parts: int) -> bool:
    return _note(tx, id, tries, parts_sent=parts, sending=None, priority=BEGUN)


def sent(tx: Connection, id: int, tries: int, parts: int, now: datetime, external: str | None = None) -> bool:
    """The last part has gone out, and nothing is left to do; `external`: the far side's id of it."""
    done = {"settled": now, "outcome": "sent", "external": external}
    return _note(tx, id, tries, parts_sent=parts, sending=None, priority=BEGUN, **done)


def later(tx: Connection, id: int, tries: int, due: datetime, counts: bool = True) -> bool:
    """Not sent this time; what was never begun is worded anew. A try that does not count is taken back."""
    begun = outbox.c.parts_sent > 0
    wording = case((begun, outbox.c.wording), else_=null())
    spoken = case((begun, outbox.c.spoken), else_=null())
    put_off = outbox.update().where(OURS).values(due=due, sending=None, wording=wording, spoken=spoken)
    put_off = put_off.values(tries=tries if counts else tries - 1)
    return bool(tx.execute(put_off, {"which": id, "mark": tries}).rowcount)


def strip(tx: Connection, id: int, tries: int, say: Says, wording: object, now: datetime) -> bool:
    """Says less from now on, and goes at once. False: the lease is not ours any more.

    `wording`: of all its parts, for what is begun.
    """
    if not later(tx, id, tries, now, counts=False):
        return False
    which = outbox.c.id == id
    tx.execute(outbox.update().where(which).values(say=say))
    tx.execute(outbox.update().where(which, outbox.c.parts_sent > 0).values(wording=wording))
    return True


def settle(tx: Connection, id: int, tries: int, now: datetime, outcome: str, **more: object) -> bool:
    return _note(tx, id, tries, settled=now, outcome=outcome[:400], **more)


def forward(tx: Connection, id: int, to: Row[Any]) -> None:
    """What waits for an address, and is not begun, goes to another; whoever has claimed it has it no more."""
    still = (outbox.c.address == id) & outbox.c.settled.is_(None) & (outbox.c.parts_sent == 0)
    there: dict[str, Any] = {"address": to.id, "channel": to.channel, "account": to.account, "reply_to": None}
    there |= {"wording": null()}
    tx.execute(outbox.update().where(still, outbox.c.sending.is_(None)).values(**there, tries=outbox.c.tries + 1))


def waits(tx: Connection, address: int, about: str) -> bool:
    """Whether there is something about this for them that has not gone yet."""
    open = (outbox.c.address == address, outbox.c.about == about, outbox.c.settled.is_(None))
    return tx.execute(select(outbox.c.id).where(*open)).first() is not None


def bring_forward(tx: Connection, after: datetime, to: datetime) -> int:
    """What is due after that moment is due at the other; how many envelopes."""
    late = outbox.update().where(outbox.c.settled.is_(None), outbox.c.due > after)
    return int(tx.execute(late.values(due=to)).rowcount)


def oldest(tx: Connection, now: datetime) -> datetime | None:
    """Since when the longest-waiting envelope that could go now has been waiting."""
    open = (outbox.c.settled.is_(None), outbox.c.due <= now)
    when: datetime | None = tx.execute(select(func.min(outbox.c.made)).where(*open)).scalar_one()
    return when


def queue(tx: Connection, channel: str, account: str) -> tuple[int, datetime | None]:
    """How many envelopes of an account wait, and since when the longest has."""
    here = (outbox.c.settled.is_(None), outbox.c.channel == channel, outbox.c.account == account)
    count, since = tx.execute(select(func.count(), func.min(outbox.c.made)).where(*here)).one()
    return int(count), since


def outcomes(tx: Connection, about: str) -> dict[int, str]:
    """Person → what became of the last envelope about this; "seen" where that was told, "" while it waits."""
    query = select(address.c.person, outbox.c.outcome, outbox.c.seen).join(address).where(outbox.c.about == about)
    rows = tx.execute(query.order_by(outbox.c.id))
    return {row.person: "seen" if row.seen else row.outcome or "" for row in rows}


def seen(tx: Connection, at: int, ids: Sequence[str], now: datetime) -> None:
    """They have looked at these messages of ours, by the far side's ids."""
    there = (outbox.c.address == at) & outbox.c.external.in_(ids) & outbox.c.seen.is_(None)
    tx.execute(outbox.update().where(there).values(seen=now))


def states(tx: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """(channel, state) → how many envelopes: "waiting", and what became of those settled since, without the reason."""
    found: Counter[tuple[str, str]] = Counter()
    for there in (outbox.c.settled.is_(None), outbox.c.settled > since):
        query = select(outbox.c.channel, outbox.c.outcome, func.count()).where(there)
        for channel, outcome, count in tx.execute(query.group_by(outbox.c.channel, outbox.c.outcome)):
            found[channel, (outcome or "waiting").partition(":")[0]] += count
    return dict(found)


def troubles(tx: Connection, since: datetime) -> tuple[int, int]:
    """Envelopes given up by our own fault, and those that may or may not have arrived: somebody has to look."""
    ended = select(func.count()).where(outbox.c.settled > since)
    parked = tx.execute(ended.where(outbox.c.outcome.like("parked%"))).scalar_one()
    return int(parked), int(tx.execute(ended.where(outbox.c.outcome == "unknown")).scalar_one())


def _note(tx: Connection, id: int, tries: int, /, **new: object) -> bool:
    """Only while the lease is ours."""
    given = {f"to_{name}": value for name, value in new.items()}
    return bool(_noting(tuple(new)).changes(tx, {"which": id, "mark": tries, **given}))


@cache  # making a statement costs more than carrying it out
def _noting(names: tuple[str, ...]) -> Prepared:
    return Prepared(outbox.update().where(OURS).values({name: bindparam(f"to_{name}") for name in names}))
