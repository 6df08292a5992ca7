"""One entrance under libFuzzer, in a process of its own: `python -m tests.fuzz.one NAME RUNS FOLDER SEED SECONDS`."""

import logging
import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["bot", "catalogue"], enable_loader_override=False):
    from tests.fuzz import changes
    from tests.fuzz.entrances import ENTRANCES

    name, runs, folder, seed, seconds = sys.argv[1:]
    seeds, one = ENTRANCES[name].open()

LONGEST = 8192  # bytes of one input; libFuzzer would stay at the length of the seeds


def changed(data: bytes, longest: int, number: int) -> bytes:
    """A tree at one place, or as libFuzzer would: what it would never reach, and what no tree looks like."""
    chance = Random(number)
    return (changes.of_tree(data, chance) if chance.random() < 0.8 else atheris.Mutate(data, longest))[:longest]


logging.disable(logging.CRITICAL)  # what can't be read is logged, and here nearly everything is
corpus = Path(folder, "corpus")
corpus.mkdir(parents=True)
for place, content in enumerate(seeds):
    corpus.joinpath(str(place)).write_bytes(content)
longest = max(LONGEST, *map(len, seeds))
limits = [f"-runs={runs}", f"-max_total_time={seconds}", f"-max_len={longest}", "-rss_limit_mb=3000", "-timeout=20"]
said = [f"-seed={seed}", f"-artifact_prefix={folder}/", "-print_final_stats=1", str(corpus)]
ours = {"custom_mutator": changed} if ENTRANCES[name].json else {}
atheris.Setup([sys.argv[0], *limits, *said], one, **ours)
atheris.Fuzz()
