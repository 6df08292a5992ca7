"""Zalo's Bot Platform, against a far side that behaves as the real one is known to: read once, refused under 200."""

import asyncio
import itertools
import json
import logging
import re
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels import zalo_bot, zalo_bot_api
from bot.channels.channel import File, Later, NotTaken, Outgoing, Part, Refused, Stopped, Unknown
from bot.channels.render import Choice, render
from bot.channels.zalo_bot import SECRET_HEADER, ZaloBot
from bot.channels.zalo_bot_api import Failed
from bot.dialogue.turn import Attachment, Said
from tests.channel_questions import Heard, Sent, Wired, ask_what_a_failure_means, ask_what_is_heard
from tests.far import zalo_bot as faults
from tests.far.zalo_bot import TOKEN, ZaloServer
from tests.far.zalo_bot_account import DATE, Plan, Refusal, Ways

AN, BINH = "Nguyễn Văn An", "Trần Thị Bình"
SECRET = "a-secret_of-the-webhook"
PICTURE = "https://photo-stal-1.zdn.vn/2026/09/a.png?x=1"
ZaloHeard = Heard[ZaloServer]
ZaloSent = Sent[ZaloServer]


@pytest.fixture(autouse=True)
def short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping takes as long as a poll."""
    monkeypatch.setattr(zalo_bot, "POLL", 0.1)
    monkeypatch.setattr(zalo_bot, "LEAST", 0.01)


@pytest.fixture
def long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_bot, "POLL", 15.0)


@pytest.fixture
def far() -> Iterator[ZaloServer]:
    with ZaloServer() as server:
        server.person(AN)
        yield server


@pytest.fixture
def wired(far: ZaloServer) -> Iterator[Wired]:
    with Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        yield wired


def said(text: str = "", **more: Any) -> Said:
    return Said(text, sender=AN, **more)


def unread(**more: Any) -> Said:
    return said(event="unsupported", **more)


def message(far: ZaloServer, **content: Any) -> dict[str, Any]:
    """What stands in an update whose form the test makes up."""
    id = far.person(AN).id
    sender = {"id": id, "display_name": AN, "is_bot": False}
    return {"from": sender, "chat": {"id": id, "chat_type": "PRIVATE"}, "message_id": "m1", "date": DATE} | content


def text_event(far: ZaloServer, **content: Any) -> dict[str, Any]:
    return {"event_name": "message.text.received", "message": message(far, **content)}


def picture(caption: str = "", ref: str = PICTURE, name: str = f"{1:020x}.png", mime: str = "image/png") -> Said:
    return said(caption, file=Attachment(ref, name, 0, mime))


HEARD: list[ZaloHeard] = [
    ZaloHeard("a text", lambda far: far.says(AN, "45/60"), said("45/60")),
    ZaloHeard("several lines, verbatim", lambda far: far.says(AN, "  1.3: 45/60\n 2.7"), said("  1.3: 45/60\n 2.7")),
    ZaloHeard("decomposed letters", lambda far: far.says(AN, "co\u0301 không"), said("có không")),
    ZaloHeard("NUL, which no database keeps", lambda far: far.says(AN, "45\0/60"), said("45/60")),
    ZaloHeard("half a surrogate pair", lambda far: far.says(AN, "ok \ud83d"), said("ok \ufffd")),
    ZaloHeard("emoji", lambda far: far.says(AN, "👍🏽 đã xong 👩‍👩‍👧"), said("👍🏽 đã xong 👩‍👩‍👧")),
    ZaloHeard("10,000 characters", lambda far: far.says(AN, "á👍" * 5000), said("á👍" * 5000)),
    ZaloHeard("markup, verbatim", lambda far: far.says(AN, "<b>{red}**5 < 6"), said("<b>{red}**5 < 6")),
    ZaloHeard("a code", lambda far: far.says(AN, "NH-4F7QABCD"), said("NH-4F7QABCD")),
    ZaloHeard("a command", lambda far: far.says(AN, "/baocao"), said("/baocao")),
    ZaloHeard("fields from tomorrow", lambda far: far.says(AN, "45/60", mood={"x": [1]}, ttl=5), said("45/60")),
    ZaloHeard("an image", lambda far: far.sends_image(AN, PICTURE), picture()),
    ZaloHeard("with a caption", lambda far: far.sends_image(AN, PICTURE, "1.3 45/60"), picture("1.3 45/60")),
    ZaloHeard("as captured", lambda far: (setattr(far.ways, "photo", "photo_url"), far.sends_image(AN, PICTURE)),
              picture()),
    ZaloHeard("an image of no known kind", lambda far: far.sends_image(AN, "https://a.zdn.vn/x"),
              picture(ref="https://a.zdn.vn/x", name=f"{1:020x}.jpg", mime="image/jpeg")),
    ZaloHeard("an image whose address is none", lambda far: far.sends_image(AN, "http://[x"),
              picture(ref="http://[x", name=f"{1:020x}.jpg", mime="image/jpeg")),
    ZaloHeard("an image that is missing", lambda far: far.happens("message.image.received", AN), unread()),
    ZaloHeard("a sticker", lambda far: far.happens("message.sticker.received", AN, sticker="s1", url="https://s"),
              unread()),
    ZaloHeard("a voice", lambda far: far.happens("message.voice.received", AN, voice_url="https://v.aac"), unread()),
    ZaloHeard("a file, a place, a card", lambda far: far.happens("message.unsupported.received", AN), unread()),
    ZaloHeard("a text without text", lambda far: far.happens("message.text.received", AN), unread()),
    ZaloHeard("a text that is a list", lambda far: far.raw(text_event(far, text=["45/60"])), unread()),
    ZaloHeard("in a group", lambda far: far.happens("message.text.received", AN, group=True, text="@Bot 45/60"),
              said("@Bot 45/60", private=False)),
    ZaloHeard("without a name", lambda far: far.raw(text_event(far, text="a", **{"from": {"id": "x"}})), Said("a")),
    ZaloHeard("the name, elsewhere", lambda far: far.raw(
        text_event(far, text="a", **{"from": {"id": "x", "account_name": AN}})), said("a")),
    ZaloHeard("ids that are numbers", lambda far: far.raw(
        text_event(far, text="a", chat={"id": 12}, message_id=7)), said("a")),
    ZaloHeard("only a sender", lambda far: far.raw(text_event(far, text="a", chat=None)), said("a")),
    ZaloHeard("a bot", lambda far: far.raw(text_event(far, text="a", **{"from": {"id": "x", "is_bot": True}})), None),
    ZaloHeard("nobody", lambda far: far.raw(text_event(far, text="a", chat={}, **{"from": {}})), None),
    ZaloHeard("an endless id", lambda far: far.raw(text_event(far, text="a", chat={"id": "x" * 129})), None),
    ZaloHeard("no message", lambda far: far.raw({"event_name": "message.unsupported.received"}), None),
    ZaloHeard("a message that is a list", lambda far: far.raw(
        {"event_name": "message.text.received", "message": [1]}), None),
    ZaloHeard("a reaction", lambda far: far.happens("message.reaction.received", AN, text="👍"), None),
    ZaloHeard("an unknown event", lambda far: far.happens("brain.wave", AN, text="45/60"), None),
    ZaloHeard("an event that is a list", lambda far: far.raw({"event_name": [1], "message": message(far)}), None),
    ZaloHeard("no event", lambda far: far.raw({"message": message(far, text="a")}), None),
    ZaloHeard("an update that is a number", lambda far: far.raw(5), None),
    ZaloHeard("an update that is empty", lambda far: far.raw({}), None),
]  # fmt: skip


@pytest.mark.parametrize("case", HEARD, ids=lambda case: case.label)
def test_what_is_heard(case: ZaloHeard, far: ZaloServer, wired: Wired) -> None:
    ask_what_is_heard(wired, far, case, lambda far: far.says(AN, "then"))


SHAPES = [Ways(), Ways(listed=True), Ways(silent="null"), Ways(silent="missing")]


@pytest.mark.parametrize("ways", SHAPES, ids=["one object", "a list", "no result", "an empty result"])
def test_polls_are_read_in_whatever_shape(ways: Ways) -> None:
    with ZaloServer(ways=ways) as far, Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        wired.listen()
        far.wait_for(lambda: len(far.called("getUpdates")) >= 2, what="empty polls")
        assert wired.channel.pulse.last is not None and wired.channel.pulse.fault == ""
        for text in ("một", "hai", "ba"):
            far.says(AN, text)
        wired.hears(3)
        assert wired.texts == ["một", "hai", "ba"]


def test_where_it_comes_from(far: ZaloServer, wired: Wired) -> None:
    id = far.says(AN, "45/60")
    (incoming,) = wired.listen().hears()
    place = (incoming.channel, incoming.account, incoming.chat, incoming.id)
    assert place == ("zalo_bot", "12345689", far.person(AN).id, id)


def test_a_message_without_an_id_gets_the_same_one_twice(far: ZaloServer, wired: Wired) -> None:
    for text in ("một", "hai", "một"):
        far.raw(text_event(far, text=text, message_id=None))
    first, second, again = (incoming.id for incoming in wired.listen().hears(3))
    assert first == again != second and len(first) == 64


def test_a_far_side_that_does_not_hold_polls_is_not_hurried(
    far: ZaloServer, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_bot, "POLL", 0.0)
    monkeypatch.setattr(zalo_bot, "LEAST", 0.1)
    wired.listen()
    far.wait_for(lambda: len(far.called("getUpdates")) >= 4)
    times = [call.at for call in far.called("getUpdates")]
    assert all(later - sooner > 0.09 for sooner, later in itertools.pairwise(times))


# Read once: gone at the far side


def test_nothing_else_is_read_before_what_was_read_is_kept(far: ZaloServer, wired: Wired) -> None:
    with wired.slow_to_keep():
        far.says(AN, "một")
        far.says(AN, "hai")
        wired.listen().wait_for(lambda: wired.entered)
        assert [update["message"]["text"] for update in far.updates] == ["hai"]
    assert [incoming.said.text for incoming in wired.hears(2)] == ["một", "hai"]


def test_what_could_not_be_kept_is_held_and_nothing_more_is_read(far: ZaloServer, wired: Wired) -> None:
    """At most one message is ever in our hands alone, so a crash while the database fails loses one, not more."""
    wired.faults += [OSError("disk full")] * 3
    for text in ("một", "hai", "ba"):
        far.says(AN, text)
    for waits in (1.0, 1.5, 2.25):
        end = wired.listen().ended()
        assert isinstance(end, Later) and end.after.total_seconds() >= 1 and end.after.total_seconds() <= waits
        assert len(far.updates) == 2 and wired.channel.pulse.fault == "not kept: OSError"
    assert [incoming.said.text for incoming in wired.listen().hears(3)] == ["một", "hai", "ba"]
    assert wired.channel.pulse.fault == ""


def test_what_is_lost_for_good_is_said(far: ZaloServer, caplog: pytest.LogCaptureFixture) -> None:
    with Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        wired.faults.append(OSError("disk full"))
        far.says(AN, "điều kín")
        wired.listen().ended()
    assert "1 messages that Zalo has handed over" in caplog.text and "điều kín" not in caplog.text


def stopping(wired: Wired) -> threading.Thread:
    """Told to stop, and the word has reached it; it may take its time."""
    thread = threading.Thread(target=wired.stop)
    assert wired._listening
    wired._listening.cancel()
    for _ in range(5):
        wired.run(asyncio.sleep(0))
    thread.start()
    return thread


def test_a_poll_under_way_is_let_finish_and_what_it_brings_is_heard(
    far: ZaloServer, wired: Wired, long_polls: None
) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    thread = stopping(wired)
    far.says(AN, "45/60")
    far.says(AN, "30/60")
    thread.join(10)
    assert not thread.is_alive() and wired.texts == ["45/60"]
    assert [update["message"]["text"] for update in far.updates] == ["30/60"]  # for the next run


def test_a_stop_while_a_message_is_being_kept_waits_for_it(far: ZaloServer, wired: Wired) -> None:
    with wired.slow_to_keep():
        far.says(AN, "45/60")
        wired.listen().wait_for(lambda: wired.entered)
        thread = stopping(wired)
        assert thread.is_alive()
    thread.join(10)
    assert not thread.is_alive() and wired.texts == ["45/60"]


def test_a_poll_that_never_ends_does_not_keep_the_house_from_closing(
    far: ZaloServer, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_bot, "SLACK", 0.1)
    far.faults(faults.hang(), method="getUpdates")
    wired.listen()
    far.wait_for(lambda: far.called("getUpdates"))
    thread = stopping(wired)
    thread.join(10)
    assert not thread.is_alive()


def test_a_second_stop_is_obeyed_at_once(far: ZaloServer, wired: Wired, long_polls: None) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    thread = stopping(wired)
    assert thread.is_alive() and wired._task
    wired._loop.call_soon_threadsafe(wired._task.cancel)
    thread.join(zalo_bot.POLL / 2)
    assert not thread.is_alive() and far.polls


def test_two_that_poll_with_one_token_share_what_is_said(far: ZaloServer, wired: Wired) -> None:
    with Wired(ZaloBot(TOKEN, far.base_url)) as other:
        wired.listen()
        other.listen()
        far.wait_for(lambda: far.polls == 2)
        for number in range(20):
            far.says(AN, str(number))
        far.wait_for(lambda: not far.updates and far.polls == 2)
        assert sorted(wired.texts + other.texts, key=int) == [str(number) for number in range(20)]


def test_each_bot_of_the_office_hears_its_own_people(far: ZaloServer, wired: Wired) -> None:
    second = far.also("777:another-token")
    with Wired(ZaloBot("777:another-token", far.base_url)) as other:
        far.says(AN, "một")
        second.says(AN, "hai")
        heard = wired.listen().hears() + other.listen().hears()
        assert [(incoming.account, incoming.said.text) for incoming in heard] == [("12345689", "một"), ("777", "hai")]
        assert heard[0].chat != heard[1].chat
        other.send(Outgoing(heard[1].chat, Part("Đề nghị báo cáo")))
        assert second.person(AN).last == "Đề nghị báo cáo" and far.person(AN).texts == []


# Cut off


CUT_OFF: list[tuple[str, faults.Fault, type[Exception], float]] = [
    ("Zalo's own fault", faults.refused(403, "Internal server error"), Later, 1),
    ("throttled", faults.refused(429, "Quota exceeded"), Later, 1),
    ("bad, says Zalo", faults.refused(400, "Bad request"), Later, 1),
    ("no number", faults.Fault(faults.Reply.json({"ok": False, "description": "?"})), Later, 1),
    ("a number in words", faults.Fault(faults.Reply.json({"ok": False, "error_code": "many"})), Later, 1),
    ("reset", faults.reset(), Later, 1),
    ("half an answer", faults.cut(), Later, 1),
    ("half of the JSON", faults.truncated(), Later, 1),
    ("a gateway's page", faults.page(502), Later, 1),
    ("a proxy that has cut it", faults.page(499, ""), Later, 1),
    ("a portal's page", faults.page(200), Later, 1),
    ("a firewall's page", faults.page(401), Later, 1),
    ("no JSON object", faults.page(200, "[]"), Later, 1),
    ("JSON without ok", faults.page(200, "{}"), Later, 1),
    ("nested too deep", faults.page(200, "[" * 200_000), Later, 1),
    ("the token reset", faults.refused(401, "Unauthorized"), Stopped, 0),
    ("the same, under 401", faults.refused(401, "Unauthorized", status=401), Stopped, 0),
]


METHODS = ["getMe", "deleteWebhook", "getUpdates"]
CUTS = [
    pytest.param(method, *case[1:], id=f"{method}: {case[0]}")
    for method, case in itertools.product(METHODS, CUT_OFF)
    if (method, case[0]) != ("deleteWebhook", "bad, says Zalo")  # so may answer a bot that has none
]


@pytest.mark.parametrize(("method", "fault", "outcome", "after"), CUTS)
def test_what_cuts_the_channel_off(
    method: str, fault: faults.Fault, outcome: type[Exception], after: float, far: ZaloServer, wired: Wired
) -> None:
    far.faults(fault, method=method)
    end = wired.listen().ended()
    assert type(end) is outcome and wired.channel.pulse.fault
    if isinstance(end, Later):
        assert end.after == timedelta(seconds=after)
        far.says(AN, "45/60")
        assert wired.listen().hears()[0].said.text == "45/60"
        assert wired.channel.pulse.fault == "" and wired.channel.pulse.last is not None


def test_the_wait_grows_and_ends_with_the_fault(far: ZaloServer, wired: Wired) -> None:
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
    far.says(AN, "ends the poll under way")
    end = wired.ended()
    assert isinstance(end, Later) and end.after == timedelta(seconds=1)


def test_another_kind_of_token_stops_the_channel(far: ZaloServer, wired: Wired) -> None:
    far.faults(faults.refused(404, "empty api"), method="getMe")
    end = wired.listen().ended()
    assert isinstance(end, Stopped) and "Official Account" in str(end)


def test_a_token_reset_while_it_polls_stops_the_channel(far: ZaloServer, wired: Wired, long_polls: None) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    far.reset_token()
    assert isinstance(wired.ended(), Stopped)


def test_it_starts_although_the_far_side_is_away() -> None:
    with Wired(ZaloBot(TOKEN, nobody_there())) as wired:
        assert isinstance(wired.listen().ended(), Later)


def nobody_there() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("refusal", [None, Refusal(404, "Not Found"), Refusal(400, "Bad request")])
def test_polling_needs_no_webhook_to_end(refusal: Refusal | None, far: ZaloServer, wired: Wired) -> None:
    far.ways.no_webhook = refusal
    far.says(AN, "45/60")
    assert wired.listen().hears()[0].said.text == "45/60"


def test_polling_ends_a_webhook_and_keeps_what_waits(far: ZaloServer, wired: Wired) -> None:
    far.says(AN, "45/60")
    with far.moved:
        far.url = "https://house.example/bot"
        far.updates, waiting = [], far.updates
    wired.listen()
    far.wait_for(lambda: far.polls)
    assert far.url == ""
    far.raw(waiting[0])
    assert wired.hears()[0].said.text == "45/60"


def test_a_webhook_set_while_it_polls_is_taken_away_again(far: ZaloServer, wired: Wired) -> None:
    wired.listen()
    far.wait_for(lambda: far.polls)
    with far.moved:
        far.url = "https://elsewhere.example/"
    far.faults(faults.refused(400, "Bad request: webhook is active"), method="getUpdates")
    far.closing = True  # ends the poll under way
    with far.moved:
        far.moved.notify_all()
    assert isinstance(wired.ended(), Later)
    far.closing = False
    wired.listen()
    far.wait_for(lambda: far.polls and not far.url)


# What goes out


UNKNOWN_PERSON = Outgoing("0000", Part("Đề nghị báo cáo"))
SENT: list[ZaloSent] = [
    ZaloSent("it arrives", lambda far: None, None, arrived=1),
    ZaloSent("slow", lambda far: far.faults(faults.slow()), None, arrived=1),
    ZaloSent("400, our text", lambda far: far.faults(faults.refused(400, "Bad request: The text must …")), Failed),
    ZaloSent("400, of whatever", lambda far: far.faults(faults.refused(400, "Bad request")), Later),
    ZaloSent("401", lambda far: far.faults(faults.refused(401, "Unauthorized")), Stopped),
    ZaloSent("the token reset", lambda far: far.reset_token(), Stopped),
    ZaloSent("403, as documented", lambda far: far.faults(faults.refused(403, "Internal server error")), Later),
    ZaloSent("403, of whatever", lambda far: far.blocks(AN), Later),
    ZaloSent("404", lambda far: far.faults(faults.refused(404, "Not Found")), Later),
    ZaloSent("408", lambda far: far.faults(faults.refused(408, "Request timeout")), Unknown),
    ZaloSent("426", lambda far: far.faults(faults.refused(426, "Quota", spelt="errorCode")), Failed),
    ZaloSent("429", lambda far: far.faults(faults.refused(429, "Quota exceeded")), Later, after=5, halt=True),
    ZaloSent("429, a number in words", lambda far: far.faults(
        faults.Fault(faults.Reply.json({"ok": False, "error_code": "429"}))), Later, after=5, halt=True),
    ZaloSent("429, under 429", lambda far: far.faults(faults.page(429)), Later, after=5, halt=True),
    ZaloSent("the month is used up", lambda far: setattr(far.plan, "month", 0), Later, after=5, halt=True),
    ZaloSent("500", lambda far: far.faults(faults.refused(500, "?")), Later),
    ZaloSent("504", lambda far: far.faults(faults.refused(504, "?")), Unknown),
    ZaloSent("no number", lambda far: far.faults(faults.Fault(faults.Reply.json({"ok": False}))), Later),
    ZaloSent("a number of tomorrow", lambda far: far.faults(faults.refused(-216, "?")), Later),
    ZaloSent("far too big", lambda far: far.faults(faults.page(413)), Failed),
    ZaloSent("a gateway's page", lambda far: far.faults(faults.page(502)), Later),
    ZaloSent("a gateway that gave up waiting", lambda far: far.faults(faults.page(504)), Unknown),
    ZaloSent("a proxy that has cut it", lambda far: far.faults(faults.page(499, "")), Later),
    ZaloSent("a firewall's page", lambda far: far.faults(faults.page(403)), Later),
    ZaloSent("a portal's page", lambda far: far.faults(faults.page(302)), Later),
    ZaloSent("a page for 200", lambda far: far.faults(faults.page(200)), Unknown),
    ZaloSent("no JSON object", lambda far: far.faults(faults.page(200, "[]")), Unknown),
    ZaloSent("JSON without ok", lambda far: far.faults(faults.page(200, "{}")), Unknown),
    ZaloSent("reset before it was read", lambda far: far.faults(faults.reset()), Unknown),
    ZaloSent("reset after it was accepted", lambda far: far.faults(faults.reset(accepted=True)), Unknown, arrived=1),
    ZaloSent("half an answer", lambda far: far.faults(faults.cut()), Unknown, arrived=1),
    ZaloSent("half of the JSON", lambda far: far.faults(faults.truncated()), Unknown, arrived=1),
]  # fmt: skip


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.label)
def test_what_a_failure_means(case: ZaloSent, far: ZaloServer, wired: Wired) -> None:
    ask_what_a_failure_means(wired, far, case, far.person(AN).id, lambda: len(far.person(AN).texts))


def to_an(far: ZaloServer, text: str = "Đề nghị báo cáo") -> Outgoing:
    return Outgoing(far.person(AN).id, Part(text))


def caught(wired: Wired, message: Outgoing) -> Exception:
    with pytest.raises(Exception) as error:
        wired.send(message)
    return error.value


GONE = [Refusal(400, "Bad request"), Refusal(403, "Forbidden"), Refusal(404, "Not Found"), Refusal(0, "")]


@pytest.mark.parametrize("refusal", GONE, ids=lambda refusal: str(refusal.code))
def test_only_a_repeated_refusal_is_believed(refusal: Refusal, far: ZaloServer, wired: Wired) -> None:
    far.blocks(AN, refusal)
    assert [type(caught(wired, to_an(far))) for _ in range(4)] == [Later, Later, Refused, Later]


def test_a_message_that_arrives_makes_refusals_forgotten(far: ZaloServer, wired: Wired) -> None:
    far.faults(*[faults.refused(400)] * 2)
    outcomes = [type(caught(wired, to_an(far))) for _ in range(2)]
    wired.send(to_an(far))
    far.faults(*[faults.refused(400)] * 2)
    assert [*outcomes, *(type(caught(wired, to_an(far))) for _ in range(2))] == [Later] * 4


def test_one_who_is_gone_says_nothing_of_others(far: ZaloServer, wired: Wired) -> None:
    far.blocks(AN)
    assert [type(caught(wired, to_an(far))) for _ in range(2)] == [Later] * 2
    assert type(caught(wired, Outgoing("0" * 20, Part("x")))) is Later


def test_the_silence_doubles_until_a_message_goes_through(
    far: ZaloServer, wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(zalo_bot.time, "monotonic", lambda: now)
    waits = []
    for _ in range(12):
        far.faults(faults.refused(429, "Quota exceeded"), faults.refused(429, "Quota exceeded"))
        first, at_the_same_time = caught(wired, to_an(far)), caught(wired, to_an(far))
        assert isinstance(first, Later) and isinstance(at_the_same_time, Later)
        assert first.after == at_the_same_time.after and first.halt
        waits.append(first.after.total_seconds())
        now += waits[-1]
    assert waits[:4] == [5, 10, 20, 40] and waits[-1] == 3600
    wired.send(to_an(far))
    far.faults(faults.refused(429))
    again = caught(wired, to_an(far))
    assert isinstance(again, Later) and again.after == timedelta(seconds=5)


def test_no_answer_may_mean_that_it_arrived(far: ZaloServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_bot_api, "ANSWER", 0.2)
    far.faults(faults.hang(accepted=True))
    with Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        assert type(caught(wired, to_an(far))) is Unknown
    assert far.person(AN).texts == ["Đề nghị báo cáo"]


def test_what_never_left_is_sent_later(far: ZaloServer) -> None:
    with Wired(ZaloBot(TOKEN, nobody_there())) as wired:
        assert type(caught(wired, to_an(far))) is Later


def test_a_line_that_is_not_encrypted_as_promised_means_later(far: ZaloServer) -> None:
    with Wired(ZaloBot(TOKEN, far.base_url.replace("http://", "https://"))) as wired:
        assert type(caught(wired, to_an(far))) is Later


def test_a_message_as_people_see_it(far: ZaloServer, wired: Wired) -> None:
    id = wired.send(to_an(far, "<b> & {red} **còn thiếu** > 4,5 điểm %"))
    assert far.person(AN).texts == ["<b> & {red} **còn thiếu** > 4,5 điểm %"] and id
    assert far.called("sendMessage")[0].given.keys() == {"chat_id", "text"}


def with_picture(far: ZaloServer, url: str = "https://house.example/f/x") -> Outgoing:
    return Outgoing(far.person(AN).id, Part("Bảng màu"), files=(File("a.png", "image/png", lambda: b"", 3, url),))


def test_a_picture_is_fetched_from_us_with_the_text_as_its_caption(far: ZaloServer, wired: Wired) -> None:
    assert wired.send(with_picture(far))
    (asked,) = far.called("sendPhoto")
    assert (asked.given["photo"], asked.given["caption"]) == ("https://house.example/f/x", "Bảng màu")
    assert far.called("sendMessage") == []


PICTURES: list[tuple[str, Any, type[Exception]]] = [
    ("a host that is not fetched from", lambda far: None, NotTaken),
    ("refused", lambda far: far.faults(faults.refused(400, "The photo URL is invalid"), method="sendPhoto"), NotTaken),
    ("Zalo's own fault", lambda far: far.faults(faults.refused(403, "Internal"), method="sendPhoto"), NotTaken),
    ("the person is gone, perhaps", lambda far: far.blocks(AN), NotTaken),
    ("the month is used up", lambda far: setattr(far.plan, "month", 0), Later),
    ("no answer in time", lambda far: far.faults(faults.refused(408), method="sendPhoto"), Unknown),
    ("the token is reset", lambda far: far.reset_token(), Stopped),
]


@pytest.mark.parametrize(("happens", "outcome"), [case[1:] for case in PICTURES], ids=[case[0] for case in PICTURES])
def test_a_picture_that_is_not_taken_keeps_no_text_back(
    happens: Any, outcome: type[Exception], far: ZaloServer, wired: Wired
) -> None:
    happens(far)
    url = "https://upload.wikimedia.org/a.png" if outcome is NotTaken else "https://house.example/f/x"
    error = caught(wired, with_picture(far, url))
    assert type(error) is outcome and not getattr(error, "said", False)
    assert far.person(AN).texts == []


def test_an_answer_without_an_id_is_enough(far: ZaloServer, wired: Wired) -> None:
    far.faults(faults.Fault(faults.Reply.json({"ok": True})))
    assert wired.send(to_an(far)) is None


TEXTS = {
    "words": "Tỷ lệ hồ sơ giải quyết đúng hạn\n" * 320,
    "one word": "á" * 10_000,
    "emoji": "👩‍👩‍👧 " * 1500,
    "one line of emoji": "👍🏽" * 3000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_long_text_is_cut_so_that_every_part_is_accepted(text: str, far: ZaloServer, wired: Wired) -> None:
    parts = render(text, (), ZaloBot.traits)
    for part in parts:
        wired.send(Outgoing(far.person(AN).id, part))
    assert len(parts) > 4 and "".join("".join(far.person(AN).texts).split()) == "".join(text.split())
    assert all(line in text.split("\n") for part in parts for line in part.text.split("\n") if "\n" in text)


def test_options_are_a_numbered_list() -> None:
    (part,) = render("Đúng không?", [Choice("yes", "Đúng", True), Choice("no", "Sai", True)], ZaloBot.traits)
    assert part == Part("Đúng không?\n1. Đúng\n2. Sai")


def test_a_text_too_long_is_our_fault(far: ZaloServer, wired: Wired) -> None:
    assert type(caught(wired, to_an(far, "á" * 2001))) is Failed
    assert type(caught(wired, to_an(far, "👍" * 1001))) is Failed
    assert type(caught(wired, to_an(far, ""))) is Failed


# The token is told to nobody


def test_the_token_is_in_no_log_and_no_error(
    far: ZaloServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"no such page: /bot{TOKEN}/sendMessage"
    with Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        for name in ("httpx", "httpcore"):
            monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        planned = [faults.page(status, echo) for status in (200, 302, 403, 413, 502)]
        planned += [faults.refused(code, echo) for code in (0, 400, 401, 403, 404, 426, 429, 500)]
        planned += [faults.reset(), faults.cut(), faults.truncated()]
        errors: list[BaseException | None] = []
        for fault in planned:
            far.faults(fault)
            errors.append(caught(wired, to_an(far)))
        for code in (404, 400):
            far.faults(faults.refused(code, echo), method="getUpdates")
            errors.append(wired.listen().ended())
            errors.append(RuntimeError(wired.channel.pulse.fault))
        far.reset_token()
        errors.append(wired.listen().ended())
        assert TOKEN not in repr(wired.channel) + path_of(wired)
    with Wired(ZaloBot(TOKEN, nobody_there())) as wired:
        errors += [caught(wired, to_an(far)), wired.listen().ended()]
    secret = TOKEN.partition(":")[2]
    assert len(caplog.records) > 20 and all(errors)
    assert secret not in caplog.text
    for error in errors:
        assert error and secret not in "".join(traceback.format_exception(error)) + repr(error)


# Called by webhook


@pytest.fixture
def called(far: ZaloServer) -> Iterator[Wired]:
    """A channel that is called at a door, without a network in between."""
    with Wired(ZaloBot(TOKEN, far.base_url, SECRET)) as wired:
        yield wired


def call(wired: Wired, content: Any, secret: str | None = SECRET) -> httpx.Response:
    """One call of ours by somebody who gives that secret."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {} if secret is None else {SECRET_HEADER: secret.encode()}

    async def at_the_door() -> httpx.Response:
        door = httpx.ASGITransport(Starlette(routes=wired.channel.routes(wired.hear)))
        async with httpx.AsyncClient(transport=door, base_url="http://house") as client:
            return await client.post(path_of(wired), content=body, headers=headers)

    answer: httpx.Response = wired.run(at_the_door())
    return answer


