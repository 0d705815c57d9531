"""Is a paired difference more than chance? Swap the two systems at random and see."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmark.measure.paired import Array, Stratum

EXACT = 12
"""Up to this many units every arrangement is tried; with this many speakers, speakers swap."""

DRAWS = 10_000
REFINEMENTS = 10
"""Further batches where the first finds a p-value below 1 %, so that Holm has digits to use."""


def permutation_p(strata: Sequence[Stratum], seed: int = 0) -> float:
    """Two-sided p-value of the macro-averaged difference in error rate.

    If the systems are alike, A and B may be swapped on any unit: a speaker with all utterances
    where a language has 12 known speakers, else an utterance, since a handful of speakers has too
    few arrangements to ever be significant. With few speakers this tests the two systems on these
    speakers only; the interval is what carries over to others. Source: Ernst, "Permutation
    methods: a basis for exact inference", Statistical Science 2004; the +1 of random
    arrangements: Phipson and Smyth 2010.
    """
    effects = np.concatenate([_units(stratum) / stratum.lengths.sum() for stratum in strata])
    effects = effects[effects != 0]
    if len(effects) == 0:
        return 1.0
    # Sums of the same numbers in another order differ in the last digits.
    observed = abs(effects.sum()) * (1 - 1e-9)
    if len(effects) <= EXACT:
        return float((abs(_all_signs(len(effects)) @ effects) >= observed).mean())
    hits = int((abs(_signs(len(effects), seed) @ effects) >= observed).sum())
    draws = DRAWS
    if hits < DRAWS / 100:
        for batch in range(1, REFINEMENTS):
            hits += int((abs(_signs(len(effects), seed + batch) @ effects) >= observed).sum())
            draws += DRAWS
    return (hits + 1) / (draws + 1)


def _units(stratum: Stratum) -> Array:
    """Differences (K,) summed over what is swapped together."""
    clusters = stratum.clusters
    if clusters is None or clusters.max() + 1 < EXACT:
        return stratum.differences
    summed: Array = np.bincount(clusters, weights=stratum.differences).astype(np.float64)
    return summed


@lru_cache(maxsize=16)
def _signs(size: int, seed: int) -> NDArray[np.float32]:
    """Random signs (DRAWS, size)."""
    generator = np.random.default_rng(seed)
    bits = generator.integers(2, size=(DRAWS, size), dtype=np.int8)
    return (2 * bits - 1).astype(np.float32)


def _all_signs(size: int) -> Array:
    """Every arrangement of signs (2^size, size)."""
    numbers = np.arange(2**size)[:, None]
    signs: Array = (((numbers >> np.arange(size)) & 1) * 2 - 1).astype(np.float64)
    return signs
