"""A suite with all that planning and running it goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from benchmark.execute.job import Job
from benchmark.execute.workers import Workers
from benchmark.measure.hardware import fingerprint
from benchmark.plan.graph import PlannedStage
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech
from benchmark.session.options import Options
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.suite.schema import Suite
from benchmark.tune.replay import replay
from benchmark.tune.search import Search
from benchmark.tune.settle import settle


class PlannedSuite(NamedTuple):
    """A plan, and the searches that its tuned cells have their settings from."""

    plan: Plan
    searches: Sequence[Search]


@dataclass
class Session:
    """Looks up what is there and runs nothing; `session.run` makes what is missing.

    workers   None where stages run in this process
    failures  languages that could not be prepared, and why
    """

    suite: Suite
    store: StageStore
    options: Options
    workers: Workers | None
    console: Console
    failures: dict[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def folder(self) -> Path:
        """The results folder of the suite."""
        return self.options.results / self.suite.name

    def plan(self, cells: Matrix) -> PlannedSuite:
        """Prepare languages, tune settings, measure paces, and plan with what came of it.

        Raises SuiteError as `make_plan` does, and Damaged where prepared speech is.
        """
        speech = self.prepare(cells)
        searches = self.tune(cells, speech)
        settled = settle(cells, searches)
        self.pace(settled, speech)
        plan = make_plan(self.suite, settled, speech, self.options.device, self.store)
        return PlannedSuite(plan, searches)

    def prepare(self, cells: Matrix) -> Speech:
        """The speech that cells use, as far as it is prepared. Raises Damaged."""
        return Speech.of(self.suite.data, self.failures, cells.awaits_tuning)

    def tune(self, cells: Matrix, speech: Speech) -> Sequence[Search]:
        """The searches for the settings of tuned cells, as far as their trials are stored."""
        return replay(self.suite, cells, speech, fingerprint(self.options.device), self.store)

    def pace(self, cells: Matrix, speech: Speech) -> None:
        """Nothing: paces that are stored are found by the planner."""

    def job(self, planned: PlannedStage, speech: Speech) -> Job:
        """What a worker is told to run a stage of the suite."""
        return Job(
            planned.kind,
            planned.key,
            planned.identity,
            self.store.folder,
            {name: place for name, place in places(speech).items() if name in planned.languages},
            self.options.device if planned.stage.on_device else "cpu",
            self.suite.stage_seconds,
            self.options.profile,
        )


def places(speech: Speech) -> dict[str, Path]:
    """Where prepared languages lie."""
    prepared = {name: language.prepared for name, language in speech.languages.items()}
    return {name: found.path for name, found in prepared.items() if found is not None}
