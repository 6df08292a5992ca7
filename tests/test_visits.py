"""What the board page remembers, on every database: a link opens once, a form counts once, what has grown is seen."""

from datetime import timedelta

from bot.ledger import Ledger
from catalogue.model import Answer
from storage import campaigns, people, reports, schema, tide, units, visits
from tests.house import BOOK, OFFICE
from tests.stage import MORNING
from tests.test_storage import at_once


def somebody(tx):
    address = people.address_of(tx, "web", "", "an", MORNING)
    whom = people.join(tx, "An", OFFICE.units[0].id, "focal", MORNING)
    people.link(tx, address, whom)
    return address, whom


def test_a_link_pressed_twice_at_once_opens_once(engine):
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        token = visits.issue(tx, *somebody(tx), MORNING)
    opened = []

    def press():
        with engine.begin() as tx:
            opened.append(visits.open(tx, token, MORNING))

    at_once(press, press, press)
    (session,) = filter(None, opened)
    with engine.begin() as tx:
        assert visits.at(tx, session, MORNING + visits.LASTS - timedelta(seconds=1))
        assert visits.at(tx, session, MORNING + visits.LASTS) is None
        visits.end(tx, session, MORNING)
        assert visits.at(tx, session, MORNING) is None


def test_a_session_is_worth_nothing_once_the_address_is_somebody_else_s(engine):
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        address, whom = somebody(tx)
        session = visits.open(tx, visits.issue(tx, address, whom, MORNING), MORNING)
        assert visits.at(tx, session, MORNING)
        people.link(tx, address, people.join(tx, "Bình", OFFICE.units[0].id, "focal", MORNING))
        assert visits.at(tx, session, MORNING) is None


def test_a_form_sent_twice_counts_once(engine):
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        visits.issue(tx, *somebody(tx), MORNING)
    counted = []

    def press():
        with engine.begin() as tx:
            counted.append(visits.press(tx, 1, "k", MORNING))

    at_once(press, press)
    assert sorted(counted) == [False, True]


def test_the_lines_of_a_ledger_follow_what_is_said_and_decided(engine):
    unit = OFFICE.units[0].id
    ledger = Ledger({BOOK.id: BOOK})
    with engine.begin() as tx:
        assert ledger.settle(tx) is None
        units.apply(tx, OFFICE, MORNING.date())
        _, whom = somebody(tx)
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        campaigns.assign(tx, campaign, BOOK, OFFICE)
    with engine.begin() as tx:
        before = ledger.settle(tx)
        assert before.lines[unit].silent
        stirred = tide.stir(tx)
    measure = next(leaf.measure for leaf in BOOK.leaves if leaf.code in duties(engine, campaign, unit))
    with engine.begin() as tx:
        place = {"campaign": campaign, "unit": unit, "measure": measure, "person": whom, "channel": "web"}
        report = reports.add(tx, place, Answer.fraction(1, 60), MORNING.date(), "1/60", MORNING)
    with engine.begin() as tx:
        said = ledger.settle(tx).lines[unit]
        assert (said.silent, said.waiting) == (False, 1)
        assert tide.stir(tx) != stirred
        reports.appraise(tx, report, reports.RETURNED, whom, MORNING, "sai")
    with engine.begin() as tx:
        returned = ledger.settle(tx).lines[unit]
        assert (returned.waiting, returned.returned) == (0, 1)
        assert ledger.settle(tx).lines == Ledger({BOOK.id: BOOK}).settle(tx).lines
        campaigns.lock(tx, campaign, MORNING)
    with engine.begin() as tx:
        assert ledger.settle(tx).row.locked == MORNING


def duties(engine, campaign, unit):
    with engine.begin() as tx:
        return campaigns.duties(tx, campaign, [unit])[unit]


def test_a_history_brought_back_from_a_copy_is_read_anew(engine):
    unit = OFFICE.units[0].id
    ledger = Ledger({BOOK.id: BOOK})
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        _, whom = somebody(tx)
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        campaigns.assign(tx, campaign, BOOK, OFFICE)
        place = {
            "campaign": campaign,
            "unit": unit,
            "measure": BOOK.leaves[0].measure,
            "person": whom,
            "channel": "web",
        }
        reports.add(tx, place, Answer.fraction(1, 60), MORNING.date(), "1/60", MORNING)
    with engine.begin() as tx:
        assert not ledger.settle(tx).lines[unit].silent
        tx.execute(schema.cell.delete())
        tx.execute(schema.report.delete())
    with engine.begin() as tx:
        assert ledger.settle(tx).lines[unit].silent
