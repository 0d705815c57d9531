"""Timing artefacts: one quiet process per reference, after everything else is done."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping

from benchmark.execute.schedule import Watcher
from benchmark.execute.timing_facts import facts_of, header_of
from benchmark.measure.latency import time_artefacts
from benchmark.measure.timing import TimedArtefact
from benchmark.plan.graph import PlannedStage
from benchmark.plan.planner import Candidate
from benchmark.plan.stages import Time
from benchmark.runtimes.base import named_runtime
from benchmark.store.stages import StageRecord, StageStore
from benchmark.suite.schema import Suite


def time_stages(
    chosen: Mapping[PlannedStage, Candidate],
    suite: Suite,
    store: StageStore,
    device: str,
    watcher: Watcher,
) -> None:
    """Time structures, all those of one reference interleaved with it in one process.

    Raises Damaged where an artefact is.
    """
    groups: dict[str, dict[PlannedStage, str]] = defaultdict(dict)
    for stage, candidate in chosen.items():
        groups[candidate.reference][stage] = candidate.artefact
    for reference, group in groups.items():
        for stage in group:
            watcher.started(stage)
        records = _time(reference, group, suite, store, device)
        for stage, record in zip(group, records, strict=True):
            watcher.finished(stage, record)


def _time(
    reference: str, group: Mapping[PlannedStage, str], suite: Suite, store: StageStore, device: str
) -> list[StageRecord]:
    began = time.perf_counter()
    others = [artefact for artefact in group.values() if artefact != reference]
    first = next(iter(group)).stage
    assert isinstance(first, Time), "no other stages are timed"
    named = first.runtime
    runtime = named_runtime(named)
    files = [runtime.file(store.open(key)) for key in (reference, *others)]
    try:
        timed = time_artefacts(
            files[0],
            files[1:],
            suite.timing,
            device,
            runtime=named,
            headers=[header_of(store, key) for key in (reference, *others)],
        )
    except RuntimeError as error:
        return [store.save(planned, device, status="failed", error=str(error)) for planned in group]
    seconds = (time.perf_counter() - began) / len(group)
    by_artefact = dict(zip([reference, *others], timed, strict=True))
    return [
        _kept(stage, by_artefact[artefact], seconds, store, device)
        for stage, artefact in group.items()
    ]


def _kept(
    planned: PlannedStage, timed: TimedArtefact, seconds: float, store: StageStore, device: str
) -> StageRecord:
    with store.writing(planned.key) as folder:
        (folder / "latencies_ms.json").write_text(json.dumps(timed.latency.runs_ms))
        return store.save(planned, device, folder, seconds=seconds, facts=facts_of(timed))
