"""Zalo's Official Accounts, against a far side that signs what it brings and takes a refresh token once."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette

from bot import redact
from bot.channels import zalo_oa, zalo_oa_api, zalo_oa_grant
from bot.channels.channel import Button, File, Later, NotTaken, Outgoing, Part, Refused, Stopped, Template, Unknown
from bot.channels.render import Choice, render
from bot.channels.zalo_oa import SIGNATURE, ZaloOA
from bot.channels.zalo_oa_api import Failed
from bot.channels.zalo_oa_grant import Grant, OAuth, Pair, challenge
from bot.channels.zalo_oa_updates import KINDS, signed
from bot.cli.kept import KeptTokens, at_once
from bot.dialogue.turn import Attachment, Said
from catalogue.calendar import HANOI
from tests.channel_questions import Heard, Sent, Wired, ask_what_a_failure_means, ask_what_is_heard
from tests.far import zalo_oa as faults
from tests.far.loopback import Reply
from tests.far.telegram import Fault
from tests.far.zalo_oa import APP, APP_SECRET, KEY, OAServer, Refusal, refused, signature

AN, BINH = "Nguyễn Văn An", "Trần Thị Bình"
PICTURE = "https://f1.photo.zdn.vn/2026/a.png?x=1"
OaHeard = Heard[OAServer]
OaSent = Sent[OAServer]


class Drawer:
    """Tokens in memory, as long as nobody asks for more."""

    def __init__(self, pair: Pair | None = None) -> None:
        self.pair = pair
        self.kept: list[Pair] = []
        self.faults: list[Exception] = []  # what store() raises next
        self.taken = False

    async def load(self) -> Pair | None:
        return self.pair

    async def claim(self, stale: Pair) -> bool:
        return not self.taken and stale == self.pair

    async def store(self, pair: Pair) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.pair = pair
        self.kept.append(pair)


def granted(far: OAServer) -> Drawer:
    """As after the login."""
    given = far.issue()
    return Drawer(Pair(given["access_token"], given["refresh_token"], far.now + timedelta(hours=25), far.now))


def channel(far: OAServer, tokens: Any = None, url: str = "") -> ZaloOA:
    return ZaloOA(APP, APP_SECRET, KEY, tokens or granted(far), far.clock, url or far.url, url or far.url)


@pytest.fixture
def far() -> Iterator[OAServer]:
    with OAServer() as server:
        server.person(AN).heard = server.now
        yield server


@pytest.fixture
def drawer(far: OAServer) -> Drawer:
    return granted(far)


@pytest.fixture
def wired(far: OAServer, drawer: Drawer) -> Iterator[Wired]:
    """A channel that is called at a door, without a network in between."""
    with Wired(channel(far, drawer)) as wired:
        far.door = lambda body, headers: call(wired, body, headers).status_code
        yield wired


def call(wired: Wired, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    async def at_the_door() -> httpx.Response:
        door = httpx.ASGITransport(Starlette(routes=wired.channel.routes(wired.hear)))
        async with httpx.AsyncClient(transport=door, base_url="http://house") as client:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            return await client.post(path_of(wired), content=body, headers=raw)

    answer: httpx.Response = wired.run(at_the_door())
    return answer


def path_of(wired: Wired) -> str:
    assert isinstance(wired.channel, ZaloOA)
    return wired.channel.path


def to_an(far: OAServer, text: str = "Đề nghị báo cáo", *buttons: Button, files: tuple[File, ...] = ()) -> Outgoing:
    return Outgoing(far.person(AN).id, Part(text, buttons), files=files)


def caught(wired: Wired, message: Outgoing) -> Exception:
    with pytest.raises(Exception) as error:
        wired.send(message)
    return error.value


# The way in


def event(far: OAServer, **content: Any) -> dict[str, Any]:
    """An event whose form the test makes up."""
    head = {"app_id": APP, "sender": {"id": far.person(AN).id}, "event_name": "user_send_text"}
    return head | {"message": {"text": "a", "msg_id": "m1"}, "timestamp": "1750316131602"} | content


def attached(name: str, mime: str, size: int = 0, url: str = "https://f.zdn.vn/x", text: str = "") -> Said:
    return Said(text, file=Attachment(url, name, size, mime))


UNREAD = Said(event="unsupported")
XLSX = {"url": "https://f.zdn.vn/x", "size": "2048", "name": "bao cao.xlsx", "type": "xlsx"}
HEARD: list[OaHeard] = [
    OaHeard("a text", lambda far: far.says(AN, "45/60"), Said("45/60")),
    OaHeard("several lines, verbatim", lambda far: far.says(AN, "  1.3: 45/60\n 2.7"), Said("  1.3: 45/60\n 2.7")),
    OaHeard("decomposed letters", lambda far: far.says(AN, "co\u0301 không"), Said("có không")),
    OaHeard("NUL, which no database keeps", lambda far: far.says(AN, "45\0/60"), Said("45/60")),
    OaHeard("half a surrogate pair", lambda far: far.says(AN, "ok \ud83d"), Said("ok \ufffd")),
    OaHeard("emoji", lambda far: far.says(AN, "👍🏽 xong"), Said("👍🏽 xong")),
    OaHeard("the name of an option, typed", lambda far: far.says(AN, "yes"), Said("yes")),
    OaHeard("fields from tomorrow", lambda far: far.says(AN, "45/60", mood=[1]), Said("45/60")),
    OaHeard("an image", lambda far: far.sends(AN, "image", {"url": PICTURE, "thumbnail": "https://t"}, msg_id="m"),
            attached("m.png", "image/png", url=PICTURE)),
    OaHeard("with a caption", lambda far: far.sends(AN, "image", {"url": PICTURE}, msg_id="m", text="1.3 45/60"),
            attached("m.png", "image/png", url=PICTURE, text="1.3 45/60")),
    OaHeard("an image whose address is none", lambda far: far.sends(AN, "image", {"url": "http://[x"}, msg_id="m"),
            attached("m.jpg", "image/jpeg", url="http://[x")),
    OaHeard("a file", lambda far: far.sends(AN, "file", XLSX), attached("bao cao.xlsx", KINDS[".xlsx"], 2048)),
    OaHeard("a file of no known kind", lambda far: far.sends(AN, "file", XLSX | {"name": "x.bin", "size": "many"}),
            attached("x.bin", "application/octet-stream")),
    OaHeard("a file without a name", lambda far: far.sends(AN, "file", {"url": "https://f.zdn.vn/x"}, msg_id="m"),
            attached("m", "application/octet-stream")),
    OaHeard("a file without an address", lambda far: far.sends(AN, "file", {"name": "x.pdf"}), UNREAD),
    OaHeard("no attachment", lambda far: far.happens("user_send_file", AN, {}), UNREAD),
    OaHeard("attachments that are none", lambda far: far.happens("user_send_image", AN, {"attachments": [5]}), UNREAD),
    OaHeard("a sticker", lambda far: far.sends(AN, "sticker", {"id": "s1", "url": "https://s"}), UNREAD),
    OaHeard("a voice", lambda far: far.sends(AN, "audio", {"url": "https://v.aac"}), UNREAD),
    OaHeard("a place", lambda far: far.sends(AN, "location", {"coordinates": {"latitude": "1"}}), UNREAD),
    OaHeard("a card", lambda far: far.sends(AN, "business_card", {"url": "https://c"}), UNREAD),
    OaHeard("a link with words", lambda far: far.sends(AN, "link", {"url": "https://l"}, text="xem https://l"),
            Said("xem https://l")),
    OaHeard("a text without text", lambda far: far.happens("user_send_text", AN, {}), UNREAD),
    OaHeard("a text that is a list", lambda far: far.happens("user_send_text", AN, {"text": ["45"]}), UNREAD),
    OaHeard("somebody follows", lambda far: far.follows(AN), Said("/start")),
    OaHeard("somebody leaves", lambda far: far.follows(AN, "unfollow"), Said(event="blocked")),
    OaHeard("a timestamp that is a number", lambda far: far.brings(event(far, timestamp=1750316131602)), Said("a")),
    OaHeard("an id that is a number", lambda far: far.brings(event(far, sender={"id": 12})), Said("a")),
    OaHeard("ourselves", lambda far: far.happens("oa_send_text", AN, {"text": "a"}), None),
    OaHeard("it was seen", lambda far: far.happens("user_seen_message", AN, {"msg_ids": ["m", 7, None]}),
            Said("m 7", event="seen")),
    OaHeard("it was seen, and which is not told", lambda far: far.happens("user_seen_message", AN, {"msg_ids": "m"}),
            Said(event="seen")),
    OaHeard("it was received", lambda far: far.happens("user_received_message", AN, {}), None),
    OaHeard("in a group", lambda far: far.happens("user_send_group_text", AN, {"text": "a"}), None),
    OaHeard("of tomorrow", lambda far: far.happens("brain.wave", AN, {"text": "a"}), None),
    OaHeard("from nobody", lambda far: far.brings(event(far, sender={})), None),
    OaHeard("from an endless id", lambda far: far.brings(event(far, sender={"id": "x" * 129})), None),
    OaHeard("a sender that is a list", lambda far: far.brings(event(far, sender=[1])), None),
    OaHeard("an event that is a list", lambda far: far.brings(event(far, event_name=[1])), None),
    OaHeard("a message that is a list", lambda far: far.brings(event(far, message=[1])), UNREAD),
]  # fmt: skip


@pytest.mark.parametrize("case", HEARD, ids=lambda case: case.label)
def test_what_is_heard(case: OaHeard, far: OAServer, wired: Wired) -> None:
    ask_what_is_heard(wired, far, case, lambda far: far.says(AN, "then"))
    assert set(far.carried) == {200}


def test_where_it_comes_from(far: OAServer, wired: Wired) -> None:
    told = far.says(AN, "45/60")
    (incoming,) = wired.heard
    place = (incoming.channel, incoming.account, incoming.chat, incoming.id)
    assert place == ("zalo_oa", "", far.person(AN).id, told["message"]["msg_id"])


def test_each_follow_is_another_and_its_repetition_the_same(far: OAServer, wired: Wired) -> None:
    again = far.follows(AN)
    far.follows(AN)
    far.brings(again)
    first, second, third = (incoming.id for incoming in wired.heard)
    assert first == third != second and len(first) == 64


def test_a_pressed_button_is_a_choice(far: OAServer, wired: Wired) -> None:
    wired.send(to_an(far, "Đúng không?", Button("confirm M01 3/4", "Đúng"), Button("no", "Sai")))
    far.presses(AN, "Đúng")
    assert [incoming.said for incoming in wired.heard] == [Said(choice="confirm M01 3/4")]


# Who may call

VECTOR_KEY, VECTOR_MAC = "oa_secret_demo_0123456789", "ce23f1651c154d01ce7da3d5098861712fa1affb196d5f19283138d657a982e2"
VECTOR = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},"recipient":{"id":"388613280878808645"},'
    '"user_id_by_app":"552177279717587730","event_name":"user_send_text",'
    '"message":{"text":"Xin chào","msg_id":"96d3cdf3af150460909"},"timestamp":"1750316131602"}'
).encode()


@pytest.mark.parametrize(
    "header", [f"mac={VECTOR_MAC}", VECTOR_MAC, f"MAC={VECTOR_MAC.upper()}", f" mac={VECTOR_MAC} "]
)
def test_a_signature_as_written_down(header: str) -> None:
    assert signed(header, VECTOR, json.loads(VECTOR), APP, VECTOR_KEY)


@pytest.mark.parametrize(
    ("body", "app", "key"), [(VECTOR + b" ", APP, VECTOR_KEY), (VECTOR, "1", VECTOR_KEY), (VECTOR, APP, APP_SECRET)]
)
def test_what_is_changed_is_not_signed(body: bytes, app: str, key: str) -> None:
    assert not signed(f"mac={VECTOR_MAC}", body, json.loads(body), app, key)


def body_of(far: OAServer) -> bytes:
    return json.dumps(event(far)).encode()


CALLS: list[tuple[str, bytes | None, str | None, int]] = [
    ("the probe", b"{}", None, 200),
    ("an empty probe", b"", None, 200),
    ("unsigned", None, None, 200),
    ("an empty signature", None, "", 200),
    ("a wrong signature", None, "mac=" + "0" * 64, 200),
    ("a signature that is not ASCII", None, "mac=\xe9", 200),
    ("larger than any event", b" " * (zalo_oa.LARGEST_CALL + 1), None, 413),
    ("no JSON", b"{", "mac=1", 200),
    ("no event", b"[1]", signature(b"[1]", [1]), 200),
    ("nothing", b"null", signature(b"null", None), 200),
    ("nested too deep", b"[" * 200_000, None, 200),
    ("not UTF-8", b"\xff\xfe{}", None, 200),
]


@pytest.mark.parametrize(("body", "header", "status"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS])
def test_whoever_else_calls_is_not_heard(
    body: bytes | None, header: str | None, status: int, far: OAServer, wired: Wired
) -> None:
    headers = {} if header is None else {SIGNATURE: header}
    answer = call(wired, body_of(far) if body is None else body, headers)
    assert (answer.status_code, answer.content, wired.entered) == (status, b"", 0)


def test_a_wrong_key_is_told_once(far: OAServer, wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        call(wired, body_of(far), {SIGNATURE: signature(body_of(far), event(far), key="another")})
    assert caplog.text.count("ZALO_OA_SECRET_KEY") == 1
    far.says(AN, "45/60")
    call(wired, body_of(far), {SIGNATURE: "mac=0"})
    assert caplog.text.count("ZALO_OA_SECRET_KEY") == 2


def test_what_could_not_be_kept_is_brought_again(far: OAServer, wired: Wired) -> None:
    wired.faults += [OSError("disk full")] * 2
    far.says(AN, "45/60")
    assert far.carried == [503, 503, 200] and wired.texts == ["45/60"]


def test_it_is_kept_before_zalo_has_its_answer(far: OAServer, wired: Wired) -> None:
    saying = threading.Thread(target=far.says, args=(AN, "45/60"))
    with wired.slow_to_keep():
        saying.start()
        wired.wait_for(lambda: wired.entered)
        assert far.carried == [] and wired.heard == []
    saying.join(10)
    assert far.carried == [200] and wired.texts == ["45/60"]


def test_the_path_tells_nothing(far: OAServer, wired: Wired) -> None:
    path = path_of(wired)
    assert "zalo" not in path and APP not in path and len(path) == len("/oa/") + 16


def test_zalo_calls_over_the_network(far: OAServer, wired: Wired) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=wired.channel.routes(wired.hear))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    serving = threading.Thread(target=server.run, args=([listener],))
    serving.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{path_of(wired)}"
    with httpx.Client(trust_env=False) as zalo:
        far.door = lambda body, headers: zalo.post(url, content=body, headers=dict(headers)).status_code
        assert far.posts(b"{}") == 200
        far.says(AN, "45/60")
    server.should_exit = True
    serving.join()
    assert far.carried == [200, 200] and wired.texts == ["45/60"]


# The way out


REFUSED = [-213, -217, -227, -230, -232, -244, -320, -321]
STOPPED = [-204, -205, -209, -212, -219, -221, -223, -224, -242]
OURS = [-201, -210, -233, -237, -238, -241, -248, -249, -403]
PUT_OFF = {-32: 60, -100: 0, -200: 0, -211: 3600, -218: 3600, -133: 3600, -234: 3600, -1: 0, -999: 0}
HALTS = {-32, -211}


def coded(code: int, outcome: type[Exception], after: float = 0) -> OaSent:
    return OaSent(str(code), lambda far: far.faults(refused(code, "?")), outcome, after=after, halt=code in HALTS)


def state_agency(far: OAServer, new: bool, old: bool) -> None:
    far.ways.kind, far.ways.new_api, far.ways.old_api = 4, new, old


SENT: list[OaSent] = [
    OaSent("it arrives", lambda far: None, None, arrived=1),
    OaSent("slow", lambda far: far.faults(faults.slow()), None, arrived=1),
    *(coded(code, Refused) for code in REFUSED),
    *(coded(code, Stopped) for code in STOPPED),
    *(coded(code, Failed) for code in OURS),
    *(coded(code, Later, after) for code, after in PUT_OFF.items()),
    OaSent("-201, of the person", lambda far: far.faults(refused(-201, "user_id is invalid")), Refused),
    OaSent("-216 once", lambda far: far.faults(refused(-216)), None, arrived=1),
    OaSent("-220 once", lambda far: far.faults(refused(-220)), None, arrived=1),
    OaSent("-216 twice", lambda far: far.faults(refused(-216), refused(-216)), Stopped),
    OaSent("-235, and the old API", lambda far: state_agency(far, new=False, old=True), None, arrived=1),
    OaSent("-235, and -240", lambda far: state_agency(far, new=False, old=False), Stopped),
    OaSent("-235 twice", lambda far: (far.faults(refused(-235)), far.faults(refused(-235), path="v2.0/oa/message")),
           Stopped),
    OaSent("no package", lambda far: setattr(far.ways, "package", -224), Stopped),
    OaSent("after 48 hours, unpaid", lambda far: (far.passes(hours=49), setattr(far.ways, "wallet", False)), Refused),
    OaSent("after 48 hours, paid", lambda far: far.passes(hours=49), None, arrived=1),
    OaSent("after seven days", lambda far: far.passes(days=7, minutes=1), Refused),
    OaSent("never heard", lambda far: setattr(far.person(AN), "heard", None), Refused),
    OaSent("blocked", lambda far: setattr(far.person(AN), "refusal", Refusal(-217, "blocked")), Refused),
    OaSent("an error in words", lambda far: far.faults(Fault(Reply.json({"error": "many"}))), Unknown),
    OaSent("JSON without an error", lambda far: far.faults(faults.page(200, "{}")), Unknown),
    OaSent("no JSON object", lambda far: far.faults(faults.page(200, "[]")), Unknown),
    OaSent("a page for 200", lambda far: far.faults(faults.page(200)), Unknown),
    OaSent("a portal's page", lambda far: far.faults(faults.page(302)), Later),
    OaSent("a firewall's page", lambda far: far.faults(faults.page(403)), Later),
    OaSent("a proxy that has cut it", lambda far: far.faults(faults.page(499, "")), Later),
    OaSent("far too big", lambda far: far.faults(faults.page(413)), Failed),
    OaSent("429, under 429", lambda far: far.faults(faults.page(429)), Later, after=60, halt=True),
    OaSent("a gateway's page", lambda far: far.faults(faults.page(502)), Later),
    OaSent("a gateway that gave up waiting", lambda far: far.faults(faults.page(504)), Unknown),
    OaSent("reset before it was read", lambda far: far.faults(faults.reset()), Unknown),
    OaSent("reset after it was accepted", lambda far: far.faults(faults.reset(accepted=True)), Unknown, arrived=1),
    OaSent("half an answer", lambda far: far.faults(faults.cut()), Unknown, arrived=1),
]  # fmt: skip


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.label)
def test_what_a_failure_means(case: OaSent, far: OAServer, wired: Wired) -> None:
    ask_what_a_failure_means(wired, far, case, far.person(AN).id, lambda: len(far.person(AN).got))


def test_every_code_of_the_table_is_asked_for() -> None:
    asked = {*REFUSED, *STOPPED, *OURS, *PUT_OFF, -124, -216, -220, -235, -240}
    assert {code for code in zalo_oa_api.Code if code < 0} <= asked


def test_no_answer_may_mean_that_it_arrived(far: OAServer, wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_oa_api, "ANSWER", 0.2)
    far.faults(faults.hang(accepted=True))
    assert type(caught(wired, to_an(far))) is Unknown
    assert far.person(AN).texts == ["Đề nghị báo cáo"]


def test_a_stranger_to_zalo_is_refused(far: OAServer, wired: Wired) -> None:
    assert type(caught(wired, Outgoing("0", Part("x")))) is Refused


def test_the_old_api_is_kept_to_once_it_was_needed(far: OAServer, wired: Wired) -> None:
    state_agency(far, new=False, old=True)
    for text in ("một", "hai"):
        wired.send(to_an(far, text))
    assert far.person(AN).texts == ["một", "hai"]
    assert (far.called("/message/cs"), far.called("v2.0/oa/message")) == ([-235], [0, 0])


@pytest.mark.parametrize("fault", [faults.reset(), refused(-200), refused(-230), faults.page(502)])
def test_nothing_else_leads_to_the_old_api(fault: Fault, far: OAServer, wired: Wired) -> None:
    """Behind any other error the message may have been delivered."""
    far.faults(fault)
    caught(wired, to_an(far))
    assert far.called("v2.0/oa/message") == []


def test_buttons_are_drawn_and_listed(far: OAServer, wired: Wired) -> None:
    """Zalo on a PC draws none."""
    (part,) = render("Đúng không?", [Choice("yes", "Đúng", True), Choice("no", "Sai", True)], ZaloOA.traits)
    wired.send(Outgoing(far.person(AN).id, part))
    (message,) = far.person(AN).got
    assert message["text"] == "Đúng không?\n1. Đúng\n2. Sai"
    titles = [button["title"] for button in message["attachment"]["payload"]["buttons"]]
    assert titles == ["Đúng", "Sai"]


def test_more_than_five_options_are_a_list_alone() -> None:
    (part,) = render("Chọn:", [Choice(str(n), f"Mục {n}", True) for n in range(6)], ZaloOA.traits)
    assert part.buttons == () and part.text.endswith("6. Mục 5")


def test_a_long_label_is_cut_on_its_button_alone(far: OAServer, wired: Wired) -> None:
    (part,) = render("Chọn:", [Choice("a", "dài " * 50, True)], ZaloOA.traits)
    assert wired.send(Outgoing(far.person(AN).id, part))
    assert far.person(AN).texts[0].count("dài") == 50


@pytest.mark.parametrize("text", ["á" * 10_000, "👩‍👩‍👧 " * 1500, "Tỷ lệ hồ sơ\n" * 900])
def test_a_long_text_is_cut_so_that_every_part_is_accepted(text: str, far: OAServer, wired: Wired) -> None:
    for part in render(text, (), ZaloOA.traits):
        wired.send(Outgoing(far.person(AN).id, part))
    assert "".join("".join(far.person(AN).texts).split()) == "".join(text.split())


# What reaches those who have been silent for long

REMINDER = Template(
    "remind", {"ten": AN, "don_vi": "Hạt Kiểm lâm huyện Đồng Văn", "han": "10/12/2024", "so_luong": "1"}
)


def templated(far: OAServer, template: Template = REMINDER) -> Outgoing:
    return Outgoing(far.person(AN).id, Part("Đề nghị báo cáo"), template=template)


@pytest.fixture
def paying(far: OAServer) -> Iterator[Wired]:
    far.ways.templates = {"123456"}
    with Wired(ZaloOA(APP, APP_SECRET, KEY, granted(far), far.clock, far.url, far.url, {"remind": "123456"})) as wired:
        yield wired


def test_a_template_reaches_whoever_has_been_silent(far: OAServer, paying: Wired) -> None:
    far.passes(days=30)
    tokens = paying.channel._api._grant._tokens  # type: ignore[attr-defined]
    tokens.pair = granted(far).pair
    assert paying.send(templated(far))
    assert paying.channel.traits.templates == {"remind"}
    assert far.person(AN).got == [
        {"user_id": far.person(AN).id, "template_id": "123456", "template_data": dict(REMINDER.blanks)}
    ]


TEMPLATE_FAULTS: list[tuple[str, Any, type[Exception]]] = [
    ("not approved", lambda far: far.ways.templates.clear(), Refused),
    ("no money", lambda far: setattr(far.ways, "wallet", False), Refused),
    ("blocked", lambda far: setattr(far.person(AN), "refusal", Refusal(-119, "?")), Refused),
    ("the day's quota", lambda far: far.faults(refused(-144), path="/message/template"), Refused),
    ("a code of tomorrow", lambda far: far.faults(refused(-999), path="/message/template"), Refused),
    ("at night", lambda far: far.faults(refused(-133), path="/message/template"), Later),
    ("too many at once", lambda far: far.faults(refused(-32), path="/message/template"), Later),
    ("the token, in its own words", lambda far: far.faults(*[refused(-124)] * 2, path="/message/template"), Stopped),
    ("no answer", lambda far: far.faults(faults.reset(accepted=True), path="/message/template"), Unknown),
]  # fmt: skip


@pytest.mark.parametrize(
    ("happens", "outcome"), [case[1:] for case in TEMPLATE_FAULTS], ids=[c[0] for c in TEMPLATE_FAULTS]
)
def test_a_template_that_is_not_sent_leads_elsewhere(
    happens: Any, outcome: type[Exception], far: OAServer, paying: Wired
) -> None:
    happens(far)
    assert type(caught(paying, templated(far))) is outcome


def test_without_a_wallet_the_window_is_48_hours_for_a_day(far: OAServer, wired: Wired) -> None:
    """Zalo has said so of one person: nobody else is tried with meanwhile."""
    far.ways.wallet = False
    assert wired.channel.traits.reply_window == timedelta(days=7)
    far.passes(hours=48)
    wired.send(to_an(far))
    wired.run(wired.channel.probe())
    assert wired.channel.traits.reply_window == timedelta(days=7)
    far.passes(seconds=1)
    assert type(caught(wired, to_an(far))) is Refused
    assert wired.channel.traits.reply_window == timedelta(hours=48)
    wired.run(wired.channel.probe())
    assert wired.channel.traits.reply_window == timedelta(hours=48)
    far.passes(days=1)
    wired.run(wired.channel.probe())
    assert wired.channel.traits.reply_window == timedelta(days=7)


# Files

PDF = File("bao-cao.pdf", "application/pdf", lambda: b"%PDF-1.7")
PNG = File("ban-do.PNG", "image/png", lambda: b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "kind", "handle"),
    [
        ("a.pdf", "file", "token"),
        ("a.DOCX", "file", "token"),
        ("a.jpg", "image", "attachment_id"),
        ("a.gif", "gif", "attachment_id"),
    ],
)
def test_a_file_follows_its_text(name: str, kind: str, handle: str, far: OAServer, wired: Wired) -> None:
    wired.send(to_an(far, "Kèm tệp", files=(File(name.lower(), "x/y", lambda: b"content"),)))
    text, file = far.person(AN).got
    (upload,) = (upload for upload, _ in far.uploads.values())
    assert text == {"text": "Kèm tệp"} and handle in json.dumps(file["attachment"])
    assert (upload.name, upload.mime, upload.content) == (name.lower(), "x/y", b"content")
    assert far.called(f"/upload/{kind}") == [0]


@pytest.mark.parametrize("file", [
    File("a.xlsx", "x/y", lambda: b"x"), File("a", "x/y", lambda: b"x"),
    File("a.png", "x/y", lambda: b"x" * ((1 << 20) + 1)), File("a.pdf", "x/y", lambda: b"x" * ((5 << 20) + 1)),
])  # fmt: skip
def test_what_zalo_does_not_take_is_found_before_a_word_is_sent(file: File, far: OAServer, wired: Wired) -> None:
    error = caught(wired, to_an(far, files=(PDF, file)))
    assert isinstance(error, NotTaken) and not error.said and far.person(AN).got == []


def test_what_is_known_without_reading_is_not_even_tried() -> None:
    def sized(name: str, size: int | None) -> bool:
        return ZaloOA.traits.takes(File(name, "x/y", lambda: b"", size))

    assert sized("a.pdf", 5 << 20) and sized("a.docx", None) and sized("a.JPG", 1 << 20)
    assert not (sized("a.pdf", (5 << 20) + 1) or sized("a.jpg", (1 << 20) + 1) or sized("a.xlsx", 1) or sized("a", 1))


@pytest.mark.parametrize("code", [-201, -210, -211, -233])
def test_an_upload_that_zalo_refuses_goes_as_a_link(code: int, far: OAServer, wired: Wired) -> None:
    """Even where the month's uploads are used up: messages are not."""
    far.faults(refused(code), path="/upload/file")
    error = caught(wired, to_an(far, files=(PDF,)))
    assert isinstance(error, NotTaken) and not error.said and far.person(AN).got == []


