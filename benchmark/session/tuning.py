"""Tuning before the main job: the trials of all studies, run as stages like any others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmark.execute.schedule import run_stages
from benchmark.execute.watch import Display
from benchmark.measure.hardware import fingerprint
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import Graph
from benchmark.plan.speech import Speech
from benchmark.plan.status import examine, to_run
from benchmark.session.session import Session
from benchmark.store.mending import mend
from benchmark.suite.matrix import Cell, Matrix
from benchmark.tune.ahead import first_instances
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
    """

    session: Session
    speech: Speech
    searches: list[Search] = field(default_factory=list)
    graph: Graph = field(default_factory=Graph)
    ran: set[str] = field(default_factory=set)

    def run(self, matrix: Matrix) -> None:
        """Search the settings of the tuned cells of a matrix.

        Does nothing where their languages could not be prepared: those cells are then blocked.
        """
        if self.speech.blocked_tuning:
            return
        session = self.session
        self.searches = [Search(study) for study in studies(session.suite, matrix)]
        self._hardware = fingerprint(session.options.device)
        self._estimator = Estimator(session.store.records())
        jobs, gpu = session.options.jobs, session.options.device == "cuda"
        with Display(session.console, [], [], self._estimator, jobs, gpu) as self._display:
            if session.options.stack > 1:
                # A round alone is an instance of each study: too few learners for a stack.
                self._announce(0)
                self._judge([c for search in self.searches for c in first_instances(search.study)])
            search_all(self.searches, self._judge, self._announce)

    def _announce(self, number: int) -> None:
        most = max(search.study.num_trials for search in self.searches)
        self._display.title = (
            f"tuning: trial {number + 1} of {most}, {len(self.searches)} studies | "
        )
        self._display.seconds_ahead = seconds_ahead(
            self.searches, self.speech, self._hardware, self._estimator
        )

    def _judge(self, cells: Sequence[Cell]) -> list[Judged | None]:
        session, store = self.session, self.session.store
        plan = plan_instances(session.suite, cells, self.speech, self._hardware)
        found = examine(plan, store)
        if session.options.retry_failed:
            failed = {key for key, state in found.states.items() if state == "failed"}
            for key in failed - self.graph.stages.keys():
                store.remove(key)
            found = examine(plan, store)
        mend(found.damaged.values(), self._display.console)
        self.graph.stages |= plan.graph.stages
        if stages := to_run(plan, found):
            self._display.stages += stages
            self.ran |= run_stages(
                stages,
                lambda planned: session.job(planned, self.speech),
                session.workers,
                self._estimator,
                self._display,
                session.options.stack,
            ).keys()
            found = examine(plan, store)
        return [judged(plan, cell, found) for cell in plan.cells]
