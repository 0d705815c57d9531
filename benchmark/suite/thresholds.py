"""What a regression gate tolerates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from benchmark.scoring.usable import UNUSABLE_ERROR_RATE

Fraction = Annotated[float, Field(ge=0)]


@dataclass(frozen=True)
class Thresholds:
    """`check:` of a suite; fractions throughout.

    level       significance level of the whole gate: how often it may cry wolf
    relative    loss in error rate that is tolerated, as a fraction of the baseline's rate
    absolute    the same in error rate itself; the larger of the two counts
    size        growth of artefacts that is tolerated
    latency     growth of latency that is tolerated; latency is not judged without it
    seed_noise  standard deviation between seeds, as a fraction of the error rate, assumed where
                neither side has a system with two seeds to measure it on
    """

    level: Annotated[float, Field(gt=0, lt=1)] = 0.05
    relative: Fraction = 0.05
    absolute: Fraction = 0.0
    size: Fraction = 0.02
    latency: Fraction | None = None
    seed_noise: Fraction = 0.08

    def tolerated(self, rate: float) -> float:
        """The tolerated loss in error rate where the baseline's is `rate`.

        No margin reaches from a usable model to one that recognises nothing.
        """
        margin = max(self.absolute, self.relative * rate)
        return min(margin, UNUSABLE_ERROR_RATE - rate) if rate < UNUSABLE_ERROR_RATE else margin
