"""Tolerances of the regression gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from benchmark.scoring.usable import UNUSABLE_ERROR_RATE

Fraction = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Thresholds:
    """`check:` of a suite; fractions throughout.

    level       false-alarm rate of the whole gate
    relative    tolerated loss in error rate, relative to the baseline's rate
    absolute    tolerated loss in error rate; the larger of the two applies
    size        tolerated growth of artefacts
    latency     tolerated growth of latency, which is not judged without it
    seed_noise  standard deviation between seeds relative to the error rate, assumed if neither side
                has a system with two seeds
    """

    level: Annotated[float, Field(gt=0, lt=1)] = 0.05
    relative: Fraction = 0.05
    absolute: Fraction = 0.0
    size: Fraction = 0.02
    latency: Fraction | None = None
    seed_noise: Fraction = 0.08

    def tolerated(self, rate: float) -> float:
        """The tolerated loss in error rate for a baseline with this `rate`.

        No tolerance extends from a usable to an unusable model.
        """
        margin = max(self.absolute, self.relative * rate)
        return min(margin, UNUSABLE_ERROR_RATE - rate) if rate < UNUSABLE_ERROR_RATE else margin
