"""Percentiles of timed runs, with the number of runs that they require.

The rule is early stopping in MLPerf inference (Reddi et al., ISCA 2020; inference_rules, "Early
stopping"): with confidence 0.99, one of the slowest runs is an upper bound of the true percentile.
The number of runs must be large enough that this is not the slowest run itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

CONFIDENCE = 0.99


@cache
def min_runs(percentile: float) -> int:
    """The fewest runs for which a percentile, such as 0.9, is reported."""
    runs = 2
    while _at_most(1, runs, 1 - percentile) > 1 - CONFIDENCE:
        runs += 1
    return runs


def percentile_of(runs: Sequence[float], percentile: float) -> float | None:
    """The percentile of `runs`; None if there are too few."""
    if len(runs) < min_runs(percentile):
        return None
    return float(np.quantile(runs, percentile))


def upper_bound(runs: Sequence[float], percentile: float) -> float | None:
    """An upper bound of the true percentile with confidence 0.99; None if there are too few runs.

    The bound is the `t`-th slowest run, where `t` is the largest number with
    P(at most `t` of all runs lie above the percentile) <= 0.01.
    """
    if len(runs) < min_runs(percentile):
        return None
    rank = 1
    while _at_most(rank + 1, len(runs), 1 - percentile) <= 1 - CONFIDENCE:
        rank += 1
    return float(sorted(runs)[-rank])


def _at_most(count: int, trials: int, chance: float) -> float:
    """The binomial distribution function."""
    from scipy.special import bdtr

    return float(bdtr(count, trials, chance))
