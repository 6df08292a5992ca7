"""What the database has to say afterwards, held against what arrived."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, func, select

from bot import replay
from storage import audit, schema
from tests.stage import CATALOGUES
from tests.torture.victim import MORNING

SAID, DONE = "1.3: ", "đúng"  # a figure, and that it is the right one
HAVE_IT, MAY_HAVE_IT = "sent", "unknown"


@dataclass(frozen=True)
class Account:
    """What happened, and what became of it. `may_lose`, `may_be`: how many at most are lost, are uncertain."""

    what: str
    number: int
    lost: int
    twice: int
    uncertain: int = 0
    may_lose: int = 0
    may_be: int = 0

    @property
    def holds(self) -> bool:
        return 0 <= self.lost <= self.may_lose and not self.twice and self.uncertain <= self.may_be


def rows(engine: Engine, table: Any) -> list[Any]:
    with engine.begin() as tx:
        return list(tx.execute(table.select().order_by(table.c.id)))


def open_rows(engine: Engine) -> int:
    still = [select(func.count()).where(box.c.settled.is_(None)) for box in (schema.inbox, schema.outbox)]
    with engine.begin() as tx:
        return sum(tx.execute(count).scalar_one() for count in still)


def check_the_way_out(engine: Engine, arrived: Mapping[int, list[str]]) -> int:
    """Every envelope arrived once, in order, but for those that are noted as uncertain; how many those are.

    `arrived`: address → texts. An address that is missing has no far side that could be asked.
    """
    left = {address: list(texts) for address, texts in arrived.items()}
    letters = rows(engine, schema.outbox)
    later = _changed(letters)
    for letter in sorted(letters, key=lambda row: row.spoken or MORNING):
        assert letter.outcome in (HAVE_IT, MAY_HAVE_IT, "moot"), letter
        texts = left.get(letter.address)
        for part in (letter.wording or ()) if texts is not None and letter.id in later else ():
            here = bool(texts) and texts[0].strip() in {part["text"].strip(), *later[letter.id]}
            assert here or letter.outcome != HAVE_IT, f"sent, but it did not arrive in its turn: {letter}"
            if here:
                texts.pop(0)
    assert not any(left.values()), f"arrived, and nobody knows why: {left}"
    return sum(letter.outcome == MAY_HAVE_IT for letter in letters)


def _changed(letters: Sequence[Any]) -> dict[int, list[str]]:
    """Each envelope that was a message of its own → what has taken its place since, in that same message."""
    message, sent = dict[int, int](), {letter.id for letter in letters if letter.external}
    later = dict[int, list[str]]()
    for letter in letters:
        first = message[letter.id] = message[letter.edits] if letter.edits in sent else letter.id
        later.setdefault(first, []).extend(part["text"].strip() for part in letter.wording or () if first != letter.id)
    return later


def check_the_way_in(engine: Engine) -> None:
    """Every message answered by one envelope, each chat's in the order in which it spoke."""
    heard, answered = defaultdict(list), defaultdict(list)
    for row in rows(engine, schema.inbox):
        assert (row.outcome, row.tries) == ("answered", 0), row
        heard[row.address].append(row.external_id)
    for row in rows(engine, schema.outbox):
        if row.reply_to:
            answered[row.address].append(row.reply_to)
    assert answered == heard


def check_the_changes(engine: Engine) -> None:
    """The book of changes is whole, and the tables say what it says."""
    with engine.begin() as tx:
        assert audit.first_broken(tx) is None
        assert replay.first_differing(tx, CATALOGUES) is None


def reported(engine: Engine) -> Account:
    """Figures that somebody said and confirmed, as they were kept, against those recorded: no two are alike."""
    kept = defaultdict(list)
    for row in rows(engine, schema.inbox):
        kept[row.address].append(row.said["text"])
    confirmed = {first for said in kept.values() for first, then in pairwise(said) if then == DONE and first != DONE}
    recorded = Counter(f"{SAID}{row.numerator}/{row.denominator}" for row in rows(engine, schema.report))
    assert recorded.keys() <= confirmed, recorded.keys() - confirmed
    return Account("reports", len(confirmed), len(confirmed - recorded.keys()), _more_than_once(recorded))


def told(engine: Engine, what: str, abouts: Iterable[str], addresses: Collection[int], may_be: int) -> Account:
    """An envelope about each of these to each address: those that nobody got, got twice, or perhaps got."""
    due = {(about, address) for about in abouts for address in addresses}
    found = [row for row in rows(engine, schema.outbox) if (row.about, row.address) in due]
    copies = Counter((row.about, row.address) for row in found if row.outcome in (HAVE_IT, MAY_HAVE_IT))
    uncertain = sum(row.outcome == MAY_HAVE_IT for row in found)
    return Account(what, len(due), len(due - copies.keys()), _more_than_once(copies), uncertain, may_be=may_be)


def noticed(engine: Engine, asked: int, addresses: Collection[int], may_be: int) -> Account:
    """Notices to all these addresses. PostgreSQL gives no number twice, even where a transaction came to nothing."""
    made = [f"notice:{row.id}" for row in rows(engine, schema.notice)]
    assert len(made) == asked, f"{asked} notices were sent, {len(made)} were made"
    return told(engine, "notices", made, addresses, may_be)


def heard(engine: Engine, channel: str, updates: int, may_lose: int, may_be: int) -> Account:
    """Of one channel: updates that were never kept, answered more than once, or whose answer is uncertain."""
    here = {row.id for row in rows(engine, schema.address) if row.channel == channel}
    kept = sum(row.address in here for row in rows(engine, schema.inbox))
    sent = [row for row in rows(engine, schema.outbox) if row.address in here]
    answers = Counter((row.address, row.reply_to) for row in sent if row.reply_to)
    uncertain = sum(row.outcome == MAY_HAVE_IT for row in sent if row.reply_to)
    return Account(channel, updates, updates - kept, _more_than_once(answers), uncertain, may_lose, may_be)


def _more_than_once(copies: Counter[Any]) -> int:
    return copies.total() - len(copies)
