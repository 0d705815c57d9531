"""Latency and memory of saved artefacts, measured in fresh processes made for that alone.

Speed of a shared machine drifts by far more than artefacts differ. So all run interleaved in one
process, in random order within each round, and the number to trust is the median over rounds of
the ratio to the reference; the reference also runs a second time as an arm of its own, and what
that ratio shows is noise. Milliseconds are comparable within one call only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from benchmark.measure.bootstrap import Interval, median_interval
from benchmark.measure.hardware import fingerprint
from benchmark.measure.process import measure_apart
from benchmark.runtimes.base import NATIVE

MIN_RUNS = 130
"""Fewest runs for a valid 95th percentile, by the early-stopping rule of MLPerf inference."""


@dataclass(frozen=True)
class Timing:
    """How to time: rounds, unmeasured runs before them, and seconds of the one utterance."""

    runs: int = 130
    warmup: Annotated[int, Field(ge=1)] = 5
    seconds: Annotated[float, Field(gt=0)] = 3.0

    def __post_init__(self) -> None:
        if self.runs < MIN_RUNS:
            raise ValueError(f"{self.runs} runs cannot give a 95th percentile, {MIN_RUNS} can")


@dataclass(frozen=True)
class Timed:
    """One artefact's measurements.

    `ratio` is its latency over that of the reference with a 95 % interval, `rtfx` seconds of
    speech per second of computation at the median, `noise` the interval of the reference's ratio
    to itself, `peak_memory_bytes` what loading and one run added to a process with torch loaded.
    """

    artefact: Path
    latencies_ms: tuple[float, ...]
    p50_ms: float
    p95_ms: float
    rtfx: float
    ratio: float
    ratio_interval: Interval
    noise: Interval
    peak_memory_bytes: int
    protocol: Mapping[str, Any]


def time_artefacts(
    reference: Path,
    artefacts: Sequence[Path],
    settings: Timing,
    device: str = "cpu",
    seed: int = 0,
    runtime: str | Mapping[str, Any] = NATIVE,
) -> list[Timed]:
    """Measurements of `reference` and then of each of `artefacts`, all files of one `runtime`.

    Raises RuntimeError with the last line of its errors where a measuring process fails.
    """
    paths = [reference, *artefacts]
    load_before = os.getloadavg()
    common = {"device": device, "runtime": runtime}
    request = common | {"artefacts": list(map(str, [*paths, reference])), "seed": seed}
    result = measure_apart("benchmark.measure.timing_process", request | asdict(settings))
    protocol = _protocol(settings, common, seed) | {
        "load_before": load_before,
        "load_after": os.getloadavg(),
    }
    latencies = np.array(result["latencies_ms"])
    ratios = latencies / latencies[0]
    noise = median_interval(ratios[-1], seed)
    peaks = _peak_memory(paths, settings, common)
    return [
        Timed(
            artefact=path,
            latencies_ms=tuple(runs.tolist()),
            p50_ms=float(np.median(runs)),
            p95_ms=float(np.quantile(runs, 0.95)),
            rtfx=settings.seconds * 1000 / float(np.median(runs)),
            ratio=float(np.median(ratio)),
            ratio_interval=median_interval(ratio, seed),
            noise=noise,
            peak_memory_bytes=peak,
            protocol=protocol,
        )
        for path, runs, ratio, peak in zip(paths, latencies, ratios, peaks, strict=False)
    ]


def _peak_memory(
    artefacts: Sequence[Path], settings: Timing, common: Mapping[str, Any]
) -> list[int]:
    request = {
        **common,
        "artefacts": list(map(str, artefacts)),
        "seconds": settings.seconds,
    }
    peaks: list[int] = measure_apart("benchmark.measure.memory_process", request)[
        "peak_memory_bytes"
    ]
    return peaks


def _protocol(settings: Timing, common: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {
        **asdict(settings),
        "seed": seed,
        "threads": 1,
        "batch_size": 1,
        "covers": "log-mel features, network in float32, greedy decoding",
        "order": "every artefact once per round, in random order",
        "ratio": "median over rounds of the ratio to the reference in the same round",
        "runtime": common["runtime"],
        "machine": fingerprint(common["device"]),
    }
