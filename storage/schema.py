"""Every table on one page. Reports, appraisals, extensions and the audit are only ever added to."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique

from storage.db import Moment

KEY = BigInteger().with_variant(Integer, "sqlite")
CONVENTION = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
CONVENTION |= {"fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
meta = MetaData(naming_convention=CONVENTION)


def key() -> Column[int]:
    return Column("id", KEY, primary_key=True)


def to(table: str, name: str = "", primary_key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name or table, KEY, ForeignKey(f"{table}.id"), primary_key=primary_key, nullable=nullable)


def text(name: str, length: int, nullable: bool = True, **more: Any) -> Column[str]:
    return Column(name, String(length), nullable=nullable, **more)


def moment(name: str, nullable: bool = True) -> Column[Any]:
    return Column(name, Moment, nullable=nullable)


# fmt: off
# Who there is
unit = Table("unit", meta, text("id", 32, False, primary_key=True), text("name", 200, False), text("type", 64, False),
    text("parent", 32), Column("abbreviations", JSON, nullable=False), Column("position", Integer, nullable=False),
    Column("closed", Date))
person = Table("person", meta, key(), text("name", 100, False), text("position", 100), text("phone", 32),
    text("language", 8, False), moment("joined", False), moment("left"))
duty = Table("duty", meta, key(), to("person"), text("unit", 32, False), text("role", 16, False),
    moment("since", False), moment("until"), Index(None, "person"), Index(None, "unit", "role"))
address = Table("address", meta, key(), text("channel", 16, False), text("account", 64, False),
    text("chat", 128, False), to("person", nullable=True), Column("rank", Integer, nullable=False),
    text("refused", 200),  # why nobody can be reached there
    moment("seen", False), Column("wrong_codes", Integer, nullable=False), moment("locked_until"),
    moment("linked"),  # since when it is one more of its person's; the first of them has none
    Column("held", KEY),  # whose it was until they said that they had not added it
    Unique("channel", "account", "chat"), Index(None, "person"))  # a stranger is no person
invitation = Table("invitation", meta, key(), text("digest", 64, False), text("unit", 32, False),
    text("role", 16, False), text("name", 100), moment("issued", False), moment("expires", False),
    moment("taken"), moment("revoked"), Column("hands_over", KEY),  # whose duty it takes over
    text("seed", 32),  # of a code that can be printed again: with the house's key it gives the code
    Unique("digest"))
absence = Table("absence", meta, key(), to("person"), Column("until", Date, nullable=False), moment("told", False),
    moment("ended"), Index(None, "person"))
member = Table("member", meta, key(), text("unit", 32, False), text("role", 16, False), text("name", 100, False),
    text("phone", 32, False), text("email", 128, False), moment("since", False), moment("gone"),
    Index(None, "unit", "role"))  # whom the office expects
enrolment = Table("enrolment", meta, key(), to("address"), to("invitation"), text("name", 100, False),
    moment("asked", False), moment("decided"), text("verdict", 16), text("reason", 400),
    to("person", "decided_by", nullable=True), text("phone", 32),
    text("called", 100),  # the account from which they asked, as people know it
    Index(None, "decided"))
erasure = Table("erasure", meta, key(), to("person"), moment("asked", False), moment("decided"), text("verdict", 16),
    to("person", "decided_by", nullable=True), Index(None, "person"))  # somebody asks that their data be erased

# What is owed and what was said of it
campaign = Table("campaign", meta, key(), text("catalogue", 64, False), Column("year", Integer, nullable=False),
    Column("deadline", Date, nullable=False), Column("evaluation", Date, nullable=False), moment("opened", False),
    moment("locked"), Column("first", Date),  # the deadline with which it was opened
    text("joint", 8),  # "both": every office named for a row must accept; else the first named leads
    Unique("catalogue", "year"))
extension = Table("extension", meta, key(), to("campaign"), text("unit", 32, False),
    Column("deadline", Date, nullable=False), Column("reason", Text, nullable=False), to("person", nullable=True),
    moment("given", False), Index(None, "campaign", "unit"))  # the newest counts
promise = Table("promise", meta, key(), to("campaign"), text("unit", 32, False), to("person"),
    moment("due", False), moment("made", False), Index(None, "campaign", "unit"))  # the newest counts
assignment = Table("assignment", meta, to("campaign", primary_key=True), text("unit", 32, False, primary_key=True),
    text("indicator", 64, False, primary_key=True), text("origin", 16, False), text("reason", 400))
report = Table("report", meta, key(), to("campaign"), text("unit", 32, False), text("measure", 32, False),
    text("kind", 32, False), Column("numerator", BigInteger), Column("denominator", BigInteger), text("percent", 64),
    Column("as_of", Date, nullable=False), to("person"), text("channel", 16, False),
    Column("verbatim", Text, nullable=False), moment("given", False),
    text("evidence", 400),  # number and date of the document that proves it
    Column("on_behalf", Boolean),  # TCCB entered it for a unit that told it by telephone
    Index(None, "campaign", "unit", "measure"))
explanation = Table("explanation", meta, key(), to("campaign"), text("unit", 32, False), text("measure", 32, False),
    Column("reason", Text, nullable=False), to("person"), moment("given", False),
    Index(None, "campaign", "unit", "measure"))
pending = Table("pending", meta, key(), to("campaign"), text("unit", 32, False), text("measure", 32, False),
    Column("cases", Integer, nullable=False), to("person"), moment("given", False),
    Index(None, "campaign", "unit", "measure"))  # cases still to be decided; the newest counts
appraisal = Table("appraisal", meta, key(), to("report"), text("verdict", 16, False), Column("reason", Text),
    to("person"), moment("given", False), text("offices", 200), Index(None, "report"),  # in whose name
    text("outcome", 8))  # met or short, of what only a person can judge
cell = Table("cell", meta, to("campaign", primary_key=True), text("unit", 32, False, primary_key=True),
    text("measure", 32, False, primary_key=True), to("report"), text("state", 16, False),  # the newest, for speed
    text("judged", 8))  # the outcome with which it was accepted

# Notices
notice = Table("notice", meta, key(), text("title", 200, False), Column("body", Text, nullable=False),
    Column("audience", JSON, nullable=False), to("person", "author"), moment("made", False),
    moment("held"),  # since when it waits for a second officer
    moment("due"), moment("sent"), moment("recalled"),  # before it has gone out: dropped
    moment("again"), moment("repeated"),  # when those who have not acknowledged get it a second time
    Column("corrects", KEY), Column("replaced", KEY))  # the notice that it puts right; the one that put it right
question = Table("question", meta, key(), to("person"), text("unit", 32), to("notice", nullable=True),
    Column("body", Text, nullable=False), moment("asked", False), Column("answer", Text),
    to("person", "answered_by", nullable=True), moment("answered"), Index(None, "answered"))
recipient = Table("recipient", meta, to("notice", primary_key=True), to("person", primary_key=True),
    text("unit", 32, False), moment("acknowledged"), Column("verbatim", Text))
enclosure = Table("enclosure", meta, to("notice", primary_key=True), to("file", primary_key=True))  # goes along with it

# Files that people send or hand out, kept with everything else, so that one backup holds them all
file = Table("file", meta, key(), text("name", 200, False), text("mime", 100, False),
    Column("size", Integer, nullable=False), text("digest", 64, False), moment("kept", False),
    Column("sheet", JSON(none_as_null=True)))  # what a workbook said when it was read
file_content = Table("file_content", meta, to("file", primary_key=True), Column("bytes", LargeBinary, nullable=False))
# What proves a figure: the files that came with a report, or after it
proof = Table("proof", meta, to("report", primary_key=True), to("file", primary_key=True), to("person"),
    moment("given", False))

# The clockwork: what has been done once is not done again
slot = Table("slot", meta, to("campaign", primary_key=True), text("step", 64, False, primary_key=True),
    to("person", primary_key=True), moment("taken", False), Index(None, "person", "taken"))
warned = Table("warned", meta, to("campaign", primary_key=True), text("unit", 32, False, primary_key=True),
    text("gaps", 64, False), moment("at", False))  # a digest of the shortfalls last warned of
hold = Table("hold", meta, to("campaign", primary_key=True), text("step", 64, False, primary_key=True),
    to("person", nullable=True), moment("since", False))  # TCCB keeps this step back
snapshot = Table("snapshot", meta, to("campaign", primary_key=True), Column("deadline", Date, primary_key=True),
    moment("taken", False), text("digest", 64, False), Column("body", JSON, nullable=False))
run = Table("run", meta, key(), text("job", 32, False), moment("started", False), moment("ended"),
    Column("enqueued", Integer), text("fault", 400), Index(None, "job", "started"),
    Column("rounds", Integer), Column("planned", Integer),  # of several rounds that put nothing down: one row
    Column("skipped", JSON(none_as_null=True)))  # why → how many of those planned got nothing

# The way in, the talk, the way out
talk = Table("talk", meta, to("address", primary_key=True), Column("state", JSON, nullable=False),
    Column("offered", JSON, nullable=False))
inbox = Table("inbox", meta, key(), to("address"), text("external_id", 128, False),
    Column("said", JSON, nullable=False), moment("heard", False), Column("tries", Integer, nullable=False),
    moment("settled"), text("outcome", 400), moment("awaits"),  # its file: when it is fetched (again)
    Column("fetches", Integer), Unique("address", "external_id"))  # what is said twice is heard once
outbox = Table("outbox", meta, key(), to("address"), text("channel", 16, False), text("account", 64, False),
    Column("priority", Integer, nullable=False), text("about", 64), text("reply_to", 128),
    Column("say", JSON, nullable=False), Column("wording", JSON(none_as_null=True)),  # worded anew until a part is out
    Column("parts_sent", Integer, nullable=False), moment("sending"),  # a part is on its way
    moment("made", False), moment("due", False), Column("tries", Integer, nullable=False),
    moment("settled"), text("outcome", 400), Index(None, "about"),
    moment("spoken"),  # when its first part went out
    text("external", 128),  # the far side's own id of its last part
    Column("edits", KEY),  # the envelope whose message this takes the place of, where the channel can do that
    moment("seen"))  # when the channel told that it was looked at

# What is good once: a code that joins another chat to its person
ticket = Table("ticket", meta, key(), text("purpose", 16, False), text("digest", 64, False), to("address"),
    to("person", nullable=True), moment("issued", False), moment("expires", False), moment("taken"),
    Unique("digest"), Index(None, "person"), Index(None, "purpose", "expires"))

# The board page: a link that opens once, and the session that it began; forms that were sent
visit = Table("visit", meta, key(), to("person"), to("address"), text("ticket", 64, False), moment("issued", False),
    moment("expires", False), moment("opened"), text("session", 64), moment("until"), moment("ended"),
    Unique("ticket"), Index(None, "session"))
pressed = Table("pressed", meta, to("visit", primary_key=True), text("key", 32, False, primary_key=True),
    moment("at", False))

# The book of changes
audit = Table("audit", meta, key(), moment("at", False), to("person", nullable=True), text("channel", 16, False),
    text("deed", 32, False), text("subject", 200, False), Column("was", JSON), Column("now", JSON),
    Column("verbatim", Text), text("link", 64, False),
    text("sealed", 24),  # with what it is bound to the row before; none in the first form, which binds the words
    text("salt", 32), text("digest", 64))  # of was, now and verbatim: those can be erased, the digest stays
setting = Table("setting", meta, text("name", 64, False, primary_key=True), Column("value", JSON, nullable=False))


def of_some(box: Table, name: str, which: Any, *columns: str) -> Index:
    """An index of those rows alone."""
    return Index(name, *(box.c[column] for column in columns), sqlite_where=which, postgresql_where=which)


of_some(inbox, "ix_inbox_settled", inbox.c.settled.is_not(None), "settled")
of_some(outbox, "ix_outbox_settled", outbox.c.settled.is_not(None), "settled")
# What is not settled yet: they stay small however long the history grows
of_some(inbox, "ix_inbox_open", inbox.c.settled.is_(None), "id")
of_some(inbox, "ix_inbox_open_address", inbox.c.settled.is_(None), "address", "id")
of_some(outbox, "ix_outbox_open", outbox.c.settled.is_(None), "channel", "account", "priority", "id")
of_some(outbox, "ix_outbox_open_address", outbox.c.settled.is_(None), "address", "priority", "id")
# fmt: on
