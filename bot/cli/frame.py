"""What every command starts from: settings, clock, database; and how it answers."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot import settings as environment
from bot.settings import BadSettings, Settings
from bot.words import Office, Words
from catalogue import load
from catalogue.calendar import HANOI, Calendar
from catalogue.model import Catalogue
from storage import db, sealing
from storage.audit import Broken
from storage.purging import Keep
from storage.sealing import Keys

BACKUPS = Path("var/backups")


class Refusal(Exception):
    """One sentence for whoever typed the command; the exit status is 1."""


def clock() -> datetime:
    """The real one: read here and nowhere else."""
    return datetime.now(HANOI)


@cache
def settings() -> Settings:
    try:
        read = Settings.read(Path(".env"))
    except BadSettings as bad:
        raise Refusal("\n".join(bad.faults)) from None
    for warning in read.warnings:
        sys.stderr.write(f"{warning}\n")
    return read


def secret() -> str:
    return environment.signing_key(settings())


def audit_keys() -> Keys:
    return Keys(tuple(key.encode() for key in environment.audit_keys(settings())))


def keep() -> Keep:
    """How long messages and files are kept."""
    return Keep(settings().keep_messages_months, settings().keep_files_months)


def calendar() -> Calendar:
    own = settings()
    holidays = dict.fromkeys(own.office_holidays, "ngày nghỉ của cơ quan")
    return Calendar(holidays, frozenset(own.office_working_days))


def speaking() -> dict[str, Words]:
    """Language → words, as this office speaks; its own language first."""
    own = settings()
    spoken = (own.office_name, own.office_tccb_name, own.office_form_of_address, own.office_phone)
    office = Office(*spoken, own.office_above, own.office_place, own.web_base_url or "")
    return {language: Words(language, office) for language in dict.fromkeys((own.office_language, "vi", "en"))}


@cache
def catalogues() -> dict[str, Catalogue]:
    return load.all()


def catalogue(id: str) -> Catalogue:
    found = catalogues().get(id)
    if found is None:
        raise Refusal(f"Không có danh mục “{id}”. Các danh mục hiện có: {', '.join(catalogues())}.")
    return found


def connect(url: str = "", named: str = "DATABASE_URL") -> Engine:
    """The office's database, or another, its tables up to date. `named`: what to look at if it can't be opened."""
    try:
        engine = db.connect(url or settings().database_url.get_secret_value())
        db.upgrade(engine)
        sealing.use(engine, audit_keys())
    except (DBAPIError, OSError) as error:
        raise Refusal(f"Không mở được cơ sở dữ liệu ({type(error).__name__}). Đề nghị xem lại {named}.") from None
    return engine


@contextmanager
def writing() -> Iterator[Connection]:
    engine = connect()
    try:
        with engine.begin() as tx:
            yield tx
    finally:
        engine.dispose()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def told_broken(broken: Broken) -> str:
    """The first row of the book of changes that does not hold, and what it shows."""
    return f"dòng số {broken.id} ({broken.at:%H:%M %d/%m/%Y}, {broken.deed}): {WHY[broken.why]}"


WHY = {
    "content": "nội dung bị sửa sau khi ghi",
    "order": "không nối tiếp dòng trước, vì giờ, người hoặc thứ tự bị sửa, hoặc có dòng bị thêm, bị xóa",
    "key": "niêm bằng khóa khác mà không có chứng nhận của khóa cũ",
    "no key": "niêm bằng khóa không có trong AUDIT_KEY, AUDIT_KEYS_BEFORE nên không kiểm tra được",
    "cut": "dòng này và có thể cả các dòng trước đó không còn ở cuối sổ",
}


def show_json(document: Any) -> None:
    """One document, UTF-8, exact numbers as text."""
    say(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def lines(document: Any) -> None:
    """One document a line."""
    say(json.dumps(document, ensure_ascii=False, default=str))


def day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=HANOI).date()
        except ValueError:
            continue
    raise Refusal(f"“{text}” không phải là ngày. Đề nghị ghi dạng 2026-12-03 hoặc 03/12/2026.")
