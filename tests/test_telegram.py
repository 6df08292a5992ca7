"""Telegram, against a far side that behaves as the real one: what is heard, confirmed, sent, and what a fault means."""

import asyncio
import json
import logging
import re
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from telegram import User
from telegram.error import BadRequest, NetworkError

from bot.channels import telegram, telegram_courtesies, telegram_transport, telegram_updates
from bot.channels.channel import Button, File, Later, Outgoing, Part, Refused, Stopped, Unknown
from bot.channels.telegram import SECRET_HEADER, Telegram, rows
from bot.dialogue.turn import Attachment, Said
from tests.channel_questions import PATIENCE, Heard, Sent, Wired, ask_what_a_failure_means, ask_what_is_heard
from tests.far import telegram as faults
from tests.far.loopback import Loopback, Reply, Upload
from tests.far.proxy import http_proxy
from tests.far.socks import socks_proxy
from tests.far.telegram import TOKEN, TelegramServer
from tests.far.telegram_account import DATE

AN, GROUP = 7, -1001
NAME = "Nguyễn Văn An"
SECRET = "a-secret_of-the-webhook"


@pytest.fixture
def far() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        server.person(AN)
        yield server


@pytest.fixture
def wired(far: TelegramServer) -> Iterator[Wired]:
    with Wired(Telegram(TOKEN, far.base_url)) as wired:
        yield wired


def said(text: str = "", **more: Any) -> Said:
    return Said(text, sender=NAME, **more)


def in_group(text: str, **more: Any) -> Said:
    return Said(text, sender="Cán bộ đầu mối", private=False, **more)


def offering(far: TelegramServer, *buttons: tuple[str, str], chat: int = AN) -> None:
    """The bot has offered these buttons, as (id, label)."""
    keyboard = {"inline_keyboard": [[{"text": label, "callback_data": id} for id, label in buttons]]}
    httpx.post(
        f"{far.base_url}/bot{TOKEN}/sendMessage",
        json={"chat_id": chat, "text": "Đúng không?", "reply_markup": keyboard},
        trust_env=False,
    )


def pressed(far: TelegramServer) -> None:
    offering(far, ("yes:M01:45/60", "Đúng"), ("no:M01", "Sửa"))
    far.presses(AN, "Đúng")


def edited(far: TelegramServer, text: str) -> None:
    far.sends(AN, text="trước")
    far.updates.clear()
    far.edits(AN, text)


def blocked_and_back(far: TelegramServer) -> None:
    far.blocks(AN)
    far.updates.clear()
    far.returns(AN)


def answers_the_bot(far: TelegramServer) -> None:
    far.group(GROUP)
    offering(far, ("a", "A"), chat=GROUP)
    far.says(GROUP, "45/60", reply_to_message=far.chat(GROUP).last.json)


def contact(whose: int) -> dict[str, object]:
    return {"phone_number": "84912345678", "first_name": "An", "user_id": whose}


FILE_ID = "BQACAgUAAxkB0"
VENUE = {"location": {"latitude": 10.5, "longitude": 106.7}}
STICKER = {
    "file_id": "s",
    "file_unique_id": "us",
    "type": "regular",
    "width": 9,
    "height": 9,
    "is_animated": False,
    "is_video": False,
}
VOICE = {"file_id": "v", "file_unique_id": "uv", "duration": 3}

