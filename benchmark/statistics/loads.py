"""Ratios of times of files that were loaded several times.

Where a file comes to lie in memory makes a network up to some percent faster or slower until it is
loaded again, however often it runs. So the independent repetition is the load, and not the round:
Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013, sections 5 and 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from benchmark.statistics.bootstrap import LEVEL, Interval
from benchmark.statistics.student import quantile

LOADS = 5
"""How often the timing process loads all files anew at its first attempt."""


def rounds_of_loads(rounds: int, loads: int) -> list[int]:
    """How many of all `rounds` each load has, in order."""
    return [len(part) for part in np.array_split(np.arange(rounds), loads)]


def ratio_over_loads(ratios: ArrayLike, loads: int) -> tuple[float, Interval]:
    """The mean over loads of the median over their rounds, with its 95 % interval by Student's t.

    `ratios` (R,) holds one for each round, those of one load behind those of another.
    """
    medians = [float(np.median(part)) for part in np.array_split(np.asarray(ratios), loads)]
    mean = float(np.mean(medians))
    error = float(np.std(medians, ddof=1)) / math.sqrt(loads)
    reach = quantile((1 + LEVEL) / 2, loads - 1) * error
    return mean, Interval(mean - reach, mean + reach)
