"""How long the full table takes for a large office: `python -m bench.papers [--units 10000]`.

Every unit owes all 26 indicators and has reported all 20 measures, drawn with a fixed seed. Measured is processor time
in one process: the whole way from the database to the bytes of the xlsx, beside the same rows written by a bare loop of
openpyxl (write-only, no styles, no formula defused), and beside the plain SQL query that fetches what was reported.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar

from openpyxl import Workbook, load_workbook
from sqlalchemy import Connection, select

from bot import results
from bot.words import Words
from catalogue import load
from catalogue.calendar import HANOI
from catalogue.model import Answer, Catalogue
from catalogue.office import Office, Unit
from storage import campaigns, db, people, reports, schema, units

UNITS, SEED, BATCH = 10_000, 20241210, 2_000
NOW = datetime(2024, 11, 25, 9, tzinfo=HANOI)
T = TypeVar("T")


def office(count: int) -> Office:
    return Office(Unit(f"U{n}", f"Đơn vị số {n}", "chi_cuc", "", (), "") for n in range(count))


def furnish(tx: Connection, catalogue: Catalogue, count: int) -> int:
    """A campaign in which everybody owes everything and has reported it."""
    units.apply(tx, office(count), NOW.date())
    campaign = campaigns.open(tx, catalogue.id, 2024, catalogue.plan(2024), NOW)
    assert campaign
    person, chance = people.join(tx, "An", "U0", "focal", NOW), random.Random(SEED)
    number = 0
    for first in range(0, count, BATCH):
        names = [f"U{n}" for n in range(first, min(first + BATCH, count))]
        owed = [{"campaign": campaign, "unit": unit, "indicator": leaf.code, "origin": "appendix"}
                for unit in names for leaf in catalogue.leaves]  # fmt: skip
        tx.execute(schema.assignment.insert(), owed)
        told = []
        for unit in names:
            for measure in catalogue.measures:
                number += 1
                total = chance.randint(2, 3000)
                answer = Answer.fraction(chance.randint(total // 2, total), total)
                row = {"id": number, "campaign": campaign, "unit": unit, "measure": measure, **reports.as_row(answer)}
                told.append(
                    {**row, "as_of": NOW.date(), "person": person, "channel": "web", "verbatim": "", "given": NOW}
                )
        tx.execute(schema.report.insert(), told)
        cells = [{"campaign": campaign, "unit": row["unit"], "measure": row["measure"], "report": row["id"],
                  "state": reports.WAITING} for row in told]  # fmt: skip
        tx.execute(schema.cell.insert(), cells)
    return campaign


def plain_query(tx: Connection, campaign: int) -> list[Any]:
    report, cell, unit = schema.report, schema.cell, schema.unit
    columns = (unit.c.name, report.c.measure, report.c.kind, report.c.numerator, report.c.denominator, cell.c.state)
    joined = cell.join(report, report.c.id == cell.c.report).join(unit, unit.c.id == cell.c.unit)
    return list(tx.execute(select(*columns).select_from(joined).where(cell.c.campaign == campaign)))


def bare(pages: Iterable[list[list[Any]]]) -> bytes:
    book, out = Workbook(write_only=True), BytesIO()
    for rows in pages:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def read_again(content: bytes) -> Iterator[list[list[Any]]]:
    book = load_workbook(BytesIO(content), read_only=True)
    for sheet in book.worksheets:
        yield [[cell.value for cell in row] for row in sheet.iter_rows()]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    begin = time.process_time()
    made = work()
    return time.process_time() - begin, made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=UNITS)
    count = parser.parse_args().units
    catalogues, words = load.all(), Words()
    with tempfile.TemporaryDirectory() as folder:
        engine = db.connect(f"sqlite:///{folder}/office.db")
        db.upgrade(engine)
        with engine.begin() as tx:
            campaign = furnish(tx, catalogues["2024-qd55"], count)
        with db.reading(engine) as tx:
            query, _ = timed(lambda: plain_query(tx, campaign))
            gathering, gathered = timed(lambda: results.gather(tx, catalogues, campaign, NOW))
        engine.dispose()
        writing, content = timed(lambda: gathered.table(words))
    pages = list(read_again(content))
    loop, _ = timed(lambda: bare(pages))
    cells = sum(len(row) for rows in pages for row in rows)
    ours = gathering + writing
    print(f"{count:,} units × 26 indicators, {cells:,} cells, {len(content) / 2**20:.1f} MiB\n")
    print("| what | seconds | beside the bare loop | beside the query |")
    print("| --- | ---: | ---: | ---: |")
    for name, spent in (
        ("full table, database to xlsx", ours),
        ("  of it: gathering where everybody stands", gathering),
        ("  of it: judging, wording, writing", writing),
        ("the same cells by a bare loop of openpyxl", loop),
        ("plain SQL query of all reports", query),
    ):
        print(f"| {name} | {spent:.1f} | {spent / loop:.2f} | {spent / query:.1f} |")


if __name__ == "__main__":
    main()
