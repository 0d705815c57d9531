"""The main job: plan, run what is missing, gather records."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console

from benchmark.errors import DataError
from benchmark.execute.workers import Workers
from benchmark.plan.planner import Plan
from benchmark.plan.speech import Speech
from benchmark.plan.status import State, Statuses, examine, to_run
from benchmark.results.records import records
from benchmark.results.stamps import damaged_tables
from benchmark.results.write import write_trials
from benchmark.session.gather import Gathered, gather, write_tables
from benchmark.session.missing import run_missing
from benchmark.session.options import Options
from benchmark.session.outcome import Outcome
from benchmark.session.preparing import measure_paces, prepare_languages
from benchmark.session.session import Session
from benchmark.session.tuning import Tuning
from benchmark.store.integrity import Damaged
from benchmark.store.mending import mend, sweep_all
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.suite.schema import Suite
from benchmark.tune.rows import trial_rows
from benchmark.tune.search import Search

MOST_PLANS = 10
"""How often one run plans anew because something was damaged. Every stage of a lineage may be
found damaged only when those behind it are made again."""


def run_suite(
    suite: Suite, selected: Matrix, options: Options, console: Console, whole: Matrix | None = None
) -> Outcome:
    """Run what the selected cells of a suite lack and write its results folder.

    `whole` is all cells of the suite where those selected are a part: rows of the others are kept.
    What finished is kept and written whatever happens, an interruption included. What is damaged is
    set aside, and then all is planned again. Raises DataError where it is damaged time and again.
    """
    folder = options.results / suite.name
    sweep_all(folder)
    for name, reason in damaged_tables(folder).items():
        line = f"{folder / name} {reason}; written again"
        console.print(line, style="yellow", highlight=False, markup=False, soft_wrap=True)
    store = StageStore(folder / "stages")
    several, gpu = options.jobs > 1, options.device == "cuda"
    with Workers(options.jobs, gpu) if several else nullcontext() as workers:
        run = Run(suite, store, options, workers, console, selected, whole)
        for _ in range(MOST_PLANS):
            try:
                return run.outcome()
            except Damaged as damage:
                mend([damage], console)
                run.again.add(damage.folder.name)
                run.options = replace(options, retry_failed=False)
                last = damage
    raise DataError(f"{last.line}, again and again: {last.folder.parent} does not keep its files")


@dataclass
class Run(Session):
    """A session that makes what is missing; it may have to plan more than once.

    whole   all cells of the suite, where those selected are a part
    before  states of the stages when it began
    again   keys of the stages that were set aside
    """

    selected: Matrix
    whole: Matrix | None
    before: dict[str, State] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    stages_run: int = 0
    changed: bool = False
    began: float = field(default_factory=time.perf_counter)

    def outcome(self) -> Outcome:
        """Plan, run what is missing, and write. Raises Damaged."""
        plan = self.plan(self.selected).plan
        plan.graph.stages |= self.tuning.graph.stages
        if self.options.retry_failed:
            for key, state in examine(plan, self.store).states.items():
                if state == "failed" and key not in self.tuning.graph.stages:
                    self.store.remove(key)
        found = self._examine(plan)
        try:
            # Once more only where an artefact that was to be timed could not be made.
            while stages := to_run(plan, found, self.again):
                self.stages_run += run_missing(self, plan, found, stages)
                found = self._examine(plan)
        except Damaged:
            raise
        except BaseException:
            with suppress(Damaged):
                self._write(plan, examine(plan, self.store))
            raise
        records = self._write(plan, found)
        return Outcome(
            plan=plan,
            found=found,
            records=records,
            folder=self.folder,
            stages_run=self.stages_run,
            seconds=time.perf_counter() - self.began,
            changed=self.changed,
        )

    def prepare(self, cells: Matrix) -> Speech:
        self.stages_run += prepare_languages(self, cells)
        return super().prepare(cells)

    def tune(self, cells: Matrix, speech: Speech) -> Sequence[Search]:
        """The trials so far are written whatever happens."""
        self.tuning = Tuning(self, speech)
        try:
            if cells.awaits_tuning:
                self.tuning.run(cells)
        finally:
            self.stages_run += len(self.tuning.ran)
            if self.whole is None:
                rows = trial_rows(self.tuning.searches)
                self.changed |= write_trials(self.folder, rows)
        return self.tuning.searches

    def pace(self, cells: Matrix, speech: Speech) -> None:
        self.stages_run += measure_paces(self, cells, speech)

    def _examine(self, plan: Plan) -> Statuses:
        """The statuses of a plan's stages; damaged ones are set aside and count as missing."""
        found = examine(plan, self.store)
        mend(found.damaged.values(), self.console)
        self.again |= found.damaged.keys()
        for key, state in found.states.items():
            self.before.setdefault(key, "missing" if key in self.tuning.ran else state)
        return found

    def _write(self, plan: Plan, found: Statuses) -> list[dict[str, Any]]:
        """Write the tables of the results folder from the stages that are there.

        Returns the records of the cells of `plan`.
        """
        gathered = Gathered(plan, found)
        if self.whole is not None:
            looking = Session(
                self.suite, self.store, self.options, None, self.console, failures=self.failures
            )
            gathered = gather(looking, self.whole, plan)
            self.changed |= write_trials(self.folder, trial_rows(gathered.searches))
        self.changed |= write_tables(gathered, self.before, self.folder, self.options.command)
        return gathered.records if self.whole is None else records(plan, found)
