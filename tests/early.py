"""A database as an early version left it: its tables, and the rows that this version wrote, in plain SQL.

Nothing here is made by today's code but the order of the revisions: what is written down is what those versions wrote.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from storage import db
from tests.house import at

Row = Mapping[str, Any]

OPENED, TOLD, REMINDED, LEFT = (at(f"2024-11-{day}") for day in ("25 08:00", "25 09:00", "27 08:00", "27 09:00"))
DEADLINE = "2024-12-10"

UNITS = (
    ("SNN", "Sở Nông nghiệp và Phát triển nông thôn", "so", None),
    ("TCCB", "Phòng Tổ chức cán bộ", "phong_thuoc_so", "SNN"),
    ("CCKL", "Chi cục Kiểm lâm", "chi_cuc", "SNN"),
    ("HKL-DV", "Hạt Kiểm lâm huyện Đồng Văn", "don_vi_truc_thuoc_chi_cuc", "CCKL"),
)
PEOPLE = (
    ("an", "Nguyễn Văn An", "CCKL", "focal"),
    ("my", "Sùng Thị Mỷ", "HKL-DV", "focal"),
    ("hanh", "Lê Thị Hạnh", "TCCB", "tccb"),
)
AN, MY, HANH = 1, 2, 3
OWED = {"CCKL": ("NQ01.1", "NQ02.1", "NQ01.2", "NQ02.2"), "HKL-DV": ("NQ01.6.2",)}


def left_at(engine: Engine, revision: str) -> None:
    """An office that has lived through every revision up to this one, each of which has written rows."""
    for each in db.revisions():
        if each <= revision:
            with engine.begin() as tx:
                _raise(tx, each)
                for table, row in ROWS.get(each, ()):
                    _insert(tx, table, row)


def dump(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows, as the database itself knows them."""
    with engine.begin() as tx:
        tables = set(inspect(tx).get_table_names()) - {"alembic_version"}
        return {name: [dict(row) for row in tx.execute(text(f"SELECT * FROM {name}")).mappings()] for name in tables}


