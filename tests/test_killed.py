"""The program itself, killed again and again in the middle of its work: nothing is lost, nothing is done twice.

NHACHAN_KILLS=300 kills it that often instead of a few times; NHACHAN_SEED=7 chooses other moments.
"""

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channels.telegram import Telegram
from storage import campaigns, people, schema, units
from tests.far.loopback import Call, Reply
from tests.far.telegram import TOKEN, TelegramServer
from tests.house import BOOK, OFFICE
from tests.torture.books import check_the_way_in, check_the_way_out, open_rows, rows
from tests.torture.victim import MORNING, WORKING, Victim

KILLS, SEED = int(os.environ.get("NHACHAN_KILLS", "6")), os.environ.get("NHACHAN_SEED", "1")
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
