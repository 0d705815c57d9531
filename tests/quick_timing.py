"""Timings at once, for tests that are about anything but timing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmark.measure.timing import Cost, Latency, TimedArtefact
from benchmark.statistics.bootstrap import Interval
from benchmark.suite.timing import Timing

MILLISECONDS = tuple(10 + 0.1 * run for run in range(11))


def time_at_once(
    reference: Path, artefacts: Sequence[Path], settings: Timing, *_: object, **__: object
) -> list[TimedArtefact]:
    """What `measure.latency.time_artefacts` returns, made up."""
    latencies = tuple(Latency(s, MILLISECONDS, MILLISECONDS, loads=11) for s in settings.seconds)
    cost = Cost(1.0, 1.0, 1.0, 1.0, 1.0, 1, 1.0, 1)
    return [
        TimedArtefact(path, latencies, Interval(0.99, 1.01), cost, asdict(settings))
        for path in (reference, *artefacts)
    ]


def count_and_time_at_once(
    reference: Path,
    artefacts: Sequence[Path],
    settings: Timing,
    *_: object,
    headers: Sequence[Mapping[str, Any]],
    **__: object,
) -> list[TimedArtefact]:
    """Made-up timings with the work of each network, which is counted; for the runtime torch."""
    from benchmark.measure.fresh_process import _work

    counted = []
    for timed, header in zip(time_at_once(reference, artefacts, settings), headers, strict=True):
        work = _work(header, settings.seconds[0])
        moved = 4 * work["weights"] + work["activation_bytes"]
        cost = replace(timed.cost, flops=work["flops"], bytes_moved=moved)
        counted.append(replace(timed, cost=cost))
    return counted
