"""MAML with exact second-order gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from benchmark.methods.fomaml import Fomaml


@dataclass(frozen=True)
class Maml(Fomaml):
    """Exact MAML: differentiate the query loss through the inner loop, including its clipping.

    The first `first_order_share` of the budget omits the second order, which is cheaper and more
    stable far from the optimum (MAML++, Antoniou et al. 2019, derivative-order annealing).
    """

    first_order_share: Annotated[float, Field(ge=0, le=1)] = 0.5

    def second_order(self, done: float) -> bool:
        return done >= self.first_order_share
