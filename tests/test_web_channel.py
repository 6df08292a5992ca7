"""The web page as a channel: what a browser sends, what it gets, and what it may not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.channels.channel import Incoming, Outgoing, Part
from bot.dialogue.turn import Attachment, Said
from bot.web import bucket, guard, links, news, wire
from bot.web.ports import FileLink, Heading
from bot.web.watch import MOST, Watch
from tests.small_house import MORNING, SECRET, SmallHouse, in_loop

KEY = "0123456789abcdef"
ANY = {"id": KEY, "text": "45/60"}


@asynccontextmanager
async def page_of(house: SmallHouse, chat: str = "an") -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the page of this chat."""
    async with house.open() as address, httpx.AsyncClient(base_url=address + house.web.link(chat)) as browser:
        yield browser


def token_of(house: SmallHouse, chat: str) -> str:
    return house.web.link(chat).removeprefix("/c/")


# What is said


@in_loop
async def test_what_is_typed_and_pressed_is_heard() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        assert (await browser.post("/said", json={"id": KEY, "text": " Báo cáo\n45/60 "})).status_code == 202
        assert (await browser.post("/said", json={"id": KEY[::-1], "choice": "yes:M01:45/60"})).status_code == 202
    assert house.heard == [
        Incoming("web", "", "an", f"an/{KEY}", Said(" Báo cáo\n45/60 ")),
        Incoming("web", "", "an", f"an/{KEY[::-1]}", Said(choice="yes:M01:45/60")),
    ]


