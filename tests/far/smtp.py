"""A mail server on loopback: boxes, a login, and the answers and faults it is told to give."""

import asyncio
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax

USER, PASSWORD = "nhachan@so.example", "p@ss/word of:the-loopback"
HANG_UP = "hang up"


@dataclass(frozen=True)
class Mail:
    sender: str
    to: tuple[str, ...]
    letter: EmailMessage
    encrypted: bool  # on its way to us

    @property
    def plain(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.letter.get_body((kind,))
        assert isinstance(part, EmailMessage)
        return str(part.get_content()).replace("\r\n", "\n")


class Line(SMTP):
    """Hangs up where it is told to, and answers nothing then."""

    async def push(self, status: Any) -> None:
        if status == HANG_UP:
            assert self.transport
            self.transport.abort()
            return
        await super().push(status)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.answers.get("DATA")
        if answer:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


class MailServer:
    """`starttls`: encryption is offered; `tls`: there is nothing else.

    `answers`: command → what it is answered with, instead of being carried out. "." is the end of the message.
    """

    def __init__(self, login: bool = False, starttls: SSLContext | None = None, tls: SSLContext | None = None) -> None:
        self.got: list[Mail] = []
        self._moved = threading.Condition()
        self.answers: dict[str, str] = {}
        self.logins: list[str] = []
        self.late = 0.0  # seconds until it says that it has taken a message
        kept: dict[str, Any] = {"auth_require_tls": not login, "authenticator": self._authenticate}
        kept |= {"tls_context": starttls}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = self._loop.create_server(lambda: Line(self, loop=self._loop, **kept), "127.0.0.1", 0, ssl=tls)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> "MailServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        going_on = asyncio.all_tasks() - {asyncio.current_task()}
        for line in going_on:
            line.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)

    def wait_for_mail(self, timeout: float) -> Mail:
        with self._moved:
            assert self._moved.wait_for(lambda: self.got, timeout), "no letter came"
            return self.got[-1]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=nhachan@so.example"

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.logins.append(told.login.decode())
        if answer := self.answers.get("AUTH"):
            return AuthResult(success=False, handled=False, message=answer)
        return AuthResult(success=(told.login, told.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    # How aiosmtpd asks

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, more: Any) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, more: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.late)
        answer = self.answers.get(".", "250 OK")
        if answer == HANG_UP or answer.startswith("250"):
            letter = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
            assert isinstance(letter, EmailMessage)
            secret = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
            with self._moved:
                self.got.append(Mail(str(envelope.mail_from), tuple(envelope.rcpt_tos), letter, secret))
                self._moved.notify_all()
        return answer
