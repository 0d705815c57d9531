"""Seed noise: variation of the error rate when the same system is trained again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Replicates(NamedTuple):
    """Error rates of one system, one per seed.

    Systems of one `lineage` share their meta-training, so their rates vary together.
    """

    lineage: str
    rates: NDArray[np.float64]


class SeedNoise(NamedTuple):
    """Standard deviation between seeds relative to the error rate.

    `degrees` are its degrees of freedom, infinite if it is assumed and not measured.
    """

    relative: float
    degrees: float


def pooled_noise(systems: Iterable[Replicates]) -> SeedNoise | None:
    """The seed noise pooled over all systems with several seeds; None if there are none.

    Variances are weighted by their degrees of freedom; those of a lineage count only once.
    """
    squares, weights = 0.0, 0
    degrees: dict[str, int] = defaultdict(int)
    for lineage, rates in systems:
        if len(rates) > 1 and rates.mean() > 0:
            free = len(rates) - 1
            squares += free * float(rates.var(ddof=1)) / float(rates.mean()) ** 2
            weights += free
            degrees[lineage] = max(degrees[lineage], free)
    if not weights:
        return None
    return SeedNoise(float(np.sqrt(squares / weights)), float(sum(degrees.values())))
