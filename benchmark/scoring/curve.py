"""Area under an adaptation curve."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np


def area(errors: Mapping[int, float]) -> float:
    """Mean error over log(1 + steps): the area under the curve divided by its width.

    sum_i (x_i+1 - x_i) (e_i + e_i+1) / 2 / (x_n - x_0) with x = log(1 + steps), the trapezoid rule.
    It is a fraction like the errors, and lower for faster or better adaptation. Steps are on a
    logarithmic scale, because the first ones show the quality of an initialisation. The area of a
    single point is its error.
    """
    steps = sorted(errors)
    x = [math.log1p(step) for step in steps]
    e = [errors[step] for step in steps]
    if len(steps) == 1:
        return e[0]
    return float(np.trapezoid(e, x)) / (x[-1] - x[0])
