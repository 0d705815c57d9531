"""MAML with exact second-order gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from benchmark.methods.fomaml import Fomaml


@dataclass(frozen=True)
class Maml(Fomaml):
    """MAML, exact: differentiate the query loss through the inner loop, its clipping included.

    The first `first_order_share` of outer steps leaves the second order out, which is cheaper and
    steadier far from the optimum (MAML++, Antoniou et al. 2019, derivative-order annealing).
    """

    first_order_share: Annotated[float, Field(ge=0, le=1)] = 0.5

    def second_order(self, done: float) -> bool:
        return done >= self.first_order_share
