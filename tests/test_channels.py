"""Every channel is asked the same questions; a new one costs one file, one line, its settings and its row here."""

import asyncio
import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.routing import BaseRoute

from bot.channels.channel import Button, Hear, Incoming, Later, Outgoing, Part, Pulse, Refused, Stopped, Traits, Unknown
from bot.cli import frame, running
from bot.dialogue.turn import Attachment, Said
from bot.reception import Pulse as Health
from tests.channel_questions import Heard, Sent, Wired, ask_what_a_failure_means, ask_what_is_heard
from tests.house import World, run

HEARING = ("text", "press", "repeat", "file", "sticker", "group message", "bad signature")
SENDING = ("blocked", "throttled", "5xx", "a page instead of an answer", "truncated", "hang", "reset", "slow")
QUESTIONS = (*HEARING, *SENDING)


@dataclass(frozen=True)
class Never:
    """Why a question can't be asked of this channel."""

    why: str


NOBODY = Never("nobody is heard there: test_email.test_nobody_is_heard")
OURS = Never("its far side is our own door and our own database")
ROWS: dict[str, dict[str, str | Never]] = {
    "telegram": {
        "text": "a text",
        "press": "a press",
        "repeat": "test_what_could_not_be_kept_comes_again_in_order",
        "file": "a file",
        "sticker": "a sticker",
        "group message": "talk in a group",
        "bad signature": "with a wrong secret",
        "blocked": "blocked",
        "throttled": "throttled",
        "5xx": "restarting",
        "a page instead of an answer": "a gateway's page",
        "truncated": "half an answer",
        "hang": "test_no_answer_may_mean_that_it_arrived",
        "reset": "reset after it was accepted",
        "slow": "slow",
    },
    "zalo_bot": {
        "text": "a text",
        "press": "test_options_are_a_numbered_list",
        "repeat": "test_a_message_without_an_id_gets_the_same_one_twice",
        "file": "a file, a place, a card",
        "sticker": "a sticker",
        "group message": "in a group",
        "bad signature": "with a wrong secret",
        "blocked": "test_only_a_repeated_refusal_is_believed",
        "throttled": "429",
        "5xx": "500",
        "a page instead of an answer": "a gateway's page",
        "truncated": "half of the JSON",
        "hang": "test_no_answer_may_mean_that_it_arrived",
        "reset": "reset after it was accepted",
        "slow": "slow",
    },
    "zalo_oa": {
        "text": "a text",
        "press": "test_a_pressed_button_is_a_choice",
        "repeat": "test_each_follow_is_another_and_its_repetition_the_same",
        "file": "a file",
        "sticker": "a sticker",
        "group message": "in a group",
        "bad signature": "a wrong signature",
        "blocked": "blocked",
        "throttled": "429, under 429",
        "5xx": "a gateway that gave up waiting",
        "a page instead of an answer": "a gateway's page",
        "truncated": "half an answer",
        "hang": "test_no_answer_may_mean_that_it_arrived",
        "reset": "reset after it was accepted",
        "slow": "slow",
    },
    "web": {
        "text": "test_what_is_typed_and_pressed_is_heard",
        "press": "test_what_is_typed_and_pressed_is_heard",
        "repeat": "test_the_same_message_twice_is_one_message",
        "file": "test_a_file_is_stored_and_heard",
        "sticker": Never("the page sends none"),
        "group message": Never("a page is one person's"),
        "bad signature": "test_an_expired_link_neither_tells_nor_hears",
        "blocked": "test_sending_to_somebody_who_is_not_there_succeeds",
        "throttled": "test_who_talks_too_fast_is_slowed_down_alone",
        **dict.fromkeys(SENDING[2:], OURS),
    },
    "email": {
        **dict.fromkeys(HEARING[:-1], NOBODY),
        "bad signature": "test_a_server_that_nobody_vouches_for_is_told_nothing",
        "blocked": "no such box",
        "throttled": "greylisted",
        "5xx": "the sender, for ever",
        "a page instead of an answer": "test_where_nobody_can_be_reached_it_goes_later",
        "truncated": "hung up before the message",
        "hang": "test_a_silent_server_is_given_up",
        "reset": "hung up with the message on the line",
        "slow": "slow",
    },
}
ASKED_IN = {"web": "tests.test_web_channel"}