def test_a_file_that_is_refused_after_its_text_says_so(far: OAServer, wired: Wired) -> None:
    wired.send(to_an(far, "lần trước", files=(PDF,)))
    far.faults(Fault(Reply.json({"error": 0, "data": {"message_id": "m1"}})), refused(-201))
    error = caught(wired, to_an(far, files=(PDF,)))
    assert isinstance(error, NotTaken) and error.said


def test_a_file_for_many_is_uploaded_once_while_zalo_keeps_it(far: OAServer, wired: Wired) -> None:
    far.person(BINH).heard = far.now + timedelta(days=6)
    another = File("bao-cao.pdf", "application/pdf", lambda: b"%PDF-1.8")
    for person, file in ((AN, PDF), (BINH, PDF), (AN, another)):
        wired.send(Outgoing(far.person(person).id, Part("Kèm tệp"), files=(file,)))
    assert far.called("/upload/file") == [0, 0]
    far.passes(days=6, hours=1)
    wired.send(Outgoing(far.person(BINH).id, Part("Kèm tệp"), files=(PDF,)))
    assert far.called("/upload/file") == [0, 0, 0]


def test_what_zalo_has_forgotten_too_soon_is_uploaded_again(far: OAServer, wired: Wired) -> None:
    wired.send(to_an(far, "một", files=(PDF,)))
    far.uploads.clear()
    assert type(caught(wired, to_an(far, "hai", files=(PDF,)))) is Later
    wired.send(to_an(far, "hai", files=(PDF,)))
    assert far.called("/upload/file") == [0, 0] and far.person(AN).texts == ["một", "hai"]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/upload/file", faults.page(502)),
        ("/upload/file", faults.reset()),
        ("/upload/file", faults.cut()),
        ("/message/cs", refused(-100)),
    ],
)
def test_what_is_out_is_not_sent_again_with_the_rest(path: str, fault: Fault, far: OAServer, wired: Wired) -> None:
    message = to_an(far, "Kèm tệp", files=(PDF, PDF))
    texts = ["Kèm tệp"]
    if path == "/message/cs":  # the second of its kind: of the text, which the far side only says to have got
        far.faults(Fault(Reply.json({"error": 0, "data": {"message_id": "m1"}})))
        texts = []
    far.faults(fault, path=path)
    assert type(caught(wired, message)) is Later
    wired.send(message)
    assert far.person(AN).texts == texts and len(far.person(AN).got) == len(texts) + 2


