"""What is kept about one person, and its erasure: reports and the audit stay, and stay provable."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Row, String, Table, delete, func, select

from catalogue.effacing import MARK, Effacer
from catalogue.text import bare
from storage import audit, people, sealing
from storage.audit import Who
from storage.db import alone
from storage.schema import (
    address,
    duty,
    enclosure,
    enrolment,
    erasure,
    file,
    file_content,
    inbox,
    invitation,
    member,
    meta,
    outbox,
    person,
    proof,
    recipient,
    report,
    talk,
    ticket,
    visit,
)
from storage.schema import audit as book

RENAMED, TELEPHONE, UNLINKED = "rename", "phone", "unlink"  # deeds whose rows tell what somebody had before
OUTCOME = "erased"
BATCH = 500  # rows looked through at a time
NOTHING = {"text": MARK}  # instead of what was said


@dataclass(frozen=True)
class Kept:
    """How much there is of one person: messages heard from them and sent to them, and since when."""

    heard: int
    sent: int
    files: int
    reports: int


def kept(tx: Connection, whom: int) -> Kept:
    theirs = select(address.c.id).where(address.c.person == whom)

    def count(table: Table, here: Any) -> int:
        return int(tx.execute(select(func.count()).select_from(table).where(here)).scalar_one())

    return Kept(
        count(inbox, inbox.c.address.in_(theirs)),
        count(outbox, outbox.c.address.in_(theirs)),
        len(_files(tx, [row.id for row in people.addresses(tx, whom)])),
        count(report, report.c.person == whom),
    )


# Asked for, and decided


def ask(tx: Connection, whom: int, now: datetime) -> int:
    """The number of the request; the one that waits already, if there is one."""
    waiting = select(erasure.c.id).where(erasure.c.person == whom, erasure.c.decided.is_(None))
    if (known := tx.execute(waiting).scalar_one_or_none()) is not None:
        return int(known)
    return int(tx.execute(erasure.insert().values(person=whom, asked=now).returning(erasure.c.id)).scalar_one())


def waiting(tx: Connection, id: int) -> Row[Any] | None:
    return tx.execute(select(erasure).where(erasure.c.id == id, erasure.c.decided.is_(None))).one_or_none()


def decide(tx: Connection, id: int, verdict: str, by: int, now: datetime) -> bool:
    """False when somebody else has decided meanwhile."""
    still = (erasure.c.id == id) & erasure.c.decided.is_(None)
    return bool(tx.execute(erasure.update().where(still).values(decided=now, verdict=verdict, decided_by=by)).rowcount)


# Carried out


def erase(tx: Connection, whom: int, who: Who, now: datetime) -> None:
    """Nothing by which this person could be known is left in any table. Their number stays, and what it did."""
    alone(tx, "audit")
    former = list(_former(tx, whom))
    theirs = [row.id for row in people.addresses(tx, whom)]
    theirs += tx.execute(select(address.c.id).where(address.c.held == whom)).scalars()
    theirs += [row.now for row in former if row.deed == UNLINKED and isinstance(row.now, int)]
    effacer = _off_the_list(tx, whom, theirs, former, now)
    _files_of(tx, theirs)
    _messages(tx, theirs, now)
    _ways_in(tx, whom, theirs, now)
    tx.execute(
        recipient.update().where(recipient.c.person == whom, recipient.c.verbatim.is_not(None)).values(verbatim=MARK)
    )
    gone = {"name": f"Người dùng {whom} (đã xóa)", "position": None, "phone": None, "left": now}
    tx.execute(person.update().where(person.c.id == whom).values(**gone))
    for table in meta.sorted_tables:
        if table is not book:
            _sweep(tx, table, effacer)
    left = dict(_sweep_book(tx, effacer))
    audit.note(tx, who, audit.ERASED, f"{whom}", now, became={"rows": left})


def _former(tx: Connection, whom: int) -> Iterator[Row[Any]]:
    deeds = book.c.deed.in_((RENAMED, TELEPHONE, UNLINKED)) & (book.c.subject == f"{whom}")
    yield from tx.execute(select(book).where(deeds))


def _off_the_list(tx: Connection, whom: int, theirs: list[int], former: list[Row[Any]], now: datetime) -> Effacer:
    """The office expects them no more. Returned: all that they were called and where they were reached, ever."""
    came = tx.execute(select(enrolment.c.name, enrolment.c.phone).where(enrolment.c.address.in_(theirs))).all()
    names = [*(row.name for row in came), people.named(tx, whom), *_had(former, RENAMED)]
    listed = _listed(tx, whom, names)
    phones = [people.phone_of(tx, whom), *_had(former, TELEPHONE), *(row.phone for row in (*came, *listed))]
    nothing = {"name": MARK, "phone": "", "email": "", "gone": now}
    tx.execute(member.update().where(member.c.id.in_([row.id for row in listed])).values(**nothing))
    return Effacer.of(names, filter(None, phones), [*_accounts(tx, theirs), *(row.email for row in listed)])


def _had(former: list[Row[Any]], deed: str) -> list[str]:
    return [value for row in former if row.deed == deed for value in (row.was, row.now) if value]


def _accounts(tx: Connection, theirs: list[int]) -> list[str]:
    """The chats; of one that was dropped, what stands behind its mark."""
    chats = tx.execute(select(address.c.chat).where(address.c.id.in_(theirs))).scalars()
    return [chat.partition(" ")[2] if chat.startswith("-") and " " in chat else chat for chat in chats]


def _listed(tx: Connection, whom: int, names: list[str]) -> list[Row[Any]]:
    """Where the office's list of people means them: by their unit and name."""
    mine = select(duty.c.unit).where(duty.c.person == whom)
    called = {bare(name) for name in names if name}
    return [row for row in tx.execute(select(member).where(member.c.unit.in_(mine))) if bare(row.name) in called]


