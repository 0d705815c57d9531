"""Timings at once, for tests that are about anything but timing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

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
