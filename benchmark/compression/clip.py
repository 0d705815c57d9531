"""Clipping of weights to a range.

It saves no bytes by itself. Before `intN` it narrows the grid, which then resolves small weights
better at the expense of large ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Clip(WeightCompression):
    """Clip the weights of linear layers and convolutions to [`low`, `high`].

    With a `percentile`, weights are also clipped to that percentile of the magnitudes of their
    tensor: 99.9 clips one in a thousand. After `intN`, clipped weights are moved to the nearest
    level.
    """

    added_fields: ClassVar[tuple[str, ...]] = ("percentile",)

    low: Annotated[float, Field(le=0)] = -1.0
    high: Annotated[float, Field(ge=0)] = 1.0
    percentile: Annotated[float, Field(gt=0, lt=100)] | None = None

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        from benchmark.compression.storage.weight import change_matrices

        return change_matrices(weights, lambda w: w.with_values(self._clipped(w.values)))

    def _clipped(self, values: Tensor) -> Tensor:
        from benchmark.compression.storage.grid import quantile

        if self.percentile is not None:
            limit = float(quantile(values.abs().reshape(1, -1), self.percentile / 100))
            values = values.clamp(-limit, limit)
        return values.clamp(self.low, self.high)
