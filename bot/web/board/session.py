"""The visitor's cookie, and the token that proves that a form came from one of our own pages."""

import hashlib
import hmac
import secrets

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "nhachan_board"
PATH = "/bang"
LASTS = 10 * 3600  # seconds; the house ends the session by its own clock
NOTHING = 'Không mở được trang này. Đề nghị gõ "bảng" trong cuộc trao đổi để nhận đường dẫn mới.'
STALE = "Trang đang mở đã cũ. Đề nghị tải lại trang rồi làm lại."


def nothing() -> HTTPException:
    """The same for everybody who may not see a page, and where there is none."""
    return HTTPException(404, NOTHING)


def of(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def begin(response: Response, session: str, request: Request) -> Response:
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, session, LASTS, path=PATH, secure=secure, httponly=True, samesite="strict")
    return response


def end(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH)
    return response


def token(secret: str, session: str) -> str:
    """Of this session's forms; nobody who does not see the pages can know it."""
    return hmac.new(secret.encode(), f"form {session}".encode(), hashlib.sha256).hexdigest()


def seal(secret: str, session: str, file: int) -> str:
    """That this file was sent in this session: nobody encloses somebody else's."""
    return hmac.new(secret.encode(), f"file {file} {session}".encode(), hashlib.sha256).hexdigest()


def once() -> str:
    """A key for one form: sent again, it does nothing."""
    return secrets.token_hex(12)


def check(secret: str, session: str, form: FormData) -> None:
    """403 for a form that is not of this session's own pages."""
    given = form.get("token")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token(secret, session).encode()):
        raise HTTPException(403, STALE)
