"""Confidence intervals of corpus-level error rates by the bootstrap.

Errors of one speaker's utterances are correlated, so speakers are resampled if they are known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
DRAWS = 1000


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

    `errors`, `lengths` and `speakers` hold one entry per utterance. If all speakers are known and
    there are several, speakers are resampled with all their utterances. The interval is then the
    hull of the intervals from speakers and from utterances, because two or three speakers may agree
    by chance. With few speakers it still covers less than 95 % (about 50 % for 2, 85 % for 5, 92 %
    for 12 and more). One utterance has no interval: both ends are NaN. Sources: Bisani and Ney,
    "Bootstrap estimates for confidence intervals in ASR performance evaluation", ICASSP 2004;
    resampled clusters: Davison and Hinkley 1997, section 3.8.
    """
    counts = np.stack([np.asarray(errors), np.asarray(lengths)], axis=1).astype(np.float64)
    if len(counts) < 2:
        return Interval(math.nan, math.nan)
    by_utterance = _ratio_interval(counts, seed)
    if None in speakers or len(set(speakers)) < 2:
        return by_utterance
    by_speaker = _ratio_interval(_summed(counts, [str(s) for s in speakers]), seed)
    return Interval(min(by_utterance.low, by_speaker.low), max(by_utterance.high, by_speaker.high))


def median_interval(values: ArrayLike, seed: int) -> Interval:
    """The interval of the median of independent `values`, from 1000 resamplings."""
    sample = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(seed).integers(len(sample), size=(DRAWS, len(sample)))
    return _interval(np.median(sample[chosen], axis=1))


def _summed(counts: NDArray[np.float64], speakers: Sequence[str]) -> NDArray[np.float64]:
    """Counts (U, 2) of utterances summed over each speaker (S, 2)."""
    cluster = np.unique(speakers, return_inverse=True)[1]
    summed = np.zeros((int(cluster.max()) + 1, 2))
    np.add.at(summed, cluster, counts)
    return summed


def _ratio_interval(counts: NDArray[np.float64], seed: int) -> Interval:
    chosen = np.random.default_rng(seed).integers(len(counts), size=(DRAWS, len(counts)))
    errors, lengths = (column[chosen].sum(1) for column in counts.T)
    return _interval(errors / lengths)


def _interval(estimates: NDArray[np.float64]) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(estimates, [tail, 1 - tail])
    return Interval(float(low), float(high))
