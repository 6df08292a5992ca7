"""Zalo Bot Platform: 2000 characters, no buttons, of files only pictures; what is read is gone at the far side."""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import redact
from bot.channels import webhook, zalo, zalo_bot_errors, zalo_bot_updates
from bot.channels.channel import (
    Hear,
    Incoming,
    Later,
    Outgoing,
    Pulse,
    Refused,
    Stopped,
    Traits,
    Unknown,
)
from bot.channels.zalo import fields, utf16
from bot.channels.zalo_bot_api import Api, Code, Failed

log = logging.getLogger(__name__)

OFFICIAL = "https://bot-api.zaloplatforms.com"
SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
LARGEST_CALL = 1 << 18  # bytes of a webhook's body
POLL = 10.0  # seconds that the far side may hold a poll; as long may stopping take
SLACK = 7.0  # seconds beyond, until its answer has come
LEAST = 1.0  # seconds from one empty poll to the next, should the far side not hold them
CHECK = 300.0  # seconds between two looks at our webhook
PICTURE = 100.0  # seconds that Zalo may take to fetch one from us and answer; less than an envelope's lease
LONGEST_WAIT = 30.0  # seconds between two tries to get through
THROTTLED, MOST_THROTTLED = 5.0, 3600.0  # seconds of silence at first and at last: Zalo does not say how long
PATIENCE = 3  # refusals in a row until we believe that a person can't be reached


