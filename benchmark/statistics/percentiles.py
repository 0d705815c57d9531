"""Which percentiles of a number of runs can be stated, and how sure they are.

The rule is that of early stopping in MLPerf inference (Reddi et al., ISCA 2020; inference_rules,
"Early stopping"): with confidence 0.99 the true percentile is not above one of the slowest runs,
and there have to be so many runs that it is not the very slowest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

CONFIDENCE = 0.99


@cache
def min_runs(percentile: float) -> int:
    """Fewest runs from which a percentile, such as 0.9, can be stated."""
    runs = 2
    while _at_most(1, runs, 1 - percentile) > 1 - CONFIDENCE:
        runs += 1
    return runs


def percentile_of(runs: Sequence[float], percentile: float) -> float | None:
    """The percentile of `runs`, None where they are too few for it."""
    if len(runs) < min_runs(percentile):
        return None
    return float(np.quantile(runs, percentile))


def upper_bound(runs: Sequence[float], percentile: float) -> float | None:
    """What the true percentile does not exceed with confidence 0.99; None for too few runs.

    Of all runs the `t` - 1 slowest are left out, where `t` is the largest number with
    P(at most `t` of all runs lie above the percentile) <= 0.01.
    """
    if len(runs) < min_runs(percentile):
        return None
    left_out = 1
    while _at_most(left_out + 1, len(runs), 1 - percentile) <= 1 - CONFIDENCE:
        left_out += 1
    return float(sorted(runs)[-left_out])


def _at_most(count: int, trials: int, chance: float) -> float:
    """The binomial distribution function."""
    from scipy.special import bdtr

    return float(bdtr(count, trials, chance))
