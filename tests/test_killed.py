"""The program itself, killed again and again in the middle of its work: nothing is lost, nothing is done twice.

NHACHAN_KILLS=300 kills it that often instead of a few times; NHACHAN_SEED=7 chooses other moments.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from bot.channels.telegram import Telegram
from storage import campaigns, people, schema, units
from tests.far.loopback import Call, Reply
from tests.far.telegram import TOKEN, TelegramServer
from tests.house import BOOK, OFFICE, at

ROOT = Path(__file__).parent.parent
KILLS, SEED = int(os.environ.get("NHACHAN_KILLS", "6")), os.environ.get("NHACHAN_SEED", "1")
MORNING = at("2024-11-26 09:00")
STATIONS = [unit.id for unit in OFFICE.children("CCKL") if unit.id.startswith("HKL")]  # each owes one figure, M08
STARTING, WORKING = 60.0, 60.0  # seconds that a slow machine may need
BETWEEN = timedelta(minutes=3)  # on the program's clock, from one start to the next: every lease is over by then


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


class Program:
    """`python -m bot run`, started as often as need be, each time a little later by its own clock."""

    def __init__(self, folder: Path, database_url: str, far: TelegramServer) -> None:
        self.folder, self.far, self.starts = folder, far, 0
        self.log = folder / "log"
        settings = {"DATABASE_URL": database_url, "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": far.base_url}
        inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        self.environment = inherited | settings | {"PYTHONPATH": str(ROOT), "WEB_PORT": "0", "PYTHONUTF8": "1"}
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        moment = MORNING + self.starts * BETWEEN
        self.starts += 1
        command = [sys.executable, "-m", "bot", "run", "--clock-start", f"{moment:%Y-%m-%dT%H:%M}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log
            )
        assert self.process.stdout
        line = self.process.stdout.readline().decode()
        assert "http" in line, self.told()

    def stop(self) -> None:
        """As the operator does it: by SIGTERM, and it has to go of itself and in peace."""
        self.process.send_signal(signal.SIGTERM)
        assert self.gone() == 0, self.told()

    def gone(self) -> int:
        code = self.process.wait(STARTING)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def until(self, happened: Callable[[], Any], what: str) -> None:
        """Waits for something that the far side does not see; a program that ends meanwhile is a fault."""
        deadline = time.monotonic() + WORKING
        while not happened():
            assert time.monotonic() < deadline, f"not within {WORKING:g} s: {what}\n{self.told()}"
            try:
                self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"it ended by itself, waiting for: {what}\n{self.told()}")

    def told(self) -> str:
        return self.log.read_text(encoding="utf8")


@pytest.fixture
def far() -> Iterator[Deadly]:
    with Deadly() as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, database_url: str, far: TelegramServer) -> Iterator[Program]:
    program = Program(tmp_path, database_url, far)
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


def rows(engine: Engine, table: Any) -> list[Any]:
    with engine.begin() as tx:
        return list(tx.execute(table.select().order_by(table.c.id)))


def open_rows(engine: Engine) -> int:
    still = [select(func.count()).where(box.c.settled.is_(None)) for box in (schema.inbox, schema.outbox)]
    with engine.begin() as tx:
        return sum(tx.execute(count).scalar_one() for count in still)


def finish(program: Program, engine: Engine, far: TelegramServer, messages: int) -> None:
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


def check_the_way_out(engine: Engine, far: TelegramServer) -> int:
    """Every envelope arrived once, in order, but for those that are noted as uncertain; how many those are."""
    addresses = {row.id: int(row.chat) for row in rows(engine, schema.address)}
    arrived = {chat.id: [message.text for message in chat.sent] for chat in far.chats.values()}
    uncertain = 0
    for letter in sorted(rows(engine, schema.outbox), key=lambda row: row.spoken or MORNING):
        assert letter.outcome in ("sent", "unknown", "moot"), letter
        texts = arrived[addresses[letter.address]]
        for part in letter.wording or ():
            here = bool(texts) and texts[0] == part["text"].strip()
            assert here or letter.outcome != "sent", f"sent, but it did not arrive in its turn: {letter}"
            if here:
                texts.pop(0)
        uncertain += letter.outcome == "unknown"
    assert not any(arrived.values()), f"arrived, and nobody knows why: {arrived}"
    return uncertain


def check_the_way_in(engine: Engine) -> None:
    """Every message answered by one envelope, each chat's in the order in which it spoke."""
    heard, answered = defaultdict(list), defaultdict(list)
    for row in rows(engine, schema.inbox):
        assert (row.outcome, row.tries) == ("answered", 0), row
        heard[row.address].append(row.external_id)
    for row in rows(engine, schema.outbox):
        if row.reply_to:
            answered[row.address].append(row.reply_to)
    assert answered == heard


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
    uncertain = check_the_way_out(engine, far)
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
    assert check_the_way_out(engine, far) == 0
    assert "Traceback" not in program.told()