# The token


def test_a_token_is_renewed_before_it_ends(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    wired.send(to_an(far))
    far.passes(hours=22)
    wired.send(to_an(far))
    assert drawer.kept == []
    far.passes(hours=2)
    wired.send(to_an(far))
    assert [pair.access for pair in drawer.kept] == [far.access] and len(far.person(AN).got) == 3
    assert drawer.kept[0].until == far.now + timedelta(hours=25)


def test_many_at_once_renew_once(far: OAServer, wired: Wired) -> None:
    far.passes(hours=26)

    async def all_at_once() -> list[str | None]:
        return await asyncio.gather(*(wired.channel.send(to_an(far, str(n))) for n in range(8)))

    assert len(set(wired.run(all_at_once()))) == 8
    assert far.called("/access_token") == [0]


def test_a_new_pair_is_kept_before_it_is_used(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    far.passes(hours=26)
    drawer.faults.append(OSError("disk full"))
    assert type(caught(wired, to_an(far))) is OSError
    assert far.called("/message/cs") == [] and drawer.kept == []
    wired.send(to_an(far))
    assert [pair.access for pair in drawer.kept] == [far.access] and far.called("/access_token") == [0]


def test_a_stop_does_not_lose_the_pair_that_is_on_its_way(far: OAServer, drawer: Drawer) -> None:
    far.passes(hours=26)
    with Wired(channel(far, drawer)) as wired, far.moved:  # so that the answer can't come yet
        wired.listen()
        for _ in range(50):
            wired.run(asyncio.sleep(0))
        wired.stop()
        assert drawer.kept == []
    assert [pair.refresh for pair in drawer.kept] == [far.refresh]


def test_the_old_token_does_while_it_lasts(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    far.passes(hours=24)
    far.faults(faults.page(502), path="/access_token")
    wired.send(to_an(far))
    assert drawer.kept == [] and len(far.person(AN).got) == 1


def test_an_answer_that_is_lost_may_have_used_the_refresh_token_up(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    """Once more with the same; then only a new consent helps, and the words say so."""
    far.passes(hours=26)
    far.faults(faults.cut(), path="/access_token")
    first, second = caught(wired, to_an(far)), caught(wired, to_an(far))
    assert isinstance(first, Later) and first.after == zalo_oa_grant.LEASE
    assert isinstance(second, Stopped) and "nhachan zalo-oa login" in str(second)
    assert far.called("/access_token") == [0, -14014]


def test_another_process_may_have_renewed(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    wired.send(to_an(far))
    given = far.issue()
    drawer.pair = Pair(given["access_token"], given["refresh_token"], far.now + timedelta(hours=25), far.now)
    wired.send(to_an(far))
    assert far.called("/access_token") == [] and far.called("/message/cs") == [0, -216, 0]


def test_while_another_process_renews_we_wait(far: OAServer, wired: Wired, drawer: Drawer) -> None:
    far.passes(hours=26)
    drawer.taken = True
    waits = caught(wired, to_an(far))
    assert isinstance(waits, Later) and waits.after == timedelta(seconds=5)
    drawer.taken = False
    wired.send(to_an(far))


TOKEN_FAULTS: list[tuple[str, Fault, type[Exception]]] = [
    ("used up", refused(-14014, "Invalid refresh token"), Stopped),
    ("a wrong app", refused(-14002), Stopped),
    ("an error in words", Fault(Reply.json({"error": "invalid"})), Stopped),
    ("no tokens", faults.page(200, "{}"), Later),
    ("one token", Fault(Reply.json({"access_token": "a" * 20})), Later),
    ("tokens that are none", Fault(Reply.json({"access_token": ["a"], "refresh_token": {}})), Later),
    ("a page", faults.page(200), Later),
    ("a gateway's page", faults.page(503), Later),
    ("reset", faults.reset(), Later),
]


@pytest.mark.parametrize(("fault", "outcome"), [case[1:] for case in TOKEN_FAULTS], ids=[c[0] for c in TOKEN_FAULTS])
def test_what_is_no_token_is_never_kept(
    fault: Fault, outcome: type[Exception], far: OAServer, wired: Wired, drawer: Drawer
) -> None:
    far.passes(hours=26)
    far.faults(fault, path="/access_token")
    assert type(caught(wired, to_an(far))) is outcome
    assert drawer.kept == [] and far.called("/message/cs") == []


def test_without_consent_it_says_what_to_do(far: OAServer) -> None:
    with Wired(channel(far, Drawer())) as wired:
        end = wired.listen().ended()
        assert isinstance(end, Stopped) and "nhachan zalo-oa login" in str(end)
        assert type(caught(wired, to_an(far))) is Stopped


def test_it_listens_renews_and_knows_its_name(far: OAServer, wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zalo_oa, "CHECK", 0.01)
    wired.listen()
    far.wait_for(lambda: len(far.called("/getoa")) > 2)
    far.passes(hours=26)
    far.wait_for(lambda: far.called("/access_token") == [0])
    assert wired.channel.traits.title == "Sở NN&PTNT" and wired.channel.pulse.fault == ""


@pytest.mark.parametrize(("fault", "outcome"), [(faults.page(502), Later), (refused(-224), Stopped)])
def test_what_cuts_the_channel_off(fault: Fault, outcome: type[Exception], far: OAServer, wired: Wired) -> None:
    far.faults(fault, path="/getoa")
    end = wired.listen().ended()
    assert type(end) is outcome and wired.channel.pulse.fault == str(end)


def test_it_starts_although_the_far_side_is_away(far: OAServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Wired(channel(far, url=nobody)) as wired:
        ends = [wired.listen().ended() for _ in range(3)]
        assert [end.after.total_seconds() for end in ends if isinstance(end, Later)] == [1, 1.5, 2.25]
        assert type(caught(wired, to_an(far))) is Later


def test_no_secret_is_in_a_log_or_an_error(far: OAServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    drawer = granted(far)
    redact.install()
    with Wired(channel(far, drawer)) as wired:
        wired.send(to_an(far))
        for name in ("httpx", "httpcore"):
            caplog.set_level(logging.DEBUG, name)
        errors: list[BaseException] = []
        echo = f"no such token: {far.access}"
        for fault in (refused(-201, echo), refused(-999, echo), faults.page(502, echo), faults.reset(), faults.cut()):
            far.faults(fault)
            errors.append(caught(wired, to_an(far)))
        used = [far.access, far.refresh]
        far.passes(hours=26)
        for fault in (refused(-14014, f"used: {far.refresh}"), faults.cut()):
            far.faults(fault, path="/access_token")
            errors.append(caught(wired, to_an(far)))
        told = repr(wired.channel) + repr(drawer.pair) + path_of(wired)
    secrets = [*used, far.access, far.refresh, APP_SECRET, KEY]
    written = caplog.text + told + "".join(t for e in errors for t in traceback.format_exception(e))
    assert len(caplog.records) > 10 and [secret for secret in secrets if secret in written] == []


# The tokens in the database


def test_tokens_come_back_from_the_database(engine: Engine, far: OAServer) -> None:
    kept = KeptTokens(at_once(engine), far.clock)
    pair = Pair("a", "r", far.now + timedelta(hours=25), far.now)
    assert asyncio.run(kept.load()) is None and not asyncio.run(kept.claim(pair))
    asyncio.run(kept.store(pair))
    assert asyncio.run(kept.load()) == pair


def test_one_process_alone_renews(engine: Engine, far: OAServer) -> None:
    kept = KeptTokens(at_once(engine), far.clock)
    pair = Pair("a", "r", far.now, far.now)
    asyncio.run(kept.store(pair))

    async def both() -> list[bool]:
        return await asyncio.gather(*(kept.claim(pair) for _ in range(4)))

    assert sorted(asyncio.run(both())) == [False, False, False, True]
    far.passes(seconds=61)
    assert asyncio.run(kept.claim(pair))  # whoever had it has died
    asyncio.run(kept.store(replace(pair, refresh="r2")))
    assert not asyncio.run(kept.claim(pair)) and asyncio.run(kept.claim(replace(pair, refresh="r2")))


def test_two_processes_share_one_consent(engine: Engine, far: OAServer) -> None:
    """Each with its own memory, both with a token that has ended, on one database."""
    kept = KeptTokens(at_once(engine), far.clock)
    pair = granted(far).pair
    assert pair
    asyncio.run(kept.store(pair))
    far.passes(hours=26)

    async def tokens() -> set[str]:
        grants = [Grant(OAuth(APP, APP_SECRET, far.url, far.clock), kept, far.clock) for _ in range(3)]
        found: set[str] = set()
        for _ in range(2):  # whoever came too late waits, and then finds what the other has kept
            for each in await asyncio.gather(*(grant.token() for grant in grants), return_exceptions=True):
                assert isinstance(each, (str, Later)), each
                found |= {each} if isinstance(each, str) else set()
        return found

    assert asyncio.run(tokens()) == {far.access} and far.called("/access_token") == [0]


RACER = """
import asyncio, sys
from bot.channels.channel import Later
from bot.channels.zalo_oa_grant import Grant, OAuth
from bot.cli import frame
from bot.cli.kept import KeptTokens, at_once
from storage import db

async def race(database, app, secret, url):
    kept = KeptTokens(at_once(db.connect(database)), frame.clock)
    grant = Grant(OAuth(app, secret, url, frame.clock), kept, frame.clock)
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(100):
        try:
            return print(await grant.token(), flush=True)
        except Later:
            await asyncio.sleep(0.1)

asyncio.run(race(*sys.argv[1:]))
"""


def test_processes_that_race_use_the_refresh_token_once(database_url: str, engine: Engine, far: OAServer) -> None:
    """And nobody is locked out: those who came too late find the token that the quickest one has kept."""
    kept, pair, now = KeptTokens(at_once(engine), far.clock), granted(far).pair, datetime.now(HANOI)
    assert pair
    asyncio.run(kept.store(replace(pair, until=now, renewed=now - timedelta(days=1))))
    command = [sys.executable, "-c", RACER, database_url, APP, APP_SECRET, far.url]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 3
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("go\n")
            racer.stdin.flush()
        told = [racer.communicate(timeout=60) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
    assert {out for out, _ in told} == {f"{far.access}\n"}, told
    assert far.called("/access_token") == [0]


# The consent


def test_a_code_becomes_a_pair(far: OAServer) -> None:
    oauth = OAuth(APP, APP_SECRET, far.url, far.clock)
    verifier = zalo_oa_grant.verifier()
    url = httpx.URL(oauth.consent("https://house.example/oa", verifier, "state-1"))
    assert len(verifier) == 43 and url.params["code_challenge"] == challenge(verifier)
    assert (url.params["app_id"], url.params["redirect_uri"]) == (APP, "https://house.example/oa")
    code = far.agrees(url.params["code_challenge"])
    pair = asyncio.run(oauth.exchange(code, verifier))
    assert (pair.access, pair.refresh) == (far.access, far.refresh)
    assert pair.until == far.now + timedelta(hours=25)
    with pytest.raises(zalo_oa_grant.Denied):
        asyncio.run(oauth.exchange(code, verifier))


@pytest.mark.parametrize(
    ("expires", "hours"), [("90000", 25), (3600, 1), ("soon", 1 / 12), (None, 1 / 12), (1e30, 240)]
)
def test_how_long_a_token_lasts_is_read_whatever_its_form(expires: Any, hours: float, far: OAServer) -> None:
    told = {"access_token": "a" * 20, "refresh_token": "r" * 20, "expires_in": expires}
    far.faults(Fault(Reply.json(told)), path="/access_token")
    pair = asyncio.run(OAuth(APP, APP_SECRET, far.url, far.clock).refresh("refresh-of-the-test-alone"))
    lasts = (pair.until - far.now) / timedelta(hours=1)
    assert lasts == pytest.approx(hours if expires != 1e30 else 1 / 12)