HEARD: list[Heard[TelegramServer]] = [
    Heard("a text", lambda far: far.says(AN, "45/60"), said("45/60")),
    Heard("a text of several lines, verbatim", lambda far: far.says(AN, "  M01\n 45/60"), said("  M01\n 45/60")),
    Heard("decomposed letters", lambda far: far.says(AN, "co\u0301 không"), said("có không")),
    Heard("NUL, which no database keeps", lambda far: far.says(AN, "45\0/60"), said("45/60")),
    Heard("half a surrogate pair", lambda far: far.says(AN, "ok \ud83d"), said("ok \ufffd")),
    Heard("emoji", lambda far: far.says(AN, "👍🏽 đã xong 👩‍👩‍👧"), said("👍🏽 đã xong 👩‍👩‍👧")),
    Heard("10,000 characters", lambda far: far.says(AN, "á👍" * 5000), said("á👍" * 5000)),
    Heard("markup, verbatim", lambda far: far.says(AN, "<b>&amp; 5 < 6"), said("<b>&amp; 5 < 6")),
    Heard("the code of an invitation link", lambda far: far.says(AN, "/start KL-4F7Q"), said("KL-4F7Q")),
    Heard("a bare start", lambda far: far.says(AN, "/start"), said("/start")),
    Heard("a start with our name", lambda far: far.says(AN, "/start@nhac_han_bot X1"), said("X1")),
    Heard("a command", lambda far: far.says(AN, "/baocao"), said("/baocao")),
    Heard("a command with our name", lambda far: far.says(AN, "/huy@nhac_han_bot"), said("/huy")),
    Heard("a command with words", lambda far: far.says(AN, "/baocao M01 45/60"), said("/baocao M01 45/60")),
    Heard("a slash that is no command", lambda far: far.says(AN, "/ 45/60"), said("/ 45/60")),
    Heard("forwarded", lambda far: far.says(AN, "75,5", forward_origin=ORIGIN), said("75,5")),
    Heard("a press", pressed, said(choice="yes:M01:45/60")),
    Heard("a press without data", lambda far: far.raw(callback_query=GAME_PRESS), None),
    Heard("edited", lambda far: edited(far, "/huy"), said("/huy", event="edited")),
    Heard("blocked", lambda far: far.blocks(AN), said(event="blocked")),
    Heard("back again", blocked_and_back, said(event="returned")),
    Heard(
        "a file",
        lambda far: far.sends_file(AN, "ba\u0301o cáo.xlsx", b"1234", "application/x", "45/60"),
        said("45/60", file=Attachment(FILE_ID, "báo cáo.xlsx", 4, "application/x")),
    ),
    Heard(
        "a photo: its largest size",
        lambda far: far.sends_photo(AN, b"123456789", "M01"),
        said("M01", file=Attachment("BQACAgUAAxkB2", "uBQACAgUAAxkB2.jpg", 9, "image/jpeg")),
    ),
    Heard(
        "a file whose handle no text may have",
        lambda far: far.sends(AN, document={"file_id": "x\ud83d", "file_unique_id": "ux", "mime_type": "a\0b"}),
        said(file=Attachment("x\ufffd", "", 0, "ab")),
    ),
    Heard("a sticker", lambda far: far.sends(AN, sticker=STICKER), said(event="unsupported")),
    Heard("a voice", lambda far: far.sends(AN, voice=VOICE), said(event="unsupported")),
    Heard("a voice with a caption", lambda far: far.sends(AN, voice=VOICE, caption="45/60"), said("45/60")),
    Heard("a place", lambda far: far.sends(AN, **VENUE), said(event="unsupported")),
    Heard(
        "their own number",
        lambda far: far.sends(AN, contact=contact(AN)),
        said(event="contact", phone="84912345678"),
    ),
    Heard("somebody else's number", lambda far: far.sends(AN, contact=contact(77)), said(event="unsupported")),
    Heard("a place that moves on", lambda far: far.raw(edited_message=moving(far)), None),
    Heard("content newer than we are", lambda far: far.raw(message=of_tomorrow(far)), said(event="unsupported")),
    Heard("a pinned message", lambda far: far.raw(message=head(far) | {"delete_chat_photo": True}), None),
    Heard("talk in a group", lambda far: far.says(GROUP, "mọi người ơi"), None),
    Heard("a figure in a group", lambda far: far.says(GROUP, "M01 45/60"), None),
    Heard("a command in a group", lambda far: far.says(GROUP, "/baocao"), in_group("/baocao")),
    Heard("our command in a group", lambda far: far.says(GROUP, "/huy@Nhac_Han_Bot"), in_group("/huy")),
    Heard("another bot's command", lambda far: far.says(GROUP, "/huy@other_bot"), None),
    Heard("our name in a group", lambda far: far.says(GROUP, "@nhac_han_bot còn thiếu gì"), in_group("còn thiếu gì")),
    Heard("a name that begins like ours", lambda far: far.says(GROUP, "@nhac_han_bot_2 còn thiếu gì"), None),
    Heard("an answer to us in a group", answers_the_bot, in_group("45/60")),
    Heard("another bot in a group", lambda far: far.raw(message=by_a_bot(far)), None),
    Heard("no message at all", lambda far: far.raw(message=None), None),
    Heard("an update of an unknown kind", lambda far: far.raw(brain_wave={"x": 1}), None),
    Heard("a message without a chat", lambda far: far.raw(message={"message_id": 1, "date": DATE}), None),
    Heard("a message that is a list", lambda far: far.raw(message=[1, 2]), None),
    Heard("a press by nobody", lambda far: far.raw(callback_query={"id": "1"}), None),
    Heard("a text that is a number", lambda far: far.raw(message=head(far) | {"text": 45}), None),
]
ORIGIN = {"type": "hidden_user", "sender_user_name": "Bình", "date": DATE}
GAME_PRESS = {
    "id": "1",
    "from": {"id": AN, "is_bot": False, "first_name": NAME},
    "chat_instance": "1",
    "game_short_name": "g",
}


def head(far: TelegramServer) -> dict[str, Any]:
    return {
        "message_id": 1,
        "date": DATE,
        "chat": far.chat(AN).json(),
        "from": {"id": AN, "is_bot": False, "first_name": NAME},
    }


def moving(far: TelegramServer) -> dict[str, Any]:
    return head(far) | {"edit_date": DATE} | VENUE


def of_tomorrow(far: TelegramServer) -> dict[str, Any]:
    return head(far) | {"hologram": {"file_id": "h"}}


def by_a_bot(far: TelegramServer) -> dict[str, Any]:
    robot = {"id": 99, "is_bot": True, "first_name": "Robot"}
    return head(far) | {"from": robot, "text": "/baocao", "chat": far.group(GROUP).json()}


@pytest.mark.parametrize("case", HEARD, ids=lambda case: case.label)
def test_what_is_heard(case: Heard[TelegramServer], far: TelegramServer, wired: Wired) -> None:
    ask_what_is_heard(wired, far, case, lambda far: far.says(AN, "then"))
    far.wait_for(lambda: not far.updates, what="everything is confirmed")