def asked_in(channel: str) -> ModuleType:
    return importlib.import_module(ASKED_IN.get(channel, f"tests.test_{channel}"))


def names(module: ModuleType) -> set[str]:
    """Its tests, and the labels of its tables."""
    tables = [value for value in vars(module).values() if isinstance(value, list)]
    rows = [row for table in tables for row in table]
    labels = {row.label for row in rows if isinstance(row, (Heard, Sent))}
    labels |= {row[0] for row in rows if isinstance(row, tuple) and row and isinstance(row[0], str)}
    return labels | {name for name in vars(module) if name.startswith("test_")}


def test_every_channel_of_the_program_has_its_row() -> None:
    assert set(ROWS) == set(running.CHANNELS)


@pytest.mark.parametrize("channel", ROWS)
def test_every_question_is_asked_or_said_why_not(channel: str) -> None:
    row = ROWS[channel]
    assert set(row) == set(QUESTIONS)
    missing = {what for what in row.values() if isinstance(what, str)} - names(asked_in(channel))
    assert not missing, f"{asked_in(channel).__name__} asks none of these any more"


COMES: dict[str, set[type[Exception] | None]] = {
    "blocked": {Refused},
    "throttled": {Later},
    "5xx": {Later, Unknown, Stopped},  # Unknown where a gateway may have passed it on; a mail server's is for good
    "a page instead of an answer": {Later, Unknown},
    "truncated": {Unknown, Later},  # Later where nothing can have been accepted yet
    "reset": {Unknown},
    "slow": {None},
}
"""What must come of a fault, whichever the channel; "hang" is asked by a test of each, which sets its patience."""


@pytest.mark.parametrize("channel", [one for one in ROWS if one != "web"])
def test_the_same_fault_means_the_same_on_every_channel(channel: str) -> None:
    tables = [value for value in vars(asked_in(channel)).values() if isinstance(value, list)]
    cases = {row.label: row for table in tables for row in table if isinstance(row, Sent)}
    named = {question: cases[what] for question, what in ROWS[channel].items() if what in cases}
    assert len(named) >= 5
    assert {question: case.outcome for question, case in named.items() if case.outcome not in COMES[question]} == {}
    doubled = [question for question, case in named.items() if case.arrived and case.outcome is Later]
    assert not doubled, "what has arrived is never sent again"


# What a new channel costs: one that is made here is asked everything, and the house works with it


@dataclass
class ToyFar:
    """People who shout across a yard. `fault`: what the next shout of ours meets."""

    shouts: list[dict[str, Any]] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    fault: Exception | None = None
    lost_after: bool = False

    def shout(self, **said: Any) -> None:
        self.shouts.append({"id": str(len(self.shouts)), "who": "an"} | said)


class Toy:
    name, account = "toy", ""
    traits = Traits(longest=500, brand="Sân")

    def __init__(self, far: ToyFar) -> None:
        self.far, self.pulse, self.heard = far, Pulse(), 0

    def routes(self, hear: Hear) -> list[BaseRoute]:
        return []

    async def listen(self, hear: Hear) -> None:
        while True:
            for shout in self.far.shouts[self.heard :]:
                if said := understood(shout):
                    await hear(Incoming(self.name, self.account, shout["who"], shout["id"], said))
                self.heard += 1
            self.pulse.last = time.monotonic()
            await asyncio.sleep(0.01)

    async def probe(self) -> None: ...

    async def send(self, message: Outgoing) -> str | None:
        fault, self.far.fault = self.far.fault, None
        if fault is None or self.far.lost_after:
            self.far.got.append(message.part.text)
        if fault:
            raise fault
        return str(len(self.far.got))

    async def fetch(self, ref: str) -> bytes:
        raise Refused("nothing to fetch")

    async def close(self) -> None: ...


