"""The short form of `make torture`: every channel at once, killed a few times while people write."""

from pathlib import Path

from sqlalchemy import Engine

from tests.torture.ordeal import endure


def test_what_was_kept_is_answered_once_over_every_channel(tmp_path: Path, database_url: str, engine: Engine) -> None:
    kills = 2
    found = {one.channel: one for one in endure(tmp_path, database_url, engine, updates=24, kills=kills, seed="1")}
    updates = {name: one.updates for name, one in found.items()}
    assert updates == {"telegram": 24, "zalo_bot": 24, "zalo_oa": 6, "web": 24}
    assert {one.channel for one in found.values() if one.lost} <= {"zalo_bot"}
    assert found["zalo_bot"].lost <= kills


def test_what_is_brought_by_a_webhook_is_lost_by_nobody(tmp_path: Path, database_url: str, engine: Engine) -> None:
    called = ("telegram_calls", "zalo_bot_calls")
    found = endure(tmp_path, database_url, engine, updates=8, kills=1, seed="1", only=called)
    assert [(one.channel, one.updates, one.lost) for one in found] == [("telegram", 8, 0), ("zalo_bot", 8, 0)]
