"""Tuning before the main job: the trials of all studies, run as stages like any others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from benchmark.execute.job import Job
from benchmark.execute.schedule import run_stages
from benchmark.execute.watch import Display
from benchmark.execute.workers import Workers
from benchmark.measure.hardware import fingerprint
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import Graph, Stage
from benchmark.plan.speech import Speech
from benchmark.plan.status import examine, to_run
from benchmark.store.mending import mend
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Suite
from benchmark.tune.instances import judged, plan_instances
from benchmark.tune.replay import seconds_ahead
from benchmark.tune.rounds import search_all
from benchmark.tune.search import Search
from benchmark.tune.study import studies
from benchmark.tune.trial import Judged


@dataclass
class Tuning:
    """Runs searches.

    searches  all of them, as far as they got
    graph     the stages of all trials
    ran       keys of those that were run now
    changed   whether the table of trials is not the one before
    """

    suite: Suite
    speech: Speech
    store: StageStore
    device: str
    jobs: int
    retry_failed: bool
    make_job: Callable[[Stage], Job]
    searches: list[Search] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)
    ran: set[str] = field(default_factory=set)
    changed: bool = False

    def run(self, matrix: Matrix, workers: Workers | None, console: Console) -> None:
        """Search the settings of the tuned cells of a matrix.

        Does nothing where their languages could not be prepared: those cells are then blocked.
        """
        if self.speech.blocked_tuning:
            return
        self.searches = [Search(study) for study in studies(self.suite, matrix)]
        self._hardware = fingerprint(self.device)
        self._estimator = Estimator(self.store.records())
        with Display(console, [], [], self._estimator, self.jobs) as self._display:

            def judge(cells: Sequence[Cell]) -> list[Judged | None]:
                return self._judge(cells, workers)

            search_all(self.searches, judge, self._announce)

    def _announce(self, number: int) -> None:
        most = max(search.study.num_trials for search in self.searches)
        self._display.title = (
            f"tuning: trial {number + 1} of {most}, {len(self.searches)} studies | "
        )
        self._display.seconds_ahead = seconds_ahead(
            self.searches, self.speech, self._hardware, self._estimator
        )

    def _judge(self, cells: Sequence[Cell], workers: Workers | None) -> list[Judged | None]:
        plan = plan_instances(self.suite, cells, self.speech, self._hardware)
        found = examine(plan, self.store)
        if self.retry_failed:
            failed = {key for key, state in found.states.items() if state == "failed"}
            for key in failed - self.graph.stages.keys():
                self.store.remove(key)
            found = examine(plan, self.store)
        mend(found.damaged.values(), self._display.console)
        self.graph.stages |= plan.graph.stages
        if stages := to_run(plan, found):
            self._display.stages += stages
            self.ran |= run_stages(
                stages, self.make_job, workers, self._estimator, self._display
            ).keys()
            found = examine(plan, self.store)
        return [judged(plan, cell, found) for cell in plan.cells]
