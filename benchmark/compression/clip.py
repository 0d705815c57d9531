"""Clipping of weights to a range.

It saves no bytes by itself; before `intN` it narrows the grid, which then resolves small weights
better at the price of the large ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Clip(WeightCompression):
    """Clip the weights of linear layers and convolutions to [`low`, `high`].

    After `intN` they end on the level nearest to that.
    """

    low: Annotated[float, Field(le=0)] = -1.0
    high: Annotated[float, Field(ge=0)] = 1.0

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.weight import change_matrices

        return change_matrices(
            weights, lambda w: w.with_values(w.values.clamp(self.low, self.high))
        )