def understood(shout: dict[str, Any]) -> Said | None:
    match shout:
        case {"whistle": _}:
            return Said(event="unsupported")
        case {"crowd": _} | {"voice": "unknown"}:
            return None
        case {"points_at": str(choice)}:
            return Said(choice=choice)
        case {"throws": str(name)}:
            return Said(file=Attachment("", name, 3, "text/plain"))
    return Said(shout["text"])


def fails(fault: Exception, arrived: bool = False) -> Callable[[ToyFar], object]:
    return lambda far: (setattr(far, "fault", fault), setattr(far, "lost_after", arrived))


TOY_HEARD = {
    "text": Heard("text", lambda far: far.shout(text="45/60"), Said("45/60")),
    "press": Heard("press", lambda far: far.shout(points_at="yes"), Said(choice="yes")),
    "repeat": Heard("repeat", lambda far: far.shout(text="45/60", id="7"), Said("45/60")),
    "file": Heard("file", lambda far: far.shout(throws="a.txt"), Said(file=Attachment("", "a.txt", 3, "text/plain"))),
    "sticker": Heard("sticker", lambda far: far.shout(whistle=1), Said(event="unsupported")),
    "group message": Heard("group message", lambda far: far.shout(crowd=1, text="45/60"), None),
    "bad signature": Heard("bad signature", lambda far: far.shout(voice="unknown", text="45/60"), None),
}
TOY_SENT = {
    "blocked": Sent("blocked", fails(Refused("ears shut")), Refused),
    "throttled": Sent("throttled", fails(Later("hoarse", halt=True)), Later, halt=True),
    "5xx": Sent("5xx", fails(Later("rain")), Later),
    "a page instead of an answer": Sent("page", fails(Unknown("somebody else answers")), Unknown),
    "truncated": Sent("truncated", fails(Unknown("half a word"), True), Unknown, arrived=1),
    "hang": Sent("hang", fails(Unknown("silence")), Unknown),
    "reset": Sent("reset", fails(Unknown("gone"), True), Unknown, arrived=1),
    "slow": Sent("slow", lambda far: None, None, arrived=1),
}


@pytest.fixture
def yard(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyFar]:
    """One line in the registry, and its row."""
    far = ToyFar()
    monkeypatch.setitem(running.CHANNELS, "toy", lambda house: [Toy(far)])
    monkeypatch.setitem(ROWS, "toy", {question: question for question in (*TOY_HEARD, *TOY_SENT)})
    yield far


@pytest.mark.parametrize("question", HEARING)
def test_a_new_channel_is_asked_what_it_hears(question: str, yard: ToyFar) -> None:
    with Wired(Toy(yard)) as wired:
        ask_what_is_heard(wired, yard, TOY_HEARD[question], lambda far: far.shout(text="then"))


@pytest.mark.parametrize("question", SENDING)
def test_a_new_channel_is_asked_what_a_failure_means(question: str, yard: ToyFar) -> None:
    with Wired(Toy(yard)) as wired:
        ask_what_a_failure_means(wired, yard, TOY_SENT[question], "an", lambda: len(yard.got))


def test_a_new_channel_is_one_line_and_the_house_works_with_it(
    yard: ToyFar, house: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame.settings.cache_clear()
    test_every_channel_of_the_program_has_its_row()
    assert set(ROWS["toy"]) == set(QUESTIONS)
    channels = running.every_channel(house.house)
    assert [channel.name for channel in channels] == ["web", "toy"], "a channel without its token is off"
    house.house.open(channels)

    async def a_morning() -> None:
        listening = asyncio.create_task(channels[1].listen(house.house.hear))
        yard.shout(text="xin chào")
        yard.shout(text="xin chào", id="0")  # again
        while not yard.got:
            await house.house.settle()
            await asyncio.sleep(0)
        await house.house.settle()
        report = await Health(house.house).report()
        assert "channel toy" in {check.name for check in report.checks}
        listening.cancel()

    run(a_morning())
    assert len(yard.got) == 1 and "đề nghị gõ mã mời" in yard.got[0]
    run(channels[1].send(Outgoing("an", Part("a", (Button("b", "B"),)))))
    assert yard.got[1:] == ["a"]
