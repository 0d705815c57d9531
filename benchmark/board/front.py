"""The Pareto front of error rate and cost, by one rule for figures, findings, advice and site.

The site applies the same rule to its filtered combinations in the browser
(`publish/templates/front.js`). A test checks that both implementations agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmark.board.combination import Combination
from benchmark.statistics.estimate import is_known

STEP = math.log(1.01)
"""Costs within one step of 1 % count as equal: a few bytes or microseconds do not matter."""


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points (cost above 0, error rate) that no other beats on both axes.

    Costs within one step of 1 % count as equal. Among equal costs, the point with the lowest error
    stays, then the one with the lowest cost. The result is sorted by cost.
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
    """The contenders among `combinations` that no other beats on both axes, cheapest first.

    Incomplete combinations count only if none is complete. Combinations without a positive cost are
    left out.
    """
    candidates = [c for c in combinations if c.competes and is_known(cost(c)) and cost(c) > 0]
    candidates = [c for c in candidates if c.complete] or candidates
    points = [(cost(c), c.error.rate) for c in candidates if c.error is not None]
    return [candidates[i] for i in pareto_front(points)]
