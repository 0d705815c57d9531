"""The main job: plan, run what is missing, gather records."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmark.cache import REMEDY
from benchmark.errors import DataError
from benchmark.execute.job import Job
from benchmark.execute.pacing import pace_stages
from benchmark.execute.schedule import run_stages
from benchmark.execute.timing import time_stages
from benchmark.execute.watch import Display
from benchmark.execute.workers import Workers
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import Stage
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.plan.status import State, Statuses, examine, representative, to_run
from benchmark.results.records import records
from benchmark.results.tables import damaged_tables
from benchmark.results.trials import write_trials
from benchmark.session.gather import Gathered, gather, write_tables
from benchmark.session.tuning import Tuning
from benchmark.store.integrity import Damaged
from benchmark.store.mending import mend, sweep_all
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.suite.schema import Suite
from benchmark.system.denials import Place
from benchmark.system.places import give_another, require_writable
from benchmark.tune.rows import trial_rows
from benchmark.tune.settle import settle

MOST_PLANS = 10
"""How often one run plans anew because something was damaged. Every stage of a lineage may be
found damaged only when those behind it are made again."""


@dataclass(frozen=True)
class Options:
    """How to run, not what: nothing here changes a hypothesis."""

    results: Path
    device: str
    jobs: int
    retry_failed: bool = False
    command: tuple[str, ...] = ()
    reports: Path | None = None

    def require_writable(self, suite: Suite) -> None:
        """Raise UserError, before work is done in vain, where its results cannot be written."""
        require_writable(Place(self.results / suite.name / "stages", give_another("--results")))
        if self.reports:
            require_writable(Place(self.reports, give_another("--reports")))


@dataclass(frozen=True)
class Outcome:
    """A run that came to its end; `changed` tells whether its results are not those before."""

    plan: Plan
    found: Statuses
    folder: Path
    stages_run: int
    seconds: float
    changed: bool

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """One record per cell."""
        return records(self.plan, self.found)

    @property
    def cells_by_status(self) -> Counter[str]:
        """How many cells ended with each status."""
        return Counter(record["status"] for record in self.records)

    @property
    def reasons(self) -> list[str]:
        """Why cells have no result, the commonest reason first."""
        counts = Counter(record["error"] for record in self.records if record["error"])
        return [reason for reason, _ in counts.most_common()]


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
    with Workers(options.jobs) if options.jobs > 1 else nullcontext() as workers:
        run = _Run(suite, selected, whole, options, workers, console)
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
class _Run:
    """One run, which may have to be planned more than once.

    before  states of the stages when it began
    again   keys of the stages that were set aside
    """

    suite: Suite
    selected: Matrix
    whole: Matrix | None
    options: Options
    workers: Workers | None
    console: Console
    before: dict[str, State] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    stages_run: int = 0
    changed: bool = False
    began: float = field(default_factory=time.perf_counter)

    @property
    def folder(self) -> Path:
        return self.options.results / self.suite.name

    @property
    def store(self) -> StageStore:
        return StageStore(self.folder / "stages")

    def outcome(self) -> Outcome:
        """Plan, run what is missing, and write. Raises Damaged."""
        failures = self._prepare()
        speech = Speech.of(self.suite.data, failures, self.selected.awaits_tuning)
        tuning = self._tune(speech)
        settled = settle(self.selected, tuning.searches)
        self._pace(settled, speech)
        plan = make_plan(self.suite, settled, speech, self.options.device, self.store)
        plan.graph.stages |= tuning.graph.stages
        if self.options.retry_failed:
            for key, state in examine(plan, self.store).states.items():
                if state == "failed" and key not in tuning.graph.stages:
                    self.store.remove(key)
        found = self._examined(plan, tuning.ran)
        try:
            # Once more only where an artefact that was to be timed could not be made.
            while stages := to_run(plan, found, self.again):
                self._run_missing(plan, found, stages)
                found = self._examined(plan, tuning.ran)
        except Damaged:
            raise
        except BaseException:
            with suppress(Damaged):
                self._write(plan, examine(plan, self.store), failures)
            raise
        self._write(plan, found, failures)
        seconds = time.perf_counter() - self.began
        return Outcome(plan, found, self.folder, self.stages_run, seconds, self.changed)

    def _examined(self, plan: Plan, ran: set[str]) -> Statuses:
        """The statuses of a plan's stages; damaged ones are set aside and count as missing."""
        found = examine(plan, self.store)
        mend(found.damaged.values(), self.console)
        self.again |= found.damaged.keys()
        for key, state in found.states.items():
            self.before.setdefault(key, "missing" if key in ran else state)
        return found

    def _prepare(self) -> dict[str, str]:
        """Prepare languages that are not; returns why some could not be."""
        speech = Speech.of(self.suite.data, tuning=self.selected.awaits_tuning)
        missing = [
            one.stage
            for one in speech.languages.values()
            if one.stage and not one.prepared and not one.blocked
        ]
        failures = {one.name: one.blocked for one in speech.languages.values() if one.blocked}
        store = prepared_store()
        self._mend(missing, store)
        if missing:
            self.options.require_writable(self.suite)
            require_writable(Place(store.folder, REMEDY))
        estimator = Estimator(store.records())
        with Display(self.console, missing, [], estimator, self.options.jobs) as display:
            done = run_stages(
                missing,
                lambda stage: _job(stage, store, {}, self.options.device, None),
                self.workers,
                estimator,
                display,
            )
        for stage in missing:
            record = done[stage.key]
            if record.status != "ok":
                failures[stage.languages[0]] = record.error or record.status
        self.stages_run += len(missing)
        return failures

    def _tune(self, speech: Speech) -> Tuning:
        """Search the settings of tuned cells; the trials so far are written whatever happens."""
        options, places = self.options, _places(speech)
        tuning = Tuning(
            self.suite,
            speech,
            self.store,
            options.device,
            options.jobs,
            options.retry_failed,
            lambda stage: _job(stage, self.store, places, options.device, self.suite.stage_seconds),
        )
        try:
            if self.selected.awaits_tuning:
                tuning.run(self.selected, self.workers, self.console)
        finally:
            self.stages_run += len(tuning.ran)
            if self.whole is None:
                self.changed |= write_trials(self.folder, trial_rows(tuning.searches))
        return tuning

    def _pace(self, settled: Matrix, speech: Speech) -> None:
        """Measure the paces that an equal number of seconds rests on."""
        if self.suite.budget.equal != "seconds":
            return
        store, device = self.store, self.options.device
        stages = make_plan(self.suite, settled, speech, device, store).graph.of_kind("pace")
        known = {stage.key: store.get(stage.key) for stage in stages}
        for key, record in known.items():
            if record and record.status != "ok" and self.options.retry_failed:
                store.remove(key)
                known[key] = None
        missing = [stage for stage in stages if known[stage.key] is None]
        self._mend(missing, store)
        if missing:
            self.options.require_writable(self.suite)
            with Display(self.console, missing, [], Estimator(), 1) as display:
                pace_stages(missing, _places(speech), store, device, display)
        self.stages_run += len(missing)

    def _mend(self, missing: Iterable[Stage], store: StageStore) -> None:
        """Set aside those of the stages that are missing because they are damaged."""
        for stage in missing:
            if damage := store.damage(stage.key):
                damage.what = stage.kind
                mend([damage], self.console)

    def _run_missing(self, plan: Plan, before: Statuses, stages: list[Stage]) -> None:
        """Run stages, timing last and alone on the machine."""
        self.options.require_writable(self.suite)
        store, device = self.store, self.options.device
        estimator = Estimator(before.records.values())
        places = _places(plan.speech)
        with Display(self.console, stages, plan.cells, estimator, self.options.jobs) as display:
            display.finished_keys.update(k for k, s in before.states.items() if s == "cached")
            done = run_stages(
                [stage for stage in stages if stage.kind != "time"],
                lambda stage: _job(stage, store, places, device, plan.suite.stage_seconds),
                self.workers,
                estimator,
                display,
            )
            self.stages_run += len(done)
            found = examine(plan, store)
            timings = {
                stage: candidate
                for stage in stages
                if stage.kind == "time"
                and (candidate := representative(plan, found, stage.key))
                and all(found.states[key] == "cached" for key in candidate)
            }
            time_stages(timings, plan.suite, store, device, display)
            self.stages_run += len(timings)

    def _write(self, plan: Plan, found: Statuses, failures: dict[str, str]) -> None:
        """Write the tables of the results folder from the stages that are there."""
        if self.whole is None:
            gathered = Gathered(plan, found)
        else:
            gathered = gather(self.whole, plan, failures, self.options.device, self.folder)
            self.changed |= write_trials(self.folder, trial_rows(gathered.searches))
        self.changed |= write_tables(gathered, self.before, self.folder, self.options.command)


def _places(speech: Speech) -> dict[str, Path]:
    """Where prepared languages lie."""
    prepared = {name: one.prepared for name, one in speech.languages.items()}
    return {name: one.path for name, one in prepared.items() if one is not None}


def _job(
    stage: Stage,
    store: StageStore,
    places: Mapping[str, Path],
    device: str,
    limit_seconds: float | None,
) -> Job:
    corpora = {name: places[name] for name in stage.languages if name in places}
    return Job(stage.kind, stage.key, stage.identity, store.folder, corpora, device, limit_seconds)
