"""Student's t for uncertainties with several independent parts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Part(NamedTuple):
    """A variance and the degrees of freedom of its estimate."""

    variance: float
    degrees: float


def combined(parts: Iterable[Part]) -> Part:
    """The sum of independent parts, with Welch-Satterthwaite degrees (JCGM 100:2008, annex G).

    If one variance is unknown (NaN), so is the sum.
    """
    parts = list(parts)
    if any(math.isnan(part.variance) for part in parts):
        return Part(math.nan, math.inf)
    positive = [part for part in parts if part.variance > 0]
    variance = sum(part.variance for part in positive)
    if not variance:
        return Part(0.0, math.inf)
    spread = sum(part.variance**2 / part.degrees for part in positive)
    return Part(variance, variance**2 / spread if spread else math.inf)


def quantile(probability: float, degrees: float) -> float:
    """Student's quantile; the normal one for infinite `degrees`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def two_sided_p(estimate: float, error: Part) -> float:
    """The two-sided p-value of an estimate under the hypothesis that the true value is zero.

    It is 1 if the error is unknown.
    """
    from scipy.special import stdtr

    if estimate == 0 or math.isnan(error.variance):
        return 1.0
    if error.variance == 0:
        return 0.0
    t = abs(estimate) / math.sqrt(error.variance)
    return float(2 * stdtr(error.degrees, -t))