UNPARSABLE = faults.refused(400, "Bad Request: can't parse entities: Unexpected end tag at byte offset 5")
SENT: list[Sent[TelegramServer]] = [
    Sent("it arrives", lambda far: None, None, arrived=1),
    Sent("slow", lambda far: far.faults(faults.slow()), None, arrived=1),
    Sent("throttled", lambda far: far.faults(faults.throttled(35)), Later, after=35, halt=True),
    Sent(
        "throttled, without a time",
        lambda far: far.faults(faults.refused(429, "Too Many Requests")),
        Later,
        after=5,
        halt=True,
    ),
    Sent("blocked", lambda far: far.blocks(AN, told=False), Refused),
    Sent("deactivated", lambda far: far.bars(AN, 403, "Forbidden: user is deactivated"), Refused),
    Sent("kicked", lambda far: far.bars(AN, 403, "Forbidden: bot was kicked from the group chat"), Refused),
    Sent("never started", lambda far: setattr(far.chat(AN), "started", False), Refused),
    Sent("no such chat", lambda far: far.chats.clear(), Refused),
    Sent("an odd spelling", lambda far: far.bars(AN, 400, "Bad Request: PEER_ID_INVALID"), Refused),
    Sent("the group moved", lambda far: far.faults(faults.migrated(-100200)), Refused),
    Sent("our fault", lambda far: far.faults(faults.refused(400, "Bad Request: BUTTON_DATA_INVALID")), BadRequest),
    Sent("markup not understood", lambda far: far.faults(UNPARSABLE), None, arrived=1),
    Sent("markup not understood, twice", lambda far: far.faults(UNPARSABLE, UNPARSABLE), BadRequest),
    Sent("restarting", lambda far: far.faults(faults.refused(500, "Internal Server Error: restart")), Later),
    Sent("a gateway's page", lambda far: far.faults(faults.page(502)), Later),
    Sent("a gateway that gave up waiting", lambda far: far.faults(faults.page(504)), Unknown),
    Sent("the same, as JSON", lambda far: far.faults(faults.refused(504, "Gateway Timeout")), Unknown),
    Sent("a firewall's page for 403", lambda far: far.faults(faults.page(403)), Later),
    Sent("a firewall's page for 401", lambda far: far.faults(faults.page(401)), Later),
    Sent("a firewall's page for 400", lambda far: far.faults(faults.page(400)), Later),
    Sent("a portal's page for 302", lambda far: far.faults(faults.page(302)), Later),
    Sent("a page for 200", lambda far: far.faults(faults.page(200)), Unknown),
    Sent("no JSON object", lambda far: far.faults(faults.page(200, "[]")), Unknown),
    Sent("JSON without a result", lambda far: far.faults(faults.page(200, "{}")), Unknown),
    Sent("a result that is no message", lambda far: far.faults(faults.page(200, '{"result": {}}')), Unknown),
    Sent("reset before it was read", lambda far: far.faults(faults.reset()), Unknown),
    Sent("reset after it was accepted", lambda far: far.faults(faults.reset(accepted=True)), Unknown, arrived=1),
    Sent("half an answer", lambda far: far.faults(faults.cut()), Unknown, arrived=1),
    Sent("the token revoked", lambda far: far.revoke(), Stopped),
    Sent("another poll", lambda far: far.faults(faults.refused(409, "Conflict: terminated")), Later),
    Sent("far too big", lambda far: far.faults(faults.refused(413, "Request Entity Too Large")), NetworkError),
]


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.label)
def test_what_a_failure_means(case: Sent[TelegramServer], far: TelegramServer, wired: Wired) -> None:
    ask_what_a_failure_means(wired, far, case, str(AN), lambda: len(far.chats[AN].sent) if far.chats else 0)


def test_no_answer_may_mean_that_it_arrived(far: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_transport, "ANSWER", 0.2)
    far.faults(faults.hang(accepted=True))
    with Wired(Telegram(TOKEN, far.base_url)) as wired, pytest.raises(Unknown):
        wired.send(to_an())
    assert far.chat(AN).texts == ["Đề nghị báo cáo"]


def test_what_never_left_is_sent_later() -> None:
    with Wired(Telegram(TOKEN, nobody_there())) as wired, pytest.raises(Later):
        wired.send(to_an())


def to_an(text: str = "Đề nghị báo cáo", *buttons: Button, **more: Any) -> Outgoing:
    return Outgoing(str(AN), Part(text, buttons), **more)


def nobody_there() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


# Confirmed only once it is kept


def test_nothing_is_confirmed_before_it_is_kept(far: TelegramServer, wired: Wired) -> None:
    with wired.slow_to_keep():
        number = far.says(AN, "45/60")
        wired.listen().wait_for(lambda: wired.entered)
        assert far.confirmed <= number and far.updates
    far.wait_for(lambda: far.confirmed == number + 1)
    assert [incoming.id for incoming in wired.heard] == [str(number)]


def test_what_could_not_be_kept_comes_again_in_order(far: TelegramServer, wired: Wired) -> None:
    wired.faults.append(OSError("disk full"))
    for text in ("một", "hai", "ba"):
        far.says(AN, text)
    far.says(AN + 1, "người khác")
    outcome = wired.listen().ended()
    assert type(outcome) is Later and outcome.after == timedelta(seconds=1)
    assert wired.texts == ["người khác"]
    wired.listen().wait_for(lambda: wired.texts.count("người khác") == 2 and "ba" in wired.texts)
    assert [text for text in wired.texts if text != "người khác"] == ["một", "hai", "ba"]
    again = [incoming.id for incoming in wired.heard if incoming.said.text == "người khác"]
    assert again[0] == again[1]


def test_a_stop_in_the_middle_loses_nothing(far: TelegramServer, wired: Wired) -> None:
    with wired.slow_to_keep():
        far.says(AN, "45/60")
        wired.listen().wait_for(lambda: wired.entered)
        wired.stop()
    assert far.confirmed == 0 and wired.heard == []
    with Wired(Telegram(TOKEN, far.base_url)) as next_run:
        assert next_run.listen().hears()[0].said.text == "45/60"