def path_of(wired: Wired) -> str:
    assert isinstance(wired.channel, ZaloBot)
    return wired.channel.path


BARE = {
    "event_name": "message.text.received",
    "message": {"from": {"id": "a1"}, "chat": {"id": "a1"}, "text": "45/60", "message_id": "m1", "date": DATE},
}
CALLS: list[tuple[str, Any, str | None, int, list[str]]] = [
    ("a bare update", BARE, SECRET, 200, ["45/60"]),
    ("a wrapped update", {"ok": True, "result": BARE}, SECRET, 200, ["45/60"]),
    ("several", {"ok": True, "result": [BARE, BARE]}, SECRET, 200, ["45/60", "45/60"]),
    ("a probe", b"", SECRET, 200, []),
    ("an unsigned probe", b"", None, 200, []),
    ("an empty object", {}, SECRET, 200, []),
    ("without the secret", BARE, None, 403, []),
    ("with a wrong secret", BARE, SECRET[:-1], 403, []),
    ("with a secret that is not ASCII", BARE, "bí mật", 403, []),
    ("with an empty secret", BARE, "", 403, []),
    ("larger than any update", b" " * (zalo_bot.LARGEST_CALL + 1), SECRET, 413, []),
    ("larger, by a stranger", b" " * (zalo_bot.LARGEST_CALL + 1), None, 403, []),
    ("no JSON", b"{", SECRET, 200, []),
    ("no update", [1], SECRET, 200, []),
    ("nested too deep", b"[" * 200_000, SECRET, 200, []),
    ("an unknown event", {"event_name": "x", "message": {}}, SECRET, 200, []),
    ("no message", {"event_name": "message.unsupported.received"}, SECRET, 200, []),
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


def test_a_call_whose_message_could_not_be_kept_is_no_success(called: Wired) -> None:
    called.faults.append(OSError("disk full"))
    assert call(called, BARE).status_code == 503
    assert call(called, BARE).status_code == 200
    assert [incoming.id for incoming in called.heard] == ["m1"]


def test_without_a_secret_nobody_can_call(wired: Wired) -> None:
    assert wired.channel.routes(wired.hear) == []


def test_the_path_tells_nothing_and_changes_with_the_secret() -> None:
    """Zalo does not tell which secret it has: only a new address makes sure that it has the new one."""
    paths = {ZaloBot(TOKEN, webhook_secret=secret).path for secret in (SECRET, SECRET + "2")}
    assert len(paths) == 2
    for path in paths:
        assert re.fullmatch(r"/bot/[0-9a-f]{16}", path)  # some firewalls cut what has "zalo" in it


@contextmanager
def house(far: ZaloServer) -> Iterator[Wired]:
    """A channel with a real door that Zalo can call."""
    far.ways.http_allowed = True
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Wired(ZaloBot(TOKEN, far.base_url, SECRET, f"{address}/")) as wired:
        app = Starlette(routes=wired.channel.routes(wired.hear))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        serving = threading.Thread(target=server.run, args=([listener],))
        serving.start()
        yield wired
        wired.stop()
        server.should_exit = True
        serving.join()


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "wrapped"])
def test_zalo_calls(wrapped: bool, far: ZaloServer) -> None:
    far.ways.wrapped = wrapped
    far.says(AN, "45/60")
    with house(far) as wired:
        assert wired.listen().hears()[0].said == said("45/60")
        far.says(BINH, "30/60")
        assert wired.hears(2)[1].said.text == "30/60"
        far.wait_for(lambda: far.carried == [200, 200])
    (asked,) = far.called("setWebhook")
    assert asked.given["secret_token"] == SECRET


