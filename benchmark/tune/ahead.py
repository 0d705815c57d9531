"""The trials of a study that no result can change."""

from __future__ import annotations

from benchmark.suite.matrix import Cell
from benchmark.tune.search import STARTUP_WHOLE, Search
from benchmark.tune.study import Study
from benchmark.tune.trial import Judged


def first_instances(study: Study) -> list[Cell]:
    """The instances of the trials that are drawn at random and run to their end.

    All of them are needed, except that a trial which fails ends at once and is replaced.
    """
    search, cells = Search(study), []
    for _ in range(STARTUP_WHOLE):
        trial = search.ask()
        if trial is None:
            break
        for cell in study.instances(trial.settings):
            cells.append(cell)
            # Any error will do: settings are not chosen by it so early.
            search.tell(Judged(cell.language, 0, "wer", error=1.0))
    return cells