def _messages(tx: Connection, theirs: list[int], now: datetime) -> None:
    """What they said and were told; what was on its way goes nowhere."""
    for box in (inbox, outbox):
        open = box.c.address.in_(theirs) & box.c.settled.is_(None)
        tx.execute(box.update().where(open).values(settled=now, outcome=OUTCOME))
    for row in tx.execute(select(inbox.c.id).where(inbox.c.address.in_(theirs))).all():
        gone = {"said": NOTHING, "external_id": f"{OUTCOME} {row.id}", "awaits": None}
        tx.execute(inbox.update().where(inbox.c.id == row.id).values(**gone))
    for row in tx.execute(select(outbox.c.id, outbox.c.say).where(outbox.c.address.in_(theirs))).all():
        words: dict[str, Any] = {"say": silent(row.say), "wording": None, "reply_to": None, "external": None}
        tx.execute(outbox.update().where(outbox.c.id == row.id).values(**words))
    tx.execute(delete(talk).where(talk.c.address.in_(theirs)))


def silent(says: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What kind of message it was, without its words; of the timetable's own, whose facts are numbers, also those."""
    return [
        {"kind": say["kind"], "facts": say["facts"] if say["kind"].startswith("due.") else {}, "options": []}
        for say in says
    ]


def _files(tx: Connection, theirs: list[int]) -> list[int]:
    """Those that they sent, and that neither go along with a notice nor prove a figure: those are the office's."""
    said = tx.execute(select(inbox.c.said).where(inbox.c.address.in_(theirs))).scalars()
    numbers = {one["file"]["kept"] for one in said if one.get("file") and one["file"].get("kept")}
    carried = {*tx.execute(select(enclosure.c.file)).scalars(), *tx.execute(select(proof.c.file)).scalars()}
    return sorted(numbers - carried)


def _files_of(tx: Connection, theirs: list[int]) -> None:
    gone = _files(tx, theirs)
    tx.execute(delete(file_content).where(file_content.c.file.in_(gone)))
    tx.execute(file.update().where(file.c.id.in_(gone)).values(name=MARK, sheet=None))


def _ways_in(tx: Connection, whom: int, theirs: list[int], now: datetime) -> None:
    """Their duties end; their chats are nobody's; how they came in is not told any more."""
    tx.execute(duty.update().where(duty.c.person == whom, duty.c.until.is_(None)).values(until=now))
    came = enrolment.c.address.in_(theirs)
    codes = select(enrolment.c.invitation).where(came)
    tx.execute(invitation.update().where(invitation.c.id.in_(codes)).values(name=None))
    tx.execute(
        invitation.update().where(invitation.c.hands_over == whom, invitation.c.taken.is_(None)).values(revoked=now)
    )
    tx.execute(enrolment.update().where(came).values(name=MARK, reason=None, phone=None, called=None))
    tx.execute(delete(ticket).where((ticket.c.person == whom) | ticket.c.address.in_(theirs)))
    tx.execute(visit.update().where(visit.c.person == whom).values(ended=now))
    for id in theirs:
        gone = {"chat": f"-{id}", "person": None, "held": None, "rank": 0, "refused": OUTCOME}
        tx.execute(address.update().where(address.c.id == id).values(**gone))


# Wherever else it was written


def _sweep(tx: Connection, table: Table, effacer: Effacer) -> None:
    """In every column that holds words; who else is called the same keeps their name."""
    columns = [column for column in table.c if _holds_words(column)]
    if not columns:
        return
    kept = tuple(table.primary_key)
    changes = []
    query = _unless_anothers(select(*kept, *columns), table)
    for row in tx.execute(query.execution_options(yield_per=BATCH)).mappings():
        new = {column.name: _within(column, effacer.value(row[column.name])) for column in columns}
        if changed := {name: value for name, value in new.items() if value != row[name]}:
            changes.append(([column == row[column.name] for column in kept], changed))
    for here, changed in changes:
        tx.execute(table.update().where(*here).values(**changed))


def _holds_words(column: Column[Any]) -> bool:
    words = isinstance(column.type, String | JSON)
    return words and not column.primary_key and column.name not in ("digest", "link", "salt", "sealed")


def _unless_anothers(query: Any, table: Table) -> Any:
    if table is person:
        return query.where(person.c.left.is_not(None))
    if table is member:
        return query.where(member.c.gone.is_not(None))
    if table is enrolment:
        return query.where(enrolment.c.decided.is_not(None))
    return query


def _within(column: Column[Any], value: Any) -> Any:
    most = getattr(column.type, "length", None)
    return value[:most] if isinstance(value, str) and most else value


def _sweep_book(tx: Connection, effacer: Effacer) -> Iterator[tuple[str, str]]:
    """The words of a row go, its link stays; what is left is told to the book itself."""
    changes = []
    for row in tx.execute(select(book).order_by(book.c.id).execution_options(yield_per=BATCH)).mappings():
        new = {name: effacer.value(row[name]) for name in sealing.CONTENT}
        if any(new[name] != row[name] for name in new):
            new["salt"] = sealing.salt()  # with the old one, what was there could be found out by trial
            changes.append({**row, **new})
    for whole in changes:
        left = {name: whole[name] for name in (*sealing.CONTENT, "salt")}
        tx.execute(book.update().where(book.c.id == whole["id"]).values(**left))
        yield f"{whole['id']}", sealing.as_it_stands(whole)
