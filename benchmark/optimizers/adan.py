"""Adan: Adam with Nesterov momentum from differences of gradients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Adan(Optimizer):
    """Nesterov momentum from a running mean of differences between successive gradients."""

    paper: ClassVar[str] = (
        "Xie et al. 2022, Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing "
        "Deep Models"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-3), "beta3": (0.95, 0.99)}

    lr: Annotated[float, Field(gt=0)] = 2e-3
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.98
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.92
    beta3: Annotated[float, Field(ge=0, lt=1)] = 0.99
    eps: Annotated[float, Field(gt=0)] = 1e-8
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import pytorch_optimizer

        return pytorch_optimizer.Adan(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2, self.beta3),
            eps=self.eps,
            weight_decay=self.weight_decay,
        )
