"""The Pareto front of error rate and a cost: one rule for figures, findings, advice and the site.

The site applies the same rule in the browser to what its filters leave
(`publish/templates/front.js`); a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmark.board.combination import Combination
from benchmark.statistics.estimate import is_known

STEP = math.log(1.01)
"""Costs in one step of 1 % count as equal: a few bytes or microseconds are no reason to choose."""


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points (cost above 0, error rate) that no other beats on both axes.

    Costs within one step of 1 % count as equal; of equals the lowest error stays, and of those the
    lowest cost. The result is sorted by cost.
    """
    if not points:
        return []
    costs, errors = np.array(points, dtype=np.float64).T
    steps = np.round(np.log(costs) / STEP)
    order = np.lexsort((costs, errors, steps))
    lowest = np.minimum.accumulate(errors[order])
    first = np.r_[True, errors[order][1:] < lowest[:-1]]
    return [int(i) for i in order[first]]


def front(
    combinations: Sequence[Combination], cost: Callable[[Combination], float]
) -> list[Combination]:
    """The contenders among `combinations` that no other beats on both axes, the cheapest first.

    Incomplete ones count only where none is complete. What has no cost above 0 is left out.
    """
    able = [c for c in combinations if c.competes and is_known(cost(c)) and cost(c) > 0]
    able = [c for c in able if c.complete] or able
    points = [(cost(c), c.error.rate) for c in able if c.error is not None]
    return [able[i] for i in pareto_front(points)]
