"""What goes over the wire between the chat page and us: its requests made out, the lines as JSON."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.channels.channel import typed
from bot.dialogue.turn import Said
from bot.web.guard import FILE, MEGABYTE
from bot.web.ports import Line

LONGEST = 10_000  # characters typed
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # made by the page: a repeat is the same message
CHOICE = re.compile(r"[\x20-\x7e]{1,64}")
CODE = re.compile(r"[A-Za-z0-9_-]{4,64}")

TOO_LONG = "Tin dài quá 10.000 ký tự. Đề nghị chia thành nhiều tin ngắn hơn."
TOO_BIG = f"Tệp lớn hơn {FILE // MEGABYTE} MB. Đề nghị gửi tệp nhỏ hơn."
EMPTY = "Tin chưa có nội dung. Đề nghị nhập nội dung rồi gửi."
NO_FILE = "Chưa nhận được tệp. Đề nghị chọn lại tệp rồi gửi."
STALE = "Trang đang mở đã cũ. Đề nghị tải lại trang rồi gửi lại."


async def told(request: Request) -> tuple[str, Said]:
    """The key of a message, and what it says or presses."""
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, STALE)
    try:
        body = await request.json()
    except ValueError:
        raise HTTPException(400, STALE) from None
    match body:
        case {"id": str(key), "choice": str(choice)} if KEY.fullmatch(key) and CHOICE.fullmatch(choice):
            return key, Said(choice=choice)
        case {"id": str(key), "text": str(text)} if KEY.fullmatch(key):
            return key, Said(_sayable(text))
    raise HTTPException(400, STALE)


def sent(form: FormData) -> tuple[str, UploadFile]:
    """The key of a message, and the file that it is."""
    key = form.get("id")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise HTTPException(400, STALE)
    return key, uploaded(form)


def uploaded(form: FormData) -> UploadFile:
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.size:
        raise HTTPException(400, NO_FILE)
    if upload.size > FILE:
        raise HTTPException(413, TOO_BIG)
    return upload


def shown(line: Line, chat: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "who": line.who,
        "text": line.text,
        "at": line.at.isoformat(timespec="seconds"),
        "buttons": [{"id": button.id, "label": button.label} for button in line.buttons],
        "files": [{"name": file.name, "url": file.url, "size": file.size} for file in line.files],
        "live": line.live,
        "key": line.key.removeprefix(f"{chat}/"),
        "choice": line.choice,
    }


def code_of(form: FormData) -> str:
    """The invitation code that somebody came with, or ""."""
    code = form.get("code")
    return code if isinstance(code, str) and CODE.fullmatch(code) else ""


def file_name(name: str) -> str:
    """A name that can be shown and stored: no folders, nothing invisible, at most 120 characters with its ending."""
    last = PurePosixPath(typed(name).replace("\\", "/")).name
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    path = PurePosixPath(seen or "tep")
    ending = path.suffix[:16]
    return path.name.removesuffix(path.suffix)[: 120 - len(ending)] + ending


def number(text: str) -> int:
    """The id of a line in a query; 0 for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _sayable(text: str) -> str:
    clean = typed(text)
    if not clean.strip():
        raise HTTPException(400, EMPTY)
    if len(clean) > LONGEST:
        raise HTTPException(413, TOO_LONG)
    return clean
