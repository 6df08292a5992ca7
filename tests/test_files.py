"""Files: fetched before their message is answered, kept once; handed out as files, or as links where there are none."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bot import desk, papers
from bot.channels.channel import Later, NotTaken, Refused, Traits
from bot.channels.render import render
from bot.dialogue.turn import Attachment, Paper, Said, Say, kept
from bot.reception import Rooms, Shelf
from storage import files, outbox, schema
from tests.house import World, run

SHEET = Said(file=Attachment("f1", "Số liệu.xlsx", 4, "application/x"))


@pytest.fixture
def world(engine) -> Iterator[World]:
    world = World(engine)
    world.seat("an", "focal", "HKL-DV")
    world.far.files["f1"] = b"PK.."
    yield world
    world.close()


def fetch(world: World) -> int:
    return run(world.house.fetch())


def answered(world: World) -> list[bool]:
    world.answer()
    return [bool(row.settled) for row in world.rows(schema.inbox)]


# The way in


def test_a_message_waits_for_its_file_and_those_behind_it_wait_too(world: World) -> None:
    world.hear("an", SHEET, "báo cáo")
    assert answered(world) == [False, False]
    assert fetch(world) == 1
    assert answered(world) == [True, True]
    file, row = world.rows(schema.file)[0], world.rows(schema.inbox)[0]
    assert (file.name, file.size, row.said["file"]["kept"]) == ("Số liệu.xlsx", 4, file.id)
    assert world.do(files.content, file.id) == b"PK.."


def test_nobody_else_waits(world: World) -> None:
    world.seat("my", "focal", "HKL-MV")
    world.hear("an", SHEET)
    world.hear("my", "báo cáo")
    assert answered(world) == [False, True]


def test_a_file_that_can_not_be_had_now_is_tried_again_and_then_done_without(world: World, monkeypatch) -> None:
    async def cut(ref: str) -> bytes:
        raise Later("out of reach")

    monkeypatch.setattr(world.far, "fetch", cut)
    world.hear("an", SHEET)
    for wait in desk.FETCH_WAITS:
        assert (fetch(world), fetch(world)) == (1, 0)
        assert answered(world) == [False]
        world.go(wait)
    assert fetch(world) == 1
    assert answered(world) == [True]
    assert world.rows(schema.inbox)[0].said["file"]["lost"] == "gone"


@pytest.mark.parametrize("fault", [Refused("gone"), ZeroDivisionError()])
def test_a_file_that_is_gone_holds_up_nothing(world: World, monkeypatch, fault: Exception) -> None:
    async def refuse(ref: str) -> bytes:
        raise fault

    monkeypatch.setattr(world.far, "fetch", refuse)
    world.hear("an", SHEET)
    fetch(world)
    assert (answered(world), world.rows(schema.file)) == ([True], [])


def test_what_is_too_large_is_not_fetched(world: World) -> None:
    assert SHEET.file
    world.hear("an", Said(file=replace(SHEET.file, size=desk.LARGEST + 1)))
    assert (fetch(world), answered(world)) == (0, [True])
    assert world.rows(schema.inbox)[0].said["file"]["lost"] == "too_big"


def test_what_turns_out_too_large_is_not_kept(world: World, monkeypatch) -> None:
    monkeypatch.setattr(desk, "LARGEST", 4)
    world.far.files["f1"] = b"12345"
    world.hear("an", SHEET)
    fetch(world)
    assert (world.rows(schema.inbox)[0].said["file"]["lost"], world.rows(schema.file)) == ("too_big", [])


def test_two_processes_keep_one_copy(world: World) -> None:
    world.hear("an", SHEET)
    row = world.rows(schema.inbox)[0]
    world.do(desk.fetched, row, b"PK..", world.now)
    world.do(desk.fetched, row, b"PK..", world.now)
    assert len(world.rows(schema.file)) == 1


def test_whoever_dies_while_fetching_leaves_it_to_the_next(world: World, monkeypatch) -> None:
    async def die(ref: str) -> bytes:
        raise asyncio.CancelledError

    world.hear("an", SHEET)
    with monkeypatch.context() as power, pytest.raises(asyncio.CancelledError):
        power.setattr(world.far, "fetch", die)
        fetch(world)
    assert fetch(world) == 0
    world.go(timedelta(minutes=3))
    assert (fetch(world), answered(world)) == (1, [True])


# The way out


def enclose(world: World, *enclosed: Paper) -> None:
    say = asdict(Say("talk.edited", papers=enclosed))
    world.do(outbox.put, world.address("an"), [say], outbox.REPLY, world.now)


def keep(world: World) -> int:
    return int(world.do(files.add, "Kế hoạch.pdf", "application/pdf", b"%PDF", world.now))


def can(world: World, with_files: bool) -> None:
    world.far.traits = Traits(4000, files=with_files, per_second=10_000.0)


def test_a_file_goes_along_where_the_channel_takes_files(world: World) -> None:
    can(world, True)
    enclose(world, kept(keep(world)))
    world.deliver()
    (message,) = world.far.sent
    assert [(file.name, file.mime, file.read()) for file in message.files] == [
        ("Kế hoạch.pdf", "application/pdf", b"%PDF")
    ]
    assert "Kế hoạch" not in message.part.text


def test_elsewhere_an_address_is_told_from_which_it_can_be_fetched(world: World) -> None:
    can(world, False)
    world.house.link = lambda paper: f"https://nhac.example/{papers.ref(paper)}"
    world.house.open([world.far])
    number = keep(world)
    enclose(world, kept(number))
    world.deliver()
    (message,) = world.far.sent
    assert message.files == ()
    assert message.part.text.split("\n")[-1].endswith(
        f'"Kế hoạch.pdf": https://nhac.example/["kept",{{"file":{number}}}]'
    )


def test_without_a_public_address_that_is_said(world: World) -> None:
    can(world, False)
    enclose(world, kept(keep(world)))
    world.deliver()
    assert "không gửi được qua kênh này" in world.far.texts()[0]


PARTIAL = Traits(24, files=True, endings={".pdf": 4, ".xlsx": 9}, per_second=10_000.0)


def linking(world: World, traits: Traits) -> None:
    """A house with a public address, whose channel takes some files only."""
    world.far.traits = traits
    world.house.link = lambda paper: "https://nhac.example/f"
    world.house.open([world.far])


@pytest.mark.parametrize(
    ("name", "size", "along"),
    [("a.pdf", 4, True), ("a.PDF", 4, True), ("a.pdf", 5, False), ("a.docx", 1, False), ("pdf", 1, False)],
)
def test_what_the_channel_does_not_take_is_a_link_in_the_same_message(
    world: World, name: str, size: int, along: bool
) -> None:
    linking(world, replace(PARTIAL, longest=4000))
    enclose(world, kept(world.do(files.add, name, "x/y", b"x" * size, world.now)))
    world.deliver()
    (message,) = world.far.sent
    assert ([file.name for file in message.files], "https://nhac.example/f" in message.part.text) == (
        [name] if along else [],
        not along,
    )


@pytest.mark.parametrize("said", [True, False])
def test_what_turns_out_not_to_be_taken_follows_as_a_link(world: World, said: bool) -> None:
    """No part of the text is sent twice, and the file is not tried again."""
    linking(world, PARTIAL)
    enclose(world, kept(keep(world)))
    text = world.house.words["vi"]("talk.edited", {})
    parts = [part.text for part in render(text, (), PARTIAL)]
    world.far.trouble = [*[None] * (len(parts) - 1), NotTaken("refused by the far side", said)]
    world.deliver()
    out = parts[:-1] if said else parts  # the last is what the far side itself says that it has
    assert world.far.texts()[: len(out)] == out
    apart = "".join(world.far.texts()[len(out) :])
    assert apart.startswith("Tệp kèm theo") and apart.endswith("https://nhac.example/f")
    assert [message.files for message in world.far.sent] == [()] * len(world.far.sent)
    assert world.outcomes() == ["sent", "sent"]


def test_a_picture_is_shown_from_its_public_address_one_a_message(world: World) -> None:
    linking(world, Traits(4000, pictures=frozenset({".png"}), per_second=10_000.0))
    pictures = [kept(world.do(files.add, f"{n}.png", "image/png", b"x", world.now)) for n in range(2)]
    enclose(world, kept(keep(world)), *pictures)
    world.deliver()
    (message,) = world.far.sent
    assert [(file.name, file.url) for file in message.files] == [("0.png", "https://nhac.example/f")]
    assert message.part.text.count("https://nhac.example/f") == 2


def test_without_a_public_address_no_picture_is_shown(world: World) -> None:
    world.far.traits = Traits(4000, pictures=frozenset({".png"}), per_second=10_000.0)
    enclose(world, kept(world.do(files.add, "a.png", "image/png", b"x", world.now)))
    world.deliver()
    assert world.far.sent[0].files == () and "không gửi được qua kênh này" in world.far.texts()[0]


@pytest.mark.parametrize("with_files", [True, False])
def test_a_file_that_is_gone_keeps_no_message_back(world: World, with_files: bool) -> None:
    can(world, with_files)
    enclose(world, kept(77))
    world.deliver()
    assert (len(world.far.sent), world.outcomes()) == (1, ["sent"])


def test_what_a_link_names_is_what_it_was_made_for(world: World) -> None:
    number = keep(world)
    stored = run(Shelf(world.house).get(papers.ref(kept(number))))
    assert stored and (stored.name, stored.mime, stored.content) == ("Kế hoạch.pdf", "application/pdf", b"%PDF")
    assert run(Shelf(world.house).get(papers.ref(kept(77)))) is None


@pytest.mark.parametrize("ref", ["", "u1", "[]", "7", '["kept"]', '["kept", 1]', '{"kept": 1}'])
def test_what_names_no_paper_finds_none(world: World, ref: str) -> None:
    assert run(Shelf(world.house).get(ref)) is None


def test_a_chat_page_shows_what_was_sent_either_way(world: World) -> None:
    can(world, True)
    world.hear("an", SHEET)
    fetch(world)
    world.answer()
    enclose(world, kept(keep(world)))
    world.deliver()
    lines = run(Rooms(world.house, "far", papers.ref).history("an", 0))
    theirs = [(file.name, file.url, file.size) for line in lines if line.who == "me" for file in line.files]
    ours = [(file.name, file.url) for line in lines if line.who == "bot" for file in line.files]
    assert theirs == [("Số liệu.xlsx", '["kept",{"file":1}]', 4)]
    assert ours == [("Kế hoạch.pdf", '["kept",{"file":2}]')]
