"""What every request passes on its way in and out: a limit on its body, headers that keep the browser strict."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)
STRICT = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
MEGABYTE = 1024 * 1024
BODY = MEGABYTE  # of whatever is not a file
FILE = 20 * MEGABYTE
WRAPPING = 64 * 1024  # what multipart adds around a file


class StrictHeaders:
    """Sets each header that the response has not set for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stricter(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in STRICT.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, stricter)


class BodyLimit:
    """Refuses a body that is too long (413): by what it announces, and again while it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most, read = longest(scope["path"]), 0
        announced = Headers(scope=scope).get("content-length", "")

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most or (announced.isdecimal() and int(announced) > most):
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def longest(path: str) -> int:
    """Bytes that a request to this path may carry."""
    files = path == "/bang/thong-bao" or path.startswith("/u/") or (path.startswith("/c/") and path.endswith("/file"))
    return FILE + WRAPPING if files else BODY
