"""Every entrance under a few hundred odd inputs: the short form of `make fuzz`, without what watches the branches."""

from random import Random

import pytest

from tests.fuzz import changes
from tests.fuzz.entrances import ENTRANCES

INPUTS = 300


@pytest.mark.parametrize("name", ENTRANCES)
def test_nothing_that_comes_in_trips_it(name: str) -> None:
    entrance, chance = ENTRANCES[name], Random(1)
    seeds, one = entrance.open()
    for number in range(INPUTS):
        data = chance.choice(seeds)
        tree = entrance.json and number % 5
        one(changes.of_tree(data, chance) if tree else changes.of_bytes(data, chance, seeds))
