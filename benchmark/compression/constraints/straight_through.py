"""Quantisation-aware training."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from benchmark.compression.constraints.constraint import Constraint


class StraightThrough(Constraint):
    """The network computes with the quantised values; gradients pass through unchanged.

    `stored` quantises and dequantises. This is the straight-through estimator (Bengio et al. 2013,
    arXiv 1308.3432, section 4). The underlying values stay in full precision, so that small steps
    add up. Storing them at the end gives the values that the last loss was computed with.
    """

    def __init__(self, stored: Callable[[Tensor], Tensor]) -> None:
        self.stored = stored

    def effective_values(self, name: str, values: Tensor) -> Tensor:
        # The difference is exactly zero, so that the result lies on the grid bit for bit.
        return self.stored(values.detach()) + (values - values.detach())