def test_a_waiting_poll_is_cancelled_at_once(far: TelegramServer, wired: Wired) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    wired.stop()
    far.says(AN, "45/60")
    assert wired.listen().hears()[0].said.text == "45/60"


def test_a_bad_update_takes_no_other_with_it(
    far: TelegramServer, wired: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    far.says(AN, "trước")
    number = far.raw(message={"message_id": 1, "date": "hôm qua", "chat": {"id": AN, "secret": "bí mật"}})
    far.says(AN, "sau")
    wired.listen().hears(2)
    assert wired.texts == ["trước", "sau"]
    far.wait_for(lambda: not far.updates)
    assert f"update {number} (['message'])" in caplog.text and "bí mật" not in caplog.text


@pytest.mark.parametrize("size", [float("nan"), "5", [5]], ids=str)
def test_the_size_of_a_file_is_a_number_or_is_not_told(size: object) -> None:
    document = {"file_id": "x", "file_unique_id": "ux", "file_size": size}
    message = {"message_id": 1, "date": DATE, "chat": {"id": AN, "type": "private"}, "document": document}
    update = telegram_updates.readable({"update_id": 1, "message": message})
    assert update
    heard = telegram_updates.said(update, User(1, "Nhắc Hạn", True))
    assert heard == Said(file=Attachment("x", "", 0, ""))


def test_one_chat_does_not_wait_for_another(far: TelegramServer, wired: Wired) -> None:
    both = asyncio.Barrier(2)

    async def hear(_: object) -> None:
        await both.wait()  # returns only when both are being heard

    far.says(AN, "45/60")
    far.says(AN + 1, "30/60")
    wired.hear = hear  # type: ignore[method-assign]
    wired.listen()
    far.wait_for(lambda: not far.updates)


def test_a_burst_is_heard_completely_and_in_order(far: TelegramServer, wired: Wired) -> None:
    for number in range(250):
        far.says(AN + number % 10, str(number))
    wired.listen().hears(250)
    for chat in range(AN, AN + 10):
        of_chat = [int(incoming.said.text) for incoming in wired.heard if incoming.chat == str(chat)]
        assert of_chat == sorted(of_chat) and len(of_chat) == 25


def test_where_it_comes_from(far: TelegramServer, wired: Wired) -> None:
    far.says(AN, "45/60")
    (incoming,) = wired.listen().hears()
    assert (incoming.channel, incoming.account, incoming.chat) == ("telegram", "123456789", str(AN))


# Presses


def test_a_press_is_answered_and_its_buttons_go(far: TelegramServer, wired: Wired) -> None:
    pressed(far)
    assert wired.listen().hears()[0].said.choice == "yes:M01:45/60"
    far.wait_for(lambda: all(query.answered for query in far.queries.values()) and not far.chat(AN).last.buttons)


def test_an_old_press_is_heard_all_the_same(far: TelegramServer, wired: Wired) -> None:
    pressed(far)
    far.expire_queries()
    wired.listen().hears()
    far.wait_for(lambda: not far.chat(AN).last.buttons and far.called("answerCallbackQuery"))
    assert far.called("answerCallbackQuery")[0].status == 400


def test_a_press_on_buttons_long_gone_is_heard(far: TelegramServer, wired: Wired) -> None:
    pressed(far)
    wired.listen().hears()
    far.wait_for(lambda: not far.chat(AN).last.buttons)
    far.presses(AN, "Sửa", far.chat(AN).last)
    assert wired.hears(2)[1].said.choice == "no:M01"
    far.wait_for(lambda: [call.status for call in far.called("editMessageReplyMarkup")] == [200, 400])


def test_a_press_that_gets_no_answer_delays_nobody(far: TelegramServer, wired: Wired) -> None:
    far.faults(faults.hang(), method="answerCallbackQuery")
    pressed(far)
    far.says(AN, "45/60")
    wired.listen().hears(2)
    far.wait_for(lambda: not far.updates)


def test_too_many_courtesies_are_left_undone(
    far: TelegramServer, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_courtesies, "WAITING", 0)
    pressed(far)
    far.says(AN, "45/60")
    wired.listen().hears(2)
    far.wait_for(lambda: not far.updates)
    assert not far.called("answerCallbackQuery") and not far.called("setMyCommands")


# Cut off


CUT_OFF: list[tuple[str, faults.Fault, type[Exception], float]] = [
    ("restarting", faults.refused(500, "Internal Server Error: restart"), Later, 1),
    ("throttled", faults.throttled(35), Later, 35),
    ("another program", faults.refused(409, "Conflict: terminated by other getUpdates request"), Later, 1),
    ("reset", faults.reset(), Later, 1),
    ("half an answer", faults.cut(), Later, 1),
    ("a page", faults.page(502), Later, 1),
    ("a portal's page", faults.page(200), Later, 1),
    ("a firewall's page", faults.page(401), Later, 1),
    ("no JSON object", faults.page(200, "[]"), Later, 1),
    ("JSON without a result", faults.page(200, "{}"), Later, 1),
    ("the token revoked", faults.refused(401, "Unauthorized"), Stopped, 0),
    ("the token malformed", faults.refused(404, "Not Found"), Stopped, 0),
]


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "getUpdates"])
@pytest.mark.parametrize(("fault", "outcome", "after"), [case[1:] for case in CUT_OFF], ids=[c[0] for c in CUT_OFF])
def test_what_cuts_the_channel_off(
    method: str, fault: faults.Fault, outcome: type[Exception], after: float, far: TelegramServer, wired: Wired
) -> None:
    far.says(AN, "45/60")
    far.faults(fault, method=method)
    end = wired.listen().ended()
    assert type(end) is outcome and wired.channel.pulse.fault
    if isinstance(end, Later):
        assert end.after == timedelta(seconds=after)
        assert wired.listen().hears()[0].said.text == "45/60"
        assert wired.channel.pulse.fault == "" and wired.channel.pulse.last is not None


