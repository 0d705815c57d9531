"""The contract of a constraint on weights during training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor


class Constraint(ABC):
    """Transforms the weights with which a loss is computed, and their values at the end."""

    gradual: ClassVar[bool] = False
    """Whether the constraint tightens over time, so that the same weights get another loss."""

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:  # noqa: B027
        """Called with all weights by name before a step; `done` is the fraction of the training
        done."""

    @abstractmethod
    def effective_values(self, name: str, values: Tensor) -> Tensor:
        """The values that the network uses in place of `values`; gradients flow back to those."""

    def final_values(self, name: str, values: Tensor) -> Tensor:
        """The values that the network keeps when training ends."""
        return values
