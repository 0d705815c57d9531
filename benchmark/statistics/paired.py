"""The difference in error rate of two systems on the same utterances, and its sampling error.

Both sides of an utterance are resampled together, so its difficulty for both cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.student import Part, combined

Array = NDArray[np.float64]
DRAWS = 1000


@dataclass(frozen=True)
class Stratum:
    """One language: errors of systems A and B, and reference lengths, per utterance (U,).

    Errors are means over seeds. `speakers` holds one entry per utterance, None where unknown.
    """

    errors_a: Array
    errors_b: Array
    lengths: Array
    speakers: tuple[str | None, ...]

    @property
    def differences(self) -> Array:
        """Errors of B minus those of A, per utterance (U,)."""
        difference: Array = self.errors_b - self.errors_a
        return difference

    @property
    def clusters(self) -> NDArray[np.intp] | None:
        """The speaker of each utterance as an index (U,); None unless several are known."""
        if None in self.speakers or len(set(self.speakers)) < 2:
            return None
        return np.unique(list(map(str, self.speakers)), return_inverse=True)[1]


@dataclass(frozen=True)
class Difference:
    """Error rates, macro-averaged over languages, and the sampling error of B minus A.

    `relative` is the difference relative to A's rate (NaN if A makes no error).
    """

    rate_a: float
    rate_b: float
    error: Part
    relative_error: Part

    @property
    def absolute(self) -> float:
        return self.rate_b - self.rate_a

    @property
    def relative(self) -> float:
        return self.absolute / self.rate_a if self.rate_a else float("nan")


def paired_difference(strata: Sequence[Stratum], seed: int = 0) -> Difference:
    """The difference between two systems from 1000 paired resamplings of each language.

    Speakers are resampled with all their utterances if several are known. A bootstrap of K clusters
    is too narrow by sqrt((K - 1) / K) and has K - 1 degrees of freedom (Hesterberg, "What teachers
    should know about the bootstrap", 2015). With both corrections, Student's t covers 95 % for few
    speakers too. Sources: Bisani and Ney, ICASSP 2004; macro average of
    independent languages: JCGM 100:2008.
    """
    rates_a = [float(s.errors_a.sum() / s.lengths.sum()) for s in strata]
    rates_b = [float(s.errors_b.sum() / s.lengths.sum()) for s in strata]
    rate_a, rate_b = float(np.mean(rates_a)), float(np.mean(rates_b))
    absolute, relative = [], []
    for index, stratum in enumerate(strata):
        # The contribution of one language to the relative difference, linear in both of its rates.
        weights = np.array([[-1.0, 1.0], [-rate_b / rate_a, 1.0] if rate_a else [0.0, 0.0]])
        parts = _sampling_errors(stratum, weights / len(strata), seed + index)
        absolute.append(parts[0])
        relative.append(parts[1])
    scale = rate_a**2 or 1.0
    relative_error = combined(relative)
    return Difference(
        rate_a, rate_b, combined(absolute), Part(relative_error.variance / scale, relative_error[1])
    )


def _sampling_errors(stratum: Stratum, weights: Array, seed: int) -> list[Part]:
    """The sampling error of the weighted sums of the rates of A and B, for `weights` (R, 2)."""
    counts = np.stack([stratum.errors_a, stratum.errors_b, stratum.lengths], axis=1)
    if stratum.clusters is None:
        return _resampled(counts, weights, seed)
    summed = np.zeros((int(stratum.clusters.max()) + 1, 3))
    np.add.at(summed, stratum.clusters, counts)
    by_speaker = _resampled(summed, weights, seed)
    # A few speakers may agree exactly, but other speakers might not.
    if by_speaker[0].variance < 1e-18:
        return _resampled(counts, weights, seed)
    return by_speaker


def _resampled(counts: Array, weights: Array, seed: int) -> list[Part]:
    drawn = _multiplicities(len(counts), seed) @ counts
    estimates = (drawn[:, :2] / drawn[:, 2:]) @ weights.T
    size = len(counts)
    if size < 2:
        # The variation between utterances is unknown, unless both sides agree in all of them.
        alike = bool((counts[:, 0] == counts[:, 1]).all())
        return [Part(0.0 if alike else math.nan, math.inf) for _ in weights]
    variances = estimates.var(axis=0) * size / (size - 1)
    return [Part(float(variance), size - 1.0) for variance in variances]


@lru_cache(maxsize=16)
def _multiplicities(size: int, seed: int) -> Array:
    """How often each of `size` clusters is drawn in each resampling (DRAWS, size)."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(size, np.full(size, 1 / size), size=DRAWS).astype(np.float64)
