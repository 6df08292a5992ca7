"""How the work grows with the office: `python -m bench.growth`. Processor time, on SQLite in memory of this machine.

For 100, 1,000 and 10,000 people, each of whom reports for a unit: what the timetable does, putting a notice down for
all, taking an envelope in hand and settling it while so many wait, one turn of a talk, what TCCB asks in chat and sees
on the board's first page, and a watcher's look at a long history. The slope is that of time over people from the
smallest to the largest, on logarithms: 0 is no growth, 1 is in proportion.
"""

import argparse
import asyncio
import itertools
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from bench.board import fetched, visiting
from bot import desk
from bot.channels.channel import Incoming
from bot.dialogue.deeds import Aim
from bot.dialogue.turn import Said
from bot.house import House
from bot.words import Words
from catalogue import load
from catalogue.calendar import HANOI, Calendar
from catalogue.model import Answer
from catalogue.office import Office, Unit
from jobs import notices as followed
from jobs import timetable
from storage import campaigns, db, notices, outbox, people, reports, schema, units

BOOKS = load.all()
BOOK = BOOKS["2024-qd55"]
QUIET = datetime(2024, 11, 19, 9, tzinfo=HANOI)
FIRST_STEP = datetime(2024, 11, 26, 9, tzinfo=HANOI)
LONG_AGO = datetime(2024, 1, 2, 9, tzinfo=HANOI)
LEASE = timedelta(minutes=2)
TAKEN = 50  # envelopes taken in hand and settled, and people who say something, one by one
LOOKS = 5  # at the board
HAD = 50  # envelopes that everybody has got before
TCCB = "hanh"  # her chat
OWED = "M08"  # what each station owes


def office(count: int) -> Office:
    """One branch, and so many stations below it."""
    stations = [Unit(f"HKL-{n}", f"Hạt Kiểm lâm số {n}", "don_vi_truc_thuoc_chi_cuc", "CCKL") for n in range(count)]
    return Office(
        [Unit("TCCB", "Phòng Tổ chức cán bộ", "phong"), Unit("CCKL", "Chi cục Kiểm lâm", "chi_cuc"), *stations]
    )


def settled(engine: Engine, chats: Sequence[str], channel: str = "telegram", account: str = "1") -> None:
    """A station for each chat, with a person who reports for it, in a campaign that is open."""
    wanted = office(len(chats))
    with engine.begin() as tx:
        units.apply(tx, wanted, QUIET.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), QUIET)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, wanted)
        for number, chat in enumerate(chats):
            whom = people.join(tx, f"Người {number}", f"HKL-{number}", "focal", QUIET)
            people.link(tx, people.address_of(tx, channel, account, chat, QUIET), whom)
        hanh = people.join(tx, "Hạnh", "TCCB", "tccb", QUIET)
        people.link(tx, people.address_of(tx, channel, account, TCCB, QUIET), hanh)


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    begin = time.process_time()
    work()
    return 1000 * (time.process_time() - begin)


