"""One change tried in a process of its own: first in the code as it stands, then in code that is built anew with it."""

import gc
import importlib.util
import os
import resource
import signal
import sys
import traceback
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Literal

from tests.mutation import judge
from tests.mutation.judge import LIGHT, Judges, Trial
from tests.mutation.mutant import Mutant

Outcome = Literal["killed", "survived", "timeout"]
ENDS: dict[int, Outcome] = {0: "survived", 1: "killed"}
MEMORY = 4 << 30
QUICK = 0.02  # seconds; what takes longer comes last
PATIENCE = 30  # times as long as it usually takes
BUILDING = 10.0  # seconds to import everything anew


def begun(mutant: Mutant, judges: Judges) -> int:
    """The process that tries it; how it ends says what came of it."""
    reaching = judges.reaching(mutant.place)
    pid = os.fork()
    if pid:
        return pid
    try:
        gc.disable()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(0 if _survives(mutant, judges, reaching) else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(2)


def outcome(status: int) -> Outcome:
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGPROF, status
        return "timeout"
    return ENDS[os.WEXITSTATUS(status)]


def _survives(mutant: Mutant, judges: Judges, reaching: list[Trial]) -> bool:
    """What is quick comes first, what is slow last; between them all over again, where something is built with it."""
    placed = _put_in_place(mutant)
    if placed and not all(_passes(one, one.seconds) for one in reaching if one.seconds < QUICK):
        return False
    if (not placed or mutant.place in judges.built) and not _survives_anew(mutant, judges):
        return False
    return not placed or all(_passes(one, one.seconds) for one in reaching if one.seconds >= QUICK)


def _survives_anew(mutant: Mutant, judges: Judges) -> bool:
    usual = {one.name: one.seconds for one in judges.trials}
    judge.forget()
    sys.meta_path.insert(0, _Changed(mutant))
    signal.setitimer(signal.ITIMER_PROF, BUILDING)
    try:
        anew = judge.trials(LIGHT)
    except Exception:  # it can't even be built
        return False
    return all(_passes(one, usual[one.name]) for one in anew if usual[one.name] < QUICK)


def _passes(trial: Trial, usual: float) -> bool:
    """Something that goes on and on ends the process."""
    signal.setitimer(signal.ITIMER_PROF, 1 + PATIENCE * usual)
    return trial.passes()


def _put_in_place(mutant: Mutant) -> bool:
    """Whoever has the function already has the changed one now; not where it is put together of other parts."""
    owner: object = sys.modules[f"catalogue.{mutant.module}"]
    code = _compiled(mutant)
    for part in mutant.function.split("."):
        owner, function = vars(owner)[part], vars(owner)[part]
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == part)
    function = getattr(function, "__func__", function)
    if "def " in mutant.was or code.co_freevars != function.__code__.co_freevars:
        return False
    function.__code__ = code
    return True


def _compiled(mutant: Mutant) -> CodeType:
    return compile(mutant.source, mutant.path, "exec")


class _Changed(MetaPathFinder, Loader):
    """Finds the changed module where Python would find the sound one."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name != f"catalogue.{self.mutant.module}":
            return None
        return importlib.util.spec_from_file_location(name, self.mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(_compiled(self.mutant), vars(module))
