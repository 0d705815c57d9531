"""The results of timing an artefact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.measure.validity import invalid
from benchmark.statistics.bootstrap import Interval, median_interval
from benchmark.statistics.loads import ratio_over_loads
from benchmark.statistics.percentiles import percentile_of, upper_bound

PERCENTILES = (0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Latency:
    """Times of one artefact at one utterance length, one per round, ordered by load.

    `reference_ms` are those of the reference in the same rounds.
    """

    seconds: float
    runs_ms: tuple[float, ...]
    reference_ms: tuple[float, ...]
    loads: int

    @property
    def p50_ms(self) -> float:
        return float(np.median(self.runs_ms))

    @property
    def p50_interval(self) -> Interval:
        """The 95 % interval of the median."""
        return median_interval(self.runs_ms, seed=0)

    def percentile_ms(self, percentile: float) -> float | None:
        """A percentile in milliseconds; None if there are too few runs, see `percentiles`."""
        return percentile_of(self.runs_ms, percentile)

    def bound_ms(self, percentile: float) -> float | None:
        """Upper bound of a percentile with confidence 0.99, in milliseconds."""
        return upper_bound(self.runs_ms, percentile)

    @property
    def ratio(self) -> float:
        """The ratio to the reference in the same rounds, see `loads`."""
        return ratio_over_loads(np.divide(self.runs_ms, self.reference_ms), self.loads)[0]

    @property
    def ratio_interval(self) -> Interval:
        """The 95 % interval of the ratio."""
        return ratio_over_loads(np.divide(self.runs_ms, self.reference_ms), self.loads)[1]

    @property
    def rtfx(self) -> float:
        """Seconds of speech per second of computation at the median."""
        return 1000 * self.seconds / self.p50_ms


@dataclass(frozen=True)
class Cost:
    """The costs of one artefact other than its latency.

    load_ms, first_call_ms  in a fresh process; imports of libraries are not included
    features_ms, network_ms, decode_ms  medians of the three steps at the first length
    throughput_rtfx    seconds of speech per second with `throughput_batch` utterances at once
    peak_memory_bytes  added by loading and one run to a process with the libraries imported
    energy_joules      per utterance of the first length; None without a counter
    flops, bytes_moved, roofline_share  see `roofline`; None if not counted
    """

    load_ms: float
    first_call_ms: float
    features_ms: float
    network_ms: float
    decode_ms: float
    throughput_batch: int
    throughput_rtfx: float
    peak_memory_bytes: int
    energy_joules: float | None = None
    flops: int | None = None
    bytes_moved: int | None = None
    roofline_share: float | None = None


@dataclass(frozen=True)
class TimedArtefact:
    """One artefact's measurements.

    `latencies` has one entry per length, in order; `noise` is the interval of the ratio between the
    duplicate and the reference, which determines `invalid`.
    """

    artefact: Path
    latencies: tuple[Latency, ...]
    noise: Interval
    cost: Cost
    protocol: Mapping[str, Any]

    @property
    def latency(self) -> Latency:
        """The latency at the first length."""
        return self.latencies[0]

    @property
    def invalid(self) -> str | None:
        """Why its ratios are invalid; None if they are valid."""
        return invalid(self.noise)
