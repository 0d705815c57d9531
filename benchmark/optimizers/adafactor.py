"""Adafactor: Adam's second moment kept as one row and one column per matrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Adafactor(Optimizer):
    """Adam with little memory: only row and column sums of second moments, and no momentum.

    The learning rate is relative: it multiplies the root mean square of the weights of a tensor.
    """

    paper: ClassVar[str] = (
        "Shazeer and Stern 2018, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(5e-3), "beta2_decay": (-0.8, -0.5)}

    lr: Annotated[float, Field(gt=0)] = 2e-2
    beta2_decay: Annotated[float, Field(lt=0)] = -0.8
    threshold: Annotated[float, Field(gt=0)] = 1.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.Adafactor(
            parameters,
            lr=self.lr,
            beta2_decay=self.beta2_decay,
            d=self.threshold,
            weight_decay=self.weight_decay,
        )
