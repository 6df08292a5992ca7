"""Zalo Official Account: 2000 characters, five buttons that not every app draws, a week to answer in."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import redact
from bot.channels import webhook, zalo, zalo_oa_errors, zalo_oa_updates
from bot.channels.channel import Button, File, Hear, Incoming, Later, Outgoing, Pulse, Stopped, Traits, Unknown
from bot.channels.halfway import Halfway
from bot.channels.zalo import text_of, utf16
from bot.channels.zalo_oa_api import SEND, SEND_OLD, Api, Code, Failed
from bot.channels.zalo_oa_grant import Grant, OAuth, Tokens
from bot.channels.zalo_oa_updates import PRESSED

log = logging.getLogger(__name__)

OFFICIAL, OFFICIAL_OAUTH = "https://openapi.zalo.me", "https://oauth.zaloapp.com"
SIGNATURE = "X-ZEvent-Signature"
LARGEST_CALL = 1 << 18  # bytes of a webhook's body
CHECK = 300.0  # seconds between two looks at our token: it is renewed even while nobody speaks
LONGEST_WAIT = 30.0  # seconds between two tries to get through
LONGEST_TITLE = 100  # characters on a button
MEGABYTE = 1 << 20
TAKEN = {  # what Zalo takes of a file with this ending, and up to how many bytes
    **dict.fromkeys((".jpg", ".jpeg", ".png"), ("image", MEGABYTE)),
    ".gif": ("gif", 5 * MEGABYTE),
    **dict.fromkeys((".pdf", ".doc", ".docx"), ("file", 5 * MEGABYTE)),
}


class NotTaken(ValueError):
    """Zalo takes no such file: it has to go as a link."""


@dataclass(frozen=True)
class Piece:
    """What goes out as one message of Zalo's."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    file: File | None = None
    content: bytes = b""


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
        per_second=1.5,  # the smaller package allows 100 calls a minute
        reply_window=timedelta(days=7),
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
    ) -> None:
        redact.install(app_secret, secret_key)
        self.pulse = Pulse()
        # without the word "zalo", which some offices' firewalls cut off
        self.path = f"/oa/{hashlib.sha256(f'{app_id} {secret_key}'.encode()).hexdigest()[:16]}"
        self._app, self._key = app_id, secret_key
        self._api = Api(Grant(OAuth(app_id, app_secret, oauth_url, clock), tokens, clock), base_url)
        self._send = SEND
        self._halfway = Halfway()
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
        self.traits = replace(self.traits, title=text_of(about.get("name"))[:100])

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
        pieces = [Piece(message.part.text, message.part.buttons), *await _read(message.files)]
        ids = self._halfway.take(message)
        try:
            for piece in pieces[len(ids) :]:
                ids.append(await self._deliver(message.chat, piece))
        except Later:
            self._halfway.keep(message, ids)
            raise
        return ids[0] or None

    async def _deliver(self, chat: str, piece: Piece) -> str:
        try:
            content = await self._uploaded(piece) if piece.file else worded(piece)
            return await self._post({"recipient": {"user_id": chat}, "message": content})
        except Failed as failed:
            raise zalo_oa_errors.meaning(failed) from None

    async def _uploaded(self, piece: Piece) -> dict[str, Any]:
        """What to send for the file. An upload that may have arrived has told nobody anything."""
        assert piece.file
        kind, _ = TAKEN[_ending(piece.file)]
        try:
            told = await self._api.upload(kind, piece.file, piece.content)
        except Unknown as cut:
            raise Later(str(cut)) from None
        if kind == "file":
            return {"attachment": {"type": "file", "payload": {"token": text_of(told.get("token"))}}}
        element = {"media_type": kind, "attachment_id": text_of(told.get("attachment_id"))}
        return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}

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


def worded(piece: Piece) -> dict[str, Any]:
    buttons = [
        {"title": button.label[:LONGEST_TITLE], "type": "oa.query.hide", "payload": PRESSED + button.id}
        for button in piece.buttons
    ]
    drawn = {"attachment": {"type": "template", "payload": {"buttons": buttons}}} if buttons else {}
    return {"text": piece.text} | drawn


async def _read(files: Sequence[File]) -> list[Piece]:
    """All of them before the first word is sent. Raises NotTaken."""
    pieces = []
    for file in files:
        if _ending(file) not in TAKEN:
            raise NotTaken(f"Zalo takes no files like {file.name}")
        pieces.append(Piece(file=file, content=await asyncio.to_thread(file.read)))
        if len(pieces[-1].content) > TAKEN[_ending(file)][1]:
            raise NotTaken(f"{file.name} is larger than Zalo takes")
    return pieces


def _ending(file: File) -> str:
    return PurePath(file.name).suffix.lower()
