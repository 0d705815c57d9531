"""One error rate with its uncertainty, from cells that differ in language and seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TAIL = 0.975
"""The probability below the upper end of a two-sided 95 % interval."""


@dataclass(frozen=True)
class Estimate:
    """An error rate (a fraction, may exceed 1) with its 95 % interval; NaN where unknown."""

    rate: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval, the number written after +-."""
        return (self.high - self.low) / 2

    def disjoint_from(self, other: Estimate) -> bool:
        """Whether both intervals are known and do not overlap.

        This is stricter than a paired test. Overlap does not mean that the rates are equal.
        """
        return self.high < other.low or other.high < self.low


def estimate(rates: NDArray[np.float64], half_widths: NDArray[np.float64]) -> Estimate:
    """The macro average of `rates`: the mean over languages of the mean over seeds.

    Both arrays are (seeds, languages), fractions, NaN where a cell has no result; `half_widths`
    are those of the cells' own 95 % intervals. Languages without any result must be left out.

    The interval joins two independent uncertainties by JCGM 100:2008, annex G. From the test
    utterances: u_test^2 = sum over languages of h^2 / (1.96 L)^2, with h averaged over seeds,
    which share the utterances. From the seeds: u_seed^2 = s^2 / n over the macro averages of the
    n seeds that have every language. It is rate +- t sqrt(u_test^2 + u_seed^2) with Student's t
    for the Welch-Satterthwaite degrees of freedom. With one seed u_seed is unknown and taken as
    zero. The same definition stands on the page (templates/interval.html).
    """
    import numpy as np

    from benchmark.statistics.student import quantile

    rate = float(np.nanmean(rates, axis=0).mean())
    has_width = ~np.isnan(half_widths)
    if not has_width.any(axis=0).all():
        return Estimate(rate, math.nan, math.nan)
    widths = np.nanmean(half_widths, axis=0)
    var_test = float((widths**2).sum()) / (quantile(TAIL, math.inf) * rates.shape[1]) ** 2
    macro = rates[~np.isnan(rates).any(axis=1)].mean(axis=1)
    var_seed = float(macro.var(ddof=1)) / len(macro) if len(macro) > 1 else 0.0
    variance = var_test + var_seed
    degrees = (len(macro) - 1) * variance**2 / var_seed**2 if var_seed > 0 else math.inf
    half = quantile(TAIL, degrees) * math.sqrt(variance)
    return Estimate(rate, max(0.0, rate - half), rate + half)


def is_known(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number, and not absent (NaN or None)."""
    return isinstance(value, Real) and math.isfinite(value)
