"""Confidence intervals of corpus-level error rates by the bootstrap.

Utterances of one speaker err together, so speakers are resampled where they are known and enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
DRAWS = 1000
MIN_SPEAKERS = 5
"""With n speakers a percentile interval cannot cover more than 1 - 2 ** (1 - n): 94 % for 5."""


class Interval(NamedTuple):
    """A 95 % percentile interval."""

    low: float
    high: float


def rate_interval(
    errors: ArrayLike,
    lengths: ArrayLike,
    speakers: Sequence[str | None],
    seed: int,
) -> Interval:
    """The interval of sum(errors) / sum(lengths) over utterances, from 1000 resamplings.

    `errors`, `lengths` and `speakers` hold one entry per utterance. Speakers are resampled with
    all their utterances if every one is known and there are at least `MIN_SPEAKERS`; else
    utterances are. Source: Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR
    performance evaluation", ICASSP 2004; clusters: Davison and Hinkley 1997, section 3.8.
    """
    counts = np.stack([np.asarray(errors), np.asarray(lengths)], axis=1).astype(np.float64)
    counts = _by_speaker(counts, speakers)
    chosen = np.random.default_rng(seed).integers(len(counts), size=(DRAWS, len(counts)))
    return _interval(counts[chosen, 0].sum(1) / counts[chosen, 1].sum(1))


def median_interval(values: ArrayLike, seed: int) -> Interval:
    """The interval of the median of independent `values`, from 1000 resamplings."""
    sample = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(seed).integers(len(sample), size=(DRAWS, len(sample)))
    return _interval(np.median(sample[chosen], axis=1))


def _by_speaker(counts: NDArray[np.float64], speakers: Sequence[str | None]) -> NDArray[np.float64]:
    names = [speaker for speaker in speakers if speaker is not None]
    if len(names) < len(counts) or len(set(names)) < MIN_SPEAKERS:
        return counts
    cluster = np.unique(names, return_inverse=True)[1]
    summed = np.zeros((int(cluster.max()) + 1, 2))
    np.add.at(summed, cluster, counts)
    return summed


def _interval(estimates: NDArray[np.float64]) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(estimates, [tail, 1 - tail])
    return Interval(float(low), float(high))
