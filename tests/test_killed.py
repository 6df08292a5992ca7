"""The program itself, killed again and again in the middle of its work: nothing is lost, nothing is done twice.

NHACHAN_KILLS=300 kills it that often instead of a few times; NHACHAN_SEED=7 chooses other moments.
NHACHAN_RECIPIENTS=10000 sends the notice to so many instead of some; at Telegram's pace that takes seven minutes.
"""

import logging
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channels.telegram import Telegram
from jobs import notices
from storage import campaigns, people, schema, units
from tests.far.loopback import Call, Reply
from tests.far.telegram import TOKEN, TelegramServer
from tests.far.zalo_bot import TOKEN as ZALO
from tests.far.zalo_bot import ZaloServer
from tests.house import BOOK, OFFICE
from tests.torture.books import check_the_way_in, check_the_way_out, open_rows, rows
from tests.torture.victim import MORNING, WORKING, Victim

KILLS, SEED = int(os.environ.get("NHACHAN_KILLS", "6")), os.environ.get("NHACHAN_SEED", "1")
RECIPIENTS = int(os.environ.get("NHACHAN_RECIPIENTS", "90"))
log = logging.getLogger(__name__)
STATIONS = [unit.id for unit in OFFICE.children("CCKL") if unit.id.startswith("HKL")]  # each owes one figure, M08


class Deadly(TelegramServer):
    """Whoever sends it the message that `fuse` counts down to is killed: before it has arrived, or after."""

    fuse, arrives = 0, True
    kill: Callable[[], None]

    def _answer(self, call: Call) -> Reply:
        if not call.path.endswith("/sendMessage") or not self._burnt():
            return super()._answer(call)
        reply = super()._answer(call) if self.arrives else Reply(wire="reset")
        self.kill()
        return reply

    def _burnt(self) -> bool:
        with self.moved:
            self.fuse -= 1
            return self.fuse == 0


