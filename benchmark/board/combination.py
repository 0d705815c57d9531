"""One combination: the cells that differ only in language, seed and draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.statistics.estimate import Estimate

AXES = ("model", "method", "optimizer", "outer", "compression", "shots", "head", "runtime")
"""The axes that identify a combination; a cell adds language, seed and draw."""

Key = tuple[str, ...]
"""The values of a combination's axes, in the order of `AXES`."""


@dataclass(frozen=True)
class Cost:
    """Costs of a combination: medians over its scored cells, NaN if not measured."""

    size_bytes: float
    size_ratio: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_ratio: float
    latency_ratio_low: float
    latency_ratio_high: float
    rtfx: float
    peak_memory_bytes: float
    parameters: float
    nonzero_parameters: float
    meta_train_gradients: float
    meta_train_flops: float
    meta_train_seconds: float
    meta_train_peak_memory_bytes: float
    adapt_gradients: float
    adapt_flops: float
    adapt_seconds: float
    adapt_peak_memory_bytes: float
    optimizer_state_bytes: float
    optimizer_step_seconds: float
    curve_area: float


class Latency(NamedTuple):
    """Latency on one machine: medians over cells. `ratio` is relative to the uncompressed model."""

    p50_ms: float
    p95_ms: float
    ratio: float


@dataclass(frozen=True)
class Combination:
    """One combination over all its languages and seeds.

    error      macro average over languages; None if no cell has a result
    languages  estimate of each language that has a result
    usable_in  the languages in which its models recognise speech
    per_seed   macro average of each seed that has every language of `languages`
    latency    by index of the machine, since latencies of two machines are not comparable
    cells      positions of its cells in the records
    complete   whether every language has a result
    usable     whether it recognises speech (`scoring.usable`)
    ceiling    whether its method learns from more speech than the support set (`Method.ceiling`)
    """

    axes: dict[str, str]
    error: Estimate | None
    languages: dict[str, Estimate]
    usable_in: frozenset[str]
    per_seed: dict[str, float]
    cost: Cost
    latency: dict[int, Latency]
    cells: tuple[int, ...]
    num_seeds: int
    num_failed: int
    complete: bool
    usable: bool
    ceiling: bool

    @property
    def key(self) -> Key:
        """The values of its axes, which identify the combination."""
        return tuple(self.axes.values())

    @property
    def num_cells(self) -> int:
        """The number of cells, including those without a result."""
        return len(self.cells)

    @property
    def competes(self) -> bool:
        """Whether it can be ranked: usable and not a ceiling."""
        return self.usable and not self.ceiling

    @property
    def spread(self) -> float:
        """Error rate of the worst language minus that of the best; NaN without a result."""
        rates = [error.rate for error in self.languages.values()]
        return max(rates) - min(rates) if rates else math.nan

    def worst_languages(self, most: int = 3) -> list[str]:
        """The languages with the highest error rates, the worst first."""
        return sorted(self.languages, key=lambda name: -self.languages[name].rate)[:most]
