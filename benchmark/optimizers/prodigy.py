"""Prodigy: Adam that estimates its own learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Prodigy(Optimizer):
    """Adam with a step size from a running estimate of the distance to the solution.

    `lr` should be near 1. `d_coef` scales the estimate, which is too high with few steps. Warm-up
    does not affect the estimate.
    """

    paper: ClassVar[str] = (
        "Mishchenko and Defazio 2024, Prodigy: An Expeditiously Adaptive Parameter-Free Learner"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(1.0), "d_coef": (0.1, 0.3, 1.0)}

    lr: Annotated[float, Field(gt=0)] = 1.0
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    d_coef: Annotated[float, Field(gt=0)] = 0.3
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import pytorch_optimizer

        return pytorch_optimizer.Prodigy(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            d_coef=self.d_coef,
            weight_decay=self.weight_decay,
            safeguard_warmup=True,
        )
