"""The judge of small changes, on changes made by hand; what is explained must be there."""

import os

import pytest

from tests.mutation import judge, results, trial
from tests.mutation.judge import Judges
from tests.mutation.mutant import ROOT, Mutant

SOUND = (ROOT / "catalogue" / "numerals.py").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def judges() -> Judges:
    return judge.summoned(["numerals"])


def mutant(function: str, was: str, becomes: str) -> Mutant:
    assert SOUND.count(was) == 1
    return Mutant("numerals", function, 1, was, becomes, SOUND.replace(was, becomes))


def came_of(mutant: Mutant, judges: Judges) -> str:
    pid = trial.begun(mutant, judges)
    return trial.outcome(os.waitpid(pid, 0)[1])


def test_a_change_that_shows_is_noticed(judges: Judges) -> None:
    assert came_of(mutant("is_padded", "len(text) > 2", "len(text) > 3"), judges) == "killed"


def test_a_change_that_nobody_could_see_survives(judges: Judges) -> None:
    assert came_of(mutant("is_padded", 'text[0] == "0"', 'text[0] in "0"'), judges) == "survived"


def test_what_goes_on_and_on_is_ended(judges: Judges) -> None:
    was = 'return text.replace(".", "")'
    assert came_of(mutant("digits", was, f"while True:\n        pass\n    {was}"), judges) == "timeout"


def test_every_test_is_called_with_every_row_of_its_table(judges: Judges) -> None:
    names = [one.name.rpartition(" ")[0].rpartition(".")[2] for one in judges.trials]
    assert names.count("test_a_telephone_number_is_known") == 7
    assert names.count("test_digits_are_what_is_left_without_separators") == 1
    place = str(ROOT / "catalogue" / "numerals.py") + ":is_phone"
    assert len(judges.reaching(place)) == 7


def test_a_test_is_given_a_folder_and_what_its_module_makes_of_one() -> None:
    (one,) = (one for one in judge.trials(["load"]) if "test_faults_speak_to_the_clerk" in one.name)
    assert one.passes()


def test_what_is_explained_is_there_and_has_a_reason() -> None:
    page = results.PAGE.read_text(encoding="utf8")
    for row in results.explanations():
        source = (ROOT / "catalogue" / f"{row['module']}.py").read_text(encoding="utf8")
        assert " ".join(row["was"].split()) in " ".join(source.split()), row
        assert f"| {row['why']} |" in page, row