@pytest.mark.parametrize(
    "typed, heard",
    [
        ("cho\u0301", "ch\u00f3"),  # decomposed
        ("45\0/60", "45/60"),
        ("\ud83d", "\ufffd"),  # half an emoji
        ("👍🏽 đã xong", "👍🏽 đã xong"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("á" * 10_000, "á" * 10_000),
        ("👍" * 10_000, "👍" * 10_000),
    ],
)
@in_loop
async def test_text_is_kept_as_typed_but_for_what_no_database_keeps(typed: str, heard: str) -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        body = json.dumps({"id": KEY, "text": typed})
        answer = await browser.post("/said", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202
    assert [incoming.said.text for incoming in house.heard] == [heard]


@in_loop
async def test_the_same_message_twice_is_one_message() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        answers = await asyncio.gather(*(browser.post("/said", json=ANY) for _ in range(5)))
        lines = (await browser.get("/lines")).json()["lines"]
    assert {answer.status_code for answer in answers} == {202}
    assert [(line["text"], line["key"]) for line in lines] == [("45/60", KEY)]


@in_loop
async def test_the_same_key_in_two_chats_is_two_messages() -> None:
    house = SmallHouse()
    async with page_of(house, "an") as an:
        await an.post("/said", json=ANY)
    async with page_of(house, "binh") as binh:
        await binh.post("/said", json=ANY)
    assert [incoming.chat for incoming in house.heard] == ["an", "binh"]


@pytest.mark.parametrize(
    "body, status, sentence",
    [
        ({"id": KEY, "text": "  \n "}, 400, wire.EMPTY),
        ({"id": KEY, "text": "\0"}, 400, wire.EMPTY),
        ({"id": KEY, "text": "a" * 10_001}, 413, wire.TOO_LONG),
        ({"id": KEY, "text": 45}, 400, wire.STALE),
        ({"id": KEY}, 400, wire.STALE),
        ({"text": "45/60"}, 400, wire.STALE),
        ({"id": "short", "text": "45/60"}, 400, wire.STALE),
        ({"id": "../../../../etc", "text": "45/60"}, 400, wire.STALE),
        ({"id": KEY, "choice": "đúng"}, 400, wire.STALE),
        ({"id": KEY, "choice": "x" * 65}, 400, wire.STALE),
        ([], 400, wire.STALE),
        ("45/60", 400, wire.STALE),
    ],
)
@in_loop
async def test_what_can_not_be_understood_is_refused_in_a_sentence(body: Any, status: int, sentence: str) -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        answer = await browser.post("/said", json=body)
    assert (answer.status_code, answer.json()) == (status, {"error": sentence})
    assert house.heard == []


@in_loop
async def test_only_json_is_read() -> None:
    """A form on another site can send text/plain, but never JSON without asking first."""
    house = SmallHouse()
    async with page_of(house) as browser:
        text = await browser.post("/said", content=json.dumps(ANY), headers={"Content-Type": "text/plain"})
        broken = await browser.post("/said", content="{", headers={"Content-Type": "application/json"})
        latin = await browser.post("/said", content=b'"\xff"', headers={"Content-Type": "application/json"})
    assert [text.status_code, broken.status_code, latin.status_code] == [415, 400, 400]
    assert house.heard == []


@in_loop
async def test_nothing_is_confirmed_that_is_not_kept() -> None:
    house = SmallHouse()
    house.broken = True
    async with page_of(house) as browser:
        assert (await browser.post("/said", json=ANY)).status_code == 500
        house.broken = False
        assert (await browser.post("/said", json=ANY)).status_code == 202
    assert len(house.heard) == 1


@in_loop
async def test_an_expired_link_neither_tells_nor_hears() -> None:
    house = SmallHouse()
    house.add("an", "me", "45/60")
    async with page_of(house) as browser:
        house.now += timedelta(days=401)
        answers = [
            await browser.get("", follow_redirects=True),
            await browser.get("/lines"),
            await browser.post("/said", json=ANY),
        ]
        answers.append(await browser.post("/file", data={"id": KEY}, files={"file": ("a", b"a")}))
    assert {answer.status_code for answer in answers} == {404}
    assert not any("45/60" in answer.text for answer in answers)
    assert (house.heard, house.uploads) == ([], {})


@in_loop
async def test_who_talks_too_fast_is_slowed_down_alone() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        keys = [f"{number:016}" for number in range(31)]
        answers = [await browser.post("/said", json={"id": key, "text": "a"}) for key in keys]
        assert [answer.status_code for answer in answers] == [202] * 30 + [429]
        assert answers[-1].headers["Retry-After"] == "2"
        house.seconds += 1
        assert (await browser.post("/said", json={"id": keys[-1], "text": "a"})).status_code == 202
    async with page_of(house, "binh") as other:
        assert (await other.post("/said", json=ANY)).status_code == 202


# Files


@in_loop
async def test_a_file_is_stored_and_heard() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        file = ("Phụ lục 01.xlsx", b"PK..", "application/vnd.ms-excel")
        answer = await browser.post("/file", data={"id": KEY}, files={"file": file})
    assert answer.status_code == 202
    attachment = Attachment("", "Phụ lục 01.xlsx", 4, "application/vnd.ms-excel", 1)
    assert house.heard == [Incoming("web", "", "an", f"an/{KEY}", Said(file=attachment))]
    assert house.uploads["u1"].content == b"PK.."


@in_loop
async def test_a_file_may_have_twenty_megabytes_and_not_a_byte_more() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        content = b"x" * (guard.FILE + 1)
        most = await browser.post("/file", data={"id": KEY}, files={"file": ("a.bin", content[:-1])}, timeout=60)
        more = await browser.post("/file", data={"id": KEY}, files={"file": ("a.bin", content)}, timeout=60)
    assert (most.status_code, more.status_code) == (202, 413)
    assert more.json() == {"error": wire.TOO_BIG}
    assert [len(stored.content) for stored in house.uploads.values()] == [guard.FILE]


@in_loop
async def test_a_flood_is_refused_before_its_end() -> None:
    house = SmallHouse()
    async with house.open() as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(address).port)
        head = f"POST {house.web.link('an')}/file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        writer.write(head.encode() + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for piece in (part, *[b"x" * guard.MEGABYTE] * 21):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 413 ")  # more was to come
        writer.close()
        await writer.wait_closed()
    assert house.uploads == {}


@pytest.mark.parametrize(
    "data, files",
    [({"id": KEY}, {}), ({"id": KEY}, {"file": ("a.txt", b"")}), ({}, {"file": ("a.txt", b"a")}), ({"id": "x"}, {})],
)
@in_loop
async def test_half_an_upload_is_refused(data: dict[str, str], files: dict[str, Any]) -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        answer = await browser.post("/file", data=data, files=files)
    assert answer.status_code == 400 and "Đề nghị" in answer.json()["error"]
    assert (house.heard, house.uploads) == ([], {})


@in_loop
async def test_a_broken_upload_is_refused() -> None:
    house = SmallHouse()
    async with page_of(house) as browser:
        for kind in ("multipart/form-data", "multipart/form-data; boundary=b", "application/json"):
            answer = await browser.post("/file", content=b"nonsense", headers={"Content-Type": kind})
            assert answer.status_code == 400, kind
    assert house.heard == []


