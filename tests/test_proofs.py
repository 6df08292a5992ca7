"""Files that prove a figure: what is kept with which report, who gets them back."""

from collections.abc import Iterator

import pytest

from bot import clerk, desk, papers
from bot.dialogue.deeds import Record, ShowProof
from bot.dialogue.proof import FILES
from bot.dialogue.turn import Attachment, Deed, Paper, Said
from bot.reception import archive
from catalogue.model import Answer
from storage import audit, erasing, files, people, proofs, schema
from tests.board_page import BoardStage
from tests.house import World
from tests.stage import CATALOGUES

TOLD, OTHER = Answer.fraction(59, 60), Answer.fraction(58, 60)


@pytest.fixture
def world(engine) -> Iterator[World]:
    world = World(engine)
    world.seat("my", "focal", "HKL-DV")
    world.seat("lan", "focal", "HKL-MV")
    world.seat("hanh", "tccb", "TCCB")
    world.seat("nga", "evaluator", "VP")
    world.seat("giam", "viewer", "TTRA")
    yield world
    world.close()


def kept(world: World, name: str = "a.pdf") -> int:
    return int(world.do(files.add, name, "application/pdf", name.encode(), world.now))


def says(world: World, who: str, deed: Deed) -> tuple:
    def carry_out(tx):
        at = people.at(tx, people.address_at(tx, "far", "", who) or 0)
        facts = desk.gather(tx, CATALOGUES, at, Said(), world.now)
        return clerk.carry_out(deed, clerk.Errand(tx, at, facts, CATALOGUES))

    return world.do(carry_out)


def record(world: World, answer: Answer, *numbers: int) -> list[str]:
    deed = Record(world.campaign, "HKL-DV", "M08", answer, world.now.date(), "59/60", files=numbers)
    return [say.kind for say in says(world, "my", deed)]


def of_the_newest(world: World) -> list[str]:
    report = world.rows(schema.report)[-1].id
    return [row.name for row in world.do(proofs.of, [report]).get(report, [])]


def test_files_stay_with_a_figure_and_do_not_prove_another(world: World) -> None:
    record(world, TOLD, kept(world, "a.pdf"))
    record(world, TOLD, kept(world, "b.png"))
    assert of_the_newest(world) == ["a.pdf", "b.png"]
    record(world, OTHER)
    assert of_the_newest(world) == []
    noted = [row.now["name"] for row in world.rows(schema.audit) if row.deed == "evidence_file"]
    assert noted == ["a.pdf", "b.png"]
    assert world.do(audit.first_broken) is None


def test_a_figure_takes_so_many_files_and_no_more(world: World) -> None:
    assert record(world, TOLD, *[kept(world, f"{n}.pdf") for n in range(FILES)]) == []
    assert record(world, TOLD, kept(world, "one too many.pdf")) == ["proof.enough"]
    assert len(of_the_newest(world)) == FILES


@pytest.mark.parametrize(("who", "may"), [("my", True), ("hanh", True), ("nga", True), ("giam", True), ("lan", False)])
def test_whoever_sees_the_figure_gets_its_proof_and_nobody_else(world: World, who: str, may: bool) -> None:
    number = kept(world)
    record(world, TOLD, number)
    me = world.address(who).person
    paper = Paper("kept", {"file": number, "unit": "HKL-DV", "for": me})
    file = world.do(papers.make, paper, archive(world.house))
    assert (file is not None) == may
    if not may:
        with pytest.raises(PermissionError):
            says(world, who, ShowProof("HKL-DV", "M08"))
        return
    (say,) = says(world, who, ShowProof("HKL-DV", "M08"))
    assert (say.kind, say.papers) == ("proof.here", (paper,))
    assert file.read() == b"a.pdf"


def test_what_proves_a_figure_outlives_whoever_sent_it(world: World) -> None:
    proving, other = kept(world), kept(world, "b.pdf")
    for number in (proving, other):
        sent = Attachment(f"f{number}", "a.pdf", 5, "application/pdf", kept=number)
        world.hear("my", Said("", file=sent))
    record(world, TOLD, proving)
    world.do(erasing.erase, world.address("my").person, audit.Who(None, "test"), world.now)
    assert [row.file for row in world.rows(schema.file_content)] == [proving]


def test_an_office_sees_no_proof_of_rows_that_do_not_name_it(world: World) -> None:
    with pytest.raises(PermissionError):
        says(world, "nga", ShowProof("CCKL", "M03"))


def test_the_board_leads_to_what_proves_a_figure(tmp_path) -> None:
    stage = BoardStage(tmp_path)
    try:
        stage.hand("an", "biên bản.pdf", b"%PDF-1.7", text="1.3: 45/60")
        stage.say("an", "đúng")
        hanh = stage.enter("hanh")
        (file,) = stage.rows(schema.file)
        link = f'Minh chứng (1 tệp): <a href="/f/{file.id}">biên bản.pdf</a>'
        assert link in hanh.get("/bang/tham-dinh").text
        assert link in hanh.get("/bang/don-vi/CCKL").text
    finally:
        stage.close()
