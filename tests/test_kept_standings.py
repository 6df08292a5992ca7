"""Where all units stand is put together from what is kept since the last look: never from what has changed since."""

from datetime import date

import pytest
from sqlalchemy import event

from catalogue.model import Answer
from jobs import timetable
from storage import board, campaigns, reports, schema, units
from tests.house import BOOK, World, at

ONE, TWO = "CCKL", "HKL-DV"
SHORT, MET, LATER = Answer.fraction(45, 60), Answer.fraction(58, 60), Answer("no_data_yet")


def all_and_each(tx, campaign):
    row, names = campaigns.at(tx, campaign), units.names(tx)
    every = board.standings(tx, row, BOOK, names)
    return every, board.standings(tx, row, BOOK, names, list(every))


def stand(tx, house, place=ONE):
    """Of all units and, not kept at all, of each: the same."""
    every, each = all_and_each(tx, house.campaign)
    assert {id: parts(one) for id, one in every.items()} == {id: parts(one) for id, one in each.items()}
    return every[place]


def parts(one):
    """As order does not count where the rows come from."""
    kept = (one.unit_name, sorted(one.indicators), one.reported, one.explained, one.deadline, one.pending)
    return *kept, one.measures, one.owed, one.gaps


@pytest.fixture
def an(house: World) -> int:
    house.do(stand, house)
    return house.seat("an", "focal", ONE)


def test_whatever_changes_is_seen_at_the_next_look(house: World, an: int) -> None:
    where = {"campaign": house.campaign, "unit": ONE, "measure": "M01", "person": an}
    said = where | {"channel": "far"}
    rows = [row.code for row in BOOK.judging["M01"]]
    person, unit, now, later = schema.person, schema.unit, house.now, at("2024-12-20 00:00").date()
    deeds = {
        "reported": lambda tx: reports.add(tx, said, SHORT, now.date(), "", now),
        "explained": lambda tx: reports.explain(tx, where, "do đường truyền", now),
        "explained otherwise": lambda tx: reports.explain(tx, where, "do thiếu người", now),
        "cases told": lambda tx: reports.tell_pending(tx, where, 3, now),
        "accepted": lambda tx: reports.appraise(tx, newest(tx), reports.ACCEPTED, an, now),
        "judged": lambda tx: reports.appraise(tx, again(tx), reports.ACCEPTED, an, now, outcome="met"),
        "returned": lambda tx: reports.appraise(tx, newest(tx), reports.RETURNED, an, now, "rà soát"),
        "entered on its behalf": lambda tx: reports.add(tx, said, SHORT, now.date(), "", now, on_behalf=True),
        "affirmed": lambda tx: reports.affirm(tx, newest(tx), an, now),
        "contested": lambda tx: reports.contest(tx, newest(tx), an, now, "số cũ"),
        "more time": lambda tx: campaigns.extend(tx, house.campaign, ONE, later, "", an, now),
        "renamed": lambda tx: tx.execute(unit.update().where(unit.c.id == ONE).values(name="Hạt mới")),
        "exempt": lambda tx: campaigns.exempt(tx, house.campaign, ONE, rows, "không thuộc phạm vi"),
        "owed again": lambda tx: campaigns.oblige(tx, house.campaign, ONE, rows, ""),
        "deadline moved": lambda tx: campaigns.set_deadlines(tx, house.campaign, date(2024, 12, 30), later),
        "another name": lambda tx: tx.execute(person.update().where(person.c.id == an).values(name="Bình")),
        "reported again": lambda tx: reports.add(tx, said, MET, now.date(), "", now),
    }
    seen = [parts(house.do(stand, house))]
    for deed in deeds.values():
        house.do(deed)
        seen.append(parts(house.do(stand, house)))
    assert [name for name, before, after in zip(deeds, seen, seen[1:], strict=False) if before == after] == []


def again(tx):
    """The newest report, as if nobody had decided of it."""
    tx.execute(schema.cell.update().values(state=reports.WAITING))
    return newest(tx)


def newest(tx):
    return max(tx.execute(schema.report.select()).all()).id


def test_what_was_taken_back_leaves_no_trace_even_if_the_next_has_its_number(house: World, an: int) -> None:
    def add(tx, answer):
        where = {"campaign": house.campaign, "unit": ONE, "measure": "M01", "person": an, "channel": "far"}
        return reports.add(tx, where, answer, house.now.date(), "", house.now), stand(tx, house).owed

    with house.engine.connect() as tx, tx.begin() as trial:
        first, owed = add(tx, MET)
        trial.rollback()
    assert "M01" not in owed and "M01" in house.do(stand, house).owed
    again, owed = house.do(add, LATER)
    assert "M01" in owed
    if house.engine.dialect.name == "sqlite":
        assert again == first


def test_units_that_are_untouched_are_not_put_together_again(house: World, an: int) -> None:
    before, untouched = house.do(stand, house), house.do(stand, house, TWO)
    house.report(ONE, "M01", MET, an)
    assert house.do(stand, house, TWO) is untouched
    assert house.do(stand, house) is not before


def test_a_knock_that_finds_nothing_new_asks_as_little_of_a_large_office_as_of_a_small_one(house: World) -> None:
    asked: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def quiet() -> int:
        house.knock("2024-12-03 09:00")
        house.knock("2024-12-03 11:00")
        asked.clear()
        house.knock("2024-12-04 10:00")
        return len(asked)

    house.report(ONE, "M01", SHORT, house.seat("an", "focal", ONE))
    few = quiet()
    for number, unit in enumerate(house.do(units.office).units):
        house.seat(f"many {number}", "focal", unit.id)
    assert quiet() == few
    assert house.do(lambda tx: timetable.knock(tx, house.house.catalogues, house.calendar, house.now)) == 0
