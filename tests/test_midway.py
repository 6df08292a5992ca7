"""The rehearsal that begins in the middle of a campaign: everything an office knows by then is there, and real."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import overview, results
from bot.clock import MovableClock
from bot.demo import MORNING, Rehearsal
from bot.house import House
from bot.words import Words
from catalogue.calendar import Calendar
from storage import audit, db, schema
from tests.stage import CATALOGUES, TRAITS, Far
from tests.test_results import cells


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder: Path = tmp_path_factory.mktemp("midway")
    clock = MovableClock(lambda: MORNING, MORNING)
    engine = db.connect(f"sqlite:///{folder}/demo.db")
    house = House(engine, CATALOGUES, Calendar(), clock, {"vi": Words()}, [Far("web", TRAITS["web"])])
    made = Rehearsal(house, clock, midway=True)
    made.prepare()
    asyncio.run(made.catch_up())
    yield made
    house.writer.close()
    engine.dispose()


def rows(rehearsal: Rehearsal, table: Any) -> list[Any]:
    with rehearsal.house.engine.begin() as tx:
        return list(tx.execute(table.select()))


def test_it_is_two_days_after_the_deadline_of_the_units(rehearsal: Rehearsal) -> None:
    assert f"{rehearsal.clock():%d/%m/%Y %H:%M}" == "05/12/2024 09:15"
    assert {row.outcome for row in rows(rehearsal, schema.inbox)} == {"answered"}
    assert len(rows(rehearsal, schema.slot)) > 10


def test_the_office_has_late_ones_shortfalls_returns_and_a_notice(rehearsal: Rehearsal) -> None:
    with rehearsal.house.engine.begin() as tx:
        (seen,) = overview.views(tx, CATALOGUES, rehearsal.clock())
        counts = seen.counts
        assert min(int(str(counts[kind])) for kind in ("complete", "partial", "silent", "nobody")) > 0
        assert any(short.explained for _, short in seen.short) and len(seen.short) > 10 and seen.waiting
        assert seen.late > 10 and any(map(seen.broken, seen.promises)) and not all(map(seen.broken, seen.promises))
        assert not seen.standings["HKL-DV"].reported and 3 < len(seen.standings["CCKL"].reported) < 19
        assert audit.first_broken(tx) is None
    stages = Counter(row.state for row in rows(rehearsal, schema.cell))
    assert stages["accepted"] > 20 and stages["returned"] > 2 and stages["waiting"] > 20
    received = rows(rehearsal, schema.recipient)
    assert 0 < sum(bool(row.acknowledged) for row in received) < len(received)


def test_every_figure_was_typed_by_somebody(rehearsal: Rehearsal) -> None:
    typed = {row.said["text"] for row in rows(rehearsal, schema.inbox)}
    assert {row.verbatim for row in rows(rehearsal, schema.report)} <= typed


def test_every_message_was_understood(rehearsal: Rehearsal) -> None:
    far = rehearsal.house.channels[0]
    assert isinstance(far, Far)
    assert [m.part.text for m in far.sent if "Chưa hiểu" in m.part.text or "Chưa đọc được" in m.part.text] == []


def test_its_book_of_changes_gives_the_same_table(rehearsal: Rehearsal) -> None:
    with rehearsal.house.engine.begin() as tx:
        here, there = (results.gather(tx, CATALOGUES, 1, rehearsal.clock(), from_audit=way) for way in (False, True))
    for sheet in (0, 1):
        assert cells(here.table(Words()), sheet) == cells(there.table(Words()), sheet)