class ZaloBot:
    """One bot of the office. `base_url` has no "/bot" at its end; `webhook_url` is this house's own public address.

    With a `webhook_secret` Zalo calls us at `path`; otherwise we poll.
    """

    name = "zalo_bot"
    media: Sequence[str] = zalo.MEDIA
    traits = Traits(
        brand="Zalo",
        longest=1900,  # a little less than the 2000 whose unit nobody tells
        length=utf16,
        receives=False,
        pictures=frozenset({".jpg", ".jpeg", ".png"}),
        per_second=5.0,
        monthly=3000,
        people=50,
        alone=True,
    )

    def __init__(
        self,
        token: str,
        base_url: str = OFFICIAL,
        webhook_secret: str | None = None,
        webhook_url: str | None = None,
        owner: str = "",
    ) -> None:
        redact.install(token, webhook_secret or "")
        self.account = token.partition(":")[0]
        self.traits = replace(self.traits, owner=owner)
        self.pulse = Pulse()
        # without the word "zalo", which some offices' firewalls cut off; a new secret needs a new address, or Zalo
        # could not be seen to have the old one
        self.path = f"/bot/{hashlib.sha256(f'{token} {webhook_secret}'.encode()).hexdigest()[:16]}"
        self._secret = webhook_secret
        self._webhook = webhook_url.rstrip("/") + self.path if webhook_url else ""
        self._set = {self._webhook}  # the same, as Zalo spells it
        self._unreached = ""  # why Zalo could not call us when it tried
        self._api = Api(token, base_url)
        self._strangers = webhook.Strangers(f"{self.name} {self.account}")
        self._known = False  # the far side knows our token
        self._held: list[Incoming] = []  # read, so nowhere else any more, and not yet kept
        self._cuts = 0  # in a row
        self._limits, self._silent_until = 0, 0.0
        self._refusals: Counter[str] = Counter()  # chat → in a row

    def __repr__(self) -> str:
        return f"ZaloBot({self.account})"

    # The way in

    async def listen(self, hear: Hear) -> None:
        """Runs until cancelled. Raises Later with a growing wait when cut off, Stopped when the token is refused."""
        try:
            await self._introduce()
            await (self._be_called() if self._secret else self._poll(hear))
        except Failed as failed:
            raise self._cut_off(zalo_bot_errors.of_listening(failed)) from None
        except (Later, Unknown, Stopped) as cut:
            raise self._cut_off(cut) from None

    async def probe(self) -> None:
        try:
            await self._introduce()
        except Failed as failed:
            raise self._cut_off(zalo_bot_errors.of_listening(failed)) from None

    async def _introduce(self) -> None:
        if not self._known:
            me = fields(await self._api.call("getMe"))
            title = me.get("display_name") or me.get("account_name") or f"bot số {self.account}"
            self.traits = replace(self.traits, title=str(title)[:100])
        self._known = True

    async def _poll(self, hear: Hear) -> None:
        await self._end_webhook()
        while True:
            began = time.monotonic()
            if not await _whole(self._turn(hear)):
                await asyncio.sleep(began + LEAST - time.monotonic())

    async def _end_webhook(self) -> None:
        """While one is set, nobody can poll. A bot that has none may be told so by a failure."""
        try:
            await self._api.call("deleteWebhook")
        except Failed as failed:
            if failed.code not in (Code.BAD, Code.UNKNOWN):
                raise

    async def _turn(self, hear: Hear) -> int:
        """One poll, and how many messages of it were kept. While one can't be kept, no other is read."""
        if not self._held:
            self._held = await self._read()
            self._well()
        return await self._keep_all(hear)

    async def _read(self) -> list[Incoming]:
        try:
            told = await self._api.call("getUpdates", POLL + SLACK, timeout=f"{POLL:g}")
        except Failed as failed:
            if failed.code == Code.EMPTY:
                return []
            raise
        return self._understood(told)

    def _understood(self, told: Any) -> list[Incoming]:
        found = []
        for update in zalo_bot_updates.each(told):
            try:
                heard = zalo_bot_updates.heard(update)
            except Exception as error:  # it holds up no other; its text may be somebody's message
                log.error("an update is left out: %s", type(error).__name__)
                continue
            if heard:
                found.append(Incoming(self.name, self.account, heard.chat, heard.id, heard.said))
        return found

    async def _keep_all(self, hear: Hear) -> int:
        """Raises Later where one can't be kept; it stays in hand until the next time."""
        kept = 0
        while self._held:
            try:
                await hear(self._held[0])
            except Exception as error:
                log.error("a message could not be kept and is held: %s", type(error).__name__)
                raise Later(f"not kept: {type(error).__name__}") from None
            del self._held[0]
            kept += 1
        return kept

    def _well(self) -> None:
        self._cuts = 0
        self.pulse.last, self.pulse.fault = time.monotonic(), self._unreached

    def _cut_off(self, why: Later | Unknown | Stopped) -> Later | Stopped:
        """Later asks for 1 second at first and for more with each failure in a row."""
        self.pulse.fault = str(why)
        if isinstance(why, Stopped):
            return why
        self._cuts = min(self._cuts + 1, 10)
        wait = timedelta(seconds=min(LONGEST_WAIT, 1.5 ** (self._cuts - 1)))
        return Later(str(why), max(why.after, wait) if isinstance(why, Later) else wait)

    # The way in, when Zalo calls us

    def routes(self, hear: Hear) -> list[BaseRoute]:
        if not self._secret:
            return []

        async def called(request: Request) -> Response:
            return Response(status_code=await self._called(request, hear))

        return [Route(self.path, called, methods=["POST"])]

    async def _called(self, request: Request, hear: Hear) -> int:
        """The status that Zalo sees. A stranger learns nothing; Zalo's own probe is an empty body, maybe unsigned."""
        known = webhook.same(request.headers.get(SECRET_HEADER, ""), self._secret or "")
        try:
            if (body := await webhook.body(request, LARGEST_CALL if known else 0)) is None:
                self._strangers.turned_away("its size" if known else "a wrong secret")
                return 413 if known else 403
            for incoming in self._understood(webhook.decoded(body)):
                await hear(incoming)
        except ClientDisconnect:
            return 400
        except Exception as error:
            log.error("a message could not be kept: %s", type(error).__name__)
            return 503
        if known:
            self._unreached = ""
            self._well()
        return 200

    async def _be_called(self) -> None:
        while True:
            if self._webhook and await self._webhook_now() not in self._set:
                await self._set_webhook()
            self._well()
            await asyncio.sleep(CHECK)

    async def _webhook_now(self) -> str:
        """The address that Zalo calls. A bot that has none may be told so by a failure."""
        try:
            told = await self._api.call("getWebhookInfo")
        except Failed as failed:
            if failed.code not in (Code.BAD, Code.UNKNOWN):
                raise
            told = None
        return str(fields(told).get("url") or "")

    async def _set_webhook(self) -> None:
        """Zalo stores the address even where it could not reach it, and lets us try only a few times a day."""
        try:
            told = await self._api.call("setWebhook", url=self._webhook, secret_token=self._secret or "")
        except Failed as failed:
            raise (Stopped(str(failed)) if failed.code == Code.BAD else failed) from None
        self._set.add(str(fields(told).get("url")))
        found = fields(fields(told).get("verification"))
        failed_so = f"Zalo can't reach our webhook: {str(found.get('outcome'))[:100]}"
        self._unreached = redact.text(failed_so) if found.get("ok") is False else ""
        if self._unreached:
            log.error("%s", self._unreached)

    # The way out

    async def send(self, message: Outgoing) -> str | None:
        """With a picture, whose caption the text is, Zalo fetches it from us before it answers."""
        picture = next((file.url for file in message.files), "")
        try:
            if picture:
                told = await self._api.call(
                    "sendPhoto", PICTURE, chat_id=message.chat, photo=picture, caption=message.part.text
                )
            else:
                told = await self._api.call("sendMessage", chat_id=message.chat, text=message.part.text)
        except Failed as failed:
            means = zalo_bot_errors.of_picture(failed) if picture else zalo_bot_errors.of_sending(failed)
            raise self._outcome(message.chat, means) from None
        self._refusals.pop(message.chat, None)
        self._limits, self._silent_until = 0, 0.0
        return str(fields(told).get("message_id") or "") or None

    def _outcome(self, chat: str, means: Exception) -> Exception:
        match means:
            case Later() if means.halt:
                return Later(str(means), self._silence(), halt=True)
            case Refused():
                return self._doubted(chat, means)
        return means

    def _silence(self) -> timedelta:
        """Doubles with each time that Zalo has had enough, however many messages hear it at once."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._limits = min(self._limits + 1, 12)
        silence = min(THROTTLED * 2 ** (self._limits - 1), MOST_THROTTLED)
        self._silent_until = max(self._silent_until, now + silence)
        return timedelta(seconds=silence)

    def _doubted(self, chat: str, refused: Refused) -> Exception:
        """No source tells a person who is gone from a fault that passes: only what is repeated is believed."""
        self._refusals[chat] += 1
        if self._refusals[chat] < PATIENCE:
            return Later(str(refused))
        del self._refusals[chat]
        return refused

    async def fetch(self, ref: str) -> bytes:
        """A picture that somebody sent, by its address. Raises Later, or Refused where it can't be had."""
        return await zalo.fetch(ref, self.media)

    async def close(self) -> None:
        if self._held:
            log.error("%d messages that Zalo has handed over could not be kept and are lost", len(self._held))
        await self._api.close()


async def _whole(turn: Coroutine[Any, Any, int]) -> int:
    """A turn is not torn apart when we stop: it may have read what is nowhere else. Stopped twice, it is."""
    task = asyncio.ensure_future(turn)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await asyncio.wait_for(task, POLL + SLACK)
        raise
