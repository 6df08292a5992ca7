"""What Telegram is asked besides messages: buttons answered, command menus. None of it may slow or stop a message."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CallbackQuery,
    Message,
)

from bot.channels.channel import Menu

log = logging.getLogger(__name__)

MENUS: dict[Menu, dict[str, str]] = {
    "stranger": {
        "trogiup": "Cách đăng ký và sử dụng",
    },
    "focal": {
        "baocao": "Báo cáo số liệu",
        "conthieu": "Chỉ tiêu còn phải báo cáo",
        "danhsach": "Mọi chỉ tiêu và số liệu đã gửi",
        "menu": "Danh mục việc",
        "huy": "Bỏ việc đang làm dở",
        "dulieu": "Dữ liệu của tôi",
        "trogiup": "Trợ giúp",
    },
    "tccb": {
        "thieu": "Đơn vị chưa gửi hoặc gửi chưa đủ",
        "thamdinh": "Thẩm định số liệu",
        "thongbao": "Gửi thông báo",
        "choduyet": "Người đăng ký chờ xác nhận",
        "menu": "Danh mục việc",
        "huy": "Bỏ việc đang làm dở",
        "dulieu": "Dữ liệu của tôi",
        "trogiup": "Trợ giúp",
    },
}
GROUP_MENU = {"trogiup": "Bot chỉ trao đổi số liệu qua tin nhắn riêng"}
LANGUAGES = (None, "vi")
AT_ONCE, WAITING = 8, 500


class Courtesies:
    """Done in the background, few at once; where too many wait already, one more is left undone."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()
        self._few = asyncio.Semaphore(AT_ONCE)
        self._given: dict[str, Menu] = {}
        self._published = False

    def publish(self) -> None:
        """The menus of all who have none of their own; once is enough."""
        if not self._published:
            self._begin(self._publish())

    def answer(self, query: CallbackQuery) -> None:
        """Stops the button's spinner and takes away the buttons, now used."""
        self._begin(self._answer(query))
        if isinstance(query.message, Message) and query.message.reply_markup:
            self._begin(self._take_buttons(query.message))

    def give(self, chat: str, menu: Menu) -> None:
        """The chat's own menu, unless it has it; groups have none."""
        if menu and self._given.get(chat) != menu and not chat.startswith("-"):
            self._given[chat] = menu
            self._begin(self._give(chat, menu))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, courtesy: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= WAITING:
            courtesy.close()
            return
        task = asyncio.create_task(self._quietly(courtesy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, courtesy: Coroutine[Any, Any, None]) -> None:
        async with self._few:
            try:
                await courtesy
            except Exception as error:  # an old press, a message not modified, a far side too busy
                log.info("left undone: %s", type(error).__name__)

    async def _answer(self, query: CallbackQuery) -> None:
        await self._bot.answer_callback_query(query.id)

    async def _take_buttons(self, message: Message) -> None:
        await self._bot.edit_message_reply_markup(message.chat.id, message.message_id)

    async def _publish(self) -> None:
        await self._set(MENUS["stranger"], BotCommandScopeAllPrivateChats())
        await self._set(GROUP_MENU, BotCommandScopeAllGroupChats())
        self._published = True

    async def _give(self, chat: str, menu: Menu) -> None:
        scope = BotCommandScopeChat(chat)
        try:
            await (self._unset(scope) if menu == "stranger" else self._set(MENUS[menu], scope))
        except Exception:
            self._given.pop(chat, None)  # to be tried again with the next message
            raise

    async def _set(self, menu: dict[str, str], scope: BotCommandScope) -> None:
        commands = [BotCommand(name, description) for name, description in menu.items()]
        for language in LANGUAGES:
            await self._bot.set_my_commands(commands, scope, language)

    async def _unset(self, scope: BotCommandScope) -> None:
        """Back to the menu of all private chats."""
        for language in LANGUAGES:
            await self._bot.delete_my_commands(scope, language)
