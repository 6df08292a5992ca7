"""Telegram: 4096 characters, inline buttons; an update is confirmed only once it is kept."""

import asyncio
import hashlib
import html
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Update, User
from telegram.constants import FileSizeLimit, MessageLimit, ParseMode
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError

from bot import redact
from bot.channels import telegram_errors, telegram_transport, telegram_updates, webhook
from bot.channels.channel import (
    Button,
    File,
    Hear,
    Incoming,
    Later,
    Outgoing,
    Part,
    Pulse,
    Refused,
    Stopped,
    Traits,
    Unknown,
)
from bot.channels.halfway import Halfway
from bot.channels.telegram_courtesies import Courtesies
from bot.dialogue.turn import Said

log = logging.getLogger(__name__)

OFFICIAL = "https://api.telegram.org"
HEARD = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the name of a header)
LARGEST_CALL = 1_000_000  # bytes of a webhook's body
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
POLL = 30  # seconds that the far side may hold a poll
CHECK = 300  # seconds between two looks at our webhook
LONGEST_WAIT = 30.0  # seconds between two tries to get through
ROW_BUTTONS, ROW_WIDTH = 3, 28  # of a phone's screen, in characters


@dataclass(frozen=True)
class Piece:
    """What goes out as one message of Telegram's."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    file: File | None = None


class Telegram:
    """One bot account. `base_url` has no "/bot" at its end; `webhook_url` is this house's own public address.

    With a `webhook_secret` Telegram calls us at `path`; otherwise we poll.
    """

    name = "telegram"
    traits = Traits(
        brand="Telegram",
        longest=4096,
        buttons=8,
        files=True,
        edits=True,
        per_second=25.0,
        chat_gap=1.1,
        senders=8,
        alone=True,
    )

    def __init__(
        self,
        token: str,
        base_url: str = OFFICIAL,
        proxy: str | None = None,
        webhook_secret: str | None = None,
        webhook_url: str | None = None,
    ) -> None:
        redact.install(token, webhook_secret or "", urlsplit(proxy or "").password or "")
        self.account = token.partition(":")[0]
        self.pulse = Pulse()
        self.path = f"/telegram/{hashlib.sha256(token.encode()).hexdigest()[:16]}"
        self._secret = webhook_secret
        self._webhook = webhook_url.rstrip("/") + self.path if webhook_url else None
        self._requests = telegram_transport.requests(proxy)
        polling, sending = self._requests
        far = base_url.rstrip("/")
        self._bot = telegram_transport.Caller(token, f"{far}/bot", f"{far}/file/bot", sending, polling)
        self._courtesies = Courtesies(self._bot)
        self._me: User | None = None
        self._offset: int | None = None
        self._cuts = 0  # in a row
        self._halfway = Halfway()
        self._strangers = webhook.Strangers(self.name)

    def __repr__(self) -> str:
        return f"Telegram({self.account})"

    # The way in

    async def listen(self, hear: Hear) -> None:
        """Runs until cancelled. Raises Later with a growing wait when cut off, Stopped when the token is refused."""
        try:
            await self._whoami()
            self._courtesies.publish()
            await (self._be_called() if self._secret else self._poll(hear))
        except TelegramError as error:
            raise self._cut_off(error) from None
        except (AttributeError, KeyError, TypeError) as error:  # JSON, but not Telegram's
            raise self._cut_off(NetworkError(f"an answer that can't be read: {type(error).__name__}")) from None

    async def probe(self) -> None:
        try:
            await self._whoami()
        except TelegramError as error:
            raise self._cut_off(error) from None

    async def _whoami(self) -> User:
        if self._me is None:
            self._me = await self._bot.get_me()
            self.traits = replace(self.traits, entrance=f"https://t.me/{self._me.username}?start={{code}}")
        return self._me

    async def _poll(self, hear: Hear) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)
        while True:
            updates = await self._updates()
            self._well()
            await self._hear_all(updates, hear)

    async def _updates(self) -> list[Update]:
        """One that can't be read would make its whole batch unreadable, for ever: here it becomes an empty one."""
        asked = {"offset": self._offset, "timeout": POLL, "allowed_updates": HEARD}
        found = await self._bot.call("getUpdates", asked, read_timeout=POLL + telegram_transport.POLL_SLACK)
        raws = [raw for raw in found if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]
        return [telegram_updates.readable(raw) or Update(raw["update_id"]) for raw in raws]

    async def _hear_all(self, updates: Sequence[Update], hear: Hear) -> None:
        """Each chat's updates in order, chats side by side; what is not kept is not confirmed and comes again."""
        chats: defaultdict[str, list[Update]] = defaultdict(list)
        for update in updates:
            chats[telegram_updates.chat(update)].append(update)
        kept: set[int] = set()

        async def in_order(chat: list[Update]) -> None:
            for update in chat:
                await self._keep(update, hear)
                kept.add(update.update_id)

        faults = await asyncio.gather(*map(in_order, chats.values()), return_exceptions=True)
        for update in updates:
            if update.update_id not in kept:
                break
            self._offset = update.update_id + 1  # the next poll confirms it, so only now that it is kept
        for fault in filter(None, faults):
            log.error("an update could not be kept and is asked for again", exc_info=fault)
            raise Later(f"not kept: {type(fault).__name__}", self._wait())

    async def _keep(self, update: Update, hear: Hear) -> None:
        if said := self._understood(update):
            chat, number = telegram_updates.chat(update), str(update.update_id)
            await hear(Incoming(self.name, self.account, chat, number, said))
        if update.callback_query:
            self._courtesies.answer(update.callback_query)

    def _understood(self, update: Update) -> Said | None:
        assert self._me
        try:
            return telegram_updates.said(update, self._me)
        except Exception as error:  # it holds up no other; its text may be somebody's message
            log.error("update %s is left out: %s", update.update_id, type(error).__name__)
            return None

    def _well(self) -> None:
        self._cuts = 0
        self.pulse.last, self.pulse.fault = time.monotonic(), ""

    def _wait(self) -> timedelta:
        """Grows from 1 second with each failure in a row."""
        self._cuts = min(self._cuts + 1, 10)
        return timedelta(seconds=min(LONGEST_WAIT, 1.5 ** (self._cuts - 1)))

    def _cut_off(self, error: TelegramError) -> Later | Stopped:
        outcome = telegram_errors.meaning(error)
        self.pulse.fault = str(outcome)
        if isinstance(outcome, Stopped):
            return outcome
        if isinstance(
            outcome, TelegramError
        ):  # our own fault, most likely the webhook's address: asking again would not help
            return Stopped(outcome.message)
        asked = outcome.after if isinstance(outcome, Later) else timedelta(0)
        return Later(str(outcome), max(asked, self._wait()))

    # The way in, when Telegram calls us

    def routes(self, hear: Hear) -> list[BaseRoute]:
        if not self._secret:
            return []

        async def called(request: Request) -> Response:
            return Response(status_code=await self._called(request, hear))

        return [Route(self.path, called, methods=["POST"])]

    async def _called(self, request: Request, hear: Hear) -> int:
        """The status that tells the far side whether to call again. A stranger learns nothing."""
        given = request.headers.get(SECRET_HEADER, "")
        if not self._secret or not webhook.same(given, self._secret):
            self._strangers.turned_away("a wrong secret")
            return 401
        try:
            if (body := await webhook.body(request, LARGEST_CALL)) is None:
                self._strangers.turned_away("its size")
                return 413
            if update := telegram_updates.readable(webhook.decoded(body)):
                await self._whoami()
                await self._keep(update, hear)
        except ClientDisconnect:
            return 400
        except Exception:
            log.exception("an update could not be kept; the far side will bring it again")
            return 503
        self._well()
        return 200

    async def _be_called(self) -> None:
        if self._webhook:
            await self._bot.set_webhook(self._webhook, secret_token=self._secret, allowed_updates=HEARD)
        while True:
            self._well()
            await asyncio.sleep(CHECK)
            if (await self._bot.get_webhook_info()).url != self._webhook and self._webhook:
                raise Later("somebody has moved the webhook", self._wait())

    # The way out

    async def send(self, message: Outgoing) -> str | None:
        """The id of the first message that it took. What is already out when it is put off is not sent again."""
        if message.edits and await self._changed(message.chat, message.edits, message.part):
            return message.edits
        ids = self._halfway.take(message)
        try:
            for piece in pieces(message.part, message.files)[len(ids) :]:
                ids.append(await self._deliver(message.chat, piece))
        except Later:
            self._halfway.keep(message, ids)
            raise
        self._courtesies.give(message.chat, message.menu)
        return ids[0]

    async def _changed(self, chat: str, id: str, part: Part) -> bool:
        """Whether the message shows this now; False when it can't be changed any more."""
        markup = InlineKeyboardMarkup(rows(part.buttons)) if part.buttons else None
        text = html.escape(part.text, quote=False)
        try:
            await self._bot.edit_message_text(
                text, chat, int(id), parse_mode=ParseMode.HTML, reply_markup=markup, link_preview_options=NO_PREVIEW
            )
        except BadRequest as error:
            told = error.message.casefold()
            if any(gone in told for gone in telegram_errors.FIXED):
                return False
            if "message is not modified" not in told:
                raise telegram_errors.meaning(error) from None
        except TelegramError as error:
            raise telegram_errors.meaning(error) from None
        return True

    async def _deliver(self, chat: str, piece: Piece) -> str:
        content = await asyncio.to_thread(piece.file.read) if piece.file else b""
        try:
            return await self._post(chat, piece, content)
        except TelegramError as error:
            raise telegram_errors.meaning(error) from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("Telegram's answer can't be read: %s", type(error).__name__)
            raise Unknown("an answer that can't be read") from None

    async def _post(self, chat: str, piece: Piece, content: bytes) -> str:
        try:
            return await self._call(chat, piece, content, html.escape(piece.text, quote=False), ParseMode.HTML)
        except BadRequest as error:
            if "can't parse entities" not in error.message.casefold():
                raise
            log.error("a bug: Telegram can't parse what was escaped; it goes as plain text: %s", error.message)
            return await self._call(chat, piece, content, piece.text, None)

    async def _call(self, chat: str, piece: Piece, content: bytes, text: str, mode: str | None) -> str:
        markup = InlineKeyboardMarkup(rows(piece.buttons)) if piece.buttons else None
        if piece.file:
            sent = await self._bot.send_document(
                chat,
                InputFile(content, filename=piece.file.name),
                caption=text or None,
                parse_mode=mode,
                reply_markup=markup,
            )
            return str(sent.message_id)
        asked = {"chat_id": chat, "text": text, "parse_mode": mode, "reply_markup": markup}
        told = await self._bot.call("sendMessage", asked | {"link_preview_options": NO_PREVIEW.to_json()})
        return str(int(told["message_id"]))

    async def fetch(self, ref: str) -> bytes:
        """A file that somebody sent, up to 20 MB. Raises Later, or Refused where it can't be had."""
        try:
            file = await self._bot.get_file(ref)
            if (file.file_size or 0) > FileSizeLimit.FILESIZE_DOWNLOAD:
                raise Refused("the file is too big")
            return bytes(await file.download_as_bytearray())
        except (BadRequest, InvalidToken) as error:
            raise Refused(redact.text(error.message)) from None
        except TelegramError as error:
            outcome = telegram_errors.meaning(error)
            raise (Later(str(outcome)) if isinstance(outcome, Unknown) else outcome) from None

    async def close(self) -> None:
        await self._courtesies.close()
        for request in self._requests:
            await request.shutdown()


def pieces(part: Part, files: tuple[File, ...]) -> list[Piece]:
    """The text rides on the first file where it fits, and goes ahead of it where it doesn't."""
    if files and len(part.text) <= MessageLimit.CAPTION_LENGTH:
        return [Piece(part.text, part.buttons, files[0]), *(Piece(file=file) for file in files[1:])]
    return [Piece(part.text, part.buttons), *(Piece(file=file) for file in files)]


def rows(buttons: Iterable[Button]) -> list[list[InlineKeyboardButton]]:
    """Short labels side by side, up to three; a long one has a row of its own."""
    laid: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        if not laid or not _fits(button, laid[-1]):
            laid.append([])
        laid[-1].append(InlineKeyboardButton(button.label, callback_data=button.id))
    return laid


def _fits(button: Button, row: list[InlineKeyboardButton]) -> bool:
    widest = max(len(button.label), *(len(each.text) for each in row))
    return len(row) < ROW_BUTTONS and widest * (len(row) + 1) <= ROW_WIDTH
