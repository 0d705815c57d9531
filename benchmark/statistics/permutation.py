"""Permutation test of a paired difference: the two systems are swapped at random."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics.paired import Array, Stratum

EXACT = 12
"""With at most this many units all arrangements are evaluated. With at least this many speakers,
speakers are swapped instead of utterances."""

DRAWS = 10_000
REFINEMENTS = 10
"""Further batches if the first gives a p-value below 1 %, for enough digits for Holm's method."""


def permutation_p(strata: Sequence[Stratum], seed: int = 0) -> float:
    """Two-sided p-value of the macro-averaged difference in error rate.

    Under the null hypothesis A and B can be swapped in any unit. A unit is a speaker with all
    utterances if a language has at least 12 known speakers, otherwise an utterance: few speakers
    have too few arrangements for significance. With few speakers this tests the two systems on
    these speakers only; the interval generalises to others. Source: Ernst, "Permutation
    methods: a basis for exact inference", Statistical Science 2004; the +1 of random
    arrangements: Phipson and Smyth 2010.
    """
    effects = np.concatenate([_units(stratum) / stratum.lengths.sum() for stratum in strata])
    effects = effects[effects != 0]
    if len(effects) == 0:
        return 1.0
    effects /= abs(effects).max()
    # Sums of the same numbers in another order differ by rounding.
    observed = abs(effects.sum()) - 1e-4
    if len(effects) <= EXACT:
        return float((abs(_all_signs(len(effects)) @ effects) >= observed).mean())
    hits, draws = _hits(effects, observed, seed), DRAWS
    if hits < DRAWS / 100:
        hits += sum(_hits(effects, observed, seed + batch) for batch in range(1, REFINEMENTS))
        draws *= REFINEMENTS
    return (hits + 1) / (draws + 1)


def _units(stratum: Stratum) -> Array:
    """Differences (K,) summed over each unit that is swapped."""
    clusters = stratum.clusters
    if clusters is None or clusters.max() + 1 < EXACT:
        return stratum.differences
    summed: Array = np.bincount(clusters, weights=stratum.differences).astype(np.float64)
    return summed


def _hits(effects: Array, observed: float, seed: int) -> int:
    """Number of DRAWS random arrangements that are at least as far from zero as `observed`."""
    sums = _signs(len(effects), seed) @ effects.astype(np.float32)
    return int((abs(sums) >= observed).sum())


@lru_cache(maxsize=2)
def _signs(size: int, seed: int) -> NDArray[np.float32]:
    """Random signs (DRAWS, size), the same for all tests of one size."""
    random = np.frombuffer(np.random.default_rng(seed).bytes(-(-DRAWS * size // 8)), np.uint8)
    bits = np.unpackbits(random, count=DRAWS * size).reshape(DRAWS, size)
    return bits.astype(np.float32) * 2 - 1


def _all_signs(size: int) -> Array:
    """Every arrangement of signs (2^size, size)."""
    numbers = np.arange(2**size)[:, None]
    signs: Array = (((numbers >> np.arange(size)) & 1) * 2 - 1).astype(np.float64)
    return signs
