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


def estimates(rates: NDArray[np.float64], half_widths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Macro averages of `rates`, each the mean over languages of the mean over seeds.

    Both arrays are (..., seeds, languages), fractions, NaN where a cell has no result;
    `half_widths` are those of the cells' own 95 % intervals. A language without any result does
    not count. Returns (..., 3): rate, low and high, NaN where unknown.

    The interval joins two independent uncertainties by JCGM 100:2008, annex G. From the test
    utterances: u_test^2 = sum over languages of h^2 / (1.96 L)^2, with h averaged over seeds,
    which share the utterances. From the seeds: u_seed^2 = s^2 / n over the macro averages of the
    n seeds that have every language. It is rate +- t sqrt(u_test^2 + u_seed^2) with Student's t
    for the Welch-Satterthwaite degrees of freedom. With one seed u_seed is unknown and taken as
    zero. The same definition stands on the page (templates/interval.html).
    """
    import numpy as np
    from scipy.special import stdtrit

    scored = ~np.isnan(rates)
    present = np.asarray(scored.any(axis=-2))
    num_languages = present.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing may be known
        means = np.where(scored, rates, 0).sum(axis=-2) / scored.sum(axis=-2)
        rate = np.where(present, means, 0).sum(axis=-1) / num_languages
        known = ~np.isnan(half_widths)
        widths = np.where(known, half_widths, 0).sum(axis=-2) / known.sum(axis=-2)
        squares = np.where(present, widths**2, 0).sum(axis=-1)
        var_test = squares / (stdtrit(math.inf, TAIL) * num_languages) ** 2
        whole = (scored | ~present[..., None, :]).all(axis=-1)
        num_seeds = whole.sum(axis=-1)
        macro = np.where(scored, rates, 0).sum(axis=-1) / num_languages[..., None]
        center = np.where(whole, macro, 0).sum(axis=-1) / num_seeds
        deviations = np.where(whole, macro - center[..., None], 0)
        var_seed = (deviations**2).sum(axis=-1) / (num_seeds - 1) / num_seeds
        var_seed = np.where(num_seeds > 1, var_seed, 0.0)
        variance = var_test + var_seed
        degrees = (num_seeds - 1) * variance**2 / var_seed**2
        degrees = np.where(var_seed > 0, degrees, np.inf)
        half = stdtrit(degrees, TAIL) * np.sqrt(variance)
    return np.stack([rate, np.maximum(rate - half, 0.0), rate + half], axis=-1)


def is_known(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number, and not absent (NaN or None)."""
    return isinstance(value, Real) and math.isfinite(value)