def test_the_wait_grows_and_ends_with_the_fault(far: TelegramServer, wired: Wired) -> None:
    far.faults(*[faults.reset()] * 12, method="getUpdates")
    waits = []
    for _ in range(12):
        end = wired.listen().ended()
        assert isinstance(end, Later)
        waits.append(end.after.total_seconds())
    assert waits[0] == 1 and waits == sorted(waits) and waits[-1] == 30
    far.says(AN, "45/60")
    wired.listen().hears()
    far.faults(faults.reset(), method="getUpdates")
    far.says(AN, "46/60")  # the poll that waits already ends, so the next one meets the fault
    end = wired.ended()
    assert isinstance(end, Later) and end.after == timedelta(seconds=1)


def test_it_starts_although_the_far_side_is_away() -> None:
    with Wired(Telegram(TOKEN, nobody_there())) as wired:
        assert isinstance(wired.listen().ended(), Later)


def test_two_that_poll_with_one_token_are_told(far: TelegramServer, wired: Wired) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    with Wired(Telegram(TOKEN, far.base_url)) as other:
        other.listen()
        assert isinstance(wired.ended(), Later)
        assert wired.channel.pulse.fault == "another program reads this bot's messages"


def test_a_token_revoked_while_it_polls_stops_the_channel(far: TelegramServer, wired: Wired) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    far.revoke()
    assert isinstance(wired.ended(), Stopped)


# What goes out


def test_a_message_as_people_see_it(far: TelegramServer, wired: Wired) -> None:
    yes, no = Button("yes:1", "Đúng"), Button("no:1", "Sửa")
    number = wired.send(to_an("<b> & còn thiếu > 4,5 điểm %", yes, no))
    last = far.chat(AN).last
    assert (last.text, last.layout, str(last.id)) == ("<b> & còn thiếu > 4,5 điểm %", [["Đúng", "Sửa"]], number)
    assert far.called("sendMessage")[0].given["link_preview_options"] == '{"is_disabled": true}'


def changed(number: str, text: str, *buttons: Button) -> Outgoing:
    return replace(to_an(text, *buttons), edits=number)


def test_a_message_takes_the_place_of_an_earlier_one(far: TelegramServer, wired: Wired) -> None:
    number = wired.send(to_an("đã gửi 1/300", Button("ok:1", "Đã đọc")))
    assert number and wired.send(changed(number, "đã gửi <2>/300")) == number
    assert [(message.text, message.layout) for message in far.chat(AN).sent] == [("đã gửi <2>/300", [])]
    assert wired.send(changed(number, "đã gửi <2>/300")) == number  # nothing to change is no fault
    assert len(far.called("editMessageText")) == 2


def test_what_can_not_be_changed_any_more_is_said_anew(far: TelegramServer, wired: Wired) -> None:
    with_file = wired.send(to_an("Công văn", files=(sheet(),)))
    for number in (with_file, "99999"):
        assert number and wired.send(changed(number, "đã thu hồi")) != number
    assert far.chat(AN).texts == ["Công văn", "đã thu hồi", "đã thu hồi"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(faults.throttled(3), Later), (faults.reset(), Unknown), (faults.refused(403, "Forbidden: x"), Refused)],
    ids=["throttled", "reset", "blocked"],
)
def test_a_change_that_fails_is_judged_as_a_message_is(
    far: TelegramServer, wired: Wired, fault: faults.Fault, outcome: type[Exception]
) -> None:
    number = wired.send(to_an("đã gửi 1/300"))
    far.faults(fault, method="editMessageText")
    assert number
    with pytest.raises(outcome):
        wired.send(changed(number, "đã gửi 2/300"))
    assert far.chat(AN).texts == ["đã gửi 1/300"]


LONGEST = Telegram.traits.longest


@pytest.mark.parametrize("text", ["á" * LONGEST, "&" * LONGEST, "👍" * LONGEST, "<" * LONGEST])
def test_the_longest_text_is_accepted(text: str, far: TelegramServer, wired: Wired) -> None:
    assert Telegram.traits.length(text) == LONGEST
    wired.send(to_an(text))
    assert far.chat(AN).texts == [text]


def test_a_text_too_long_is_our_fault(far: TelegramServer, wired: Wired) -> None:
    with pytest.raises(BadRequest, match="too long"):
        wired.send(to_an("á" * 10_000))
    assert all("10000 characters" in violation for violation in far.violations)
    far.violations.clear()


LAYOUTS = [
    ([], []),
    (["Đúng", "Sửa"], [2]),
    (["Có", "Không", "Bỏ"], [3]),
    (["1", "2", "3", "4", "5"], [3, 2]),
    (["Không phát sinh", "Chưa có số liệu", "Không thuộc phạm vi"], [1, 1, 1]),
    (["Hẹn chiều nay", "Hẹn ngày mai", "Đúng"], [2, 1]),
    (["Tỷ lệ hồ sơ trả đúng và trước hạn", "Bỏ", "Sửa"], [1, 2]),
    ([str(number) * 20 for number in range(8)], [1] * 8),
]


