"""Ratios of times over several loads of a file.

The placement of a file in memory makes a network several percent faster or slower until it is
loaded again, however often it runs. So the independent repetition is the load, not the round:
Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013, sections 5 and 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from benchmark.statistics.bootstrap import LEVEL, Interval
from benchmark.statistics.student import quantile

LOADS = 5
"""Number of loads at the first attempt of the timing process."""


def rounds_of_loads(rounds: int, loads: int) -> list[int]:
    """The number of rounds of each load, in order."""
    return [len(part) for part in np.array_split(np.arange(rounds), loads)]


def ratio_over_loads(ratios: ArrayLike, loads: int) -> tuple[float, Interval]:
    """The mean over loads of the median over their rounds, with its 95 % interval by Student's t.

    `ratios` (R,) holds one ratio per round, ordered by load.
    """
    medians = [float(np.median(part)) for part in np.array_split(np.asarray(ratios), loads)]
    mean = float(np.mean(medians))
    error = float(np.std(medians, ddof=1)) / math.sqrt(loads)
    reach = quantile((1 + LEVEL) / 2, loads - 1) * error
    return mean, Interval(mean - reach, mean + reach)
