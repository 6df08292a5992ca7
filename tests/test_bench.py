"""That each measure still runs, in small: what it says of time is asserted nowhere."""

import threading

import pytest
from sqlalchemy import Engine

from bench import envelopes, growth, intake


def each_is_settled_once(kind: type[envelopes.Box], url: str) -> None:
    _, up = envelopes.worker(kind, url, threading.Barrier(1), 120)
    box = kind(url)
    assert (len(set(up.took)), len(up.took), box.left()) == (120, 120, 0)
    box.close()


def test_our_envelopes_are_settled_once(database_url: str) -> None:
    each_is_settled_once(envelopes.Ours, database_url)


def test_those_of_the_plain_loop_are_settled_once(empty: Engine) -> None:
    each_is_settled_once(envelopes.Plain, empty.url.render_as_string(hide_password=False))


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_everybody_is_answered_once_over_a_channel_that_is_polled_and_over_the_page(channel: str) -> None:
    run = intake.measured(channel, people=2, seconds=0.1, quiet=0.2)
    assert (run.once, len(run.waited)) == (2, 2)


def test_growth_is_measured_of_all_that_grows() -> None:
    found = growth.measured(60)
    assert len(found) == 10
    assert all(milliseconds > 0 for milliseconds in found.values())