@pytest.mark.parametrize(("labels", "widths"), LAYOUTS)
def test_short_labels_stand_side_by_side(labels: list[str], widths: list[int]) -> None:
    laid = rows(Button(str(number), label) for number, label in enumerate(labels))
    assert [len(row) for row in laid] == widths
    assert [button.text for row in laid for button in row] == labels


def sheet(content: bytes = bytes(range(256)) + b"\r\n", name: str = "bảng tổng hợp.xlsx") -> File:
    return File(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", lambda: content)


def test_a_file_goes_out_with_its_text_and_buttons(far: TelegramServer, wired: Wired) -> None:
    wired.send(to_an("Bảng <tổng hợp>", Button("ok:1", "Đã đọc"), files=(sheet(),)))
    last = far.chat(AN).last
    assert last.document is not None and last.document == Upload(sheet().name, sheet().mime, sheet().read())
    assert (last.text, last.buttons, len(far.chat(AN).sent)) == ("Bảng <tổng hợp>", ["Đã đọc"], 1)


def test_a_text_too_long_for_a_caption_goes_ahead(far: TelegramServer, wired: Wired) -> None:
    number = wired.send(to_an("á" * 1025, Button("ok:1", "Đã đọc"), files=(sheet(), sheet(b"2", "hai.xlsx"))))
    first, second, third = far.chat(AN).sent
    assert (first.text, first.buttons, first.document, str(first.id)) == ("á" * 1025, ["Đã đọc"], None, number)
    assert [message.document.name for message in (second, third) if message.document] == [sheet().name, "hai.xlsx"]


def test_what_is_already_out_is_not_sent_again(far: TelegramServer, wired: Wired) -> None:
    far.faults(faults.throttled(3), method="sendDocument")
    with pytest.raises(Later) as put_off:
        wired.send(to_an("á" * 2000, files=(sheet(),)))
    assert (put_off.value.after, put_off.value.halt) == (timedelta(seconds=3), True)
    number = wired.send(to_an("á" * 2000, files=(sheet(),)))
    first, second = far.chat(AN).sent
    assert (str(first.id), first.text, second.document is not None) == (number, "á" * 2000, True)
    wired.send(to_an("á" * 2000, files=(sheet(),)))
    assert len(far.chat(AN).sent) == 4


def test_a_file_that_cannot_be_read_is_our_fault(wired: Wired) -> None:
    def gone() -> bytes:
        raise FileNotFoundError("bảng.xlsx")

    with pytest.raises(FileNotFoundError):
        wired.send(to_an(files=(File("bảng.xlsx", "", gone),)))


def test_the_pace_of_the_far_side_is_respected_when_it_says_so() -> None:
    with TelegramServer(pace=faults.Pace(chat_burst=2)) as far, Wired(Telegram(TOKEN, far.base_url)) as wired:
        far.person(AN)
        wired.send(to_an("một"))
        wired.send(to_an("hai"))
        with pytest.raises(Later) as put_off:
            wired.send(to_an("ba"))
        assert (put_off.value.after, put_off.value.halt) == (timedelta(seconds=1), True)


# Command menus


def test_strangers_and_groups_have_a_menu_from_the_start(far: TelegramServer, wired: Wired) -> None:
    wired.listen()
    far.wait_for(lambda: len(far.commands) == 4)
    for language in ("vi", "en"):
        assert far.menu(AN, language) == far.menu(GROUP, language) == ["trogiup"]


def test_the_menus_of_all_are_set_again_only_where_that_failed(far: TelegramServer, wired: Wired) -> None:
    far.faults(faults.refused(500, "Internal Server Error"), method="setMyCommands")
    far.faults(*[faults.reset()] * 3, method="deleteWebhook")
    tries = []
    for _ in range(3):
        wired.listen().ended()
        wired.settle()
        tries.append(len(far.called("setMyCommands")))
    assert tries == [1, 5, 5]


def test_everybody_gets_the_menu_of_their_duty_once(far: TelegramServer, wired: Wired) -> None:
    wired.send(to_an(menu="focal"))
    wired.send(to_an(menu="focal"))
    wired.send(to_an())
    far.wait_for(lambda: far.menu(AN, "vi") == far.menu(AN, "en") == list(telegram_courtesies.MENUS["focal"]))
    far.wait_for(lambda: len(far.called("setMyCommands")) == 2)
    wired.send(to_an(menu="tccb"))
    far.wait_for(lambda: far.menu(AN, "vi") == far.menu(AN, "en") == list(telegram_courtesies.MENUS["tccb"]))


def test_who_has_no_duty_any_more_has_the_menu_of_strangers(far: TelegramServer, wired: Wired) -> None:
    wired.listen()
    wired.send(to_an(menu="focal"))
    far.wait_for(lambda: "baocao" in far.menu(AN, "en"))
    wired.send(to_an(menu="stranger"))
    far.wait_for(lambda: far.menu(AN) == far.menu(AN, "en") == ["trogiup"])


def test_a_menu_that_failed_is_given_with_the_next_message(far: TelegramServer, wired: Wired) -> None:
    far.faults(faults.refused(500, "Internal Server Error"), method="setMyCommands")
    wired.send(to_an(menu="focal"))
    wired.settle()
    assert far.menu(AN) == []
    wired.send(to_an(menu="focal"))
    wired.settle()
    assert far.menu(AN)[0] == "baocao"


def test_groups_get_no_menu_of_their_own(far: TelegramServer, wired: Wired) -> None:
    far.group(GROUP)
    wired.send(Outgoing(str(GROUP), Part("Đề nghị nhắn riêng"), menu="focal"))
    wired.send(to_an(menu="focal"))
    far.wait_for(lambda: far.menu(AN))
    assert far.menu(GROUP) == []


def test_menus_name_commands_that_telegram_accepts() -> None:
    for menu in (*telegram_courtesies.MENUS.values(), telegram_courtesies.GROUP_MENU):
        assert all(name.isalnum() and name.islower() and name.isascii() for name in menu)


# Files that people send


def test_a_file_that_was_sent_can_be_fetched(far: TelegramServer, wired: Wired) -> None:
    far.sends_file(AN, "báo cáo.xlsx", bytes(range(256)))
    (incoming,) = wired.listen().hears()
    assert incoming.said.file
    assert fetched(wired, incoming.said.file.ref) == bytes(range(256))


def fetched(wired: Wired, ref: str) -> Any:
    assert isinstance(wired.channel, Telegram)
    return wired.run(wired.channel.fetch(ref))


@pytest.mark.parametrize(
    ("arranged", "outcome"),
    [
        (lambda far: far.files.clear(), Refused),
        (lambda far: far.files.update(x=("documents/x", bytes((20 << 20) + 1))), Refused),
        (lambda far: far.faults(faults.refused(500, "Internal Server Error"), method="getFile"), Later),
        (lambda far: far.faults(faults.reset(), method="getFile"), Later),
        (lambda far: far.faults(faults.throttled(9), method="getFile"), Later),
    ],
    ids=["unknown", "too big", "restarting", "reset", "throttled"],
)
def test_a_file_that_cannot_be_had(
    arranged: Callable[[TelegramServer], object], outcome: type[Exception], far: TelegramServer, wired: Wired
) -> None:
    far.files["x"] = ("documents/x", b"1234")
    arranged(far)
    with pytest.raises(outcome):
        fetched(wired, "x")


# The token is told to nobody


def test_the_token_is_in_no_log_and_no_error(
    far: TelegramServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    echo = f"<html>no such page: /bot{TOKEN}/sendMessage</html>"
    with Wired(Telegram(TOKEN, far.base_url)) as wired:
        planned = [faults.page(status, echo) for status in (200, 400, 403, 404, 502)]
        planned += [faults.reset(), faults.cut(), faults.refused(400, echo), faults.refused(403, echo)]
        errors = [caught(wired, fault, far) for fault in planned]
        far.faults(faults.page(404, echo), method="getUpdates")
        errors.append(wired.listen().ended())
        far.revoke()
        errors.append(wired.listen().ended())
        assert TOKEN not in repr(wired.channel) and TOKEN not in str(vars(wired.channel)["path"])
    with Wired(Telegram(TOKEN, nobody_there())) as wired:
        errors.append(caught(wired))
        errors.append(wired.listen().ended())
    secret = TOKEN.partition(":")[2]
    assert len(caplog.records) > 20 and all(errors)
    assert secret not in caplog.text
    for error in errors:
        assert error and secret not in "".join(traceback.format_exception(error)) + repr(error)


def caught(wired: Wired, fault: faults.Fault | None = None, far: TelegramServer | None = None) -> BaseException | None:
    if fault and far:
        far.faults(fault)
    with pytest.raises(Exception) as error:
        wired.send(to_an())
    return error.value


# Called by webhook


@pytest.fixture
def called(far: TelegramServer) -> Iterator[Wired]:
    """A channel that is called at a door, without a network in between."""
    with Wired(Telegram(TOKEN, far.base_url, webhook_secret=SECRET)) as wired:
        yield wired


def call(wired: Wired, content: Any, secret: str | None = SECRET, verb: str = "POST") -> httpx.Response:
    """One call of ours by somebody who gives that secret."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {} if secret is None else {SECRET_HEADER: secret}

    async def at_the_door() -> httpx.Response:
        door = httpx.ASGITransport(Starlette(routes=wired.channel.routes(wired.hear)))
        async with httpx.AsyncClient(transport=door, base_url="http://house") as client:
            return await client.request(verb, path_of(wired), content=body, headers=headers)

    answer: httpx.Response = wired.run(at_the_door())
    return answer


def path_of(wired: Wired) -> str:
    assert isinstance(wired.channel, Telegram)
    return wired.channel.path


def update(text: str, number: int = 5) -> dict[str, Any]:
    chat = {"id": AN, "type": "private", "first_name": NAME}
    sender = {"id": AN, "is_bot": False, "first_name": NAME}
    return {"update_id": number, "message": {"message_id": 1, "date": DATE, "chat": chat, "from": sender, "text": text}}


CALLS: list[tuple[str, Any, str | None, int, list[str]]] = [
    ("an update", update("45/60"), SECRET, 200, ["45/60"]),
    ("without the secret", update("45/60"), None, 401, []),
    ("with a wrong secret", update("45/60"), "a-secret_of-the-webhoo", 401, []),
    ("with an empty secret", update("45/60"), "", 401, []),
    ("larger than any update", b" " * 1_000_001, SECRET, 413, []),
    ("larger, by a stranger", b" " * 1_000_001, None, 401, []),
    ("no JSON", b"{", SECRET, 200, []),
    ("no update", [1], SECRET, 200, []),
    ("nested too deep", b"[" * 200_000, SECRET, 200, []),
    ("an update that can't be read", {"update_id": 5, "message": {"text": "x"}}, SECRET, 200, []),
    ("not UTF-8", b"\xff\xfe{}", SECRET, 200, []),
]


@pytest.mark.parametrize(
    ("content", "secret", "status", "texts"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS]
)
def test_who_may_call_and_what_is_heard(
    content: Any, secret: str | None, status: int, texts: list[str], called: Wired
) -> None:
    answer = call(called, content, secret)
    assert (answer.status_code, answer.content, called.texts) == (status, b"", texts)


def test_a_call_whose_message_could_not_be_kept_is_to_be_repeated(called: Wired) -> None:
    called.faults.append(OSError("disk full"))
    assert call(called, update("45/60")).status_code == 503
    assert call(called, update("45/60")).status_code == 200
    assert [incoming.id for incoming in called.heard] == ["5"]


def test_without_a_secret_nobody_can_call(wired: Wired) -> None:
    assert wired.channel.routes(wired.hear) == []


def test_the_path_tells_nothing_of_the_token(called: Wired) -> None:
    assert re.fullmatch(r"/telegram/[0-9a-f]{16}", path_of(called))


@contextmanager
def house(far: TelegramServer) -> Iterator[Wired]:
    """A channel with a real door that Telegram can call."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Wired(Telegram(TOKEN, far.base_url, webhook_secret=SECRET, webhook_url=f"{address}/")) as wired:
        app = Starlette(routes=wired.channel.routes(wired.hear))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        serving = wired.begin(server.serve([listener]))
        yield wired
        wired.stop()
        server.should_exit = True
        serving.result(PATIENCE)


def test_telegram_calls_until_the_message_is_kept(far: TelegramServer) -> None:
    with house(far) as wired:
        wired.faults.append(OSError("disk full"))
        far.says(AN, "45/60")
        pressed(far)
        assert [incoming.said.text or incoming.said.choice for incoming in wired.listen().hears(2)] == [
            "45/60",
            "yes:M01:45/60",
        ]
        far.wait_for(lambda: not far.updates and not far.chat(AN).last.buttons)
    asked = far.called("setWebhook")[0].given
    assert asked["secret_token"] == SECRET
    assert set(json.loads(asked["allowed_updates"])) == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    }


def test_a_wrong_secret_at_the_far_side_is_never_let_in(far: TelegramServer) -> None:
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: far.webhook.url)
        far.webhook.secret = "another"
        far.says(AN, "45/60")
        far.wait_for(lambda: far.carried == [401])
        assert wired.heard == []
        far.webhook.secret = SECRET
        wired.hears()


