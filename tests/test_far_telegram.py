"""The far side itself: it must behave as Telegram does, or what is tested against it proves nothing."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.far import bot_api, telegram_html
from tests.far.bot_api import BotApi
from tests.far.loopback import Upload
from tests.far.telegram import TOKEN, Pace, TelegramServer, cut, hang, page, reset, throttled
from tests.far.telegram_account import BLOCKED, NOT_MODIFIED, OTHER_POLL, TOO_OLD, WEBHOOK_SET

AN = 7
KEYBOARD = {"inline_keyboard": [[{"text": "Đúng", "callback_data": "yes:1"}]]}


@pytest.fixture
def far() -> Iterator[TelegramServer]:
    server = TelegramServer()
    server.person(AN)
    yield server
    server.close()


def call(far: TelegramServer, method: str, token: str = TOKEN, **given: Any) -> dict[str, Any]:
    url = f"{far.base_url}/bot{token}/{method}"
    answer: dict[str, Any] = httpx.post(url, json=given, trust_env=False, timeout=20).json()
    return answer


def description(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["error_code"], answer["description"]


REFUSED: list[tuple[str, Callable[[TelegramServer], dict[str, Any]], int, str]] = [
    ("a wrong token", lambda far: call(far, "getMe", "987654321:" + "x" * 35), 401, "Unauthorized"),
    ("no token", lambda far: call(far, "getMe", "x"), 404, "Not Found"),
    ("no such method", lambda far: call(far, "flyAway"), 404, "Not Found"),
    ("nobody's chat", lambda far: send(far, chat_id=99), 400, "Bad Request: chat not found"),
    ("no text", lambda far: send(far, text="  "), 400, "Bad Request: message text is empty"),
    ("too long", lambda far: send(far, text="á" * 4097), 400, "Bad Request: message is too long"),
    (
        "a tag",
        lambda far: send(far, text="a<br>", parse_mode="HTML"),
        400,
        'Bad Request: can\'t parse entities: Unsupported start tag "br" at byte offset 1',
    ),
    (
        "too much in a button",
        lambda far: send(far, reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "đ" * 33}]]}),
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    ("an unknown press", lambda far: call(far, "answerCallbackQuery", callback_query_id="1"), 400, TOO_OLD),
]


def send(far: TelegramServer, **given: Any) -> dict[str, Any]:
    return call(far, "sendMessage", **{"chat_id": AN, "text": "Đề nghị báo cáo", **given})


@pytest.mark.parametrize(("calls", "code", "told"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_it_refuses(
    calls: Callable[[TelegramServer], dict[str, Any]], code: int, told: str, far: TelegramServer
) -> None:
    assert description(calls(far)) == (code, told)


def test_updates_stay_until_they_are_confirmed(far: TelegramServer) -> None:
    first, second = far.says(AN, "một"), far.says(AN, "hai")
    for _ in range(2):
        assert ids(call(far, "getUpdates")) == [first, second]
    assert ids(call(far, "getUpdates", offset=second)) == [second]
    assert ids(call(far, "getUpdates", offset=second + 1)) == []


def ids(answer: dict[str, Any]) -> list[int]:
    return [update["update_id"] for update in answer["result"]]


def test_a_negative_offset_keeps_only_the_newest(far: TelegramServer) -> None:
    numbers = [far.says(AN, str(number)) for number in range(5)]
    assert ids(call(far, "getUpdates", offset=-2)) == numbers[-2:]
    assert ids(call(far, "getUpdates", offset=-9, limit=1)) == numbers[-2:-1]


def test_only_kinds_that_were_asked_for_come(far: TelegramServer) -> None:
    call(far, "getUpdates", allowed_updates=["callback_query"])
    far.says(AN, "45/60")
    assert ids(call(far, "getUpdates")) == []
    call(far, "getUpdates", allowed_updates=[])
    far.says(AN, "45/60")
    assert len(ids(call(far, "getUpdates"))) == 1


def test_a_poll_waits_until_there_is_something(far: TelegramServer) -> None:
    answers: list[dict[str, Any]] = []
    polling = threading.Thread(target=lambda: answers.append(call(far, "getUpdates", timeout=15)))
    polling.start()
    far.wait_for(lambda: far.polls)
    number = far.says(AN, "45/60")
    polling.join()
    assert ids(answers[0]) == [number]


def test_a_newer_poll_ends_the_older(far: TelegramServer) -> None:
    answers: list[dict[str, Any]] = []
    older = threading.Thread(target=lambda: answers.append(call(far, "getUpdates", timeout=15)))
    older.start()
    far.wait_for(lambda: far.polls)
    assert call(far, "getUpdates", timeout=0)["ok"]
    older.join()
    assert description(answers[0]) == (409, OTHER_POLL)


def test_a_webhook_forbids_polling(far: TelegramServer) -> None:
    far.webhook.url = "https://house.example"
    assert description(call(far, "getUpdates")) == (409, WEBHOOK_SET)


def test_people_see_text_and_buttons(far: TelegramServer) -> None:
    send(far, text="<b>Còn thiếu</b> 4,5 &lt; 5", parse_mode="HTML", reply_markup=KEYBOARD)
    assert (far.chat(AN).last.text, far.chat(AN).last.buttons) == ("Còn thiếu 4,5 < 5", ["Đúng"])


def test_a_press_is_answered_once_and_in_time(far: TelegramServer) -> None:
    send(far, reply_markup=KEYBOARD)
    query = far.presses(AN, "Đúng")
    assert call(far, "answerCallbackQuery", callback_query_id=query)["ok"]
    assert description(call(far, "answerCallbackQuery", callback_query_id=query)) == (400, TOO_OLD)
    late = far.presses(AN, "Đúng")
    far.expire_queries()
    assert description(call(far, "answerCallbackQuery", callback_query_id=late)) == (400, TOO_OLD)


def test_buttons_can_only_be_taken_away_once(far: TelegramServer) -> None:
    number = send(far, reply_markup=KEYBOARD)["result"]["message_id"]
    assert call(far, "editMessageReplyMarkup", chat_id=AN, message_id=number)["ok"]
    assert far.chat(AN).last.buttons == []
    again = call(far, "editMessageReplyMarkup", chat_id=AN, message_id=number)
    assert description(again) == (400, NOT_MODIFIED)


def test_who_blocked_the_bot_is_out_of_reach_until_back(far: TelegramServer) -> None:
    far.blocks(AN)
    assert description(send(far)) == (403, BLOCKED)
    far.returns(AN)
    assert send(far)["ok"]
    statuses = [update["my_chat_member"]["new_chat_member"]["status"] for update in far.updates]
    assert statuses == ["kicked", "member"]


def test_too_fast_is_told_in_body_and_header() -> None:
    with TelegramServer(pace=Pace(chat_burst=2, chat_per_second=0.01)) as far:
        far.person(AN)
        given = {"chat_id": AN, "text": "a"}
        url = f"{far.base_url}/bot{TOKEN}/sendMessage"
        answers = [httpx.post(url, json=given, trust_env=False) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        wait = int(answers[2].headers["Retry-After"])
        assert 10 < wait <= 100
        assert answers[2].json()["parameters"] == {"retry_after": wait}


def test_the_whole_account_has_a_pace_too() -> None:
    with TelegramServer(pace=Pace(per_second=0.01, burst=5)) as far:
        for chat in range(1, 8):
            far.person(chat)
        answers = [call(far, "sendMessage", chat_id=chat, text="a")["ok"] for chat in range(1, 8)]
        assert answers == [True] * 5 + [False] * 2


def test_faults_meet_the_requests_they_are_meant_for(far: TelegramServer) -> None:
    far.person(8)
    far.faults(throttled(9), chat=8)
    assert send(far)["ok"]
    assert description(send(far, chat_id=8)) == (429, "Too Many Requests: retry after 9")
    assert send(far, chat_id=8)["ok"]


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (reset(), httpx.ReadError, 0),
        (reset(accepted=True), httpx.ReadError, 1),
        (cut(), httpx.RemoteProtocolError, 1),
        (hang(), httpx.ReadTimeout, 0),
        (hang(accepted=True), httpx.ReadTimeout, 1),
    ],
    ids=["reset", "reset after", "cut", "hang", "hang after"],
)
def test_a_line_breaks_as_lines_do(fault: Any, error: type[Exception], arrived: int, far: TelegramServer) -> None:
    far.faults(fault)
    with pytest.raises(error):
        httpx.post(
            f"{far.base_url}/bot{TOKEN}/sendMessage", json={"chat_id": AN, "text": "a"}, trust_env=False, timeout=0.3
        )
    assert len(far.chat(AN).sent) == arrived


def test_a_page_is_no_json(far: TelegramServer) -> None:
    far.faults(page(502))
    with pytest.raises(json.JSONDecodeError):
        send(far)


def test_a_file_arrives_as_it_was_sent(far: TelegramServer) -> None:
    content = bytes(range(256)) + b"\r\n--boundary\r\n\n\r"
    files = {"document": ("bảng tổng hợp.xlsx", content, "application/x")}
    url = f"{far.base_url}/bot{TOKEN}/sendDocument"
    sent = httpx.post(url, data={"chat_id": "7", "caption": "Bảng"}, files=files, trust_env=False).json()["result"]
    assert far.chat(AN).last.document == Upload("bảng tổng hợp.xlsx", "application/x", content)
    path = call(far, "getFile", file_id=sent["document"]["file_id"])["result"]["file_path"]
    assert httpx.get(f"{far.base_url}/file/bot{TOKEN}/{path}", trust_env=False).content == content


def test_another_bot_has_chats_and_updates_of_its_own(far: TelegramServer) -> None:
    other = "222222222:" + "y" * 35
    far.also(other, "other_bot")
    far.says(AN, "45/60")
    assert ids(call(far, "getUpdates", other)) == []
    assert description(call(far, "sendMessage", other, chat_id=AN, text="a")) == (400, "Bad Request: chat not found")


# The check against the reference


@pytest.fixture(scope="module")
def reference() -> BotApi:
    if (loaded := bot_api.load()) is None:
        pytest.skip("the Bot API reference is not at hand: ../shared/data/telegram-bot-api-10.2.json")
    return loaded


FAULTY: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"chat_id": 7}, "text: missing"),
    ("sendMessage", {"chat_id": 7, "text": "a", "txt": "b"}, "txt: no such field"),
    ("sendMessage", {"chat_id": [7], "text": "a"}, "is no"),
    ("sendMessage", {"chat_id": 7, "text": ""}, "0 characters, may be 1-4096"),
    ("sendMessage", {"chat_id": 7, "text": "a", "parse_mode": "html5"}, "no parse mode"),
    ("sendMessage", {"chat_id": 7, "text": "a", "disable_notification": "yes"}, "is no Boolean"),
    ("sendMessage", {"chat_id": 7, "text": "a", "reply_markup": {"inline_keyboard": [{}]}}, "is no array"),
    (
        "sendMessage",
        {"chat_id": 7, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
        "a button does exactly one thing",
    ),
    (
        "sendMessage",
        {
            "chat_id": 7,
            "text": "a",
            "reply_markup": json.dumps({"inline_keyboard": [[{"text": "a", "callback_data": "đ" * 33}]]}),
        },
        "66 bytes, may be 1-64",
    ),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}, "201 characters"),
    ("setMyCommands", {"commands": [{"command": "Báo_cáo", "description": "x"}]}, "not allowed"),
    ("setMyCommands", {"commands": [{"command": "a" * 33, "description": "x"}]}, "33 characters"),
    ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "0 characters"),
    ("setMyCommands", {"commands": [{"command": "a", "description": "x"}] * 101}, "101 are too many"),
    ("setMyCommands", {"commands": [], "scope": {"type": "everybody"}}, "everybody"),
    ("getUpdates", {"limit": 101}, "out of range"),
    ("getUpdates", {"allowed_updates": ["messages"]}, "no kind of update"),
    ("setWebhook", {"url": "https://x", "secret_token": "ă"}, "not allowed"),
    ("sendDocument", {"chat_id": 7, "document": 5}, "is no"),
    ("flyAway", {}, "no such method"),
]


@pytest.mark.parametrize(("method", "given", "told"), FAULTY)
def test_a_faulty_request_is_seen(method: str, given: dict[str, Any], told: str, reference: BotApi) -> None:
    faults = reference.request(method, given)
    assert any(told in fault for fault in faults), faults


VALID: list[tuple[str, dict[str, Any]]] = [
    ("getMe", {}),
    ("getUpdates", {"offset": "5", "timeout": "30", "allowed_updates": '["message"]'}),
    ("sendMessage", {"chat_id": "7", "text": "a" * 4096}),
    ("sendMessage", {"chat_id": -1001, "text": "&lt;" * 4096, "parse_mode": "HTML"}),
    ("sendMessage", {"chat_id": 7, "text": "45", "reply_markup": json.dumps(KEYBOARD)}),
    ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 7}, "language_code": "vi"}),
    ("sendDocument", {"chat_id": 7, "document": Upload("a", "b", b"c"), "caption": ""}),
]


@pytest.mark.parametrize(("method", "given"), VALID)
def test_a_valid_request_passes(method: str, given: dict[str, Any], reference: BotApi) -> None:
    measuring = BotApi(bot_api.reference() or {}, lambda text, mode: len(telegram_html.parse(text, mode)))
    assert measuring.request(method, given) == []


def test_a_request_that_broke_the_reference_fails_the_test(reference: BotApi) -> None:
    with pytest.raises(AssertionError, match="no such field"), TelegramServer() as far:
        far.person(AN)
        send(far, txt="a")


# HTML as Telegram reads it


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("a &amp; b &lt;c&gt; &quot;d&quot;", 'a & b <c> "d"'),
        ("<b>Báo <i>cáo</i></b>", "Báo cáo"),
        ("&eacute; &#225; &#xE1; & b", "&eacute; á á & b"),
        ('<a href="https://x">y</a>', "y"),
        ("&ampersand;", "&ampersand;"),
    ],
)
def test_html_as_people_see_it(html: str, seen: str) -> None:
    assert telegram_html.parse(html, "HTML") == seen


@pytest.mark.parametrize("html", ["<br>", "<p>a</p>", "<b>a", "a</b>", "<b><i>a</b></i>", "a < b", "<b"])
def test_html_that_telegram_refuses(html: str) -> None:
    with pytest.raises(telegram_html.Unparsable):
        telegram_html.parse(html, "HTML")
    assert telegram_html.parse(html, None) == html