@pytest.mark.parametrize(
    "given, kept",
    [
        ("Phụ lục 01.xlsx", "Phụ lục 01.xlsx"),
        ("Phu\u0323 lu\u0323c.pdf", "Ph\u1ee5 l\u1ee5c.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\an\\bao cao.docx", "bao cao.docx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("", "tep"),
        ("...", "tep"),
        (".htaccess", "htaccess"),
        ("á" * 300 + ".xlsx", "á" * 115 + ".xlsx"),
        ("a." + "b" * 300, None),
    ],
)
def test_a_file_name_is_made_fit_to_show_and_store(given: str, kept: str | None) -> None:
    name = wire.file_name(given)
    assert 0 < len(name) <= 120
    assert kept is None or name == kept


# What is shown


@in_loop
async def test_the_page_reads_the_lines_it_has_not_seen() -> None:
    house = SmallHouse()
    house.headings["an"] = Heading("Nguyễn Văn An", "Đầu mối, Chi cục Kiểm lâm")
    await house.say("an", "Chọn chỉ tiêu:", "NQ01.1")
    house.add("an", "me", "", choice="m:1", key="an/k1")
    await house.say("an", "Đúng không?", "Đúng", "Sửa", files=(FileLink("a.pdf", "/f/x", 12),))
    async with page_of(house) as browser:
        whole = (await browser.get("/lines")).json()
        rest = (await browser.get("/lines?after=2")).json()
        odd = (await browser.get("/lines?after=-1")).json()
    assert whole["heading"] == {"name": "Nguyễn Văn An", "detail": "Đầu mối, Chi cục Kiểm lâm"}
    assert [line["live"] for line in whole["lines"]] == [False, False, True]
    assert [line["id"] for line in rest["lines"]] == [3]
    assert odd == whole
    assert whole["lines"][1] | {"at": ""} == {
        "id": 2,
        "who": "me",
        "text": "",
        "at": "",
        "buttons": [],
        "files": [],
        "live": False,
        "key": "k1",
        "choice": "m:1",
    }
    assert whole["lines"][2]["at"] == "2024-11-25T08:00:00+07:00"
    assert whole["lines"][2]["files"] == [{"name": "a.pdf", "url": "/f/x", "size": 12}]


@in_loop
async def test_a_chat_never_shows_another() -> None:
    house = SmallHouse()
    house.add("binh", "me", "số liệu của đơn vị khác")
    async with page_of(house, "an") as browser:
        assert (await browser.get("/lines")).json()["lines"] == []


# What is new


@asynccontextmanager
async def following(house: SmallHouse, *chats: str) -> AsyncIterator[AsyncIterator[str]]:
    """The events of one stream over these chats, as "name data"."""
    async with house.open() as address, httpx.AsyncClient(base_url=address, timeout=10) as browser:
        tokens = [token_of(house, chat) for chat in chats]
        async with browser.stream("GET", "/c/news", params={"chat": tokens}) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            events = events_of(answer)
            yield events
            await events.aclose()


async def events_of(answer: httpx.Response) -> Any:
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield f"{name} {line.removeprefix('data: ')}".strip()


@in_loop
async def test_a_message_that_is_sent_is_told_at_once() -> None:
    house = SmallHouse()
    await house.say("an", "đã xem")
    async with following(house, "an") as events:
        await house.say("an", "Còn 14 ngày đến hạn.")
        assert await asyncio.wait_for(anext(events), 2) == "news 0"


@in_loop
async def test_waking_is_told_even_of_a_line_that_is_late() -> None:
    house = SmallHouse()
    async with following(house, "an") as events:
        await house.say("an", "hai")
        assert await anext(events) == "news 0"
        await house.web.send(Outgoing("an", Part("một, said earlier and seen later")))
        assert await asyncio.wait_for(anext(events), 2) == "news 0"


@in_loop
async def test_one_stream_follows_several_chats() -> None:
    house = SmallHouse()
    async with following(house, "an", "binh", "dung") as events:
        await house.say("dung", "tổng hợp")
        assert await anext(events) == "news 2"
        await house.say("khác", "không liên quan")
        await house.say("an", "tiếp")
        assert await anext(events) == "news 0"


@in_loop
async def test_what_another_process_sends_is_found_without_being_woken() -> None:
    house = SmallHouse()
    async with following(house, "an") as events:
        house.add("an", "bot", "Còn 14 ngày đến hạn.")  # no send() in this process
        assert await asyncio.wait_for(anext(events), news.LAST_LOOK + 1) == "news 0"


@in_loop
async def test_silence_is_broken_by_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "BEAT", 0.2)
    async with following(SmallHouse(), "an") as events:
        assert await anext(events) == "beat"


@in_loop
async def test_too_many_windows_on_one_chat_displace_the_oldest() -> None:
    house = SmallHouse()
    async with following(house, "an") as events, asyncio.TaskGroup() as windows:
        ended = windows.create_task(anext(events))
        watch = house.web._watch
        with watch.over(["an"]), watch.over(["an"]), watch.over(["an"]):
            assert not ended.done()
            with watch.over(["an"]):
                assert await asyncio.wait_for(ended, 2) == "rest"