def test_an_address_that_telegram_refuses_stops_the_channel(far: TelegramServer) -> None:
    with Wired(Telegram(TOKEN, far.base_url, webhook_secret=SECRET, webhook_url="http://house.example")) as wired:
        end = wired.listen().ended()
        assert isinstance(end, Stopped) and "https" in str(end)


def test_a_webhook_that_was_moved_is_set_again(far: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram, "CHECK", 0.01)
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: far.called("getWebhookInfo"))
        ours = far.webhook.url
        far.webhook.url = ""
        assert isinstance(wired.ended(), Later)
        wired.listen()
        far.wait_for(lambda: far.webhook.url == ours)


def test_polling_ends_a_webhook_and_keeps_what_waits(far: TelegramServer, wired: Wired) -> None:
    far.webhook.url = "https://house.example/telegram"
    far.says(AN, "45/60")
    assert wired.listen().hears()[0].said.text == "45/60"
    assert far.webhook.url == ""


# By way of a proxy


def test_everything_goes_through_the_proxy(far: TelegramServer) -> None:
    with http_proxy(far.base_url) as (address, asked), proxied(address, far) as wired:
        far.says(AN, "45/60")
        wired.listen().hears()
        wired.send(to_an())
        assert {request.path.rpartition("/")[2] for request in asked} >= {"getMe", "sendMessage"}
        assert all(request.headers["proxy-authorization"] == "Basic dXNlcjpwYXNz" for request in asked)


def proxied(address: str, far: TelegramServer) -> Wired:
    return Wired(Telegram(TOKEN, far.base_url, proxy=address.replace("//", "//user:pass@")))


def test_everything_goes_through_a_socks_proxy(far: TelegramServer) -> None:
    with socks_proxy() as (address, asked), Wired(Telegram(TOKEN, far.base_url, proxy=address)) as wired:
        far.says(AN, "45/60")
        wired.listen().hears()
        wired.send(to_an())
        assert {f"http://{host}:{port}" for host, port in asked} == {far.base_url}
        assert len(asked) >= 2


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_is_away_means_later(scheme: str, far: TelegramServer) -> None:
    with Wired(Telegram(TOKEN, far.base_url, proxy=nobody_there().replace("http", scheme))) as wired:
        assert isinstance(caught(wired), Later)
        assert isinstance(wired.listen().ended(), Later)


def test_a_proxy_that_refuses_the_tunnel_means_later() -> None:
    proxy = Loopback(lambda call: Reply(407))
    with Wired(Telegram(TOKEN, "https://api.telegram.org", proxy=proxy.url)) as wired:
        assert isinstance(caught(wired), Later)
    proxy.close()
