"""A run that did not happen is noticed: by TCCB, by whoever looks, and by a watcher outside."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from bot.house import OVERDUE
from bot.ping import ping
from jobs import heartbeat, timetable
from storage import campaigns, runs, schema, units
from tests.house import BOOK, World, at, run


@pytest.fixture
def desk(house: World) -> World:
    house.seat("hanh", "tccb", "TCCB")
    house.seat("my", "focal", "HKL-DV")
    house.knock("2024-12-02 17:00")
    return house


def missed(house: World, kind: str = "ladder.missed") -> list[list[str]]:
    says = [row.say[0] for row in house.rows(schema.outbox) if row.say[0]["kind"] == kind]
    return [[item["facts"]["step"] for item in say["facts"]["items"]] for say in says]


def test_what_was_slept_through_and_is_stale_is_told_once(desk: World) -> None:
    desk.knock("2024-12-09 09:00")  # T-7 of the 3rd, T-3 of the 6th
    desk.knock("2024-12-09 09:05")
    assert missed(desk) == [["T-7", "T-3"]]  # nobody is the head of a silent unit
    desk.deliver()
    assert any("T-7, lẽ ra lúc 08:30 ngày 03/12/2024" in text for text in desk.far.texts("hanh"))


def test_what_can_still_be_sent_was_not_missed_and_is_told_when_it_is_much_too_late(desk: World) -> None:
    desk.knock("2024-12-04 09:00")
    assert missed(desk) == []
    assert missed(desk, "ladder.late") == [["T-7"]]
    desk.deliver()
    assert any("gửi chậm hơn lịch:\n- T-7, lẽ ra lúc 08:30 ngày 03/12/2024" in text for text in desk.far.texts("hanh"))


def test_within_the_hour_it_is_not_late_and_where_nothing_is_owed_nothing_is_told(desk: World, house: World) -> None:
    desk.knock("2024-12-03 09:29")
    assert missed(desk, "ladder.late") == []
    every = desk.do(units.names)
    desk.do(lambda tx: [campaigns.exempt(tx, desk.campaign, id, list(BOOK.by_code), "thử") for id in every])
    desk.knock("2024-12-09 12:00")
    assert (missed(desk), missed(desk, "ladder.late")) == ([], [])


def test_a_step_that_gave_way_to_the_next_is_lost_although_it_is_not_stale(desk: World) -> None:
    desk.knock("2024-12-09 07:31")  # T-1 comes within the hour; T-7 and T-3 are over
    assert missed(desk) == [["T-7", "T-3"]]


def test_the_first_knock_of_all_has_missed_nothing(house: World) -> None:
    house.seat("hanh", "tccb", "TCCB")
    house.knock("2024-12-09 09:00")
    assert missed(house) == []


def test_the_beat_is_written_at_most_each_minute_and_follows_a_clock_put_back(desk: World) -> None:
    for moment, beat in (("17:00:59", "17:00"), ("17:01:00", "17:01"), ("09:00", "09:00")):
        desk.knock(f"2024-12-02 {moment}")
        assert desk.do(heartbeat.last) == at(f"2024-12-02 {beat}")


class Watcher(BaseHTTPRequestHandler):
    status, asked = 200, list[str]()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *given: object) -> None: ...


@pytest.fixture
def watcher() -> Iterator[HTTPServer]:
    Watcher.status, Watcher.asked = 200, []
    with HTTPServer(("127.0.0.1", 0), Watcher) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_watcher_hears_of_each_round_and_its_trouble_is_only_logged(watcher: HTTPServer, caplog) -> None:
    url = f"http://127.0.0.1:{watcher.server_port}/secret-token"
    assert asyncio.run(ping(url)) and Watcher.asked == ["/secret-token"]
    Watcher.status = 500
    assert not asyncio.run(ping(url))
    assert not asyncio.run(ping("http://127.0.0.1:9/secret-token"))
    assert "500" in caplog.text and "secret-token" not in caplog.text


def test_a_timetable_that_has_stopped_is_noticed_and_another_hand_knocks(house: World, monkeypatch, caplog) -> None:
    idle = BackgroundScheduler()
    monkeypatch.setattr(timetable, "start", lambda knocking: idle.start(paused=True) or idle)
    house.seat("hanh", "tccb", "TCCB")
    house.go("2024-12-03 09:00")
    closing = asyncio.Event()

    async def live() -> None:
        living = asyncio.create_task(house.house.live(closing))
        while "has not knocked" not in caplog.text:
            await asyncio.sleep(1)
        while house.house.rounds["timetable"] < OVERDUE:
            await asyncio.sleep(1)
        closing.set()
        await living

    run(live())
    assert [row.rounds for row in house.do(runs.newest, 5, "remind")] == [2]  # the first, and the one for the other


def test_a_knock_that_comes_as_the_house_closes_is_no_fault(house: World, caplog) -> None:
    house.house.writer.close()
    run(house.house._knocked())
    assert not caplog.records


def test_a_round_of_the_timetable_ends_with_a_ping(house: World, watcher: HTTPServer) -> None:
    house.house.ping_url = f"http://127.0.0.1:{watcher.server_port}/alive"
    asyncio.run(house.house._knocked())
    assert Watcher.asked == ["/alive"]
