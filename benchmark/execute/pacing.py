"""Measuring the pace of methods: one quiet process per reference, before a suite is planned."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmark.execute.schedule import Watcher
from benchmark.measure.process import measure_apart
from benchmark.plan.graph import Stage
from benchmark.store.identity import key
from benchmark.store.stages import StageRecord, StageStore

DIGITS = 2
"""Significant digits of a ratio: what is left of it when it is measured again."""


def pace_stages(
    stages: Sequence[Stage],
    places: Mapping[str, Path],
    store: StageStore,
    device: str,
    watcher: Watcher,
) -> None:
    """Measure paces, all those of one reference interleaved with it in one process.

    Raises Damaged where speech that is used is.
    """
    groups: dict[str, list[Stage]] = defaultdict(list)
    for stage in stages:
        groups[key(stage.identity["reference"])].append(stage)
    for group in groups.values():
        for stage in group:
            watcher.started(stage)
        for stage, record in zip(group, _measure(group, places, device), strict=True):
            with store.writing(stage.key) as folder:
                store.put(folder, record)
            watcher.finished(stage, record)


def _measure(group: Sequence[Stage], places: Mapping[str, Path], device: str) -> list[StageRecord]:
    began = time.perf_counter()
    first = group[0].identity
    languages = {name for stage in group for name in stage.languages}
    for name in languages:
        StageStore(places[name].parent).open(places[name].name)
    request = {
        "phase": first["phase"],
        "arms": [first["reference"], *(stage.identity["arm"] for stage in group)],
        "learning": [None, *(stage.identity["learning"] for stage in group)],
        "rounds": first["rounds"],
        "device": device,
        "corpora": {name: str(places[name]) for name in languages},
        "seed": 0,
    }
    try:
        reference, *arms = measure_apart("benchmark.execute.pace_process", request)["arms"]
    except RuntimeError as error:
        reference, arms = {}, [{"error": str(error), "status": "failed"} for _ in group]
    seconds = (time.perf_counter() - began) / len(group)
    return [
        _record(stage, _outcome(reference, arm), seconds, device)
        for stage, arm in zip(group, arms, strict=True)
    ]


def _outcome(reference: Mapping[str, Any], arm: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a pace, or the error that one of the two ended with."""
    for answer in (arm, reference):
        if "error" in answer:
            return {"error": answer["error"], "status": answer["status"]}
    ratios = [a / b for a, b in zip(arm["seconds"], reference["seconds"], strict=True)]
    facts = {
        "ratio": float(f"{median(ratios):.{DIGITS}g}"),
        "ratios": ratios,
        "seconds_per_gradient": median(arm["seconds"]),
        "reference_seconds_per_gradient": median(reference["seconds"]),
    }
    return {"facts": facts}


def _record(stage: Stage, outcome: dict[str, Any], seconds: float, device: str) -> StageRecord:
    return StageRecord(
        kind=stage.kind,
        key=stage.key,
        identity=stage.identity,
        seconds=seconds,
        device=device,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        **outcome,
    )
