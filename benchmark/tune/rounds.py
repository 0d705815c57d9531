"""All studies of a suite side by side: a trial of each at a time, an instance of each at a time.

What waits for an instance is run at once, over all studies, so that workers are kept busy; the
results of a study do not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmark.suite.matrix import Cell
from benchmark.tune.search import Search
from benchmark.tune.trial import Judged

Judge = Callable[[Sequence[Cell]], Sequence[Judged | None]]
"""How cells come out; None where that is not known and cannot be found out."""


def search_all(
    searches: Sequence[Search], judge: Judge, began: Callable[[int], None] = lambda number: None
) -> None:
    """Bring every search to its end, or to where a result is missing.

    `began` is told the number of each trial (from 0) as all studies begin it.
    """
    while asked := [(search, trial) for search in searches if (trial := search.ask())]:
        began(max(trial.number for _, trial in asked))
        running = asked
        while running:
            waiting = [
                search.study.instances(trial.settings)[len(trial.judged)]
                for search, trial in running
            ]
            for (search, _), judged in zip(running, judge(waiting), strict=True):
                search.tell(judged)
            running = [
                (search, trial)
                for search, trial in running
                if trial.state == "running" and not search.suspended
            ]
