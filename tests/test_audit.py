"""The book of changes: whatever is done to it afterwards is found."""

import hashlib
import json
from datetime import UTC, timedelta

import pytest

from storage import audit, schema, sealing, settings
from storage.audit import Who
from storage.sealing import Keys
from tests.house import World, at
from tests.test_storage import at_once

book = schema.audit


KEY, OTHER = Keys((b"k" * 40,)), Keys((b"o" * 40, b"k" * 40))


@pytest.fixture(params=["plain", "keyed"])
def written(request: pytest.FixtureRequest, house: World) -> World:
    """Four rows by two people and by nobody."""
    if request.param == "keyed":
        sealing.use(house.engine, KEY)
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


def sealed(row: dict, last: str) -> dict:
    """As whoever writes in the database, and has no key, would make it up."""
    row |= {"salt": "0" * 32, "sealed": sealing.PLAIN}
    row["digest"] = sealing.digest(row["salt"], row)
    return row | {"link": Keys().bind(sealing.PLAIN, last, sealing.body(row))}


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
    row = sealed(forged | {"was": None, "now": "1/1", "verbatim": None}, first.link)
    written.do(lambda tx: tx.execute(book.insert().values(id=5, **row)))
    assert broken(written) == (5 if first.sealed != sealing.PLAIN else 9)  # the key is not in the database


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


def why(house: World) -> str:
    return house.do(audit.first_broken).why


def test_it_is_said_what_a_row_shows(written):
    change(written, 3, now="9/60")
    assert why(written) == "content"
    change(written, 2, person=None)
    assert (broken(written), why(written)) == (2, "order")
    remove(written, 1)
    assert (broken(written), why(written)) == (2, "order")


def test_a_row_cut_off_at_the_end_is_called_that(written):
    remove(written, 4)
    assert why(written) == "cut"


def at_first(house: World, number: int, last: str) -> str:
    """A row as it was sealed before there were keys; returns its link."""
    row = {"at": house.now, "person": None, "channel": "far", "deed": "report", "subject": f"1/CCKL/M0{number}"}
    row |= {"was": None, "now": f"{number}/60", "verbatim": "số"}
    body = [row[name].isoformat() if name == "at" else row[name] for name in row]
    link = hashlib.sha256((last + json.dumps(body, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()
    house.do(lambda tx: tx.execute(book.insert().values(**row, link=link)))
    return link


@pytest.mark.parametrize("keys", [Keys(), KEY], ids=["plain", "keyed"])
def test_rows_of_the_first_form_hold_beside_newer_ones(house, keys):
    at_first(house, 2, at_first(house, 1, ""))
    sealing.use(house.engine, keys)
    note(house, Who(None, "cli"), 3)
    assert broken(house) is None
    change(house, 2, now="9/60")
    assert (broken(house), why(house)) == (2, "order")


def deeds(house: World) -> list[tuple[str, str]]:
    return [(row.deed, row.sealed) for row in house.rows(book)]


def test_another_key_is_a_row_of_its_own_under_the_old_one(house):
    old, new = KEY.newest, OTHER.newest
    note(house, Who(None, "cli"), 1)
    for number, keys in enumerate((KEY, OTHER), start=2):
        sealing.use(house.engine, keys)
        note(house, Who(None, "cli"), number)
    rekeyed = [("rekey", sealing.PLAIN), ("report", old), ("rekey", old), ("report", new)]
    assert deeds(house) == [("report", sealing.PLAIN), *rekeyed]
    assert [(row.was, row.now) for row in house.rows(book) if row.deed == "rekey"] == [
        (sealing.PLAIN, old),
        (old, new),
    ]
    assert broken(house) is None


def test_without_the_old_key_what_it_bound_cannot_be_held_against_it(house):
    sealing.use(house.engine, KEY)
    note(house, Who(None, "cli"), 1)
    assert house.do(audit.first_broken, Keys((b"o" * 40,))).why == "no key"


def test_who_throws_the_key_away_is_seen_for_good(house):
    sealing.use(house.engine, KEY)
    note(house, Who(None, "cli"), 1)
    sealing.use(house.engine, Keys())
    note(house, Who(None, "cli"), 2)
    assert deeds(house) == [("report", KEY.newest), ("rekey", sealing.PLAIN), ("report", sealing.PLAIN)]
    sealing.use(house.engine, KEY)
    assert (broken(house), why(house)) == (2, "key")


def test_who_has_no_key_cannot_bind_the_rest_anew(written):
    """A figure changed, and every row after it made to follow from it, as anybody can without a key."""
    if written.rows(book)[0].sealed == sealing.PLAIN:
        return
    change(written, 2, now="9/60")
    last = written.rows(book)[0].link
    for row in written.rows(book)[1:]:
        anew = sealed({name: row._mapping[name] for name in sealing.BOUND_AT_FIRST}, last)
        change(written, row.id, **anew)
        last = anew["link"]
    assert (broken(written), why(written)) == (2, "key")


def test_the_head_kept_elsewhere_tells_a_book_that_was_cut(written):
    kept = written.do(audit.head)
    assert written.do(audit.still_has, kept.id, kept.link)
    assert written.do(audit.still_has, *_halves(kept.short))
    note(written, Who(None, "cli"), 5)
    assert written.do(audit.still_has, kept.id, kept.link)
    for id in (5, 4):
        remove(written, id)
    three = written.do(audit.head)
    end = {"id": three.id, "at": three.at.isoformat(), "deed": "report", "link": three.link}
    written.do(settings.keep, audit.END, end)
    assert broken(written) is None
    assert not written.do(audit.still_has, kept.id, kept.link)


def _halves(short: str) -> tuple[int, str]:
    id, _, link = short.partition("-")
    return int(id), link


def test_the_keys_are_no_words_of_anybody_s():
    assert "k" * 8 not in repr(KEY) and KEY.newest != OTHER.newest