def _raise(tx: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    config.attributes["connection"] = tx
    command.upgrade(config, revision)


def _insert(tx: Connection, table: str, row: Row) -> None:
    blanks = ", ".join(f":{name}" for name in row)
    plain = {name: _plain(tx, value) for name, value in row.items()}
    tx.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({blanks})"), plain)


def _plain(tx: Connection, value: Any) -> Any:
    """As the drivers take it: trees as JSON, and on SQLite a moment as its wall time."""
    if isinstance(value, datetime) and tx.dialect.name == "sqlite":
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return json.dumps(value) if isinstance(value, dict | list) else value


def heard(number: int, address: int, words: str, when: datetime, **outcome: Any) -> tuple[str, Row]:
    said = {"text": words, "choice": None, "file": None, "event": "", "sender": "", "private": True}
    row = {"address": address, "external_id": f"m{number}", "said": said, "heard": when, "tries": 0}
    return "inbox", row | outcome


def sent(address: int, about: str, say: Row, when: datetime, **outcome: Any) -> tuple[str, Row]:
    to = {"address": address, "channel": "far", "account": "", "priority": 0, "about": about}
    return "outbox", to | {"say": [say], "parts_sent": 0, "made": when, "due": when, "tries": 0} | outcome


def book(*deeds: tuple[int, str, str, Any, str | None]) -> list[tuple[str, Row]]:
    """Of changes, in its first form: each row is bound to the one before with all of its words."""
    rows: list[tuple[str, Row]] = []
    link = ""
    for person, deed, subject, now, verbatim in deeds:
        bound = [TOLD.isoformat(), person, "far", deed, subject, None, now, verbatim]
        link = hashlib.sha256((link + json.dumps(bound, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()
        row = {"at": TOLD, "person": person, "channel": "far", "deed": deed, "subject": subject, "was": "null"}
        rows.append(("audit", row | {"now": json.dumps(now), "verbatim": verbatim, "link": link}))
    return rows


SURE = [{"id": f"{word} M08 58/60", "kind": f"option.{word}", "facts": {}, "numbered": False} for word in ("yes", "no")]
ASKED = {"campaign": 1, "unit": "HKL-DV", "measure": "M08", "seen": 0, "answer": "58/60", "as_of": "2024-11-27"}
ASKED |= {"verbatim": "58/60", "doubtful": False, "skipped": []}
NOTICE = {"kind": "notice.text", "facts": {"number": 1, "title": "Họp giao ban", "text": "Lúc 8 giờ."}}
REMINDER = {"kind": "due.remind", "facts": {"steps": [[1, "T-14"]]}, "options": []}
FIGURE = {"campaign": 1, "unit": "CCKL", "measure": "M01"}
SENT = {"settled": REMINDED, "outcome": "sent", "spoken": REMINDED, "parts_sent": 1}
FILE = b"%PDF-1.4"

WITHOUT_ROWS = {"setting", "ticket", "absence", "question"}
"""Tables of the revisions up to 0015 of which nothing is written down: they came after the newest rows, or had none."""

ROWS: Mapping[str, list[tuple[str, Row]]] = {
    "0001": [
        *(
            ("unit", {"id": id, "name": name, "type": type, "parent": parent, "abbreviations": [id], "position": place})
            for place, (id, name, type, parent) in enumerate(UNITS)
        ),
        *(("person", {"name": name, "language": "vi", "joined": OPENED}) for _, name, _, _ in PEOPLE),
        *(
            ("duty", {"person": number, "unit": unit, "role": role, "since": OPENED})
            for number, (_, _, unit, role) in enumerate(PEOPLE, 1)
        ),
        *(
            ("address", {"channel": "far", "account": "", "chat": chat, "person": number, "rank": 0, "seen": TOLD}
             | {"wrong_codes": 0})
            for number, (chat, _, _, _) in enumerate(PEOPLE, 1)
        ),
        ("invitation", {"digest": "d" * 64, "unit": "HKL-DV", "role": "focal", "issued": OPENED, "expires": LEFT}
            | {"taken": TOLD}),
        ("enrolment", {"address": MY, "invitation": 1, "name": "Sùng Thị Mỷ", "asked": OPENED, "decided": TOLD}
            | {"verdict": "approved", "decided_by": HANH}),
        ("campaign", {"catalogue": "2024-qd55", "year": 2024, "deadline": DEADLINE, "evaluation": DEADLINE}
            | {"opened": OPENED}),
        *(
            ("assignment", {"campaign": 1, "unit": unit, "indicator": code, "origin": "appendix"})
            for unit, codes in OWED.items() for code in codes
        ),
        ("report", FIGURE | {"kind": "value_fraction", "numerator": 45, "denominator": 60, "percent": "75"}
            | {"as_of": "2024-11-25", "person": AN, "channel": "far", "verbatim": "45/60", "given": TOLD}),
        ("cell", FIGURE | {"report": 1, "state": "accepted"}),
        ("appraisal", {"report": 1, "verdict": "accepted", "reason": "", "person": HANH, "given": TOLD}),
        ("explanation", FIGURE | {"reason": "chưa có kinh phí", "person": AN, "given": TOLD}),
        ("notice", {"title": "Họp giao ban", "body": "Lúc 8 giờ.", "audience": {"audience": "all", "what": []}}
            | {"author": HANH, "made": TOLD}),
        *(("recipient", {"notice": 1, "person": who, "unit": unit}) for who, unit in ((AN, "CCKL"), (MY, "HKL-DV"))),
        *(("slot", {"campaign": 1, "step": "T-14", "person": who, "taken": REMINDED}) for who in (AN, MY)),
        ("warned", {"campaign": 1, "unit": "CCKL", "gaps": "g" * 64, "at": REMINDED}),
        ("run", {"job": "knock", "started": REMINDED, "ended": REMINDED, "enqueued": 2}),
        *book(
            (AN, "report", "1/CCKL/M01", "45/60", "45/60"),
            (HANH, "accepted", "1/CCKL/M01", 1, None),
            (HANH, "notice", "1", {"people": 2, "audience": "all", "what": []}, None),
        ),
        heard(1, AN, "45/60", TOLD, settled=TOLD, outcome="answered"),
        heard(2, MY, "58/60", LEFT, settled=LEFT, outcome="answered"),
        heard(3, MY, "đúng", LEFT),
        sent(AN, "notice:1", NOTICE, TOLD, wording=[{"text": "Họp giao ban", "buttons": []}], **SENT),
        sent(AN, "remind:1:T-14", REMINDER, REMINDED, wording=[{"text": "Còn 13 ngày", "buttons": []}], **SENT),
        sent(MY, "remind:1:T-14", REMINDER, REMINDED),
        ("talk", {"address": AN, "state": {"at": "turn.Idle"}, "offered": []}),
        ("talk", {"address": MY, "state": {"at": "report.Confirming"} | ASKED, "offered": SURE}),
    ],
    "0002": [
        ("extension", {"campaign": 1, "unit": "CCKL", "deadline": "2024-12-12", "reason": "mưa lũ", "person": HANH}
            | {"given": LEFT}),
        ("promise", {"campaign": 1, "unit": "HKL-DV", "person": MY, "due": LEFT, "made": TOLD}),
        ("hold", {"campaign": 1, "step": "T-3", "person": HANH, "since": LEFT}),
        ("snapshot", {"campaign": 1, "deadline": "2024-11-24", "taken": TOLD, "digest": "s" * 64, "body": []}),
    ],
    "0003": [
        ("file", {"name": "công văn.pdf", "mime": "application/pdf", "size": len(FILE)}
            | {"digest": hashlib.sha256(FILE).hexdigest(), "kept": TOLD}),
        ("file_content", {"file": 1, "bytes": FILE}),
    ],
    "0005": [
        ("visit", {"person": HANH, "address": HANH, "ticket": "t" * 64, "issued": TOLD, "expires": REMINDED}),
        ("pressed", {"visit": 1, "key": "k" * 32, "at": TOLD}),
    ],
    "0007": [("enclosure", {"notice": 1, "file": 1})],
    "0009": [("pending", FIGURE | {"cases": 3, "person": AN, "given": TOLD})],
}  # fmt: skip
