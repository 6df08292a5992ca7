"""Whoever calls a hook and is not the far side is turned away: told to the log without what they brought, not kept."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.channels import telegram, zalo_bot, zalo_oa
from bot.channels.channel import Channel
from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from bot.reception import Pulse
from bot.web import door
from storage import schema
from tests.far.telegram import TOKEN as TELEGRAM
from tests.far.telegram import TelegramServer
from tests.far.zalo_bot import TOKEN as ZALO
from tests.far.zalo_oa import APP, KEY, signature
from tests.house import World

SECRET, FORGED = "a-secret_of-the-webhook", "another-secret_altogether"
CONTENT = "nội dung không được ghi lại"  # in no log, whatever becomes of it
Headers = dict[str, str]
MY = "1001"


@dataclass(frozen=True)
class Hook:
    """How one channel's far side calls. `body`: a message with that id and text. `sign`: body, key or secret → headers.

    `says_no`: what a stranger is answered; `too_large`: what the far side itself is, when it brings too much.
    """

    channel: Callable[[str, World], Channel]
    body: Callable[[str, str], bytes]
    sign: Callable[[bytes, str], Headers]
    key: str
    most: int
    says_no: int
    too_large: int = 413


def telegram_body(id: str, text: str) -> bytes:
    person = {"id": int(MY), "is_bot": False, "first_name": "Mỷ"}
    message = {"message_id": 1, "date": 1, "chat": {"id": int(MY), "type": "private"}, "from": person, "text": text}
    return json.dumps({"update_id": int(id), "message": message}, ensure_ascii=False).encode()


def zalo_body(id: str, text: str) -> bytes:
    sender = {"from": {"id": MY, "display_name": "Mỷ"}, "chat": {"id": MY, "chat_type": "PRIVATE"}}
    told = {"event_name": "message.text.received", "message": {**sender, "text": text, "message_id": id, "date": 1}}
    return json.dumps(told, ensure_ascii=False).encode()


def oa_body(id: str, text: str) -> bytes:
    head = {"app_id": APP, "sender": {"id": MY}, "event_name": "user_send_text", "timestamp": "1750316131602"}
    return json.dumps(head | {"message": {"text": text, "msg_id": id}}, ensure_ascii=False).encode()


def oa_signed(body: bytes, key: str) -> Headers:
    return {zalo_oa.SIGNATURE: signature(body, json.loads(body), key=key)}


HOOKS = {
    "telegram": Hook(
        lambda far, world: Telegram(TELEGRAM, far, None, SECRET),
        telegram_body,
        lambda body, secret: {telegram.SECRET_HEADER: secret},
        SECRET,
        telegram.LARGEST_CALL,
        401,
    ),
    "zalo_bot": Hook(
        lambda far, world: ZaloBot(ZALO, far, SECRET),
        zalo_body,
        lambda body, secret: {zalo_bot.SECRET_HEADER: secret},
        SECRET,
        zalo_bot.LARGEST_CALL,
        403,
    ),
    "zalo_oa": Hook(
        lambda far, world: ZaloOA(APP, "app secret", KEY, None, lambda: world.now),  # type: ignore[arg-type]
        oa_body,
        oa_signed,
        KEY,
        zalo_oa.LARGEST_CALL,
        200,  # Zalo's own probe is unsigned, and switches a webhook off that refuses it
    ),
}


@pytest.fixture(scope="module")
def far() -> Iterator[str]:
    with TelegramServer() as server:
        yield server.base_url


def calls(world: World, hook: Hook, far: str, *calls: tuple[bytes, Headers]) -> list[int]:
    """The status of each, at the one door of a whole house."""

    async def at_the_door() -> list[int]:
        channel = hook.channel(far, world)
        world.house.open([channel])
        app = door.build([channel], world.house.hear, Pulse(world.house), "a secret", lambda: world.now)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client:
            path: str = channel.path  # type: ignore[attr-defined]
            answers = [await client.post(path, content=body, headers=headers) for body, headers in calls]
        await channel.close()
        assert not any(CONTENT in answer.text or hook.key in answer.text for answer in answers)
        return [answer.status_code for answer in answers]

    return asyncio.run(at_the_door())


def kept(world: World) -> list[Any]:
    return [row.said["text"] for row in world.rows(schema.inbox)]


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize("case", ["forged", "unsigned", "empty signature", "oversized", "oversized, forged"])
def test_a_stranger_is_turned_away(case: str, hook: Hook, far: str, house: World, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    body = hook.body("5", CONTENT * (hook.most // len(CONTENT.encode()) + 1 if "oversized" in case else 1))
    signed = {
        "forged": hook.sign(body, FORGED),
        "unsigned": {},
        "empty signature": dict.fromkeys(hook.sign(body, hook.key), ""),
        "oversized": hook.sign(body, hook.key),
        "oversized, forged": hook.sign(body, FORGED),
    }[case]
    known = case == "oversized" or (case == "oversized, forged" and hook.says_no == 200)
    assert calls(house, hook, far, (body, signed)) == [hook.too_large if known else hook.says_no]
    assert kept(house) == [] and house.rows(schema.outbox) == []
    assert "turned away" in caplog.text
    assert CONTENT not in caplog.text and hook.key not in caplog.text and FORGED not in caplog.text


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_what_is_replayed_is_kept_once(hook: Hook, far: str, house: World, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    body = hook.body("5", CONTENT)
    changed = body.replace(CONTENT.encode(), b"45/61")
    replays = [(body, hook.sign(body, hook.key))] * 3
    assert calls(house, hook, far, *replays) == [200, 200, 200]
    assert kept(house) == [CONTENT]
    if hook.key == KEY:  # a signature is of one body alone
        assert calls(house, hook, far, (changed, hook.sign(body, hook.key))) == [200]
        assert kept(house) == [CONTENT]
    assert CONTENT not in caplog.text


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_strangers_do_not_fill_the_log(hook: Hook, far: str, house: World, caplog) -> None:
    body = hook.body("5", CONTENT)
    calls(house, hook, far, *[(body, hook.sign(body, FORGED))] * 50)
    assert caplog.text.count("turned away") == 1
