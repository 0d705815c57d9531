"""Stochastic gradient descent."""

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
class Sgd(Optimizer):
    """Plain stochastic gradient descent; `weight_decay` is added to the gradient."""

    paper: ClassVar[str] = "Robbins and Monro 1951, A Stochastic Approximation Method"
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(0.3)}

    lr: Annotated[float, Field(gt=0)] = 1.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.SGD(parameters, lr=self.lr, weight_decay=self.weight_decay)

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.functional import sgd

        return partial(sgd, lr=self.lr, weight_decay=self.weight_decay)
