"""Schedule-free AdamW: weight averaging instead of a decreasing learning rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ScheduleFreeAdamW(Optimizer):
    """AdamW whose result is the average of its past weights, near which gradients are taken.

    The learning rate is constant after warm-up. The gradient is taken between the fast weights and
    the average, the share `beta1` of the way to the average.
    """

    paper: ClassVar[str] = "Defazio et al. 2024, The Road Less Scheduled"
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-3), "beta1": (0.9, 0.98)}

    lr: Annotated[float, Field(gt=0)] = 2e-3
    beta1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    eps: Annotated[float, Field(gt=0)] = 1e-8
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    schedule: Literal["constant", "linear", "cosine"] = "constant"

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        from schedulefree import AdamWScheduleFree

        optimizer: torch.optim.Optimizer = AdamWScheduleFree(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
        )
        return optimizer