def measured(count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        engine = db.connect(f"sqlite:///{folder}/house.db")
        db.upgrade(engine)
        settled(engine, [f"{number}" for number in range(count)])
        found = by_itself(engine, count) | asked(engine, count)
        found |= asyncio.run(looked_at(engine)) | figures(engine, count)
        engine.dispose()
    return found


def by_itself(engine: Engine, count: int) -> dict[str, float]:
    """The timetable and the way out."""

    def knock(now: datetime) -> None:
        with engine.begin() as tx:
            timetable.knock(tx, BOOKS, Calendar(), now)

    def put_down() -> None:
        with engine.begin() as tx:
            found = followed.aimed(tx, "all", (), BOOKS, QUIET.date())
            row = notices.add(tx, "Họp", "8 giờ", asdict(Aim("all")), count + 1, QUIET)
            followed.dispatch(tx, row, found, QUIET)

    def take() -> None:
        for _ in range(TAKEN):
            with engine.begin() as tx:
                (row,) = outbox.claim(tx, "telegram", "1", QUIET, LEASE, outbox.BULK, 1)
                outbox.settle(tx, row.id, row.tries + 1, QUIET, "sent")

    knock(QUIET)  # what is made once
    found = {"a round, nothing due": spent(lambda: knock(QUIET + timedelta(minutes=2)))}
    found["a notice put down"] = spent(put_down)
    found["an envelope taken and settled"] = spent(take) / TAKEN
    found["a round, all reminded"] = spent(lambda: knock(FIRST_STEP))
    return found


def asked(engine: Engine, count: int) -> dict[str, float]:
    """What somebody types, from the message's being kept to its reply's being put down."""
    keys = itertools.count()

    def says(chat: str, text: str) -> None:
        with engine.begin() as tx:
            desk.keep(tx, Incoming("telegram", "1", chat, f"{next(keys)}", Said(text)), FIRST_STEP)
            assert desk.answer_next(tx, BOOKS, FIRST_STEP) == 1

    def each(text: str) -> None:
        for number in range(TAKEN):
            says(f"{number}", text)

    says(TCCB, "thiếu")  # what is made once
    found = {"a turn: a unit begins to report": spent(lambda: each("báo cáo")) / TAKEN}
    found["who owes, asked by TCCB"] = spent(lambda: says(TCCB, "thiếu"))
    with engine.begin() as tx:
        for number in range(count):
            at = {"campaign": 1, "unit": f"HKL-{number}", "measure": OWED, "person": 1, "channel": "telegram"}
            reports.add(tx, at, Answer.fraction(45, 60), QUIET.date(), "45/60", FIRST_STEP)
    says(TCCB, "chờ thẩm định")
    found["what waits for appraisal, asked by TCCB"] = spent(lambda: says(TCCB, "chờ thẩm định"))
    return found


async def looked_at(engine: Engine) -> dict[str, float]:
    """The board, when all of its units are known already."""
    house = House(engine, BOOKS, Calendar(), lambda: FIRST_STEP, {"vi": Words()})
    async with visiting(house, "TCCB") as (visitor, _):
        await fetched(visitor, "/bang")
        begin = time.process_time()
        for _ in range(LOOKS):
            await fetched(visitor, "/bang")
        took = 1000 * (time.process_time() - begin) / LOOKS
    house.writer.close()
    return {"the board's first page": took}


def figures(engine: Engine, count: int) -> dict[str, float]:
    """What a watcher asks, when everybody has got so much before."""
    envelope = {"channel": "telegram", "account": "1", "priority": 0, "say": [], "parts_sent": 1, "tries": 1}
    old = {**envelope, "made": LONG_AGO, "due": LONG_AGO, "settled": LONG_AGO, "outcome": "sent"}
    with engine.begin() as tx:
        for number in range(count):
            tx.execute(schema.outbox.insert(), [{**old, "address": number + 1}] * HAD)

    def look() -> None:
        with db.reading(engine) as tx:
            outbox.states(tx, FIRST_STEP)
            outbox.troubles(tx, FIRST_STEP)
            outbox.oldest(tx, FIRST_STEP)

    look()
    found = {f"a watcher's look at the way out, {HAD} envelopes each before": spent(look)}
    with engine.begin() as tx:
        tx.execute(text("DROP INDEX ix_outbox_settled"))
    look()
    return found | {"the same without the index of what is settled": spent(look)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, nargs="+", default=[100, 1_000, 10_000])
    sizes = asked.parse_args().people
    found = {size: measured(size) for size in sizes}
    print(f"{'ms':<64}" + "".join(f"{size:>12,}" for size in sizes) + f"{'slope':>8}")
    for name in found[sizes[0]]:
        row = [found[size][name] for size in sizes]
        slope = math.log(row[-1] / row[0]) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0.0
        print(f"{name:<64}" + "".join(f"{value:>12.2f}" for value in row) + f"{slope:>8.2f}")


if __name__ == "__main__":
    main()
