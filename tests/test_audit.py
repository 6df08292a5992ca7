"""The book of changes: whatever is done to it afterwards is found."""

from datetime import UTC, timedelta

import pytest

from storage import audit, schema, settings
from storage.audit import Who
from tests.house import World, at
from tests.test_storage import at_once

book = schema.audit


@pytest.fixture
def written(house: World) -> World:
    """Four rows by two people and by nobody."""
    an, my = house.seat("an", "focal", "CCKL"), house.seat("my", "focal", "NTM")
    for number, who in enumerate((an, my, None, an), start=1):
        was = None if number == 1 else f"{number}/60"
        note(house, Who(who, "far"), number, was=was, became=f"{number + 1}/60", verbatim=f"số {number}")
    return house


def note(house: World, who: Who, number: int, **more: object) -> None:
    house.do(audit.note, who, "report", f"1/CCKL/M0{number}", house.now + timedelta(minutes=number), **more)


def change(house: World, id: int, /, **new: object) -> None:
    house.do(lambda tx: tx.execute(book.update().where(book.c.id == id).values(**new)))


def remove(house: World, id: int) -> None:
    house.do(lambda tx: tx.execute(book.delete().where(book.c.id == id)))


def broken(house: World) -> int | None:
    found = house.do(audit.first_broken)
    return found and found.id


def test_an_untouched_book_holds(written):
    assert broken(written) is None


def test_an_empty_book_holds(house):
    assert broken(house) is None


@pytest.mark.parametrize(
    "new",
    [
        {"now": "9/60"},
        {"was": "9/60"},
        {"verbatim": "số khác"},
        {"person": None},
        {"channel": "cli"},
        {"deed": "units"},
        {"subject": "1/CCKL/M09"},
        {"at": at("2024-11-26 09:02:00.000001")},
        {"link": "0" * 64},
    ],
    ids=lambda new: next(iter(new)),
)
def test_a_changed_value_is_found_whatever_it_is(written, new):
    change(written, 2, **new)
    assert broken(written) == 2


@pytest.mark.parametrize(("removed", "found"), [(1, 2), (2, 3), (3, 4), (4, 4)])
def test_a_removed_row_is_found_wherever_it_stood(written, removed, found):
    remove(written, removed)
    assert broken(written) == found


def test_rows_that_have_changed_places_are_found(written):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        change(written, old, id=new)
    assert broken(written) == 2


def test_a_row_put_in_between_is_found(written):
    change(written, 4, id=9)
    first = written.rows(book)[2]
    forged = {"at": first.at, "person": None, "channel": "far", "deed": "report", "subject": "1/NTM/M01"}
    link = audit.seal(first.link, {**forged, "was": None, "now": "1/1", "verbatim": None})
    written.do(lambda tx: tx.execute(book.insert().values(id=5, **forged, now="1/1", link=link)))
    assert broken(written) == 9


def test_a_book_emptied_altogether_is_found(written):
    written.do(lambda tx: tx.execute(book.delete()))
    assert broken(written) == 4


def test_a_forgotten_end_does_not_hide_a_change(written):
    written.do(settings.keep, audit.END, None)
    change(written, 3, deed="units")
    assert broken(written) == 3


def test_the_book_goes_on_where_it_was(written):
    note(written, Who(None, "cli"), 5, became={"catalogue": "2024-qd55", "year": 2024, "units": ("CCKL", "NTM")})
    assert broken(written) is None
    assert [row.id for row in written.rows(book)] == [1, 2, 3, 4, 5]


def test_the_hour_is_sealed_whatever_zone_it_was_told_in(written):
    who = Who(None, "cli")
    written.do(audit.note, who, "units", "office", written.now.astimezone(UTC) + timedelta(hours=1))
    assert broken(written) is None


def test_many_who_write_at_once_make_one_chain(house):
    def write():
        for number in range(5):
            note(house, Who(None, "cli"), number)

    at_once(*[write] * 4)
    assert len(house.rows(book)) == 20
    assert broken(house) is None


def test_what_is_taken_back_leaves_the_chain_whole(written):
    with pytest.raises(ZeroDivisionError), written.engine.begin() as tx:
        audit.note(tx, Who(None, "cli"), "units", "office", written.now)
        raise ZeroDivisionError
    note(written, Who(None, "cli"), 6)
    assert broken(written) is None
