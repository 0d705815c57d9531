"""Adagrad: steps that shrink with the sum of all squared gradients."""

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
class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of its past squares, so steps only shrink."""

    paper: ClassVar[str] = (
        "Duchi et al. 2011, Adaptive Subgradient Methods for Online Learning and "
        "Stochastic Optimization"
    )
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-2)}

    lr: Annotated[float, Field(gt=0)] = 1e-2
    eps: Annotated[float, Field(gt=0)] = 1e-10
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.Adagrad(
            parameters, lr=self.lr, eps=self.eps, weight_decay=self.weight_decay
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.adaptive import adagrad

        return partial(adagrad, lr=self.lr, eps=self.eps, weight_decay=self.weight_decay)
