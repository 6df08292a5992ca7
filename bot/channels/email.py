"""E-mail, send only: the same words as everywhere, plain and as HTML, and a link to where one can answer."""

import asyncio
import re
import smtplib
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from mimetypes import guess_type
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.routing import BaseRoute

from bot import redact
from bot.channels.channel import Hear, Later, Outgoing, Pulse, Refused, Stopped, Traits, Unknown
from bot.clock import Clock

PATIENCE = 30.0  # seconds for each answer of the server
LONGEST_SUBJECT = 100  # characters
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII | re.I)
NOT_LET_IN = {530, 534, 535, 538}  # the server wants us to log in, or in another way
NO_SUCH_BOX = re.compile(rb"\b5\.1\.[1-6]\b")


@dataclass(frozen=True)
class Letterhead:
    """What stands around a text, in the reader's language. With a link, `note` says what can be done there."""

    sender: str  # the office's name
    note: str
    link: str = ""
    label: str = ""  # of the link


@dataclass(frozen=True)
class Server:
    """Where the mail is handed over; `sender` is the address that it comes from."""

    host: str
    port: int
    tls: bool  # from the first byte; otherwise as soon as the server offers it
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, url: str) -> "Server":
        """smtp://user:password@host:587?from=address, or smtps://…:465."""
        parts = urlsplit(url)
        tls, host = parts.scheme == "smtps", parts.hostname or ""
        user = unquote(parts.username or "")
        named = parse_qs(parts.query).get("from", [user if "@" in user else f"nhachan@{host}"])[0]
        return cls(host, parts.port or (465 if tls else 25), tls, user, unquote(parts.password or ""), named)


