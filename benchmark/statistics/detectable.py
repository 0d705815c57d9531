"""Statistical power of a comparison."""

from __future__ import annotations

import math

from benchmark.statistics.student import Part, quantile

POWER = 0.8


def smallest_detectable(error: Part, level: float = 0.05) -> float:
    """The difference that a two-sided test at `level` detects with 80 % power.

    Source: Bloom, "Minimum detectable effects", Evaluation Review 1995.
    """
    multiplier = quantile(1 - level / 2, error.degrees) + quantile(POWER, error.degrees)
    return multiplier * math.sqrt(error.variance)