@in_loop
async def test_a_stream_needs_good_links_and_not_too_many() -> None:
    house = SmallHouse()
    good = token_of(house, "an")
    async with house.open() as address, httpx.AsyncClient(base_url=address) as browser:
        for tokens, status in (([], 400), ([good] * 9, 400), ([good, "forged"], 404)):
            assert (await browser.get("/c/news", params={"chat": tokens})).status_code == status


def test_nobody_watches_once_they_have_left() -> None:
    watch = Watch()
    with watch.over(["an", "binh"]), watch.over(["an"]):
        assert {chat: len(watchers) for chat, watchers in watch._watchers.items()} == {"an": 2, "binh": 1}
    assert watch._watchers == {}
    assert MOST < 6


# Newcomers


@in_loop
async def test_a_newcomer_gets_a_chat_of_their_own() -> None:
    house = SmallHouse()
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        first, second = [await visitor.post("/start") for _ in range(2)]
        assert first.status_code == second.status_code == 303
        assert first.headers["Location"] != second.headers["Location"]
        assert (await visitor.get(first.headers["Location"])).status_code == 200
        await visitor.post(first.headers["Location"] + "/said", json=ANY)
        assert (await visitor.get(second.headers["Location"] + "/lines")).json()["lines"] == []
    assert len(house.heard[0].chat) >= 20


@pytest.mark.parametrize(
    "code, fragment",
    [("KN-482913", "KN-482913"), ("", ""), ("a b", ""), ("x\r\nSet-Cookie: a=b", ""), ("<script>", ""), ("x" * 99, "")],
)
@in_loop
async def test_the_code_a_newcomer_came_with_goes_along(code: str, fragment: str) -> None:
    async with SmallHouse().open() as address, httpx.AsyncClient(base_url=address) as visitor:
        answer = await visitor.post("/start", data={"code": code})
    assert answer.headers["Location"].partition("#")[2] == fragment
    assert "set-cookie" not in answer.headers


@in_loop
async def test_chats_are_not_made_by_the_thousand() -> None:
    house = SmallHouse()
    async with house.open() as address, httpx.AsyncClient(base_url=address) as visitor:
        statuses = [(await visitor.post("/start")).status_code for _ in range(6)]
        assert statuses == [303] * 5 + [429]
        house.seconds += 60
        assert (await visitor.post("/start")).status_code == 303


@in_loop
async def test_behind_a_proxy_of_this_machine_each_client_counts_alone() -> None:
    async with SmallHouse().open() as address, httpx.AsyncClient(base_url=address) as proxy:
        for client in ("203.0.113.1", "203.0.113.2"):
            statuses = [(await proxy.post("/start", headers={"X-Forwarded-For": client})).status_code for _ in range(6)]
            assert statuses == [303] * 5 + [429]


def test_a_bucket_fills_again_and_only_to_its_brim() -> None:
    now = [0.0]
    buckets = bucket.Buckets(2, 10, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    assert buckets.take("b")
    now[0] = 9
    assert not buckets.take("a")
    now[0] = 10
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    now[0] = 1000
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]


def test_buckets_do_not_fill_the_memory() -> None:
    buckets = bucket.Buckets(1, 1, lambda: 0.0)
    for number in range(bucket.KEPT + 10):
        buckets.take(str(number))
    assert len(buckets._levels) == bucket.KEPT


@pytest.mark.parametrize(
    "host, one",
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_address_is_one_client(host: str, one: str) -> None:
    assert bucket.address(host) == one


# The channel


@in_loop
async def test_the_web_listens_until_it_is_told_to_stop() -> None:
    house = SmallHouse()
    listening = asyncio.create_task(house.web.listen(house.hear))
    await asyncio.sleep(0)
    assert not listening.done()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await house.web.close()


@in_loop
async def test_hearing_is_felt_in_the_pulse() -> None:
    house = SmallHouse()
    house.seconds = 42.0
    async with page_of(house) as browser:
        assert house.web.pulse.last is None
        await browser.post("/said", json=ANY)
    assert house.web.pulse.last == 42.0


def test_a_personal_link_lasts_the_year_it_is_given_for() -> None:
    house = SmallHouse()
    token = token_of(house, "an")
    later = [links.open(SECRET, "chat", token, MORNING + timedelta(days=days)) for days in (366, 401)]
    assert later == ["an", None]


@in_loop
async def test_sending_to_somebody_who_is_not_there_succeeds() -> None:
    """What is sent is in the history already: they will read it when they come."""
    house = SmallHouse()
    assert await house.web.send(Outgoing("an", Part("Còn 14 ngày đến hạn.")))
