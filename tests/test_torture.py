"""The short form of `make torture`: every channel at once, killed a few times while people write."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.torture.ordeal import endure

PEOPLE = 4  # at each side


def test_what_was_kept_is_answered_once_over_every_channel(tmp_path: Path, database_url: str, engine: Engine) -> None:
    found = endure(tmp_path, database_url, engine, updates=24, kills=2, seed="1", people=PEOPLE)
    numbers = {what: account.number for what, account in found.accounts.items()}
    assert (found.kills, found.holds) == (2, True), found
    assert {what: numbers[what] for what in ("zalo_bot", "zalo_oa", "web")} == {"zalo_bot": 24, "zalo_oa": 6, "web": 24}
    assert numbers["reminders"] == 4 * PEOPLE - 1 and numbers["notices"] >= 4 * PEOPLE - 1


def test_what_is_brought_by_a_webhook_is_lost_by_nobody(tmp_path: Path, database_url: str, engine: Engine) -> None:
    called = ("telegram_calls", "zalo_bot_calls")
    found = endure(tmp_path, database_url, engine, updates=8, kills=1, seed="1", only=called, people=PEOPLE)
    assert found.holds and not any(account.may_lose for account in found.accounts.values()), found


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_any_of_four_processes_may_be_killed(tmp_path: Path, database_url: str, engine: Engine) -> None:
    found = endure(
        tmp_path, database_url, engine, 8, kills=3, seed="1", only=("telegram", "web"), processes=4, people=PEOPLE
    )
    assert found.kills >= 3 and found.holds, found