@pytest.fixture
def far() -> Iterator[Deadly]:
    with Deadly() as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, database_url: str, far: TelegramServer) -> Iterator[Victim]:
    program = Victim(tmp_path, database_url, {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": far.base_url})
    yield program
    if program.starts:
        program.process.kill()
        program.gone()


@pytest.fixture
def office(engine: Engine, far: TelegramServer) -> list[int]:
    """The focal points of all stations, by their chats."""
    chats = list(range(1001, 1001 + len(STATIONS)))
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        campaign = campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        assert campaign
        campaigns.assign(tx, campaign, BOOK, OFFICE)
        for chat, station in zip(chats, STATIONS, strict=True):
            far.person(chat, station)
            whom = people.join(tx, station, station, "focal", MORNING)
            people.link(tx, people.address_of(tx, "telegram", TOKEN.partition(":")[0], str(chat), MORNING), whom)
    return chats


def script(chat: int, corrections: int) -> list[str]:
    """What one of them types from first to last, never waiting for an answer; every figure is another one."""
    figures = [f"{chat}/{chat + 1 + number}" for number in range(1 + corrections)]
    typed = ["báo cáo", figures[0], "đúng"]
    for figure in figures[1:]:
        typed += [f"sửa NQ01.6.2 {figure}", "đúng"]
    return typed


def confirmed(typed: list[str]) -> list[str]:
    return [said.split()[-1] for said, then in pairwise(typed) if then == "đúng"]


def finish(program: Victim, engine: Engine, far: TelegramServer, messages: int) -> None:
    """Started once more and left in peace, until everything is said and done."""
    program.start()
    program.until(lambda: len(rows(engine, schema.inbox)) == messages, "every message kept")
    program.until(lambda: open_rows(engine) == 0, "everything answered and sent")
    program.stop()


def recorded(engine: Engine) -> dict[str, list[str]]:
    found = defaultdict(list)
    for row in rows(engine, schema.report):
        found[row.unit].append(f"{row.numerator}/{row.denominator}")
    return found


def arrived(engine: Engine, far: TelegramServer) -> dict[int, list[str]]:
    addresses = {int(row.chat): row.id for row in rows(engine, schema.address)}
    return {addresses[chat.id]: [message.text for message in chat.sent] for chat in far.chats.values()}


def check_the_reminders(engine: Engine) -> None:
    reminded = [row.address for row in rows(engine, schema.outbox) if row.about and row.about.startswith("remind")]
    assert len(reminded) == len(set(reminded))


def test_killed_at_random_nothing_is_lost_and_nothing_is_done_twice(program, engine, far, office):
    dice = random.Random(SEED)
    typed = {chat: script(chat, 1 + KILLS // 20) for chat in office}
    to_say = [chat for chat, said in typed.items() for _ in said]
    dice.shuffle(to_say)
    left = {chat: iter(said) for chat, said in typed.items()}
    messages, share = len(to_say), -(-len(to_say) // KILLS)
    far.kill = lambda: program.process.kill()
    for _ in range(KILLS):
        now, to_say = to_say[:share], to_say[share:]
        early = dice.randrange(len(now) + 1)  # some are said while nobody is there to hear
        for chat in now[:early]:
            far.says(chat, next(left[chat]))
        sending, far.arrives = bool(now) and dice.random() < 0.7, dice.random() < 0.5
        far.fuse = dice.randint(1, len(now)) if sending else 0
        enough = len(far.calls) + dice.randint(1, 3 + len(now))
        program.start()
        for chat in now[early:]:
            far.says(chat, next(left[chat]))
        if now and not sending:
            far.wait_for(lambda enough=enough: len(far.calls) >= enough, WORKING, "some calls")
        if not sending:
            program.process.kill()
        program.gone()
    finish(program, engine, far, messages)

    assert recorded(engine) == {STATIONS[office.index(chat)]: confirmed(said) for chat, said in typed.items()}
    check_the_way_in(engine)
    uncertain = check_the_way_out(engine, arrived(engine, far))
    check_the_reminders(engine)
    assert 0 < uncertain <= KILLS * Telegram.traits.senders  # what was on its way when it was killed
    assert "Traceback" not in program.told()


def test_stopped_in_the_middle_of_its_work_it_leaves_nothing_uncertain(program, engine, far, office):
    typed = {chat: script(chat, 1) for chat in office}
    for chat, said in typed.items():
        for text in said:
            far.says(chat, text)
    for calls in (2, 9, 20):
        program.start()
        enough = len(far.called("sendMessage")) + calls
        far.wait_for(lambda enough=enough: len(far.called("sendMessage")) >= enough, WORKING, "some sent")
        program.stop()
    finish(program, engine, far, sum(map(len, typed.values())))
    assert recorded(engine) == {STATIONS[office.index(chat)]: confirmed(said) for chat, said in typed.items()}
    check_the_way_in(engine)
    assert check_the_way_out(engine, arrived(engine, far)) == 0
    assert "Traceback" not in program.told()


def test_stopped_while_polls_hang_it_goes_before_they_end_and_loses_none(tmp_path, database_url, engine, far):
    """Telegram's poll is given up, since what it would have brought comes again; a Zalo bot's is let finish."""
    far.person(1001, "An")
    with ZaloServer() as zalo:
        mine = zalo.person("Mỷ")
        settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": far.base_url}
        settings |= {"ZALO_BOT_TOKENS": ZALO, "ZALO_BOT_API_BASE_URL": zalo.base_url}
        program = Victim(tmp_path, database_url, settings)
        program.start()
        for side in (far, zalo):
            side.wait_for(lambda side=side: side.polls, WORKING, "a poll that hangs")
        program.process.send_signal(signal.SIGTERM)
        zalo.says("Mỷ", "xin chào")
        assert program.gone() == 0 and far.polls
        far.says(1001, "xin chào")
        finish(program, engine, far, 2)
    check_the_way_in(engine)
    assert (len(far.chat(1001).sent), len(mine.texts)) == (1, 1)
    assert "Traceback" not in program.told()


OFFICER = 999


def crowd(engine: Engine, far: TelegramServer) -> list[int]:
    """So many more focal points, each in a chat of their own, and an officer who writes to them all."""
    account = TOKEN.partition(":")[0]
    chats = [OFFICER, *range(10_001, 10_001 + RECIPIENTS)]
    with engine.begin() as tx:
        units.apply(tx, OFFICE, MORNING.date())
        campaigns.open(tx, BOOK.id, 2024, BOOK.plan(2024), MORNING)
        for chat in chats:
            far.person(chat, str(chat))
            role, unit = ("tccb", "TCCB") if chat == OFFICER else ("focal", STATIONS[chat % len(STATIONS)])
            whom = people.join(tx, str(chat), unit, role, MORNING)
            people.link(tx, people.address_of(tx, "telegram", account, str(chat), MORNING), whom)
    return chats[1:]


def stages(engine: Engine) -> Counter[str]:
    """How far the first notice has come, as its author would be told."""
    with engine.begin() as tx:
        return Counter(stage for stage, _ in notices.receipts(tx, 1))


def have_it(far: TelegramServer, chats: list[int]) -> Counter[int]:
    """Chat → how many copies of the notice arrived there."""
    return Counter(chat for chat in chats for text in far.chat(chat).texts if text.startswith("THÔNG BÁO số 1 "))


def test_a_notice_to_many_killed_three_times_reaches_each_once(program, engine, far):
    chats = crowd(engine, far)
    far.kill = lambda: program.process.kill()
    for said in ("thông báo Họp giao ban\nLúc 8 giờ.", "tất cả", "gửi"):
        far.says(OFFICER, said)
    dice, in_flight = random.Random(SEED), Telegram.traits.senders
    for kill in range(3):
        far.fuse, far.arrives = RECIPIENTS // 5 + dice.randint(1, RECIPIENTS // 10), bool(kill % 2)
        program.start()
        program.process.wait(WORKING + RECIPIENTS / 20)
        program.gone()
        told, arrived = stages(engine), have_it(far, chats).total()
        assert told["sent"] <= arrived <= told["sent"] + told["uncertain"] + in_flight
        assert sum(told.values()) == RECIPIENTS and told["failed"] == 0
    program.start()
    program.until(lambda: not stages(engine)["waiting"], "everybody told", WORKING + RECIPIENTS / 15)
    program.until(lambda: open_rows(engine) == 0, "everything sent")
    program.stop()
    told, copies = stages(engine), have_it(far, chats)
    assert max(copies.values()) == 1 and told["sent"] + told["uncertain"] == RECIPIENTS
    assert told["sent"] <= len(copies) and told["uncertain"] <= 3 * in_flight  # what was on its way at a kill
    log.info("%d people: %d have it, once; %d uncertain", RECIPIENTS, len(copies), told["uncertain"])
    assert "Traceback" not in program.told()
