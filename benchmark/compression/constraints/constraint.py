"""The contract of a constraint: what weights may be while a network learns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor


class Constraint(ABC):
    """What a loss sees of the weights, and what is left of them when learning ends."""

    gradual: ClassVar[bool] = False
    """Whether the same weights have another loss at another time."""

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:  # noqa: B027
        """Look at all weights, by name, before a step; `done` of learning lies behind it."""

    @abstractmethod
    def seen(self, name: str, values: Tensor) -> Tensor:
        """What the network computes with in place of `values`; a gradient flows back to them."""

    def left(self, name: str, values: Tensor) -> Tensor:
        """What is left of `values` at the end."""
        return values
