"""Quantisation-aware training."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from benchmark.compression.constraints.constraint import Constraint


class StraightThrough(Constraint):
    """The network computes with values as `stored` brings them back; gradients pass as they are.

    The straight-through estimator (Bengio et al. 2013, arXiv 1308.3432, section 4). The values
    themselves stay what they are, so that small steps add up; storing them at the end leads to
    what the last loss has seen of them.
    """

    def __init__(self, stored: Callable[[Tensor], Tensor]) -> None:
        self.stored = stored

    def seen(self, name: str, values: Tensor) -> Tensor:
        # The difference is exactly zero, so that what is seen is on the grid to the last bit.
        return self.stored(values.detach()) + (values - values.detach())
