"""Measuring the pace of methods: one quiet process per reference, before a suite is planned."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmark.execute.schedule import Watcher
from benchmark.measure.process import measure_apart
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import Pace
from benchmark.store.identity import key
from benchmark.store.stages import Outcome, StageStore

DIGITS = 2
"""Significant digits of a ratio: what is left of it when it is measured again."""


def pace_stages(
    stages: Sequence[PlannedStage],
    places: Mapping[str, Path],
    store: StageStore,
    device: str,
    watcher: Watcher,
) -> None:
    """Measure paces, all those of one reference interleaved with it in one process.

    Raises Damaged where speech that is used is.
    """
    groups: dict[str, list[PlannedStage]] = defaultdict(list)
    for planned in stages:
        groups[key(_pace(planned).reference)].append(planned)
    for group in groups.values():
        for planned in group:
            watcher.started(planned)
        for planned, outcome in zip(group, _measure(group, places, device), strict=True):
            watcher.finished(planned, store.save(planned, device, **outcome))


def _measure(
    group: Sequence[PlannedStage], places: Mapping[str, Path], device: str
) -> list[Outcome]:
    began = time.perf_counter()
    paces = list(map(_pace, group))
    languages = {name for planned in group for name in planned.languages}
    for name in languages:
        StageStore(places[name].parent).open(places[name].name)
    request = {
        "arms": [paces[0].reference, *(pace.arm for pace in paces)],
        "learning": [None, *(pace.learning for pace in paces)],
        "rounds": paces[0].rounds,
        "device": device,
        "corpora": {name: str(places[name]) for name in languages},
        "seed": 0,
    }
    try:
        reference, *arms = measure_apart("benchmark.execute.pace_process", request)["arms"]
    except RuntimeError as error:
        reference, arms = {}, [{"error": str(error), "status": "failed"} for _ in group]
    seconds = (time.perf_counter() - began) / len(group)
    return [{**_outcome(reference, arm), "seconds": seconds} for arm in arms]


def _pace(planned: PlannedStage) -> Pace:
    assert isinstance(planned.stage, Pace), "no other stages are measured here"
    return planned.stage


def _outcome(reference: Mapping[str, Any], arm: Mapping[str, Any]) -> Outcome:
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