def test_an_unsigned_call_is_never_let_in(far: ZaloServer) -> None:
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: far.url)
        far.secret = "another-secret"
        far.says(AN, "45/60")
        far.wait_for(lambda: far.carried == [403])
        assert wired.heard == []


def test_a_webhook_that_stands_is_not_set_again(far: ZaloServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zalo allows it only a few times a day."""
    monkeypatch.setattr(zalo_bot, "CHECK", 0.01)
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: len(far.called("getWebhookInfo")) > 3)
        wired.stop()
        wired.listen()
        far.wait_for(lambda: len(far.called("getWebhookInfo")) > 6)
        assert len(far.called("setWebhook")) == 1


def test_a_webhook_that_was_moved_is_set_again(far: ZaloServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_bot, "CHECK", 0.01)
    with house(far) as wired:
        wired.listen()
        ours = far.wait_for(lambda: far.url)
        with far.moved:
            far.url = ""
        far.wait_for(lambda: far.url == ours and len(far.called("setWebhook")) == 2)


def test_the_spent_allowance_is_waited_for(far: ZaloServer) -> None:
    far.plan.allowance = 0
    with house(far) as wired:
        end = wired.listen().ended()
        assert isinstance(end, Later) and end.after == timedelta(hours=1)
        assert "allowance" in wired.channel.pulse.fault


def test_a_house_that_zalo_can_not_reach_is_told_until_a_call_comes(
    far: ZaloServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_bot, "CHECK", 0.01)
    far.ways.verification = "webhook.err.tls"
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: len(far.called("getWebhookInfo")) > 3)
        assert wired.channel.pulse.fault == "Zalo can't reach our webhook: webhook.err.tls"
        assert len(far.called("setWebhook")) == 1
        far.says(AN, "45/60")
        wired.hears()
        far.wait_for(lambda: far.carried == [200])
        assert wired.channel.pulse.fault == ""


@pytest.mark.parametrize("url", ["http://house.example", "https://localhost", "https://192.168.1.9"])
def test_an_address_that_zalo_refuses_stops_the_channel(url: str, far: ZaloServer) -> None:
    with Wired(ZaloBot(TOKEN, far.base_url, SECRET, url)) as wired:
        end = wired.listen().ended()
        assert isinstance(end, Stopped) and "https" in str(end)


def test_a_bot_without_a_webhook_may_say_so_by_a_failure(far: ZaloServer) -> None:
    far.ways.no_webhook = Refusal(404, "Not Found")
    with house(far) as wired:
        wired.listen()
        far.wait_for(lambda: far.url)


# The far side itself


CHECKED: list[tuple[str, str, dict[str, str], int]] = [
    ("an unknown method", "sendDocument", {}, 404),
    ("in another case", "getme", {}, 404),
    ("a photo that is uploaded", "sendPhoto", {"photo": ""}, 400),
    ("a photo as data", "sendPhoto", {"photo": "data:image/png;base64,AAAA"}, 400),
    ("a photo from a host that refuses", "sendPhoto", {"photo": "https://upload.wikimedia.org/a.png"}, 400),
    ("a webhook without a secret", "setWebhook", {"url": "https://house.example/"}, 400),
    ("a short poll", "getUpdates", {"timeout": "0"}, 408),
    ("markup that is not closed", "sendMessage", {"text": "{red", "parse_mode": "markdown"}, 400),
]


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize(("method", "given", "code"), [case[1:] for case in CHECKED], ids=[c[0] for c in CHECKED])
def test_the_far_side_refuses_what_zalo_refuses(
    verb: str, method: str, given: dict[str, str], code: int, far: ZaloServer
) -> None:
    where = {"params": given} if verb == "GET" else {"json": given}
    answer = httpx.request(verb, f"{far.base_url}/bot{TOKEN}/{method}", trust_env=False, **where)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["ok"], answer.json()["error_code"]) == (200, False, code)
    far.violations.clear()


def test_nobody_beyond_the_plan_is_heard() -> None:
    with ZaloServer(plan=Plan(people=1)) as far, Wired(ZaloBot(TOKEN, far.base_url)) as wired:
        far.says(AN, "một")
        far.says(BINH, "hai")
        far.says(AN, "ba")
        wired.listen().hears(2)
        assert wired.texts == ["một", "ba"]
        assert type(caught(wired, Outgoing(far.person(BINH).id, Part("x")))) is Later
