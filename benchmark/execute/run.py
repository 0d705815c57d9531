"""The main job: plan, run what is missing, gather records."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmark.cache import REMEDY
from benchmark.execute.job import Job
from benchmark.execute.pacing import pace_stages
from benchmark.execute.schedule import run_stages
from benchmark.execute.timing import time_stages
from benchmark.execute.tuning import Tuning
from benchmark.execute.watch import Display
from benchmark.execute.workers import Workers
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import Stage
from benchmark.plan.planner import Plan, make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.plan.status import Statuses, examine, representative, to_run
from benchmark.results.provenance import provenance
from benchmark.results.records import records
from benchmark.results.store import StageStore
from benchmark.results.tables import (
    UTTERANCES,
    up_to_date,
    write_provenance,
    write_records,
    write_utterances,
)
from benchmark.results.trials import write_trials
from benchmark.suite.matrix import Matrix
from benchmark.suite.schema import Suite
from benchmark.system.denials import Place
from benchmark.system.places import give_another, require_writable
from benchmark.tune.rows import trial_rows
from benchmark.tune.settle import settle


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


def run_suite(suite: Suite, matrix: Matrix, options: Options, console: Console) -> Outcome:
    """Run what a suite lacks and write its results folder.

    What finished is kept and written whatever happens, an interruption included.
    """
    began = time.perf_counter()
    folder = options.results / suite.name
    store = StageStore(folder / "stages")
    store.sweep()
    prepared_store().sweep()
    with Workers(options.jobs) if options.jobs > 1 else nullcontext() as workers:
        failures, stages_run = _prepare(suite, matrix, options, workers, console)
        speech = Speech.of(suite.data, failures, matrix.unsettled)
        tuning = _tune(suite, matrix, speech, store, options, workers, console)
        settled = settle(matrix, tuning.searches)
        stages_run += _pace(suite, settled, speech, store, options, console)
        plan = make_plan(suite, settled, speech, options.device, store)
        plan.graph.stages |= tuning.graph.stages
        stages_run += len(tuning.ran)
        if options.retry_failed:
            for key, state in examine(plan, store).states.items():
                if state == "failed" and key not in tuning.graph.stages:
                    store.remove(key)
        found = examine(plan, store)
        before = replace(found, states={**found.states, **dict.fromkeys(tuning.ran, "missing")})
        try:
            # Once more only where an artefact that was to be timed could not be made.
            while stages := to_run(plan, found):
                stages_run += _run_missing(plan, found, stages, store, options, workers, console)
                found = examine(plan, store)
        finally:
            found = examine(plan, store)
            changed = _write(plan, found, before, folder, options) or tuning.changed
    return Outcome(plan, found, folder, stages_run, time.perf_counter() - began, changed)


def _prepare(
    suite: Suite, matrix: Matrix, options: Options, workers: Workers | None, console: Console
) -> tuple[dict[str, str], int]:
    """Prepare languages that are not; returns why some could not be, and how many were tried."""
    speech = Speech.of(suite.data, tuning=matrix.unsettled)
    missing = [
        one.stage
        for one in speech.languages.values()
        if one.stage and not one.prepared and not one.blocked
    ]
    failures = {one.name: one.blocked for one in speech.languages.values() if one.blocked}
    store = prepared_store()
    if missing:
        options.require_writable(suite)
        require_writable(Place(store.folder, REMEDY))
    estimator = Estimator(store.records())
    with Display(console, missing, [], estimator, options.jobs) as display:
        done = run_stages(
            missing,
            lambda stage: _job(stage, store, {}, options.device, None),
            workers,
            estimator,
            display,
        )
    for stage in missing:
        record = done[stage.key]
        if record.status != "ok":
            failures[stage.languages[0]] = record.error or record.status
    return failures, len(missing)


def _tune(
    suite: Suite,
    matrix: Matrix,
    speech: Speech,
    store: StageStore,
    options: Options,
    workers: Workers | None,
    console: Console,
) -> Tuning:
    """Search the settings of tuned cells; the trials so far are written whatever happens."""
    places = _places(speech)
    tuning = Tuning(
        suite,
        speech,
        store,
        options.device,
        options.jobs,
        options.retry_failed,
        lambda stage: _job(stage, store, places, options.device, suite.stage_seconds),
    )
    try:
        if matrix.unsettled:
            tuning.run(matrix, workers, console)
    finally:
        rows = trial_rows(tuning.searches)
        tuning.changed = write_trials(options.results / suite.name, rows)
    return tuning


def _pace(
    suite: Suite,
    matrix: Matrix,
    speech: Speech,
    store: StageStore,
    options: Options,
    console: Console,
) -> int:
    """Measure the paces that an equal number of seconds rests on; returns how many."""
    if suite.budget.equal != "seconds":
        return 0
    stages = make_plan(suite, matrix, speech, options.device, store).graph.of_kind("pace")
    known = {stage.key: store.get(stage.key) for stage in stages}
    for key, record in known.items():
        if record and record.status != "ok" and options.retry_failed:
            store.remove(key)
            known[key] = None
    missing = [stage for stage in stages if known[stage.key] is None]
    if missing:
        options.require_writable(suite)
        with Display(console, missing, [], Estimator(), 1) as display:
            pace_stages(missing, _places(speech), store, options.device, display)
    return len(missing)


def _places(speech: Speech) -> dict[str, Path]:
    """Where prepared languages lie."""
    prepared = {name: one.prepared for name, one in speech.languages.items()}
    return {name: one.path for name, one in prepared.items() if one is not None}


def _run_missing(
    plan: Plan,
    before: Statuses,
    stages: list[Stage],
    store: StageStore,
    options: Options,
    workers: Workers | None,
    console: Console,
) -> int:
    """Run stages, timing last and alone on the machine; returns how many were run."""
    options.require_writable(plan.suite)
    estimator = Estimator(before.records.values())
    places = _places(plan.speech)
    with Display(console, stages, plan.cells, estimator, options.jobs) as display:
        display.finished_keys.update(k for k, s in before.states.items() if s == "cached")
        done = run_stages(
            [stage for stage in stages if stage.kind != "time"],
            lambda stage: _job(stage, store, places, options.device, plan.suite.stage_seconds),
            workers,
            estimator,
            display,
        )
        found = examine(plan, store)
        timings = {
            stage: candidate
            for stage in stages
            if stage.kind == "time"
            and (candidate := representative(plan, found, stage.key))
            and all(found.states[key] == "cached" for key in candidate)
        }
        time_stages(timings, plan.suite, store, options.device, display)
    return len(done) + len(timings)


def _job(
    stage: Stage,
    store: StageStore,
    places: Mapping[str, Path],
    device: str,
    limit_seconds: float | None,
) -> Job:
    corpora = {name: places[name] for name in stage.languages if name in places}
    return Job(stage.kind, stage.key, stage.identity, store.folder, corpora, device, limit_seconds)


def _write(plan: Plan, found: Statuses, before: Statuses, folder: Path, options: Options) -> bool:
    """Write the tables of a results folder from the stages that are there, if they changed."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = records(plan, found)
    if up_to_date(folder, rows, plan.suite.text):
        return False
    write_records(folder, rows)
    store = StageStore(folder / "stages")
    scored = {
        cell.id: store.path(cell.stages["score"]) / UTTERANCES
        for cell in plan.cells
        if cell.stages and found.states[cell.stages["score"]] == "cached"
    }
    write_utterances(folder, scored)
    write_provenance(folder, provenance(plan, found, before, options.command))
    return True
