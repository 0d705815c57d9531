"""Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch

    from benchmark.optimizers.stepping.functional import Update


@dataclass(frozen=True)
class AdamW(Optimizer):
    """Adam with decoupled weight decay: weights also shrink by `lr * weight_decay`."""

    paper: ClassVar[str] = "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization"
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {
        "lr": around(1e-3),
        "beta2": (0.98, 0.999),
        "weight_decay": (0.0, 0.01, 0.1),
    }

    lr: Annotated[float, Field(gt=0)] = 2e-3
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    eps: Annotated[float, Field(gt=0)] = 1e-8
    weight_decay: Annotated[float, Field(ge=0)] = 0.01

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.AdamW(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
            fused=True,
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.functional import adamw

        return partial(
            adamw,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
        )
