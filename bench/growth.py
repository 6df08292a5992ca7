"""How the work grows with the office: `python -m bench.growth`. Processor time, on SQLite in memory of this machine.

For 100, 1,000 and 10,000 people: putting a notice down for all of them, taking an envelope in hand and settling it
while so many wait, a round of the timetable in which nothing is due, and one in which everybody is to be reminded. The
slope is that of time over people from the smallest to the largest, on logarithms: 0 is no growth, 1 is in proportion.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot.dialogue.deeds import Aim
from catalogue import load
from catalogue.calendar import HANOI, Calendar
from catalogue.office import Office, Unit
from jobs import notices as followed
from jobs import timetable
from storage import campaigns, db, notices, outbox, people, units

BOOK = load.all()["2024-qd55"]
QUIET = datetime(2024, 11, 19, 9, tzinfo=HANOI)
FIRST_STEP = datetime(2024, 11, 26, 9, tzinfo=HANOI)
LEASE = timedelta(minutes=2)
TAKEN = 50  # envelopes taken in hand and settled, one by one


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
        people.join(tx, "Hạnh", "TCCB", "tccb", QUIET)


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

        def knock(now: datetime) -> None:
            with engine.begin() as tx:
                timetable.knock(tx, {BOOK.id: BOOK}, Calendar(), now)

        def put_down() -> None:
            with engine.begin() as tx:
                found = followed.aimed(tx, "all", (), {BOOK.id: BOOK}, QUIET.date())
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
        engine.dispose()
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, nargs="+", default=[100, 1_000, 10_000])
    sizes = asked.parse_args().people
    found = {size: measured(size) for size in sizes}
    print(f"{'ms':<32}" + "".join(f"{size:>12,}" for size in sizes) + f"{'slope':>8}")
    for name in found[sizes[0]]:
        row = [found[size][name] for size in sizes]
        slope = math.log(row[-1] / row[0]) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0.0
        print(f"{name:<32}" + "".join(f"{value:>12.2f}" for value in row) + f"{slope:>8.2f}")


if __name__ == "__main__":
    main()