class Email:
    """`around`: the letterhead for whoever has this address. `context`: whom we trust to be the server."""

    name = "email"
    account = ""
    traits = Traits(brand="E-mail", longest=100_000, files=True, per_second=5.0, senders=2)

    def __init__(
        self,
        url: str,
        around: Callable[[str], Awaitable[Letterhead]],
        clock: Clock,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = Server.of(url)
        redact.install(self._server.password)
        self.pulse = Pulse()
        self._around, self._clock = around, clock
        self._context = context or ssl.create_default_context()

    def __repr__(self) -> str:
        return f"Email({self._server.host})"

    def routes(self, hear: Hear) -> list[BaseRoute]:
        return []

    async def listen(self, hear: Hear) -> None:
        """Nobody is heard here."""
        await asyncio.Event().wait()

    async def probe(self) -> None:
        await asyncio.to_thread(greet, self._server, self._context)

    async def send(self, message: Outgoing) -> str | None:
        """The Message-ID. Raises Later, Refused, Unknown or Stopped."""
        if not ADDRESS.fullmatch(message.chat):
            raise Refused("not an e-mail address")
        head = await self._around(message.chat)
        files = [(file, await asyncio.to_thread(file.read)) for file in message.files]
        letter = written(message, head, self._server.sender)
        letter["Date"] = format_datetime(self._clock())
        for file, content in files:
            main, _, sub = (file.mime or guess_type(file.name)[0] or "application/octet-stream").partition("/")
            letter.add_attachment(content, maintype=main, subtype=sub or "octet-stream", filename=one_line(file.name))
        try:
            await asyncio.to_thread(deliver, self._server, self._context, message.chat, letter.as_bytes(policy=SMTP))
        except (Later, Stopped) as fault:
            self.pulse.fault = str(fault)
            raise
        self.pulse.last, self.pulse.fault = time.monotonic(), ""
        return str(letter["Message-ID"])

    async def fetch(self, ref: str) -> bytes:
        """Nobody is heard here, so nobody sends a file."""
        raise Refused("nothing to fetch")

    async def close(self) -> None: ...


# What is written


def written(message: Outgoing, head: Letterhead, sender: str) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(one_line(head.sender), addr_spec=sender)
    letter["To"] = Address(addr_spec=message.chat)
    letter["Subject"] = subject(message.part.text)
    letter["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # so that no holiday notice answers
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content("\n\n".join(filter(None, (message.part.text, head.note, head.link))) + "\n", cte="base64")
    letter.add_alternative(html(message.part.text, head), subtype="html", cte="base64")
    return letter


def subject(text: str) -> str:
    """The first line that says something: a salutation says nothing."""
    lines = [one_line(line) for line in text.split("\n") if line.strip()]
    telling = next((line for line in lines if not line.endswith(",")), lines[0] if lines else "")
    return telling if len(telling) <= LONGEST_SUBJECT else telling[: LONGEST_SUBJECT - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """Fit for a header: nobody begins another one with it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def html(text: str, head: Letterhead) -> str:
    paragraphs = f'<p style="white-space: pre-wrap">{escape(text)}</p>\n'
    note = f'<p style="color: #555">{escape(head.note)}</p>\n' if head.note else ""
    link = f'<p><a href="{escape(head.link)}">{escape(head.label or head.link)}</a></p>\n' if head.link else ""
    return f'<!doctype html>\n<html><meta charset="utf-8"><body>\n{paragraphs}{link}{note}</body></html>\n'


# How it is handed over


def greet(server: Server, context: ssl.SSLContext) -> None:
    """As far as the login. Raises Later or Stopped."""
    try:
        with _connected(server, context) as smtp:
            _let_in(smtp, server, context)
    except (smtplib.SMTPException, OSError) as error:
        raise Later(f"the server can't be reached: {type(error).__name__}") from None


def deliver(server: Server, context: ssl.SSLContext, to: str, content: bytes) -> None:
    """Returns once the server has taken it. Raises Later, Refused, Unknown or Stopped; a ValueError where it refuses

    what is written.
    """
    try:
        with _connected(server, context) as smtp:
            _let_in(smtp, server, context)
            _addressed(smtp, server.sender, to)
            _handed_over(smtp, content)
            with suppress(smtplib.SMTPException, OSError):  # it is the server's now, however we part
                smtp.quit()
    except smtplib.SMTPServerDisconnected:
        raise Later("the server has hung up") from None
    except smtplib.SMTPException as error:
        raise Later(f"the server speaks no SMTP: {type(error).__name__}") from None
    except OSError as error:
        raise Later(f"the server can't be reached: {type(error).__name__}") from None


class _Line(smtplib.SMTP):
    """Hangs up without a word: what it has said so far is what counts."""

    def __exit__(self, *_: object) -> None:
        self.close()


class _SecretLine(_Line, smtplib.SMTP_SSL): ...


def _connected(server: Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls:
        return _SecretLine(server.host, server.port, timeout=PATIENCE, context=context)
    return _Line(server.host, server.port, timeout=PATIENCE)


def _let_in(smtp: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    smtp.ehlo_or_helo_if_needed()
    if not server.tls and smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo()
    elif server.user and not server.tls and server.host not in LOOPBACK:
        raise Stopped("the mail server offers no encryption, and the password is not told in the open")
    if not server.user:
        return
    try:
        smtp.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        raise _meant(error.smtp_code, "the login", Stopped) from None
    except smtplib.SMTPNotSupportedError:
        raise Stopped("the mail server takes no login") from None


def _addressed(smtp: smtplib.SMTP, sender: str, to: str) -> None:
    code, _ = smtp.mail(sender)
    if code != 250:
        raise _meant(code, "the sender's address", Stopped)
    code, _ = smtp.rcpt(to)
    if code not in (250, 251):
        raise _meant(code, "the recipient", Refused)


def _handed_over(smtp: smtplib.SMTP, content: bytes) -> None:
    code, _ = smtp.docmd("DATA")
    if code != 354:
        raise _meant(code, "the message", ValueError)
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    try:
        smtp.send((stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n") + b".\r\n")
        code, told = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Unknown(f"the line was lost with the message on it: {type(error).__name__}") from None
    if code != 250:
        raise _meant(code, "the message", Refused if NO_SUCH_BOX.search(told) else ValueError)


def _meant(code: int, what: str, forever: type[Exception]) -> Exception:
    """4xx passes; 5xx is for ever. What the server says in words may hold an address, so its number is told alone."""
    if code in NOT_LET_IN:
        return Stopped(f"the mail server wants another login ({code})")
    return (Later if not 500 <= code < 600 else forever)(f"the mail server has refused {what} ({code})")
