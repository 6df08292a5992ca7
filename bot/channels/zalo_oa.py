"""Zalo Official Account: 2000 characters, five buttons that not every app draws, a week to answer in."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import redact
from bot.channels import webhook, zalo, zalo_oa_errors, zalo_oa_updates
from bot.channels.channel import (
    File,
    Hear,
    Incoming,
    Later,
    NotTaken,
    Outgoing,
    Part,
    Pulse,
    Stopped,
    Template,
    Traits,
    Unknown,
)
from bot.channels.halfway import Halfway
from bot.channels.zalo import text_of, utf16
from bot.channels.zalo_oa_api import SEND, SEND_OLD, TEMPLATE, Api, Code, Failed
from bot.channels.zalo_oa_grant import Grant, OAuth, Tokens
from bot.channels.zalo_oa_updates import PRESSED

log = logging.getLogger(__name__)

OFFICIAL, OFFICIAL_OAUTH = "https://openapi.zalo.me", "https://oauth.zaloapp.com"
SIGNATURE = "X-ZEvent-Signature"
LARGEST_CALL = 1 << 18  # bytes of a webhook's body
CHECK = 300.0  # seconds between two looks at our token: it is renewed even while nobody speaks
LONGEST_WAIT = 30.0  # seconds between two tries to get through
LONGEST_TITLE = 100  # characters on a button
WINDOW, FREE = timedelta(days=7), timedelta(hours=48)  # since somebody was heard, for a message and for a free one
PAID_AGAIN = timedelta(days=1)  # before we try again whether the account can pay
MEGABYTE = 1 << 20
TAKEN = {  # what Zalo takes of a file with this ending, and up to how many bytes
    **dict.fromkeys((".jpg", ".jpeg", ".png"), ("image", MEGABYTE)),
    ".gif": ("gif", 5 * MEGABYTE),
    **dict.fromkeys((".pdf", ".doc", ".docx"), ("file", 5 * MEGABYTE)),
}
HANDLE = timedelta(days=6)  # for which what was uploaded is not uploaded again; Zalo keeps it for seven
MOST_HANDLES = 500


class ZaloOA:
    """One Official Account. Zalo calls us at `path`, which an administrator enters in Zalo's console."""

    name = "zalo_oa"
    media: Sequence[str] = zalo.MEDIA
    account = ""
    traits = Traits(
        brand="Zalo OA",
        longest=2000,
        length=utf16,
        buttons=5,
        listed=True,
        files=True,
        endings={ending: most for ending, (_, most) in TAKEN.items()},
        per_second=1.5,  # the smaller package allows 100 calls a minute
        reply_window=WINDOW,
        alone=True,
    )

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        secret_key: str,
        tokens: Tokens,
        clock: Callable[[], datetime],
        base_url: str = OFFICIAL,
        oauth_url: str = OFFICIAL_OAUTH,
        templates: Mapping[str, str] = {},
    ) -> None:
        """`templates`: kind of message → the number of the ZBS template that carries it once the window is closed."""
        redact.install(app_secret, secret_key)
        self.traits = replace(self.traits, templates=frozenset(templates))
        self._templates = templates
        self.pulse = Pulse()
        # without the word "zalo", which some offices' firewalls cut off
        self.path = f"/oa/{hashlib.sha256(f'{app_id} {secret_key}'.encode()).hexdigest()[:16]}"
        self._app, self._key = app_id, secret_key
        self._api = Api(Grant(OAuth(app_id, app_secret, oauth_url, clock), tokens, clock), base_url)
        self._send = SEND
        self._halfway = Halfway()
        self._clock, self._unpaid_until = clock, clock()
        self._handles: dict[str, tuple[str, datetime]] = {}  # what was uploaded → its handle, and until when
        self._strangers = webhook.Strangers(self.name)
        self._cuts = 0  # in a row
        self._doubted = False  # somebody has called with a wrong signature, and nobody since with a right one

    def __repr__(self) -> str:
        return f"ZaloOA({self._app})"

    # The way in

    async def listen(self, hear: Hear) -> None:
        """Runs until cancelled. Raises Later with a growing wait when cut off, Stopped when Zalo won't have us."""
        try:
            while True:
                await self._introduce()
                self._well()
                await asyncio.sleep(CHECK)
        except Failed as failed:
            raise self._cut_off(zalo_oa_errors.meaning(failed)) from None
        except (Later, Unknown, Stopped) as cut:
            raise self._cut_off(cut) from None

    async def probe(self) -> None:
        try:
            await self._introduce()
        except Failed as failed:
            raise self._cut_off(zalo_oa_errors.meaning(failed)) from None

    async def _introduce(self) -> None:
        about = await self.about_us()
        number = text_of(about.get("oaid")) or text_of(about.get("oa_id"))
        at = f"https://zalo.me/{number}" if number.isascii() and number.isdecimal() else ""
        window = FREE if self._clock() < self._unpaid_until else WINDOW
        title = text_of(about.get("name"))[:100]
        self.traits = replace(self.traits, title=title, entrance=at, reply_window=window)

    async def about_us(self) -> dict[str, Any]:
        """What Zalo tells of the account. Raises Failed, Later, Unknown or Stopped."""
        return await self._api.about_us()

    def _well(self) -> None:
        self._cuts = 0
        self.pulse.last, self.pulse.fault = time.monotonic(), ""

    def _cut_off(self, why: Exception) -> Later | Stopped:
        """Later asks for 1 second at first and for more with each failure in a row."""
        self.pulse.fault = str(why)
        if isinstance(why, Stopped):
            return why
        self._cuts = min(self._cuts + 1, 10)
        wait = timedelta(seconds=min(LONGEST_WAIT, 1.5 ** (self._cuts - 1)))
        return Later(str(why), max(why.after, wait) if isinstance(why, Later) else wait)

    def routes(self, hear: Hear) -> list[BaseRoute]:
        async def called(request: Request) -> Response:
            return Response(status_code=await self._called(request, hear))

        return [Route(self.path, called, methods=["POST"])]

    async def _called(self, request: Request, hear: Hear) -> int:
        """The status that Zalo sees, within two seconds. A stranger learns nothing; Zalo's own probe is unsigned.

        What it brought and could not be kept, it brings again.
        """
        try:
            if (body := await webhook.body(request, LARGEST_CALL)) is None:
                self._strangers.turned_away("its size")
                return 413
            event = webhook.decoded(body)
            if not self._signed(request.headers.get(SIGNATURE, ""), body, event):
                if event:
                    self._strangers.turned_away("not being signed with our key")
                return 200
            if incoming := self._understood(event):
                await hear(incoming)
        except ClientDisconnect:
            return 400
        except Exception as error:
            log.error("a message could not be kept: %s", type(error).__name__)
            return 503
        self.pulse.last = time.monotonic()
        return 200

    def _signed(self, header: str, body: bytes, event: Any) -> bool:
        known = zalo_oa_updates.signed(header, body, event, self._app, self._key)
        if header and not known and not self._doubted:  # said once: a stranger could fill the log
            log.warning("an event is not signed with our key: is ZALO_OA_SECRET_KEY that of the webhook's page?")
        self._doubted = not known if header else self._doubted
        return known

    def _understood(self, event: dict[str, Any]) -> Incoming | None:
        try:
            heard = zalo_oa_updates.heard(event)
        except Exception as error:  # it holds up no other; its text may be somebody's message
            log.error("an event is left out: %s", type(error).__name__)
            return None
        return Incoming(self.name, self.account, heard.chat, heard.id, heard.said) if heard else None

    # The way out

    async def send(self, message: Outgoing) -> str | None:
        """The id of the first message that Zalo took. What is out already when it is put off is not sent again."""
        if message.template:
            return await self._send_template(message.chat, message.template)
        contents = [worded(message.part), *[await self._uploaded(file) for file in message.files]]
        ids = self._halfway.take(message)
        try:
            for content in contents[len(ids) :]:
                ids.append(await self._post({"recipient": {"user_id": message.chat}, "message": content}))
        except Failed as failed:
            raise self._fell_short(message, ids, failed) from None
        except Later:
            self._halfway.keep(message, ids)
            raise
        return ids[0] or None

    def _fell_short(self, message: Outgoing, ids: list[str], failed: Failed) -> Exception:
        means = zalo_oa_errors.meaning(failed)
        if failed.code == Code.ATTACHMENT:  # whatever the clock says
            self._handles.clear()
        if failed.code in zalo_oa_errors.UNPAID:  # no use in trying with everybody else who has been silent so long
            self._unpaid_until = self._clock() + PAID_AGAIN
            self.traits = replace(self.traits, reply_window=FREE)
        if isinstance(means, Later):
            self._halfway.keep(message, ids)
        return NotTaken(str(failed), said=True) if ids and means is failed else means

    async def _uploaded(self, file: File) -> dict[str, Any]:
        """What to send for the file. An upload that may have arrived has told nobody anything.

        The same file goes to many people: it is uploaded once as long as Zalo keeps it.
        """
        content = await asyncio.to_thread(file.read)
        kind, most = TAKEN.get(file.ending, ("", 0))
        if not kind or len(content) > most:
            raise NotTaken(f"Zalo takes no {file.ending} of {len(content)} bytes")
        key = hashlib.sha256(f"{file.name}\0".encode() + content).hexdigest()
        handle, until = self._handles.get(key, ("", self._clock()))
        if self._clock() >= until:
            handle = await self._handed_over(kind, file, content)
            self._handles[key] = handle, self._clock() + HANDLE
        if len(self._handles) > MOST_HANDLES:
            del self._handles[next(iter(self._handles))]
        return enclosed(kind, handle)

    async def _handed_over(self, kind: str, file: File, content: bytes) -> str:
        try:
            told = await self._api.upload(kind, file, content)
        except Unknown as cut:
            raise Later(str(cut)) from None
        except Failed as failed:
            means = zalo_oa_errors.meaning(failed)
            refused = means is failed or failed.code == Code.QUOTA  # of uploads, which is no quota of messages
            raise (NotTaken(str(failed)) if refused else means) from None
        return text_of(told.get("token" if kind == "file" else "attachment_id"))

    async def _post(self, body: dict[str, Any]) -> str:
        """An account of a state agency may be known to the old API alone. No other error leads there:

        behind it the message may have been delivered.
        """
        try:
            told = await self._api.post(self._send, body)
        except Failed as failed:
            if failed.code != Code.KIND or self._send == SEND_OLD:
                raise
            told = await self._api.post(SEND_OLD, body)
            self._send = SEND_OLD
        return text_of(told.get("message_id"))

    async def _send_template(self, chat: str, template: Template) -> str | None:
        numbered = {"user_id": chat, "template_id": self._templates[template.kind]}
        try:
            told = await self._api.post(TEMPLATE, numbered | {"template_data": dict(template.blanks)})
        except Failed as failed:
            raise zalo_oa_errors.of_template(failed) from None
        return text_of(told.get("message_id")) or None

    async def try_out(self, chat: str, text: str) -> None:
        """One message, to see what comes of it. Raises Failed, Later, Unknown or Stopped."""
        await self._post({"recipient": {"user_id": chat}, "message": {"text": text}})

    @property
    def old(self) -> bool:
        """Whether this account was found to be served by the old API alone."""
        return self._send == SEND_OLD

    async def fetch(self, ref: str) -> bytes:
        """A picture that somebody sent, by its address. Raises Later, or Refused where it can't be had."""
        return await zalo.fetch(ref, self.media)

    async def close(self) -> None:
        await self._api.close()


def worded(part: Part) -> dict[str, Any]:
    buttons = [
        {"title": button.label[:LONGEST_TITLE], "type": "oa.query.hide", "payload": PRESSED + button.id}
        for button in part.buttons
    ]
    drawn = {"attachment": {"type": "template", "payload": {"buttons": buttons}}} if buttons else {}
    return {"text": part.text} | drawn


def enclosed(kind: str, handle: str) -> dict[str, Any]:
    """A message that shows what was uploaded, and nothing else."""
    if kind == "file":
        return {"attachment": {"type": "file", "payload": {"token": handle}}}
    element = {"media_type": kind, "attachment_id": handle}
    return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}
