"""What a run does before it plans for good: languages are prepared, paces are measured."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from benchmark.cache import REMEDY
from benchmark.execute.job import Job
from benchmark.execute.pacing import pace_stages
from benchmark.execute.schedule import run_stages
from benchmark.execute.watch import Display
from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.planner import make_plan
from benchmark.plan.speech import Speech, prepared_store
from benchmark.session.session import Session, places
from benchmark.store.mending import mend
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Matrix
from benchmark.system.denials import Place
from benchmark.system.places import require_writable


def prepare_languages(session: Session, cells: Matrix) -> int:
    """Prepare the languages of cells that are not; returns how many.

    `session.failures` tells afterwards why some could not be.
    """
    speech, store = Speech.of(session.suite.data, tuning=cells.awaits_tuning), prepared_store()
    languages = speech.languages.values()
    session.failures = {each.name: each.blocked for each in languages if each.blocked}
    missing = [
        each.stage for each in languages if each.stage and not each.prepared and not each.blocked
    ]
    _mend(missing, store, session.console)
    if missing:
        session.options.require_writable(session.suite)
        require_writable(Place(store.folder, REMEDY))
    estimator = Estimator(store.records())
    with Display(session.console, missing, [], estimator, session.options.jobs) as display:
        done = run_stages(
            missing,
            lambda stage: Job(stage.kind, stage.key, stage.identity, store.folder, {}, "cpu"),
            session.workers,
            estimator,
            display,
        )
    for planned in missing:
        record = done[planned.key]
        if record.status != "ok":
            session.failures[planned.languages[0]] = record.error or record.status
    return len(missing)


def measure_paces(session: Session, cells: Matrix, speech: Speech) -> int:
    """Measure the paces that an equal number of seconds rests on; returns how many."""
    if session.suite.budget.equal != "seconds":
        return 0
    store, device = session.store, session.options.device
    paces = make_plan(session.suite, cells, speech, device, store).graph.of_kind("pace")
    records = {planned.key: store.get(planned.key) for planned in paces}
    for key, record in records.items():
        if record and record.status != "ok" and session.options.retry_failed:
            store.remove(key)
            records[key] = None
    missing = [planned for planned in paces if records[planned.key] is None]
    _mend(missing, store, session.console)
    if missing:
        session.options.require_writable(session.suite)
        with Display(session.console, missing, [], Estimator(), 1) as display:
            pace_stages(missing, places(speech), store, device, display)
    return len(missing)


def _mend(missing: Iterable[PlannedStage], store: StageStore, console: Console) -> None:
    """Set aside those of the stages that are missing because they are damaged."""
    for planned in missing:
        if damage := store.damage(planned.key):
            damage.what = planned.kind
            mend([damage], console)
