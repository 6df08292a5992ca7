"""A page on which a file is sent from a chat whose channel carries none; the answer comes in that chat."""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.channel import Hear, Incoming
from bot.dialogue.turn import Attachment, Said
from bot.web import links, page, wire
from bot.web.bucket import Buckets
from bot.web.ports import Uploads

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LETTER = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS: dict[str, tuple[str, bytes]] = {  # ending → type, and how such a file begins
    ".xlsx": (WORKBOOK, b"PK\x03\x04"),
    ".docx": (LETTER, b"PK\x03\x04"),
    ".doc": ("application/msword", b"\xd0\xcf\x11\xe0"),
    ".pdf": ("application/pdf", b"%PDF-"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n"),
}
WRONG_KIND = (
    "Tệp này không phải là Excel (.xlsx), Word, PDF hoặc ảnh. Đề nghị lưu lại theo một trong các dạng đó rồi gửi."
)
TOO_OFTEN = "Tệp gửi quá nhanh. Đề nghị chờ một phút rồi gửi tiếp."


def link(secret: str, channel: str, account: str, chat: str, expires: datetime) -> str:
    """The path of the page: whoever holds it is taken for whoever talks in that chat."""
    return f"/u/{links.sign(secret, 'upload', json.dumps([channel, account, chat]), expires)}"


def routes(
    hear: Hear,
    uploads: Uploads,
    secret: str,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float] = time.monotonic,
) -> list[BaseRoute]:
    often = Buckets(burst=10, every=60, monotonic=monotonic)

    def opened(request: Request) -> tuple[str, str, str]:
        """Channel, account and chat. A forged link and an expired one look the same from outside."""
        value = links.open(secret, "upload", request.path_params["token"], clock())
        if value is None:
            raise HTTPException(404)
        channel, account, chat = json.loads(value)
        return channel, account, chat

    async def shown(request: Request) -> Response:
        opened(request)
        return _page()

    async def sent(request: Request) -> Response:
        channel, account, chat = opened(request)
        if not often.take(chat):
            raise HTTPException(429, TOO_OFTEN, {"Retry-After": "60"})
        async with request.form(max_files=1, max_fields=0) as form:
            upload = wire.uploaded(form)
            content = await upload.read()
        name = wire.file_name(upload.filename or "")
        mime, beginning = KINDS.get(PurePath(name).suffix.lower(), ("", b""))
        if not mime or not content.startswith(beginning):
            return _page(415, WRONG_KIND)
        file = Attachment("", name, len(content), mime, await uploads.put(name, mime, content))
        await hear(Incoming(channel, account, chat, _id(request.path_params["token"], name, content), Said(file=file)))
        return _page(done=name)

    return [Route("/u/{token}", shown), Route("/u/{token}", sent, methods=["POST"])]


def _id(token: str, name: str, content: bytes) -> str:
    """The same file twice on one page is the same message."""
    whole = hashlib.sha256(f"{token}\0{name}\0".encode() + content).hexdigest()
    return f"upload/{whole[:40]}"


def _page(status: int = 200, sentence: str = "", done: str = "") -> Response:
    return page.render("upload", status, sentence=sentence, done=done, accept=",".join(KINDS))
